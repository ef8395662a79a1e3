"""Hearings: what comes, what was, where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.services import attendance
from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from models import Case, Court, Defendant, Hearing, HearingKind, HearingStatus, TimelineEntry
from models.hearing import OFF, STILL_ON

PAGE = 5
COURT_KINDS = ("hearing", "sentence", *HearingKind)
"""Of timeline entries; any other counts where it names a court."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """One list of hearings: coming or past, of everything, one case or one city."""

    page: Page[Hearing]
    past: bool
    case: Case | None = None
    court: Court | None = None
    """Any court of the city asked for."""
    timeline: tuple[TimelineEntry, ...] = ()
    """Of a case, what has been in court: most past hearings are known only from there."""
    people: tuple[Defendant, ...] = ()
    """Of that case."""
    coming: Mapping[int, int] = field(default_factory=dict)
    """How many have said that they will come, by hearing."""


@dataclass(frozen=True, slots=True)
class City:
    court: Court
    hearings: int
    """That are coming."""


async def agenda(
    session: AsyncSession, now: datetime, *, past: bool, case: int, city: int, page: int
) -> Agenda:
    of_case = await existing(session, Case, case)
    in_city = await existing(session, Court, city)
    query = listed(select(Hearing), now, past)
    if of_case:
        query = query.where(Hearing.case_id == of_case.id)
    if in_city:
        query = query.join(Hearing.court).where(Court.city_key == in_city.city_key)
    listed_page = await page_of(session, query, page, PAGE)
    if not past:
        coming = await attendance.counts(session, listed_page.items)
        return Agenda(listed_page, past, of_case, in_city, coming=coming)
    if not case:
        return Agenda(listed_page, past, of_case, in_city)
    people = tuple(await session.scalars(select(Defendant).where(Defendant.case_id == case)))
    timeline = await in_court(session, case)
    return Agenda(listed_page, past, of_case, in_city, timeline, people)


async def in_court(session: AsyncSession, case_id: int) -> tuple[TimelineEntry, ...]:
    query = (
        select(TimelineEntry)
        .where(TimelineEntry.case_id == case_id, TimelineEntry.kind != "hearing_expected")
        .where(or_(TimelineEntry.kind.in_(COURT_KINDS), TimelineEntry.court_id.is_not(None)))
        .options(joinedload(TimelineEntry.court))
        .order_by(TimelineEntry.position)
    )
    return tuple(await session.scalars(query))


Row = TypeVar("Row", Case, Court)


async def existing(session: AsyncSession, table: type[Row], row_id: int) -> Row | None:
    if not row_id:
        return None
    row = await session.get(table, row_id)
    if row is None:
        raise NotFound
    return row


def listed(query: Select[Hearing], now: datetime, past: bool) -> Select[Hearing]:
    began = Hearing.starts_at < now - STILL_ON
    order = Hearing.starts_at.desc() if past else Hearing.starts_at
    return (
        query.where(began if past else ~began)
        .options(joinedload(Hearing.case), joinedload(Hearing.court))
        .order_by(order, Hearing.id)
    )


async def cities(session: AsyncSession, now: datetime) -> list[City]:
    """All that have a court, for each can be followed; those with most hearings to come first."""
    coming = Hearing.starts_at >= now - STILL_ON, Hearing.status.not_in(OFF)
    number = func.count(Hearing.id)
    query = (
        select(func.min(Court.id), number)
        .outerjoin(Hearing, and_(Hearing.court_id == Court.id, *coming))
        .group_by(Court.city_key)
        .order_by(number.desc(), func.min(Court.id))
    )
    found = [(court, hearings) for court, hearings in await session.execute(query)]
    courts = await session.scalars(select(Court).where(Court.id.in_([c for c, _ in found])))
    by_id = {court.id: court for court in courts}
    return [City(by_id[court], hearings) for court, hearings in found]


async def coming(session: AsyncSession, case_id: int, now: datetime) -> list[Hearing]:
    """A case's hearings that are still to take place, the nearest first."""
    query = (
        select(Hearing)
        .where(Hearing.case_id == case_id, Hearing.starts_at >= now - STILL_ON)
        .where(Hearing.status.not_in(OFF))
        .options(joinedload(Hearing.court))
        .order_by(Hearing.starts_at)
    )
    return list(await session.scalars(query))


async def next_besides(session: AsyncSession, hearing: Hearing, now: datetime) -> Hearing | None:
    """The nearest other one of the case, and no more: a digest asks it of many hearings."""
    query = (
        select(Hearing)
        .where(Hearing.case_id == hearing.case_id, Hearing.id != hearing.id)
        .where(Hearing.starts_at >= now - STILL_ON, Hearing.status == HearingStatus.SCHEDULED)
        .options(joinedload(Hearing.court))
        .order_by(Hearing.starts_at, Hearing.id)
        .limit(1)
    )
    found: Hearing | None = await session.scalar(query)
    return found


def nearest(hearings: Sequence[Hearing], now: datetime) -> Hearing | None:
    return next((one for one in hearings if not one.is_past(now)), None)


async def hearing(session: AsyncSession, hearing_id: int) -> Hearing:
    query = (
        select(Hearing)
        .where(Hearing.id == hearing_id)
        .options(
            joinedload(Hearing.court),
            joinedload(Hearing.case).selectinload(Case.defendants),
        )
    )
    found = await session.scalar(query)
    if found is None:
        raise NotFound
    return found
