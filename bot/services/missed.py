"""What somebody missed while no message reached them: told when they are back, if it still holds.

They had blocked the bot, had never opened a chat with it, or are a group that threw it out.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.services.audience import audience
from bot.services.follows import Target, hearings_of
from models import (
    Attendance,
    Defendant,
    Delivery,
    Follow,
    Hearing,
    Kind,
    Notice,
    State,
    Subject,
    Subscriber,
)

MOST = 300
"""Notices that are looked at, the newest; reminders last."""


async def welcome_back(session: AsyncSession, whom: ColumnElement[bool], now: datetime) -> None:
    """From now on messages reach them. What came twice is told once."""
    async with writing(session):
        away = select(Subscriber).where(whom, Subscriber.blocked_on.is_not(None))
        person = await session.scalar(away.with_for_update())
        if person is None or person.blocked_on is None:
            return
        since, person.blocked_on = person.blocked_on, None
        await session.flush()
        for notice in await candidates(session, person.id, since, now):
            reached = await audience(session, notice, now, person.id - 1, person.id)
            row = (await session.execute(reached)).one_or_none()
            if row is not None:
                await put_in_line(session, notice, person.id, row.follow_id)


async def candidates(
    session: AsyncSession, person: int, since: datetime, now: datetime
) -> list[Notice]:
    """The oldest first. Whom each of them concerns is for `audience` to say."""
    mine = Delivery.subscriber_id == person, Delivery.state == State.BLOCKED
    in_vain = Notice.id.in_(select(Delivery.notice_id).where(*mine))
    is_new = and_(Notice.due_at >= since, await perhaps(session, person))
    query = select(Notice).where(Notice.expires_at > now, or_(in_vain, is_new))
    newest = query.order_by(Notice.kind == Kind.REMINDER, Notice.id.desc()).limit(MOST)
    return sorted(await session.scalars(newest), key=lambda notice: notice.id)


async def perhaps(session: AsyncSession, person: int) -> ColumnElement[bool]:
    """Of something that they follow, or come to, or did before it was of another case."""
    follows = select(Follow.subject, Follow.thing_id).where(Follow.subscriber_id == person)
    targets = [Target(Subject(of), thing) for of, thing in await session.execute(follows)]
    of_hearings = select(Hearing.id).where(or_(False, *map(hearings_of, targets)))
    comes = select(Attendance.hearing_id).where(Attendance.subscriber_id == person)
    people = [one.thing_id for one in targets if one.subject == Subject.DEFENDANT]
    cases = [one.thing_id for one in targets if one.subject == Subject.CASE]
    theirs = select(Defendant.case_id).where(Defendant.id.in_(people))
    was_of = Notice.before["case"].as_integer()
    return or_(
        and_(Notice.subject == "hearing", Notice.thing_id.in_(of_hearings.union(comes))),
        and_(Notice.before.is_not(None), or_(was_of.in_(cases), was_of.in_(theirs))),
        Notice.subject != "hearing",
    )


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
    elif found.state == State.BLOCKED:
        found.state, found.not_before, found.follow_id = State.WAITING, None, follow
        notice.blocked = Notice.blocked - 1
