"""How much is to be sent, and how long it has been due; asked by whoever watches over the bot."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.rows import is_in
from bot.services.standstill import STANDS_STILL
from models import Delivery, Hold, Notice, Priority, State
from models.notice import IS_LEFT


@dataclass(frozen=True, slots=True)
class Backlog:
    left: dict[Priority, int]
    """Messages that nobody has got yet, those that wait for the end of somebody's night, too."""
    due_at: dict[Priority, datetime]
    """Since when that is due which goes next."""
    stands_still: bool


@dataclass(frozen=True, slots=True)
class Head:
    """Of the line of what is ready."""

    delivery: int | None
    stands_still: bool


async def backlog(session: AsyncSession) -> Backlog:
    """By the counters of notices and the index of what is ready: of deliveries there may be a
    million."""
    *moments, still = (await session.execute(DUE)).one()
    due_at = {one: moment for one, moment in zip(Priority, moments, strict=True) if moment}
    left = {Priority(one): int(number) for one, number in await session.execute(LEFT)}
    return Backlog(left, due_at, bool(still))


async def head(session: AsyncSession) -> Head:
    return Head(*(await session.execute(HEAD)).one())


def due_at(priority: Priority) -> ScalarSelect[datetime]:
    """First which it is, by the index; then of what."""
    of_it = Delivery.priority == literal_column(str(int(priority)))
    ready = select(Delivery.notice_id).where(is_in(State.READY), of_it)
    first = ready.order_by(Delivery.id).limit(1).scalar_subquery()
    return select(Notice.due_at).where(Notice.id == first).scalar_subquery()


LEFT = (
    select(Notice.priority, func.sum(Notice.total - Notice.ended))
    .where(IS_LEFT, Notice.hold != Hold.PAUSED)
    .group_by(Notice.priority)
)
DUE = select(*(due_at(priority) for priority in Priority), STANDS_STILL)
HEAD = select(
    select(Delivery.id)
    .where(is_in(State.READY))
    .order_by(Delivery.priority, Delivery.id)
    .limit(1)
    .scalar_subquery(),
    STANDS_STILL,
)
