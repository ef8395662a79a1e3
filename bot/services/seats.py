"""Who comes to an event: seats, and the line of those who wait for one. Numbers, and never who."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import insert_new, writing
from bot.services import events
from bot.services.events import Occurrence, occurrence
from bot.services.subscribers import enrolled
from models import Event, Kind, Notice, Removal, Seat, Subscriber

MOST = 2
"""People that one seat is for: somebody, and one more."""
KEPT = timedelta(days=7)
"""After the event."""
Which = tuple[int, str]
"""Of an event its number, and the day."""


@dataclass(frozen=True, slots=True)
class Mine:
    people: int
    line: int | None
    """The place in the line of those who wait, from 1; nothing: they have their seats."""


@dataclass(frozen=True, slots=True)
class Seats:
    """Of one day of an event."""

    people: int
    """That come."""
    waiting: int
    mine: Mine | None
    """The reader's."""
    free: int | None
    """Nothing: there is room for any number."""

    @property
    def is_seated(self) -> bool:
        return self.mine is not None and self.mine.line is None

    @property
    def is_full(self) -> bool:
        """For one more who comes now."""
        return self.free is not None and self.free < 1


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of "I will come"."""

    occurrence: Occurrence
    seats: Seats
    is_on: bool = True
    """Whether there is anywhere to go."""
    is_room: bool = True
    """For one more beside them."""


@dataclass(frozen=True, slots=True)
class Party:
    """Whoever comes or waits, in the order in which they came."""

    seat_id: int
    subscriber_id: int
    people: int
    is_waiting: bool
    is_there: bool = True
    """Not, if no message reaches them: they would get a seat and never know."""


NEW = 2**31
"""Stands for the seat of whoever comes last."""


def allotted(parties: Iterable[Party], capacity: int | None) -> list[int]:
    """The seats of those who wait and get one, first come, first served. Who is more than there is
    room for lets others pass."""
    if capacity is None:
        return [one.seat_id for one in parties if one.is_waiting and one.is_there]
    parties = list(parties)
    free, found = capacity - people_of(parties), list[int]()
    for one in parties:
        if one.is_waiting and one.is_there and one.people <= free:
            free -= one.people
            found.append(one.seat_id)
    return found


def people_of(parties: Iterable[Party], *, waiting: bool = False) -> int:
    return sum(one.people for one in parties if one.is_waiting == waiting)


async def take(
    session: AsyncSession,
    vault: Vault,
    person: Subscriber,
    chat_id: int,
    which: Which,
    people: int,
    now: datetime,
) -> Answered:
    """For so many people; a place in the line, if there is no room. Two who want the last seat come
    one after the other."""
    async with writing(session):
        await locked(session, which[0])
        one = await events.on_day(session, *which, now)
        if not one.takes_place(now):
            return Answered(one, await at(session, one, person), is_on=False)
        kept = await enrolled(session, vault, person, chat_id)
        is_room = await seat(session, one, kept.id, people)
        return Answered(one, await at(session, one, kept), is_room=is_room)


async def seat(session: AsyncSession, one: Occurrence, subscriber: int, people: int) -> bool:
    """Whether there is room for all of them; who has a seat keeps it in any case."""
    parties = await parties_of(session, which_of(one))
    mine = next((each for each in parties if each.subscriber_id == subscriber), None)
    others = [each for each in parties if each is not mine]
    if mine and not mine.is_waiting:
        is_room = people <= mine.people or fits(one, others, people)
        if is_room:
            its = update(Seat).where(Seat.id == mine.seat_id)
            await session.execute(its.values(people=people, version=one.event.version))
        return is_room
    wanted = Party(mine.seat_id if mine else NEW, subscriber, people, is_waiting=True)
    order = sorted([*others, wanted], key=lambda each: each.seat_id)
    is_seated = wanted.seat_id in allotted(order, one.event.capacity)
    new = {"event_id": one.event.id, "day": one.day, "subscriber_id": subscriber}
    chosen = {"people": people, "is_waiting": not is_seated, "version": one.event.version}
    if mine:
        await session.execute(update(Seat).where(Seat.id == mine.seat_id).values(**chosen))
    else:
        await session.execute(insert_new(session, Seat).values(**new, **chosen))
    return is_seated


def fits(one: Occurrence, others: Sequence[Party], people: int) -> bool:
    """One more beside somebody who comes; those in the line were first."""
    capacity = one.event.capacity
    if capacity is None:
        return True
    is_line = any(each.is_waiting and each.is_there for each in others)
    return not is_line and people_of(others) + people <= capacity


async def leave(session: AsyncSession, person: Subscriber, which: Which, now: datetime) -> Answered:
    """Their seats are free for who waits: within seconds (`delivery/event_notices.py`)."""
    async with writing(session):
        one = await events.on_day(session, *which, now)
        if person.id is not None:
            mine = Seat.subscriber_id == person.id
            await session.execute(delete(Seat).where(of(which_of(one)), mine))
        return Answered(one, await at(session, one, person), is_on=one.takes_place(now))


async def locked(session: AsyncSession, event_id: int) -> None:
    """Until the transaction ends nobody else takes a seat of this event (SQLite: nobody writes)."""
    await session.execute(select(Event.id).where(Event.id == event_id).with_for_update())


def which_of(one: Occurrence) -> Which:
    return one.event.id, one.day


def of(which: Which) -> ColumnElement[bool]:
    return and_(Seat.event_id == which[0], Seat.day == which[1])


async def parties_of(session: AsyncSession, which: Which) -> list[Party]:
    query = (
        select(Seat, Subscriber.blocked_on)
        .join(Subscriber, Subscriber.id == Seat.subscriber_id)
        .where(of(which))
        .order_by(Seat.id)
        .execution_options(populate_existing=True)
    )
    return [
        Party(each.id, each.subscriber_id, each.people, each.is_waiting, blocked_on is None)
        for each, blocked_on in await session.execute(query)
    ]


async def at(session: AsyncSession, one: Occurrence, person: Subscriber) -> Seats:
    parties = await parties_of(session, which_of(one))
    line = [each for each in parties if each.is_waiting]
    mine = next((each for each in parties if each.subscriber_id == person.id), None)
    place = line.index(mine) + 1 if mine and mine.is_waiting else None
    people, waiting = people_of(parties), people_of(parties, waiting=True)
    return Seats(
        people, waiting, Mine(mine.people, place) if mine else None, free(one, people, line)
    )


def free(one: Occurrence, people: int, line: Sequence[Party]) -> int | None:
    """What those who wait will get is not free any more."""
    if one.event.capacity is None:
        return None
    parties = [Party(0, 0, people, is_waiting=False), *line]
    given = set(allotted(parties, one.event.capacity))
    return one.event.capacity - people - sum(each.people for each in line if each.seat_id in given)


async def promised(session: AsyncSession, person: Subscriber) -> dict[Which, bool]:
    """What they come to; whether they wait for a seat there."""
    if person.id is None:
        return {}
    query = select(Seat.event_id, Seat.day, Seat.is_waiting)
    mine = query.where(Seat.subscriber_id == person.id)
    return {(event, day): waits for event, day, waits in await session.execute(mine)}


async def occupied(session: AsyncSession, *, waiting: bool = False) -> set[Which]:
    """Events for which somebody has a seat, or waits for one."""
    query = select(Seat.event_id, Seat.day).where(Seat.is_waiting == waiting).distinct()
    return {(event, day) for event, day in await session.execute(query)}


async def occurrences(session: AsyncSession, those: Collection[Which]) -> list[Occurrence]:
    """Of events that are still there."""
    numbers = {event for event, _ in those}
    found = await session.scalars(select(Event).where(Event.id.in_(numbers)))
    by_id = {event.id: event for event in found}
    return [occurrence(by_id[event], day) for event, day in sorted(those) if event in by_id]


async def is_to_be_given(session: AsyncSession, one: Occurrence) -> bool:
    """Whether there is a seat for somebody who waits."""
    return bool(allotted(await parties_of(session, which_of(one)), one.event.capacity))


async def promote(session: AsyncSession, one: Occurrence) -> list[int]:
    """Inside of `writing`: gives what is free to those who wait. The seats that they got. With the
    word of it they learn what else has changed."""
    await locked(session, one.event.id)
    given = allotted(await parties_of(session, which_of(one)), one.event.capacity)
    if given:
        theirs = update(Seat).where(Seat.id.in_(given))
        await session.execute(theirs.values(is_waiting=False, version=one.event.version))
    return given


async def forget_past(session: AsyncSession, now: datetime) -> None:
    """A week later nobody needs to know any more that somebody was there."""
    long_ago = now - KEPT
    over = select(Event.id).where(Event.repeats.is_(None), Event.starts_at < long_ago)
    day = (long_ago - timedelta(days=1)).date().isoformat()
    past = or_(and_(Seat.day == "", Seat.event_id.in_(over)), and_(Seat.day != "", Seat.day < day))
    if await session.scalar(select(exists().where(past))):
        async with writing(session):
            await session.execute(delete(Seat).where(past))


async def forget_removed(session: AsyncSession, version: int, now: datetime) -> None:
    """Of events that were removed, as soon as nobody is to be told so any more."""
    told = Notice.subject == "event", Notice.kind == Kind.EVENT_OFF, Notice.expires_at > now
    removed = select(Removal.thing_id).where(
        Removal.kind == "event",
        Removal.version <= version,
        Removal.thing_id.not_in(select(Notice.thing_id).where(*told)),
    )
    gone = Seat.event_id.in_(removed), Seat.event_id.not_in(select(Event.id))
    await session.execute(delete(Seat).where(*gone))
