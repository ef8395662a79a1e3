"""Notices as rows: each has a key that exists once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import insert_new
from models import Notice

Row = dict[str, Any]


async def next_batch(session: AsyncSession) -> int:
    return (await session.scalar(select(func.max(Notice.batch))) or 0) + 1


async def add(session: AsyncSession, rows: Sequence[Row]) -> list[Notice]:
    """Those that are there already were told."""
    if not rows:
        return []
    new = insert_new(session, Notice).returning(Notice)
    return list(await session.scalars(new, rows))


async def add_each(session: AsyncSession, rows: Sequence[Row]) -> list[Notice]:
    """Each in a batch of its own: a message tells of one event."""
    first = await next_batch(session) if rows else 0
    return await add(session, [row | {"batch": first + n} for n, row in enumerate(rows)])
