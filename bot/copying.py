"""All rows of all tables as plain values, the same from SQLite and from PostgreSQL.

Tables are taken as the database itself describes them, not as the models do: so those of an older
bot can be filled before they are brought up to date.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Base

CHUNK = 2000
"""Rows at a time: no more of a table is ever in memory."""
OURS = frozenset(Base.metadata.tables)
"""A table that goes some day stays here, for older ones have it."""
Convert = Callable[[Any], Any]
to_line = json.JSONEncoder(separators=(",", ":")).encode


class Unfit(Exception):
    """Rows that this table does not take."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class Unreadable(Exception):
    """Values of this table that no bot has written."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a table; a value stands where its column does."""

    table: str
    columns: list[str]
    rows: list[list[Any]]


@dataclass(slots=True)
class Checksum:
    """Of rows in any order: two databases put the same ones in different places."""

    rows: int = 0
    sum: int = 0

    def add(self, line: str) -> None:
        self.rows += 1
        digest = int.from_bytes(sha256(line.encode()).digest(), "big")
        self.sum = (self.sum + digest) % 2**256

    def written(self) -> list[Any]:
        return [self.rows, f"{self.sum:064x}"]


@dataclass(slots=True)
class Checksums:
    by_table: dict[str, Checksum] = field(default_factory=dict)

    def add(self, part: Part) -> list[str]:
        """The rows as lines."""
        lines = [to_line(row) for row in part.rows]
        own = self.by_table.setdefault(part.table, Checksum())
        for line in lines:
            own.add(line)
        return lines

    def written(self) -> dict[str, list[Any]]:
        """Without empty tables: a table that is not there is no difference."""
        return {name: one.written() for name, one in sorted(self.by_table.items()) if one.rows}

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.by_table.values())


# Tables.


def names_in(connection: Connection) -> set[str]:
    """Others may share the database; their tables are none of ours."""
    return set(inspect(connection).get_table_names()) & OURS


async def tables_of(connection: AsyncConnection, names: Collection[str]) -> list[Table]:
    """Those of them that are there; whatever a row needs comes before it."""

    def reflected(connection: Connection) -> list[Table]:
        metadata = MetaData()
        metadata.reflect(connection, only=sorted(names_in(connection) & set(names)))
        return metadata.sorted_tables

    tables = await connection.run_sync(reflected)
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type = JSON(none_as_null=True)
    return tables


def columns_of(table: Table) -> list[Column[Any]]:
    """In an order of its own: a table that was built anew has them in another one."""
    return sorted(table.columns, key=lambda column: column.name)


async def counted(connection: AsyncConnection, tables: Iterable[Table]) -> dict[str, int]:
    found = {}
    for table in tables:
        query = select(func.count()).select_from(table)
        found[table.name] = int((await connection.execute(query)).scalar_one())
    return found


# Values. What JSON has no word for is a text.


def plain(column: Column[Any]) -> Convert | None:
    if isinstance(column.type, DateTime):
        return in_utc
    if isinstance(column.type, Date):
        return date.isoformat
    if isinstance(column.type, LargeBinary):
        return lambda value: b64encode(value).decode()
    return None


def in_utc(moment: datetime) -> str:
    """SQLite forgets zones."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat()


def proper(column: Column[Any]) -> Convert | None:
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat
    if isinstance(column.type, Date):
        return date.fromisoformat
    if isinstance(column.type, LargeBinary):
        return lambda value: b64decode(value, validate=True)
    return None


def converted(
    columns: Sequence[Column[Any]], how: Callable[[Column[Any]], Convert | None], rows: Any
) -> list[list[Any]]:
    made = [list(row) for row in rows]
    for place, convert in enumerate(map(how, columns)):
        if convert is not None:
            for row in made:
                if row[place] is not None:
                    row[place] = convert(row[place])
    return made


# Rows.


async def read(connection: AsyncConnection, table: Table) -> AsyncIterator[Part]:
    columns, keys = columns_of(table), list(table.primary_key)
    names = [column.name for column in columns]
    places = [names.index(key.name) for key in keys]
    query = select(*columns).order_by(*keys).limit(CHUNK)
    window = query
    while True:
        with readable(table):
            rows = (await connection.execute(window)).all()
            part = Part(table.name, names, converted(columns, plain, rows))
        if not rows:
            return
        yield part
        last = [literal(rows[-1][place], key.type) for place, key in zip(places, keys, strict=True)]
        window = query.where(tuple_(*keys) > tuple_(*last) if keys[1:] else keys[0] > last[0])


@contextmanager
def readable(table: Table) -> Iterator[None]:
    """A disk that fails changes a byte of a date, say, and SQLite does not look."""
    try:
        yield
    except (TypeError, ValueError):
        raise Unreadable(table.name) from None


async def read_all(connection: AsyncConnection, tables: Iterable[Table]) -> AsyncIterator[Part]:
    for table in tables:
        async for part in read(connection, table):
            yield part


async def checksums(connection: AsyncConnection, tables: Iterable[Table]) -> Checksums:
    found = Checksums()
    async for part in read_all(connection, tables):
        found.add(part)
    return found


async def write(connection: AsyncConnection, table: Table, part: Part) -> None:
    columns = columns_of(table)
    names = [column.name for column in columns]
    if names != part.columns or any(len(row) != len(names) for row in part.rows):
        raise Unfit(table.name)
    try:
        rows = converted(columns, proper, part.rows)
    except (TypeError, ValueError):
        raise Unfit(table.name) from None
    values = [dict(zip(names, row, strict=True)) for row in rows]
    try:
        await connection.execute(insert(table), values)
    except DBAPIError as error:
        if is_about_values(error):
            raise Unfit(table.name) from None
        raise


def is_about_values(error: DBAPIError) -> bool:
    """Too long, of another kind, not there, or with a NUL: SQLite takes all of that."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    name = str(getattr(error.orig, "sqlite_errorname", None) or "")
    return state[:2] in {"22", "23"} or name.startswith(("SQLITE_CONSTRAINT", "SQLITE_MISMATCH"))


async def emptied(connection: AsyncConnection, tables: Sequence[Table]) -> None:
    """Inside of a transaction that takes it back if need be."""
    if not tables:
        return
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in tables)
        await connection.execute(text(f"TRUNCATE {names}"))
        return
    for table in reversed(tables):
        await connection.execute(delete(table))


# Numbers that were given last. Rows that are gone had some, too.


async def numbers(connection: AsyncConnection, tables: Iterable[Table]) -> dict[str, int]:
    if connection.dialect.name == "sqlite":
        is_any = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
        if await connection.scalar(is_any) is None:
            return {}
        rows = (await connection.execute(text("SELECT name, seq FROM sqlite_sequence"))).all()
        there = {table.name for table in tables}
        return {name: last for name, last in rows if name in there}
    found = {}
    for table, sequence in (await sequences(connection, tables)).items():
        last = text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")
        found[table] = int((await connection.execute(last)).scalar_one())
    return found


async def sequences(connection: AsyncConnection, tables: Iterable[Table]) -> dict[str, str]:
    """Of PostgreSQL."""
    query = text("SELECT pg_get_serial_sequence(:table, :key)")
    found = {}
    for table in tables:
        key = {"table": table.name, "key": next(iter(table.primary_key)).name}
        if sequence := await connection.scalar(query, key):
            found[table.name] = str(sequence)
    return found


async def go_on_from(
    connection: AsyncConnection, tables: Sequence[Table], last: dict[str, int]
) -> None:
    """No number that was given is given again."""
    if connection.dialect.name == "sqlite":
        own = text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
        counting = set((await connection.scalars(own)).all())
        given = {table.name: "" for table in tables if table.name in counting}
    else:
        given = await sequences(connection, tables)
    for table in tables:
        if table.name in given:
            highest = select(func.max(next(iter(table.primary_key))))
            largest = (await connection.scalar(highest)) or 0
            if number := max(last.get(table.name, 0), largest):
                await set_number(connection, table.name, given[table.name], number)


async def set_number(connection: AsyncConnection, table: str, sequence: str, number: int) -> None:
    values = {"table": table, "sequence": sequence, "number": number}
    if connection.dialect.name == "postgresql":
        await connection.execute(
            text("SELECT setval(CAST(:sequence AS regclass), :number)"),
            {"sequence": sequence, "number": number},
        )
        return
    await connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), values)
    await connection.execute(text("INSERT INTO sqlite_sequence VALUES (:table, :number)"), values)
