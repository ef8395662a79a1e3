"""What somebody missed while no message reached them: told when they are back, if it still holds.

They had blocked the bot, had never opened a chat with it, or are a group that threw it out.
"""

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.audience import audience
from models import Delivery, Notice, State

MOST = 300
"""Notices that are looked at, the newest."""
IN_VAIN = {State.BLOCKED: Notice.blocked, State.DROPPED: Notice.dropped}


async def make_up(session: AsyncSession, subscriber: int, since: datetime, now: datetime) -> None:
    """Inside of `writing`, when messages reach them again. What came twice is told once."""
    for notice in await notices_since(session, since, now):
        reached = await audience(session, notice, now, subscriber - 1, subscriber)
        row = (await session.execute(reached)).one_or_none()
        if row is not None:
            await put_in_line(session, notice, subscriber, row.follow_id)


async def notices_since(session: AsyncSession, since: datetime, now: datetime) -> list[Notice]:
    """The oldest first."""
    newest = select(Notice).where(Notice.due_at >= since, Notice.expires_at > now)
    return list(await session.scalars(newest.order_by(Notice.id.desc()).limit(MOST)))[::-1]


async def put_in_line(
    session: AsyncSession, notice: Notice, subscriber: int, follow: int | None
) -> None:
    """It waits until its whole batch is there. What was made for them before came to nothing."""
    its = select(Delivery).where(Delivery.notice_id == notice.id)
    found = await session.scalar(its.where(Delivery.subscriber_id == subscriber))
    if found is None:
        row = {"notice_id": notice.id, "subscriber_id": subscriber, "follow_id": follow}
        waiting = {"state": State.WAITING, "priority": notice.priority, "tries": 0}
        await session.execute(insert(Delivery).values(**row, **waiting))
        notice.total = Notice.total + 1
    elif counted := IN_VAIN.get(State(found.state)):
        found.state, found.not_before, found.follow_id = State.WAITING, None, follow
        setattr(notice, counted.key, counted - 1)
