"""A notice becomes deliveries, one for everybody concerned, a chunk at a time."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import changed, writing
from bot.delivery.rows import CHUNK
from bot.services.audience import EVERYBODY, Things, bound, things_of, ways_of, window
from models import Hold, Notice, State


async def foremost(session: AsyncSession) -> Notice | None:
    """The most urgent notice that has not everybody yet. All that are there are due, also one that
    was made by a clock that has been set back."""
    open = select(Notice).where(Notice.expanded_at.is_(None), Notice.hold != Hold.PAUSED)
    found: Notice | None = await session.scalar(open.order_by(Notice.priority, Notice.id).limit(1))
    return found


async def expand(session: AsyncSession, notice: Notice, now: datetime) -> int:
    """The next chunk of deliveries. A kill in between loses nothing: it is begun again."""
    is_late, since = not notice.lasts(now), notice.cursor
    things: Things = {} if is_late else await things_of(session, notice)
    until = await window(session, notice, things, since, CHUNK) if things else EVERYBODY
    async with writing(session):
        made = 0
        if things:
            made = await add_chunk(session, notice, things, now, since, until)
        notice.cursor, notice.total = until, notice.total + made
        notice.expanded_at = now if until == EVERYBODY else None
    return made


ADD = """
INSERT INTO deliveries (notice_id, subscriber_id, follow_id, state, priority, tries)
SELECT :notice, subscriber_id, follow_id, :state, :priority, 0 FROM ({ways}) AS ways
ORDER BY subscriber_id, place, follow_id
ON CONFLICT (subscriber_id, notice_id) DO NOTHING"""
"""Of somebody's several ways the first row is the one that stays."""


async def add_chunk(
    session: AsyncSession, notice: Notice, things: Things, now: datetime, after: int, until: int
) -> int:
    """Of one batch nobody is told before all of it is known: it becomes one message."""
    state = State.READY if await is_alone(session, notice) else State.WAITING
    add = ADD.format(ways=ways_of(notice, things))
    new = bound(add, notice, things, now, after, until)
    values = {"notice": notice.id, "state": int(state), "priority": int(notice.priority)}
    return await changed(session, new.bindparams(**values))


async def is_alone(session: AsyncSession, notice: Notice) -> bool:
    """In its batch, as most are: a million rows need not wait for a second look."""
    others = exists().where(Notice.batch == notice.batch, Notice.id != notice.id)
    return notice.batch is None or not await session.scalar(select(others))
