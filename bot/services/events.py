"""Evenings of letters and other events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.services import recurrence
from bot.services.errors import NotFound
from bot.services.letters import with_place
from bot.services.pages import Page, sliced
from models import Event, EventStatus, Texts
from models.event import STILL_ON

PAGE, PLACES = 6, 20
OTHERS = 4
"""Further days of one event that its card leads to."""


AHEAD = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One day of an event; most have only one."""

    event: Event
    day: str
    """By the calendar, as ISO writes it; "": it does not repeat, and stays itself when it moves."""
    starts_at: datetime
    is_off: bool
    """Cancelled, or left out."""

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.event.timezone))

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + self.event.length

    def is_past(self, now: datetime) -> bool:
        """Those who are late are on their way, unless it is as short as that."""
        return self.starts_at + min(self.event.length, STILL_ON) < now

    def takes_place(self, now: datetime) -> bool:
        """Whether one can still go there."""
        return not self.is_off and not self.is_past(now)

    def is_open(self, now: datetime) -> bool:
        """Whether those who come may know the place now."""
        shown = self.event.place_shown
        if not shown.isdecimal():
            return True
        return self.starts_at - timedelta(hours=int(shown)) <= now <= self.starts_at + STILL_ON


@dataclass(frozen=True, slots=True)
class Place:
    """Where events are: a city, or nowhere but online."""

    city: Texts | None
    event: int
    """One of those there, by its number."""
    events: int


def occurrence(event: Event, day: str) -> Occurrence:
    """Of a day that is none of its own, or not any more: it does not take place."""
    is_off = event.status == EventStatus.CANCELLED
    if event.repeats is None and day in ("", first_day(event)):
        return Occurrence(event, "", event.starts_at, is_off)
    on = date.fromisoformat(day or first_day(event))
    if event.repeats is None:
        return Occurrence(event, day, start_on(event, on), is_off=True)
    first = event.local_start.date()
    takes_place = on in islice(recurrence.days(first, event.repeats, on), 1)
    return Occurrence(event, on.isoformat(), start_on(event, on), is_off or not takes_place)


def first_day(event: Event) -> str:
    return event.local_start.date().isoformat()


def start_on(event: Event, day: date) -> datetime:
    """At the hour at which it is the first time."""
    hour = event.local_start.time()
    return datetime.combine(day, hour, ZoneInfo(event.timezone)).astimezone(ZoneInfo("UTC"))


def nearest(event: Event, now: datetime) -> Occurrence | None:
    """The next one that is not over; nothing: there is no other."""
    return next(iter(coming(event, now, 1)), None)


def coming(event: Event, now: datetime, number: int) -> list[Occurrence]:
    """The next ones that are not over."""
    if event.repeats is None:
        only = occurrence(event, "")
        return [] if only.is_past(now) else [only]
    today = (now - STILL_ON).astimezone(ZoneInfo(event.timezone)).date()
    days = recurrence.days(event.local_start.date(), event.repeats, today)
    is_off = event.status == EventStatus.CANCELLED
    found = [
        Occurrence(event, day.isoformat(), start_on(event, day), is_off)
        for day in islice(days, number + 1)
    ]
    return [one for one in found if not one.is_past(now)][:number]


def page_of(
    found: list[Occurrence], page: int, at: int = 0, *, online: bool = False
) -> Page[Occurrence]:
    """`at`: only in the city of that event; `online`: only what can be joined from anywhere."""
    if at:
        city = place_key(next((one.event for one in found if one.event.id == at), None))
        found = [one for one in found if place_key(one.event) == city]
    if online:
        found = [one for one in found if one.event.online_url]
    return sliced(found, page, PAGE)


async def all_coming(session: AsyncSession, now: datetime) -> list[Occurrence]:
    """Of each event the next one, in the order of time."""
    is_ahead = or_(Event.starts_at >= now - STILL_ON, Event.repeats.is_not(None))
    events = await session.scalars(select(Event).where(is_ahead).order_by(Event.id))
    found = [one for event in events if (one := nearest(event, now))]
    return sorted(found, key=lambda one: (one.starts_at, one.event.id))


def places(found: Iterable[Occurrence], page: int = 0) -> Page[Place]:
    """Of the cities, the one with most events first."""
    cities: dict[str, list[Event]] = {}
    for one in found:
        if one.event.city:
            cities.setdefault(place_key(one.event), []).append(one.event)
    known = [Place(some[0].city, some[0].id, len(some)) for some in cities.values()]
    return sliced(sorted(known, key=lambda place: -place.events), page, PLACES)


def is_online(found: Iterable[Occurrence]) -> bool:
    """Whether any of them can be joined from anywhere."""
    return any(one.event.online_url for one in found)


def place_key(event: Event | None) -> str:
    """The same for one city, however it is written elsewhere."""
    if event is None or not event.city:
        return ""
    return next(iter(event.city.values())).casefold()


async def event(session: AsyncSession, event_id: int) -> Event:
    where: tuple[Any, ...] = with_place()  # SQLAlchemy's own type of it has no public name
    people = selectinload(Event.write_to).options(*where)
    query = select(Event).where(Event.id == event_id).options(people)
    found = await session.scalar(query)
    if found is None:
        raise NotFound
    return found


async def on_day(session: AsyncSession, event_id: int, day: str, now: datetime) -> Occurrence:
    """That day's; "": the next one, or the last known."""
    found = await event(session, event_id)
    if not day:
        return shown(found, now)
    near = max(now.date(), found.local_start.date())
    if abs(date.fromisoformat(day) - near) > AHEAD:  # nobody was shown it
        raise NotFound
    return occurrence(found, day)


def shown(event: Event, now: datetime) -> Occurrence:
    """Where no day is said."""
    return nearest(event, now) or last(event, now)


def last(event: Event, now: datetime) -> Occurrence:
    """Of one that is over."""
    if event.repeats is None:
        return occurrence(event, "")
    first, today = event.local_start.date(), now.astimezone(ZoneInfo(event.timezone)).date()
    return occurrence(event, recurrence.nearest(today, first, event.repeats).isoformat())


def others(one: Occurrence, now: datetime) -> Sequence[Occurrence]:
    """Further days of the same event."""
    ahead = coming(one.event, now, OTHERS + 1)
    return [other for other in ahead if other.day != one.day][:OTHERS]


def place_is_shown(one: Occurrence, is_seated: bool, now: datetime) -> bool:
    """To everybody, or to those who come: to them at once, or so many hours before."""
    return one.event.place_shown == "public" or (is_seated and one.is_open(now))
