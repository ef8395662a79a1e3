"""What is told and when: kinds, lead times, quiet hours, silence."""

from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardMarkup

from bot.callbacks import (
    AskCity,
    AskToLeaveAll,
    OpenAlerts,
    OpenFollows,
    OpenQuietHours,
    OpenSilence,
    SetQuietHours,
    SetSilence,
    SwitchAlert,
    SwitchLead,
)
from bot.i18n import _, date_time, ngettext, zone_and_offset
from bot.keyboards import Button, back_to, button, columns, keyboard, language_buttons
from bot.screen import Screen
from bot.services.alerts import QUIET, SILENCE, Hears, News, hears, silent
from bot.views import words
from bot.views.parts import blocks, bold, capital, lines
from models import ALERTS, LEADS, Subscriber

ON = "✓ "


def alerts(
    person: Subscriber, now: datetime, zone: str, is_private: bool, toast: str | None = None
) -> Screen:
    """`zone`: the one that quiet hours are counted in."""
    until = silent(person, now)
    text = blocks(
        [
            bold(_("What is told, and when")),
            _(
                "Choose (✓) what you want to be told. News comes at once, reminders at the chosen "
                "time before a hearing."
            ),
            switched_off(hears(person, now), is_private),
            lines(
                [
                    quiet_line(person, zone_and_offset(now.astimezone(ZoneInfo(zone)))),
                    silence_line(until, zone) if until else _("🤫 Silence: off"),
                ]
            ),
        ]
    )
    return Screen(text, alerts_keyboard(person, is_private), toast=toast)


def switched_off(heard: Hears, is_private: bool) -> str | None:
    """What the buttons show, in words; “I will come” is a person's, and is kept to in any case."""
    if heard.nothing:
        nothing = _("Everything is off: nothing comes.")
        return lines([nothing, only_where_they_come() if is_private else None])
    if heard.news is News.NONE:
        return _("No news is switched on: only reminders come.")
    return None if heard.reminders else _("No reminder is switched on: only news comes.")


def only_where_they_come() -> str:
    return _("If a hearing that you promised to come to changes, you are told all the same.")


def alerts_keyboard(person: Subscriber, is_private: bool) -> InlineKeyboardMarkup:
    kinds = [alert_button(person, kind, bit) for kind, bit in ALERTS.items()]
    leads = [lead_button(person, minutes, bit) for minutes, bit in LEADS.items()]
    of_group = [] if is_private else [*language_buttons(), [end_all()]]
    return keyboard(
        *columns(kinds, 2),
        *columns(leads, 3),
        [button(_("🌙 Quiet hours"), OpenQuietHours()), button(_("🤫 Silence"), OpenSilence())],
        *of_group,
        back_to(_("Follows"), OpenFollows()),
    )


def end_all() -> Button:
    return button(_("🗑 End all follows"), AskToLeaveAll())


def alert_button(person: Subscriber, kind: str, bit: int) -> Button:
    on = bool(person.alerts & bit)
    return button(ON * on + capital(words.alert(kind)), SwitchAlert(kind=kind, on=not on))


def lead_button(person: Subscriber, minutes: int, bit: int) -> Button:
    on = bool(person.leads & bit)
    return button(ON * on + words.lead(minutes), SwitchLead(minutes=minutes, on=not on))


def quiet_line(person: Subscriber, clock: str) -> str:
    """`clock`: by which they are counted, unless that is told beside."""
    if person.quiet_from is None or person.quiet_until is None:
        return _("🌙 Quiet hours: off")
    span = hours(person.quiet_from, person.quiet_until)
    told = _("🌙 Quiet hours: {hours}").format(hours=span)
    return f"{told} ({clock})" if clock else told


def hours(since: int, until: int) -> str:
    return f"{since:02}:00–{until:02}:00"


def silence_line(until: datetime, zone: str) -> str:
    """With the name of the clock: it may be the organisers'."""
    local = until.astimezone(ZoneInfo(zone))
    moment = f"{date_time(local)} ({zone_and_offset(local)})"
    return _("🤫 Silence until {moment}").format(moment=moment)


def quiet(
    person: Subscriber, now: datetime, zone: str, is_private: bool, toast: str | None = None
) -> Screen:
    text = blocks(
        [
            bold(_("Quiet hours")),
            _(
                "In these hours nothing is sent: what comes up waits until they end. At once comes "
                "only what cannot wait: a reminder of a hearing that begins before they end, and a "
                "change that would leave you fewer than 3 hours."
            ),
            lines([quiet_line(person, ""), whose_clock(person, now, zone, is_private)]),
        ]
    )
    chosen = person.quiet_from, person.quiet_until
    choices = [
        button(ON * ((since, until) == chosen) + hours(since, until), target(since, until))
        for since, until in QUIET
    ]
    off = [] if person.quiet_from is None else [button(_("Off"), target(0, 0))]
    city = [button(_("🌍 My time zone"), AskCity(night=True))] if is_private else []
    back = back_to(_("Back"), OpenAlerts())
    return Screen(text, keyboard(*columns(choices, 2), off, city, back), toast=toast)


def target(since: int, until: int) -> SetQuietHours:
    return SetQuietHours(since=since, until=until)


def whose_clock(person: Subscriber, now: datetime, zone: str, is_private: bool) -> str:
    local = zone_and_offset(now.astimezone(ZoneInfo(zone)))
    if person.timezone:
        return _("By your clock: {zone}.").format(zone=local)
    if is_private:
        told = _("By the organisers' clock ({zone}) until you choose yours.")
    else:
        told = _("By the organisers' clock: {zone}.")
    return told.format(zone=local)


def silence(
    person: Subscriber, now: datetime, zone: str, is_private: bool, toast: str | None = None
) -> Screen:
    until = silent(person, now)
    text = blocks(
        [
            bold(_("Silence")),
            lines(
                [
                    _(
                        "Nothing is sent, and nothing is told later: look then under Hearings and "
                        "at the cards of those you follow."
                    ),
                    only_where_they_come() if is_private else None,
                ]
            ),
            silence_line(until, zone) if until else _("🤫 Silence: off"),
        ]
    )
    spans = [button(days(number), SetSilence(days=number)) for number in SILENCE]
    off = [button(_("Off"), SetSilence(days=0))] if until else []
    return Screen(text, keyboard(spans, off, back_to(_("Back"), OpenAlerts())), toast=toast)


def days(number: int) -> str:
    if number == 7:
        return _("For a week")
    return ngettext("For {n} day", "For {n} days", number).format(n=number)


def saved() -> str:
    return _("Saved")
