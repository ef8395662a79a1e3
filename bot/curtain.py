"""Ways to pay stand in a chat for a while only: whoever holds the telephone later finds none, and
none is left there when it lapses.

What is open is known to this process alone, and written down nowhere: nothing tells who looked.
What stood open when it was killed stays.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from bot.clock import Clock
from bot.screen import Screen
from bot.show import Place
from bot.tasks import unless

OPEN = timedelta(minutes=30)
PERIOD = 30.0
"""Seconds between two looks."""
AT_THE_END = 5.0
"""Seconds for what is open when the bot stops."""
PASSING = (TelegramNetworkError, TelegramRetryAfter, TelegramServerError)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shown:
    until: datetime
    instead: Screen | None
    """Nothing: the message goes."""


@dataclass
class Curtain:
    shown: dict[Place, Shown] = field(default_factory=dict)

    def keep(self, place: Place | None, until: datetime, instead: Screen | None) -> None:
        if place is not None:
            self.shown[place] = Shown(until, instead)

    @asynccontextmanager
    async def lifted(self, place: Place) -> AsyncIterator[None]:
        """Something else comes to stand there; if that fails, it is as it was."""
        before = self.shown.pop(place, None)
        try:
            yield
        except BaseException:
            if before:
                self.shown.setdefault(place, before)
            raise

    async def draw(self, bot: Bot, now: datetime | None = None) -> None:
        """Over what was open long enough; without a time over all."""
        due = [place for place, one in self.shown.items() if now is None or one.until <= now]
        await asyncio.gather(*(self.draw_over(bot, place) for place in due))

    async def draw_over(self, bot: Bot, place: Place) -> None:
        one = self.shown.pop(place)
        try:
            await close(bot, place, one.instead)
        except PASSING:  # the next look tries again
            self.shown.setdefault(place, one)
        except AiogramError as error:  # they deleted it, or blocked the bot
            log.info("a way to pay could not be hidden again", why=type(error).__name__)


async def close(bot: Bot, place: Place, instead: Screen | None) -> None:
    chat, message = place
    if instead is None:
        await bot.delete_message(chat, message)
    else:
        await bot.edit_message_text(
            instead.text, chat_id=chat, message_id=message, reply_markup=instead.keyboard
        )


async def drawing(curtain: Curtain, bot: Bot, clock: Clock, stop: asyncio.Event) -> None:
    """Until `stop`; then over all that is open."""
    while not stop.is_set():
        await unless(stop, asyncio.sleep(PERIOD))
        if not stop.is_set():
            await curtain.draw(bot, clock.now())
    try:
        async with asyncio.timeout(AT_THE_END):
            await curtain.draw(bot)
    except TimeoutError:
        log.warning("some ways to pay stay open", left=len(curtain.shown))
