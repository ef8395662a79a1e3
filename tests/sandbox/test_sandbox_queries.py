"""Presses and inline queries, and their answers."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    InlineQueryResultArticle,
    InlineQueryResultLocation,
    InlineQueryResultsButton,
    InputTextMessageContent,
)

from sandbox import Person, Sandbox

from .stock_bot import Clock, keyboard

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


async def pressed(bot: Bot, anna: Person) -> str:
    await bot.send_message(anna.id, "x", reply_markup=keyboard([("a", "data")]))
    await anna.press("a", wait=False)
    updates = await bot.get_updates(offset=-1)
    assert updates[0].callback_query
    assert updates[0].callback_query.data == "data"
    return updates[0].callback_query.id


async def test_a_press_is_answered_only_once(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    query = await pressed(bot, anna)
    assert anna.toast is None
    assert len(telegram.unanswered) == 1
    await bot.answer_callback_query(query, "x" * 200, show_alert=True)
    assert anna.toast
    assert (anna.toast.text, anna.toast.alert) == ("x" * 200, True)
    assert telegram.unanswered == []
    with pytest.raises(TelegramBadRequest, match=TOO_OLD):
        await bot.answer_callback_query(query)


async def test_a_press_is_answered_in_time(bot: Bot, anna: Person, clock: Clock) -> None:
    query = await pressed(bot, anna)
    clock.forward(seconds=61)
    with pytest.raises(TelegramBadRequest, match=TOO_OLD):
        await bot.answer_callback_query(query)
    with pytest.raises(TelegramBadRequest, match=TOO_OLD):
        await bot.answer_callback_query("12345")


async def test_an_answer_has_200_characters(bot: Bot, anna: Person) -> None:
    query = await pressed(bot, anna)
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(query, "x" * 201)


async def test_old_and_deleted_messages_can_be_pressed(bot: Bot, anna: Person) -> None:
    old = await bot.send_message(anna.id, "old", reply_markup=keyboard([("a", "old")]))
    shown = anna.last
    await bot.send_message(anna.id, "new", reply_markup=keyboard([("a", "new")]))
    await anna.press("a", message=shown, wait=False)
    await bot.delete_message(anna.id, old.message_id)
    await anna.press("a", message=shown, wait=False)
    await anna.press_data("garbage", wait=False)
    queries = [update.callback_query for update in await bot.get_updates()]
    assert [query.data for query in queries if query] == ["old", "old", "garbage"]
    kinds = [type(query.message).__name__ for query in queries if query]
    assert kinds == ["Message", "InaccessibleMessage", "Message"]


def article(number: int = 1, text: str = "x", **more: object) -> InlineQueryResultArticle:
    content = InputTextMessageContent(message_text=text, parse_mode="HTML")
    values = {"id": str(number), "title": "t", "input_message_content": content, **more}
    return InlineQueryResultArticle.model_validate(values)


async def asked(bot: Bot, anna: Person) -> str:
    query = anna.telegram.ask_inline(anna.user, "orlov", "", "sender")
    update = (await bot.get_updates(offset=-1))[0]
    assert update.inline_query
    assert update.inline_query.query == "orlov"
    return query.id


@pytest.mark.parametrize(
    ("results", "error"),
    [
        ([article(n) for n in range(51)], "RESULTS_TOO_MUCH"),
        ([article(1), article(1)], "RESULT_ID_DUPLICATE"),
        ([article(1, "x" * 4097)], "message is too long"),
        ([article(1, "<b>x")], "Can't find end tag corresponding to start tag b"),
        ([article(1, "")], "message text is empty"),
        ([article(1, title="")], "ARTICLE_TITLE_EMPTY"),
        ([article(1, id="x" * 65)], "RESULT_ID_INVALID"),
        ([article(1, reply_markup=keyboard([("a", "x" * 65)]))], "BUTTON_DATA_INVALID"),
    ],
)
async def test_wrong_inline_results(
    bot: Bot, anna: Person, results: list[InlineQueryResultArticle], error: str
) -> None:
    query = await asked(bot, anna)
    with pytest.raises(TelegramBadRequest, match=error):
        await bot.answer_inline_query(query, results)


async def test_50_inline_results_are_answered_once(bot: Bot, anna: Person) -> None:
    query = await asked(bot, anna)
    button = InlineQueryResultsButton(text="Open", start_parameter="bad payload")
    with pytest.raises(TelegramBadRequest, match="START_PARAM_INVALID"):
        await bot.answer_inline_query(query, [], button=button)
    await bot.answer_inline_query(query, [article(n) for n in range(50)])
    with pytest.raises(TelegramBadRequest, match=TOO_OLD):
        await bot.answer_inline_query(query, [])


async def test_inline_places(bot: Bot, anna: Person) -> None:
    query = await asked(bot, anna)
    place = InlineQueryResultLocation(id="1", latitude=1.0, longitude=2.0, title="Court")
    await bot.answer_inline_query(query, [place])
    answer = anna.telegram.world.inline[query].answer
    assert answer
    assert answer["results"][0]["message"] == {"location": {"latitude": 1.0, "longitude": 2.0}}


async def test_inline_mode_from_query_to_press(stock: Bot, telegram: Sandbox, anna: Person) -> None:
    group = telegram.group("Friends", members=[anna])
    results = await anna.inline("orlov", chat=group)
    assert [(result.title, result.text) for result in results] == [("orlov", "orlov")]
    chosen = await anna.choose(results[0], chat=group)
    assert (chosen.html, chosen.labels) == ("<i>orlov</i>", ["More"])
    assert chosen.raw["via_bot"]["username"] == "solidarity_bot"
    await anna.press("More", chat=group, message=chosen)
    assert anna.toast
    assert anna.toast.text == "Unknown more"
    inline_id = telegram.inline_id(chosen.raw)
    assert await stock.edit_message_text("changed", inline_message_id=inline_id)
    assert group.messages[0].text == "changed"
    with pytest.raises(TelegramBadRequest, match="MESSAGE_ID_INVALID"):
        await stock.edit_message_text("x", inline_message_id="nothing")


async def test_an_inline_query_is_answered_in_time(bot: Bot, anna: Person, clock: Clock) -> None:
    query = await asked(bot, anna)
    clock.forward(seconds=61)
    with pytest.raises(TelegramBadRequest, match=TOO_OLD):
        await bot.answer_inline_query(query, [])


async def test_an_empty_answer_ends_a_press_too(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    await bot.answer_callback_query(await pressed(bot, anna))
    assert telegram.unanswered == []
