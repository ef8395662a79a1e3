"""Rows for every table that there is, of every kind of value; also for tables yet to come."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Base
from models.base import Moment, Money

TEXT = "Ы“'\"\\\n🕊%"
FIRST = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)


def value(column: Column[Any], n: int) -> Any:
    """The n-th row refers to the n-th ones; every third one lacks what may be missing."""
    if column.nullable and n % 3 == 0:
        return None
    if column.foreign_keys:
        return n
    match column.type:
        case Moment():
            return FIRST + timedelta(days=n, microseconds=n)
        case Money():
            return Decimal(n) + Decimal("0.29")
        case Date():
            return date(2026, 11, 22) + timedelta(days=n)
        case Boolean():
            return n % 2 == 0
        case Integer():
            return n + 2**40 * (column.name == "message_id")
        case Float():
            return n + 0.1
        case LargeBinary():
            return bytes([n % 256, 0, 255]) * 3
        case JSON():
            return {"ru": f"{TEXT}{n}", "en": ["\x00", n, None, 0.1, {"b": 1, "a": True}]}
        case String(length=length):
            return f"{n}{TEXT}"[: length or 20]
    raise AssertionError(f"no value for {column}")


async def fill_tables(connection: AsyncConnection, rows: int) -> None:
    """Whatever was there is gone."""
    for table in reversed(Base.metadata.sorted_tables):
        await connection.execute(delete(table))
    for table in Base.metadata.sorted_tables:
        await connection.execute(insert(table), [row(table, n) for n in range(1, rows + 1)])


def row(table: Table, n: int) -> dict[str, Any]:
    return {column.name: value(column, n) for column in table.columns}
