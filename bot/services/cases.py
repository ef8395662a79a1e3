"""Cases: the directory and the card."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any, Literal

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from bot.services.campaign import as_of
from bot.services.errors import NotFound, sluglike
from bot.services.facts import Facts
from bot.services.hearings import coming, nearest
from bot.services.pages import Page, page_of
from models import Case, Custody, Defendant, Hearing, Stage, TimelineEntry

PAGE = 7


@dataclass(frozen=True, slots=True)
class CaseCard:
    as_of: date | None
    case: Case
    next_hearing: Hearing | None


@dataclass(frozen=True, slots=True)
class CaseFacts:
    case: Case
    hearings: list[Hearing]
    """Those that come, the nearest first."""


async def directory(session: AsyncSession, stage: Stage | Literal[""], page: int) -> Page[Case]:
    """Cases of one stage, or of all ("")."""
    query = select(Case).options(selectinload(Case.defendants)).order_by(Case.id)
    if stage:
        query = query.where(Case.stage == stage)
    return await page_of(session, query, page, PAGE)


async def stages(session: AsyncSession) -> list[tuple[Stage, int]]:
    """How many cases stand at each stage, in the order a case goes through them."""
    rows = await session.execute(select(Case.stage, func.count()).group_by(Case.stage))
    counts: dict[str, int] = {stage: number for stage, number in rows}
    return [(stage, counts[stage]) for stage in Stage if stage in counts]


async def card(facts: Facts, case_id: int, now: datetime) -> CaseCard:
    return await card_by(facts, Case.id, case_id, now)


async def card_of(facts: Facts, slug: str, now: datetime) -> CaseCard:
    return await card_by(facts, Case.slug, sluglike(slug), now)


async def card_by(
    facts: Facts, key: InstrumentedAttribute[Any], wanted: int | str, now: datetime
) -> CaseCard:
    known = await facts.read(("case", wanted), partial(load, whole(key), wanted, now))
    return CaseCard(await as_of(facts), known.case, nearest(known.hearings, now))


async def load(
    query: Select[Case], wanted: int | str, now: datetime, session: AsyncSession
) -> CaseFacts:
    """In three queries, whatever the size of the campaign."""
    case = (await session.scalars(query, {"wanted": wanted})).unique().one_or_none()
    if case is None:
        raise NotFound
    return CaseFacts(case, await coming(session, case.id, now))


@cache
def whole(key: InstrumentedAttribute[Any]) -> Select[Case]:
    """Made once, for to make it takes longer than to ask it."""
    people = joinedload(Case.defendants).joinedload(Defendant.custody)
    return (
        select(Case)
        .where(key == bindparam("wanted"))
        .options(
            people.joinedload(Custody.facility),
            selectinload(Case.timeline).joinedload(TimelineEntry.court),
        )
    )
