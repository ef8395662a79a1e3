"""Who comes to an event: seats, and the line of those who wait for one. Numbers, and never who."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import dropped, writing
from bot.services import events
from bot.services.events import Occurrence, occurrence
from bot.services.subscribers import enrolled
from models import Event, Kind, Notice, Removal, Seat, Subscriber

MOST = 2
"""People that one seat is for: somebody, and one more."""
AT_ONCE = 1000
"""Seats that are given in one transaction; two seconds later more."""
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
    """Somebody who waits, and can be told; alone or with one more."""

    seat_id: int
    people: int


UNSEEN = datetime(1970, 1, 1, tzinfo=UTC)
"""A time before all reminders."""
NEW = 2**31
"""Stands for the seat of whoever comes last."""


def allotted(line: Iterable[Party], free: int | None) -> list[Party]:
    """Those who get a seat, first come, first served. Two for whom there is room for one let others
    pass. `free`: nothing: there is room for all."""
    left, found = free, list[Party]()
    for one in line:
        if left is None or one.people <= left:
            left = None if left is None else left - one.people
            found.append(one)
    return found


async def take(
    session: AsyncSession,
    vault: Vault,
    person: Subscriber,
    chat_id: int,
    which: Which,
    people: int,
    now: datetime,
    *,
    seen: bool = True,
) -> Answered:
    """For so many people (0: as many as they are); a place in the line, if there is no room. Two
    who want the last seat come one after the other. `seen`: with all that who comes may know; in a
    group it is not."""
    async with writing(session):
        await locked(session, which[0])
        one = await events.on_day(session, *which, now)
        if not one.takes_place(now):
            return Answered(one, await at(session, one, person, now), is_on=False)
        kept = await enrolled(session, vault, person, chat_id)
        is_room = await seat(session, one, kept.id, people, now, now if seen else UNSEEN)
        return Answered(one, await at(session, one, kept, now), is_room=is_room)


async def seat(
    session: AsyncSession,
    one: Occurrence,
    subscriber: int,
    people: int,
    now: datetime,
    taken_at: datetime,
) -> bool:
    """Whether there is room for all of them; who has a seat keeps it in any case."""
    own = select(Seat).where(of(which_of(one)), Seat.subscriber_id == subscriber)
    mine = await session.scalar(own.execution_options(populate_existing=True))
    people = people or (mine.people if mine else 1)
    if mine and not mine.is_waiting:
        is_room = people <= mine.people or await fits(session, one, people - mine.people, now)
        mine.people = people if is_room else mine.people
        mine.taken_at = taken_at
        return is_room
    is_seated = await is_turn(session, one, Party(mine.id if mine else NEW, people), now)
    if mine is None:
        event, day = which_of(one)
        mine = Seat(event_id=event, day=day, subscriber_id=subscriber, version=one.event.version)
        session.add(mine)
    if is_seated:  # whoever only waited did not see all of it
        mine.version = one.event.version
    mine.people, mine.is_waiting, mine.taken_at = people, not is_seated, taken_at
    await session.flush()
    return is_seated


async def is_turn(session: AsyncSession, one: Occurrence, wanted: Party, now: datetime) -> bool:
    """Whether there is a seat for them, before which others come."""
    line = await line_of(session, one, now)
    others = [each for each in line if each.seat_id != wanted.seat_id]
    order = sorted([*others, wanted], key=lambda each: each.seat_id)
    return wanted in allotted(order, await free_of(session, one))


async def fits(session: AsyncSession, one: Occurrence, more: int, now: datetime) -> bool:
    """Beside somebody who comes; those in the line were first."""
    free = await free_of(session, one)
    return free is None or (free >= more and not await line_of(session, one, now))


async def leave(session: AsyncSession, person: Subscriber, which: Which, now: datetime) -> Answered:
    """Their seats are free for who waits: within seconds (`delivery/event_notices.py`)."""
    async with writing(session):
        await locked(session, which[0])
        event = await session.get(Event, which[0], populate_existing=True)
        if event:  # a button may be from before it repeated, or from when it did
            which = which_of(occurrence(event, which[1] or events.first_day(event)))
        if person.id is not None:
            mine = Seat.subscriber_id == person.id
            await session.execute(delete(Seat).where(of(which), mine))
    one = await events.on_day(session, *which, now)
    return Answered(one, await at(session, one, person, now), is_on=one.takes_place(now))


async def locked(session: AsyncSession, event_id: int) -> None:
    """Until the transaction ends nobody else takes a seat of this event (SQLite: nobody writes)."""
    await session.execute(select(Event.id).where(Event.id == event_id).with_for_update())


def which_of(one: Occurrence) -> Which:
    return one.event.id, one.day


def of(which: Which) -> ColumnElement[bool]:
    return and_(Seat.event_id == which[0], Seat.day == which[1])


async def free_of(session: AsyncSession, one: Occurrence) -> int | None:
    """Seats that nobody has; nothing: there is room for any number."""
    if one.event.capacity is None:
        return None
    taken = select(func.sum(Seat.people)).where(of(which_of(one)), ~Seat.is_waiting)
    return one.event.capacity - (await session.scalar(taken) or 0)


async def line_of(session: AsyncSession, one: Occurrence, now: datetime) -> list[Party]:
    """Those who wait and can be told: without that they would get a seat and never know. Once it
    has begun nobody waits any more."""
    if one.starts_at <= now:
        return []
    query = select(Seat.id, Seat.people).join(Subscriber, Subscriber.id == Seat.subscriber_id)
    waiting = query.where(of(which_of(one)), Seat.is_waiting, Subscriber.blocked_on.is_(None))
    return [Party(*row) for row in await session.execute(waiting.order_by(Seat.id))]


async def to_be_given(session: AsyncSession, one: Occurrence, now: datetime) -> list[Party]:
    """What is free goes to them."""
    free = await free_of(session, one)
    if free is not None and free < 1:
        return []
    return allotted(await line_of(session, one, now), free)


async def at(session: AsyncSession, one: Occurrence, person: Subscriber, now: datetime) -> Seats:
    totals = select(Seat.is_waiting, func.sum(Seat.people)).where(of(which_of(one)))
    rows = await session.execute(totals.group_by(Seat.is_waiting))
    people = {waits: number for waits, number in rows}
    free = None if one.event.capacity is None else one.event.capacity - people.get(False, 0)
    if free and people.get(True):  # what those who wait will get is not free any more
        free -= sum(each.people for each in await to_be_given(session, one, now))
    mine = await mine_of(session, one, person)
    return Seats(people.get(False, 0), people.get(True, 0), mine, free)


async def mine_of(session: AsyncSession, one: Occurrence, person: Subscriber) -> Mine | None:
    if person.id is None:
        return None
    own = of(which_of(one)), Seat.subscriber_id == person.id
    found = select(Seat.id, Seat.people, Seat.is_waiting).where(*own)
    row = (await session.execute(found)).one_or_none()
    if row is None or not row.is_waiting:
        return Mine(row.people, None) if row else None
    before = select(func.count()).where(of(which_of(one)), Seat.is_waiting, Seat.id <= row.id)
    return Mine(row.people, await session.scalar(before))


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


async def promote(session: AsyncSession, one: Occurrence, now: datetime) -> list[int]:
    """Inside of `writing`: gives what is free to those who wait. The seats that they got. With the
    word of it they learn what else has changed."""
    await locked(session, one.event.id)
    given = [each.seat_id for each in await to_be_given(session, one, now)][:AT_ONCE]
    if given:
        theirs = update(Seat).where(Seat.id.in_(given))
        seen = {"version": one.event.version, "taken_at": now}
        await session.execute(theirs.values(is_waiting=False, **seen))
    return given


async def of_the_gone(session: AsyncSession, one: Occurrence) -> dict[int, datetime]:
    """Seats of those whom no message reaches; since when they have them."""
    query = select(Seat.id, Seat.taken_at).join(Subscriber, Subscriber.id == Seat.subscriber_id)
    theirs = query.where(of(which_of(one)), ~Seat.is_waiting, Subscriber.blocked_on.is_not(None))
    return {seat: since for seat, since in await session.execute(theirs)}


async def give_back(session: AsyncSession, given: Collection[int]) -> None:
    """Inside of `writing`: they wait on, and until they are back others are first (`line_of`)."""
    await session.execute(update(Seat).where(Seat.id.in_(given)).values(is_waiting=True))


Rhythm = tuple[bool, str]
"""Of an event: whether it repeats, and its first day."""


async def rhythms(session: AsyncSession, those: Collection[int]) -> dict[int, Rhythm]:
    if not those:
        return {}
    query = select(Event).where(Event.id.in_(those)).execution_options(populate_existing=True)
    found = await session.scalars(query)
    return {event.id: (event.repeats is not None, events.first_day(event)) for event in found}


async def keep_days(session: AsyncSession, before: dict[int, Rhythm]) -> None:
    """Inside of `writing`. Of an event that begins to repeat they are of its day from then on, and
    of one that ends to repeat of none."""
    for number, after in (await rhythms(session, before)).items():
        (repeated, old), (repeats, new) = before[number], after
        if repeats and not repeated:
            await rename(session, (number, ""), (number, old))
        elif repeated and not repeats:
            await rename(session, (number, new), (number, ""))


async def rename(session: AsyncSession, which: Which, new: Which) -> None:
    """Who has a seat by the new day already keeps that."""
    there = select(Seat.subscriber_id).where(of(new)).scalar_subquery()
    moved = update(Seat).where(of(which), Seat.subscriber_id.not_in(there))
    await session.execute(moved.values(day=new[1]))
    await session.execute(delete(Seat).where(of(which)))
    await rename_notices(session, which, new)


async def rename_notices(session: AsyncSession, which: Which, new: Which) -> None:
    """What is on its way is of that day from then on, and what was told is not told again."""
    old_part, new_part = (f":event:{event}:{day}:" for event, day in (which, new))
    its = Notice.subject == "event", Notice.thing_id == which[0]
    found = {notice.key: notice for notice in await session.scalars(select(Notice).where(*its))}
    for key, notice in found.items():
        if (renamed := key.replace(old_part, new_part)) not in found:
            notice.key = renamed
    await session.flush()


async def forget_past(session: AsyncSession, now: datetime) -> int:
    """A week later nobody needs to know any more that somebody was there."""
    long_ago = now - KEPT
    over = select(Event.id).where(Event.repeats.is_(None), Event.starts_at < long_ago)
    day = (long_ago - timedelta(days=1)).date().isoformat()
    past = or_(and_(Seat.day == "", Seat.event_id.in_(over)), and_(Seat.day != "", Seat.day < day))
    return await dropped(session, Seat, past)


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
