"""What followers will be told next: for whoever can move the clock there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.services.audience import audience
from models import (
    LEADS,
    USUAL_LEADS,
    Delivery,
    Hearing,
    HearingStatus,
    Kind,
    Notice,
    Priority,
    State,
)

NEAREST = 50
"""Hearings looked at: nobody waits for later ones."""


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    hearing: Hearing | None
    """Nothing: what was put off, for the night perhaps, is sent."""
    lead: int = 0
    """Minutes before the hearing; 0: it begins."""
    told: int = 0
    """People and groups that get a message then."""


async def next_due(session: AsyncSession, now: datetime) -> Due | None:
    """What people get next; as long as nobody is to get anything, what they would get."""
    hearings = await coming(session, now)
    new = await untold(session, ahead(hearings, now))
    found = [await put_off(session, now), await first_wanted(session, new)]
    return earliest([due for due in found if due]) or earliest([*usual(new), *starts(hearings)])


def earliest(found: Sequence[Due]) -> Due | None:
    return min(found, key=lambda due: due.at, default=None)


async def coming(session: AsyncSession, now: datetime) -> Sequence[Hearing]:
    query = (
        select(Hearing)
        .where(Hearing.starts_at > now, Hearing.status == HearingStatus.SCHEDULED)
        .order_by(Hearing.starts_at, Hearing.id)
        .limit(NEAREST)
        .options(joinedload(Hearing.case), joinedload(Hearing.court))
    )
    return (await session.scalars(query)).all()


def ahead(hearings: Sequence[Hearing], now: datetime) -> Iterator[Due]:
    """Lead times that come."""
    for hearing in hearings:
        for lead in LEADS:
            at = hearing.starts_at - timedelta(minutes=lead)
            if at > now:
                yield Due(at, hearing, lead)


async def untold(session: AsyncSession, found: Iterator[Due]) -> list[Due]:
    """The first ones first. Who sets a clock back is not reminded again."""
    dues, told = list(found), defaultdict[int, list[Notice]](list)
    numbers = {due.hearing.id for due in dues if due.hearing}
    query = select(Notice).where(Notice.subject == "hearing", Notice.thing_id.in_(numbers))
    for notice in await session.scalars(query):
        told[notice.thing_id].append(notice)
    new = [due for due in dues if due.hearing and not needless(due, told[due.hearing.id])]
    return sorted(new, key=lambda due: due.at)


def needless(due: Due, told: Sequence[Notice]) -> bool:
    """As `lacking` (delivery/notices.py) has it: it was told."""
    assert due.hearing
    return any(
        notice.lead == due.lead and notice.expires_at == due.hearing.starts_at for notice in told
    )


def reminder_of(due: Due) -> Notice:
    """As the tick of that moment will make it."""
    assert due.hearing
    return Notice(
        key=f"reminder:{due.hearing.id}:{due.hearing.revision}:{due.lead}",
        kind=Kind.REMINDER,
        subject="hearing",
        thing_id=due.hearing.id,
        lead=due.lead,
        priority=Priority.REMINDER,
        expires_at=due.hearing.starts_at,
    )


async def first_wanted(session: AsyncSession, found: Sequence[Due]) -> Due | None:
    for due in found:
        reached = await audience(session, reminder_of(due), due.at)
        if told := await session.scalar(select(func.count()).select_from(reached.subquery())):
            return Due(due.at, due.hearing, due.lead, told)
    return None


async def put_off(session: AsyncSession, now: datetime) -> Due | None:
    waiting = Delivery.state == State.WAITING, Delivery.not_before > now
    at = await session.scalar(select(func.min(Delivery.not_before)).where(*waiting))
    if at is None:
        return None
    then = select(func.count(Delivery.subscriber_id.distinct())).where(
        Delivery.state == State.WAITING, Delivery.not_before <= at
    )
    return Due(at, None, told=await session.scalar(then) or 0)


def usual(found: Sequence[Due]) -> list[Due]:
    """By the lead times that everybody has at first."""
    return [due for due in found if LEADS[due.lead] & USUAL_LEADS]


def starts(hearings: Sequence[Hearing]) -> list[Due]:
    return [Due(hearing.starts_at, hearing) for hearing in hearings]
