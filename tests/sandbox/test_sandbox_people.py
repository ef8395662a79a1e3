"""People act, the stock bot answers: by polling."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.types import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)

from sandbox import Person, Sandbox
from sandbox.__main__ import arguments, serve
from sandbox.client import session

from .stock_bot import keyboard, polling


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


async def test_deep_links_are_followed(stock: Bot, telegram: Sandbox, anna: Person) -> None:
    await anna.send("/start d-orlov")
    anna.sees("Deep link d-orlov")
    await anna.follow_link("https://t.me/solidarity_bot?start=c-volkov")
    anna.sees("Deep link c-volkov")
    for wrong in ("https://t.me/other_bot?start=x", "https://t.me/solidarity_bot?start=a.b"):
        with pytest.raises(AssertionError, match=r"no deep link|is no payload"):
            await anna.follow_link(wrong)


async def test_documents_and_edits_reach_the_bot(stock: Bot, anna: Person) -> None:
    await anna.send_document("facts.yaml", b"cases: []")
    anna.sees("facts.yaml: 9 bytes")
    mine = await anna.send("first")
    await anna.edit(mine, "second")
    anna.sees("Edited to second")
    assert anna.messages[2].text == "second"


async def test_other_things_people_send(bot: Bot, anna: Person) -> None:
    await anna.send_photo(b"\xff\xd8\xff0", caption="c", wait=False)
    await anna.send_location(55.7, 37.6, wait=False)
    await anna.send_sticker(wait=False)
    await anna.send_contact("+100", wait=False)
    messages = [update.message for update in await bot.get_updates() if update.message]
    kinds = [message.content_type for message in messages]
    assert kinds == ["photo", "location", "sticker", "contact"]


async def test_blocking_is_told_and_ends_writing(bot: Bot, anna: Person) -> None:
    anna.block()
    with pytest.raises(AssertionError, match="Anna has blocked the bot"):
        await anna.send("x", wait=False)
    anna.unblock()
    statuses = [
        (update.my_chat_member.old_chat_member.status, update.my_chat_member.new_chat_member.status)
        for update in await bot.get_updates()
        if update.my_chat_member
    ]
    assert statuses == [("member", "kicked"), ("kicked", "member")]


async def test_any_update_can_be_delivered(stock: Bot, telegram: Sandbox, anna: Person) -> None:
    message = {"message_id": 9, "date": 1, "chat": anna.chat.brief, "text": "raw",
               "from": anna.user.as_json()}  # fmt: skip
    await telegram.deliver({"message": message})
    anna.sees("raw")
    update = Update(update_id=0, message=Message.model_validate({**message, "text": "typed"}))
    await telegram.deliver(update)
    anna.sees("typed")


async def test_several_at_once_and_then_settled(
    stock: Bot, telegram: Sandbox, anna: Person
) -> None:
    for number in range(20):
        await anna.send(str(number), wait=False)
    await telegram.settled()
    assert [m.text for m in anna.messages if m.from_bot] == [str(n) for n in range(20)]


async def test_the_next_message_is_waited_for(bot: Bot, anna: Person) -> None:
    await bot.send_message(anna.id, "before")
    await anna.send("now I wait", wait=False)
    waiting = asyncio.create_task(anna.next_message())
    await bot.send_message(anna.id, "after")
    await bot.send_message(anna.id, "after that")
    assert (await waiting).text == "after"
    assert (await anna.next_message()).text == "after that"


async def test_an_answer_is_heard_when_the_act_is_confirmed(stock: Bot, anna: Person) -> None:
    sent = await anna.send("one")
    anna.sees("one")
    await stock.send_message(anna.id, "a notice")
    assert (await anna.next_message()).text == "a notice"
    assert (await anna.next_message(after=sent)).text == "one"


async def test_a_bot_that_confirms_before_it_handles(bot: Bot, anna: Person) -> None:
    async with polling(bot, handle_as_tasks=True):
        sent = await anna.send("/start")
        assert (await anna.next_message(after=sent)).text == "Hello"


async def test_keyboards_below_the_line(bot: Bot, anna: Person) -> None:
    rows = [[KeyboardButton(text="Yes"), KeyboardButton(text="No")]]
    sent = await bot.send_message(anna.id, "x", reply_markup=ReplyKeyboardMarkup(keyboard=rows))
    assert anna.keyboard == [["Yes", "No"]]
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("y", chat_id=anna.id, message_id=sent.message_id)
    await bot.send_message(anna.id, "x", reply_markup=ReplyKeyboardRemove())
    assert anna.keyboard == []


async def test_waiting_for_a_dead_bot_fails() -> None:
    async with Sandbox(guard=0.01) as telegram:
        anna = telegram.person()
        with pytest.raises(AssertionError, match="is not confirmed"):
            await anna.send("/start")
        with pytest.raises(AssertionError, match="no new message came"):
            await anna.next_message()


async def test_links_and_copied_texts(bot: Bot, anna: Person) -> None:
    rows = [[InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="address"))],
            [InlineKeyboardButton(text="Go", url="https://example.org/")]]  # fmt: skip
    await bot.send_message(anna.id, "x", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows))
    await anna.press("Copy")
    await anna.press("Go")
    assert (anna.clipboard, anna.opened) == ("address", "https://example.org/")


async def test_an_exact_label_is_preferred_and_the_newest_message(bot: Bot, anna: Person) -> None:
    await bot.send_message(anna.id, "x", reply_markup=keyboard([("All", "1"), ("Al", "2")]))
    assert anna.find_button("Al")[1].data == "2"
    assert anna.find_button("all")[1].data == "1"
    await bot.send_message(anna.id, "y", reply_markup=keyboard([("Also", "3")]))
    assert anna.find_button("Al")[1].data == "3"
    assert anna.find_button("All")[1].data == "1"


async def test_everything_that_happens_can_be_watched(
    stock: Bot, telegram: Sandbox, anna: Person
) -> None:
    seen: list[str] = []
    telegram.world.watchers.append(lambda event, what: seen.append(event))
    await anna.send("/start")
    await anna.press("Hearings")
    assert seen == ["message", "message", "answered", "edited"]


async def test_the_command_line_serves_until_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr("builtins.print", lambda url, **_: printed.put_nowait(url))
    task = asyncio.create_task(serve(arguments(["--port", "0", "--token", "7:X"])))
    url = await printed.get()
    async with Bot("7:X", session=session(url)).context() as bot:
        assert (await bot.get_me()).id == 7
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(TelegramNetworkError):
            await bot.get_me()


async def test_alone_it_goes_on_numbering_updates_from_run_to_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bot that remembers update 1 would pass over the first one of the next run."""
    begun: list[Sandbox] = []

    async def start(telegram: Sandbox, _port: int) -> str:
        begun.append(telegram)
        raise asyncio.CancelledError

    monkeypatch.setattr(Sandbox, "start", start)
    before = datetime.now(UTC).timestamp()
    with pytest.raises(asyncio.CancelledError):
        await serve(arguments(["--port", "0"]))
    assert begun[0].world.updates.next_id >= int(before)


async def test_nobody_can_send_nothing_or_too_much(anna: Person) -> None:
    for text in ("", " \n ", "x" * 4097):
        with pytest.raises(AssertionError, match="nobody can send"):
            await anna.send(text, wait=False)
    await anna.send("x" * 4096, wait=False)


async def test_a_button_with_a_deep_link_is_followed(stock: Bot, anna: Person) -> None:
    link = InlineKeyboardButton(text="Card", url="https://t.me/solidarity_bot?start=d-orlov")
    markup = InlineKeyboardMarkup(inline_keyboard=[[link]])
    await stock.send_message(anna.id, "x", reply_markup=markup)
    await anna.press("Card")
    anna.sees("Deep link d-orlov")


@pytest.mark.parametrize("given", [["--port", "99999"], ["--port", "x"], ["--token", "x"]])
def test_a_wrong_call_is_told_in_one_line(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(given)
    assert ended.value.code == 2
    assert (
        f"argument {given[0]}: invalid {given[0][2:]} value: '{given[1]}'"
        in capsys.readouterr().err
    )
