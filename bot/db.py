"""Engine and sessions: the same for SQLite, which needs some care, and PostgreSQL."""

import asyncio
import errno
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg import PostgresError
from sqlalchemy import (
    AdaptedConnection,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    ForeignKeyConstraint,
    QueuePool,
    Table,
    TextClause,
    Update,
    delete,
    event,
    exists,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.schema import AddConstraint, DropConstraint

from bot.sqlite import LAST, SeldomThere, connecting

Sessions = async_sessionmaker[AsyncSession]
TROUBLE = (SQLAlchemyError, OSError, PostgresError, sqlite3.Error)
"""What a database that is away or full raises; the drivers' own errors come as they are."""
session_here: ContextVar[AsyncSession | None] = ContextVar("session_here", default=None)
"""The session of the update that is being handled."""

POOL = {"pool_size": 15, "max_overflow": 0, "pool_use_lifo": True}
"""Those above the size would be closed after each use, and to open one takes long."""


def make_engine(url: str) -> AsyncEngine:
    if not is_sqlite(url):
        outlasted = {"connection_class": Mortal}
        engine = create_async_engine(url, **POOL, pool_pre_ping=True, connect_args=outlasted)
        event.listen(engine.sync_engine, "connect", plan_each_time)
        return engine
    prepare_file(sqlite_file(url))
    engine = create_async_engine(url, **POOL, connect_args={"async_creator_fn": connecting})
    event.listen(engine.sync_engine, "begin", begin_sqlite)
    return engine


class Mortal(asyncpg.Connection):  # type: ignore[misc]  # it brings no types
    """To PostgreSQL. Where the network is cut, the system would wait a quarter of an hour for what
    was sent, and for ever for what is to come."""

    def __init__(self, protocol: Any, transport: asyncio.Transport, *more: Any) -> None:
        super().__init__(protocol, transport, *more)
        own = transport.get_extra_info("socket")
        if own.family in (socket.AF_INET, socket.AF_INET6):
            with socket.socket(fileno=os.dup(own.fileno())) as same:
                for level, option, value in CUT:
                    same.setsockopt(level, option, value)


CUT = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 20_000),  # milliseconds, and decides both
)
"""Of a connection from whose other end nothing is heard: it ends after twenty seconds (tcp(7))."""


def plan_each_time(connection: AdaptedConnection, _record: object) -> None:
    """PostgreSQL compiles what it takes for large, and of tables that nobody has analysed yet it
    takes each join for large: a hundred times as long as these short queries take. And what it
    planned for a table of two rows it would keep while a million are added to it."""
    settings = "SET jit = off; SET plan_cache_mode = force_custom_plan"
    connection.run_async(lambda driver: driver.execute(settings))


def prepare_file(file: Path) -> None:
    """A new one is nobody else's to read; SQLite gives its log the same mode.

    One that is there is not even opened: to close it would end this process's locks on it.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    refuse_others(file)
    with suppress(OSError):  # which SQLite will tell
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def refuse_others(file: Path) -> None:
    """What was made as root, say: SQLite would tell neither which file it means nor why."""
    needed = {file.parent: os.R_OK | os.W_OK | os.X_OK, file: os.R_OK | os.W_OK}
    for path, mode in needed.items():
        if os.path.exists(path) and not os.access(path, mode):
            is_fixed = os.statvfs(path).f_flag & os.ST_RDONLY
            number = errno.EROFS if is_fixed else errno.EACCES
            raise OSError(number, os.strerror(number), str(path))


async def dispose(engine: AsyncEngine) -> None:
    """What was cancelled may give its connection back only now, and then nobody would close it."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    with suppress(TimeoutError):
        async with asyncio.timeout(LAST):
            while pool.checkedout():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await engine.dispose()


def make_sessions(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False)


def is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_file(url: str) -> Path:
    return Path(make_url(url).database or "")


def begin_sqlite(connection: Connection) -> None:
    """A reader that turns writer midway fails at once if anybody wrote: writers begin as such.

    Single reads need no transaction, and to begin one takes as long as to read.
    """
    options = connection.get_execution_options()
    if options.get("write"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif options.get("snapshot"):
        connection.exec_driver_sql("BEGIN")


@asynccontextmanager
async def writing(session: AsyncSession) -> AsyncIterator[AsyncSession]:
    """One write transaction: committed at the end, rolled back by any error."""
    await session.commit()  # ends what was only read
    async with line(session):
        await session.connection(execution_options={"write": True})
        try:
            yield session
            await session.commit()
        except BaseException:
            await session.rollback()
            raise


async def at_once(
    session: AsyncSession, statements: Sequence[TextClause], values: dict[str, Any]
) -> None:
    """These as one write transaction. SQLite is given all of them in one go: for what is written
    many times a second that is less than half of the work."""
    if session.get_bind().dialect.name != "sqlite":
        async with writing(session):
            for statement in statements:
                await session.execute(statement, values)
        return
    await session.commit()
    async with line(session):
        texts = [statement.text for statement in statements]
        await (await raw(session)).at_once(texts, values)


async def raw(session: AsyncSession) -> SeldomThere:
    """The session's own connection to SQLite."""
    connection = await session.connection()
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, SeldomThere)
    return driver


lines: WeakKeyDictionary[object, asyncio.Lock] = WeakKeyDictionary()
"""By engine, those who want to write to SQLite."""


def line(session: AsyncSession) -> AbstractAsyncContextManager[None]:
    """In which nobody passes another by. SQLite has those who wait look again and again, up to a
    tenth of a second apart, and whoever writes one thing after another leaves them few moments."""
    bind = session.get_bind()
    if bind.dialect.name != "sqlite":
        return nullcontext()
    return lines.setdefault(bind, asyncio.Lock())


async def changed(session: AsyncSession, statement: Executable) -> int:
    """How many rows."""
    return cast(CursorResult[Any], await session.execute(statement)).rowcount


async def dropped(
    session: AsyncSession, table: type[DeclarativeBase], *which: ColumnElement[bool]
) -> int:
    """How many rows; without a lock while there are none, as nearly always."""
    if not await session.scalar(select(exists().where(*which))):
        return 0
    async with writing(session):
        return await changed(session, delete(table).where(*which))


async def let_go() -> None:
    """Of the connection, until the next query. What was written is committed already."""
    session = session_here.get()
    if session and session.in_transaction():
        await session.commit()


async def emptied(
    session: AsyncSession, tables: Sequence[Table], references: Sequence[ForeignKeyConstraint]
) -> None:
    """All rows of these tables, in a transaction of its own; `references` to them from other tables
    become unknown. Nobody is looked up: of 300,000 people that would take minutes."""
    unknown = [update(one.table).values({one.column_keys[0]: None}) for one in references]
    if session.get_bind().dialect.name == "sqlite":
        await emptied_sqlite(session, [*unknown, *map(delete, tables)])
        return
    for left in range(DEADLOCKS, -1, -1):
        try:
            async with writing(session):
                await truncated(session, tables, references, unknown)
            return
        except DBAPIError as error:
            if not left or getattr(error.orig, "sqlstate", "") != DEADLOCK:
                raise


DEADLOCK, DEADLOCKS = "40P01", 9
"""Of PostgreSQL: others read the same tables in another order; after a second one of both is
refused, and may try again."""


async def truncated(
    session: AsyncSession,
    tables: Sequence[Table],
    references: Sequence[ForeignKeyConstraint],
    unknown: Sequence[Update],
) -> None:
    names = [table.name for table in (*tables, *(key.table for key in references))]
    await session.execute(text(END_BACKUPS))
    await session.execute(text(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"))
    for statement in unknown:
        await session.execute(statement)
    for key in references:
        await session.execute(DropConstraint(key))
    await session.execute(text(f"TRUNCATE {', '.join(names[: len(tables)])}"))
    for key in references:
        await session.execute(AddConstraint(key))


BACKUP = "backup"
END_BACKUPS = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = '{BACKUP}'"""
"""It would hold the tables for minutes, and bring along whoever is to be gone."""


async def emptied_sqlite(session: AsyncSession, statements: Sequence[Executable]) -> None:
    """Whether keys are looked at can be told between two transactions alone."""
    await session.commit()
    async with line(session):
        connection = await session.connection()  # begins nothing by itself
        try:
            await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            for statement in statements:
                await connection.execute(statement)
            await connection.exec_driver_sql("COMMIT")
            await connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        except BaseException:  # closed, it forgets what it began, and is nobody else's as it is
            await connection.invalidate()
            raise
    await session.commit()


async def wiped(session: AsyncSession) -> None:
    """After a deletion: SQLite's log, which still has what was deleted, is emptied into the file.

    Whoever reads on just then holds it back; then it goes with a later one, or when the bot ends.
    """
    await session.commit()
    if session.get_bind().dialect.name == "sqlite":
        await (await raw(session)).emptied_log()
        await session.commit()


async def vacuumed(session: AsyncSession) -> None:
    """SQLite's file written anew: where its pages were split, they may still have what was moved
    before it was overwritten."""
    if session.get_bind().dialect.name != "sqlite":
        return
    await session.commit()
    async with line(session):
        connection = await session.connection()  # begins nothing by itself
        await connection.exec_driver_sql("VACUUM")
    await session.commit()


async def snapshot(session: AsyncSession) -> None:
    """From here to the session's end every query sees the same state of the database."""
    await session.commit()
    if session.get_bind().dialect.name == "sqlite":
        await session.connection(execution_options={"snapshot": True})
    else:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


async def blanked(session: AsyncSession, table: type[DeclarativeBase], column: str) -> None:
    """In a transaction of its own. PostgreSQL keeps what rows were before in the file of the table:
    it is written anew, without. SQLite overwrites it (`secure_delete`)."""
    async with writing(session):
        if session.get_bind().dialect.name == "sqlite":
            await session.execute(update(table).values({column: None}))
            return
        anew = f"ALTER TABLE {table.__tablename__} ALTER COLUMN {column} TYPE bytea USING NULL"
        await session.execute(text(anew))


def insert_new(session: AsyncSession, table: type[DeclarativeBase] | Table, *unique: str) -> Any:
    """An INSERT that passes over rows that are there already; `unique`: by these columns.

    On PostgreSQL to look at one index takes half as long as to look at all of them.
    """
    dialect = sqlite_dialect if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table).on_conflict_do_nothing(index_elements=unique or None)
