"""Defendants: the card of one person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.services.errors import NotFound
from bot.services.hearings import next_hearing
from models import Case, Custody, Defendant, Hearing, TimelineEntry


@dataclass(frozen=True, slots=True)
class DefendantCard:
    defendant: Defendant
    next_hearing: Hearing | None

    @property
    def timeline(self) -> list[TimelineEntry]:
        """What concerns this person or everybody of the case."""
        of_this = (None, self.defendant.id)
        return [entry for entry in self.defendant.case.timeline if entry.defendant_id in of_this]


async def card(session: AsyncSession, defendant_id: int, now: datetime) -> DefendantCard:
    return await card_where(session, Defendant.id == defendant_id, now)


async def card_of(session: AsyncSession, slug: str, now: datetime) -> DefendantCard:
    return await card_where(session, Defendant.slug == slug, now)


async def card_where(
    session: AsyncSession, condition: ColumnElement[bool], now: datetime
) -> DefendantCard:
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
    return DefendantCard(defendant, await next_hearing(session, defendant.case_id, now))
