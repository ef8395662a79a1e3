"""How much may be sent, by the world's clock."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramRetryAfter
from aiogram.types import BufferedInputFile, InputMediaDocument

from sandbox import Limits, Sandbox

from .stock_bot import TOKEN, Clock, keyboard


@pytest.fixture
async def telegram(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(TOKEN, now=clock, limits=Limits(burst=3), guard=30) as telegram:
        yield telegram


async def test_30_messages_in_any_second(bot: Bot, telegram: Sandbox, clock: Clock) -> None:
    people = [telegram.person(str(n), started=True) for n in range(32)]
    for person in people[:15]:
        await bot.send_message(person.id, "x")
    clock.forward(seconds=0.6)
    for person in people[15:30]:
        await bot.send_message(person.id, "x")
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(people[30].id, "x")
    assert caught.value.retry_after == 1
    clock.forward(seconds=0.5)  # the first fifteen are more than a second old now
    await bot.send_message(people[30].id, "x")
    assert telegram.limits.peak == 30
    assert "sendMessage: Too Many Requests: retry after 1" in telegram.violations


async def test_paid_broadcasts_may_send_more(bot: Bot, telegram: Sandbox) -> None:
    people = [telegram.person(str(n), started=True) for n in range(40)]
    for person in people:
        await bot.send_message(person.id, "x", allow_paid_broadcast=True)
    assert telegram.limits.peak == 40


async def test_one_a_second_to_one_chat_after_a_burst(
    bot: Bot, telegram: Sandbox, clock: Clock
) -> None:
    anna = telegram.person(started=True)
    for _ in range(3):
        await bot.send_message(anna.id, "x")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(anna.id, "x")
    clock.forward(seconds=1)
    await bot.send_message(anna.id, "x")
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(anna.id, "x")


async def test_20_a_minute_to_a_group(bot: Bot, telegram: Sandbox, clock: Clock) -> None:
    group = telegram.group("Friends")
    for _ in range(20):
        await bot.send_message(group.id, "x")
        clock.forward(seconds=1)
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(group.id, "x")
    assert caught.value.retry_after == 40
    clock.forward(seconds=40)
    await bot.send_message(group.id, "x")


async def test_edits_and_deletions_do_not_count(bot: Bot, telegram: Sandbox) -> None:
    anna = telegram.person(started=True)
    sent = await bot.send_message(anna.id, "x", reply_markup=keyboard([("a", "a")]))
    for number in range(40):
        await bot.edit_message_text(str(number), chat_id=anna.id, message_id=sent.message_id)
    await bot.delete_message(anna.id, sent.message_id)
    assert telegram.limits.peak == 1


async def test_limits_can_be_lifted(bot: Bot, telegram: Sandbox) -> None:
    anna = telegram.person(started=True)
    telegram.limits.enabled = False
    for _ in range(50):
        await bot.send_message(anna.id, "x")
    assert telegram.limits.refused == 0


async def test_a_refused_message_is_not_sent_and_not_counted(
    bot: Bot, telegram: Sandbox, clock: Clock
) -> None:
    anna = telegram.person(started=True)
    for _ in range(3):
        await bot.send_message(anna.id, "x")
    for _ in range(5):
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(anna.id, "x")
    assert len(anna.messages) == 3
    clock.forward(seconds=1)
    await bot.send_message(anna.id, "x")


async def test_a_group_of_media_counts_as_its_messages(bot: Bot, telegram: Sandbox) -> None:
    group = telegram.group("Friends")
    document = InputMediaDocument(media=BufferedInputFile(b"x", "a.txt"))
    await bot.send_media_group(group.id, [document] * 10)
    await bot.send_media_group(group.id, [document] * 10)
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(group.id, "x")
