"""Fundraisers, and the ways to pay that are safe where the payer is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from models import Defendant, DonationRoute, Fundraiser, PayFrom

PAGE = 7


@dataclass(frozen=True, slots=True)
class Routing:
    fundraiser: Fundraiser
    pay_from: PayFrom
    routes: list[DonationRoute]


async def fundraisers(
    session: AsyncSession, now: datetime, *, case: int, defendant: int, page: int
) -> Page[Fundraiser]:
    """Open ones: of a person and their case, of a case and its people, or all."""
    query = still_open(select(Fundraiser), now).order_by(Fundraiser.id)
    if defendant:
        own_case = select(Defendant.case_id).where(Defendant.id == defendant)
        of_person = Fundraiser.defendant_id == defendant
        query = query.where(or_(of_person, Fundraiser.case_id.in_(own_case)))
    elif case:
        people = select(Defendant.id).where(Defendant.case_id == case)
        of_people = Fundraiser.defendant_id.in_(people)
        query = query.where(or_(Fundraiser.case_id == case, of_people))
    return await page_of(session, query, page, PAGE)


def still_open(query: Select[Fundraiser], now: datetime) -> Select[Fundraiser]:
    return query.where(or_(Fundraiser.closes.is_(None), Fundraiser.closes >= now.date()))


async def fundraiser(session: AsyncSession, fundraiser_id: int, now: datetime) -> Fundraiser:
    query = (
        still_open(select(Fundraiser), now)
        .where(Fundraiser.id == fundraiser_id)
        .options(selectinload(Fundraiser.routes))
    )
    found = await session.scalar(query)
    if found is None:
        raise NotFound
    return found


async def routing(
    session: AsyncSession, fundraiser_id: int, pay_from: PayFrom, now: datetime
) -> Routing:
    found = await fundraiser(session, fundraiser_id, now)
    return Routing(found, pay_from, [r for r in found.routes if is_safe(r, pay_from, now)])


def is_safe(route: DonationRoute, pay_from: PayFrom, now: datetime) -> bool:
    """Checked lately, and meant for whoever pays from there."""
    return route.is_valid(now) and route.pay_from in (pay_from, PayFrom.ANYWHERE)
