"""Who may accept a proposal is asked to, and its author is told what came of it."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.delivery.notice_rows import Row, add_each
from bot.services import proposals
from models import Kind, Notice, Priority, Proposal, ProposalState

STILL_NEWS = timedelta(days=7)
UNTOLD = or_(Proposal.told.is_(None), Proposal.told != Proposal.state)


async def due(session: AsyncSession, now: datetime) -> list[Notice]:
    late = proposals.OPEN & (Proposal.expires_at <= now)
    if await session.scalar(select(Proposal.id).where(UNTOLD | late).limit(1)) is None:
        return []
    async with writing(session):
        await proposals.lapse(session, now)
        untold = (await session.scalars(select(Proposal).where(UNTOLD))).all()
        await session.execute(update(Proposal).where(UNTOLD).values(told=Proposal.state))
        rows = [row(one, now) for one in untold if one.state != ProposalState.WITHDRAWN]
        return await add_each(session, rows)


def row(one: Proposal, now: datetime) -> Row:
    is_open = one.state == ProposalState.OPEN
    kind = Kind.PROPOSED if is_open else Kind.SETTLED
    until = one.expires_at if is_open else now + STILL_NEWS
    about = {"kind": kind, "subject": "proposal" if is_open else "settled", "thing_id": one.id}
    when = {"due_at": now, "expires_at": until, "expanded_at": None}
    same = {"lead": None, "before": None, "priority": Priority.REPLY}
    return {"key": f"{kind}:proposal:{one.id}:0", **about, **same, **when}
