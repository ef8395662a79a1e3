"""What comes next of all that people are told of in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from models import Hearing, HearingStatus

LEADS = (
    timedelta(days=7),
    timedelta(days=3),
    timedelta(days=1),
    timedelta(hours=3),
    timedelta(hours=1),
)
"""How long before a hearing people are reminded of it."""


@dataclass(frozen=True, slots=True)
class Due:
    at: datetime
    lead: timedelta
    """Nothing: the hearing begins."""
    hearing: Hearing


async def next_due(session: AsyncSession, now: datetime) -> Due | None:
    """A hearing's start, or a lead time before one, whichever is the first after `now`."""
    found = [await first(session, now, lead) for lead in (*LEADS, timedelta())]
    return min((due for due in found if due), key=lambda due: due.at, default=None)


async def first(session: AsyncSession, now: datetime, lead: timedelta) -> Due | None:
    query = (
        select(Hearing)
        .where(Hearing.starts_at > now + lead, Hearing.status == HearingStatus.SCHEDULED)
        .order_by(Hearing.starts_at, Hearing.id)
        .limit(1)
        .options(joinedload(Hearing.case), joinedload(Hearing.court))
    )
    hearing = await session.scalar(query)
    return Due(hearing.starts_at - lead, lead, hearing) if hearing else None
