"""Answers survive Telegram's bad moments: a request told to wait, or cut off, is repeated."""

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

TRIES = 3
LONGEST = 10  # seconds that a person waits for an answer; after that it is worth nothing
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
        # Polling has a patience of its own.
        tries = 1 if method.__api_method__ == "getUpdates" else TRIES
        for attempt in range(tries - 1):
            try:
                return await make_request(bot, method)
            except (TelegramRetryAfter, TelegramServerError, TelegramNetworkError) as error:
                delay = pause(error, attempt)
                if delay > LONGEST:
                    raise
                log.warning("repeating a request", method=type(method).__name__, delay=delay)
                await self.sleep(delay)
        return await make_request(bot, method)


def pause(error: Exception, attempt: int) -> float:
    """Seconds: as many as Telegram says, else longer each time."""
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    return float(0.5 * 2**attempt)
