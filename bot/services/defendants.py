"""Defendants: the card of one person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

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
    of_case = joinedload(Defendant.case)
    query = (
        select(Defendant)
        .where(Defendant.id == defendant_id)
        .options(
            selectinload(Defendant.custody).joinedload(Custody.facility),
            of_case.selectinload(Case.timeline).joinedload(TimelineEntry.court),
        )
    )
    defendant = await session.scalar(query)
    if defendant is None:
        raise NotFound
    return DefendantCard(defendant, await next_hearing(session, defendant.case_id, now))


async def id_of(session: AsyncSession, slug: str) -> int:
    found = await session.scalar(select(Defendant.id).where(Defendant.slug == slug))
    if found is None:
        raise NotFound
    return found
