"""Long polling that loses no update and handles none twice, whatever happens.

An update is confirmed to Telegram only after it was handled, so that a kill loses none (aiogram's
own polling confirms what it has fetched while handlers still run). `getUpdates` takes its offset
as the word that everything below it is done (Bot API, "getUpdates"); so the offset here is the
oldest update that is not. Between answer and confirmation it is noted in the database: delivered
again after a crash, it is not answered again.

Whoever is slow delays nobody: while something runs, Telegram is asked again after `PATIENCE`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramUnauthorizedError,
)
from aiogram.types import Update
from aiogram.utils.backoff import Backoff, BackoffConfig
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.db import Sessions
from bot.services import updates

LONG_POLL = 25  # seconds that Telegram waits for something to tell
PATIENCE = 0.1  # seconds to wait for what runs before asking for more
AT_ONCE = 100  # updates being handled (Bot API: as many as one answer holds)
DRAIN = 20  # seconds that what runs may still take at the end
BACKOFF = BackoffConfig(min_delay=0.5, max_delay=15, factor=1.5, jitter=0.1)
log = structlog.get_logger()


class Polling:
    def __init__(self, bot: Bot, dispatcher: Dispatcher, sessions: Sessions, clock: Clock) -> None:
        self.bot = bot
        self.dispatcher = dispatcher
        self.sessions = sessions
        self.clock = clock
        self.kinds = dispatcher.resolve_used_update_types()
        self.running: dict[int, asyncio.Task[None]] = {}
        self.answered: set[int] = set()
        """Handled, but not yet noted in the database."""
        self.done: set[int] = set()
        """Noted, but above one that is not: Telegram goes on offering them."""
        self.next = 0
        """One above the newest update seen."""

    @property
    def offset(self) -> int:
        return min(self.running.keys() | self.answered, default=self.next)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then what runs is finished and confirmed."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self.round(stopping)
        finally:
            stopping.cancel()
            await self.drain()

    async def round(self, stopping: asyncio.Task[bool]) -> None:
        await self.note()
        idle = not self.running and not self.answered
        fetching = asyncio.create_task(self.fetch(wait=LONG_POLL if idle else 0))
        await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not fetching.done():
            fetching.cancel()
            with suppress(asyncio.CancelledError):
                await fetching
            return
        await self.take(fetching.result())
        if self.running:
            await asyncio.wait(self.running.values(), timeout=PATIENCE)

    async def fetch(self, wait: int) -> list[Update]:
        """What Telegram has; when it cannot be reached, it is tried until it can."""
        backoff = Backoff(BACKOFF)
        while True:
            try:
                return await self.ask(wait)
            except TelegramUnauthorizedError:
                raise
            except TelegramConflictError:
                log.error("another process polls with this token, or a webhook is set")
            except TelegramAPIError as error:
                log.warning("Telegram cannot be reached", reason=type(error).__name__)
            await backoff.asleep()

    async def ask(self, wait: int) -> list[Update]:
        return await self.bot.get_updates(
            offset=self.offset or None,
            limit=AT_ONCE,
            timeout=wait,
            allowed_updates=self.kinds,
            request_timeout=wait + 15,
        )

    async def take(self, found: Sequence[Update]) -> None:
        """Starts what is new. After a start, or below what was seen, the database is asked."""
        known = self.running.keys() | self.answered | self.done
        new = {update.update_id: update for update in found if update.update_id not in known}
        doubtful = [number for number in new if number < self.next or not self.next]
        handled = await self.handled_among(doubtful) if doubtful else set()
        if found:  # ids may start anew, and lower, after a quiet week (Bot API, "Update")
            self.next = found[-1].update_id + 1
        for number, update in new.items():
            if number not in handled:
                self.running[number] = asyncio.create_task(self.handle(update))

    async def handled_among(self, numbers: Sequence[int]) -> set[int]:
        async with self.sessions() as session:
            return await updates.handled_among(session, numbers)

    async def handle(self, update: Update) -> None:
        try:
            await self.dispatcher.feed_update(self.bot, update)
        except Exception:
            log.exception("an update failed outside of every middleware")
        del self.running[update.update_id]
        self.answered.add(update.update_id)

    async def note(self) -> None:
        """What could not be noted is not confirmed either, and is tried again."""
        if not self.answered:
            return
        noted = set(self.answered)
        try:
            async with self.sessions() as session:
                await updates.mark_handled(session, noted, self.clock.now())
        except SQLAlchemyError:
            log.exception("handled updates could not be noted")
            await asyncio.sleep(PATIENCE)
            return
        self.answered -= noted
        self.done = {number for number in self.done | noted if number > self.offset}

    async def drain(self) -> None:
        """Finishes what runs and confirms it; what takes too long is left to the next start."""
        if self.running:
            await asyncio.wait(self.running.values(), timeout=DRAIN)
        await self.note()
        with suppress(TelegramAPIError):
            await self.bot.get_updates(offset=self.offset or None, limit=1, timeout=0)
