"""The list of hearings for those who keep it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from bot.callbacks import (
    AskToUndo,
    ChangeHearing,
    NewHearing,
    OpenDocket,
    OpenDocketHearing,
    PickDay,
    SaveHearing,
    SaveNewHearing,
    SayIn,
)
from bot.i18n import (
    _,
    day,
    language,
    language_name,
    month,
    name_of_weekday,
    ngettext,
    pick,
    weekday,
    weekdays,
)
from bot.i18n import time as clock_of
from bot.keyboards import Button, Row, back_to, button, columns, keyboard, pager
from bot.screen import Screen
from bot.services.campaign_file import CampaignFileError, Difference, What
from bot.services.pages import Page
from bot.views import campaign_file as words_of_file
from bot.views import desk, words
from bot.views import hearings as views
from bot.views.desk import to_desk
from bot.views.parts import blocks, bold, capital, lines, title
from models import Court, Hearing, HearingStatus, Source

CHANGES = ("move", "room", "off", "on", "held", "put_off", "decided", "next")
"""What may be done with a hearing."""
MONTH = relativedelta(months=1)
HORIZON = relativedelta(years=5)
"""No hearing is set for later."""
WORDS = (Source.LAWYER, Source.COURT, Source.RELATIVE, Source.COORDINATOR)
"""Who may have said so."""
USUAL_HOURS = time(7), time(21)
"""Of courts."""
FAR = relativedelta(months=6)
SATURDAY = 5
Choosing = PickDay | NewHearing
"""What carries the day, or the month, that is chosen."""
Saving = SaveHearing | SaveNewHearing


def docket(page: Page[Hearing], now: datetime) -> Screen:
    told = None if page.items else _("No hearings are known.")
    waiting = [is_waiting(one, now) for one in page.items]
    is_put_off = any(one.status == HearingStatus.ADJOURNED for one in page.items)
    asked = [
        _("❓ has been: what came of it?") if any(waiting) else None,
        _("⏸ was put off: is the next date known?") if is_put_off else None,
    ]
    labels = views.labels(page.items, now)
    targets = [OpenDocketHearing(id=one.id, page=page.number) for one in page.items]
    new = [button(_("➕ A new hearing"), NewHearing())]
    labels = ["❓ " * waits + label for waits, label in zip(waiting, labels, strict=True)]
    rows = [[button(label, to)] for label, to in zip(labels, targets, strict=True)]
    before, after = OpenDocket(page=max(page.number - 1, 0)), OpenDocket(page=page.number + 1)
    turn = pager(page.number, page.pages, before, after)
    text = blocks([bold(_("Hearings")), told, lines(asked)])
    return Screen(text, keyboard(*rows, turn, new, to_desk()))


def is_waiting(one: Hearing, now: datetime) -> bool:
    return one.starts_at < now and one.status == HearingStatus.SCHEDULED and not one.outcome


def hearing(
    one: Hearing,
    here: OpenDocketHearing,
    now: datetime,
    *,
    why: str | None = None,
    toast: str | None = None,
) -> Screen:
    """`why` nothing came of a change."""
    facts = [
        why,
        bold(title(one.case)),
        views.state(one),
        views.when_and_where(one, now, None),
        views.certainty(one, not one.is_past(now), now, None),
    ]
    targets = {what: change(one, here, what) for what in CHANGES}
    known = {what: button(label, targets[what]) for what, label in labels().items()}
    shown = [known[what] for what in fitting(one, now)]
    back = back_to(_("Hearings"), OpenDocket(page=here.page))
    return Screen(blocks(facts), keyboard(*columns(shown, 2), back), toast=toast)


def labels() -> dict[str, str]:
    return {
        "on": _("✅ Confirm"),
        "move": _("🕐 Move"),
        "room": _("🚪 Room"),
        "off": _("❌ Call off"),
        "held": _("It was held"),
        "put_off": _("It was put off"),
        "decided": _("⚖️ Decided"),
        "next": _("➕ Next date"),
    }


def fitting(one: Hearing, now: datetime) -> list[str]:
    if one.starts_at < now:
        return ["decided", "put_off", "held", "next"]
    if one.is_off:
        return ["on", "move", "next"]
    return ["on", "move", "room", "off"]


def change(one: Hearing, here: OpenDocketHearing, what: str) -> ChangeHearing:
    return ChangeHearing(id=one.id, page=here.page, seen=one.version, what=what)


# What is asked.


def ask_when(one: Hearing, here: ChangeHearing, today: date, why: str | None = None) -> Screen:
    asked = _("When is the next date?") if here.what == "next" else _("When is it now?")

    def picked(day: str) -> PickDay:
        return PickDay(**here.model_dump(), day=day)

    text = blocks([why, bold(asked), views.local_moment_of(one), *how_to_say_when(one.court)])
    return Screen(text, keyboard(*days_to_pick(today, picked), cancel(here)))


def how_to_say_when(court: Court) -> list[str]:
    example = _("Type the day and the hour, the room too if you know it: “tomorrow 9:30, room 4”.")
    return [example, _("By the clock of {city}.").format(city=pick(court.city))]


def days_to_pick(today: date, picked: Callable[[str], Choosing]) -> list[Row]:
    """Soon, or in a calendar: a day, or a month to choose from."""
    soon = [(_("Tomorrow"), today + timedelta(days=1)), (_("In a week"), today + timedelta(days=7))]
    quick = [button(label, picked(day.isoformat())) for label, day in soon]
    return [quick, [button(_("📅 Calendar"), picked(f"{today:%Y-%m}"))]]


def calendar(
    here: Choosing,
    days: Sequence[Sequence[date | None]],
    first: date,
    today: date,
    cancelled: Row,
) -> Screen:
    """A month: weeks from Monday."""
    names = weekdays()

    def is_open(one: date | None) -> bool:
        return one is not None and one >= today

    def cell(one: date | None) -> Button:
        if one is None or not is_open(one):
            return button("·", here)
        return button(str(one.day), here.model_copy(update={"day": one.isoformat()}))

    head = [button(name, here) for name in names]
    weeks = [[cell(one) for one in week] for week in days if any(map(is_open, week))]
    around = [
        button(label, here.model_copy(update={"day": f"{each:%Y-%m}"}))
        for label, each in (("‹", first - MONTH), ("›", first + MONTH))
        if (each < today + HORIZON if label == "›" else first > today)
    ]
    told = blocks([bold(capital(month(first))), _("Choose the day; you can type it as well.")])
    return Screen(told, keyboard(head, *weeks, around, cancelled))


def ask_hour(chosen: date, cancelled: Row, why: str | None = None) -> Screen:
    asked = Markup(_("{day}. At what hour?")).format(day=day(chosen))
    example = _("Type it: “9:30” or “9:30, room 4”.")
    return Screen(blocks([why, bold(asked), example]), keyboard(cancelled))


def ask_room(here: ChangeHearing, why: str | None = None) -> Screen:
    asked = bold(_("Which room? Type it: “4”."))
    return Screen(blocks([why, asked]), keyboard(cancel(here)))


def ask_outcome(here: ChangeHearing, why: str | None = None) -> Screen:
    asked = _("What was decided? Type a sentence in this language: {language}.")
    spoken = language_name(here.language if isinstance(here, SayIn) else language())
    return Screen(blocks([why, bold(asked.format(language=spoken))]), keyboard(cancel(here)))


def cancel(here: OpenDocketHearing) -> Row:
    return back_to(_("Cancel"), OpenDocketHearing(id=here.id, page=here.page))


def both_wanted() -> str:
    return _("Both the day and the hour, please.")


# What would change, and what did.


def proposal(
    one: Hearing,
    found: Sequence[Difference],
    here: SaveHearing,
    people: int,
    moment: Markup,
    missing: Sequence[str] = (),
    why: str | None = None,
    *,
    still: bool,
) -> Screen:
    """`missing`: languages in which what came of it is not said; `why` it was not saved."""
    text = blocks(
        [
            why,
            bold(_("This would change") if found else _("It takes place as it is known.")),
            lines([title(one.case), moment, *what_changes(found)]),
            desk.are_told(people, still=still) if found else None,
            bold(_("Who says so?")),
        ]
    )
    others = [[say_in(here, each)] for each in missing]
    return Screen(text, keyboard(*others, *who_says_so(here, bool(found)), cancel(here)))


def who_says_so(here: Saving, or_nobody: bool = True) -> list[Row]:
    each = [
        button(capital(words.source(who)), here.model_copy(update={"source": who})) for who in WORDS
    ]
    nobody = [button(_("Not confirmed yet"), here)] if or_nobody else []
    return [*columns(each, 2), nobody]


def say_in(here: SaveHearing, other: str) -> Button:
    known = here.model_dump(include={"id", "page", "seen"})
    label = _("➕ Say it in another language: {language}").format(language=language_name(other))
    return button(label, SayIn(**known, what="decided", language=other))


def moment_of(local: datetime) -> Markup:
    """With the weekday: a mistyped day is noticed by it."""
    told = f"{capital(weekday(local, with_year=True))}, {clock_of(local)}"
    return Markup("🕐 {}").format(bold(told))


def new_moment(local: datetime, now: datetime) -> Markup:
    """With what is odd about it. `now`: by the court's clock."""
    return lines([moment_of(local), *doubts(local, now)])


def doubts(local: datetime, now: datetime) -> list[str]:
    first, last = USUAL_HOURS
    start, today, found = local.replace(tzinfo=now.tzinfo), now.date(), []
    if start < now and local.date() == today:
        found.append(_("⚠️ That hour is past already today."))
    if start.utcoffset() != start.replace(fold=1).utcoffset():
        told = _("⚠️ Clocks go back: {time} comes twice that day, the first one is meant.")
        found.append(told.format(time=clock_of(local)))
    if not first <= local.time() <= last:
        found.append(_("⚠️ {time} is an unusual hour for a court.").format(time=clock_of(local)))
    if local.date() > today + FAR:
        found.append(how_far(local.date(), today))
    if local.weekday() >= SATURDAY:
        told = _("⚠️ It is a {weekday}. Does the court sit then?")
        found.append(told.format(weekday=name_of_weekday(local)))
    return found


def how_far(far: date, today: date) -> str:
    ahead = relativedelta(far, today)
    months = ahead.years * 12 + ahead.months
    told = ngettext(
        "⚠️ That is in {n} month, in {year}.", "⚠️ That is in {n} months, in {year}.", months
    )
    return told.format(n=months, year=far.year)


def what_changes(found: Sequence[Difference]) -> list[str]:
    """But for whose word it is, which is asked for by itself."""
    return [
        capital(words_of_file.change(each.kind, one))
        for each in found
        for one in each.changes
        if one.key not in ("confirmed_at", "source", "timezone")
    ]


def refused(error: CampaignFileError) -> str:
    """In words of its own where those for a file would lead nowhere."""
    own = {
        What.PAST: _("That hour is past already."),
        What.CONFIRMED_LATE: _("By now the hearing has begun: it can no longer be confirmed."),
    }
    told = [own[each.what] for each in error.problems if each.what in own]
    return " ".join(told) or words_of_file.reasons(error)


def saved(
    one: Hearing,
    found: Sequence[Difference],
    here: OpenDocketHearing,
    version: int,
    *,
    still: bool,
) -> Screen:
    told = desk.saved(still=still)
    text = blocks([told, lines([title(one.case), *what_changes(found)])])
    undo = button(_("↩️ Undo"), AskToUndo(version=version))
    again = button(_("The hearing"), OpenDocketHearing(id=here.id, page=here.page))
    return Screen(text, keyboard([undo, again], to_desk()))
