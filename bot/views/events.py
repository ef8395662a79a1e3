"""Evenings of letters and other events."""

from datetime import datetime, timedelta

from markupsafe import Markup

from bot.callbacks import OpenAddress, OpenEvent, OpenEvents, OpenLetters, SendEventCalendar
from bot.i18n import _, date_time, pick, span, zone_and_offset
from bot.keyboards import back_to, button, keyboard, link, pager, to_letter_kit, to_menu
from bot.screen import Screen
from bot.services.events import is_past, place_is_shown
from bot.services.pages import Page
from bot.views import words
from bot.views.parts import (
    ask,
    blocks,
    bold,
    capital,
    clipped,
    lines,
    local_moment,
    person,
    your_time,
)
from models import Event


def nothing(is_reached: bool) -> Screen:
    """`is_reached`: whether anybody has an address now."""
    if not is_reached:
        return Screen(Markup(_("No evening is planned yet.")), keyboard(to_menu()))
    text = Markup(_("No evening is planned yet. You can write a letter on your own meanwhile."))
    return Screen(text, keyboard([button(_("✉️ Write a letter"), OpenLetters())], to_menu()))


def upcoming(page: Page[Event], timezone: str | None, now: datetime) -> Screen:
    listed = [event_line(event, timezone, now) for event in page.items]
    text = blocks([bold(_("Evenings of letters and other events")), *listed])
    rows = [[button(pick(event.title), OpenEvent(id=event.id))] for event in page.items]
    turn = pager(
        page.number,
        page.pages,
        OpenEvents(page=max(page.number - 1, 0)),
        OpenEvents(page=page.number + 1),
    )
    return Screen(text, keyboard(*rows, turn, to_menu()))


def event_line(event: Event, timezone: str | None, now: datetime) -> Markup:
    """With its zone: an evening may be online, or read of in another city."""
    return lines(
        [
            bold(pick(event.title)),
            Markup("🕐 {}").format(local_moment(event.local_start, now)),
            your_time(event.local_start, timezone),
            Markup("📍 {}").format(city(event)),
        ]
    )


def city(event: Event) -> str:
    return pick(event.city) or _("online")


def card(event: Event, timezone: str | None, now: datetime, contact: str | None) -> Screen:
    text = blocks(
        [
            heading(event),
            lines(
                [
                    Markup("🕐 {}").format(local_moment(event.local_start, now)),
                    your_time(event.local_start, timezone),
                    duration(event),
                    Markup("📍 {}").format(place(event, now)),
                ]
            ),
            clipped(pick(event.about)),
            None if place_is_shown(event, now) else ask(contact),
            Markup(_("We write to:")) if event.write_to else None,
        ]
    )
    rows = [
        [button(person(one), OpenAddress(id=one.id, event=event.id))] for one in event.write_to[:10]
    ]
    shown = event.online_url if place_is_shown(event, now) else None
    online = [link(_("💻 Join online"), shown)] if shown else []
    kit = [to_letter_kit(event.id)] if event.write_to else []
    calendar = [button(_("🗓 To my calendar"), SendEventCalendar(id=event.id))]
    coming = [] if is_past(event, now) else calendar
    back = back_to(_("All evenings"), OpenEvents())
    return Screen(text, keyboard(online, coming, *rows, kit, back))


def heading(event: Event) -> Markup:
    """Many an evening's title is just its kind."""
    title, kind = pick(event.title), capital(words.event(event.kind))
    return lines([bold(title), kind if kind.casefold() != title.casefold() else None])


def duration(event: Event) -> str:
    if not event.minutes:
        return ""
    return span(timedelta(minutes=event.minutes))


def place(event: Event, now: datetime) -> str:
    """The city always; the place itself only when it may be told to anybody."""
    shown = clipped(pick(event.place), 200) if place_is_shown(event, now) else ""
    if shown:
        return f"{city(event)}, {shown}"
    if place_is_shown(event, now):
        return city(event)
    if event.place_shown.isdecimal():
        return _("{city}; the place is told shortly before the start").format(city=city(event))
    return _("{city}; the organisers tell the place to those who come").format(city=city(event))


def calendar_text(event: Event, timezone: str | None, now: datetime) -> str:
    """Plain lines. What may not be told to anybody now is not in them: a file goes round."""
    local, own = event.local_start, your_time(event.local_start, timezone)
    is_shown = place_is_shown(event, now)
    parts = [
        capital(words.event(event.kind)),
        f"{date_time(local)} ({zone_and_offset(local)})",
        own.striptags() if own else "",
        (event.online_url or "") if is_shown else capital(place(event, now)),
        pick(event.about),
    ]
    return "\n".join(part for part in parts if part)


def calendar_place(event: Event, now: datetime) -> str:
    """The city, if there is no more to be told to anybody."""
    return place(event, now) if place_is_shown(event, now) else city(event)
