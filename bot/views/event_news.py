"""What those who come to an event are told."""

from datetime import datetime

from markupsafe import Markup

from bot.callbacks import LeaveSeat, OpenEvent
from bot.i18n import _, pick, time
from bot.keyboards import Button, Row, below, button
from bot.services.event_news import (
    UNSEEN,
    EventFacts,
    EventNow,
    differs,
    is_another_place,
    seen,
    wall,
    which,
)
from bot.services.events import Occurrence, nearest, place_is_shown
from bot.services.notices import News, Reader
from bot.services.slips import is_another
from bot.views import events, sent_letters
from bot.views.parts import (
    blocks,
    bold,
    clipped,
    clock_time,
    crossed_out,
    day_of_week,
    lines,
    local_moment,
    until,
    your_time,
)
from models import Kind


def about_event(
    one: News, about: EventNow, reader: Reader, now: datetime
) -> tuple[Markup, list[Row]]:
    """Text and buttons."""
    found = about.occurrence
    if one.notice.kind == Kind.WRITTEN and found:
        return sent_letters.how_many(found).text, sent_letters.numbers(found)
    if one.notice.kind == Kind.EVENT_OFF or found is None:
        return called_off(one, about, reader, now)
    is_seated = which(one.notice) in reader.seats
    text = blocks(
        [
            lines([headline(one, reader, now), known_before(one, found, is_seated, now)]),
            title(one),
            where_and_when(found, is_seated, reader, now),
            lines([own_seat(is_seated), events.come(about.coming)]),
        ]
    )
    return text, buttons(found, is_seated, now)


def called_off(
    one: News, about: EventNow, reader: Reader, now: datetime
) -> tuple[Markup, list[Row]]:
    """Of a series only that day: when the next one is."""
    coming = nearest(about.event, now) if about.event else None
    told = [headline(one, reader, now), Markup(_("No need to go.")), title(one)]
    if coming is None or coming.is_off:
        return blocks(told), []
    later = Markup(_("📅 The next one: {moment}")).format(
        moment=local_moment(coming.local_start, now)
    )
    return blocks([*told, later]), [[to_card(coming)]]


def headline(one: News, reader: Reader, now: datetime) -> Markup:
    """What happened and when it is, to be seen without opening the message."""
    shown = known(one)
    local = shown.local_start
    moment = clock_time(local, f"{day_of_week(local, now)}, {time(local)}")
    return bold(Markup(happened(one, shown, reader.timezone, now)).format(moment=moment))


def known(one: News) -> Occurrence:
    """As it is; what is off, as it was known."""
    now, before = one.now, one.before
    current = now.occurrence if isinstance(now, EventNow) else None
    is_off = one.notice.kind == Kind.EVENT_OFF or current is None
    if is_off and isinstance(before, EventFacts):
        return before.on(which(one.notice)[1])
    assert current is not None
    return current


def happened(one: News, shown: Occurrence, zone: str | None, now: datetime) -> str:
    match one.notice.kind:
        case Kind.SEAT:
            return _("🪑 A seat is free, and it is yours: {moment}")
        case Kind.EVENT_OFF:
            return _("❌ Called off: {moment}")
        case Kind.EVENT_SOON if tells_place(one, shown):
            return _("📍 Where we meet: {moment}")
        case Kind.EVENT_SOON:
            return f"⏰ {until(shown.local_start, zone, now)}: {{moment}}"
    assert isinstance(one.before, EventFacts)
    return changed(one.before.on(which(one.notice)[1]), shown, now)


def tells_place(one: News, shown: Occurrence) -> bool:
    """Whether it is the hour from which on those who come may know it."""
    hours = shown.event.place_shown
    return hours.isdecimal() and one.notice.lead == 60 * int(hours)


def changed(old: Occurrence, new: Occurrence, now: datetime) -> str:
    if old.is_off:
        return _("📅 On after all: {moment}")
    if wall(old) != wall(new) or old.starts_at != new.starts_at:
        is_earlier = (new.starts_at, wall(new)) < (old.starts_at, wall(old))
        return _("⏪ Now earlier: {moment}") if is_earlier else _("⏩ Now later: {moment}")
    if seen(old, True, now) == UNSEEN != seen(new, True, now):
        return _("📍 Where we meet: {moment}")
    is_there = not is_elsewhere(old, new, now)
    return another_link(old, new) if is_there else _("📍 Another place: {moment}")


def is_elsewhere(old: Occurrence, new: Occurrence, now: datetime) -> bool:
    """And not only to be joined by another link."""
    is_other = differs(seen(old, True, now)[0], seen(new, True, now)[0])
    return is_other or is_another(old.event.city, new.event.city)


def another_link(old: Occurrence, new: Occurrence) -> str:
    if not new.event.online_url:
        return _("💻 No longer online: {moment}")
    return _("💻 Another link: {moment}") if old.event.online_url else _("💻 Also online: {moment}")


def known_before(one: News, new: Occurrence, is_seated: bool, now: datetime) -> Markup | None:
    """Only what is another now, and only what the reader could know."""
    if one.notice.kind != Kind.EVENT_MOVED or not isinstance(one.before, EventFacts):
        return None
    old = one.before.on(which(one.notice)[1])
    local, is_moved = old.local_start, wall(old) != wall(new)
    is_elsewhere = pick(old.event.city) != pick(new.event.city)
    parts = [
        f"{day_of_week(local, now)}, {time(local)}" if is_moved else "",
        events.city(old.event) if is_elsewhere else "",
        old_place(old, new, is_seated, now),
    ]
    return crossed_out([part for part in parts if part])


def old_place(old: Occurrence, new: Occurrence, is_seated: bool, now: datetime) -> str:
    """Not where the new one is hidden: they may have come since, and never have known the old."""
    is_shown = place_is_shown(new, is_seated, now) and is_another_place(old, new, is_seated, now)
    return pick(seen(old, is_seated, now)[0]) if is_shown else ""


def title(one: News) -> Markup:
    return bold(clipped(pick(known(one).event.title), 200))


def where_and_when(one: Occurrence, is_seated: bool, reader: Reader, now: datetime) -> Markup:
    return lines(
        [
            Markup("🕐 {}").format(local_moment(one.local_start, now)),
            your_time(one.local_start, reader.timezone),
            Markup("📍 {}").format(events.place(one, is_seated, now)),
        ]
    )


def own_seat(is_seated: bool) -> str:
    return _("✅ You come") if is_seated else _("⏳ You are on the waiting list")


def buttons(one: Occurrence, is_seated: bool, now: datetime) -> list[Row]:
    end = _("✖️ I cannot come") if is_seated else _("✖️ Leave the waiting list")
    cannot = button(end, LeaveSeat(id=one.event.id, day=one.day, notice=True))
    return [events.joining(one, is_seated, now), [to_card(one), cannot]]


def to_card(one: Occurrence) -> Button:
    return below(button(_("📄 Open the card"), OpenEvent(id=one.event.id, day=one.day)))
