"""Which updates have been handled, so that one delivered again does nothing twice.

Telegram keeps an unconfirmed update for 24 hours (Bot API, "Getting updates").
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from models import HandledUpdate

KEPT = timedelta(days=2)


async def is_handled(session: AsyncSession, update_id: int) -> bool:
    query = select(HandledUpdate.update_id).where(HandledUpdate.update_id == update_id)
    return await session.scalar(query) is not None


async def mark_handled(session: AsyncSession, update_id: int, now: datetime) -> None:
    async with writing(session):
        session.add(HandledUpdate(update_id=update_id, handled_at=now))


async def drop_old(session: AsyncSession, now: datetime) -> None:
    async with writing(session):
        await session.execute(delete(HandledUpdate).where(HandledUpdate.handled_at < now - KEPT))
