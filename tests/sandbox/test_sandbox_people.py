"""People act, the stock bot answers: by polling."""

from __future__ import annotations

import pytest
from aiogram import Bot

from sandbox import Person


async def test_start_answers_with_a_formatted_message_and_buttons(stock: Bot, anna: Person) -> None:
    await anna.send("/start")
    anna.sees("Hello")
    assert anna.last.html == "<b>Hello</b>"
    assert [[b.text for b in row] for row in anna.last.buttons] == [["Hearings", "All hearings"]]


async def test_a_press_edits_the_message_and_shows_a_toast(stock: Bot, anna: Person) -> None:
    await anna.send("/start")
    await anna.press("Hearings")
    anna.sees("No hearings")
    assert anna.toast
    assert (anna.toast.text, anna.toast.alert) == ("Here they are", False)
    assert len(anna.messages) == 2


async def test_an_unknown_button_lists_those_there_are(stock: Bot, anna: Person) -> None:
    await anna.send("/start")
    with pytest.raises(AssertionError, match=r"'Donate'; there are \['Hearings', 'All hearings'\]"):
        await anna.press("Donate")


async def test_seeing_fails_with_the_chat_as_text(stock: Bot, anna: Person) -> None:
    await anna.send("/start")
    with pytest.raises(AssertionError, match=r"solidarity_bot: Hello\n\s+\[Hearings\]"):
        anna.sees("Goodbye")
    with pytest.raises(AssertionError, match="is to be seen"):
        anna.sees_not("Hello")
