"""Cases: the directory and the card."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

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
    known = await facts.read(("case", case_id), partial(load, Case.id == case_id, now))
    return CaseCard(await as_of(facts), known.case, nearest(known.hearings, now))


async def card_of(facts: Facts, slug: str, now: datetime) -> CaseCard:
    which = Case.slug == sluglike(slug)
    known = await facts.read(("case", slug), partial(load, which, now))
    return CaseCard(await as_of(facts), known.case, nearest(known.hearings, now))


async def load(condition: ColumnElement[bool], now: datetime, session: AsyncSession) -> CaseFacts:
    """In three queries, whatever the size of the campaign."""
    people = joinedload(Case.defendants).joinedload(Defendant.custody)
    query = (
        select(Case)
        .where(condition)
        .options(
            people.joinedload(Custody.facility),
            selectinload(Case.timeline).joinedload(TimelineEntry.court),
        )
    )
    case = (await session.scalars(query)).unique().one_or_none()
    if case is None:
        raise NotFound
    return CaseFacts(case, await coming(session, case.id, now))
