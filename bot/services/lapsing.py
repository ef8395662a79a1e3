"""Ways to pay that are to be checked again: shortly, or because nobody sees them any more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from models import DonationRoute, Fundraiser

AHEAD = timedelta(days=3)


class Stage(StrEnum):
    SOON = "soon"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Lapsing:
    fundraiser: Fundraiser
    route: DonationRoute
    stage: Stage


def stage_of(route: DonationRoute, now: datetime) -> Stage | None:
    """Half of a term as short as a few days is left when one is reminded."""
    if route.lapses_at <= now:
        return Stage.LAPSED
    ahead = min(AHEAD, timedelta(days=route.valid_days) / 2)
    return Stage.SOON if route.lapses_at - ahead <= now else None


async def fundraisers(session: AsyncSession) -> Sequence[Fundraiser]:
    """All, with their routes."""
    query = select(Fundraiser).options(selectinload(Fundraiser.routes)).order_by(Fundraiser.id)
    return (await session.scalars(query)).all()


def lapsing(fundraisers: Iterable[Fundraiser], now: datetime) -> list[Lapsing]:
    """Of open ones; those that lapse first come first. `now`: the organisers'."""
    found = [
        Lapsing(one, route, stage)
        for one in fundraisers
        if one.closing(now.date()) is None
        for route in one.routes
        if (stage := stage_of(route, now))
    ]
    return sorted(found, key=lambda each: (each.route.lapses_at, each.route.id))
