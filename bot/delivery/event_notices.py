"""What those who come to events are to be told: changes, what comes near, a seat that is free.

Of events to which nobody comes nothing is looked at, and of the others, which are few, every two
seconds. As everywhere, a notice has a key that exists once.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.delivery.notice_rows import Row, add_each
from bot.services import event_news, seats
from bot.services.event_news import ANSWERED, COUNTED, EventFacts
from bot.services.events import Occurrence, first_day
from bot.services.notices import written
from bot.services.seats import Which, which_of
from models import Kind, Notice, Priority, Seat, Told

URGENT = timedelta(days=3)
ON_THE_WAY = timedelta(hours=3)
"""After the start some are still to be told that it does not take place."""


async def of_change(
    session: AsyncSession,
    event_id: int,
    version: int,
    before: EventFacts,
    after: EventFacts | None,
    now: datetime,
) -> list[Row]:
    """For each day to which somebody comes. `version`: since when it is so; of another capacity
    nobody need hear who has come since the evening was moved."""
    last = str(after.revision if after else version)
    days = select(Seat.day).where(Seat.event_id == event_id).distinct().order_by(Seat.day)
    rows: list[Row] = []
    for day in list(await session.scalars(days)):
        which, knew = (event_id, day), known_of(day, before, after)
        if kind := event_news.news_of_day(knew, after, day, now):
            starts = [knew.on(day).starts_at, *([after.on(day).starts_at] if after else [])]
            row = row_of(kind, which, last, now, expiry(kind, starts, now))
            rows.append(row | {"before": written(knew), "priority": priority(starts, now)})
        if after and await was_asked(session, which, knew.on(day), after.on(day), now):
            rows.append(not_asked(which, after.on(day), now))
    return rows


async def was_asked(
    session: AsyncSession, which: Which, old: Occurrence, new: Occurrence, now: datetime
) -> bool:
    """How many letters were written, or there is nothing to ask: nobody was there, a slip of the
    pen put it into the past."""
    if new.starts_at > now or old.starts_at > now:
        return new.starts_at <= now
    asked = key(Kind.WRITTEN, *which, str(minute(old)))
    return await session.scalar(select(Notice.id).where(Notice.key == asked)) is not None


def not_asked(which: Which, one: Occurrence, now: datetime) -> Row:
    row = row_of(Kind.WRITTEN, which, str(minute(one)), now, one.starts_at + ANSWERED)
    return row | {"expanded_at": now}


def known_of(day: str, before: EventFacts, after: EventFacts | None) -> EventFacts:
    """By the day that seats have now (`seats.keep_days`): of one that repeats no more the one that
    is left, of one that was moved before it began to repeat its first."""
    if after is None or (before.repeats is None) == (after.repeats is None):
        return before
    first = first_day(after.event)
    if after.repeats is None:
        return before if day else before.of_day(first)
    return replace(before, day=day) if day == first else before


def expiry(kind: Kind, starts: list[datetime], now: datetime) -> datetime:
    """`starts`: as it was, and as it is."""
    if kind == Kind.EVENT_OFF:
        return starts[0] + ON_THE_WAY
    return starts[-1] if starts[-1] > now else max(starts)


def priority(starts: list[datetime], now: datetime) -> Priority:
    is_urgent = any(now < start <= now + URGENT for start in starts)
    return Priority.URGENT if is_urgent else Priority.REMINDER


def row_of(kind: Kind, which: Which, last: str, now: datetime, until: datetime) -> Row:
    event_id, day = which
    return {
        "key": key(kind, event_id, day, last),
        "kind": kind,
        "subject": "event",
        "thing_id": event_id,
        "lead": None,
        "before": None,
        "priority": Priority.REMINDER,
        "due_at": now,
        "expires_at": until,
        "expanded_at": None,
    }


def key(kind: Kind, event_id: int, day: str, last: str) -> str:
    return f"{kind}:event:{event_id}:{day}:{last}"


async def due(session: AsyncSession, now: datetime, told: int) -> list[Notice]:
    """`told`: an event that changed after this version is not yet told as it is now."""
    found = await seats.occurrences(session, await seats.occupied(session))
    as_told = await told_as_they_are(session, found, told)
    rows = [row for one in as_told if (row := near(one, now) or over(one, now))]
    made: list[Notice] = []
    if new := await not_made(session, rows):
        async with writing(session):
            made = await add_each(session, new)
    return [*made, *await promotions(session, now)]


async def told_as_they_are(
    session: AsyncSession, found: list[Occurrence], told: int
) -> list[Occurrence]:
    changed = [one.event.id for one in found if one.event.version > told]
    if not changed:
        return found
    known = select(Told.thing_id, Told.version).where(
        Told.subject == "event", Told.thing_id.in_(changed)
    )
    versions = {event: version for event, version in await session.execute(known)}
    return [one for one in found if one.event.version <= max(told, versions.get(one.event.id, 0))]


def near(one: Occurrence, now: datetime) -> Row | None:
    lead = event_news.lead_now(one, now)
    if lead is None:
        return None
    row = row_of(Kind.EVENT_SOON, which_of(one), f"{minute(one)}-{lead}", now, one.starts_at)
    return row | {"lead": lead}


def over(one: Occurrence, now: datetime) -> Row | None:
    if not event_news.is_to_be_counted(one, now):
        return None
    until = one.ends_at + COUNTED
    return row_of(Kind.WRITTEN, which_of(one), str(minute(one)), now, until)


def minute(one: Occurrence) -> int:
    """Of the start, so that another one is told of anew."""
    return int(one.starts_at.timestamp()) // 60


async def not_made(session: AsyncSession, rows: list[Row]) -> list[Row]:
    """Read first: nearly always all of them are there."""
    keys = [row["key"] for row in rows]
    there = set(await session.scalars(select(Notice.key).where(Notice.key.in_(keys))))
    return [row for row in rows if row["key"] not in there]


async def promotions(session: AsyncSession, now: datetime) -> list[Notice]:
    """Seats and the word of them in one transaction."""
    made: list[Notice] = []
    for one in await seats.occurrences(session, await seats.occupied(session, waiting=True)):
        if one.starts_at > now and not one.is_off:
            await take_back(session, one)
            if await seats.to_be_given(session, one, now):
                async with writing(session):
                    made += await add_each(session, await given(session, one, now))
    return made


async def given(session: AsyncSession, one: Occurrence, now: datetime) -> list[Row]:
    numbers = await seats.promote(session, one, now)
    which, until = which_of(one), one.starts_at
    return [row_of(Kind.SEAT, which, since(number, now), now, until) for number in numbers]


def since(seat: int, taken_at: datetime) -> str:
    """Who gets the same one a second time is told again."""
    return f"{seat}-{int(taken_at.timestamp())}"


async def take_back(session: AsyncSession, one: Occurrence) -> None:
    """Seats that were given to people whom the word of it did not reach: such as somebody who
    joined the waiting list in a group, and never opened a chat."""
    held = await seats.of_the_gone(session, one)
    event, day = which_of(one)
    keys = {key(Kind.SEAT, event, day, since(seat, at)): seat for seat, at in held.items()}
    in_vain = Notice.expanded_at.is_not(None), Notice.sent == 0
    untold = await session.scalars(select(Notice.key).where(Notice.key.in_(keys), *in_vain))
    if given := [keys[name] for name in untold]:
        async with writing(session):
            await seats.give_back(session, given)
