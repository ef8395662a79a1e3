"""Whether a letter reaches anybody now, before one is suggested."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.letters import HELD, KNOWN, Address, mailing, with_place
from models import Custody, Defendant

AT_A_TIME = 50


async def is_anybody_reached(
    session: AsyncSession, now: datetime, case: int = 0, defendant: int = 0
) -> bool:
    """This person, somebody of this case, or anybody; `mailing` has the last word."""
    query = (
        select(Defendant)
        .where(Defendant.status.in_(HELD))
        .where(Defendant.custody.any(Custody.confirmed_at >= now - KNOWN))
        .options(*with_place())
        .execution_options(yield_per=AT_A_TIME)
    )
    if defendant:
        query = query.where(Defendant.id == defendant)
    elif case:
        query = query.where(Defendant.case_id == case)
    async for person in await session.stream_scalars(query):
        if isinstance(mailing(person, now), Address):
            return True
    return False
