"""What needs a hand at the desk: what would lead people astray if nobody looks."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.services import address_reports, custody, docket, proposals, questions
from bot.services.lapsing import fundraisers, lapsing
from bot.services.rights import Action, may
from bot.services.standstill import stopped_since
from models import Hearing, HearingStatus, Member, Role

SOON = timedelta(days=3)
"""Before a hearing that nobody has confirmed."""


@dataclass(frozen=True, slots=True)
class Attention:
    """How many of each."""

    stopped: int
    """All sending, by an owner's word."""
    wrong: int
    """Addresses of which somebody says that they are wrong."""
    addresses: int
    """Of people held somewhere, to be confirmed."""
    soon: int
    """Hearings within days that nobody has confirmed."""
    unknown: int
    """Hearings that have been, and of which it is not known what came of them."""
    put_off: int
    """Hearings that were put off, without a next date."""
    routes: int
    """Ways to pay that lapse, or have lapsed."""
    proposals: int
    questions: int
    """From people, without an answer."""

    @property
    def total(self) -> int:
        return sum(getattr(self, one.name) for one in fields(self))


WHOSE = {
    "stopped": Action.DESK,
    "wrong": Action.CUSTODY,
    "addresses": Action.CUSTODY,
    "soon": Action.HEARINGS,
    "unknown": Action.HEARINGS,
    "put_off": Action.HEARINGS,
    "routes": Action.ROUTES,
    "proposals": Action.SECOND,
    "questions": Action.QUESTIONS,
}
"""Who may do something about it."""


def theirs(found: Attention, role: Role) -> Attention:
    """What this role can do something about."""
    others = {name: 0 for name, action in WHOSE.items() if not may(role, action)}
    return replace(found, **others)


EDITORS = 1
"""The number of the summary for them: they can do less."""


def told_to(summary: int) -> Role:
    return Role.EDITOR if summary == EDITORS else Role.COORDINATOR


async def attention(session: AsyncSession, now: datetime, person: int | None = None) -> Attention:
    """`now`: the organisers'. `person`: who looks; what they proposed waits for others."""
    open_ones = await proposals.open_ones(session, now)
    return Attention(
        stopped=int(await stopped_since(session) is not None),
        wrong=len({one.defendant.id for one in await address_reports.unsettled(session)}),
        addresses=await custody.how_many_to_confirm(session, now),
        soon=await how_many_are_near(session, now),
        unknown=await how_many(session, docket.is_unknown(now)),
        put_off=await how_many(session, docket.is_put_off(now)),
        routes=len(lapsing(await fundraisers(session), now)),
        proposals=sum(one.author_id != person for one in open_ones),
        questions=await questions.unanswered(session),
    )


async def how_many_are_near(session: AsyncSession, now: datetime) -> int:
    near = Hearing.starts_at > now, Hearing.starts_at <= now + SOON
    unsure = Hearing.status == HearingStatus.SCHEDULED, Hearing.confirmed_at.is_(None)
    return await how_many(session, (*near, *unsure))


async def how_many(session: AsyncSession, wanted: Sequence[docket.Condition]) -> int:
    return await session.scalar(select(func.count(Hearing.id)).where(*wanted)) or 0


# The daily summary, for those who want it.


async def wants_summary(session: AsyncSession, person: int) -> bool:
    query = select(Member.summary).where(Member.subscriber_id == person)
    return bool(await session.scalar(query))


async def set_summary(session: AsyncSession, person: int, wanted: bool) -> None:
    own = update(Member).where(Member.subscriber_id == person)
    async with writing(session):
        await session.execute(own.values(summary=wanted))
