"""The database's tables brought up to date, by Alembic's migrations."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache, partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.config import BadSettings

MIGRATIONS = Path(__file__).parent.parent / "migrations"
LOCK = 5005


async def migrate(engine: AsyncEngine) -> None:
    """To the newest tables, all or nothing. Of two processes at once one waits for the other."""
    await refuse_newer(engine)
    await run(engine, partial(command.upgrade, revision="head"))


async def prepare(engine: AsyncEngine) -> None:
    """On SQLite the migrations run by themselves; beyond one machine somebody decides when."""
    if engine.dialect.name == "sqlite":
        await migrate(engine)
    else:
        await refuse_other(engine)


async def refuse_other(engine: AsyncEngine) -> None:
    """Tables that are not the newest, and those that are newer than that."""
    await refuse_newer(engine)
    if await pending(engine):
        raise BadSettings({"DATABASE_URL": "not_migrated"})


async def refuse_newer(engine: AsyncEngine) -> None:
    if await is_newer(engine):
        raise BadSettings({"DATABASE_URL": "newer"})


async def is_newer(engine: AsyncEngine) -> bool:
    """Whether the tables are those of a later bot, whose migrations this one does not have."""
    async with engine.connect() as connection:
        present = await connection.run_sync(present_revisions)
    return not present <= revisions()


def revisions() -> set[str]:
    """All that this bot knows."""
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return {script.revision for script in scripts}


async def pending(engine: AsyncEngine) -> bool:
    """Whether the tables are not the newest."""
    async with engine.connect() as connection:
        present = await connection.run_sync(present_revisions)
    return present != heads()


@cache
def heads() -> frozenset[str]:
    """The newest tables that this bot knows."""
    return frozenset(ScriptDirectory.from_config(alembic_config()).get_heads())


async def run(engine: AsyncEngine, step: Callable[[Config], None]) -> None:
    """One of Alembic's commands, in one transaction."""
    await run_alone(engine, lambda connection: step(alembic_config(connection)))


async def run_alone(engine: AsyncEngine, work: Callable[[Connection], None]) -> None:
    async with engine.connect() as connection, alone(connection):
        await connection.run_sync(work)
        await connection.commit()


@asynccontextmanager
async def alone(connection: AsyncConnection) -> AsyncIterator[None]:
    """Inside of a transaction that no other migration can be in."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        yield
        return
    # SQLite changes a table by building it anew, which rows that point to the old one forbid.
    await switch_foreign_keys(connection, "OFF")
    await connection.execution_options(write=True)
    await connection.begin()
    try:
        yield
    finally:
        await connection.rollback()
        await switch_foreign_keys(connection, "ON")


async def switch_foreign_keys(connection: AsyncConnection, switch: str) -> None:
    """SQLite heeds it outside of transactions only, so it goes past SQLAlchemy."""
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.execute(f"PRAGMA foreign_keys={switch}")


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def present_revisions(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())
