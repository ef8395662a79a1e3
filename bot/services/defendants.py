"""Defendants: the card of one person."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import ColumnElement, func, select
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
    in_case: int
    """People."""


@dataclass(frozen=True, slots=True)
class DefendantCard:
    as_of: date | None
    defendant: Defendant
    next_hearing: Hearing | None
    in_case: int

    @property
    def timeline(self) -> list[TimelineEntry]:
        """What concerns this person; where the case has no other, all of it does."""
        own = (None, self.defendant.id) if self.in_case == 1 else (self.defendant.id,)
        return [entry for entry in self.defendant.case.timeline if entry.defendant_id in own]

    @property
    def timeline_of_case(self) -> list[TimelineEntry]:
        """What concerns all of several: it speaks of "both"."""
        if self.in_case == 1:
            return []
        return [entry for entry in self.defendant.case.timeline if entry.defendant_id is None]


async def card(facts: Facts, defendant_id: int, now: datetime) -> DefendantCard:
    which = Defendant.id == defendant_id
    known = await facts.read(("defendant", defendant_id), partial(load, which, now))
    return card_from(known, await as_of(facts), now)


async def card_of(facts: Facts, slug: str, now: datetime) -> DefendantCard:
    which = Defendant.slug == sluglike(slug)
    known = await facts.read(("defendant", slug), partial(load, which, now))
    return card_from(known, await as_of(facts), now)


def card_from(known: DefendantFacts, day_of: date | None, now: datetime) -> DefendantCard:
    return DefendantCard(day_of, known.defendant, nearest(known.hearings, now), known.in_case)


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
    people = select(func.count()).where(Defendant.case_id == defendant.case_id)
    in_case = await session.scalar(people) or 1
    return DefendantFacts(defendant, await coming(session, defendant.case_id, now), in_case)
