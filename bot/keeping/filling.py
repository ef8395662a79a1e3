"""A database is filled with the rows of another one: all of them, or it stays as it was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from alembic import command
from sqlalchemy import Connection, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.copying import (
    Checksums,
    Part,
    checksums,
    emptied,
    go_on_from,
    names_in,
    numbers,
    tables_of,
    write,
)
from bot.keeping.backup import Tell
from bot.keeping.refused import Refused, refusing
from bot.migrate import alembic_config, alone, present_revisions, revisions
from bot.tasks import end
from bot.turn import POLLING, SENDING, SERVING, Turn, turn_of

KEPT = frozenset({"handled_updates"})
"""Not answered a second time, if Telegram delivers them again."""
Then = Callable[[AsyncConnection], Awaitable[None]]


@dataclass(frozen=True)
class Rows:
    """What a database is to be filled with."""

    revision: str
    """Of the tables that these are of."""
    counts: dict[str, int]
    numbers: dict[str, int]
    parts: AsyncIterator[Part]


async def fill(
    engine: AsyncEngine,
    rows: Rows,
    tell: Tell,
    then: Then | None = None,
    gap: int = 0,
    lost: asyncio.Event | None = None,
) -> Checksums:
    """In one transaction. Of what was there nothing stays but updates that have been answered.

    `gap`: so many numbers are passed over. `lost`: set, if somebody else works there now.
    """
    if rows.revision not in revisions():
        raise Refused("newer_backup")
    async with engine.connect() as connection, alone(connection):
        await be_quick(connection)
        given = await last_numbers(connection)
        await make_tables(connection, rows.revision, KEPT - rows.counts.keys())
        tables = await tables_of(connection, rows.counts)
        with refusing():
            sums = await put(connection, tables, rows, tell)
        await compare(connection, tables, sums)
        await connection.run_sync(to("head"))
        await go_on(connection, rows.numbers, given, gap)
        if then:
            await then(connection)
        if lost and lost.is_set():
            raise Refused("running")
        await connection.commit()
    return sums


async def be_quick(connection: AsyncConnection) -> None:
    """Whoever uses the tables just now is not waited for for ever."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL lock_timeout = '10s'"))


async def last_numbers(connection: AsyncConnection) -> dict[str, int]:
    names = await connection.run_sync(names_in)
    return await numbers(connection, await tables_of(connection, names))


async def make_tables(connection: AsyncConnection, revision: str, kept: Set[str]) -> None:
    """Empty, as that revision has them, but for those that are `kept` where they can be."""
    present = await connection.run_sync(present_revisions)
    names = await connection.run_sync(names_in) if present else set[str]()
    if present == {revision}:
        names -= kept
    await emptied(connection, await tables_of(connection, names))
    if present != {revision}:
        if present:
            await connection.run_sync(partial(downgrade, revision="base"))
        await connection.run_sync(to(revision))
    # What migrations put in is in the copy, too.
    made = await connection.run_sync(names_in) - kept
    await emptied(connection, await tables_of(connection, made))


def downgrade(connection: Connection, revision: str) -> None:
    command.downgrade(alembic_config(connection), revision)


def to(revision: str) -> Callable[[Connection], None]:
    return lambda connection: command.upgrade(alembic_config(connection), revision)


async def put(
    connection: AsyncConnection, tables: Sequence[Table], rows: Rows, tell: Tell
) -> Checksums:
    known, sums = {table.name: table for table in tables}, Checksums()
    total = sum(rows.counts.values())
    if known.keys() != rows.counts.keys():
        raise Refused("damaged")
    async for part in rows.parts:
        if part.table not in known:
            raise Refused("damaged")
        sums.add(part)
        await write(connection, known[part.table], part)
        tell(sums.rows, total)
    return sums


async def compare(
    connection: AsyncConnection, tables: Sequence[Table], expected: Checksums
) -> None:
    """What is there now, read back, and what was to be there."""
    found, wanted = (await checksums(connection, tables)).written(), expected.written()
    if found != wanted:
        every = found.keys() | wanted.keys()
        different = sorted(name for name in every if found.get(name) != wanted.get(name))
        raise Refused("differs", table=different[0])
    if connection.dialect.name == "sqlite":
        astray = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
        if astray is not None:
            raise Refused("unfit", table=astray[0])


async def go_on(
    connection: AsyncConnection, last: dict[str, int], given: dict[str, int], gap: int
) -> None:
    tables = await tables_of(connection, await connection.run_sync(names_in))
    beyond = {
        table.name: max(last.get(table.name, 0) + gap, given.get(table.name, 0))
        for table in tables
        if table.name in last or table.name in given
    }
    await go_on_from(connection, tables, beyond)


# Nobody else works there.


@asynccontextmanager
async def alone_with(engine: AsyncEngine) -> AsyncIterator[asyncio.Event]:
    """While no process of a bot works there; the event: that did not last."""
    lost = asyncio.Event()
    async with AsyncExitStack() as stack:
        turns = [await stack.enter_async_context(turn_of(engine, one)) for one in EVERY]
        for turn in turns:
            if not await turn.take():
                raise Refused("running")
        asking = asyncio.create_task(keep(turns, lost))
        try:
            yield lost
        finally:
            await end(asking)


EVERY = (SERVING, POLLING, SENDING)
"""An older bot, which may still run, knows nothing of the first one."""


async def keep(turns: Sequence[Turn], lost: asyncio.Event) -> None:
    while True:
        await asyncio.sleep(1)
        for turn in turns:
            if not await turn.take():
                lost.set()
