"""Whether a letter reaches anybody now, before one is suggested."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.letters import Address, mailing, perhaps_reached, with_place
from models import Defendant

AT_A_TIME = 50


async def is_anybody_reached(
    session: AsyncSession, now: datetime, case: int = 0, defendant: int = 0
) -> bool:
    """This person, somebody of this case, or anybody; `mailing` has the last word."""
    query = (
        select(Defendant)
        .where(perhaps_reached(now))
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
