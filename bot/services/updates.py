"""Which updates have been handled, so that one delivered again does nothing twice.

Telegram keeps an unconfirmed update for 24 hours (Bot API, "Getting updates").
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import dropped, insert_new, writing
from models import HandledUpdate

KEPT = timedelta(days=2)
HOUR = timedelta(hours=1)
TABLE = cast(Table, HandledUpdate.__table__)


async def handled_among(session: AsyncSession, update_ids: Collection[int]) -> set[int]:
    query = select(HandledUpdate.update_id).where(HandledUpdate.update_id.in_(update_ids))
    return set(await session.scalars(query))


async def mark_handled(session: AsyncSession, update_ids: Collection[int], now: datetime) -> None:
    """To be called after the answer and before Telegram is told that they are done."""
    rows = [{"update_id": one, "handled_at": now} for one in update_ids]
    async with writing(session):
        await session.execute(insert_new(session, TABLE), rows)


async def drop_old(session: AsyncSession, now: datetime) -> int:
    """When some are an hour past their time: so a busy bot cleans once an hour."""
    oldest = await session.scalar(select(func.min(HandledUpdate.handled_at)))
    if oldest is not None and oldest < now - KEPT - HOUR:
        return await dropped(session, HandledUpdate, HandledUpdate.handled_at < now - KEPT)
    return 0
