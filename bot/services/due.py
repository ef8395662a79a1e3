"""What followers will be told next: for whoever can move the clock there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.services import event_news, seats
from bot.services.audience import audience
from bot.services.events import Occurrence
from models import (
    LEADS,
    USUAL_LEADS,
    Delivery,
    Hearing,
    HearingStatus,
    Kind,
    Notice,
    Priority,
    Seat,
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
    """Minutes before the hearing or event; 0: it begins, or of an event: it is over."""
    told: int = 0
    """People and groups that get a message then."""
    event: Occurrence | None = None


async def next_due(session: AsyncSession, now: datetime) -> Due | None:
    """What people get next; as long as nobody is to get anything, what they would get."""
    hearings = await coming(session, now)
    new = await untold(session, ahead(hearings, now))
    found = [
        await put_off(session, now),
        await first_wanted(session, new),
        await first_at_event(session, now),
    ]
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


async def first_at_event(session: AsyncSession, now: datetime) -> Due | None:
    """Reminders of those who come, and the question how many letters they wrote."""
    seated = await seats.occurrences(session, await seats.occupied(session))
    told = select(Notice.thing_id, Notice.lead, Notice.expires_at)
    rows = await session.execute(told.where(Notice.kind == Kind.EVENT_SOON))
    made = {(event, lead, until) for event, lead, until in rows}
    coming = [
        due
        for one in seated
        for due in moments(one)
        if due.at > now and (one.event.id, due.lead, one.starts_at) not in made
    ]
    first = earliest(coming)
    if first is None or first.event is None:
        return None
    who = Seat.event_id == first.event.event.id, Seat.day == first.event.day, ~Seat.is_waiting
    number = await session.scalar(select(func.count()).where(*who))
    return replace(first, told=number or 0)


def moments(one: Occurrence) -> Iterator[Due]:
    if not one.is_off:
        for lead in event_news.leads(one.event):
            yield Due(one.starts_at - timedelta(minutes=lead), None, lead, event=one)
    if event_news.is_to_be_counted(one, one.ends_at):
        yield Due(one.ends_at, None, event=one)


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
