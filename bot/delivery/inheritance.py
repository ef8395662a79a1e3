"""What goes over to a thing from the one that it stands for: what people said and know of it, and
what is on its way to them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from bot.db import insert_new
from bot.services.attendance import occasion
from models import Attendance, Hearing, HearingStatus, Notice, Seat, Told


async def hand_on_attendance(session: AsyncSession, gone: int, heir: int) -> None:
    """Of somebody's two answers the one counts that is of the heir's day and court."""
    hearing = await session.get_one(Hearing, heir, options=[joinedload(Hearing.court)])
    its, theirs = Attendance.hearing_id == gone, Attendance.hearing_id == heir
    fits = Attendance.occasion == occasion(hearing)
    people = select(Attendance.subscriber_id)
    stale = theirs, ~fits, Attendance.subscriber_id.in_(people.where(its, fits))
    await session.execute(delete(Attendance).where(*stale))
    movable = its, Attendance.subscriber_id.not_in(people.where(theirs))
    await session.execute(update(Attendance).where(*movable).values(hearing_id=heir))
    await session.execute(delete(Attendance).where(its))


async def hand_on_seats(session: AsyncSession, gone: int, heir: int) -> None:
    """Who has one there already keeps that."""
    other = aliased(Seat)
    same = other.day == Seat.day, other.subscriber_id == Seat.subscriber_id
    is_there = exists().where(other.event_id == heir, *same).correlate(Seat)
    moved = update(Seat).where(Seat.event_id == gone, ~is_there).values(event_id=heir)
    await session.execute(moved.execution_options(synchronize_session=False))
    await session.execute(delete(Seat).where(Seat.event_id == gone))


async def hand_on_occasions(session: AsyncSession, gone: int, heir: int) -> None:
    """Whoever said that they come to the one court said so of the other."""
    named, anew = f" {gone}", f" {heir}"
    at_court = update(Attendance).where(Attendance.occasion.endswith(named))
    await session.execute(at_court.values(occasion=func.replace(Attendance.occasion, named, anew)))


async def hand_on_notices(session: AsyncSession, subject: str, gone: int, heir: int) -> None:
    """What is on its way tells of the heir, and what was told once is not told again. A key that is
    there already is that of the same news, of both."""
    its_keys = select(Notice.key).where(about(subject, heir))
    keys = set(await session.scalars(its_keys))
    for notice in await session.scalars(select(Notice).where(about(subject, gone))):
        key = key_of(notice.key, subject, gone, heir)
        if key not in keys:
            notice.key = key
            if notice.subject == subject:
                notice.thing_id = heir


def about(subject: str, number: int) -> ColumnElement[bool]:
    """A removed hearing stands in the key alone, and under its case."""
    under_it = and_(Notice.subject == subject, Notice.thing_id == number)
    return or_(under_it, Notice.key.contains(f":{subject}:{number}:"))


def key_of(key: str, subject: str, gone: int, heir: int) -> str:
    reminder = f"reminder:{gone}:"
    if subject == "hearing" and key.startswith(reminder):
        return f"reminder:{heir}:{key.removeprefix(reminder)}"
    return key.replace(f":{subject}:{gone}:", f":{subject}:{heir}:")


async def know_as(session: AsyncSession, known: Told, heir: int) -> None:
    """What people know of the one they know of the other, unless they know that one, too."""
    row = {
        "subject": known.subject,
        "thing_id": heir,
        "version": known.version,
        "facts": known.facts,
    }
    await session.execute(insert_new(session, Told).values(row))
    await session.delete(known)


async def know_as_off(session: AsyncSession, before: dict[str, Any], heir: int) -> None:
    """As people know it since they heard that it was removed."""
    facts = before | {"status": str(HearingStatus.CANCELLED)}
    row = {"subject": "hearing", "thing_id": heir, "version": 0, "facts": facts}
    await session.execute(insert_new(session, Told).values(row))


async def renumber(session: AsyncSession, what: str, gone: int, heir: int) -> None:
    """In what people know, and in what they knew before they hear the news that is on its way."""
    told = select(Told).where(Told.facts[what].as_integer() == gone)
    for known in await session.scalars(told):
        known.facts = known.facts | {what: heir}
    changes = select(Notice).where(Notice.before[what].as_integer() == gone)
    for notice in await session.scalars(changes):
        notice.before = (notice.before or {}) | {what: heir}
