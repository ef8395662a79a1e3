"""Which updates have been handled, so that one delivered again does nothing twice.

Telegram keeps an unconfirmed update for 24 hours (Bot API, "Getting updates").
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Delete, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import insert_new, writing
from models import HandledUpdate

KEPT = timedelta(days=2)
CLEANED = 1000
"""Every so many updates the old ones go."""


async def handled_among(session: AsyncSession, update_ids: Collection[int]) -> set[int]:
    query = select(HandledUpdate.update_id).where(HandledUpdate.update_id.in_(update_ids))
    return set(await session.scalars(query))


async def mark_handled(session: AsyncSession, update_ids: Collection[int], now: datetime) -> None:
    """To be called after the answer and before Telegram is told that they are done."""
    rows = [{"update_id": one, "handled_at": now} for one in update_ids]
    async with writing(session):
        await session.execute(insert_new(session, HandledUpdate).values(rows))
        if any(one % CLEANED == 0 for one in update_ids):
            await session.execute(old(now))


async def drop_old(session: AsyncSession, now: datetime) -> None:
    async with writing(session):
        await session.execute(old(now))


def old(now: datetime) -> Delete:
    return delete(HandledUpdate).where(HandledUpdate.handled_at < now - KEPT)
