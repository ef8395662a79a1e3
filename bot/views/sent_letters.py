"""Letters that were sent: thanks, and how far they are together."""

from collections.abc import Sequence

from markupsafe import Markup

from bot.callbacks import (
    CountLetter,
    CountWritten,
    OpenAddress,
    OpenLetters,
    TakeLetterBack,
    TakeWrittenBack,
)
from bot.i18n import _, ngettext, number, pick, weekday
from bot.keyboards import Row, back_to, button, keyboard, to_menu
from bot.screen import Screen
from bot.services.events import Occurrence
from bot.services.sent_letters import Progress
from bot.views.parts import bar, blocks, bold, clipped, lines, person
from models import Defendant

MOST_AT_ONCE = 12
"""Letters that one button counts."""


def goal_line(one: Progress) -> Markup:
    """ "1001 and one letter: 213 of 1,002", and how far that is."""
    goal = one.goal.letters
    told = _("{title}: {letters} of {goal}").format(
        title=pick(one.goal.title), letters=number(one.letters), goal=number(goal)
    )
    reached = " 🎉" if one.letters >= goal else ""
    return lines([f"💌 {told}{reached}", bar(one.letters, goal)])


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


# After an evening.


def how_many(one: Occurrence, toast: str | None = None) -> Screen:
    """Asked of those who came."""
    when = f"{clipped(pick(one.event.title), 200)}, {weekday(one.local_start)}"
    text = blocks(
        [
            bold(_("💌 How many letters did you write?")),
            when,
            _("Count those that you have not counted yet. Nobody learns who wrote."),
        ]
    )
    return Screen(text, keyboard(*numbers(one)), toast=toast)


def numbers(one: Occurrence) -> list[Row]:
    here = {"id": one.event.id, "day": one.day}
    all_ = [button(str(n), CountWritten(**here, letters=n)) for n in range(1, MOST_AT_ONCE + 1)]
    rows: list[Row] = [all_[start : start + 6] for start in range(0, MOST_AT_ONCE, 6)]
    return [*rows, [button(_("None this time"), CountWritten(**here, letters=0))]]


def none_written() -> Screen:
    text = Markup(_("That is fine. It was good that you came."))
    return Screen(text, keyboard([button(_("✉️ Write a letter"), OpenLetters())], to_menu()))


def thanks_for_all(
    pressed: CountWritten, first: int, together: int, goals: Sequence[Progress]
) -> Screen:
    """`together`: what all who came have counted so far."""
    many = ngettext(
        "{n} letter has been counted from this evening so far.",
        "{n} letters have been counted from this evening so far.",
        together,
    )
    counted = ngettext(
        "💌 Thank you! {n} letter is counted, and nobody learns who wrote.",
        "💌 Thank you! {n} letters are counted, and nobody learns who wrote.",
        pressed.letters,
    ).format(n=number(pressed.letters))
    text = blocks([bold(counted), Markup(many).format(n=number(together)), *map(goal_line, goals)])
    here = {"id": pressed.id, "day": pressed.day, "letters": pressed.letters}
    undo = [button(_("↩️ Take it back"), TakeWrittenBack(**here, number=first))]
    return Screen(text, keyboard(undo, to_menu()))
