"""The screens of broadcasts keep up with what goes out, as long as somebody looks at them.

Which they are is known to the process that answers, and lies encrypted in the database, so that
they go on after a restart. Where several processes answer, each keeps up those that it has shown,
and after its restart whoever looks presses "Refresh".
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakValueDictionary

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    AiogramError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.crypto import Vault
from bot.db import Sessions
from bot.delivery.limiter import Limiter
from bot.i18n import language, speaking
from bot.screen import Screen
from bot.services import broadcasts
from bot.services.broadcasts import Watched
from bot.services.campaign import local_now
from bot.services.errors import NotFound
from bot.services.members import role_of
from bot.services.rights import Action, may
from bot.services.subscribers import find
from bot.show import Place, show_at
from bot.tasks import steadily, unless
from bot.views import broadcasts as views

PERIOD = 2.0
"""Seconds between two looks: Telegram takes no more edits of one message than that."""
MOST = 20
"""Screens that are kept up at once; the oldest is let go."""
PASSING = (TelegramNetworkError, TelegramRetryAfter, TelegramServerError)
log = structlog.get_logger()


@dataclass
class Progress:
    watched: dict[Place, Watched] = field(default_factory=dict)
    locks: WeakValueDictionary[Place, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """Else what a press brings could be overwritten by what stood there before."""

    async def load(self, session: AsyncSession, vault: Vault) -> None:
        """What somebody looked at when the process before this one ended."""
        for one in await broadcasts.watched(session, vault):
            self.watched[one.place] = one

    def forget_all(self) -> None:
        self.watched.clear()

    async def watch(self, session: AsyncSession, vault: Vault, place: Place, number: int) -> None:
        self.watched.pop(place, None)
        self.watched[place] = Watched(number, place, language())
        gone = [*self.watched][:-MOST]
        for one in gone:
            await self.let_go(session, vault, one)
        await self.keep(session, vault, number)

    async def keep(self, session: AsyncSession, vault: Vault, number: int) -> None:
        of_it = [one for one in self.watched.values() if one.number == number]
        await broadcasts.keep_watched(session, vault, number, of_it)

    async def let_go(self, session: AsyncSession, vault: Vault, place: Place) -> None:
        if one := self.watched.pop(place, None):
            await self.keep(session, vault, one.number)

    @asynccontextmanager
    async def lifted(
        self, session: AsyncSession, vault: Vault, place: Place
    ) -> AsyncIterator[None]:
        """Whatever a press brings stands there now, and is watched anew by its handler."""
        if place not in self.watched:
            yield
            return
        async with self.lock(place):
            await self.let_go(session, vault, place)
            yield

    def lock(self, place: Place) -> asyncio.Lock:
        return self.locks.setdefault(place, asyncio.Lock())

    async def look(self, bot: Bot, sessions: Sessions, vault: Vault, clock: Clock) -> None:
        for place, one in list(self.watched.items()):
            async with self.lock(place), sessions() as session:
                if self.watched.get(place) is not one:
                    continue  # something else has come to stand there
                may_see = await is_theirs(session, vault, place, clock.now())
                drawn = await draw(bot, session, one, clock) if may_see else None
                if drawn is None:
                    await self.let_go(session, vault, place)
                else:
                    self.watched[place] = drawn


async def is_theirs(session: AsyncSession, vault: Vault, place: Place, now: datetime) -> bool:
    """Whose role ended, or who was forgotten, sees no more of it."""
    seen = await find(session, vault, place[0], now)
    if seen.subscriber.id is None:
        return False
    return may(await role_of(session, seen.subscriber, now), Action.BROADCAST)


async def draw(bot: Bot, session: AsyncSession, one: Watched, clock: Clock) -> Watched | None:
    """Nothing: it is over, or nobody looks any more."""
    now = clock.now()
    try:
        card = await broadcasts.card(session, one.number, now)
    except NotFound:
        return None
    local = await local_now(session, now)
    with speaking(one.language):
        screen = views.card(card, local)
    is_there = await is_drawn(bot, session, one, screen)
    if not is_there or not card.is_live(now):
        return None
    return Watched(one.number, one.place, one.language, drawn_of(screen))


async def is_drawn(bot: Bot, session: AsyncSession, one: Watched, screen: Screen) -> bool:
    """Nothing is held while Telegram is spoken to."""
    if drawn_of(screen) == one.drawn:
        return True
    await session.commit()
    try:
        return await show_at(bot, one.place, screen)
    except PASSING:
        return True
    except AiogramError as error:
        log.info("the progress of a broadcast is not shown any more", why=type(error).__name__)
        return False


def drawn_of(screen: Screen) -> str:
    buttons = screen.keyboard.model_dump_json(exclude_none=True) if screen.keyboard else ""
    return f"{screen.text}{buttons}"


async def watching(
    progress: Progress,
    bot: Bot,
    sessions: Sessions,
    vault: Vault,
    clock: Clock,
    stop: asyncio.Event,
    limiter: Limiter,
) -> None:
    """Until `stop`. While answers wait for their turn nothing is drawn: nobody could press there
    until it was."""

    async def looking(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless(stop, asyncio.sleep(PERIOD))
            if not stop.is_set() and not limiter.waiting:
                await progress.look(bot, sessions, vault, clock)

    await steadily(looking, stop)
