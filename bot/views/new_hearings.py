"""A new hearing at the desk: of which case, where, of which kind, when."""

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from bot.callbacks import (
    AskToUndo,
    NewHearing,
    OpenDocket,
    OpenDocketHearing,
    OpenFacts,
    SaveNewHearing,
    StartThing,
)
from bot.i18n import _, pick
from bot.i18n import time as clock_of
from bot.keyboards import Row, back_to, button, columns, keyboard, pager, to_menu
from bot.screen import Screen
from bot.services.pages import Page
from bot.views import desk, words
from bot.views.desk import to_desk
from bot.views.docket import days_to_pick, how_to_say_when, who_says_so
from bot.views.parts import blocks, bold, capital, lines, title
from models import Case, Court, Hearing, HearingKind


def ask_case(found: Page[Case], here: NewHearing, why: str | None = None) -> Screen:
    asked = _("A new hearing: of which case?")
    if not found.items:
        told = _("No case is known yet: enter it under “Facts” first.")
        facts = [button(_("✍️ Facts"), OpenFacts())]
        return Screen(blocks([bold(asked), told]), keyboard(facts, cancel()))
    told = _("Choose it, or type its name or that of somebody in it.")
    rows = [[button(title(one), with_(here, case=one.id, page=0))] for one in found.items]
    return Screen(blocks([why, bold(asked), told]), keyboard(*rows, turn(found, here), cancel()))


def nobody(text: str) -> str:
    return _("Nothing is called “{text}”.").format(text=text[:60])


def ask_court(found: Page[Court], here: NewHearing, case: Case, why: str | None = None) -> Screen:
    rows = [[button(pick(one.name), with_(here, court=one.id, page=0))] for one in found.items]
    new = [button(_("➕ A new court"), StartThing(form="court", of=case.id))]
    text = blocks([why, bold(title(case)), _("In which court?")])
    return Screen(text, keyboard(*rows, turn(found, here), new, back_or_cancel(NewHearing())))


def ask_kind(here: NewHearing, case: Case, court: Court, why: str | None = None) -> Screen:
    each = [button(label, with_(here, kind=kind)) for kind, label in kinds().items()]
    text = blocks([why, about(case, court), _("What kind of hearing?")])
    back = back_or_cancel(with_(here, court=0))
    return Screen(text, keyboard(*columns(each, 2), back))


def kinds() -> dict[HearingKind, str]:
    """To choose from: there the last one is not called what all of them are."""
    named = {kind: capital(words.hearing(kind)) for kind in HearingKind}
    return named | {HearingKind.OTHER: _("Other")}


def kinds_called(text: str) -> list[HearingKind]:
    """As somebody typed it: a part of the name is enough."""
    wanted = text.strip().casefold()
    return [kind for kind, label in kinds().items() if wanted in label.casefold()]


def choose_kind() -> str:
    return _("Please choose the kind with a button.")


def ask_when(
    here: NewHearing, case: Case, court: Court, today: date, why: str | None = None
) -> Screen:
    asked = [about(case, court, here.kind), bold(_("When is it?")), *how_to_say_when(court)]
    days = days_to_pick(today, lambda day: with_(here, day=day))
    back = back_or_cancel(with_(here, kind=""))
    return Screen(blocks([why, *asked]), keyboard(*days, back))


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
    before: NewHearing,
    people: int,
    that_day: Sequence[Hearing] = (),
    why: str | None = None,
    *,
    still: bool,
) -> Screen:
    """`before`: the last question; `that_day`: hearings of the case that are known already; `why`
    it was not saved."""
    text = blocks(
        [
            why,
            bold(_("A new hearing")),
            lines([about(case, court, kind), moment, in_room(room)]),
            lines(map(known_already, that_day)),
            desk.are_told(people, still=still),
            bold(_("Who says so?")),
        ]
    )
    return Screen(text, keyboard(*who_says_so(here), back_or_cancel(before)))


def in_room(room: str | None) -> str | None:
    return _("Room {room}").format(room=room) if room else None


def known_already(one: Hearing) -> str:
    told = _("⚠️ A hearing of this case is known for that day already, at {time}.")
    return told.format(time=clock_of(one.local_start))


def entered_meanwhile() -> str:
    return _("Somebody entered one for that day meanwhile. Is yours another one?")


def saved(
    case: Case,
    court: Court,
    kind: str,
    moment: Markup,
    room: str | None,
    number: int,
    version: int,
    *,
    still: bool,
) -> Screen:
    what = lines([about(case, court, kind), moment, in_room(room)])
    text = blocks([desk.saved(still=still), what])
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


def back_or_cancel(before: NewHearing) -> Row:
    """To the question before."""
    return [button(_("‹ Back"), before), button(_("✕ Cancel"), OpenDocket()), *to_menu()]
