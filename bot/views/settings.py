"""Settings, and what is kept about a person."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.callbacks import (
    AskCity,
    AskRemembered,
    AskToForget,
    Forget,
    OpenAlerts,
    OpenPrivacy,
    OpenQuietHours,
    OpenSettings,
    SendCopy,
    SetTimezone,
)
from bot.i18n import (
    _,
    country_name,
    day,
    language,
    native_name,
    ngettext,
    time,
    zone_and_offset,
)
from bot.keyboards import Row, back_to, button, keyboard, language_buttons, to_menu
from bot.screen import Screen
from bot.services.cities import City
from bot.services.privacy import Kept
from bot.services.questions import KEPT
from bot.views import words
from bot.views.follows import name
from bot.views.parts import blocks, bold, clipped, lines
from models import ALERTS, USUAL_LEADS, Role, Subscriber

NO_ZONE = "-"
NAMED = 12
"""Of what somebody follows; the copy has all."""


def settings(person: Subscriber, now: datetime, toast: str | None = None) -> Screen:
    text = blocks(
        [
            bold(_("Settings")),
            lines([Markup(_("Language: {language}")).format(language=native_name(language()))]),
            zone_line(person.timezone, now),
            pays(person.pay_from) if person.pay_from else None,
        ]
    )
    return Screen(
        text,
        keyboard(
            *language_buttons(),
            [button(_("🌍 My time zone"), AskCity())],
            [button(_("⚙️ What is told, and when"), OpenAlerts())],
            [button(_("❤️ Where I pay from"), AskRemembered())],
            [button(_("🔒 Privacy"), OpenPrivacy())],
            to_menu(),
        ),
        toast=toast,
    )


def zone_line(zone: str | None, now: datetime) -> Markup:
    if zone is None:
        return Markup(_("Time zone: not set. Hearings are shown in the court's time."))
    local = now.astimezone(ZoneInfo(zone))
    told = _("Time zone: {zone}. It is {time} there now.")
    return Markup(told).format(zone=zone_and_offset(local), time=time(local))


def pays(place: str) -> str:
    return _("You pay: {place}").format(place=words.pay_from(place))


def saved() -> str:
    return _("Saved")


def ask_city(has_zone: bool, night: bool) -> Screen:
    """`night`: they came from quiet hours."""
    text = Markup(_("Which city are you in, or near? Type its name.\nOnly the time zone is kept."))
    court = button(_("Only the court's time"), SetTimezone(name=NO_ZONE, night=night))
    return Screen(text, keyboard([court] if has_zone else [], back(night)))


def back(night: bool) -> Row:
    if night:
        return back_to(_("Quiet hours"), OpenQuietHours())
    return back_to(_("Settings"), OpenSettings())


def cities(found: Sequence[City], typed: str, now: datetime, night: bool) -> Screen:
    if not found:
        return Screen(no_city(typed), keyboard(back(night)))
    rows = [
        [button(city_label(city, now), SetTimezone(name=city.zone, night=night))] for city in found
    ]
    only = _("Is it this one? The time there now is shown.")
    several = _("Which one? The time there now is shown.")
    return Screen(
        Markup(several if len(found) > 1 else only),
        keyboard(*rows, back(night)),
    )


def no_city(typed: str) -> Markup:
    return blocks(
        [
            Markup(_("I know no city “{text}”.")).format(text=clipped(typed, 60)),
            Markup(
                _(
                    "Type a city's name, such as Kazan or Berlin, a bigger one nearby, or the "
                    "difference to UTC, such as +5."
                )
            ),
        ]
    )


def city_label(city: City, now: datetime) -> str:
    """The time first: it tells cities apart, and a telephone cuts off a long label's end."""
    local = now.astimezone(ZoneInfo(city.zone))
    place = f"{city.name}, {country_name(city.country)}" if city.country else city.name
    return f"{time(local)} · {place}"


def privacy(kept: Kept, now: datetime) -> Screen:
    text = blocks(
        [
            bold(_("What is kept about you")),
            everything(kept, now),
            lines(
                [
                    _("• Never: your name, user name, phone, picture, or what you searched for."),
                    _("• Whose card you open, and which way to pay you look at, is noted nowhere."),
                    _("• To keep order, the bot remembers for a while that you wrote, not what."),
                    _("• Telegram itself sees what you write to any bot."),
                ]
            ),
        ]
    )
    if kept.person.id is None:
        return Screen(text, keyboard(back_to(_("Settings"), OpenSettings())))
    copy = button(_("📄 A copy as a file"), SendCopy())
    forget = button(_("🗑 Delete everything"), AskToForget())
    return Screen(text, keyboard([copy], [forget], back_to(_("Settings"), OpenSettings())))


def everything(kept: Kept, now: datetime) -> Markup:
    person = kept.person
    if person.id is None:
        return Markup(_("Right now: nothing at all."))
    return lines(
        [
            Markup(_("Right now:")),
            Markup(_("• your chat number, encrypted, to know you again")),
            *choices(person, now),
            *(Markup("• {}").format(told) for told in doings(kept)),
            Markup(_("• the day you were last here: {day}")).format(day=day(person.seen_on.date())),
            Markup(_("The database names nobody by itself, and neither does a backup of it.")),
        ]
    )


def choices(person: Subscriber, now: datetime) -> list[Markup | None]:
    usual = person.alerts == sum(ALERTS.values()) and person.leads == USUAL_LEADS
    has_hours = person.quiet_from is not None or person.silent_until is not None
    spoken = native_name(person.language) if person.language else None
    own = person.timezone
    zone = zone_and_offset(now.astimezone(ZoneInfo(own))) if own else None
    return [
        Markup(_("• language: {language}")).format(language=spoken) if spoken else None,
        Markup(_("• time zone: {zone}")).format(zone=zone) if zone else None,
        Markup(_("• where you pay from, as you chose")) if person.pay_from else None,
        None if usual else Markup(_("• what you want to be told of")),
        Markup(_("• quiet hours or silence, as you set them")) if has_hours else None,
    ]


def doings(kept: Kept) -> list[str]:
    names = [name(follow.subject, thing) for follow, thing in kept.follows]
    more = len(names) - NAMED
    shown = names[:NAMED] + ([f"+{more}"] if more > 0 else [])
    coming, events = len(kept.hearings), len(kept.events)
    return [
        *([_("you follow: {names}").format(names=", ".join(shown))] if names else []),
        *([will_come(coming)] if coming else []),
        *([will_be_there(events)] if events else []),
        *([have_asked(len(kept.questions))] if kept.questions else []),
        *([unheard(kept.unheard_until)] if kept.unheard_until else []),
        *([_("that you are told what is to be checked: you keep the facts")] if kept.role else []),
        *([calendar_kept(kept.calendar_since)] if kept.calendar_since else []),
        *([_("which of our messages you were sent, not what they said")] if kept.messages else []),
    ]


def will_come(hearings: int) -> str:
    return ngettext(
        "you said that you will come to {n} hearing",
        "you said that you will come to {n} hearings",
        hearings,
    ).format(n=hearings)


def will_be_there(events: int) -> str:
    return ngettext(
        "you come to {n} evening or other event",
        "you come to {n} evenings or other events",
        events,
    ).format(n=events)


def have_asked(questions: int) -> str:
    return ngettext(
        "{n} question to the organisers, encrypted; it goes {days} days after the answer",
        "{n} questions to the organisers, encrypted; each goes {days} days after the answer",
        questions,
    ).format(n=questions, days=KEPT.days)


def unheard(until: datetime) -> str:
    told = _("that they take no questions from you until {day}")
    return told.format(day=day(until.date()))


def calendar_kept(since: date) -> str:
    told = _("a private calendar address since {day}; the address itself is not kept")
    return told.format(day=day(since))


def copy_caption() -> Markup:
    return Markup(_("Everything that is kept about you. The chat number itself is left out."))


def ask_to_forget(person: Subscriber, role: Role | None, *, has_planned: bool = False) -> Screen:
    """`role`: of those who keep the facts."""
    if person.id is None:
        return Screen(
            Markup(_("There is nothing to delete: nothing is kept about you.")), keyboard(to_menu())
        )
    asked = Markup(_("Delete everything that is kept about you? It cannot be brought back."))
    owner = _("You own this bot: until you send /start again nobody reminds you of what to check.")
    planned = _("What you planned to send becomes a draft, and somebody else has to send it.")
    text = blocks([asked, owner if role == Role.OWNER else None, planned if has_planned else None])
    return Screen(
        text, keyboard([button(_("Yes, delete it"), Forget()), button(_("No"), OpenPrivacy())])
    )


def forgotten() -> Screen:
    return Screen(
        Markup(_("Done: everything about you is deleted. You are a stranger to me again.")),
        keyboard(to_menu()),
        toast=_("Deleted"),
    )
