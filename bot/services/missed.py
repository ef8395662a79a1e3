"""What somebody missed while no message reached them: told when they are back, if it still holds.

They had blocked the bot, had never opened a chat with it, or are a group that threw it out.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import insert_new, writing
from bot.services.audience import audience
from bot.services.follows import known_to
from models import (
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
        missed = await candidates(session, person.id, since, now)
        made = await made_for(session, person.id, missed)
        for notice in missed:
            reached = await audience(session, notice, now, person.id - 1, person.id)
            row = (await session.execute(reached)).one_or_none()
            if row is not None:
                await put_in_line(session, notice, made.get(notice.id), person.id, row.follow_id)


async def candidates(
    session: AsyncSession, person: int, since: datetime, now: datetime
) -> list[Notice]:
    """The oldest first. Whom each of them concerns is for `audience` to say."""
    mine = Delivery.subscriber_id == person, Delivery.state == State.BLOCKED
    in_vain = Notice.id.in_(select(Delivery.notice_id).where(*mine))
    is_new = and_(Notice.due_at >= since, perhaps(person))
    query = select(Notice).where(Notice.expires_at > now, or_(in_vain, is_new))
    newest = query.order_by(Notice.kind == Kind.REMINDER, Notice.id.desc()).limit(MOST)
    return sorted(await session.scalars(newest), key=lambda notice: notice.id)


def perhaps(person: int) -> ColumnElement[bool]:
    """Of a hearing that concerns them, or did before it was of another case."""
    theirs = Follow.subscriber_id == person
    cases = select(Follow.thing_id).where(theirs, Follow.subject == Subject.CASE)
    people = select(Follow.thing_id).where(theirs, Follow.subject == Subject.DEFENDANT)
    of_people = select(Defendant.case_id).where(Defendant.id.in_(people))
    was_of = Notice.before["case"].as_integer()
    return or_(
        Notice.subject != "hearing",
        Notice.thing_id.in_(select(Hearing.id).where(or_(*known_to(person)))),
        and_(Notice.before.is_not(None), or_(was_of.in_(cases), was_of.in_(of_people))),
    )


async def made_for(
    session: AsyncSession, person: int, notices: Sequence[Notice]
) -> dict[int, Delivery]:
    """By notice, what there is for them already."""
    ids = [notice.id for notice in notices]
    theirs = select(Delivery).where(Delivery.subscriber_id == person, Delivery.notice_id.in_(ids))
    return {one.notice_id: one for one in await session.scalars(theirs)}


async def put_in_line(
    session: AsyncSession,
    notice: Notice,
    made: Delivery | None,
    subscriber: int,
    follow: int | None,
) -> None:
    """It waits until its whole batch is there. What was made for them before came to nothing."""
    if made is None:
        row = {"notice_id": notice.id, "subscriber_id": subscriber, "follow_id": follow}
        waiting = {"state": State.WAITING, "priority": notice.priority, "tries": 0}
        new = insert_new(session, Delivery, "subscriber_id", "notice_id").values(**row, **waiting)
        is_new = await session.scalar(new.returning(Delivery.id)) is not None
        notice.total = Notice.total + int(is_new)
    elif made.state == State.BLOCKED:
        made.state, made.not_before, made.follow_id = State.WAITING, None, follow
        notice.blocked = Notice.blocked - 1
