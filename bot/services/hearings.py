"""Hearings: what comes, what was, where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from models import Case, Court, Hearing, HearingStatus

PAGE = 5
STILL_ON = timedelta(hours=3)
"""A hearing that began is still among the coming ones for that long: people are on their way."""
OFF = (HearingStatus.CANCELLED, HearingStatus.ADJOURNED)


@dataclass(frozen=True, slots=True)
class Agenda:
    """One list of hearings: coming or past, of everything, one case or one city."""

    page: Page[Hearing]
    past: bool
    case: Case | None = None
    court: Court | None = None
    """Any court of the city asked for."""


@dataclass(frozen=True, slots=True)
class City:
    court: Court
    hearings: int


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
    return Agenda(await page_of(session, query, page, PAGE), past, of_case, in_city)


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
    """Where hearings are coming, the busiest city first."""
    coming = (
        select(func.min(Court.id), func.count())
        .join(Hearing, Hearing.court_id == Court.id)
        .where(Hearing.starts_at >= now - STILL_ON, Hearing.status.not_in(OFF))
        .group_by(Court.city_key)
        .order_by(func.count().desc(), func.min(Court.id))
    )
    found = [(court, number) for court, number in await session.execute(coming)]
    courts = await session.scalars(select(Court).where(Court.id.in_([c for c, _ in found])))
    by_id = {court.id: court for court in courts}
    return [City(by_id[court], number) for court, number in found]


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


def nearest(hearings: Sequence[Hearing], now: datetime) -> Hearing | None:
    return next((one for one in hearings if one.starts_at >= now - STILL_ON), None)


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
