"""Everything in an SQLite file goes to another database; the file stays as it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.copying import Checksums, counted, names_in, numbers, read_all, tables_of
from bot.crypto import Vault
from bot.db import dispose, make_engine, make_sessions, snapshot
from bot.keeping.backup import Tell
from bot.keeping.filling import Rows, alone_with, fill
from bot.keeping.refused import Refused
from bot.keeping.restore import marks_of, present
from bot.migrate import present_revisions
from models import CampaignVersion

MAGIC = b"SQLite format 3\0"


async def move(source: Path, engine: AsyncEngine, vault: Vault, tell: Tell) -> Checksums:
    refuse_same(source, engine)
    async with opened(source) as own, alone_with(own), make_sessions(own)() as session:
        await snapshot(session)
        connection = await session.connection()
        rows = await rows_of(connection)
        await refuse_other_key(connection, vault, source)
        return await taken_in(engine, rows, tell)


async def taken_in(engine: AsyncEngine, rows: Rows, tell: Tell) -> Checksums:
    async with alone_with(engine) as lost:
        if not (await present(engine)).is_empty:
            raise Refused("not_empty")
        return await fill(engine, rows, tell, lost=lost)


def refuse_same(source: Path, engine: AsyncEngine) -> None:
    url = engine.url
    own = url.get_backend_name() == "sqlite" and Path(url.database or "")
    if own and own.resolve() == source.resolve():
        raise Refused("same_database")


@asynccontextmanager
async def opened(source: Path) -> AsyncIterator[AsyncEngine]:
    """One that is not there is not made."""
    with source.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise Refused("not_sqlite")
    url = make_url("sqlite+aiosqlite://").set(database=str(source))
    engine = make_engine(url.render_as_string())
    try:
        yield engine
    finally:
        await dispose(engine)


async def rows_of(connection: AsyncConnection) -> Rows:
    revision = await connection.run_sync(present_revisions)
    tables = await tables_of(connection, await connection.run_sync(names_in))
    if not revision or not tables:
        raise Refused("not_ours")
    counts, last = await counted(connection, tables), await numbers(connection, tables)
    return Rows(revision.pop(), counts, last, read_all(connection, tables))


async def refuse_other_key(connection: AsyncConnection, vault: Vault, source: Path) -> None:
    mark = await connection.scalar(select(CampaignVersion.key_mark))
    if mark is not None and mark not in marks_of(vault):
        file = source.with_suffix(".key")
        if file.exists():
            raise Refused("key_of_file", file=str(file))
        raise Refused("foreign_key")
