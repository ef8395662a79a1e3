"""Migrations lead to exactly the tables of the models, forth and back, on both databases."""

import asyncio
import os
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, delete, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db import Sessions, writing
from bot.delivery.notices import tick
from bot.migrate import MIGRATIONS, migrate, pending, run
from bot.services.event_news import EventFacts
from models import (
    Base,
    Case,
    Defendant,
    Delivery,
    Follow,
    Fundraiser,
    HandledUpdate,
    Organisation,
    Subscriber,
    Told,
)
from tests.town import KEY, NOW, TOKEN, Town

down = partial(command.downgrade, revision="base")


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def test_the_tables_are_those_of_the_models(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(tables) == {*Base.metadata.tables, "alembic_version"}


async def test_down_and_up_again(engine: AsyncEngine) -> None:
    await run(engine, down)
    async with engine.connect() as connection:
        assert await connection.run_sync(tables) == {"alembic_version"}
    await migrate(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_difference_would_be_seen(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE cases DROP COLUMN volumes"))
        await connection.execute(text("DROP INDEX ix_cases_stage"))
        found = await connection.run_sync(differences)
    assert {difference[0] for difference in found} == {"add_column", "add_index"}


async def test_pending(engine: AsyncEngine) -> None:
    assert not await pending(engine)
    await migrate(engine)
    assert not await pending(engine)
    await run(engine, down)
    assert await pending(engine)


async def test_two_processes_may_migrate_at_once(engine: AsyncEngine, database_url: str) -> None:
    await run(engine, down)
    program = (
        "import asyncio, sys; from bot.db import make_engine; from bot.migrate import migrate\n"
        "asyncio.run(migrate(make_engine(sys.argv[1])))"
    )
    both = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, database_url), cwd=MIGRATIONS.parent
        )
        for _ in range(2)
    ]
    assert [await process.wait() for process in both] == [0, 0]
    assert not await pending(engine)


async def count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text(f"SELECT count(*) FROM {table}")))


async def typed(database_url: str, *words: str) -> None:
    settings = {"DATABASE_URL": database_url, "BOT_TOKEN": TOKEN, "DATA_KEY": KEY}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "alembic", *words),
        cwd=MIGRATIONS.parent,
        env={**os.environ, **settings},
    )
    assert await process.wait() == 0


async def test_alembic_in_a_shell_takes_nothing_of_anybody(
    harbour: Town, engine: AsyncEngine, database_url: str
) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await anna.press_data("come:1:0:0:0:0:0:1")
    await harbour.halt()
    for words in (("downgrade", "0005"), ("upgrade", "head")):
        await typed(database_url, *words)
        assert await pending(engine) is (words[0] == "downgrade")
        for table in ("subscribers", "follows", "attendances"):
            assert await count(engine, table) == 1
    async with engine.connect() as connection:  # what was said before is of the day that it is
        said = text("SELECT occasion FROM attendances")
        assert await connection.scalar(said) == "2026-11-25 1"


async def test_a_failed_migration_leaves_everything_as_it_was(engine: AsyncEngine) -> None:
    def fail(config: object) -> None:
        command.downgrade(config, "base")  # type: ignore[arg-type]
        raise LookupError

    with pytest.raises(LookupError):
        await run(engine, fail)
    assert not await pending(engine)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.either_database
async def test_events_from_before_there_were_seats_are_known_as_they_are(harbour: Town) -> None:
    """Or nobody would be told of the first change of one."""
    of_events = select(Told.thing_id, Told.version, Told.facts).where(Told.subject == "event")
    async with harbour.app.sessions() as session:
        await tick(session, NOW)
        known = [read(*row) for row in await session.execute(of_events)]
        await session.execute(delete(Told).where(Told.subject == "event"))
        await session.commit()
    await run(harbour.app.engine, partial(command.downgrade, revision="0012"))
    await migrate(harbour.app.engine)
    async with harbour.app.sessions() as session:
        assert [read(*row) for row in await session.execute(of_events)] == known != []


def read(number: int, version: int, facts: dict[str, Any]) -> tuple[int, int, EventFacts]:
    """What came to the facts later has a default."""
    return number, version, EventFacts(**facts)


async def test_keys_are_guarded_after_a_migration(engine: AsyncEngine, sessions: Sessions) -> None:
    await migrate(engine)
    async with sessions() as session:
        session.add(Defendant(slug="a", case_id=7, position=0, name={}, status="", version=0))
        with pytest.raises(IntegrityError):
            await session.commit()


async def test_values_come_back_as_they_were(sessions: Sessions) -> None:
    moment = datetime(2026, 12, 1, 10, 0, 0, 123456, tzinfo=ZoneInfo("Asia/Yekaterinburg"))
    texts = {"ru": "Дело", "en": "Case", "de": "Sache 😀"}
    update = 2**62
    async with sessions() as session, writing(session):
        session.add(Case(slug="c", title=texts, also=None, stage="trial", version=1))
        session.add(HandledUpdate(update_id=update, handled_at=moment))
        session.add(
            Fundraiser(slug="f", title=texts, purpose="fine", goal=Decimal("9" * 12 + ".99"))
        )
        session.add(
            Organisation(
                slug="o",
                name=texts,
                languages=["ru", "en"],
                timezone="UTC",
                as_of=date(2024, 2, 29),
            )
        )
    async with sessions() as session:
        case = await session.get_one(Case, 1)
        assert list(case.title.items()) == list(texts.items())
        assert (await session.get_one(Organisation, 1)).as_of == date(2024, 2, 29)
        assert (await session.get_one(Fundraiser, 1)).goal == Decimal("9" * 12 + ".99")
        handled = (await session.get_one(HandledUpdate, update)).handled_at
        assert (handled, handled.tzinfo) == (moment, UTC)
        missing = await session.scalar(text("SELECT count(*) FROM cases WHERE also IS NULL"))
        assert missing == 1


@pytest.mark.parametrize("table", [Follow, Delivery])
async def test_the_number_of_what_is_gone_is_not_given_again(
    sessions: Sessions, table: type[Follow | Delivery]
) -> None:
    who = Subscriber(chat_index=b"1", chat_sealed=b"1", created_at=NOW, seen_on=NOW)
    async with sessions() as session, writing(session):
        session.add(who)
    numbers = list[int]()
    for _ in range(2):
        rows = {
            Follow: Follow(subscriber_id=who.id, subject="case", thing_id=1, created_at=NOW),
            Delivery: Delivery(notice_id=1, subscriber_id=who.id, priority=1),
        }
        async with sessions() as session:
            async with writing(session):
                session.add(rows[table])
            numbers.append(rows[table].id)
            async with writing(session):
                await session.delete(rows[table])
    assert numbers[1] > numbers[0]
