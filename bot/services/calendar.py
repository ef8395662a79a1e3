"""What of the campaign stands in somebody's calendar, and the private address of it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.crypto import Vault
from bot.db import insert_new, writing
from bot.services.events import Occurrence
from bot.services.facts import Version
from bot.services.follows import known_to
from bot.services.seats import occurrences, promised, which_of
from bot.services.subscribers import EITHER, by_either, enrolled
from models import (
    Attendance,
    CalendarFeed,
    CampaignVersion,
    Follow,
    Hearing,
    Subscriber,
)
from models.hearing import STILL_ON

ENTRIES = 500
"""Of one calendar at the most, the nearest to now; programs on telephones take long for more."""
LOOK_BACK = timedelta(days=30)
"""In which a program may have missed that a hearing was called off."""
TOKEN = 24
"""Random bytes: 192 bits cannot be guessed."""
SUFFIX = ".ics"
KIND = "calendar"


@dataclass(frozen=True, slots=True)
class Dates:
    hearings: Sequence[Hearing]
    """In the order of time, each once; at most ENTRIES."""
    more: bool
    """Whether there are more of them."""
    events: Sequence[Occurrence] = ()
    """At which they have a seat. Whoever waits for one would take it for certain."""

    @property
    def number(self) -> int:
        return len(self.hearings) + len(self.events)


@dataclass(frozen=True, slots=True)
class Contents:
    """Whatever a calendar depends on besides the campaign's facts: of equals it is the same."""

    language: str | None
    timezone: str | None
    follows: tuple[tuple[str, int], ...]
    comes_to: tuple[int, ...]
    seats: tuple[tuple[int, str, bool], ...]
    """Event, day, and whether those who come may know the place by now."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an address leads to."""

    subscriber: Subscriber | None
    """Whose calendar it is; nobody's, if the address is wrong or they have blocked the bot."""
    version: Version


# Made once, as it is asked for each address that anybody tries.
AT_ADDRESS = (
    select(CampaignVersion.version, CampaignVersion.tokens, Subscriber)
    .select_from(CampaignVersion)
    .outerjoin(CalendarFeed, CalendarFeed.address_index.in_(EITHER))
    .outerjoin(
        Subscriber,
        and_(Subscriber.id == CalendarFeed.subscriber_id, Subscriber.blocked_on.is_(None)),
    )
)


async def find(session: AsyncSession, vault: Vault, name: str) -> Found:
    """By one query and an index, whatever the name is: right, old, or no token at all."""
    row = await session.execute(AT_ADDRESS, by_either(vault.indexes_of(KIND, name)))
    number, tokens, subscriber = row.one()
    return Found(subscriber, Version(number, tokens))


async def contents(session: AsyncSession, person: Subscriber, now: datetime) -> Contents:
    followed = select(Follow.subject, Follow.thing_id).where(Follow.subscriber_id == person.id)
    coming = select(Attendance.hearing_id).where(Attendance.subscriber_id == person.id)
    return Contents(
        person.language,
        person.timezone,
        tuple(sorted((subject, thing) for subject, thing in await session.execute(followed))),
        tuple(sorted(await session.scalars(coming))),
        tuple((*which_of(one), one.is_open(now)) for one in await seated(session, person)),
    )


async def seated(session: AsyncSession, person: Subscriber) -> list[Occurrence]:
    """In the order of their numbers, each once. Nearly everybody has none: one small query then."""
    those = await promised(session, person)
    found = await occurrences(session, [which for which, waits in those.items() if not waits])
    return list({which_of(one): one for one in found}.values())


async def dates(
    session: AsyncSession, person: Subscriber, now: datetime, since: datetime | None = None
) -> Dates:
    """Of what somebody follows, muted or not, and to which they come; `since`: and what was. Those
    to come go first, if there is no room for all of them."""
    on_their_way = now - STILL_ON
    mine = or_(*known_to(person.id or 0))
    to_come = await some(session, mine, Hearing.starts_at >= on_their_way)
    was = Hearing.starts_at >= (since or now), Hearing.starts_at < on_their_way
    past = await some(session, mine, *was, latest=True) if since else []
    kept = [*to_come, *past][:ENTRIES]
    events = [
        one for one in await seated(session, person) if one.starts_at >= (since or on_their_way)
    ]
    hearings = sorted(kept, key=attrgetter("starts_at", "id"))
    return Dates(hearings, len(to_come + past) > ENTRIES, events)


async def some(
    session: AsyncSession, *which: ColumnElement[bool], latest: bool = False
) -> list[Hearing]:
    """One more than there is room for, the nearest to now first."""
    order = Hearing.starts_at.desc() if latest else Hearing.starts_at
    query = select(Hearing).where(*which).order_by(order, Hearing.id).limit(ENTRIES + 1)
    whole = query.options(joinedload(Hearing.case), joinedload(Hearing.court))
    return list(await session.scalars(whole))


async def since(session: AsyncSession, person: Subscriber) -> date | None:
    """The day on which their address was made; nothing: they have none."""
    if person.id is None:
        return None
    mine = select(CalendarFeed.created_on).where(CalendarFeed.subscriber_id == person.id)
    day: date | None = await session.scalar(mine)
    return day


async def make_address(
    session: AsyncSession, vault: Vault, person: Subscriber, chat_id: int, now: datetime
) -> str:
    """The last part of a new address, told this once. The one before leads nowhere any more."""
    name = secrets.token_urlsafe(TOKEN) + SUFFIX
    async with writing(session):
        kept = await enrolled(session, vault, person, chat_id)
        await session.execute(delete(CalendarFeed).where(CalendarFeed.subscriber_id == kept.id))
        new = {"subscriber_id": kept.id, "address_index": vault.index_of(KIND, name)}
        row = insert_new(session, CalendarFeed).values(**new, created_on=now.date())
        await session.execute(row)
    return name


async def end_address(session: AsyncSession, person: Subscriber) -> None:
    if person.id is None:
        return
    async with writing(session):
        mine = CalendarFeed.subscriber_id == person.id
        await session.execute(delete(CalendarFeed).where(mine))
