"""What the bot stands on, its database and its Redis, may be away for a while: it is waited for.

The update that needs it keeps its place in its person's line and stays unconfirmed; nobody is told
an error that will pass by itself, and nobody has to ask again.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

import structlog
from aiogram.utils.backoff import Backoff, BackoffConfig
from asyncpg import PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.db import TROUBLE, Sessions

T = TypeVar("T")
BACKOFF = BackoffConfig(min_delay=0.2, max_delay=5, factor=1.5, jitter=0.1)
TRIES = 15
"""So often is repeated what fails while the database answers; about a minute."""
# Connection; resources such as disk and memory; shut down or starting; locks; read-only.
POSTGRES = ("08", "53", "57P", "40", "55P03", "25006")
SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
FULL = ("SQLITE_FULL", "53100")
"""SQLite's and PostgreSQL's names for a disk that is full."""
Hear = Callable[[str, bool, bool, BaseException | None], None]
"""What is away or back, whether it was and is, and why."""
hearer: ContextVar[Hear | None] = ContextVar("hearer", default=None)
"""Of this assembly, for whatever it starts."""
log = structlog.get_logger()


@dataclass
class Support:
    """`away` is told in the log when it begins and when it ends, not at every try."""

    name: str
    is_trouble: Callable[[BaseException], bool]
    answers: Callable[[], Awaitable[bool]] | None = None
    """Where given: what fails though this is true fails by its own fault in the end."""
    away: bool = False

    async def outlast(self, work: Callable[[], Awaitable[T]]) -> T:
        """The work's result, as soon as the support is there; `work` is repeated as a whole."""
        backoff, tries = Backoff(BACKOFF), 0
        while True:
            try:
                result = await work()
            except Exception as error:
                if not self.is_trouble(error):
                    raise
                tries += await self.is_to_blame()
                if tries >= TRIES:
                    raise
                self.told(away=True, error=error)
            else:
                self.told(away=False)
                return result
            await backoff.asleep()

    async def is_to_blame(self) -> bool:
        """Whether the work itself is, for the support answers."""
        return self.answers is not None and await self.answers()

    def told(self, *, away: bool, error: Exception | None = None) -> None:
        if away and not self.away:
            log.error(f"waiting for {self.name}", reason=type(error).__name__)
        elif self.away and not away:
            log.warning(f"{self.name} is back")
        if (away or self.away) and (hear := hearer.get()):
            hear(self.name, self.away, away, error)
        self.away = away


def database(sessions: Sessions) -> Support:
    async def answers() -> bool:
        try:
            async with sessions() as session:
                await session.execute(text("SELECT 1"))
        except TROUBLE:
            return False
        return True

    return Support("the database", database_trouble, answers)


def is_any_trouble(error: BaseException) -> bool:
    """Also what does not pass by itself: for what has to be repeated until it is done."""
    return isinstance(error, TROUBLE)


def database_trouble(error: BaseException) -> bool:
    """Away, full, locked, read-only; not: a query that is wrong."""
    if isinstance(error, PoolTimeout) or is_network(error):
        return True
    if isinstance(error, DBAPIError):
        cause = error.orig
        lost = error.connection_invalidated
        return lost or (cause is not None and database_trouble(cause.__cause__ or cause))
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in SQLITE
    return isinstance(error, PostgresError) and str(error.sqlstate or "08").startswith(POSTGRES)


def named(error: BaseException) -> str:
    """What the database calls it: "SQLITE_BUSY", "53100"."""
    cause = getattr(error, "orig", None) or error
    return str(getattr(cause, "sqlite_errorname", "") or getattr(cause, "sqlstate", ""))


def is_full(error: BaseException) -> bool:
    return named(error).startswith(FULL)


def is_network(error: BaseException) -> bool:
    """Not: a file of our own that is not there."""
    return isinstance(error, OSError) and error.filename is None
