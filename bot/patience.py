"""Answers survive Telegram's bad moments: a request told to wait, or cut off, is repeated.

Not so in a group that has had its share of messages (Bot API: 20 a minute): one person could make
it wait again and again, and whoever still wants an answer asks again.

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

from bot.db import let_go
from bot.waits import for_telegram

TRIES = 3
LONGEST = 10  # seconds that a person waits for an answer; after that it is worth nothing
LONGEST_IN_GROUPS = 1
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
        # Polling has a patience of its own.
        tries = 1 if method.__api_method__ == "getUpdates" else TRIES
        for attempt in range(tries - 1):
            try:
                return await make_request(bot, method)
            except (TelegramRetryAfter, TelegramServerError, TelegramNetworkError) as error:
                delay = pause(error, attempt)
                if delay > longest(method):
                    raise
                log.warning("repeating a request", method=type(method).__name__, delay=delay)
                await self.sleep(delay)
        return await make_request(bot, method)


def pause(error: Exception, attempt: int) -> float:
    """Seconds: as many as Telegram says, else longer each time."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    return float(0.5 * 2**attempt)


def longest(method: TelegramMethod[Any]) -> float:
    chat = getattr(method, "chat_id", None)
    return LONGEST_IN_GROUPS if isinstance(chat, int) and chat < 0 else LONGEST
