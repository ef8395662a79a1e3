"""Broadcasts whose moment has come, and what mends them, become notices.

The rows say what was decided; a tick makes what follows from it, so a kill loses nothing. What was
on its way when something was corrected or recalled is waited for: it carries the old words.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.delivery.notice_rows import Row, add
from bot.delivery.parcels import LEASE
from bot.delivery.rows import is_in
from bot.services import broadcasts, mending
from bot.services.mending import TO_BE_CORRECTED
from bot.services.planned import unsent
from bot.services.standstill import STANDS_STILL, stopped_since
from models import Broadcast, Delivery, Notice, State

SKEW = timedelta(seconds=5)
"""By so much the moment of a claim may be before it."""


async def due(session: AsyncSession, now: datetime) -> list[Notice]:
    made: list[Notice] = []
    for number in list(await session.scalars(select(Broadcast.id).where(*is_due(now)))):
        async with writing(session):
            made += await begun(session, number, now)
    for number in list(await session.scalars(select(Broadcast.id).where(*IS_TO_BE_MENDED))):
        if not await is_on_its_way(session, number):
            async with writing(session):
                made += await mended(session, number)
    return made


def is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    waits = Broadcast.due_at.is_not(None), Broadcast.notice_id.is_(None)
    return Broadcast.due_at <= now, *waits, ~STANDS_STILL


IS_TO_BE_MENDED = (
    Broadcast.notice_id.is_not(None),
    Broadcast.mending_id.is_(None),
    or_(and_(*TO_BE_CORRECTED, ~STANDS_STILL), Broadcast.recalled_at.is_not(None)),
)


async def begun(session: AsyncSession, number: int, now: datetime) -> list[Notice]:
    """Unless it is a draft again, or another process was quicker."""
    one = await broadcasts.locked(session, number)
    if one.due_at is None or one.due_at > now or one.notice_id is not None:
        return []
    if await stopped_since(session):  # since it was looked what is due
        return []
    if broadcasts.is_too_late(one, now):
        broadcasts.back_to_draft(one)
        key = f"broadcast:{one.id}:{one.edition}"
        return [await added(session, unsent("unsent", one.id, key, now))]
    made = await added(session, broadcasts.notice_row(one, now))
    one.notice_id = made.id
    return [made]


async def mended(session: AsyncSession, number: int) -> list[Notice]:
    one = await broadcasts.locked(session, number)
    asked = one.recalled_at or one.corrected_at
    if asked is None or one.mending_id is not None:
        return []
    if not one.recalled_at and await stopped_since(session):
        return []
    return [await mending.begin(session, one)]


async def added(session: AsyncSession, row: Row) -> Notice:
    made = await add(session, [row])
    found = made[0] if made else None
    return found or (await session.scalars(select(Notice).where(Notice.key == row["key"]))).one()


async def is_on_its_way(session: AsyncSession, number: int) -> bool:
    """With the old words: it was claimed before."""
    one = await broadcasts.broadcast(session, number)
    asked = one.recalled_at or one.corrected_at
    if asked is None:
        return False
    leased = is_in(State.LEASED), Delivery.notice_id == one.notice_id
    before = Delivery.leased_until <= asked + LEASE + SKEW
    return bool(await session.scalar(select(exists().where(*leased, before))))
