""" "I will come": who says so is counted, and nobody learns who it was."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.crypto import Vault
from bot.db import dropped, insert_new, writing
from bot.services.errors import NotFound
from bot.services.subscribers import enrolled
from models import Attendance, Hearing, HearingStatus, Kind, Notice, Removal, Subscriber
from models.hearing import STILL_ON

KEPT = timedelta(days=30)
"""After a hearing."""
Yes = tuple[int, str | None]
"""To which hearing, and of which occasion it was said."""


def occasion(hearing: Hearing) -> str:
    """Whoever said that they come on Friday has not said so of Monday, or of another court."""
    return f"{hearing.local_start.date()} {hearing.court_id}"


def mark(hearing: Hearing) -> str:
    """Of the occasion, in three characters, for buttons: they stay where the hearing moves."""
    digest = blake2b(occasion(hearing).encode(), digest_size=3).digest()
    return urlsafe_b64encode(digest).decode()[:3]


def yes_to(hearing: Hearing) -> Yes:
    return hearing.id, occasion(hearing)


@dataclass(frozen=True, slots=True)
class Answered:
    hearing: Hearing
    is_on: bool
    """Whether there is anywhere to go."""
    is_meant: bool = True
    """Not, if they said yes to a day or court of which it is no more."""

    @property
    def is_noted(self) -> bool:
        return self.is_on and self.is_meant


@dataclass(frozen=True, slots=True)
class Attending:
    """At one hearing."""

    people: int
    is_one: bool
    """Whether the reader is one of them."""
    meant_to: bool = False
    """Whether the reader said so of another day or court."""


async def answer(
    session: AsyncSession,
    vault: Vault,
    person: Subscriber,
    chat_id: int,
    hearing_id: int,
    comes: bool,
    now: datetime,
    of: str = "",
) -> Answered:
    """`of`: the mark of what they were asked for."""
    async with writing(session):
        hearing = await session.get(Hearing, hearing_id, options=[joinedload(Hearing.court)])
        if hearing is None:
            raise NotFound
        if not hearing.takes_place(now):
            return Answered(hearing, is_on=False)
        if comes and of not in ("", mark(hearing)):
            return Answered(hearing, is_on=True, is_meant=False)
        if comes:
            person = await enrolled(session, vault, person, chat_id)
        mine = Attendance.hearing_id == hearing_id, Attendance.subscriber_id == person.id
        await session.execute(delete(Attendance).where(*mine))
        if comes:
            new = {"hearing_id": hearing_id, "subscriber_id": person.id}
            row = insert_new(session, Attendance).values(**new, occasion=occasion(hearing))
            await session.execute(row)
    return Answered(hearing, is_on=True)


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


async def forget_past(session: AsyncSession, now: datetime) -> int:
    """What was so long ago gets no other date, of which they would have to be told."""
    past = select(Hearing.id).where(Hearing.starts_at < now - KEPT)
    return await dropped(session, Attendance, Attendance.hearing_id.in_(past))


async def at(session: AsyncSession, hearing: Hearing, person: Subscriber) -> Attending:
    people = await session.scalar(select(func.count()).where(*saying_yes(hearing)))
    mine = Attendance.hearing_id == hearing.id, Attendance.subscriber_id == person.id
    said = await session.scalars(select(Attendance.occasion).where(*mine)) if person.id else ()
    own = [told == occasion(hearing) for told in said]
    return Attending(people or 0, is_one=True in own, meant_to=False in own)


async def promised(session: AsyncSession, person: Subscriber, now: datetime) -> list[Hearing]:
    """Where they have said that they come and still can, the nearest first."""
    if person.id is None:
        return []
    ahead = Hearing.status == HearingStatus.SCHEDULED, Hearing.starts_at >= now - STILL_ON
    query = (
        select(Hearing, Attendance.occasion)
        .join(Attendance, Attendance.hearing_id == Hearing.id)
        .where(Attendance.subscriber_id == person.id, *ahead)
        .options(joinedload(Hearing.court), joinedload(Hearing.case))
        .order_by(Hearing.starts_at, Hearing.id)
    )
    said = await session.execute(query)
    return [hearing for hearing, told in said if told == occasion(hearing)]


def saying_yes(hearing: Hearing) -> tuple[ColumnElement[bool], ...]:
    """To this hearing as it is now."""
    return Attendance.hearing_id == hearing.id, Attendance.occasion == occasion(hearing)


async def counts(session: AsyncSession, hearings: Sequence[Hearing]) -> dict[int, int]:
    """By hearing; those to which nobody comes are left out."""
    said = Attendance.hearing_id, Attendance.occasion
    query = select(*said, func.count()).where(said[0].in_([one.id for one in hearings]))
    people = {row[:2]: row[2] for row in await session.execute(query.group_by(*said))}
    return {one.id: people[yes_to(one)] for one in hearings if yes_to(one) in people}
