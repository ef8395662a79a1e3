"""Letters that people say they have sent: numbers, and never who."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.services.errors import NotFound
from models import Defendant, Letter, LetterGoal

LATELY = timedelta(days=30)
MOST = 30
"""That one person may count on one day; whoever writes more does so at an evening."""
LOTS = 2**62


@dataclass(frozen=True, slots=True)
class Progress:
    goal: LetterGoal
    letters: int


async def count(session: AsyncSession, person: int, electronic: bool, today: date) -> int:
    """Its number: who has it can take the letter back."""
    async with writing(session):
        if await session.get(Defendant, person) is None:
            raise NotFound
        number = secrets.randbelow(LOTS) + 1
        session.add(Letter(id=number, defendant_id=person, day=today, electronic=electronic))
    return number


async def take_back(session: AsyncSession, number: int) -> bool:
    """Whether it was still there."""
    async with writing(session):
        gone = delete(Letter).where(Letter.id == number).returning(Letter.id)
        return await session.scalar(gone) is not None


async def lately(session: AsyncSession, people: Sequence[int], today: date) -> dict[int, int]:
    """By person; those to whom nobody wrote are left out."""
    if not people:
        return {}
    written = Letter.defendant_id.in_(people), Letter.day > today - LATELY
    query = select(Defendant.id, func.count()).join(Letter, Letter.defendant_id == Defendant.id)
    found = await session.execute(query.where(*written).group_by(Defendant.id))
    return {row[0]: row[1] for row in found}


async def count_at(
    session: AsyncSession, event: int, day: date, letters: int, person: int | None
) -> int:
    """So many were written at an evening; `person`: all of them to one. The number of the first;
    those of the others follow."""
    first = secrets.randbelow(LOTS) + 1
    async with writing(session):
        session.add_all(
            Letter(id=first + n, day=day, electronic=False, event_id=event, defendant_id=person)
            for n in range(letters)
        )
    return first


async def take_back_at(session: AsyncSession, event: int, first: int, letters: int) -> int:
    """How many of them were still there."""
    async with writing(session):
        these = Letter.id >= first, Letter.id < first + letters, Letter.event_id == event
        gone = await session.scalars(delete(Letter).where(*these).returning(Letter.id))
        return len(gone.all())


async def written_at(session: AsyncSession, event: int, day: date) -> int:
    """By all who said so."""
    there = Letter.event_id == event, Letter.day == day
    return await session.scalar(select(func.count()).where(*there)) or 0


async def goals(session: AsyncSession, today: date) -> list[Progress]:
    """Those that letters count for today, the nearest end first."""
    open = LetterGoal.since <= today, or_(LetterGoal.until.is_(None), LetterGoal.until >= today)
    found = select(LetterGoal).where(*open).order_by(LetterGoal.until, LetterGoal.id)
    return [Progress(one, await towards(session, one)) for one in await session.scalars(found)]


async def towards(session: AsyncSession, goal: LetterGoal) -> int:
    counted = select(func.count()).select_from(Letter).where(Letter.day >= goal.since)
    if goal.until is not None:
        counted = counted.where(Letter.day <= goal.until)
    return await session.scalar(counted) or 0
