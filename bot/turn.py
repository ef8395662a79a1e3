"""One process polls, one sends; another one of the same database stands by and takes over.

Of two that poll, Telegram would give both whatever neither has confirmed yet, and both would answer
it; two that send would be twice as fast as Telegram allows. The turn
ends with the process, however it ends: on PostgreSQL it is the lock of a connection ("Advisory
Locks"), beside an SQLite file it is that of a file (flock(2)).

A process that hangs, or whose network is cut, ends nothing: PostgreSQL waits for it for hours. It
is therefore told to let go of a lock of whom nothing is heard for `SILENT` seconds, and whoever
has the turn says all the time that it lives; what it cannot say it has lost.

One turn is shared: all that serve have it together, and whoever puts other rows into the database
has it alone.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from aiogram.utils.backoff import Backoff, BackoffConfig
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.away import Support, is_any_trouble
from bot.db import TROUBLE, is_sqlite, sqlite_file
from bot.tasks import end, unless

SILENT = 8
"""Seconds after which PostgreSQL ends the connection that holds a lock (`idle_session_timeout`,
since version 14; an older one waits until its network says so)."""
BEAT = 2
"""Seconds between two signs of life."""
HANGING = 3
"""Seconds in which that connection has to answer."""
ASKING = BackoffConfig(min_delay=0.2, max_delay=2, factor=1.5, jitter=0.1)
"""Between two tries of whoever stands by: all in all another one has the turn within 15 seconds."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Work:
    """What only one process does at a time: the number of its lock, and the name of its file."""

    name: str
    lock: int


POLLING = Work("polling", 0x736F6C6964617269)
SENDING = Work("sending", 0x736F6C696461726A)
WATCHING = Work("watching", 0x736F6C696461726B)
ROTATING = Work("rotating", 0x736F6C696461726C)
SERVING = Work("serving", 0x736F6C696461726D)
"""Shared by all processes of a bot, whatever they do."""
WORKS = (POLLING, SENDING, WATCHING, ROTATING, SERVING)


class Turn:
    """`take`: whether it is ours now; asked again and again, for a connection can be lost."""

    def __init__(
        self, take: Callable[[], Awaitable[bool]], work: Work = POLLING, *, is_meant: bool = False
    ) -> None:
        self.take = take
        self.work = work
        self.is_meant = is_meant
        """That several stand by, as docs/growing.md has it; else it is two bots by mistake."""
        self.support = Support("the database", is_any_trouble)
        self.asking = asyncio.Lock()
        self.is_ours = False
        """As far as we know: when it was asked last."""

    async def kept(self) -> None:
        """Returns as soon as it is ours. Whoever else asks meanwhile waits for the answer."""
        async with self.asking:
            await self.ask()

    async def ask(self) -> None:
        self.is_ours = await self.support.outlast(self.take)
        if self.is_ours:
            return
        name = self.work.name
        tell = log.info if self.is_meant else log.error
        tell(f"{name} is another process's turn with this database: standing by")
        backoff = Backoff(ASKING)
        while not await self.support.outlast(self.take):
            await backoff.asleep()
        self.is_ours = True
        log.warning(f"the other process has ended: {name}")


@asynccontextmanager
async def turn_of(
    engine: AsyncEngine, work: Work = POLLING, *, is_shared: bool = False
) -> AsyncIterator[Turn]:
    url = engine.url.render_as_string(hide_password=False)
    if is_sqlite(url):
        async with of_file(sqlite_file(url), work, is_shared) as turn:
            yield turn
    else:
        async with of_connection(engine, work, is_shared) as turn:
            yield turn


@asynccontextmanager
async def sharing(engine: AsyncEngine, stop: asyncio.Event) -> AsyncIterator[None]:
    """Begins as soon as nobody puts other rows into the database, or with `stop`."""
    async with turn_of(engine, SERVING, is_shared=True) as turn:
        if not await turn.take():
            await unless(stop, turn.kept())
        keeping = asyncio.create_task(kept_on(turn))
        try:
            yield
        finally:
            await end(keeping)


async def kept_on(turn: Turn) -> None:
    """A connection can be lost, and its lock with it."""
    while True:
        await asyncio.sleep(BEAT)
        await turn.kept()


async def is_held(engine: AsyncEngine, work: Work) -> bool:
    """Whether it is anybody's turn, this process included."""
    url = engine.url.render_as_string(hide_password=False)
    if is_sqlite(url):
        return is_locked(sqlite_file(url).with_suffix(f".{work.name}"))
    async with engine.connect() as connection:
        high, low = work.lock >> 32, work.lock & 0xFFFFFFFF
        return bool(await connection.scalar(text(HELD.format(high=high, low=low))))


HELD = """
SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND granted AND datname = current_database()
AND classid = {high} AND objid = {low} AND objsubid = 1)"""
"""A lock of 64 bits is shown in two halves (PostgreSQL, "pg_locks")."""


def is_locked(file: Path) -> bool:
    """Looked at by trying to share it, for an instant."""
    try:
        with file.open() as opened:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def try_files(url: str) -> None:
    """Raises what hinders this user."""
    if not is_sqlite(url):
        return
    for work in WORKS:
        file = sqlite_file(url).with_suffix(f".{work.name}")
        if file.exists():
            with lock_file(file):
                pass


@contextmanager
def lock_file(path: Path) -> Iterator[int]:
    """One that root has made, where somebody forgot `runuser`, is no hindrance: to lock it, it need
    only be read."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except PermissionError:
        file = os.open(path, os.O_RDONLY)
    try:
        yield file
    finally:
        os.close(file)


@asynccontextmanager
async def of_file(database: Path, work: Work, is_shared: bool) -> AsyncIterator[Turn]:
    way = fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX
    with lock_file(database.with_suffix(f".{work.name}")) as file:

        async def take() -> bool:
            try:
                fcntl.flock(file, way | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield Turn(take, work)


@asynccontextmanager
async def of_connection(engine: AsyncEngine, work: Work, is_shared: bool) -> AsyncIterator[Turn]:
    lock = HeldLock(engine, work.lock, is_shared)
    beating = asyncio.create_task(lock.beat())
    try:
        yield Turn(lock.take, work, is_meant=work is not POLLING)
    finally:
        await end(beating)
        await lock.let_go()


class HeldLock:
    def __init__(self, engine: AsyncEngine, number: int, is_shared: bool = False) -> None:
        self.engine, self.number, self.is_shared = engine, number, is_shared
        self.held: AsyncConnection | None = None
        self.using = asyncio.Lock()
        """The connection, on which one thing is said at a time."""

    async def take(self) -> bool:
        async with self.using:
            if not await self.is_held():
                self.held = await locked(self.engine, self.number, self.is_shared)
            return self.held is not None

    async def is_held(self) -> bool:
        if self.held is not None and not await lives(self.held):
            await self.let_go()
        return self.held is not None

    async def beat(self) -> None:
        """Whoever has the turn may have nothing to ask for long, as while Telegram is polled."""
        while True:
            await asyncio.sleep(BEAT)
            async with self.using:
                await self.is_held()

    async def let_go(self) -> None:
        held, self.held = self.held, None
        if held is not None:
            await let_go(held)


async def locked(engine: AsyncEngine, lock: int, is_shared: bool = False) -> AsyncConnection | None:
    asked = func.pg_try_advisory_lock_shared if is_shared else func.pg_try_advisory_lock
    connection = await engine.connect()
    try:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if await connection.scalar(select(asked(lock))):
            await connection.execute(text(MORTAL.format(seconds=SILENT)))
            return connection
    except BaseException:
        await let_go(connection)
        raise
    await connection.close()
    return None


MORTAL = """
SELECT set_config(name, '{seconds}s', false) FROM pg_settings WHERE name = 'idle_session_timeout'"""


async def lives(connection: AsyncConnection) -> bool:
    try:
        async with asyncio.timeout(HANGING):
            await connection.execute(text("SELECT 1"))
    except TROUBLE:
        return False
    return True


async def let_go(connection: AsyncConnection) -> None:
    """Not back into the pool: the lock ends with the connection. One that hangs is left to the
    system."""
    with suppress(*TROUBLE):
        async with asyncio.timeout(HANGING):
            await connection.invalidate()
            await connection.close()
