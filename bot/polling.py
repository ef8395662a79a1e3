"""Long polling that confirms an update only after it was handled, so that a kill loses none.

aiogram's own polling confirms what it has fetched while handlers still run. Telegram takes a
`getUpdates` as the word that everything below `offset` is done (Bot API, "getUpdates"); so the
offset here is the oldest update still being handled. Whoever is slow delays nobody: while
something runs, Telegram is asked again after `PATIENCE`, and what is known already is passed over.
"""

import asyncio
from contextlib import suppress

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramUnauthorizedError,
)
from aiogram.types import Update
from aiogram.utils.backoff import Backoff, BackoffConfig

LONG_POLL = 25  # seconds that Telegram waits for something to tell
PATIENCE = 0.1  # seconds to wait for what runs before asking for more
AT_ONCE = 100  # updates being handled
DRAIN = 20  # seconds that what runs may still take at the end
BACKOFF = BackoffConfig(min_delay=0.5, max_delay=15, factor=1.5, jitter=0.1)
log = structlog.get_logger()


class Polling:
    def __init__(self, bot: Bot, dispatcher: Dispatcher) -> None:
        self.bot = bot
        self.dispatcher = dispatcher
        self.kinds = dispatcher.resolve_used_update_types()
        self.running: dict[int, asyncio.Task[object]] = {}
        self.done: set[int] = set()
        """Handled, but above one that is not: Telegram goes on offering them."""
        self.next = 0
        """One above the newest update seen."""

    @property
    def offset(self) -> int:
        return min(self.running, default=self.next)

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
        fetching = asyncio.create_task(self.fetch(wait=0 if self.running else LONG_POLL))
        await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not fetching.done():
            fetching.cancel()
            with suppress(asyncio.CancelledError):
                await fetching
            return
        for update in fetching.result():
            self.start(update)
        if self.running:
            await asyncio.wait(self.running.values(), timeout=PATIENCE)

    async def fetch(self, wait: int) -> list[Update]:
        """What Telegram has; nothing, after a while, when it cannot be reached."""
        backoff = Backoff(BACKOFF)
        while True:
            try:
                return await self.ask(wait)
            except TelegramUnauthorizedError:
                raise
            except TelegramConflictError:
                log.error("another process polls with this token, or a webhook is set")
            except (TelegramNetworkError, TelegramAPIError) as error:
                log.warning("Telegram cannot be reached", error=type(error).__name__)
            await backoff.asleep()

    async def ask(self, wait: int) -> list[Update]:
        return await self.bot.get_updates(
            offset=self.offset or None,
            limit=AT_ONCE,
            timeout=wait,
            allowed_updates=self.kinds,
            request_timeout=wait + 15,
        )

    def start(self, update: Update) -> None:
        number = update.update_id
        if number in self.running or number in self.done:
            return
        self.next = max(self.next, number + 1)
        task = asyncio.create_task(self.handle(update))
        self.running[number] = task
        task.add_done_callback(lambda _task: self.settle(number))

    async def handle(self, update: Update) -> None:
        try:
            await self.dispatcher.feed_update(self.bot, update)
        except Exception:
            log.exception("an update failed outside of every middleware")

    def settle(self, number: int) -> None:
        del self.running[number]
        self.done.add(number)
        self.done = {done for done in self.done if done > self.offset}

    async def drain(self) -> None:
        """Finishes what runs and confirms it; what takes too long is left to the next start."""
        if self.running:
            await asyncio.wait(self.running.values(), timeout=DRAIN)
        with suppress(TelegramAPIError):
            await self.bot.get_updates(offset=self.offset or None, limit=1, timeout=0)
