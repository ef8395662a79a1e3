"""Databases to test in: made once a process and campaign, given to each test as they were made."""

import asyncio
import shutil
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from benchmarks.server import connected, tell_server, url_of
from bot.db import dispose, make_engine, make_sessions
from bot.delivery import notices
from bot.migrate import migrate
from bot.services import campaign_file
from models import Base
from tests import IN_CI
from tests.town import EXAMPLES, NOW, VAULT

TABLES = [*(table.name for table in Base.metadata.sorted_tables), "alembic_version"]
"""Whatever a row needs comes before it."""
SHAPE = """
SELECT string_agg(format('%s %s %s', oid, relname, relnatts), ',' ORDER BY oid)
  || (SELECT count(*) FROM pg_attribute WHERE attisdropped)
FROM pg_class WHERE relnamespace = 'public'::regnamespace"""
"""Another one as soon as a table, a column or an index is changed or made anew."""
SEQUENCES = """
SELECT format('SELECT setval(%L, %s, %L);', sequencename, coalesce(last_value, 1),
              last_value IS NOT NULL)
FROM pg_sequences WHERE schemaname = 'public'"""
LET_GO = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""
"""Also of the locks that a test's sessions may have left; waits up to ten seconds."""


def at_once(work: Coroutine[Any, Any, None]) -> None:
    """Like asyncio.run, and leaves the current event loop alone."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(work)


async def migrated(url: str, campaign: str | None = None) -> None:
    engine = make_engine(url)
    await migrate(engine)
    if campaign:
        async with make_sessions(engine)() as session:
            data = (EXAMPLES / campaign).read_bytes()
            await campaign_file.import_file(
                session, data, name="town.yaml", now=NOW, mark=VAULT.mark_of
            )
            await notices.tick(session, NOW)  # a bot has seen it: what changes now is news
    await dispose(engine)


@dataclass
class OnServer:
    """A database of PostgreSQL, with a copy of its first rows beside them.

    To put the rows back takes a tenth of the time of making a database, or of copying one.
    """

    campaign: str | None
    name: str = field(default_factory=lambda: f"test_{uuid4().hex}")
    shape: str = ""
    restore: str = ""

    async def make(self) -> None:
        await tell_server(f"CREATE DATABASE {self.name}")
        await migrated(url_of(self.name), self.campaign)
        async with connected(self.name) as connection:
            await connection.execute("CREATE SCHEMA kept")
            await connection.execute(each("CREATE TABLE kept.{0} AS TABLE {0};"))
            sequences = [row[0] for row in await connection.fetch(SEQUENCES)]
            self.shape = await connection.fetchval(SHAPE)
        self.restore = (
            each("DELETE FROM {0};", TABLES[::-1])
            + each("INSERT INTO {0} SELECT * FROM kept.{0};")
            + "".join(sequences)
        )

    async def drop(self) -> None:
        await tell_server(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    async def make_as_new(self) -> None:
        async with connected(self.name) as connection:
            await connection.execute(LET_GO)
            if await connection.fetchval(SHAPE) == self.shape:
                await connection.execute(self.restore)
                return
        await self.drop()
        await self.make()


def each(statement: str, tables: list[str] = TABLES) -> str:
    return "".join(statement.format(table) for table in tables)


@dataclass
class Databases:
    folder: Path
    on_server: dict[str | None, OnServer] = field(default_factory=dict)

    def sqlite(self, campaign: str | None = None) -> Path:
        """A file to be copied."""
        file = self.folder / f"{campaign}.db"
        if not file.exists():
            at_once(migrated(f"sqlite+aiosqlite:///{file}", campaign))
        return file

    def postgres(self, campaign: str | None = None) -> str:
        """Its address."""
        if campaign in self.on_server:
            at_once(self.on_server[campaign].make_as_new())
        else:
            self.on_server[campaign] = made = OnServer(campaign)
            reach_server(made.make())
        return url_of(self.on_server[campaign].name)

    def fresh(self, kind: str, file: Path, campaign: str | None = None) -> str:
        """Its address: of a copy in this file, or, if the kind is "postgresql", on the server."""
        if kind == "postgresql":
            return self.postgres(campaign)
        shutil.copy(self.sqlite(campaign), file)
        for rest in file.parent.glob(f"{file.name}-*"):
            rest.unlink()
        return f"sqlite+aiosqlite:///{file}"

    def drop(self) -> None:
        for one in self.on_server.values():
            at_once(one.drop())


def reach_server(work: Coroutine[Any, Any, None]) -> None:
    try:
        at_once(work)
    except (OSError, asyncpg.PostgresError) as error:
        say = pytest.fail if IN_CI else pytest.skip
        say(f"no PostgreSQL at TEST_POSTGRES: {error}")
