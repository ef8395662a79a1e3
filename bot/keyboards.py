"""Buttons under a screen."""

from collections.abc import Mapping, Sequence
from functools import cache

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.types import SwitchInlineQueryChosenChat as Chosen

from bot.callbacks import (
    BELOW,
    AskQuestion,
    OpenCases,
    OpenEvents,
    OpenFollows,
    OpenFundraisers,
    OpenHearings,
    OpenHelp,
    OpenLetterKit,
    OpenLetters,
    OpenMenu,
    OpenSettings,
    SetLanguage,
)
from bot.i18n import _, language, languages, native_name, speaking
from bot.markup import shortened

Button = InlineKeyboardButton
Row = Sequence[Button]
Swaps = Mapping[str, Button | None]
"""By what a button carries: the one that takes its place, or none."""
ROOM = {1: 38, 2: 26}
"""Characters that a telephone 390 pixels wide shows of a button, by the buttons in its row."""
LEAST_ROOM = 16


def keyboard(*rows: Row) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[fitting(row) for row in rows if row])


def fitting(row: Row) -> list[Button]:
    """Labels that end with a word and "…", where the telephone would cut them anywhere."""
    room = ROOM.get(len(row), LEAST_ROOM)
    return [fitted(one, shortened(one.text, room)) for one in row]


def fitted(one: Button, label: str) -> Button:
    return one if one.text == label else one.model_copy(update={"text": label})


def button(label: str, target: CallbackData) -> Button:
    return Button(text=label, callback_data=target.pack())


def below(one: Button) -> Button:
    """What it opens does not take the place of the message that it is under."""
    return one.model_copy(update={"callback_data": f"{BELOW}{one.callback_data}"})


def link(label: str, url: str) -> Button:
    return Button(text=label, url=url)


def copy(label: str, text: str) -> Button:
    return Button(text=label, copy_text=CopyTextButton(text=text))


def share(label: str, query: str) -> Button:
    """Lets the person choose a chat, and offers this bot's inline results for `query` there."""
    where = Chosen(
        query=query, allow_user_chats=True, allow_group_chats=True, allow_channel_chats=True
    )
    return Button(text=label, switch_inline_query_chosen_chat=where)


def swapped(shown: InlineKeyboardMarkup | None, swaps: Swaps) -> InlineKeyboardMarkup:
    """What is under a message already, with some buttons changed."""
    rows = shown.inline_keyboard if shown else []
    changed = [[swaps.get(one.callback_data or "", one) for one in row] for row in rows]
    return keyboard(*([one for one in row if one] for row in changed))


def columns(buttons: Sequence[Button], width: int) -> list[Row]:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def language_buttons() -> list[Row]:
    """The one that is spoken is marked."""
    each = [
        button("✓ " * (code == language()) + native_name(code), SetLanguage(code=code))
        for code in languages()
    ]
    return columns(each, 2)


def pager(number: int, pages: int, previous: CallbackData, following: CallbackData) -> Row:
    """ "‹ 1/3 ›" as far as there is something to go to."""
    if pages < 2:
        return []
    here = f"{number + 1}/{pages}"
    back = [button("‹ " + here, previous)] if number > 0 else []
    onward = [button((here if not back else "") + " ›", following)] if number + 1 < pages else []
    return [*back, *onward]


def language_of(buttons: InlineKeyboardMarkup | None) -> str | None:
    """Of a screen that was shown: each has a way to the menu, or is the menu."""
    labels = [one.text for row in buttons.inline_keyboard for one in row] if buttons else []
    return next((ways()[label] for label in labels if label in ways()), None)


@cache
def ways() -> dict[str, str]:
    """Labels that are on every screen, with their language."""
    known: dict[str, str] = {}
    for code in languages():
        with speaking(code):
            known |= {to_menu()[0].text: code, to_help().text: code}
    return known


def to_help() -> Button:
    return button(_("❔ Help"), OpenHelp())


def to_menu() -> Row:
    return [button(_("☰ Menu"), OpenMenu())]


def back_to(label: str, target: CallbackData) -> Row:
    return [button("‹ " + label, target), button(_("☰ Menu"), OpenMenu())]


def to_follows(is_private: bool) -> Button:
    return button(_("🔔 My follows") if is_private else _("🔔 Follows"), OpenFollows())


def to_ask(defendant: int = 0, case: int = 0, label: str | None = None) -> Button:
    target = AskQuestion(defendant=defendant, case=case)
    return button(label or _("💬 Ask the organisers"), target)


def to_letter_kit(event_id: int = 0) -> Button:
    label = _("🖨 Letter kit") if event_id else _("🖨 Print for several people")
    return button(label, OpenLetterKit(event=event_id))


def menu(is_private: bool = True) -> InlineKeyboardMarkup:
    personal = [button(_("⚙️ Settings"), OpenSettings())] if is_private else []
    return keyboard(
        [button(_("⚖️ Cases"), OpenCases()), button(_("🗓 Hearings"), OpenHearings())],
        [button(_("✉️ Write a letter"), OpenLetters()), button(_("❤️ Donate"), OpenFundraisers())],
        [to_follows(is_private), button(_("🕯 Evenings of letters"), OpenEvents())],
        [*personal, button(_("💬 Ask"), AskQuestion()), to_help()],
    )
