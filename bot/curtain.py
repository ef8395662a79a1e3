"""Ways to pay stand in a chat for a while only: whoever holds the telephone later finds none, and
none is left there when it lapses.

What is open is known to this process alone, and written down nowhere: nothing tells who looked.
What stood open when it was killed stays, and another process does not know what stands there now.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from bot.clock import Clock
from bot.db import Sessions
from bot.screen import Screen
from bot.services import donations
from bot.services.campaign import local_now
from bot.show import Place
from bot.tasks import steadily, unless
from models import DonationRoute

OPEN = timedelta(minutes=30)
PERIOD = 30.0
"""Seconds between two looks."""
AT_THE_END = 8.0
"""Seconds for what is open when the bot stops; who stops it waits for ten."""
AGAIN = 0.5
PASSING = (TelegramNetworkError, TelegramRetryAfter, TelegramServerError)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shown:
    until: datetime
    instead: Screen | None
    """Nothing: the message goes."""
    wordings: Mapping[int, str]
    """Of the ways to pay, as they were shown, by their numbers."""


@dataclass
class Curtain:
    shown: dict[Place, Shown] = field(default_factory=dict)
    locks: WeakValueDictionary[Place, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """Else what a press brings could be hidden in place of what stood there before."""

    def keep(
        self, place: Place, now: datetime, routes: Sequence[DonationRoute], instead: Screen | None
    ) -> None:
        """Before it is shown: what nobody knows of could not be hidden."""
        lapses = [one.lapses_at - timedelta(seconds=PERIOD) for one in routes]
        wordings = {one.id: one.wording for one in routes}
        self.shown[place] = Shown(min([now + OPEN, *lapses]), instead, wordings)

    @asynccontextmanager
    async def lifted(self, place: Place) -> AsyncIterator[None]:
        """Something else comes to stand there; if that fails, it is as it was."""
        if place not in self.shown:
            yield
            return
        async with self.lock(place):
            before = self.shown.pop(place, None)
            try:
                yield
            except BaseException:
                if before:
                    self.shown.setdefault(place, before)
                raise

    def lock(self, place: Place) -> asyncio.Lock:
        return self.locks.setdefault(place, asyncio.Lock())

    async def look(self, bot: Bot, sessions: Sessions, now: datetime) -> None:
        """Hides what was open long enough; then what nobody may rely on any more."""
        await self.draw(bot, [place for place, one in self.shown.items() if one.until <= now])
        if not self.shown:
            return
        async with sessions() as session:
            routes = {number for one in self.shown.values() for number in one.wordings}
            valid = await donations.wordings(session, routes, await local_now(session, now))
        shown = self.shown.items()
        await self.draw(bot, [at for at, one in shown if not one.wordings.items() <= valid.items()])

    async def close_chat(self, bot: Bot, chat: int) -> None:
        await self.draw(bot, [place for place in self.shown if place[0] == chat])

    async def close(self, bot: Bot) -> None:
        """All that is open, as the bot stops."""
        try:
            async with asyncio.timeout(AT_THE_END):
                while self.shown:
                    await self.draw(bot, list(self.shown))
                    await asyncio.sleep(AGAIN if self.shown else 0)
        except TimeoutError:
            log.warning("some ways to pay stay open", left=len(self.shown))

    async def draw(self, bot: Bot, places: list[Place]) -> None:
        await asyncio.gather(*(self.draw_over(bot, place) for place in places))

    async def draw_over(self, bot: Bot, place: Place) -> None:
        before = self.shown.get(place)
        async with self.lock(place):
            if before is None or self.shown.get(place) is not before:
                return  # something else has come to stand there
            try:
                await hide(bot, place, before.instead)
            except PASSING:  # the next look tries again
                return
            except AiogramError as error:  # they deleted it, or blocked the bot
                log.info("a way to pay could not be hidden again", why=type(error).__name__)
            del self.shown[place]


async def hide(bot: Bot, place: Place, instead: Screen | None) -> None:
    chat, message = place
    if instead is None:
        await bot.delete_message(chat, message)
    else:
        await bot.edit_message_text(
            instead.text, chat_id=chat, message_id=message, reply_markup=instead.keyboard
        )


async def drawing(
    curtain: Curtain, bot: Bot, sessions: Sessions, clock: Clock, stop: asyncio.Event
) -> None:
    """Until `stop`."""

    async def looking(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless(stop, asyncio.sleep(PERIOD))
            if not stop.is_set():
                await curtain.look(bot, sessions, clock.now())

    await steadily(looking, stop)
