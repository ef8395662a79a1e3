"""The outbox: what is to be sent, kept so that no kill loses any of it.

A notice is expanded into deliveries, one for everybody concerned; each is claimed for a while (a
lease), sent, and settled. Whatever was claimed by a process that is gone is claimed again when its
lease has run out. All by single statements that cost the same however many rows there are: what is
ready, leased or waiting is found by an index of only that.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
    TextClause,
    any_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db import at_once, writing
from bot.delivery.quiet import quiet_until
from bot.services.attendance import Yes
from bot.services.audience import (
    EVERYBODY,
    PROMISED,
    Things,
    audience,
    bit_of,
    bound,
    things_of,
    ways_of,
    window,
)
from bot.services.notices import HearingFacts, before, count_dropped, matter_of, thing_of
from bot.services.subscribers import cut_off
from models import Attendance, Delivery, Follow, Kind, Notice, Organisation, State, Subscriber
from models.base import Moment
from models.notice import OPEN

CHUNK = 20_000
"""Rows that one transaction makes or moves: the others of SQLite wait for it."""
LEASE = timedelta(seconds=30)
"""What is claimed goes within five seconds, and a request takes fifteen at the most."""
KEPT = timedelta(days=30)
"""Sent messages can be corrected and recalled for so long."""
TIME_TO_ACT = timedelta(hours=3)
"""Before a hearing: who would learn only later than that where to go is woken."""
TIME_TO_STAY = timedelta(minutes=90)
"""Before a start that is none any more: so long before people may have left home."""
SKEW = timedelta(minutes=1)
"""By so much the clocks of two hosts may differ."""
LONGEST = timedelta(days=1)
"""That anything waits; what seems to wait for longer does so by a clock that was set back."""
SOON = timedelta(seconds=2)
"""Until then word of what has just changed again may be there."""
COUNTED = {
    State.SENT: "sent",
    State.BLOCKED: "blocked",
    State.FAILED: "failed",
    State.DROPPED: "dropped",
}
NOWHERE = frozenset[Yes]()
DELIVERIES = cast(Table, Delivery.__table__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for a while."""

    id: int
    notice: Notice
    follow: Follow | None
    """Through which it comes; none: it ended meanwhile, or there was none."""
    priority: int
    tries: int


@dataclass(frozen=True, slots=True)
class Recipient:
    id: int
    chat_sealed: bytes
    language: str | None
    timezone: str | None
    """Their own."""
    home: str
    """The organisers' zone."""
    alerts: int
    leads: int
    quiet_from: int | None
    quiet_until: int | None
    silent_until: datetime | None
    is_blocked: bool
    going: frozenset[Yes] = NOWHERE
    """Of the hearings that are told of, those to which they said that they will come."""

    def wants(self, notice: Notice, now: datetime) -> bool:
        if self.is_blocked:
            return False
        if notice.kind in PROMISED and notice.hearing_id in dict(self.going):
            return True
        if self.silent_until and self.silent_until > now:
            return False
        column = self.leads if notice.kind == Kind.REMINDER else self.alerts
        return bool(column & bit_of(notice))


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one message tells: a delivery, or several of one batch."""

    deliveries: tuple[Claimed, ...]
    recipient: Recipient
    leased_until: datetime

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(item.id for item in self.deliveries)

    @property
    def tries(self) -> int:
        """How often it may have arrived: what came to it since has all its tries."""
        return min(item.tries for item in self.deliveries)

    @property
    def due_at(self) -> datetime:
        return max(item.notice.due_at for item in self.deliveries)

    @property
    def expires(self) -> bool:
        return any(item.notice.expires_at for item in self.deliveries)

    @property
    def unheard(self) -> list[Claimed]:
        """What went out already may have arrived though no answer came: it is not taken as unheard,
        and where that thing has changed again, the newest change alone is told."""
        by_age = sorted(self.deliveries, key=lambda item: item.notice.id)
        newest = {thing_of(item.notice): item for item in by_age}
        sent = {thing_of(item.notice) for item in self.deliveries if item.tries}
        return [
            item
            for item in self.deliveries
            if (thing := thing_of(item.notice)) not in sent or item is newest[thing]
        ]

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
    """Whether it may have arrived."""


def is_in(state: State, table: Any = Delivery) -> ColumnElement[bool]:
    """A literal: an index of some states only is not used for a value that comes later."""
    return cast(ColumnElement[bool], table.state == literal_column(str(int(state))))


def is_postgresql(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def among(session: AsyncSession, column: Any, numbers: Iterable[int]) -> ColumnElement[bool]:
    """On PostgreSQL one statement for any number of numbers: it need not be prepared anew."""
    if is_postgresql(session):
        return cast(ColumnElement[bool], column == any_(literal(list(numbers), ARRAY(Integer))))
    return cast(ColumnElement[bool], column.in_(list(numbers)))


async def changed(session: AsyncSession, statement: Any) -> int:
    return cast(CursorResult[Any], await session.execute(statement)).rowcount


# -- a notice becomes deliveries -----------------------------------------------------------


async def foremost(session: AsyncSession) -> Notice | None:
    """The most urgent notice that has not everybody yet. All that are there are due, also one that
    was made by a clock that has been set back."""
    open = select(Notice).where(Notice.expanded_at.is_(None))
    found: Notice | None = await session.scalar(open.order_by(Notice.priority, Notice.id).limit(1))
    return found


async def expand(session: AsyncSession, notice: Notice, now: datetime) -> int:
    """The next chunk of deliveries. A kill in between loses nothing: it is begun again."""
    is_late, since = is_past(notice, now), notice.cursor
    things: Things = {} if is_late else await things_of(session, notice)
    until = await window(session, notice, things, since, CHUNK) if things else EVERYBODY
    async with writing(session):
        made = 0
        if things:
            made = await add_chunk(session, notice, things, now, since, until)
        notice.cursor, notice.total = until, notice.total + made
        notice.expanded_at = now if until == EVERYBODY else None
    return made


ADD = """
INSERT INTO deliveries (notice_id, subscriber_id, follow_id, state, priority, tries)
SELECT :notice, subscriber_id, follow_id, :state, :priority, 0 FROM ({ways}) AS ways
ORDER BY subscriber_id, place, follow_id
ON CONFLICT (subscriber_id, notice_id) DO NOTHING"""
"""Of somebody's several ways the first row is the one that stays."""


async def add_chunk(
    session: AsyncSession, notice: Notice, things: Things, now: datetime, after: int, until: int
) -> int:
    """Of one batch nobody is told before all of it is known: it becomes one message."""
    state = State.READY if await is_alone(session, notice) else State.WAITING
    add = ADD.format(ways=ways_of(notice, things))
    new = bound(add, notice, things, now, after, until)
    values = {"notice": notice.id, "state": int(state), "priority": int(notice.priority)}
    return await changed(session, new.bindparams(**values))


async def is_alone(session: AsyncSession, notice: Notice) -> bool:
    """In its batch, as most are: a million rows need not wait for a second look."""
    others = exists().where(Notice.batch == notice.batch, Notice.id != notice.id)
    return notice.batch is None or not await session.scalar(select(others))


@dataclass(frozen=True, slots=True)
class Open:
    """What there is to do."""

    is_due: bool
    """A notice has not everybody yet."""
    foremost: int | None
    """The priority of what is to be sent next."""


async def what_is_open(session: AsyncSession) -> Open:
    """In one query, made once: it is asked several times a second."""
    return Open(*(await session.execute(TO_DO)).one())


TO_DO = select(
    exists().where(Notice.expanded_at.is_(None)),
    select(Delivery.priority)
    .where(is_in(State.READY))
    .order_by(Delivery.priority, Delivery.id)
    .limit(1)
    .scalar_subquery(),
)


async def foremost_of_others(session: AsyncSession, busy: Collection[int]) -> int | None:
    """The priority of what can be claimed next."""
    ready = ready_for_others(session, busy).with_only_columns(Delivery.priority)
    return await session.scalar(ready.limit(1))


# -- claiming ------------------------------------------------------------------------------


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
        items, unwanted = await sifted(session, rows, notices, recipients, now)
        parcels, outcomes = sorted_out(items, recipients, now, untold)
        await apply(session, [*outcomes, Outcome(unwanted, State.DROPPED)], now)
        for notice in notices.values():
            if is_past(notice, now):
                await drop_rest(session, notice)
    return parcels, len(rows)


async def leased(
    session: AsyncSession, now: datetime, room: int, busy: Collection[int]
) -> list[Row[Any]]:
    if is_postgresql(session):
        await session.execute(BY_INDEX)
    foremost = ready_for_others(session, busy).limit(room)
    return await lease(session, now, foremost.with_for_update(skip_locked=True))


def ready_for_others(session: AsyncSession, busy: Collection[int]) -> Select[int]:
    """What is ready, but for the busy; the foremost first."""
    others = not_(among(session, Delivery.subscriber_id, busy)) if busy else true()
    ready = select(Delivery.id).where(is_in(State.READY), others)
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
    return found | {
        number: replace(found[number], going=hearings)
        for number, hearings in going.items()
        if number in found
    }


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


async def sifted(
    session: AsyncSession,
    rows: Sequence[Row[Any]],
    notices: dict[int, Notice],
    recipients: dict[int, Recipient],
    now: datetime,
) -> tuple[list[tuple[Recipient, Claimed]], tuple[int, ...]]:
    """What people still want, and the numbers of what they do not: a night may lie between."""
    follows = await follows_of(session, {row.follow_id for row in rows if row.follow_id})
    wanted, unwanted = list[tuple[Recipient, Claimed]](), list[int]()
    for row in sorted(rows, key=lambda row: (row.priority, row.id)):
        notice, recipient = notices.get(row.notice_id), recipients.get(row.subscriber_id)
        if notice is None or recipient is None:  # it, or they, were forgotten meanwhile
            unwanted.append(row.id)
            continue
        follow = follows.get(row.follow_id)
        is_told = recipient.wants(notice, now) and not is_past(notice, now)
        if is_told and (follow is None or follow.muted):
            is_told, follow = await another_cause(session, notice, recipient.id, now)
        if is_told:
            item = Claimed(row.id, notice, follow, row.priority, row.tries)
            wanted.append((recipient, item))
        else:
            unwanted.append(row.id)
    return wanted, tuple(unwanted)


async def follows_of(session: AsyncSession, numbers: Collection[int]) -> dict[int, Follow]:
    if not numbers:
        return {}
    found = await session.scalars(select(Follow).where(among(session, Follow.id, numbers)))
    return {follow.id: follow for follow in found}


async def another_cause(
    session: AsyncSession, notice: Notice, subscriber: int, now: datetime
) -> tuple[bool, Follow | None]:
    """Whether somebody is still to be told whose follow ended, or who only comes; through which."""
    reached = await audience(session, notice, now, subscriber - 1, subscriber)
    row = (await session.execute(reached)).one_or_none()
    if row is None:
        return False, None
    return True, await session.get(Follow, row.follow_id) if row.follow_id else None


def sorted_out(
    items: Sequence[tuple[Recipient, Claimed]],
    recipients: dict[int, Recipient],
    now: datetime,
    untold: Collection[str] = (),
) -> tuple[list[Parcel], list[Outcome]]:
    """What is to be sent now, at most one message a chat, and what is not."""
    parcels, outcomes, taken = list[Parcel](), list[Outcome](), set[int]()
    for number, some in together(items):
        parcel = Parcel(tuple(some), recipients[number], now + LEASE)
        outcome = put_off(parcel, number in taken, now, untold)
        if outcome:
            outcomes.append(outcome)
        else:
            parcels.append(parcel)
            taken.add(number)
    return parcels, outcomes


def is_past(notice: Notice, now: datetime) -> bool:
    return notice.expires_at is not None and notice.expires_at <= now


def together(items: Iterable[tuple[Recipient, Claimed]]) -> list[tuple[int, list[Claimed]]]:
    """By recipient, and by what may share a message; the foremost first.

    What there is of one thing goes with the first of it.
    """
    groups = defaultdict[tuple[int, int | None, int], list[Claimed]](list)
    of_thing: dict[tuple[int, str], tuple[int, int | None, int]] = {}
    for recipient, item in items:
        batch = item.notice.batch
        group = recipient.id, batch, item.id if batch is None else 0
        groups[of_thing.setdefault((recipient.id, matter_of(item.notice)), group)].append(item)
    return [(number, some) for (number, _, _), some in groups.items()]


def put_off(
    parcel: Parcel, busy: bool, now: datetime, untold: Collection[str] = ()
) -> Outcome | None:
    recipient = parcel.recipient
    zone = ZoneInfo(recipient.timezone or recipient.home)
    quiet = quiet_until(now, zone, recipient.quiet_from, recipient.quiet_until)
    if quiet and not any(cannot_wait(item.notice, quiet) for item in parcel.deliveries):
        return Outcome(parcel.ids, State.WAITING, not_before=quiet)
    if untold and any(thing_of(item.notice) in untold for item in parcel.deliveries):
        return Outcome(parcel.ids, State.WAITING, not_before=now + SOON)
    if busy:
        return Outcome(parcel.ids, State.READY)
    return None


def cannot_wait(notice: Notice, until: datetime) -> bool:
    """Told then, there would be no time left to act on it: a change wants more of it."""
    if notice.expires_at is None:
        return False
    needs = timedelta() if notice.kind == Kind.REMINDER else TIME_TO_ACT
    return notice.expires_at - needs <= until or goes_in_vain(notice, until)


def goes_in_vain(notice: Notice, until: datetime) -> bool:
    """Who is told only then may have left for where it was to be. What is over needs no hurry."""
    known = before(notice)
    if not isinstance(known, HearingFacts):
        return False
    return notice.due_at < known.start <= until + TIME_TO_STAY


async def drop_rest(session: AsyncSession, notice: Notice) -> None:
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
    await count_dropped(session, Counter({notice.id: dropped}))


async def chat_of(session: AsyncSession, number: int) -> bytes | None:
    """Where the subscriber of this number is now, sealed."""
    return await session.scalar(select(Subscriber.chat_sealed).where(Subscriber.id == number))


# -- settling ------------------------------------------------------------------------------


async def settle(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """In one go, where nobody is cut off by it: at Telegram's usual pace nearly every message
    is settled alone."""
    if any(outcome.state is State.BLOCKED for outcome in outcomes):
        async with writing(session):
            await apply(session, outcomes, now)
    else:
        await at_once(session, SETTLING[session.get_bind().dialect.name], ends_of(outcomes, now))


async def apply(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    if not any(outcome.ids for outcome in outcomes):
        return
    counting, settling = SETTLING[session.get_bind().dialect.name]
    ends = ends_of(outcomes, now)
    await session.execute(counting, ends)
    settled = await session.execute(settling, ends)
    if gone := {row.subscriber_id for row in settled if row.state == State.BLOCKED}:
        await cut_off(session, among(session, Subscriber.id, gone), now)
        await drop_open(session, gone)


def ends_of(outcomes: Sequence[Outcome], now: datetime) -> dict[str, str]:
    return {"ends": json.dumps(sorted(row for one in outcomes for row in rows_of(one, now)))}


ENDED = {
    "sqlite": """
    SELECT value ->> 0 AS id, value ->> 1 AS state, value ->> 2 AS later, value ->> 3 AS tried,
      value ->> 4 AS message, value ->> 5 AS at FROM json_each(:ends)""",
    "postgresql": """
    SELECT CAST(value ->> 0 AS bigint) AS id, CAST(value ->> 1 AS integer) AS state,
      CAST(value ->> 2 AS timestamptz) AS later, CAST(value ->> 3 AS integer) AS tried,
      CAST(value ->> 4 AS bigint) AS message, CAST(value ->> 5 AS timestamptz) AS at
    FROM json_array_elements(CAST(:ends AS json)) AS each(value)""",
}
COUNT = """
UPDATE notices SET {sums} FROM (
  SELECT notice_id, {counts} FROM (
    SELECT deliveries.notice_id, ended.state
    FROM ({ended}) AS ended JOIN deliveries ON deliveries.id = ended.id
    WHERE deliveries.state IN ({open}) {locked}
  ) AS found GROUP BY notice_id
) AS counted
WHERE notices.id = counted.notice_id"""
"""First, while one sees what is still open: what is settled already, by another when its lease had
run out, is neither counted nor settled again."""
SETTLE = """
UPDATE deliveries SET state = ended.state, leased_until = NULL, not_before = ended.later,
  tries = tries + ended.tried, message_id = ended.message, sent_at = ended.at
FROM ({ended}) AS ended
WHERE deliveries.id = ended.id AND deliveries.state IN ({open})
RETURNING deliveries.subscriber_id, deliveries.state"""


def settling(dialect: str) -> tuple[TextClause, TextClause]:
    parts = {
        "ended": ENDED[dialect],
        "open": ", ".join(str(int(state)) for state in OPEN),
        "locked": "FOR UPDATE OF deliveries" if dialect == "postgresql" else "",
        "sums": ", ".join(f"{name} = notices.{name} + counted.{name}" for name in COUNTED.values()),
        "counts": ", ".join(
            f"count(*) FILTER (WHERE state = {int(state)}) AS {name}"
            for state, name in COUNTED.items()
        ),
    }
    return text(COUNT.format(**parts)), text(SETTLE.format(**parts))


SETTLING = {dialect: settling(dialect) for dialect in ENDED}
"""For counters and for deliveries: two statements however many there are."""


def rows_of(outcome: Outcome, now: datetime) -> Iterator[tuple[Any, ...]]:
    later = outcome.not_before and written(outcome.not_before)
    at = written(now) if outcome.state is State.SENT else None
    for number in outcome.ids:
        yield number, int(outcome.state), later, int(outcome.tried), outcome.message_id, at


def written(moment: datetime) -> str:
    """As SQLite keeps it, which PostgreSQL understands."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


async def drop_open(session: AsyncSession, subscribers: Collection[int]) -> None:
    """What else there is for whoever blocked the bot, or is gone."""
    rest = (
        update(DELIVERIES)
        .where(
            among(session, DELIVERIES.c.subscriber_id, subscribers),
            DELIVERIES.c.state.in_((State.READY, State.WAITING)),
        )
        .values(state=State.DROPPED, not_before=None)
        .returning(DELIVERIES.c.notice_id)
    )
    await count_dropped(session, Counter(await session.scalars(rest)))


# -- what waits ----------------------------------------------------------------------------


async def is_over(session: AsyncSession, now: datetime) -> bool:
    """Whether something has waited long enough, or a lease ran out. In one query, every second."""
    return bool(await session.scalar(OVER, moments(now)))


async def wake(session: AsyncSession, now: datetime) -> int:
    """What waited for its time, or for its batch, is ready."""
    slept = select(Delivery.id).where(*SLEPT).order_by(Delivery.not_before).limit(CHUNK)
    some = (slept.params(moments(now)), whole_batches().limit(CHUNK))
    return sum([await make_ready(session, list(await session.scalars(these))) for these in some])


def whole_batches() -> Select[int]:
    other = aliased(Notice)
    coming = exists().where(other.batch == Notice.batch, other.expanded_at.is_(None))
    return (
        select(Delivery.id)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(is_in(State.WAITING), Delivery.not_before.is_(None), ~coming)
    )


MOMENT = bindparam("now", type_=Moment)


def is_over_or_odd(until: Any, longest: str) -> ColumnElement[bool]:
    """What is longer than any can be was reckoned by a clock that has been set back."""
    return or_(until <= MOMENT, until > bindparam(longest, type_=Moment))


def moments(now: datetime) -> dict[str, datetime]:
    """Until when something may wait, or be leased."""
    return {"now": now, "day": now + LONGEST, "lease": now + LEASE + SKEW}


SLEPT = is_in(State.WAITING), is_over_or_odd(Delivery.not_before, "day")
LAPSED = is_in(State.LEASED), is_over_or_odd(Delivery.leased_until, "lease")
OVER = select(or_(exists().where(*SLEPT), whole_batches().exists(), exists().where(*LAPSED)))


async def reclaim(session: AsyncSession, now: datetime, held: Collection[int] = ()) -> int:
    """Leases that ran out, but for those that we hold: somebody's clock was moved.

    It may have gone out: nobody is left who could tell.
    """
    lapsed = select(Delivery.id).where(*LAPSED).limit(CHUNK + len(held)).params(moments(now))
    ids = [number for number in await session.scalars(lapsed) if number not in held]
    return await make_ready(session, ids, tried=1)


async def make_ready(session: AsyncSession, ids: Sequence[int], tried: int = 0) -> int:
    """Without a lock while there are none, as nearly always."""
    if not ids:
        return 0
    still = DELIVERIES.c.state.in_((State.LEASED, State.WAITING))
    rows = update(DELIVERIES).where(among(session, DELIVERIES.c.id, ids), still)
    async with writing(session):
        tries = DELIVERIES.c.tries + tried
        ready = rows.values(state=State.READY, not_before=None, leased_until=None, tries=tries)
        return await changed(session, ready)


# -- what was long ago ---------------------------------------------------------------------


async def drop_old(session: AsyncSession, now: datetime) -> bool:
    """Some of the oldest, when nobody will correct or recall these messages any more.

    Whether there was any. Deliveries come in the order of their notices, but for the urgent ones:
    once the oldest are new enough, all of the old notices are gone.
    """
    is_old = Notice.due_at < now - KEPT
    if not await session.scalar(select(exists().where(is_old))):
        return False
    oldest = select(Delivery.id, Delivery.notice_id).order_by(Delivery.id).limit(CHUNK).subquery()
    some = select(oldest.c.id).where(oldest.c.notice_id.not_in(select(Notice.id).where(~is_old)))
    async with writing(session):
        if not await changed(session, delete(Delivery).where(Delivery.id.in_(some))):
            await session.execute(delete(Notice).where(is_old))
    return True
