"""Answers survive Telegram's bad moments: a request told to wait, or cut off, is repeated.

Not so in a group that has had its share of messages (Bot API: 20 a minute): one person could make
it wait again and again, and whoever still wants an answer asks again.

What somebody asked in private is answered when the trouble ends, if it ends in two minutes: they
see no trouble, only silence, and would not ask again. What else they ask waits in their line.

Meanwhile no connection to the database is held: fifteen slow chats would hold them all.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientConnectorError, ConnectionTimeoutError

from bot.db import let_go
from bot.waits import for_telegram

TRIES = 3
LONGEST = 10  # seconds between two tries of what may have arrived, or is no answer
LONGEST_IN_GROUPS = 1
OUTAGE = 120  # seconds of trouble after which an answer is given up
RARELY = 5.0  # seconds between two tries at most: so soon after it the answer comes
ANSWERS = ("send", "edit")
UNCONNECTED = (ClientConnectorError, ConnectionTimeoutError)
log = structlog.get_logger()


class Patience(BaseRequestMiddleware):
    def __init__(self, sleep: Callable[[float], Awaitable[Any]] = asyncio.sleep) -> None:
        self.sleep = sleep

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        await let_go()
        with for_telegram():
            return await self.made(make_request, bot, method)

    async def made(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        tried, waited = 0, 0.0
        while True:
            tried += 1
            try:
                return await make_request(bot, method)
            except (TelegramRetryAfter, TelegramServerError, TelegramNetworkError) as error:
                delay = pause(error, tried)
                if not is_worth(method, error, tried, waited + delay):
                    raise
                log.warning("repeating a request", method=type(method).__name__, delay=delay)
                await self.sleep(delay)
                waited += delay


def pause(error: Exception, tried: int) -> float:
    """Seconds: as many as Telegram says, else longer each time."""
    if isinstance(error, TelegramRetryAfter):
        return max(1.0, error.retry_after)
    return min(0.25 * 2.0 ** min(tried, 10), RARELY)


def is_worth(method: TelegramMethod[Any], error: Exception, tried: int, waited: float) -> bool:
    """To be tried once more, after so many seconds of waiting in all."""
    if method.__api_method__ == "getUpdates":  # polling has a patience of its own
        return False
    if is_answer(method) and is_certain(method, error):
        return waited <= OUTAGE
    return tried < TRIES and pause(error, tried) <= longest(method)


def is_certain(method: TelegramMethod[Any], error: Exception) -> bool:
    """That it did not arrive. Where only its answer is lost, a message would come many times."""
    if not isinstance(error, TelegramNetworkError):
        return True  # Telegram itself says so
    is_new = method.__api_method__.startswith("send")
    return not is_new or isinstance(error.__cause__, UNCONNECTED)


def is_answer(method: TelegramMethod[Any]) -> bool:
    """To somebody in private."""
    chat = getattr(method, "chat_id", None)
    return method.__api_method__.startswith(ANSWERS) and isinstance(chat, int) and chat > 0


def longest(method: TelegramMethod[Any]) -> float:
    chat = getattr(method, "chat_id", None)
    return LONGEST_IN_GROUPS if isinstance(chat, int) and chat < 0 else LONGEST
