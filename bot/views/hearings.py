"""Hearings: lists, the card, the words of a calendar entry."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.callbacks import (
    OpenCase,
    OpenCities,
    OpenHearing,
    OpenHearings,
    SendCalendar,
    SendPlace,
)
from bot.i18n import _, ago, day, ngettext, offset, pick, time, weekday, zone
from bot.keyboards import Row, back_to, button, keyboard, pager, to_menu
from bot.screen import Screen
from bot.services.hearings import Agenda, City
from bot.views import words
from bot.views.parts import (
    blocks,
    bold,
    capital,
    clipped,
    clock_time,
    lines,
    local_moment,
    person,
    title,
    your_time,
)
from models import Case, Court, Hearing, HearingStatus, Stage

DOUBTFUL = timedelta(days=7)
"""A date that nobody confirmed for longer than this is shown with a warning."""
CITIES = 12


def next_line(hearing: Hearing | None, case: Case) -> Markup:
    """A case's next hearing in one line, or that there is no date."""
    if hearing is None and case.stage in (Stage.SENTENCED, Stage.SERVED):
        return Markup(_("📅 No hearing is set."))
    if hearing is None:
        return Markup(_("📅 Next hearing: no date is known yet."))
    moment = local_moment(hearing.local_start)
    return lines(
        [
            Markup(_("📅 Next hearing: {moment}")).format(moment=moment),
            Markup("{}, {}").format(pick(hearing.court.name), pick(hearing.court.city)),
        ]
    )


def agenda(agenda: Agenda) -> Screen:
    hearings = agenda.page.items
    text = blocks(
        [
            bold(heading(agenda)),
            *(days(hearings) if hearings else [Markup(nothing(agenda))]),
        ]
    )
    rows = [[button(label(hearing), OpenHearing(id=hearing.id))] for hearing in hearings]
    return Screen(text, keyboard(*rows, turn(agenda), *other_lists(agenda)))


def heading(agenda: Agenda) -> str:
    heading = _("Past hearings") if agenda.past else _("Coming hearings")
    if agenda.case:
        return f"{heading}: {title(agenda.case)}"
    if agenda.court:
        return f"{heading}: {pick(agenda.court.city)}"
    return heading


def nothing(agenda: Agenda) -> str:
    if agenda.past:
        return _("No past hearings are listed here. What has been stands in the case's timeline.")
    return _("No date is known yet. Courts often set one only days before.")


def days(hearings: Sequence[Hearing]) -> list[Markup]:
    by_day = groupby(hearings, key=lambda hearing: hearing.local_start.date())
    return [
        lines([bold(capital(weekday(date))), *(line(hearing) for hearing in of_day)])
        for date, of_day in by_day
    ]


def line(hearing: Hearing) -> Markup:
    local = hearing.local_start
    return Markup("{} {} · {}, {}{}").format(
        clock_time(local, time(local)),
        title(hearing.case),
        pick(hearing.court.name),
        pick(hearing.court.city),
        off_mark(hearing),
    )


def off_mark(hearing: Hearing) -> str:
    if hearing.status == HearingStatus.SCHEDULED:
        return ""
    return f" · {words.hearing_status(hearing.status)}"


def label(hearing: Hearing) -> str:
    local = hearing.local_start
    return f"{local:%d.%m} {time(local)} · {title(hearing.case)}"


def turn(agenda: Agenda) -> Row:
    number = agenda.page.number
    here = OpenHearings(
        past=agenda.past,
        case=agenda.case.id if agenda.case else 0,
        city=agenda.court.id if agenda.court else 0,
    )
    before = here.model_copy(update={"page": max(number - 1, 0)})
    after = here.model_copy(update={"page": number + 1})
    return pager(number, agenda.page.pages, before, after)


def other_lists(agenda: Agenda) -> list[Row]:
    case, city = agenda.case.id if agenda.case else 0, agenda.court.id if agenda.court else 0
    other = OpenHearings(past=not agenda.past, case=case, city=city)
    swap = button(_("Coming hearings") if agenda.past else _("Past hearings"), other)
    if agenda.case:
        return [[swap], back_to(_("The case"), OpenCase(id=case))]
    if agenda.court:
        return [[swap], back_to(_("By city"), OpenCities())]
    return [[swap, button(_("By city"), OpenCities())], to_menu()]


def cities(found: Sequence[City]) -> Screen:
    if not found:
        text = Markup(_("No hearing is coming in any city yet."))
        return Screen(text, keyboard(back_to(_("All hearings"), OpenHearings())))
    rows = [
        [button(f"{pick(city.court.city)} · {city.hearings}", OpenHearings(city=city.court.id))]
        for city in found[:CITIES]
    ]
    back = back_to(_("All hearings"), OpenHearings())
    return Screen(bold(_("Hearings by city")), keyboard(*rows, back))


def card(hearing: Hearing, timezone: str | None, now: datetime) -> Screen:
    coming = not hearing.is_past(now)
    text = blocks(
        [
            lines([state(hearing, now), bold(capital(words.hearing(hearing.kind)))]),
            lines([title(hearing.case), people(hearing.case)]),
            when_and_where(hearing, timezone),
            certainty(hearing, coming, now),
            advice() if coming and not hearing.is_off else None,
        ]
    )
    return Screen(text, card_keyboard(hearing, coming))


def state(hearing: Hearing, now: datetime) -> Markup | None:
    """What must be seen first: that one need not go."""
    match hearing.status:
        case HearingStatus.CANCELLED:
            return bold(_("❌ Cancelled"))
        case HearingStatus.ADJOURNED:
            return bold(_("⏸ Adjourned"))
        case HearingStatus.SCHEDULED:
            return None
        case _:
            return bold(capital(words.hearing_status(hearing.status)))


def people(case: Case) -> Markup:
    names = [person(defendant) for defendant in case.defendants[:6]]
    more = len(case.defendants) - len(names)
    others = ngettext("and {n} more", "and {n} more", more).format(n=more) if more else ""
    return Markup("👤 {}").format(" ".join([", ".join(names), others]).strip())


def when_and_where(hearing: Hearing, timezone: str | None) -> Markup:
    court, judge = hearing.court, pick(hearing.judge)
    return lines(
        [
            Markup("🕐 {}").format(local_moment(hearing.local_start)),
            your_time(hearing.local_start, timezone),
            Markup("🏛 {}, {}").format(pick(court.name), pick(court.city)),
            clipped(pick(court.address), 200),
            Markup(_("Room {room}")).format(room=hearing.room) if hearing.room else None,
            Markup(_("Judge: {name}")).format(name=judge) if judge else None,
            None if hearing.is_off else admission(hearing.public),
        ]
    )


def admission(public: bool | None) -> str:
    if public is None:
        return _("🚪 Whether the public is let in is not known")
    if public:
        return _("🚪 Open to the public")
    return _("🚪 Behind closed doors; people wait outside the room")


def certainty(hearing: Hearing, coming: bool, now: datetime) -> Markup | None:
    if coming and not hearing.is_off:
        return confirmation(hearing, now)
    return outcome(hearing)


def confirmation(hearing: Hearing, now: datetime) -> Markup:
    if hearing.confirmed_at is None:
        return Markup(_("⚠️ Nobody has confirmed this date yet. Check before you go."))
    by = words.confirmed_by(hearing.source)
    told = Markup(_("✅ Confirmed {when} {by}")).format(when=ago(hearing.confirmed_at, now), by=by)
    told = Markup(told.strip())
    if now - hearing.confirmed_at > DOUBTFUL:
        return lines([told, Markup(_("⚠️ That was a while ago. Check before you go."))])
    return told


def outcome(hearing: Hearing) -> Markup | None:
    told = pick(hearing.outcome)
    if told:
        return Markup(_("Outcome: {outcome}")).format(outcome=clipped(told))
    if hearing.status == HearingStatus.SCHEDULED:
        return Markup(_("This hearing is past. The outcome is not known to us yet."))
    return None


def advice() -> Markup:
    return lines(
        [
            bold(_("If you go")),
            Markup(
                _("Take your passport: it is asked for at the entrance. Come 30 minutes early.")
            ),
            Markup(_("Leave knives and sprays at home. Keep quiet and switch off the sound.")),
        ]
    )


def card_keyboard(hearing: Hearing, coming: bool) -> InlineKeyboardMarkup:
    has_place = hearing.court.latitude is not None
    pin = [button(_("📍 On the map"), SendPlace(id=hearing.id))] if has_place else []
    calendar = [button(_("🗓 To my calendar"), SendCalendar(id=hearing.id))] if coming else []
    case = button(_("The case"), OpenCase(id=hearing.case_id))
    return keyboard([*pin, *calendar], [case, button(_("All hearings"), OpenHearings())], to_menu())


def calendar_title(hearing: Hearing) -> str:
    """A calendar's list shows little of a title: what is off says so first."""
    name = f"{title(hearing.case)}: {words.hearing(hearing.kind)}"
    if hearing.is_off:
        return f"{words.hearing_status(hearing.status).upper()} · {name}"
    return name


def calendar_text(hearing: Hearing, timezone: str | None, now: datetime) -> str:
    """Plain lines: calendars know no markup."""
    local = hearing.local_start
    own = your_time(local, timezone)
    court_time = f"{day(local.date())}, {time(local)} ({zone(local)}, {offset(local)})"
    judge = pick(hearing.judge)
    parts = [
        court_time,
        own.striptags() if own else "",
        _("Room {room}").format(room=hearing.room) if hearing.room else "",
        _("Judge: {name}").format(name=judge) if judge else "",
        admission(hearing.public),
        str(confirmation(hearing, now).striptags()),
    ]
    return "\n".join(part for part in parts if part)


def calendar_place(hearing: Hearing) -> str:
    court = hearing.court
    return ", ".join(filter(None, [pick(court.name), pick(court.address) or pick(court.city)]))


def calendar_caption() -> Markup:
    return Markup(_("Open the file to put the hearing into your calendar. Times may still change."))


def pin_title(court: Court) -> tuple[str, str]:
    """Name and address for a map pin."""
    return pick(court.name), pick(court.address) or pick(court.city)
