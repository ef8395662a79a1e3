"""getUpdates: offsets, limits, long poll, conflicts, privacy of what was not asked for."""

from __future__ import annotations

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError

from sandbox import Person, Sandbox

from .stock_bot import Clock


async def say(anna: Person, *texts: str) -> None:
    for text in texts:
        await anna.send(text, wait=False)


async def test_updates_stay_until_an_offset_confirms_them(bot: Bot, anna: Person) -> None:
    await say(anna, "one", "two", "three")
    first = await bot.get_updates(limit=2)
    assert [u.message.text for u in first if u.message] == ["one", "two"]
    assert await bot.get_updates(limit=2) == first
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [u.message.text for u in rest if u.message] == ["three"]


async def test_a_negative_offset_keeps_the_last_ones(bot: Bot, anna: Person) -> None:
    await say(anna, "one", "two", "three")
    kept = await bot.get_updates(offset=-1)
    assert [u.message.text for u in kept if u.message] == ["three"]
    assert await bot.get_updates() == kept


async def test_limit_is_1_to_100(bot: Bot, anna: Person) -> None:
    await say(anna, *map(str, range(101)))
    assert len(await bot.get_updates(limit=100)) == 100
    for wrong in (0, 101):
        with pytest.raises(TelegramBadRequest, match="limit must be 1-100"):
            await bot.get_updates(limit=wrong)


async def test_a_long_poll_ends_when_something_comes(bot: Bot, anna: Person) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=50))
    await polled(anna.telegram)
    await say(anna, "now")
    assert [u.message.text for u in await waiting if u.message] == ["now"]


async def polled(telegram: Sandbox) -> None:
    """Until somebody waits in getUpdates: a poller's coming wakes whoever waits for updates."""
    arrived = asyncio.Event()
    telegram.world.updates.watchers.append(arrived.set)
    await arrived.wait()


async def test_a_second_poller_ends_the_first(bot: Bot, telegram: Sandbox) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await polled(telegram)
    assert await bot.get_updates(timeout=0) == []
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first


async def test_no_polling_beside_a_webhook(bot: Bot) -> None:
    await bot.set_webhook("https://bot.example.org/hook")
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == []


async def test_only_what_was_asked_for_comes_and_that_is_remembered(bot: Bot, anna: Person) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await say(anna, "unheard")
    assert await bot.get_updates() == []
    await bot.get_updates(allowed_updates=[])
    await say(anna, "heard")
    assert len(await bot.get_updates()) == 1


async def test_reactions_come_only_on_request(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "x")
    await anna.react(anna.last, "👍", wait=False)
    assert await bot.get_updates() == []
    await bot.get_updates(allowed_updates=["message_reaction"])
    await anna.react(anna.last, "👍", wait=False)
    update = (await bot.get_updates())[0]
    assert update.message_reaction
    assert update.message_reaction.message_id == sent.message_id


async def test_updates_are_kept_for_a_day(bot: Bot, anna: Person, clock: Clock) -> None:
    await say(anna, "old")
    clock.forward(hours=24, seconds=1)
    await say(anna, "new")
    assert [u.message.text for u in await bot.get_updates() if u.message] == ["new"]


async def test_duplicates_on_demand(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    telegram.faults.duplicate_updates(1)
    await say(anna, "twice", "once")
    updates = await bot.get_updates()
    assert [u.message.text for u in updates if u.message] == ["twice", "twice", "once"]
    assert updates[0].update_id == updates[1].update_id


async def test_setting_a_webhook_ends_a_poll(bot: Bot, telegram: Sandbox) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=50))
    await polled(telegram)
    await bot.set_webhook("https://bot.example.org/hook")
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
        await waiting


async def test_a_poll_that_waits_in_vain_ends_empty(bot: Bot) -> None:
    assert await bot.get_updates(timeout=0) == []
    with pytest.raises(TelegramBadRequest, match="timeout must not be negative"):
        await bot.get_updates(timeout=-1)
