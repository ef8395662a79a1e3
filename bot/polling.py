"""Long polling that loses no update, and handles none twice but for a crash in an instant.

An update is confirmed to Telegram only after it was handled, so that a kill loses none (aiogram's
own polling confirms what it has fetched while handlers still run). `getUpdates` takes its offset
as the word that everything below it is done (Bot API, "getUpdates"); so the offset here is the
oldest update that is not. Right after its answer it is noted in the database: delivered again
after a crash, it is not answered again, unless the crash fell between answer and note.

Whoever is slow delays nobody: while something runs, Telegram is asked again after `PATIENCE`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import Update
from aiogram.utils.backoff import Backoff, BackoffConfig
from pydantic import ValidationError

from bot.clock import Clock
from bot.db import TROUBLE, Sessions
from bot.services import updates

LONG_POLL = 25  # seconds that Telegram waits for something to tell
PATIENCE = 0.1  # seconds to wait for what runs before asking for more
AT_ONCE = 100  # updates being handled (Bot API: as many as one answer holds)
DRAIN = 20  # seconds that what runs may still take at the end
BACKOFF = BackoffConfig(min_delay=0.5, max_delay=15, factor=1.5, jitter=0.1)
REFUSED = (TelegramUnauthorizedError, TelegramNotFound)
"""The token is wrong or revoked: trying again is no use."""
UNREACHABLE = (TelegramAPIError, ClientDecodeError, UnicodeDecodeError)
"""Away, or something in between answers in Telegram's place."""
log = structlog.get_logger()


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates whose answer is read update by update."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None
    limit: int
    timeout: int
    allowed_updates: list[str]


async def reached(call: Callable[[], Awaitable[object]]) -> None:
    """Until Telegram can be reached: a server may start before its network does."""
    backoff = Backoff(BACKOFF)
    while True:
        try:
            await call()
            return
        except REFUSED:
            raise
        except UNREACHABLE as error:
            log.warning("Telegram cannot be reached", reason=type(error).__name__)
        await backoff.asleep()


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
        self.noting = asyncio.Lock()
        self.trouble = Backoff(BACKOFF)

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
            except REFUSED:
                raise
            except TelegramConflictError:
                log.error("another process polls with this token, or a webhook is set")
            except UNREACHABLE as error:
                log.warning("Telegram cannot be reached", reason=type(error).__name__)
            await backoff.asleep()

    async def ask(self, wait: int) -> list[Update]:
        raw = await self.bot(
            RawUpdates(
                offset=self.offset or None,
                limit=AT_ONCE,
                timeout=wait,
                allowed_updates=self.kinds,
            ),
            request_timeout=wait + 15,
        )
        return [self.read(one) for one in raw]

    def read(self, raw: dict[str, Any]) -> Update:
        """One that cannot be understood is passed over; the others must not wait for it."""
        try:
            return Update.model_validate(raw, context={"bot": self.bot})
        except ValidationError:
            log.error("Telegram sent an update that cannot be read")
            return Update(update_id=raw["update_id"])

    async def take(self, found: Sequence[Update]) -> None:
        """Starts what is new. After a start, or below what was seen, the database is asked."""
        known = self.running.keys() | self.answered | self.done
        new = {update.update_id: update for update in found if update.update_id not in known}
        doubtful = [number for number in new if number < self.next or not self.next]
        try:
            handled = await self.handled_among(doubtful) if doubtful else set()
        except TROUBLE:
            await self.wait_for_database()
            return  # Telegram goes on offering them
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
            if update.model_fields_set != {"update_id"}:
                await self.dispatcher.feed_update(self.bot, update)
        except Exception:
            log.exception("an update failed outside of every middleware")
        self.answered.add(update.update_id)
        await self.note()
        del self.running[update.update_id]

    async def note(self) -> None:
        """At once after an answer, all those together that were answered meanwhile.

        What could not be noted is not confirmed either, and is tried again.
        """
        async with self.noting:
            noted = set(self.answered)
            if not noted:
                return
            try:
                async with self.sessions() as session:
                    await updates.mark_handled(session, noted, self.clock.now())
            except TROUBLE:
                await self.wait_for_database()
                return
            self.trouble.reset()
            self.answered -= noted
            self.done = {number for number in self.done | noted if number > self.offset}

    async def wait_for_database(self) -> None:
        log.exception("the database is away or full")
        await self.trouble.asleep()

    async def drain(self) -> None:
        """Finishes what runs and confirms it; what takes too long is left to the next start."""
        if self.running:
            await asyncio.wait(self.running.values(), timeout=DRAIN)
        await self.note()
        with suppress(*UNREACHABLE):
            await self.bot.get_updates(offset=self.offset or None, limit=1, timeout=0)
