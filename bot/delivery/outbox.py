"""The outbox: what is to be sent, kept so that no kill loses any of it.

A notice is expanded into deliveries, one for everybody concerned; each is claimed for a while (a
lease), sent, and settled. Whatever was claimed by a process that is gone is claimed again when its
lease has run out. All by single statements that cost the same however many rows there are: what is
ready, leased or waiting is found by an index of only that. Here they are claimed; `expansion` adds
them, `settling` ends them, `waiting` wakes and forgets them.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, exists, func, not_, or_, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.delivery.parcels import (
    LEASE,
    NO_SEATS,
    NOWHERE,
    Claimed,
    Outcome,
    Parcel,
    Recipient,
    sorted_out,
)
from bot.delivery.rows import DELIVERIES, among, is_in, is_postgresql
from bot.delivery.settling import apply, drop_rest, hold_rest, keep_for_later
from bot.services.attendance import Yes
from bot.services.audience import audience
from bot.services.notices import matter_of
from bot.services.seats import Which
from bot.services.standstill import STANDS_STILL
from models import (
    MENDING,
    OF_EVENTS,
    Attendance,
    Delivery,
    Follow,
    Hold,
    Kind,
    Notice,
    Organisation,
    Seat,
    State,
    Subscriber,
    To,
)
from models.notice import IS_LEFT, lasting, numbers_in


@dataclass(frozen=True, slots=True)
class Open:
    """What there is to do."""

    is_due: bool
    """A notice has not everybody yet."""
    foremost: int | None
    """The priority of what is to be sent next."""
    stands_still: bool
    """Nothing is sent, because an owner said so."""
    is_paid: bool
    """A broadcast is not over for whose pace an owner pays."""


async def what_is_open(session: AsyncSession) -> Open:
    """In one query, made once: it is asked several times a second."""
    return Open(*(await session.execute(TO_DO)).one())


IS_PAID = Notice.is_paid, Notice.hold != Hold.PAUSED, IS_LEFT
"""By their counters, not by their deliveries: of those there may be a million."""
TO_DO = select(
    exists().where(Notice.expanded_at.is_(None), Notice.hold != Hold.PAUSED),
    select(Delivery.priority)
    .where(is_in(State.READY))
    .order_by(Delivery.priority, Delivery.id)
    .limit(1)
    .scalar_subquery(),
    STANDS_STILL,
    exists().where(*IS_PAID),
)


async def paid(session: AsyncSession, now: datetime) -> frozenset[int]:
    """The notices of these broadcasts: their messages go at the paid pace, and no others."""
    query = select(Notice.id).where(*IS_PAID, lasting(now))
    return frozenset(await session.scalars(query))


async def unpay(session: AsyncSession) -> None:
    """Telegram does not take it: all goes on at the usual pace."""
    async with writing(session):
        await session.execute(update(Notice).where(Notice.is_paid).values(is_paid=False))


async def foremost_of_others(session: AsyncSession, busy: Collection[int]) -> int | None:
    """The priority of what can be claimed next."""
    ready = ready_for_others(session, busy).with_only_columns(Delivery.priority)
    return await session.scalar(ready.limit(1))


async def claim(
    session: AsyncSession,
    now: datetime,
    room: int,
    busy: Collection[int] = (),
    untold: Collection[str] = (),
) -> tuple[list[Parcel], int]:
    """The next messages to send, and how many deliveries were looked at.

    `busy`: subscribers to whom something is on its way; what else there is for them comes after it.
    `untold`: things that have changed again; what there is of them goes with the word of that.
    """
    async with writing(session):
        rows = await leased(session, now, room, busy)
        if not rows:
            return [], 0
        notices = await notices_of(session, rows)
        for more in (siblings, other_changes):
            if added := await more(session, now, rows, notices):
                rows += added
                notices |= await notices_of(session, added)
        recipients = await recipients_of(
            session, {row.subscriber_id for row in rows}, notices.values()
        )
        rows = await without_blocked(session, rows, recipients, now)
        rows, held = without_held(rows, notices)
        items, unwanted = await sifted(session, rows, notices, recipients, now)
        parcels, outcomes = sorted_out(items, recipients, now, untold)
        ended = [*outcomes, Outcome(unwanted, State.DROPPED), Outcome(held, State.HELD)]
        await apply(session, ended, now)
        for notice in notices.values():
            if not notice.lasts(now):
                await drop_rest(session, notice)
            elif notice.hold == Hold.PAUSED:
                await hold_rest(session, notice)
    return parcels, len(rows) + len(held)


def without_held(
    rows: Sequence[Row[Any]], notices: dict[int, Notice]
) -> tuple[list[Row[Any]], tuple[int, ...]]:
    """The numbers of what waits for somebody's word, too."""
    paused = {number for number, one in notices.items() if one.hold == Hold.PAUSED}
    held = tuple(row.id for row in rows if row.notice_id in paused)
    return [row for row in rows if row.notice_id not in paused], held


async def leased(
    session: AsyncSession, now: datetime, room: int, busy: Collection[int]
) -> list[Row[Any]]:
    if is_postgresql(session):
        await session.execute(BY_INDEX)
    foremost = ready_for_others(session, busy).limit(room)
    return await lease(session, now, foremost.with_for_update(skip_locked=True))


def ready_for_others(session: AsyncSession, busy: Collection[int]) -> Select[int]:
    """What is ready, but for the busy; the foremost first. Nothing, where an owner has stopped all
    sending since it was looked what there is to do."""
    others = not_(among(session, Delivery.subscriber_id, busy)) if busy else true()
    ready = select(Delivery.id).where(is_in(State.READY), others, ~STANDS_STILL)
    return ready.order_by(Delivery.priority, Delivery.id)


BY_INDEX = text("SET LOCAL enable_sort = off")
"""While a million are added PostgreSQL takes what is ready for a handful, and would sort it all."""


async def siblings(
    session: AsyncSession, now: datetime, rows: Sequence[Row[Any]], notices: dict[int, Notice]
) -> list[Row[Any]]:
    """What else there is for the same people in the same batches."""
    batches = batches_of(notices)
    if not batches:
        return []
    others = select(Delivery.id).join(Notice, Notice.id == Delivery.notice_id)
    these = others.where(
        among(session, Delivery.subscriber_id, {row.subscriber_id for row in rows}),
        or_(is_in(State.READY), is_in(State.WAITING)),
        among(session, Notice.batch, batches),
    )
    return await lease(session, now, these.with_for_update(skip_locked=True, of=Delivery))


async def other_changes(
    session: AsyncSession, now: datetime, rows: Sequence[Row[Any]], notices: dict[int, Notice]
) -> list[Row[Any]]:
    """What else there is for the same people of the same things: it becomes one message."""
    if not batches_of(notices):
        return []
    others = await of_same_things(session, notices.values())
    if not others:
        return []
    these = select(Delivery.id).where(
        among(session, Delivery.notice_id, others),
        among(session, Delivery.subscriber_id, {row.subscriber_id for row in rows}),
        or_(is_in(State.READY), is_in(State.WAITING)),
    )
    return await lease(session, now, these.with_for_update(skip_locked=True))


def batches_of(notices: dict[int, Notice]) -> set[int]:
    return {notice.batch for notice in notices.values() if notice.batch is not None}


async def of_same_things(session: AsyncSession, notices: Collection[Notice]) -> list[int]:
    """The numbers of all that there is of things of which there is more than one."""
    numbers = {number for notice in notices for number in numbers_of(notice)}
    found = list(
        await session.scalars(select(Notice).where(among(session, Notice.thing_id, numbers)))
    )
    times = Counter(map(matter_of, found))
    things = {thing for thing in map(matter_of, notices) if times[thing] > 1}
    return [one.id for one in found if matter_of(one) in things]


def numbers_of(notice: Notice) -> set[int]:
    """Under which notices of the same thing stand: a removed hearing's under that of its case."""
    told = matter_of(notice).rpartition(":")[2]
    of_case = {notice.before["case"]} if notice.before and "case" in notice.before else set[int]()
    return {notice.thing_id, *of_case, *([int(told)] if told.isdecimal() else [])}


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
            table.album,
        )
    )
    return list(await session.execute(statement))


async def notices_of(session: AsyncSession, rows: Iterable[Row[Any]]) -> dict[int, Notice]:
    numbers = {row.notice_id for row in rows}
    found = await session.scalars(select(Notice).where(among(session, Notice.id, numbers)))
    return {notice.id: notice for notice in found}


async def recipients_of(
    session: AsyncSession, numbers: Collection[int], notices: Iterable[Notice]
) -> dict[int, Recipient]:
    going = await going_of(session, numbers, notices)
    seats = await seats_of(session, numbers, notices)
    home = select(Organisation.timezone).order_by(Organisation.id).limit(1).scalar_subquery()
    query = select(
        Subscriber.id,
        Subscriber.chat_sealed,
        Subscriber.language,
        Subscriber.timezone,
        func.coalesce(home, "UTC"),
        Subscriber.alerts,
        Subscriber.leads,
        Subscriber.quiet_from,
        Subscriber.quiet_until,
        Subscriber.silent_until,
        Subscriber.blocked_on.is_not(None),
    ).where(among(session, Subscriber.id, numbers))
    found = {row[0]: Recipient(*row) for row in await session.execute(query)}
    for number in found.keys() & (going.keys() | seats.keys()):
        own = going.get(number, NOWHERE), seats.get(number, NO_SEATS)
        found[number] = replace(found[number], going=own[0], seats=own[1])
    return found


async def going_of(
    session: AsyncSession, numbers: Collection[int], notices: Iterable[Notice]
) -> dict[int, frozenset[Yes]]:
    """By subscriber, what they said that they will come to, of that which is told of."""
    going = dict[int, frozenset[Yes]]()
    hearings = {one.hearing_id for one in notices if one.subject == "hearing" or one.is_removal}
    if hearings:
        said = Attendance.subscriber_id, Attendance.hearing_id, Attendance.occasion
        query = select(*said).where(
            among(session, Attendance.hearing_id, hearings),
            among(session, Attendance.subscriber_id, numbers),
        )
        for subscriber, hearing, occasion in await session.execute(query):
            going[subscriber] = going.get(subscriber, NOWHERE) | {(hearing, occasion)}
    return going


async def seats_of(
    session: AsyncSession, numbers: Collection[int], notices: Iterable[Notice]
) -> dict[int, frozenset[Which]]:
    """By subscriber, the events to which they come, of those that are told of."""
    seats = dict[int, frozenset[Which]]()
    events = {one.thing_id for one in notices if one.kind in OF_EVENTS}
    if events:
        query = select(Seat.subscriber_id, Seat.event_id, Seat.day).where(
            among(session, Seat.event_id, events),
            among(session, Seat.subscriber_id, numbers),
            ~Seat.is_waiting,
        )
        for subscriber, event, day in await session.execute(query):
            seats[subscriber] = seats.get(subscriber, NO_SEATS) | {(event, day)}
    return seats


async def without_blocked(
    session: AsyncSession,
    rows: Sequence[Row[Any]],
    recipients: dict[int, Recipient],
    now: datetime,
) -> list[Row[Any]]:
    """What was made for people before they blocked the bot is kept for when they are back."""
    blocked = {number for number, one in recipients.items() if one.is_blocked}
    if blocked:
        theirs = tuple(row.id for row in rows if row.subscriber_id in blocked)
        await apply(session, [Outcome(theirs, State.READY)], now)
        await keep_for_later(session, blocked)
    return [row for row in rows if row.subscriber_id not in blocked]


async def sifted(
    session: AsyncSession,
    rows: Sequence[Row[Any]],
    notices: dict[int, Notice],
    recipients: dict[int, Recipient],
    now: datetime,
) -> tuple[list[tuple[Recipient, Claimed]], tuple[int, ...]]:
    """What people still want, and the numbers of what they do not: a night may lie between."""
    follows = await follows_of(session, {row.follow_id for row in rows if row.follow_id})
    copies = await copies_of(session, rows, notices)
    wanted, unwanted = list[tuple[Recipient, Claimed]](), list[int]()
    for row in sorted(rows, key=lambda row: (row.priority, row.id)):
        notice, recipient = notices.get(row.notice_id), recipients.get(row.subscriber_id)
        if notice is None or recipient is None:  # it, or they, were forgotten meanwhile
            unwanted.append(row.id)
            continue
        through = follows.get(row.follow_id)
        is_told, follow = await still_told(session, notice, recipient, through, now)
        known = copies.get((row.notice_id, row.subscriber_id), numbers_in(row.album))
        if is_told and (known or not is_mending(notice)):
            item = Claimed(row.id, notice, follow, row.priority, row.tries, known)
            wanted.append((recipient, item))
        else:
            unwanted.append(row.id)
    return wanted, tuple(unwanted)


async def follows_of(session: AsyncSession, numbers: Collection[int]) -> dict[int, Follow]:
    if not numbers:
        return {}
    found = await session.scalars(select(Follow).where(among(session, Follow.id, numbers)))
    return {follow.id: follow for follow in found}


async def copies_of(
    session: AsyncSession, rows: Sequence[Row[Any]], notices: dict[int, Notice]
) -> dict[tuple[int, int], tuple[int, ...]]:
    """The messages that are to be edited or deleted, by notice and subscriber."""
    found = dict[tuple[int, int], tuple[int, ...]]()
    mending = {one.id: (one.before or {})["notice"] for one in notices.values() if is_mending(one)}
    for notice, broadcast in mending.items():
        theirs = {row.subscriber_id for row in rows if row.notice_id == notice}
        copies = select(Delivery).where(
            Delivery.notice_id == broadcast, among(session, Delivery.subscriber_id, theirs)
        )
        for one in await session.scalars(copies):
            found[notice, one.subscriber_id] = one.messages
    return found


def is_mending(notice: Notice) -> bool:
    return notice.kind in MENDING


async def still_told(
    session: AsyncSession,
    notice: Notice,
    recipient: Recipient,
    follow: Follow | None,
    now: datetime,
) -> tuple[bool, Follow | None]:
    """And through which follow. Of an address somebody may have asked besides: then none of what
    they switched off counts."""
    if not notice.lasts(now):
        return False, None
    is_wanted = recipient.wants(notice, follow, now)
    if is_mending(notice) or is_for_everybody(notice):
        return is_wanted, follow
    is_over = follow is None or follow.muted
    if is_over if is_wanted else notice.kind == Kind.ADDRESS:
        return await another_cause(session, notice, recipient.id, now)
    return is_wanted, follow


def is_for_everybody(notice: Notice) -> bool:
    """Nobody's follow ends it."""
    return notice.kind == Kind.BROADCAST and (notice.before or {})["to"] == To.ALL


async def another_cause(
    session: AsyncSession, notice: Notice, subscriber: int, now: datetime
) -> tuple[bool, Follow | None]:
    """Whether somebody is still to be told whose follow ended, or who only comes; through which."""
    reached = await audience(session, notice, now, subscriber - 1, subscriber)
    row = (await session.execute(reached)).one_or_none()
    if row is None:
        return False, None
    return True, await session.get(Follow, row.follow_id) if row.follow_id else None


async def chat_of(session: AsyncSession, number: int) -> bytes | None:
    """Where the subscriber of this number is now, sealed."""
    return await session.scalar(select(Subscriber.chat_sealed).where(Subscriber.id == number))
