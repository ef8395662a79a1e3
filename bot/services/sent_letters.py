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
    since = Letter.day > today - LATELY
    query = select(Letter.defendant_id, func.count()).where(Letter.defendant_id.in_(people), since)
    return {row[0]: row[1] for row in await session.execute(query.group_by(Letter.defendant_id))}


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
