"""Trouble on demand."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from sandbox import Person, Sandbox

from .stock_bot import TOKEN


async def test_429_with_retry_after(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    telegram.faults.too_many_requests(7, times=2)
    for _ in range(2):
        with pytest.raises(TelegramRetryAfter) as caught:
            await bot.send_message(anna.id, "x")
        assert caught.value.retry_after == 7
    await bot.send_message(anna.id, "x")
    assert telegram.violations == []  # not the bot's doing


async def test_429_without_retry_after(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    telegram.faults.too_many_requests(None)
    with pytest.raises(TelegramAPIError, match="Too Many Requests") as caught:
        await bot.send_message(anna.id, "x")
    assert not isinstance(caught.value, TelegramRetryAfter)


@pytest.mark.parametrize(("code", "text"), [(500, "Internal Server Error"), (502, "Bad Gateway")])
async def test_server_errors(
    bot: Bot, telegram: Sandbox, anna: Person, code: int, text: str
) -> None:
    telegram.faults.server_error(code)
    with pytest.raises(TelegramServerError, match=text):
        await bot.send_message(anna.id, "x")
    assert anna.messages == []


async def test_a_connection_cut_before_handling(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    telegram.faults.cut_before()
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(anna.id, "x")
    assert anna.messages == []


async def test_a_connection_cut_before_the_answer(
    bot: Bot, telegram: Sandbox, anna: Person
) -> None:
    telegram.faults.cut_after()
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(anna.id, "x")
    assert [message.text for message in anna.messages] == ["x"]


async def test_faults_strike_where_they_are_aimed(
    bot: Bot, telegram: Sandbox, anna: Person
) -> None:
    boris = telegram.person("Boris", started=True)
    telegram.faults.refuse(403, "Forbidden: bot was blocked by the user", chat=boris.id)
    telegram.faults.server_error(method="sendLocation")
    await bot.send_message(anna.id, "x")
    with pytest.raises(TelegramForbiddenError):
        await bot.send_message(boris.id, "x")
    with pytest.raises(TelegramServerError):
        await bot.send_location(anna.id, 1.0, 1.0)
    await bot.send_message(boris.id, "x")


async def test_getupdates_is_struck_only_by_name(bot: Bot, telegram: Sandbox) -> None:
    telegram.faults.server_error()
    assert await bot.get_updates() == []
    telegram.faults.clear()
    telegram.faults.server_error(method="getUpdates")
    with pytest.raises(TelegramServerError):
        await bot.get_updates()


async def test_a_delay_comes_before_whatever_else() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    telegram = Sandbox(TOKEN, sleep=sleep)
    async with telegram, Bot(TOKEN, session=telegram.session()).context() as bot:
        telegram.faults.delay(0.1, times=None)
        await bot.get_me()
        telegram.faults.server_error()
        with pytest.raises(TelegramServerError):
            await bot.get_me()
    assert slept == [0.1, 0.1]
