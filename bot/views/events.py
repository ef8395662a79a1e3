"""Evenings of letters and other events: lists, a card, and who comes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from markupsafe import Markup

from bot.callbacks import (
    LeaveSeat,
    OpenAddress,
    OpenEvent,
    OpenEvents,
    OpenLetters,
    OpenPlaces,
    SendEventCalendar,
    TakeSeat,
)
from bot.i18n import (
    _,
    date_time,
    day,
    listed,
    ngettext,
    number,
    pick,
    span,
    zone_and_offset,
)
from bot.keyboards import Row, back_to, button, keyboard, link, pager, to_letter_kit, to_menu
from bot.screen import Screen
from bot.services import event_news, recurrence
from bot.services.events import Occurrence, Place, place_is_shown
from bot.services.letters import Address, mailing
from bot.services.pages import Page
from bot.services.seats import MOST, Answered, Seats, Which, which_of
from bot.views import words
from bot.views.parts import (
    blocks,
    bold,
    capital,
    clipped,
    lines,
    local_moment,
    person,
    your_time,
)
from models import Defendant, Event

ADDRESSEES = 10
LEFT_OUT = 3
"""Days that are named; the buttons show the others."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of events says besides the events."""

    mine: Mapping[Which, bool] = field(default_factory=dict)
    """To which the reader comes, or waits for a seat."""
    ways: int = 1
    """The cities in which they are, and online."""


def nothing(is_reached: bool) -> Screen:
    """`is_reached`: whether anybody has an address now."""
    if not is_reached:
        return Screen(Markup(_("No evening is planned yet.")), keyboard(to_menu()))
    text = Markup(_("No evening is planned yet. You can write a letter on your own meanwhile."))
    return Screen(text, keyboard([button(_("✉️ Write a letter"), OpenLetters())], to_menu()))


def upcoming(
    page: Page[Occurrence],
    about: Listed,
    timezone: str | None,
    now: datetime,
    at: OpenEvents | None = None,
) -> Screen:
    """`at`: of which city, or online."""
    here = at or OpenEvents()
    shown = [event_line(one, about.mine, timezone, now) for one in page.items]
    text = blocks([bold(heading_of(page, here)), *shown])
    rows = [[button(label, card_of(one))] for one, label in labelled(page.items)]
    turn = pager(
        page.number,
        page.pages,
        here.model_copy(update={"page": max(page.number - 1, 0)}),
        here.model_copy(update={"page": page.number + 1}),
    )
    return Screen(text, keyboard(*rows, turn, *narrower(about, here), to_menu()))


def labelled(listed: Sequence[Occurrence]) -> list[tuple[Occurrence, str]]:
    """By their titles; where two have the same, by day and city first."""
    titles = Counter(pick(one.event.title) for one in listed)
    named = []
    for one in listed:
        title = pick(one.event.title)
        apart = f"{one.local_start:%d.%m} {city(one.event)} · {title}"
        named.append((one, apart if titles[title] > 1 else title))
    return named


def heading_of(page: Page[Occurrence], here: OpenEvents) -> str:
    if here.online:
        return _("Online")
    if here.city and page.items:
        return city(page.items[0].event)
    return _("Evenings of letters and other events")


def narrower(listed: Listed, here: OpenEvents) -> list[Row]:
    """Where there is a choice."""
    if here.city or here.online:
        return [back_to(_("All evenings"), OpenEvents())]
    return [[button(_("📍 By city"), OpenPlaces())]] if listed.ways > 1 else []


def places(page: Page[Place], is_online: bool) -> Screen:
    rows = [
        [button(f"{pick(place.city)} · {number(place.events)}", OpenEvents(city=place.event))]
        for place in page.items
    ]
    online = [button(_("💻 Online"), OpenEvents(online=True))] if is_online else []
    before, after = OpenPlaces(page=max(page.number - 1, 0)), OpenPlaces(page=page.number + 1)
    turn = pager(page.number, page.pages, before, after)
    text = Markup(_("Where do you want to come?"))
    return Screen(text, keyboard(*rows, turn, online, back_to(_("All evenings"), OpenEvents())))


def event_line(
    one: Occurrence, mine: Mapping[Which, bool], timezone: str | None, now: datetime
) -> Markup:
    """With its zone: an evening may be online, or read of in another city."""
    waits = mine.get(which_of(one))
    return lines(
        [
            bold(pick(one.event.title)),
            _("✖️ Cancelled") if one.is_off else None,
            Markup("🕐 {}").format(local_moment(one.local_start, now)),
            your_time(one.local_start, timezone),
            Markup("📍 {}").format(city(one.event)),
            None
            if waits is None
            else _("⏳ You are on the waiting list")
            if waits
            else _("✅ You come"),
        ]
    )


def card_of(one: Occurrence) -> OpenEvent:
    return OpenEvent(id=one.event.id, day=one.day)


def city(event: Event) -> str:
    return pick(event.city) or _("online")


def card(
    one: Occurrence,
    seats: Seats,
    others: Sequence[Occurrence],
    timezone: str | None,
    now: datetime,
    *,
    is_private: bool,
    toast: str | None = None,
) -> Screen:
    """`others`: further days. In a group everybody reads it: what only those who come may know is
    not in it."""
    is_seated = is_private and seats.is_seated
    text = blocks(
        [
            heading(one),
            lines(
                [
                    Markup("🕐 {}").format(local_moment(one.local_start, now)),
                    your_time(one.local_start, timezone),
                    duration(one.event),
                    rhythm(one.event, now),
                    Markup("📍 {}").format(place(one, is_seated, now)),
                ]
            ),
            clipped(pick(one.event.about)),
            None if one.is_off else seats_line(one, seats, now),
            mine_line(one, seats, now) if is_private and not one.is_off else None,
            write_to(one.event, now),
        ]
    )
    rows = [
        *(ways_in(one, seats, now, is_private=is_private) if one.takes_place(now) else []),
        *ways_there(one, is_seated, now),
        *addressees(one.event, now),
        *further(others),
    ]
    return Screen(text, keyboard(*rows, back_to(_("All evenings"), OpenEvents())), toast=toast)


def heading(one: Occurrence) -> Markup:
    """Many an evening's title is just its kind."""
    title, kind = pick(one.event.title), capital(words.event(one.event.kind))
    return lines(
        [
            bold(title),
            kind if kind.casefold() != title.casefold() else None,
            bold(_("✖️ Cancelled: it does not take place.")) if one.is_off else None,
        ]
    )


def duration(event: Event) -> str:
    if not event.minutes:
        return ""
    return span(timedelta(minutes=event.minutes))


def rhythm(event: Event, now: datetime) -> str | None:
    """ "🔁 Every 2 weeks, on Thursdays, but not on 7 January 2027"."""
    if event.repeats is None:
        return None
    first, every = event.local_start.date(), event.repeats["every"]
    if every == "month":
        how = words.of_month(first.weekday(), recurrence.nth(first))
    else:
        how = f"{words.every(every)}, {words.on_weekdays()[first.weekday()]}"
    return "🔁 " + ", ".join(part for part in (capital(how), without(event, now)) if part)


def without(event: Event, now: datetime) -> str:
    """The next days that are left out."""
    today = now.astimezone(event.local_start.tzinfo).date()
    ahead = [one for one in recurrence.exceptions(event.repeats or {}) if one >= today]
    days = listed([day(one) for one in ahead[:LEFT_OUT]])
    return _("but not on {days}").format(days=days) if days else ""


def place(one: Occurrence, is_seated: bool, now: datetime) -> str:
    """The city always; the place itself only when the reader may know it."""
    event = one.event
    if place_is_shown(one, is_seated, now):
        return known_place(event)
    if not event.place and not event.online_url:
        return city(event)
    return f"{city(event)}; {when_known(one, is_seated, now)}"


def when_known(one: Occurrence, is_seated: bool, now: datetime) -> str:
    """The place, or the link of what is only online."""
    event, is_online = one.event, not one.event.place
    if event.place_shown.isdecimal() and not one.is_open(now):
        before = span(timedelta(hours=int(event.place_shown)))
        link_told = _("the link comes {span} before to those who come")
        told = link_told if is_online else _("the place comes {span} before to those who come")
        return told.format(span=before)
    if is_online:
        return _("you see the link once you have a seat")
    return _("you see the place once you have a seat")


def known_place(event: Event) -> str:
    shown = clipped(pick(event.place), 200)
    return f"{city(event)}, {shown}" if shown else city(event)


# Who comes.


def seats_line(one: Occurrence, seats: Seats, now: datetime) -> Markup | None:
    capacity = one.event.capacity
    if one.is_past(now):
        return None
    if capacity is None:
        return come(seats.people)
    if seats.people < capacity:
        told = ngettext("🪑 {taken} of {n} seat taken", "🪑 {taken} of {n} seats taken", capacity)
        return Markup(told).format(taken=number(seats.people), n=number(capacity))
    full = ngettext("🪑 Full: {n} seat", "🪑 Full: {n} seats", capacity)
    waiting = ngettext("{n} person waits", "{n} people wait", seats.waiting).format(
        n=number(seats.waiting)
    )
    told = Markup(full).format(n=number(capacity))
    return Markup("{}, {}").format(told, waiting) if seats.waiting else told


def come(people: int) -> Markup | None:
    if not people:
        return None
    return Markup(ngettext("🙋 {n} person comes", "🙋 {n} people come", people)).format(
        n=number(people)
    )


def mine_line(one: Occurrence, seats: Seats, now: datetime) -> Markup | None:
    mine = seats.mine
    if mine is None:
        return None
    if mine.line is None:
        comes = bold(_("✅ You come.") if mine.people < MOST else _("✅ You come, and one more."))
        is_ahead = event_news.lead_now(one, now) != event_news.leads(one.event)[0]
        reminded = _("We will remind you.") if is_ahead and one.starts_at > now else None
        return Markup(" ").join(part for part in (comes, reminded) if part)
    alone = _("⏳ Waiting list: you are number {n}. A seat that comes free is yours: we tell you.")
    two = _("⏳ Waiting list: you two are number {n}. Seats that come free are yours: we tell you.")
    return Markup(alone if mine.people < MOST else two).format(n=number(mine.line))


def ways_in(one: Occurrence, seats: Seats, now: datetime, *, is_private: bool) -> list[Row]:
    """In a group the buttons are everybody's."""
    here = {"id": one.event.id, "day": one.day}
    mine = seats.mine if is_private else None
    if mine is None:
        label = _("⏳ Join the waiting list") if seats.is_full else _("🙋 I will come")
        return [[button(label, TakeSeat(**here))]]
    more = _("➕ I bring somebody") if mine.people < MOST else _("➖ Only me")
    other = TakeSeat(**here, people=3 - mine.people)
    end = _("✖️ I cannot come") if mine.line is None else _("✖️ Leave the waiting list")
    return [[button(more, other), button(end, LeaveSeat(**here))]]


def ways_there(one: Occurrence, is_seated: bool, now: datetime) -> list[Row]:
    if one.is_past(now) or one.is_off:
        return []
    calendar = SendEventCalendar(id=one.event.id, day=one.day)
    return [joining(one, is_seated, now), [button(_("🗓 To my calendar"), calendar)]]


def joining(one: Occurrence, is_seated: bool, now: datetime) -> Row:
    url = one.event.online_url if place_is_shown(one, is_seated, now) else None
    return [link(_("💻 Join online"), url)] if url else []


def reached(event: Event, now: datetime) -> list[Defendant]:
    """To whom one can write, of those whom the evening is for."""
    return [one for one in event.write_to if isinstance(mailing(one, now), Address)]


def write_to(event: Event, now: datetime) -> Markup | None:
    people = reached(event, now)
    names, more = [person(one) for one in people[:ADDRESSEES]], len(people) - ADDRESSEES
    if not names:
        return None
    told = Markup(_("✉️ We write to: {names}")).format(names=listed(names))
    others = ngettext("and {n} more", "and {n} more", more).format(n=more) if more > 0 else ""
    return Markup("{} {}").format(told, others) if others else told


def addressees(event: Event, now: datetime) -> list[Row]:
    rows: list[Row] = [
        [button(f"✉️ {person(each)}", OpenAddress(id=each.id, event=event.id))]
        for each in reached(event, now)[:ADDRESSEES]
    ]
    return [*rows, [to_letter_kit(event.id)]] if event.write_to else []


def further(others: Sequence[Occurrence]) -> list[Row]:
    """Two in a row."""
    days = [button(f"🔁 {day(one.local_start)}", card_of(one)) for one in others]
    return [days[start : start + 2] for start in range(0, len(days), 2)]


def answered(found: Answered, is_private: bool) -> str:
    """What became of "I will come", and of "I cannot"."""
    if not found.is_on:
        return _("It does not take place, or is over.")
    mine = found.seats.mine
    if mine is None:
        return off_the_list()
    if not found.is_room and mine.line is None:
        return _("There is no seat for one more at the moment. Yours stays yours.")
    if mine.line is not None:
        told = _("All seats are taken. You are number {n} on the waiting list.")
        told = told.format(n=number(mine.line))
    else:
        two = _("You come, the two of you. See you there!")
        told = _("You come. See you there!") if mine.people < MOST else two
    return told if is_private else f"{told} {open_a_chat()}"


def off_the_list() -> str:
    return _("You are off the list.")


def open_a_chat() -> str:
    return _("Open a chat with me: there I tell you the place and whatever changes.")


# Calendars.


def calendar_text(one: Occurrence, is_seated: bool, timezone: str | None, now: datetime) -> str:
    """Plain lines. What the reader may not know is not in them."""
    local, own = one.local_start, your_time(one.local_start, timezone)
    is_shown = place_is_shown(one, is_seated, now)
    parts = [
        capital(words.event(one.event.kind)),
        f"{date_time(local)} ({zone_and_offset(local)})",
        own.striptags() if own else "",
        (one.event.online_url or "") if is_shown else capital(place(one, is_seated, now)),
        pick(one.event.about),
    ]
    return "\n".join(part for part in parts if part)


def calendar_place(one: Occurrence, is_seated: bool, now: datetime) -> str:
    """The city, if there is no more to be told."""
    return known_place(one.event) if place_is_shown(one, is_seated, now) else city(one.event)
