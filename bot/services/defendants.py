"""Defendants: the card of one person."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.services.campaign import as_of
from bot.services.errors import NotFound, sluglike
from bot.services.facts import Facts
from bot.services.hearings import coming, nearest
from models import Case, Custody, Defendant, Hearing, TimelineEntry


@dataclass(frozen=True, slots=True)
class DefendantFacts:
    defendant: Defendant
    hearings: list[Hearing]
    """Those that come, the nearest first."""


@dataclass(frozen=True, slots=True)
class DefendantCard:
    as_of: date | None
    defendant: Defendant
    next_hearing: Hearing | None

    @property
    def timeline(self) -> list[TimelineEntry]:
        """What concerns this person or everybody of the case."""
        of_this = (None, self.defendant.id)
        return [entry for entry in self.defendant.case.timeline if entry.defendant_id in of_this]


async def card(facts: Facts, defendant_id: int, now: datetime) -> DefendantCard:
    which = Defendant.id == defendant_id
    known = await facts.read(("defendant", defendant_id), partial(load, which, now))
    return DefendantCard(await as_of(facts), known.defendant, nearest(known.hearings, now))


async def card_of(facts: Facts, slug: str, now: datetime) -> DefendantCard:
    which = Defendant.slug == sluglike(slug)
    known = await facts.read(("defendant", slug), partial(load, which, now))
    return DefendantCard(await as_of(facts), known.defendant, nearest(known.hearings, now))


async def load(
    condition: ColumnElement[bool], now: datetime, session: AsyncSession
) -> DefendantFacts:
    of_case = joinedload(Defendant.case)
    query = (
        select(Defendant)
        .where(condition)
        .options(
            joinedload(Defendant.custody).joinedload(Custody.facility),
            of_case.selectinload(Case.timeline).joinedload(TimelineEntry.court),
        )
    )
    defendant = (await session.scalars(query)).unique().one_or_none()
    if defendant is None:
        raise NotFound
    return DefendantFacts(defendant, await coming(session, defendant.case_id, now))
