"""Deliveries as rows: what every statement about them is made of."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Table,
    any_,
    literal,
    literal_column,
)
from sqlalchemy.ext.asyncio import AsyncSession

from models import Delivery, State

CHUNK = 20_000
"""Rows that one transaction makes or moves: the others of SQLite wait for it."""
DELIVERIES = cast(Table, Delivery.__table__)


def is_in(state: State, table: Any = Delivery) -> ColumnElement[bool]:
    """A literal: an index of some states only is not used for a value that comes later."""
    return cast(ColumnElement[bool], table.state == literal_column(str(int(state))))


def is_postgresql(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def among(session: AsyncSession, column: Any, numbers: Iterable[int]) -> ColumnElement[bool]:
    """On PostgreSQL one statement for any number of numbers: it need not be prepared anew."""
    if is_postgresql(session):
        return cast(ColumnElement[bool], column == any_(literal(list(numbers), ARRAY(Integer))))
    return cast(ColumnElement[bool], column.in_(list(numbers)))
