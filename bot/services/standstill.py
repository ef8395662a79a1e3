"""Whether nothing is sent, because an owner said so."""

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import insert_new
from models import Standstill

ONE = 1
STANDS_STILL = exists().where(Standstill.id == ONE)


async def stopped_since(session: AsyncSession) -> datetime | None:
    """Nothing: messages go out."""
    return await session.scalar(select(Standstill.since).where(Standstill.id == ONE))


async def begin(session: AsyncSession, now: datetime) -> bool:
    """Inside of `writing`. Whether messages went out until now."""
    row = insert_new(session, Standstill, "id").values(id=ONE, since=now)
    return await session.scalar(row.returning(Standstill.id)) is not None


async def end(session: AsyncSession) -> bool:
    """Inside of `writing`. Whether nothing was sent until now."""
    gone = delete(Standstill).returning(Standstill.id)
    return await session.scalar(gone) is not None
