"""Letters for an evening, to print: whom a kit is for, and who is left out of it.

An address comes from `letters.mailing` alone, which is asked anew for every kit.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

from sqlalchemy import not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import events
from bot.services.errors import NotFound
from bot.services.letters import (
    Address,
    CannotWrite,
    mailing,
    needs_most,
    perhaps_reached,
    with_place,
)
from bot.services.pages import Page, page_of
from models import Defendant, Event

PAGE = 7
AT_MOST = 60
"""People in one kit: a minute's printing, and a second's work."""


@dataclass(frozen=True, slots=True)
class Addressee:
    defendant: Defendant
    mail: Address


@dataclass(frozen=True, slots=True)
class LeftOut:
    defendant: Defendant
    mail: CannotWrite


@dataclass(frozen=True, slots=True)
class Kit:
    event: Event | None
    people: list[Addressee]
    left_out: list[LeftOut]
    too_many: int = 0
    """Who would be in it, too, if it held so many."""

    @property
    def ids(self) -> list[int]:
        """Of all that are chosen."""
        reached = [one.defendant.id for one in self.people]
        return sorted([*reached, *(one.defendant.id for one in self.left_out)])

    @property
    def mark(self) -> str:
        """Of those chosen: what was seen is printed, or seen anew."""
        return f"{crc32(repr(self.ids).encode()):08x}"


async def kit(
    session: AsyncSession, now: datetime, event_id: int, chosen: Collection[int] | None
) -> Kit:
    """`chosen`: nobody has chosen yet when it is None; then those of the evening, else all."""
    event = await events.event(session, event_id) if event_id else None
    if chosen is None:
        chosen = [one.id for one in event.write_to] if event else await reached(session, now)
    return divided(event, await people(session, chosen), now)


def divided(event: Event | None, people: Iterable[Defendant], now: datetime) -> Kit:
    asked = [(one, mailing(one, now)) for one in people]
    reached = [Addressee(one, mail) for one, mail in asked if isinstance(mail, Address)]
    left_out = [LeftOut(one, mail) for one, mail in asked if isinstance(mail, CannotWrite)]
    return Kit(event, reached[:AT_MOST], left_out, max(len(reached) - AT_MOST, 0))


async def people(session: AsyncSession, ids: Collection[int]) -> list[Defendant]:
    query = (
        select(Defendant).where(Defendant.id.in_(ids)).options(*with_place()).order_by(Defendant.id)
    )
    return list(await session.scalars(query))


async def reached(session: AsyncSession, now: datetime) -> list[int]:
    """Of all that can be written to those who need it most, as many as a kit holds."""
    query = select(Defendant).where(perhaps_reached(now)).options(*with_place())
    first = query.order_by(*needs_most(now.date()), Defendant.id).limit(2 * AT_MOST)
    found = await session.scalars(first)
    return [one.id for one in found if isinstance(mailing(one, now), Address)][:AT_MOST]


async def offered(
    session: AsyncSession, now: datetime, event: Event | None, page: int
) -> Page[Defendant]:
    """Whom one may choose: those of the evening first, then all that may have an address.

    Whether they have one is for `mailing` to say.
    """
    of_evening = Defendant.id.in_([one.id for one in event.write_to] if event else [])
    query = (
        select(Defendant)
        .where(or_(of_evening, perhaps_reached(now)))
        .options(*with_place())
        .order_by(not_(of_evening), Defendant.id)
    )
    return await page_of(session, query, page, PAGE)


def writable(people: Iterable[Defendant], now: datetime) -> set[int]:
    return {one.id for one in people if isinstance(mailing(one, now), Address)}


class Full(Exception):
    """A kit holds no more people."""


async def switched(
    session: AsyncSession, now: datetime, kit: Kit, person: int, on: bool
) -> list[int]:
    """Those chosen after one was switched on or off; on only whom one can write to."""
    others = [one for one in kit.ids if one != person]
    if not on:
        return others
    found = await people(session, [person])
    if not found or not isinstance(mailing(found[0], now), Address):
        raise NotFound
    if person not in kit.ids and len(kit.people) >= AT_MOST:
        raise Full
    return sorted([*others, person])
