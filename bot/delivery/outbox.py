"""The outbox: what is to be sent, kept so that no kill loses any of it.

A notice is expanded into deliveries, one for everybody concerned; each is claimed for a while (a
lease), sent, and settled. Whatever was claimed by a process that is gone is claimed again when its
lease has run out. All by single statements that cost the same however many rows there are: what is
ready, leased or waiting is found by an index of only that.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    CursorResult,
    Integer,
    Row,
    Select,
    Table,
    any_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.crypto import Vault
from bot.db import insert_new, writing
from bot.delivery.quiet import quiet_until
from bot.services.subscribers import SEALED
from models import Delivery, Follow, Notice, Organisation, State, Subscriber

Audience = Callable[[Notice, datetime], Select[tuple[int, int]]]
"""(subscriber id, follow id) of everybody whom the notice concerns, one row a subscriber."""

CHUNK = 5000
"""Rows that one transaction makes or moves: the others of SQLite wait for it."""
LEASE = timedelta(seconds=60)
BUSY = timedelta(seconds=1)
"""How long a delivery waits for another one to the same chat."""
OPEN = (State.READY, State.LEASED, State.WAITING)
COUNTED = {
    State.SENT: "sent",
    State.BLOCKED: "blocked",
    State.FAILED: "failed",
    State.DROPPED: "dropped",
}
DELIVERIES, NOTICES = cast(Table, Delivery.__table__), cast(Table, Notice.__table__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for a while."""

    id: int
    notice_id: int
    follow_id: int | None
    priority: int
    tries: int


@dataclass(frozen=True, slots=True)
class Reader:
    id: int
    chat_sealed: bytes
    language: str | None
    timezone: str
    """Their own, or the organisers'."""
    quiet_from: int | None
    quiet_until: int | None
    silent_until: datetime | None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one message tells: a delivery, or several of one batch."""

    deliveries: tuple[Claimed, ...]
    reader: Reader
    leased_until: datetime

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(item.id for item in self.deliveries)

    @property
    def tries(self) -> int:
        return max(item.tries for item in self.deliveries)

    @property
    def rank(self) -> tuple[int, int]:
        """The smaller one goes first."""
        return min((item.priority, item.id) for item in self.deliveries)


@dataclass(frozen=True, slots=True)
class Outcome:
    ids: tuple[int, ...]
    state: State
    not_before: datetime | None = None
    message_id: int | None = None
    tried: bool = False
    """Whether it was an attempt that counts."""


def is_in(state: State, table: Any = Delivery) -> ColumnElement[bool]:
    """A literal: an index of some states only is not used for a value that comes later."""
    return cast(ColumnElement[bool], table.state == literal_column(str(int(state))))


def among(session: AsyncSession, column: Any, numbers: Iterable[int]) -> ColumnElement[bool]:
    """On PostgreSQL one statement for any number of numbers: it need not be prepared anew."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(ColumnElement[bool], column == any_(literal(list(numbers), ARRAY(Integer))))
    return cast(ColumnElement[bool], column.in_(list(numbers)))


async def changed(session: AsyncSession, statement: Any) -> int:
    return cast(CursorResult[Any], await session.execute(statement)).rowcount


# -- a notice becomes deliveries -----------------------------------------------------------


async def expand_next(session: AsyncSession, audience: Audience, now: datetime) -> int | None:
    """A chunk of the most urgent notice that has not everybody yet; None if there is no such."""
    due = select(Notice).where(Notice.expanded_at.is_(None), Notice.due_at <= now)
    notice = await session.scalar(due.order_by(Notice.priority, Notice.id).limit(1))
    return None if notice is None else await expand(session, notice, audience, now)


async def expand(session: AsyncSession, notice: Notice, audience: Audience, now: datetime) -> int:
    """The next chunk of deliveries; 0: everybody has one. A kill in between loses nothing."""
    number, cursor = notice.id, notice.cursor
    too_late = notice.expires_at is not None and notice.expires_at <= now
    async with writing(session):
        made = 0 if too_late else await add_chunk(session, notice, audience(notice, now))
        if made:
            last = select(func.max(Delivery.subscriber_id)).where(Delivery.notice_id == number)
            cursor = await session.scalar(last) or cursor
        notice.cursor, notice.total = cursor, notice.total + made
        notice.expanded_at = None if made else now
    return made


async def add_chunk(
    session: AsyncSession, notice: Notice, audience: Select[tuple[int, int]]
) -> int:
    """Of one batch nobody is told before all of it is known: it becomes one message."""
    state = State.READY if notice.batch is None else State.WAITING
    reader, follow = audience.subquery("audience").c
    rest = (
        select(
            literal(notice.id, Integer),
            reader,
            follow,
            literal(int(state), Integer),
            literal(notice.priority, Integer),
            literal(0, Integer),
        )
        .where(reader > notice.cursor)
        .order_by(reader)
        .limit(CHUNK)
    )
    columns = ["notice_id", "subscriber_id", "follow_id", "state", "priority", "tries"]
    new = insert_new(session, Delivery, "notice_id", "subscriber_id")
    return await changed(session, new.from_select(columns, rest))


# -- claiming ------------------------------------------------------------------------------


async def claim(
    session: AsyncSession, now: datetime, room: int, busy: Collection[int] = ()
) -> tuple[list[Parcel], int]:
    """The next messages to send, and how many deliveries were looked at.

    `busy`: subscribers to whom something is on its way; what else there is for them waits.
    """
    async with writing(session):
        rows = await leased(session, now, room)
        if not rows:
            return [], 0
        notices = await notices_of(session, rows)
        batches = {notice.batch for notice in notices.values() if notice.batch is not None}
        if batches:
            rows += await siblings(session, now, rows, batches)
            notices = await notices_of(session, rows)
        readers = await readers_of(session, {row.subscriber_id for row in rows})
        parcels, outcomes = sorted_out(rows, notices, readers, busy, now)
        await apply(session, outcomes, now)
        for notice in notices.values():
            if is_past(notice, now):
                await drop_rest(session, notice)
    return parcels, len(rows)


async def leased(session: AsyncSession, now: datetime, room: int) -> list[Row[Any]]:
    ready = select(Delivery.id).where(is_in(State.READY))
    foremost = ready.order_by(Delivery.priority, Delivery.id).limit(room)
    return await lease(session, now, foremost.with_for_update(skip_locked=True))


async def siblings(
    session: AsyncSession, now: datetime, rows: Sequence[Row[Any]], batches: Collection[int]
) -> list[Row[Any]]:
    """What else there is for the same people in the same batches."""
    others = select(Delivery.id).join(Notice, Notice.id == Delivery.notice_id)
    these = others.where(
        among(session, Delivery.subscriber_id, {row.subscriber_id for row in rows}),
        or_(is_in(State.READY), is_in(State.WAITING)),
        among(session, Notice.batch, batches),
    )
    return await lease(session, now, these.with_for_update(skip_locked=True, of=Delivery))


async def lease(session: AsyncSession, now: datetime, these: Select[int]) -> list[Row[Any]]:
    table, picked = DELIVERIES.c, these.cte("picked")
    statement = (
        update(DELIVERIES)
        .where(table.id.in_(select(picked.c.id)))
        .values(state=State.LEASED, leased_until=now + LEASE, not_before=None)
        .returning(
            table.id,
            table.notice_id,
            table.subscriber_id,
            table.follow_id,
            table.priority,
            table.tries,
        )
    )
    return list(await session.execute(statement))


async def notices_of(session: AsyncSession, rows: Iterable[Row[Any]]) -> dict[int, Row[Any]]:
    columns = (Notice.id, Notice.batch, Notice.expires_at, Notice.priority)
    numbers = {row.notice_id for row in rows}
    found = await session.execute(select(*columns).where(among(session, Notice.id, numbers)))
    return {row.id: cast(Row[Any], row) for row in found}


async def readers_of(session: AsyncSession, numbers: Collection[int]) -> dict[int, Reader]:
    home = select(Organisation.timezone).order_by(Organisation.id).limit(1).scalar_subquery()
    query = select(
        Subscriber.id,
        Subscriber.chat_sealed,
        Subscriber.language,
        func.coalesce(Subscriber.timezone, home, "UTC"),
        Subscriber.quiet_from,
        Subscriber.quiet_until,
        Subscriber.silent_until,
    ).where(among(session, Subscriber.id, numbers))
    return {row[0]: Reader(*row) for row in await session.execute(query)}


def sorted_out(
    rows: Iterable[Row[Any]],
    notices: dict[int, Row[Any]],
    readers: dict[int, Reader],
    busy: Collection[int],
    now: datetime,
) -> tuple[list[Parcel], list[Outcome]]:
    """What is to be sent now, at most one message a chat, and what is not."""
    past = {row.id for row in rows if is_past(notices[row.notice_id], now)}
    parcels, taken = list[Parcel](), set(busy)
    outcomes = [Outcome(tuple(past), State.DROPPED)] if past else []
    for reader, items in together((row for row in rows if row.id not in past), notices):
        parcel = Parcel(tuple(items), readers[reader], now + LEASE)
        ends = [end for item in items if (end := notices[item.notice_id].expires_at)]
        outcome = put_off(parcel, min(ends, default=None), reader in taken, now)
        if outcome:
            outcomes.append(outcome)
        else:
            parcels.append(parcel)
            taken.add(reader)
    return parcels, outcomes


def is_past(notice: Row[Any], now: datetime) -> bool:
    return notice.expires_at is not None and notice.expires_at <= now


def together(
    rows: Iterable[Row[Any]], notices: dict[int, Row[Any]]
) -> list[tuple[int, list[Claimed]]]:
    """By reader, and by what may share a message; the foremost first."""
    groups = defaultdict[tuple[int, int | None, int], list[Claimed]](list)
    for row in sorted(rows, key=lambda row: (row.priority, row.id)):
        batch = notices[row.notice_id].batch
        item = Claimed(row.id, row.notice_id, row.follow_id, row.priority, row.tries)
        groups[row.subscriber_id, batch, row.id if batch is None else 0].append(item)
    return [(reader, items) for (reader, _, _), items in groups.items()]


def put_off(parcel: Parcel, expires: datetime | None, busy: bool, now: datetime) -> Outcome | None:
    reader = parcel.reader
    if reader.silent_until and reader.silent_until > now:
        return Outcome(parcel.ids, State.DROPPED)
    zone = ZoneInfo(reader.timezone)
    quiet = quiet_until(now, zone, reader.quiet_from, reader.quiet_until)
    if quiet and (expires is None or quiet < expires):
        return Outcome(parcel.ids, State.WAITING, not_before=quiet)
    if busy:
        return Outcome(parcel.ids, State.WAITING, not_before=now + BUSY)
    return None


async def drop_rest(session: AsyncSession, notice: Row[Any]) -> None:
    """Of one that is too late, many at once. The plus keeps to the index of what is ready."""
    ready = select(Delivery.id).where(
        is_in(State.READY),
        Delivery.priority == notice.priority,
        text("+notice_id = :notice").bindparams(notice=notice.id),
    )
    these = ready.order_by(Delivery.id).limit(CHUNK)
    dropped = await changed(
        session,
        update(DELIVERIES).where(DELIVERIES.c.id.in_(these)).values(state=State.DROPPED),
    )
    await count(session, Counter({(notice.id, "dropped"): dropped}))


# -- settling ------------------------------------------------------------------------------


async def settle(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    async with writing(session):
        await apply(session, outcomes, now)


async def apply(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """What is settled already stays so: a lease that ran out may have been settled by another."""
    ids = [number for outcome in outcomes for number in outcome.ids]
    if not ids:
        return
    query = select(Delivery.id, Delivery.notice_id, Delivery.subscriber_id).where(
        among(session, Delivery.id, ids), Delivery.state.in_(OPEN)
    )
    found = await session.execute(query.order_by(Delivery.id).with_for_update())
    rows = {row.id: row for row in found}
    ends = [
        (rows[number], outcome) for outcome in outcomes for number in outcome.ids if number in rows
    ]
    if not ends:
        return
    await session.execute(SETTLED, [values(row.id, outcome, now) for row, outcome in ends])
    await count(
        session,
        Counter(
            (row.notice_id, COUNTED[outcome.state])
            for row, outcome in ends
            if outcome.state in COUNTED
        ),
    )
    if gone := {row.subscriber_id for row, outcome in ends if outcome.state is State.BLOCKED}:
        await unsubscribe(session, gone)


SETTLED = (
    update(DELIVERIES)
    .where(DELIVERIES.c.id == bindparam("number"))
    .values(
        state=bindparam("to"),
        leased_until=None,
        not_before=bindparam("later"),
        tries=DELIVERIES.c.tries + bindparam("tried"),
        message_id=bindparam("message"),
        sent_at=bindparam("at"),
    )
)


def values(number: int, outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "number": number,
        "to": int(outcome.state),
        "later": outcome.not_before,
        "tried": int(outcome.tried),
        "message": outcome.message_id,
        "at": now if outcome.state is State.SENT else None,
    }


async def count(session: AsyncSession, ends: Counter[tuple[int, str]]) -> None:
    """Always in the same order: two that count wait for each other, and not in a circle."""
    for (notice, name), number in sorted(ends.items()):
        column = NOTICES.c[name]
        more = update(NOTICES).where(NOTICES.c.id == notice).values({name: column + number})
        await session.execute(more)


async def unsubscribe(session: AsyncSession, subscribers: Collection[int]) -> None:
    """Whoever blocked the bot, or is gone, follows nothing any more."""
    await session.execute(delete(Follow).where(among(session, Follow.subscriber_id, subscribers)))
    rest = (
        update(DELIVERIES)
        .where(
            among(session, DELIVERIES.c.subscriber_id, subscribers),
            DELIVERIES.c.state.in_((State.READY, State.WAITING)),
        )
        .values(state=State.DROPPED, not_before=None)
        .returning(DELIVERIES.c.notice_id)
    )
    dropped = await session.scalars(rest)
    await count(session, Counter((notice, "dropped") for notice in dropped))


async def move(session: AsyncSession, vault: Vault, old: int, chat: int, now: datetime) -> None:
    """A group became another chat. Where that one is known already, it takes over."""
    index = vault.index(chat)
    async with writing(session):
        known = await session.scalar(select(Subscriber.id).where(Subscriber.chat_index == index))
        if known is None:
            sealed = vault.seal(chat, SEALED)
            row = update(Subscriber).where(Subscriber.id == old)
            await session.execute(row.values(chat_index=index, chat_sealed=sealed))
        elif known != old:
            await take_over(session, old, known, now)


async def take_over(session: AsyncSession, old: int, new: int, now: datetime) -> None:
    """All that the new one does not have of its own; what would come twice is dropped."""
    for table, same in ((Follow, ("subject", "thing_id")), (Delivery, ("notice_id",))):
        await give(session, cast(Table, table.__table__), same, old, new)
    left = select(Delivery.id).where(Delivery.subscriber_id == old, Delivery.state.in_(OPEN))
    twice = tuple(await session.scalars(left))
    await apply(session, [Outcome(twice, State.DROPPED)], now)
    await session.execute(delete(Subscriber).where(Subscriber.id == old))


async def give(
    session: AsyncSession, table: Table, same: Sequence[str], old: int, new: int
) -> None:
    own = table.alias()
    has = exists().where(
        own.c.subscriber_id == new, *(own.c[name] == table.c[name] for name in same)
    )
    rows = update(table).where(table.c.subscriber_id == old, ~has)
    await session.execute(rows.values(subscriber_id=new))


# -- what waits ----------------------------------------------------------------------------


async def wake(session: AsyncSession, now: datetime) -> int:
    """What waited for its time, or for its batch, is ready."""
    slept = select(Delivery.id).where(is_in(State.WAITING), Delivery.not_before <= now)
    woken = await make_ready(session, slept.order_by(Delivery.not_before).limit(CHUNK))
    return woken + await make_ready(session, whole_batches().limit(CHUNK))


def whole_batches() -> Select[int]:
    other = aliased(Notice)
    coming = exists().where(other.batch == Notice.batch, other.expanded_at.is_(None))
    return (
        select(Delivery.id)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(is_in(State.WAITING), Delivery.not_before.is_(None), ~coming)
    )


async def reclaim(session: AsyncSession, now: datetime, held: Collection[int] = ()) -> int:
    """Leases that ran out, but for those that we hold: somebody's clock was moved."""
    lapsed = select(Delivery.id).where(is_in(State.LEASED), Delivery.leased_until <= now)
    return await make_ready(session, lapsed.limit(CHUNK + len(held)), held)


async def make_ready(session: AsyncSession, these: Select[int], held: Collection[int] = ()) -> int:
    """Without a lock while there are none, as nearly always."""
    ids = [number for number in await session.scalars(these) if number not in held]
    if not ids:
        return 0
    still = DELIVERIES.c.state.in_((State.LEASED, State.WAITING))
    rows = update(DELIVERIES).where(among(session, DELIVERIES.c.id, ids), still)
    async with writing(session):
        ready = rows.values(state=State.READY, not_before=None, leased_until=None)
        return await changed(session, ready)
