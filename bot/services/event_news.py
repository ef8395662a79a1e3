"""What there is to tell those who come to an event: changes of a day, and what comes near."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.services.events import Occurrence, occurrence, place_is_shown
from bot.services.seats import Which
from bot.services.slips import is_another
from models import Event, EventKind, EventStatus, Kind, Notice, Texts

LEADS = (24 * 60, 2 * 60)
"""Minutes before the start at which those who come are reminded."""
ANSWERED = timedelta(days=7)
"""After it: so long an answer counts."""
COUNTED = timedelta(days=1)
"""After an evening: so long people are asked how many letters they wrote."""


@dataclass(frozen=True, slots=True)
class EventFacts:
    """As it is kept in `told`."""

    starts_at: str
    """In UTC, as ISO writes it."""
    zone: str
    status: str
    repeats: dict[str, Any] | None
    title: Texts
    city: Texts | None
    place: Texts | None
    online: str | None
    shown: str
    revision: int = 0
    """The campaign's version when this changed last."""
    day: str = ""
    """By which it is known now: it repeats, and did not then."""

    def on(self, day: str) -> Occurrence:
        """As it was known."""
        return occurrence(self.event, "" if day == self.day else day)

    def of_day(self, day: str) -> "EventFacts":
        """As if it were of that day alone."""
        return replace(self, starts_at=self.on(day).starts_at.isoformat(), repeats=None)

    @property
    def event(self) -> Event:
        """A row that is not in the database."""
        return Event(
            starts_at=datetime.fromisoformat(self.starts_at),
            timezone=self.zone,
            status=self.status,
            repeats=self.repeats,
            title=self.title,
            city=self.city,
            place=self.place,
            online_url=self.online,
            place_shown=self.shown,
        )


@dataclass(frozen=True, slots=True)
class EventNow:
    """One day of an event."""

    event: Event | None
    """Nothing: it was removed."""
    day: str
    coming: int
    """People."""

    @property
    def occurrence(self) -> Occurrence | None:
        return occurrence(self.event, self.day) if self.event else None


def of_event(event: Event) -> EventFacts:
    return EventFacts(
        starts_at=event.starts_at.isoformat(),
        zone=event.timezone,
        status=event.status,
        repeats=event.repeats,
        title=event.title,
        city=event.city,
        place=event.place,
        online=event.online_url,
        shown=event.place_shown,
        revision=event.revision,
    )


def which(notice: Notice) -> Which:
    """Of an event's notice."""
    return notice.thing_id, notice.key.split(":")[3]


def news_of_day(
    before: EventFacts, after: EventFacts | None, day: str, now: datetime
) -> Kind | None:
    """What kind of news it is for those who come on that day; nothing: none."""
    old = before.on(day)
    new = after.on(day) if after else None
    if old.is_off:
        return Kind.EVENT_MOVED if new and not new.is_off and new.starts_at > now else None
    if new is None or new.is_off:
        return Kind.EVENT_OFF if old.starts_at > now else None
    if max(old.starts_at, new.starts_at) <= now:
        return None
    return Kind.EVENT_MOVED if is_otherwise(old, new, True, now) else None


def is_put_into_past(before: EventFacts, after: EventFacts, now: datetime) -> bool:
    """What was to come: nobody can be there any more."""
    if before.repeats or after.repeats:
        return False
    old, new = before.on(""), after.on("")
    return new.starts_at <= now < old.starts_at and not new.is_off


def is_otherwise(old: Occurrence, new: Occurrence, is_seated: bool, now: datetime) -> bool:
    """For whoever wants to go there: at another time, elsewhere, or on after all."""
    is_moved = old.local_start != new.local_start or wall(old) != wall(new)
    is_elsewhere = is_another(old.event.city, new.event.city)
    return old.is_off or is_moved or is_elsewhere or is_another_place(old, new, is_seated, now)


def wall(one: Occurrence) -> datetime:
    """By the clock on the wall there."""
    return one.local_start.replace(tzinfo=None)


def is_another_place(old: Occurrence, new: Occurrence, is_seated: bool, now: datetime) -> bool:
    """By what they may know of it: also where it becomes known, or is none any more."""
    (place, link), (new_place, new_link) = seen(old, is_seated, now), seen(new, is_seated, now)
    return differs(place, new_place) or link != new_link


def differs(place: Texts | None, other: Texts | None) -> bool:
    """Also if only one of them is known."""
    return bool(place) != bool(other) or is_another(place, other)


UNSEEN = (None, None)


def seen(one: Occurrence, is_seated: bool, now: datetime) -> tuple[Texts | None, str | None]:
    """Place and link, as far as they may know them."""
    if not place_is_shown(one, is_seated, now):
        return UNSEEN
    return one.event.place, one.event.online_url


def leads(event: Event) -> list[int]:
    """Minutes before the start, the shortest first: also that at which the place is told."""
    shown = event.place_shown
    told = [int(shown) * 60] if shown.isdecimal() and shown != "0" else []
    return sorted({*LEADS, *told})


def lead_now(one: Occurrence, now: datetime) -> int | None:
    """The reminder whose time has come: of several the latest alone."""
    left = one.starts_at - now
    if left <= timedelta() or one.is_off:
        return None
    return next((lead for lead in leads(one.event) if left <= timedelta(minutes=lead)), None)


def is_to_be_counted(one: Occurrence, now: datetime) -> bool:
    """Whether people are asked now how many letters they wrote."""
    is_evening = one.event.kind == EventKind.EVENING_OF_LETTERS and not one.is_off
    return is_evening and one.ends_at <= now < one.ends_at + COUNTED


def was_lately(one: Occurrence, now: datetime) -> bool:
    """Whether letters of it are still counted."""
    return not one.is_off and one.starts_at <= now <= one.ends_at + ANSWERED


def kind_of_all(
    first: Notice, last: Notice, so_far: EventFacts | None, now: EventNow, moment: datetime
) -> Kind | None:
    """Of all that somebody has not heard of yet; nothing: it is as they know it."""
    kinds = {Kind(first.kind), Kind(last.kind)}
    if now.event is None or now.event.status == EventStatus.CANCELLED:
        return Kind.EVENT_OFF
    if Kind.SEAT in kinds:
        return Kind.SEAT
    changed = news_of_day(so_far, of_event(now.event), now.day, moment) if so_far else None
    return changed or (Kind.EVENT_SOON if Kind.EVENT_SOON in kinds else None)


def holds(
    notice: Notice, known: EventFacts | None, now: EventNow, is_seated: bool, moment: datetime
) -> bool:
    """What is no longer so is not told."""
    one = now.occurrence
    if one is None or one.is_off:
        return notice.kind == Kind.EVENT_OFF
    match notice.kind:
        case Kind.EVENT_MOVED if known and one.takes_place(moment):
            return is_otherwise(known.on(now.day), one, is_seated, moment)
        case Kind.EVENT_SOON if is_seated and one.starts_at == notice.expires_at:
            return lead_now(one, moment) == notice.lead
        case Kind.WRITTEN:
            return True
        case Kind.SEAT:
            return is_seated and one.takes_place(moment)
    return False
