"""What came of a delivery, written down: a few statements however many there are."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TextClause, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import at_once, changed, writing
from bot.delivery.parcels import Outcome
from bot.delivery.rows import CHUNK, DELIVERIES, among, is_in
from bot.services.notices import count_more
from bot.services.subscribers import cut_off
from models import Delivery, Notice, State, Subscriber
from models.notice import OPEN, PACES

COUNTED = {
    State.SENT: "sent",
    State.BLOCKED: "blocked",
    State.FAILED: "failed",
    State.DROPPED: "dropped",
}


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
        await keep_for_later(session, gone)


def ends_of(outcomes: Sequence[Outcome], now: datetime) -> dict[str, str]:
    return {"ends": json.dumps(sorted(row for one in outcomes for row in rows_of(one, now)))}


ENDED = {
    "sqlite": """
    SELECT value ->> 0 AS id, value ->> 1 AS state, value ->> 2 AS later, value ->> 3 AS tried,
      value ->> 4 AS message, value ->> 5 AS at, value ->> 6 AS album
    FROM json_each(:ends)""",
    "postgresql": """
    SELECT CAST(value ->> 0 AS bigint) AS id, CAST(value ->> 1 AS integer) AS state,
      CAST(value ->> 2 AS timestamptz) AS later, CAST(value ->> 3 AS integer) AS tried,
      CAST(value ->> 4 AS bigint) AS message, CAST(value ->> 5 AS timestamptz) AS at,
      value ->> 6 AS album
    FROM json_array_elements(CAST(:ends AS json)) AS each(value)""",
}
DUE = "(SELECT due_at FROM notices AS told WHERE told.id = deliveries.notice_id)"
TOOK = {
    "sqlite": f"(julianday(ended.at) - julianday({DUE})) * 86400",
    "postgresql": f"extract(epoch FROM ended.at - {DUE})",
}
"""Seconds, of what was sent."""
ONCE = {"sqlite": "LIMIT -1", "postgresql": "FOR UPDATE OF deliveries"}
"""Locked; and without a limit SQLite would reckon the seconds anew for each bound."""
COUNT = """
UPDATE notices SET {sums} FROM (
  SELECT notice_id, {counts} FROM (
    SELECT deliveries.notice_id, ended.state, {took} AS took
    FROM ({ended}) AS ended JOIN deliveries ON deliveries.id = ended.id
    WHERE deliveries.state IN ({open}) {once}
  ) AS found GROUP BY notice_id
) AS counted
WHERE notices.id = counted.notice_id"""
"""First, while one sees what is still open: what is settled already, by another when its lease had
run out, is neither counted nor settled again."""
SETTLE = """
UPDATE deliveries SET state = ended.state, leased_until = NULL, not_before = ended.later,
  tries = tries + ended.tried, message_id = ended.message, sent_at = ended.at,
  album = coalesce(ended.album, deliveries.album)
FROM ({ended}) AS ended
WHERE deliveries.id = ended.id AND deliveries.state IN ({open})
RETURNING deliveries.subscriber_id, deliveries.state"""


def settling(dialect: str) -> tuple[TextClause, TextClause]:
    conditions = {name: f"state = {int(state)}" for state, name in COUNTED.items()}
    conditions |= {f"within_{seconds}": f"took <= {seconds}" for seconds in PACES}
    parts = {
        "ended": ENDED[dialect],
        "open": ", ".join(str(int(state)) for state in OPEN),
        "once": ONCE[dialect],
        "took": TOOK[dialect],
        "sums": ", ".join(f"{name} = notices.{name} + counted.{name}" for name in conditions),
        "counts": ", ".join(
            f"count(*) FILTER (WHERE {which}) AS {name}" for name, which in conditions.items()
        ),
    }
    return text(COUNT.format(**parts)), text(SETTLE.format(**parts))


SETTLING = {dialect: settling(dialect) for dialect in ENDED}
"""For counters and for deliveries: two statements however many there are."""


def rows_of(outcome: Outcome, now: datetime) -> Iterator[tuple[Any, ...]]:
    later = outcome.not_before and written(outcome.not_before)
    at = written(now) if outcome.state is State.SENT else None
    album = ",".join(map(str, outcome.album)) or None
    for number in outcome.ids:
        yield number, int(outcome.state), later, int(outcome.tried), outcome.message_id, at, album


def written(moment: datetime) -> str:
    """As SQLite keeps it, which PostgreSQL understands."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


async def keep_for_later(session: AsyncSession, subscribers: Collection[int]) -> None:
    """What else there is for whoever blocked the bot: they may come back (`services/missed.py`)."""
    rest = (
        update(DELIVERIES)
        .where(
            among(session, DELIVERIES.c.subscriber_id, subscribers),
            DELIVERIES.c.state.in_((State.READY, State.WAITING, State.HELD)),
        )
        .values(state=State.BLOCKED, not_before=None)
        .returning(DELIVERIES.c.notice_id)
    )
    await count_more(session, Notice.blocked, Counter(await session.scalars(rest)))


async def drop_rest(session: AsyncSession, notice: Notice) -> None:
    """Of one that is too late."""
    dropped = await move_rest(session, notice, State.DROPPED)
    await count_more(session, Notice.dropped, Counter({notice.id: dropped}))


async def hold_rest(session: AsyncSession, notice: Notice) -> None:
    """Of one that is paused."""
    await move_rest(session, notice, State.HELD)


async def move_rest(session: AsyncSession, notice: Notice, state: State) -> int:
    """What is ready of it, many at once. The plus keeps to the index of that."""
    ready = select(Delivery.id).where(
        is_in(State.READY),
        Delivery.priority == notice.priority,
        text("+notice_id = :notice").bindparams(notice=notice.id),
    )
    these = ready.order_by(Delivery.id).limit(CHUNK)
    moved = update(DELIVERIES).where(DELIVERIES.c.id.in_(these))
    return await changed(session, moved.values(state=state))
