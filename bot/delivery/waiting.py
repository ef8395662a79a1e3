"""What waits is woken, leases that ran out are taken back, what was long ago is forgotten."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    delete,
    exists,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db import changed, writing
from bot.delivery.parcels import LEASE
from bot.delivery.rows import CHUNK, DELIVERIES, among, is_in
from models import Delivery, Hold, Notice, State
from models.base import Moment

KEPT = timedelta(days=30)
"""Sent messages can be corrected and recalled for so long."""
SKEW = timedelta(minutes=1)
"""By so much the clocks of two hosts may differ."""
LONGEST = timedelta(days=1)
"""That anything waits; what seems to wait for longer does so by a clock that was set back."""


async def is_over(session: AsyncSession, now: datetime) -> bool:
    """Whether something has waited long enough, or a lease ran out. In one query, every second."""
    return bool(await session.scalar(OVER, moments(now)))


async def wake(session: AsyncSession, now: datetime) -> int:
    """What waited for its time, or for its batch, is ready."""
    slept = select(Delivery.id).where(*SLEPT).order_by(Delivery.not_before).limit(CHUNK)
    some = (slept.params(moments(now)), whole_batches().limit(CHUNK))
    return await release(session) + sum(
        [await make_ready(session, list(await session.scalars(these))) for these in some]
    )


async def release(session: AsyncSession) -> int:
    """What was held of notices that go on; then nothing is."""
    made = 0
    for number in list(await session.scalars(select(Notice.id).where(*RELEASED))):
        held = select(Delivery.id).where(is_in(State.HELD), Delivery.notice_id == number)
        some = list(await session.scalars(held.limit(CHUNK)))
        made += await make_ready(session, some)
        if not some:
            async with writing(session):
                on = update(Notice).where(Notice.id == number, *RELEASED)
                await session.execute(on.values(hold=Hold.NONE))
    return made


RELEASED = (Notice.hold != literal_column("0"), Notice.hold == Hold.RELEASED)
"""The first of them as the index has it."""


def whole_batches() -> Select[int]:
    other = aliased(Notice)
    coming = exists().where(other.batch == Notice.batch, other.expanded_at.is_(None))
    return (
        select(Delivery.id)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(is_in(State.WAITING), Delivery.not_before.is_(None), ~coming)
    )


MOMENT = bindparam("now", type_=Moment)


def is_over_or_odd(until: Any, longest: str) -> ColumnElement[bool]:
    """What is longer than any can be was reckoned by a clock that has been set back."""
    return or_(until <= MOMENT, until > bindparam(longest, type_=Moment))


def moments(now: datetime) -> dict[str, datetime]:
    """Until when something may wait, or be leased."""
    return {"now": now, "day": now + LONGEST, "lease": now + LEASE + SKEW}


SLEPT = is_in(State.WAITING), is_over_or_odd(Delivery.not_before, "day")
LAPSED = is_in(State.LEASED), is_over_or_odd(Delivery.leased_until, "lease")
ANY_RELEASED = exists().where(*RELEASED)
OVER = select(
    or_(exists().where(*SLEPT), whole_batches().exists(), exists().where(*LAPSED), ANY_RELEASED)
)


async def reclaim(session: AsyncSession, now: datetime, held: Collection[int] = ()) -> int:
    """Leases that ran out, but for those that we hold: somebody's clock was moved.

    It may have gone out: nobody is left who could tell.
    """
    lapsed = select(Delivery.id).where(*LAPSED).limit(CHUNK + len(held)).params(moments(now))
    ids = [number for number in await session.scalars(lapsed) if number not in held]
    return await make_ready(session, ids, tried=1)


async def make_ready(session: AsyncSession, ids: Sequence[int], tried: int = 0) -> int:
    """Without a lock while there are none, as nearly always."""
    if not ids:
        return 0
    still = DELIVERIES.c.state.in_((State.LEASED, State.WAITING, State.HELD))
    rows = update(DELIVERIES).where(among(session, DELIVERIES.c.id, ids), still)
    async with writing(session):
        tries = DELIVERIES.c.tries + tried
        ready = rows.values(state=State.READY, not_before=None, leased_until=None, tries=tries)
        return await changed(session, ready)


async def drop_old(session: AsyncSession, now: datetime) -> int:
    """Some of the oldest, when nobody will correct or recall these messages any more.

    How many rows: none, when none is left. Deliveries come in the order of their notices, but for
    the urgent ones: once the oldest are new enough, all of the old notices are gone.
    """
    is_old = Notice.due_at < now - KEPT
    if not await session.scalar(select(exists().where(is_old))):
        return 0
    oldest = select(Delivery.id, Delivery.notice_id).order_by(Delivery.id).limit(CHUNK).subquery()
    some = select(oldest.c.id).where(oldest.c.notice_id.not_in(select(Notice.id).where(~is_old)))
    async with writing(session):
        gone = await changed(session, delete(Delivery).where(Delivery.id.in_(some)))
        return gone or await changed(session, delete(Notice).where(is_old))
