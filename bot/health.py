"""How the bot is, for whatever watches over it: whether it lives, whether it can do its duty.

For whoever asks from inside: to what a proxy lets through there is no such place. It is said in
words of our own, which name no host, no path and nobody.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db import TROUBLE
from bot.migrate import is_newer, pending
from bot.polling import REFUSED
from bot.turn import SENDING, is_held

HEALTHZ, READYZ, METRICS = "/healthz", "/readyz", "/metrics"
PATIENCE = 2.0
"""Seconds that each part has to answer."""
REMEMBERED = 30.0
"""Seconds for which Telegram is not asked again."""
SOON = 5.0
"""If it did not answer: one answer that comes late is no half minute out of service."""
LET_THROUGH = ("Forwarded", "Via", "X-Forwarded-For")
"""Headers of what came by way of a proxy."""
Answer = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class Part:
    is_good: bool
    word: str


@dataclass
class Health:
    engine: AsyncEngine
    bot: Bot
    redis: Any = None
    """A client, where there is one."""
    is_full: Callable[[], bool] = bool
    """Whether the database said lately that its disk is."""
    telegram_then: tuple[float, Part] | None = None
    """When Telegram was asked, and what it said."""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    looking: "asyncio.Task[dict[str, Part]] | None" = None

    async def parts(self) -> dict[str, Part]:
        """Whoever asks while another one is being told hears the same: however many ask, the
        database is asked by one of them, and has connections for people."""
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self.look())
        return await asyncio.shield(self.looking)

    async def look(self) -> dict[str, Part]:
        """All at the same time."""
        asked = {"database": self.keeping, "tables": self.tables, "telegram": self.telegram}
        asked |= {"redis": self.shared} if self.redis is not None else {}
        asked["sender"] = self.sender
        found = await asyncio.gather(*(bounded(ask) for ask in asked.values()))
        return dict(zip(asked, found, strict=True))

    async def database(self) -> Part:
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return Part(True, "answers")

    async def keeping(self) -> Part:
        """The database, as whoever has something to keep finds it: if its disk is full it answers
        all the same."""
        found = await self.database()
        return Part(False, "full") if self.is_full() else found

    async def tables(self) -> Part:
        if not await pending(self.engine):
            return Part(True, "newest")
        return Part(False, "newer" if await is_newer(self.engine) else "behind")

    async def telegram(self) -> Part:
        """Whether it knows the token; remembered for a while."""
        async with self.asking:
            if (known := self.remembered()) is not None:
                return known
            self.telegram_then = monotonic(), Part(False, "no answer")  # if it takes too long
            found = await self.known_there()
            self.telegram_then = monotonic(), found
            return found

    def remembered(self) -> Part | None:
        if self.telegram_then is None:
            return None
        then, part = self.telegram_then
        patience = REMEMBERED if part.is_good else min(SOON, REMEMBERED)
        return part if monotonic() - then < patience else None

    async def known_there(self) -> Part:
        try:
            await self.bot.get_me(request_timeout=int(PATIENCE))
        except REFUSED:
            return Part(False, "refused")
        except AiogramError:
            return Part(False, "no answer")
        return Part(True, "answers")

    async def shared(self) -> Part:
        """As who writes to the bot finds it: a Redis that is full, or only reads, answers a ping,
        but there everybody waits."""
        from redis.exceptions import OutOfMemoryError, RedisError  # loaded, where there is a client

        try:
            await self.redis.set("health", b"", px=1)
        except OutOfMemoryError:
            return Part(False, "full")
        except RedisError:
            return Part(False, "no answer")
        return Part(True, "answers")

    async def sender(self) -> Part:
        """Whoever it is."""
        is_there = await is_held(self.engine, SENDING)
        return Part(is_there, "somebody" if is_there else "nobody")

    async def ready(self, _request: web.Request) -> web.Response:
        """Whether anybody sends is told, but the fault of no process that answers; whoever sends,
        or stands by, waits for its turn by itself."""
        parts = await self.parts()
        is_ready = all(part.is_good for name, part in parts.items() if name != "sender")
        told = {name: {"good": part.is_good, "is": part.word} for name, part in parts.items()}
        whole = {"ready": is_ready, "parts": told}
        return web.json_response(whole, status=200 if is_ready else 503)


async def bounded(ask: Callable[[], Awaitable[Part]]) -> Part:
    """What hangs is away."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await ask()
    except TROUBLE:
        return Part(False, "no answer")


async def alive(_request: web.Request) -> web.Response:
    """The loop turns: that is all that is said."""
    return web.Response(text="ok\n")


def inside(answer: Answer) -> Answer:
    """Who came by a proxy finds nothing here."""

    async def answered(request: web.Request) -> web.Response:
        if any(header in request.headers for header in LET_THROUGH):
            return web.Response(status=404)
        return await answer(request)

    return answered


def routes(health: Health, numbers: Answer) -> list[web.RouteDef]:
    return [
        web.get(HEALTHZ, inside(alive)),
        web.get(READYZ, inside(health.ready)),
        web.get(METRICS, inside(numbers)),
    ]
