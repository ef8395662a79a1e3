"""SQLite's connections: each has a thread, and goes to it as seldom as it can.

To hand something to a thread and to take it back costs more than most queries. aiosqlite does so
for a new cursor, for its statement, its rows and its end; here a statement brings its rows along,
and a commit goes only where there is something to commit.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import aiosqlite

ALONG = 500
"""Rows that come with their statement; the others are brought when they are wanted."""
LAST = 2
"""Seconds that a connection may take to end, or to be given back by what was cancelled."""
PATIENCE = 10
"""Seconds that a writer waits for others."""
HINDERED = 0.1
"""Seconds that whoever empties the log waits for those who read, and all writers wait meanwhile."""
PRAGMAS = (
    *("foreign_keys=ON", "synchronous=NORMAL"),
    "secure_delete=ON",  # what is deleted is overwritten with zeros
)


class Cursor(aiosqlite.Cursor):
    rows: list[Any]
    """Brought, but not asked for yet."""
    is_open = False
    """Whether there may be more of them."""

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        begun = self._execute(self.begin, sql, parameters or ())  # type: ignore[no-untyped-call]
        self.rows = await begun
        return self

    def begin(self, sql: str, parameters: Any) -> list[Any]:
        """In the thread, as all that touches SQLite. What is closed keeps its description."""
        self._cursor = self._conn._conn.execute(sql, parameters)
        rows = self._cursor.fetchmany(ALONG)
        self.is_open = len(rows) == ALONG
        if not self.is_open:
            self._cursor.close()
        return rows

    async def fetchall(self) -> list[Any]:
        return self.taken() + (list(await super().fetchall()) if self.is_open else [])

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        size = size or self.arraysize
        some = self.taken(size)
        if len(some) < size and self.is_open:
            some += await super().fetchmany(size - len(some))
        return some

    async def fetchone(self) -> Any:
        return next(iter(await self.fetchmany(1)), None)

    def taken(self, size: int | None = None) -> list[Any]:
        some, self.rows = self.rows[:size], self.rows[size:] if size else []
        return some

    async def close(self) -> None:
        if self.is_open:
            await super().close()


class SeldomThere(aiosqlite.Connection):
    """Whoever was cancelled has left something in the thread: that may begin a transaction yet."""

    sent = done = 0
    """What went to the thread, as the loop counts it, and what it has done, as the thread does."""

    async def _execute(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        self.sent += 1
        return await super()._execute(self.counted, fn, *args, **kwargs)  # type: ignore[no-untyped-call]

    def counted(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return fn(*args, **kwargs)
        finally:
            self.done += 1

    @property
    def is_at_rest(self) -> bool:
        return self.sent == self.done and not self.in_transaction

    async def at_once(self, statements: Sequence[str], values: dict[str, Any]) -> None:
        """These as one transaction, in one go. Whoever is cancelled leaves it to be finished."""
        await self._execute(self.transact, statements, values)

    def transact(self, statements: Sequence[str], values: dict[str, Any]) -> None:
        self._conn.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                self._conn.execute(statement, values).close()
            self._conn.execute("COMMIT")
        except BaseException:
            self._conn.execute("ROLLBACK")
            raise

    async def emptied_log(self) -> None:
        """Into the file, unless somebody reads on: a backup does so for many seconds."""
        await self._execute(self.empty_log)

    def empty_log(self) -> None:
        self.wait_for_others(HINDERED)
        try:
            self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            self.wait_for_others(PATIENCE)

    def wait_for_others(self, seconds: float) -> None:
        self._conn.execute(f"PRAGMA busy_timeout={int(seconds * 1000)}").close()

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy wants no more of it
        return Cursor(self, self._conn.cursor())

    async def commit(self) -> None:
        if not self.is_at_rest:
            await super().commit()

    async def rollback(self) -> None:
        if not self.is_at_rest:
            await super().rollback()

    async def close(self) -> None:
        """SQLite goes on holding the lock of one that is closed with a statement still open."""
        with suppress(sqlite3.Error, ValueError):
            await super().rollback()
        await super().close()


def opened(file: Any, **options: Any) -> sqlite3.Connection:
    """In its thread. We say BEGIN ourselves (bot/db.py)."""
    connection: sqlite3.Connection = sqlite3.connect(
        file, timeout=PATIENCE, isolation_level=None, **options
    )
    try:
        keep_log(connection)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def keep_log(connection: sqlite3.Connection) -> None:
    """Of two that give a new file its log at once, SQLite refuses one without any patience."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


def connecting(file: Any, **options: Any) -> Coroutine[Any, Any, aiosqlite.Connection]:
    connection = SeldomThere(partial(opened, file, **options), iter_chunk_size=ALONG)
    connection._thread.daemon = True  # as SQLAlchemy has it where it connects by itself
    return connected(connection)


async def connected(connection: aiosqlite.Connection) -> aiosqlite.Connection:
    """Without one, its thread is waited for: it must not speak to an event loop that is gone."""
    opening = asyncio.ensure_future(connection)
    try:
        return await asyncio.shield(opening)
    except BaseException:
        with suppress(sqlite3.Error):
            await (await opening).close()
        await asyncio.to_thread(connection._thread.join, LAST)
        raise
