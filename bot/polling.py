"""Long polling that loses no update, and handles none twice but for a crash in an instant.

An update is confirmed to Telegram only after it was handled, so that a kill loses none (aiogram's
own polling confirms what it has fetched while handlers still run). `getUpdates` takes its offset
as the word that everything below it is done (Bot API, "getUpdates"); so the offset here is the
oldest update that is not. Right after its answer it is noted in the database: delivered again
after a crash, it is not answered again, unless the crash fell between answer and note.

Whoever is slow delays nobody: while something runs, Telegram is asked again after `PATIENCE`. It
offers a hundred from the offset on, so when these are nearly all known, the oldest that wait for it
(bot/waits.py) are let go: confirmed, though unfinished. They run on; a kill just then would lose
them, and so would an end that cannot wait for them. Those that wait for their turn to answer are
let go only if they are of people who press on, and no more than a hundred: of a crowd Telegram
keeps the rest, and a kill loses none.
Two processes that poll would both be given what neither has confirmed: see bot/turn.py.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
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

from bot.away import Support, is_any_trouble
from bot.clock import Clock
from bot.db import Sessions
from bot.services import updates
from bot.tasks import end, unless
from bot.turn import Turn
from bot.waits import can_wait, is_slow

LONG_POLL = 25  # seconds that Telegram waits for something to tell
PATIENCE = 0.1  # seconds to wait for what runs before asking for more
AT_ONCE = 100  # updates being handled (Bot API: as many as one answer holds)
FULL = 90  # known updates above the offset: Telegram has hardly room to offer new ones
LET_GO = 1000  # let go and still running; beyond that the oldest are given up
AT_EASE = 16  # updates being handled before others wait a moment
DRAIN = 8  # seconds that what runs may still take at the end; containers are killed after ten
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


async def reached(call: Callable[[], Awaitable[object]], stop: asyncio.Event) -> None:
    """Until Telegram can be reached: a server may start before its network does."""
    backoff = Backoff(BACKOFF)
    while not stop.is_set():
        try:
            await call()
            return
        except REFUSED:
            raise
        except UNREACHABLE as error:
            log.warning("Telegram cannot be reached", reason=type(error).__name__)
        await unless(stop, backoff.asleep())


async def announce(bot: Bot) -> None:
    """Whoever started it sees that it works."""
    with suppress(TelegramAPIError):
        log.info(f"@{(await bot.me()).username} answers in Telegram")


def read(bot: Bot, raw: dict[str, Any]) -> Update:
    """One that cannot be understood is passed over: it would come for ever and hold up others."""
    try:
        return Update.model_validate(raw, context={"bot": bot})
    except ValidationError:
        log.error("Telegram sent an update that cannot be read")
        return Update(update_id=raw["update_id"])


async def feed(dispatcher: Dispatcher, bot: Bot, update: Update) -> None:
    """To fail again would help nobody, so it is not tried again; nor what cannot be read."""
    if update.model_fields_set == {"update_id"}:
        return
    try:
        await dispatcher.feed_update(bot, update)
    except Exception:
        log.exception("an update failed outside of every middleware")


class Polling:
    def __init__(
        self, bot: Bot, dispatcher: Dispatcher, sessions: Sessions, clock: Clock, turn: Turn
    ) -> None:
        self.bot = bot
        self.dispatcher = dispatcher
        self.sessions = sessions
        self.clock = clock
        self.turn = turn
        self.kinds = dispatcher.resolve_used_update_types()
        self.running: dict[int, asyncio.Task[None]] = {}
        self.let_go: dict[int, asyncio.Task[None]] = {}
        """Confirmed though they run, for they held up all others."""
        self.answered: set[int] = set()
        """Of those that run, which are handled, but not yet noted in the database."""
        self.done: set[int] = set()
        """Noted, but above one that is not: Telegram goes on offering them."""
        self.next = 0
        """One above the newest update seen."""
        self.room = AT_EASE
        self.noting = asyncio.Lock()
        self.notes = Support("the database that notes what was answered", is_any_trouble)

    @property
    def offset(self) -> int:
        return min(self.running, default=self.next)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then what runs is finished and confirmed."""
        try:
            while not stop.is_set():
                await self.round(stop)
        finally:
            await self.drain()

    async def round(self, stop: asyncio.Event) -> None:
        found = await unless(stop, self.fetch())
        if found is None:
            return
        await self.take(found, stop)
        if self.running:
            await asyncio.wait(self.running.values(), timeout=PATIENCE)
        await unless(stop, self.unblock())

    async def unblock(self) -> None:
        """Nobody is let go who waits for what all need, as for the database."""
        if len(self.running) + len(self.done) < FULL:
            return
        slow = [number for number, task in self.running.items() if is_slow(task)]
        stuck = sorted(slow + self.late())[: FULL // 2]
        if not stuck:
            return
        if slow:
            log.warning("slow updates are confirmed before they end", number=len(stuck))
        await self.notes.outlast(partial(self.mark, stuck))
        # Some may have ended meanwhile.
        ongoing = self.running.keys() & stuck
        self.let_go.update((number, self.running.pop(number)) for number in ongoing)
        self.done = {number for number in self.done.union(stuck) if number > self.offset}
        for number in sorted(self.let_go)[:-LET_GO]:
            self.let_go.pop(number).cancel()

    def late(self) -> list[int]:
        """The oldest of those who press on and wait for their turn."""
        late = sorted(number for number, task in self.running.items() if can_wait(task))
        return late[: max(0, AT_ONCE - len(self.let_go))]

    async def fetch(self) -> list[Update]:
        """What Telegram has; when it cannot be reached, it is tried until it can."""
        backoff = Backoff(BACKOFF)
        while True:
            await self.turn.kept()
            try:
                return await self.ask(wait=0 if self.running else LONG_POLL)
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
        return [read(self.bot, one) for one in raw]

    async def take(self, found: Sequence[Update], stop: asyncio.Event) -> None:
        """Starts what is new. After a start, or below what was seen, the database is asked."""
        known = self.running.keys() | self.answered | self.done
        new = [update.update_id for update in found if update.update_id not in known]
        doubtful = [number for number in new if number < self.next or not self.next]
        handled = await self.notes.outlast(partial(self.handled_among, doubtful))
        known = known.union(handled)
        for update in found:
            if stop.is_set():
                return
            number = update.update_id
            if number not in known and number not in self.running:
                self.running[number] = asyncio.create_task(self.handle(update))
                await self.made_room()
            # Ids may start anew, and lower, after a quiet week (Bot API, "Update").
            self.next = number + 1

    async def made_room(self) -> None:
        """For what is answered together is doubled together by a kill. The slow do not count."""
        self.room = max(AT_EASE, min(self.room, len(self.running) + AT_EASE - 1))
        if len(self.running) < self.room:
            return
        done, _ = await asyncio.wait(
            self.running.values(), timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            self.room = len(self.running) + AT_EASE

    async def handled_among(self, numbers: Sequence[int]) -> set[int]:
        if not numbers:
            return set()
        async with self.sessions() as session:
            return await updates.handled_among(session, numbers)

    async def handle(self, update: Update) -> None:
        await feed(self.dispatcher, self.bot, update)
        number = update.update_id
        if number in self.running:
            self.answered.add(number)
            await self.note(number)
        self.running.pop(number, None)
        self.let_go.pop(number, None)

    async def note(self, number: int) -> None:
        """At once after an answer; what could not be noted is not confirmed either."""
        async with self.noting:
            if number in self.answered:  # and not noted together with another one
                await self.notes.outlast(self.note_answered)

    async def note_answered(self) -> None:
        """All those together that were answered meanwhile."""
        noted = set(self.answered)
        await self.mark(noted)
        self.answered -= noted
        self.done = {number for number in self.done | noted if number > self.offset}

    async def mark(self, numbers: Collection[int]) -> None:
        async with self.sessions() as session:
            await updates.mark_handled(session, numbers, self.clock.now())

    async def drain(self) -> None:
        """Finishes what runs and confirms it; what takes too long is left to the next start."""
        if left := [*self.running.values(), *self.let_go.values()]:
            await asyncio.wait(left, timeout=DRAIN)
        offset = self.offset or None
        await end(*left)
        with suppress(*UNREACHABLE):
            await self.bot.get_updates(offset=offset, limit=1, timeout=0, request_timeout=2)
