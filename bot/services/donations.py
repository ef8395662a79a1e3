"""Fundraisers, and the ways to pay that are safe where the payer is."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.services.campaign_file.ways_in import as_read, paid_to
from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from bot.services.payment_details import BESIDE
from models import (
    Defendant,
    DetailKind,
    DonationRoute,
    Fundraiser,
    FundraiserFigure,
    FundraiserStatus,
    PayFrom,
)

PAGE = 7
Of = TypeVar("Of")
PLACES = (PayFrom.RUSSIA, PayFrom.ELSEWHERE)
"""Where somebody may say that they pay from."""
TO_HIDE = timedelta(seconds=30)
"""So long it may take until what is shown is hidden again."""


@dataclass(frozen=True, slots=True)
class Routing:
    """What somebody may use there."""

    fundraiser: Fundraiser
    pay_from: PayFrom
    routes: list[DonationRoute]

    @property
    def whose(self) -> dict[str, int]:
        """For whom it is: 0 for nobody of the kind."""
        one = self.fundraiser
        return {"case": one.case_id or 0, "defendant": one.defendant_id or 0}

    def route(self, number: int) -> DonationRoute | None:
        """Nothing: it is being checked, or was never meant for them."""
        return next((one for one in self.routes if one.id == number), None)


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


async def common_fund(session: AsyncSession, now: datetime, page: int) -> Page[Fundraiser]:
    """For nobody in particular."""
    is_common = Fundraiser.defendant_id.is_(None), Fundraiser.case_id.is_(None)
    query = still_open(select(Fundraiser).where(*is_common), now)
    return await page_of(session, query.order_by(Fundraiser.id), page, PAGE)


def still_open(query: Select[Of], now: datetime) -> Select[Of]:
    """As `Fundraiser.closing`. `now`: the organisers'."""
    is_reached = and_(Fundraiser.goal > Decimal(0), Fundraiser.raised >= Fundraiser.goal)
    return query.where(
        Fundraiser.status == FundraiserStatus.OPEN,
        or_(Fundraiser.goal.is_(None), Fundraiser.raised.is_(None), ~is_reached),
        or_(Fundraiser.closes.is_(None), Fundraiser.closes >= now.date()),
    )


async def fundraiser(session: AsyncSession, which: int | str) -> Fundraiser:
    """By its number or slug, with its routes, as they are now; also one that is closed."""
    known: ColumnElement[bool] = (
        Fundraiser.slug == which if isinstance(which, str) else Fundraiser.id == which
    )
    query = select(Fundraiser).where(known).options(selectinload(Fundraiser.routes))
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def routing(fundraiser: Fundraiser, pay_from: PayFrom, now: datetime) -> Routing:
    """`now`: the organisers'."""
    is_closed = fundraiser.closing(now.date()) is not None
    safe = [one for one in fundraiser.routes if is_safe(one, pay_from, now)]
    return Routing(fundraiser, pay_from, [] if is_closed else safe)


def is_safe(route: DonationRoute, pay_from: PayFrom, now: datetime) -> bool:
    """Checked lately, and meant for whoever pays from there."""
    return is_checked(route, now) and route.pay_from in (pay_from, PayFrom.ANYWHERE)


def is_checked(route: DonationRoute, now: datetime) -> bool:
    """Lately enough that it can still be hidden before it lapses."""
    return route.is_valid(now) and route.is_valid(now + TO_HIDE)


async def wordings(
    session: AsyncSession, routes: Collection[int], now: datetime
) -> frozenset[tuple[int, str]]:
    """Of those that may be shown, with their numbers. `now`: the organisers'."""
    query = select(DonationRoute).join(Fundraiser).where(DonationRoute.id.in_(routes))
    found = await session.scalars(still_open(query, now))
    return frozenset((one.id, one.wording) for one in found if is_checked(one, now))


async def way_among(session: AsyncSession, text: str, links: str = "") -> str | None:
    """What is paid to in a message that stays in chats for ever: any number, and all that the ways
    to pay have, also those that have lapsed. `links`: where its words lead."""
    if found := paid_to(text) or paid_to(links):
        return found
    said = squeezed(f"{text} {links}")
    for route in await session.scalars(select(DonationRoute)):
        for value in paid_by(route):
            if squeezed(value) in said:
                return value
    return None


def paid_by(route: DonationRoute) -> list[str]:
    """A telephone without its country, which people write in several ways."""
    details = [one for one in route.details or [] if one["kind"] not in BESIDE]
    numbers = [
        one["value"][-9:] if one["kind"] == DetailKind.PHONE else one["value"] for one in details
    ]
    links = [route.url.removeprefix("https://").rstrip("/")] if route.url else []
    return links + numbers


def squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", as_read(text)).casefold()


async def figures(session: AsyncSession, fundraiser: Fundraiser) -> Sequence[tuple[date, Decimal]]:
    """How much had been raised, by day; the oldest first."""
    of_it = FundraiserFigure.fundraiser_id == fundraiser.id
    query = select(FundraiserFigure.day, FundraiserFigure.raised).where(of_it)
    return [
        (day, raised) for day, raised in await session.execute(query.order_by(FundraiserFigure.day))
    ]
