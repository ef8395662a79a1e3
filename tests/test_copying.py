"""Rows go from one database to another and stay what they are, whichever these are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import copying
from bot.copying import (
    Checksum,
    Part,
    Unfit,
    checksums,
    go_on_from,
    names_in,
    numbers,
    read,
    tables_of,
    write,
)
from bot.db import dispose, make_engine
from bot.keeping.filling import Rows, fill
from bot.keeping.move import rows_of
from bot.keeping.refused import Refused
from models import Base, Case, Dialog, Follow
from tests.databases import Databases
from tests.rows import fill_tables

EACH_WAY = [(one, other) for one in ("sqlite", "postgresql") for other in ("sqlite", "postgresql")]


def silent(_done: int, _total: int) -> None: ...


@pytest.fixture
def other_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> str:
    """A second, empty database: SQLite, or on the server, where the first one then is none."""
    return databases.fresh(request.param, tmp_path / "other.db")


@pytest.fixture
async def other(other_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(other_url)
    yield engine
    await dispose(engine)


async def all_tables(connection: AsyncConnection) -> list[Table]:
    return await tables_of(connection, await connection.run_sync(names_in))


async def contents(engine: AsyncEngine) -> dict[str, list[object]]:
    """As the models read them, in the order of the keys."""
    async with engine.connect() as connection:
        return {
            table.name: list(
                (await connection.execute(select(table).order_by(*table.primary_key))).all()
            )
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize(
    ("database_url", "other_url"),
    [pair for pair in EACH_WAY if pair != ("postgresql", "postgresql")],
    indirect=True,
)
async def test_every_row_of_every_table_arrives_as_it_was(
    engine: AsyncEngine, other: AsyncEngine
) -> None:
    async with engine.begin() as connection:
        await fill_tables(connection, 25)
    async with engine.connect() as connection:
        rows = await rows_of(connection)
        there = await checksums(connection, await all_tables(connection))
        copied = await fill(other, rows, silent)
    assert await contents(other) == await contents(engine)
    assert copied.written() == there.written()
    assert copied.rows == 25 * len(Base.metadata.tables)
    async with other.connect() as connection:
        arrived = await checksums(connection, await all_tables(connection))
    assert arrived.written() == there.written()


async def test_a_table_is_read_in_windows(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "CHUNK", 4)
    async with engine.begin() as connection:
        await fill_tables(connection, 10)
    async with engine.connect() as connection:
        for table in await all_tables(connection):
            parts = [part async for part in read(connection, table)]
            assert [len(part.rows) for part in parts] == [4, 4, 2], table.name
            rows = [tuple(map(str, row)) for part in parts for row in part.rows]
            assert len(set(rows)) == 10


TITLE = select(Case.title).where(Case.id == 2)


async def test_another_order_of_languages_is_another_row(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await fill_tables(connection, 3)
        tables = await all_tables(connection)
        before = (await checksums(connection, tables)).written()
        turned = dict(reversed((await connection.scalar(TITLE)).items()))
        await connection.execute(update(Case).where(Case.id == 2).values(title=turned))
        after = (await checksums(connection, tables)).written()
    assert list(turned) == ["en", "ru"]
    assert {name for name in before if before[name] != after[name]} == {"cases"}


@given(st.permutations([f"row {n}" for n in range(6)]), st.sampled_from(range(6)))
def test_a_checksum_does_not_know_the_order(lines: list[str], left_out: int) -> None:
    one, same, less = Checksum(), Checksum(), Checksum()
    for line in sorted(lines):
        one.add(line)
    for place, line in enumerate(lines):
        same.add(line)
        less.add("row 6" if place == left_out else line)
    assert one.written() == same.written()
    assert one.written() != less.written()


async def test_numbers_go_on_where_they_were(engine: AsyncEngine) -> None:
    """Also those of rows that are gone."""
    async with engine.begin() as connection:
        await fill_tables(connection, 5)
        tables = await all_tables(connection)
        await connection.execute(delete(Follow.__table__).where(Follow.id > 2))
        await go_on_from(connection, tables, {"follows": 40})
        last = await numbers(connection, tables)
        assert (last["follows"], last["subscribers"]) == (40, 5)
        values = {"subscriber_id": 1, "subject": "x", "thing_id": 99, "muted": False}
        made = await connection.execute(
            insert(Follow).values(created_at=text("'2026-11-22 12:00'"), **values)
        )
        assert made.inserted_primary_key == (41,)


@pytest.mark.parametrize("other_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("what", ["x" * 101, "nul\x00"])
async def test_what_postgresql_does_not_take_is_told_and_leaves_it_as_it_was(
    engine: AsyncEngine, other: AsyncEngine, what: str
) -> None:
    async with engine.begin() as connection:
        await fill_tables(connection, 2)
    before = await contents(engine)
    async with other.begin() as connection:
        await fill_tables(connection, 3)
        await connection.execute(update(Dialog).where(Dialog.key.like("1%")).values(key=what))
    async with other.connect() as connection:
        with pytest.raises(Refused, match="unfit") as refused:
            await fill(engine, await rows_of(connection), silent)
    assert refused.value.details == {"table": "dialogs"}
    assert await contents(engine) == before


async def test_a_row_that_refers_to_nothing_is_told(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await fill_tables(connection, 2)
    before = await contents(engine)

    async def without_people(parts: AsyncIterator[Part]) -> AsyncIterator[Part]:
        async for part in parts:
            if part.table != "subscribers":
                yield part

    with pytest.raises(Refused, match="unfit"):
        await fill(engine, await kept_rows(engine, without_people), silent)
    assert await contents(engine) == before


async def kept_rows(engine: AsyncEngine, changed: object) -> Rows:
    """Of this database, in memory."""
    async with engine.connect() as connection:
        rows = await rows_of(connection)
        parts = [part async for part in changed(rows.parts)]  # type: ignore[operator]
    return Rows(rows.revision, rows.counts, rows.numbers, listed(parts))


async def listed(parts: list[Part]) -> AsyncIterator[Part]:
    for part in parts:
        yield part


async def test_what_was_written_is_read_back_before_it_counts(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that keeps something else than it was given."""
    async with engine.begin() as connection:
        await fill_tables(connection, 2)
    before = await contents(engine)

    async def same(parts: AsyncIterator[Part]) -> AsyncIterator[Part]:
        async for part in parts:
            yield part

    async def wrong(connection: AsyncConnection, table: Table, part: Part) -> None:
        await write(connection, table, part)
        if table.name == "cases":
            await connection.execute(update(Case).where(Case.id == 1).values(slug="other"))

    monkeypatch.setattr("bot.keeping.filling.write", wrong)
    with pytest.raises(Refused, match="differs") as refused:
        await fill(engine, await kept_rows(engine, same), silent)
    assert refused.value.details == {"table": "cases"}
    assert await contents(engine) == before


@pytest.mark.parametrize(
    "part",
    [
        Part("dialogs", ["at", "key", "sealed"], [["2026-11-22T12:00:00+00:00", "a"]]),
        Part("dialogs", ["at", "key"], [["2026-11-22T12:00:00+00:00", "a"]]),
        Part("dialogs", ["at", "key", "sealed"], [["yesterday", "a", ""]]),
        Part("dialogs", ["at", "key", "sealed"], [["2026-11-22T12:00:00+00:00", "a", "***"]]),
        Part("dialogs", ["at", "key", "sealed"], [[1, "a", ""]]),
    ],
)
@pytest.mark.either_database
async def test_rows_of_another_shape_are_refused(engine: AsyncEngine, part: Part) -> None:
    async with engine.begin() as connection:
        [table] = await tables_of(connection, ["dialogs"])
        with pytest.raises(Unfit):
            await write(connection, table, part)


@pytest.mark.either_database
async def test_others_tables_are_left_alone(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE somebodys (id integer PRIMARY KEY)"))
        await connection.execute(text("INSERT INTO somebodys VALUES (1)"))
        await fill_tables(connection, 2)

    async def same(parts: AsyncIterator[Part]) -> AsyncIterator[Part]:
        async for part in parts:
            yield part

    await fill(engine, await kept_rows(engine, same), silent)
    async with engine.begin() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM somebodys")) == 1
        await connection.execute(text("DROP TABLE somebodys"))


def test_no_table_refers_to_itself() -> None:
    """Its rows would have to come in an order that their keys do not tell."""
    tables = Base.metadata.sorted_tables
    places = {table.name: place for place, table in enumerate(tables)}
    for table in tables:
        for key in table.foreign_keys:
            assert places[key.column.table.name] < places[table.name]
