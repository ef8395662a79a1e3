"""Lists that do not fit one screen."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: list[Item]
    number: int
    """From 0."""
    total: int
    """Of all items on all pages."""
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


async def page_of(session: AsyncSession, query: Select[Item], number: int, size: int) -> Page[Item]:
    """One page; a number past the end (the list became shorter) gives the last one. Where it ends
    there, which most lists do on their first page, nothing has to be counted."""
    items = await rows(session, query, number, size)
    if len(items) < size and (items or not number):
        return Page(items, number, number * size + len(items), size)
    counted = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = (await session.scalar(counted)) or 0
    if not items:
        number = last_at_most(number, total, size)
        items = await rows(session, query, number, size)
    return Page(items, number, total, size)


async def rows(session: AsyncSession, query: Select[Item], number: int, size: int) -> list[Item]:
    return list(await session.scalars(query.limit(size).offset(number * size)))


def sliced(items: list[Item], number: int, size: int) -> Page[Item]:
    """A page of a list that is there already; a number past the end gives the last one."""
    number = last_at_most(number, len(items), size)
    return Page(items[number * size :][:size], number, len(items), size)


def last_at_most(number: int, total: int, size: int) -> int:
    return min(number, max(0, (total - 1) // size))


async def count(session: AsyncSession, table: type[object]) -> int:
    return (await session.scalar(select(func.count()).select_from(table))) or 0
