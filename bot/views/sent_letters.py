"""Letters that were sent: thanks, and how far they are together."""

from collections.abc import Sequence

from markupsafe import Markup

from bot.callbacks import CountLetter, OpenAddress, OpenLetters, TakeLetterBack
from bot.i18n import _, ngettext, number, pick
from bot.keyboards import back_to, button, keyboard
from bot.screen import Screen
from bot.services.sent_letters import Progress
from bot.views.parts import blocks, bold, lines, person
from models import Defendant

BAR = 12
"""Squares: a telephone shows them in one line."""


def goal_line(one: Progress) -> Markup:
    """ "1001 and one letter: 213 of 1,002", and how far that is."""
    goal = one.goal.letters
    done = min(BAR, one.letters * BAR // goal)
    told = _("{title}: {letters} of {goal}").format(
        title=pick(one.goal.title), letters=number(one.letters), goal=number(goal)
    )
    reached = " 🎉" if one.letters >= goal else ""
    return lines([f"💌 {told}{reached}", "▓" * done + "░" * (BAR - done)])


def how(defendant: Defendant, came_from: OpenAddress) -> Screen:
    place = came_from.model_dump()
    text = Markup(_("How did your letter to {name} go?")).format(name=bold(person(defendant)))
    ways = [
        button(_("📮 By post"), CountLetter(**place)),
        button(_("💻 Electronically"), CountLetter(**place, electronic=True)),
    ]
    return Screen(text, keyboard(ways, back_to(_("Address"), came_from)))


def thanks(
    defendant: Defendant,
    letters: int,
    goals: Sequence[Progress],
    came_from: OpenAddress,
    written: int | None,
) -> Screen:
    """`letters`: to them, of late; `written`: the number of this one, for whoever may take it back:
    in a group anybody could."""
    many = ngettext(
        "That is {n} letter to {name} in the last 30 days.",
        "That is {n} letters to {name} in the last 30 days.",
        letters,
    )
    text = blocks(
        [
            bold(_("💌 Thank you! It is counted, and nobody learns who wrote.")),
            Markup(many).format(n=number(letters), name=bold(person(defendant))),
            *map(goal_line, goals),
        ]
    )
    place = came_from.model_dump()
    undo = [button(_("↩️ Take it back"), TakeLetterBack(**place, number=written))] if written else []
    whom = button(_("✉️ Whom else to write to"), OpenLetters())
    return Screen(text, keyboard(undo, [whom], back_to(_("Address"), came_from)))


def taken_back(was_there: bool) -> str:
    return _("Taken back.") if was_there else _("It has been taken back already.")


def enough() -> str:
    return _("So many in one day, thank you! More are counted tomorrow.")
