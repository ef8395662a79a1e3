"""A new hearing at the desk: of which case, where, of which kind, when."""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from bot.callbacks import (
    AskToUndo,
    NewHearing,
    OpenDocket,
    OpenDocketHearing,
    SaveNewHearing,
    StartThing,
)
from bot.i18n import _, pick
from bot.i18n import time as clock_of
from bot.keyboards import Row, back_to, button, columns, keyboard, pager
from bot.screen import Screen
from bot.services.pages import Page
from bot.views import words
from bot.views.desk import are_told, to_desk
from bot.views.docket import days_to_pick, how_to_say_when, who_says_so
from bot.views.parts import blocks, bold, capital, lines, title
from models import Case, Court, Hearing, HearingKind


def ask_case(found: Page[Case], here: NewHearing, why: str | None = None) -> Screen:
    asked = _("A new hearing: of which case?")
    told = _("Choose it, or type its name or that of somebody in it.")
    if not found.items:
        told = _("No case is known yet: enter it under “Facts” first.")
    rows = [[button(title(one), with_(here, case=one.id, page=0))] for one in found.items]
    return Screen(blocks([why, bold(asked), told]), keyboard(*rows, turn(found, here), cancel()))


def nobody(text: str) -> str:
    return _("Nothing is called “{text}”.").format(text=text[:60])


def ask_court(found: Page[Court], here: NewHearing, case: Case) -> Screen:
    rows = [[button(pick(one.name), with_(here, court=one.id, page=0))] for one in found.items]
    new = [button(_("➕ A new court"), StartThing(form="court"))]
    text = blocks([bold(title(case)), _("In which court?")])
    return Screen(text, keyboard(*rows, turn(found, here), new, cancel()))


def ask_kind(here: NewHearing, case: Case, court: Court) -> Screen:
    each = [button(capital(words.hearing(kind)), with_(here, kind=kind)) for kind in HearingKind]
    text = blocks([about(case, court), _("What kind of hearing?")])
    return Screen(text, keyboard(*columns(each, 2), cancel()))


def ask_when(
    here: NewHearing, case: Case, court: Court, today: date, why: str | None = None
) -> Screen:
    asked = [about(case, court, here.kind), bold(_("When is it?")), *how_to_say_when(court)]
    days = days_to_pick(today, lambda day: with_(here, day=day))
    return Screen(blocks([why, *asked]), keyboard(*days, cancel()))


def about(case: Case, court: Court, kind: str | None = None) -> Markup:
    where = [pick(court.name), *([words.hearing(kind)] if kind else [])]
    return lines([bold(title(case)), ", ".join(where)])


def proposal(
    case: Case,
    court: Court,
    kind: str,
    moment: Markup,
    room: str | None,
    here: SaveNewHearing,
    people: int,
    that_day: Sequence[Hearing] = (),
    why: str | None = None,
) -> Screen:
    """`that_day`: hearings of the case that are known already; `why` it was not saved."""
    head = bold(_("A new hearing"))
    place = _("Room {room}").format(room=room) if room else None
    text = blocks(
        [
            why,
            head,
            lines([about(case, court, kind), moment, place]),
            lines(map(known_already, that_day)),
            are_told(people),
            bold(_("Who says so?")),
        ]
    )
    return Screen(text, keyboard(*who_says_so(here), cancel()))


def known_already(one: Hearing) -> str:
    told = _("⚠️ A hearing of this case is known for that day already, at {time}.")
    return told.format(time=clock_of(one.local_start))


def saved(case: Case, court: Court, moment: Markup, number: int, version: int) -> Screen:
    told = _("Saved. Followers are told within minutes; until then a slip can be undone unseen.")
    text = blocks([bold(told), lines([about(case, court), moment])])
    undo = button(_("↩️ Undo"), AskToUndo(version=version))
    again = button(_("The hearing"), OpenDocketHearing(id=number))
    return Screen(text, keyboard([undo, again], to_desk()))


def turn(found: Page[Case] | Page[Court], here: NewHearing) -> Row:
    before, after = max(found.number - 1, 0), found.number + 1
    return pager(found.number, found.pages, with_(here, page=before), with_(here, page=after))


def with_(here: NewHearing, **more: object) -> NewHearing:
    return here.model_copy(update=more)


def cancel() -> Row:
    return back_to(_("Cancel"), OpenDocket())
