""" "I will come": who says so is counted, and nobody learns who it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import insert_new, writing
from bot.services.errors import NotFound
from bot.services.subscribers import enrolled
from models import Attendance, Hearing, Kind, Notice, Removal, Subscriber


@dataclass(frozen=True, slots=True)
class Attending:
    """At one hearing."""

    people: int
    is_one: bool
    """Whether the reader is one of them."""


async def answer(
    session: AsyncSession,
    vault: Vault,
    person: Subscriber,
    chat_id: int,
    hearing_id: int,
    comes: bool,
    now: datetime,
) -> bool:
    """Whether it could be noted: there may be nowhere to go any more."""
    async with writing(session):
        hearing = await session.get(Hearing, hearing_id)
        if hearing is None:
            raise NotFound
        if hearing.is_off or hearing.is_past(now):
            return False
        if comes:
            kept = await enrolled(session, vault, person, chat_id)
            row = insert_new(session, Attendance)
            await session.execute(row.values(hearing_id=hearing_id, subscriber_id=kept.id))
        elif person.id is not None:
            of_person = Attendance.subscriber_id == person.id
            withdrawn = delete(Attendance).where(Attendance.hearing_id == hearing_id, of_person)
            await session.execute(withdrawn)
    return True


async def forget_removed(session: AsyncSession, version: int, now: datetime) -> None:
    """To what was removed up to this version nobody comes, as soon as they need not be told so."""
    removals = Notice.kind == Kind.CANCELLED, Notice.subject == "case"
    told = await session.scalars(select(Notice).where(*removals, Notice.expires_at > now))
    removed = select(Removal.thing_id).where(
        Removal.kind == "hearing",
        Removal.version <= version,
        Removal.thing_id.not_in([notice.hearing_id for notice in told]),
    )
    await session.execute(delete(Attendance).where(Attendance.hearing_id.in_(removed)))


async def at(session: AsyncSession, hearing_id: int, person: Subscriber) -> Attending:
    of_hearing = Attendance.hearing_id == hearing_id
    people = await session.scalar(select(func.count()).where(of_hearing))
    if person.id is None:
        return Attending(people or 0, False)
    own = exists().where(of_hearing, Attendance.subscriber_id == person.id)
    return Attending(people or 0, bool(await session.scalar(select(own))))


async def counts(session: AsyncSession, hearings: Sequence[int]) -> dict[int, int]:
    """By hearing; those to which nobody comes are left out."""
    by_hearing = (
        select(Attendance.hearing_id, func.count())
        .where(Attendance.hearing_id.in_(hearings))
        .group_by(Attendance.hearing_id)
    )
    return {hearing: number for hearing, number in await session.execute(by_hearing)}
