"""The outbox on both databases: everybody once, whatever is killed in between."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from benchmarks.crowd import people, states, tell
from bot.db import Sessions, writing
from bot.delivery import expansion, outbox, settling, waiting
from bot.delivery.outbox import claim
from bot.delivery.parcels import LEASE, Outcome, Parcel
from bot.delivery.settling import settle
from bot.delivery.waiting import reclaim, wake
from bot.services import groups, missed, subscribers
from bot.services.subscribers import SEALED
from models import Attendance, Delivery, Follow, Notice, Priority, State, Subscriber
from tests.town import NOW, VAULT

SOON, LATER = NOW + timedelta(seconds=1), NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (expansion, settling, waiting):
        monkeypatch.setattr(module, "CHUNK", 5)


async def expand_next(session: AsyncSession, now: datetime) -> int | None:
    notice = await expansion.foremost(session)
    return None if notice is None else await expansion.expand(session, notice, now)


async def expand_all(sessions: Sessions, now: datetime = NOW) -> int:
    made = 0
    async with sessions() as session:
        while (chunk := await expand_next(session, now)) is not None:
            made += chunk
    return made


async def claimed(
    sessions: Sessions, room: int = 100, now: datetime = NOW, busy: Sequence[int] = ()
) -> list[Parcel]:
    async with sessions() as session:
        return (await claim(session, now, room, busy))[0]


async def settled(sessions: Sessions, *outcomes: Outcome, now: datetime = NOW) -> None:
    async with sessions() as session:
        await settle(session, outcomes, now)


async def woken(sessions: Sessions, now: datetime = NOW) -> int:
    async with sessions() as session:
        return await wake(session, now)


async def found(sessions: Sessions, notice: int | None = None) -> dict[State, int]:
    async with sessions() as session:
        return await states(session, notice)


async def counters(sessions: Sessions, notice: int) -> tuple[int, ...]:
    """Total, sent, blocked, failed, dropped."""
    async with sessions() as session:
        row = await session.get_one(Notice, notice)
        return row.total, row.sent, row.blocked, row.failed, row.dropped


async def change(sessions: Sessions, chat: int, **values: Any) -> None:
    async with sessions() as session, writing(session):
        row = update(Subscriber).where(Subscriber.chat_index == VAULT.index(chat))
        await session.execute(row.values(**values))


def chat_of(parcel: Parcel) -> int:
    return VAULT.open(parcel.recipient.chat_sealed, SEALED)


async def test_a_notice_becomes_a_delivery_for_everybody(sessions: Sessions) -> None:
    await people(sessions, VAULT, range(1, 13), NOW)
    notice = await tell(sessions, NOW)
    assert await expand_all(sessions) == 12
    assert await counters(sessions, notice) == (12, 0, 0, 0, 0)
    async with sessions() as session:
        row = await session.get_one(Notice, notice)
        assert row.expanded_at == NOW
        why = select(func.count()).join(Follow, Follow.id == Delivery.follow_id)
        mine = why.where(Follow.subscriber_id == Delivery.subscriber_id)
        assert await session.scalar(mine.select_from(Delivery)) == 12


async def test_expansion_goes_on_where_it_was_killed(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(sessions, VAULT, range(1, 13), NOW)
    notice = await tell(sessions, NOW)
    async with sessions() as session:
        assert await expand_next(session, NOW) == 5

    whole = expansion.add_chunk

    async def killed(*chunk: Any) -> int:
        await whole(*chunk)
        raise KeyboardInterrupt

    monkeypatch.setattr(expansion, "add_chunk", killed)
    async with sessions() as session:
        with pytest.raises(KeyboardInterrupt):
            await expand_next(session, NOW)
    monkeypatch.undo()
    monkeypatch.setattr(expansion, "CHUNK", 5)
    assert await counters(sessions, notice) == (5, 0, 0, 0, 0)
    assert await expand_all(sessions) == 7
    assert await counters(sessions, notice) == (12, 0, 0, 0, 0)


async def test_what_is_too_late_becomes_nothing(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    await tell(sessions, NOW, expires_at=NOW)
    assert await expand_all(sessions) == 0


async def test_the_urgent_is_expanded_and_claimed_before_the_rest(sessions: Sessions) -> None:
    await people(sessions, VAULT, range(1, 8), NOW)
    bulk = await tell(sessions, NOW)
    async with sessions() as session:
        await expand_next(session, NOW)
    urgent = await tell(sessions, NOW, priority=Priority.URGENT)
    async with sessions() as session:
        await expand_next(session, NOW)
    first = await claimed(sessions, 3)
    assert {item.notice.id for parcel in first for item in parcel.deliveries} == {urgent}
    await expand_all(sessions)
    assert (await found(sessions, bulk))[State.READY] == 7


async def test_nobody_is_claimed_twice(sessions: Sessions) -> None:
    await people(sessions, VAULT, range(1, 11), NOW)
    await tell(sessions, NOW)
    await expand_all(sessions)
    first, second = await claimed(sessions, 4), await claimed(sessions, 100)
    assert (len(first), len(second)) == (4, 6)
    assert {chat_of(parcel) for parcel in [*first, *second]} == set(range(1, 11))
    assert await claimed(sessions) == []


async def test_what_is_settled_is_counted_once(sessions: Sessions) -> None:
    await people(sessions, VAULT, range(1, 5), NOW)
    notice = await tell(sessions, NOW)
    await expand_all(sessions)
    one, two, three, four = await claimed(sessions)
    ends = [
        Outcome(one.ids, State.SENT, message_id=5),
        Outcome(two.ids, State.FAILED),
        Outcome(three.ids, State.DROPPED),
    ]
    await settled(sessions, *ends)
    await settled(sessions, *ends)
    assert await counters(sessions, notice) == (4, 1, 0, 1, 1)
    async with sessions() as session:
        row = await session.get_one(Delivery, one.ids[0])
        assert (row.message_id, row.sent_at, row.leased_until) == (5, NOW, None)
    await settled(sessions, Outcome(four.ids, State.READY))
    assert [parcel.ids for parcel in await claimed(sessions)] == [four.ids]


async def test_a_lease_that_ran_out_is_claimed_again(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    await tell(sessions, NOW)
    await expand_all(sessions)
    (mine,), (lost,) = await claimed(sessions, 1), await claimed(sessions, 1)
    after = NOW + LEASE
    async with sessions() as session:
        assert await reclaim(session, after - timedelta(seconds=1)) == 0
        assert await reclaim(session, after, held=mine.ids) == 1
    assert [parcel.ids for parcel in await claimed(sessions, now=after)] == [lost.ids]


async def test_a_lease_by_a_clock_that_is_a_little_ahead_holds(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1], NOW)
    await tell(sessions, NOW)
    await expand_all(sessions)
    assert len(await claimed(sessions)) == 1
    async with sessions() as session:
        for behind in (10, 50):
            assert await reclaim(session, NOW - timedelta(seconds=behind)) == 0
        assert await reclaim(session, NOW - timedelta(hours=1)) == 1


async def test_one_chat_has_one_message_at_a_time(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    for _ in range(3):
        await tell(sessions, NOW)
    await expand_all(sessions)
    first = await claimed(sessions)
    assert sorted(chat_of(parcel) for parcel in first) == [1, 2]
    again = await claimed(sessions, now=SOON, busy=[first[0].recipient.id])
    assert [chat_of(parcel) for parcel in again] == [chat_of(first[1])]
    assert again[0].deliveries[0].notice.id == first[1].deliveries[0].notice.id + 1
    assert (await found(sessions))[State.READY] == 3


async def test_a_batch_makes_one_message_and_only_when_it_is_whole(sessions: Sessions) -> None:
    await people(sessions, VAULT, range(1, 8), NOW)
    notices = [await tell(sessions, NOW, batch=1) for _ in range(3)]
    async with sessions() as session:
        for _ in range(4):
            await expand_next(session, NOW)
    assert await woken(sessions) == 0
    assert await claimed(sessions) == []
    await expand_all(sessions)
    assert await woken(sessions) == 5
    parcels = await claimed(sessions, 1)
    parcels += await claimed(sessions)
    while await woken(sessions):
        parcels += await claimed(sessions)
    assert sorted(chat_of(parcel) for parcel in parcels) == list(range(1, 8))
    told = [[item.notice.id for item in parcel.deliveries] for parcel in parcels]
    assert told == [notices] * 7
    await settled(sessions, *(Outcome(parcel.ids, State.SENT) for parcel in parcels))
    assert [await counters(sessions, notice) for notice in notices] == [(7, 7, 0, 0, 0)] * 3


async def test_quiet_hours_are_waited_for(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    await change(sessions, 1, quiet_from=10, quiet_until=14, timezone="Europe/Berlin")
    await tell(sessions, NOW)
    await expand_all(sessions)
    assert [chat_of(parcel) for parcel in await claimed(sessions)] == [2]
    assert await woken(sessions, LATER - timedelta(seconds=1)) == 0
    assert await woken(sessions, LATER) == 1
    assert [chat_of(parcel) for parcel in await claimed(sessions, now=LATER)] == [1]


async def test_what_would_be_too_late_after_quiet_hours_is_sent(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1], NOW, quiet_from=10, quiet_until=14)
    await tell(sessions, NOW, expires_at=LATER)
    await expand_all(sessions)
    assert len(await claimed(sessions)) == 1


async def test_what_is_past_is_dropped_all_of_it(sessions: Sessions) -> None:
    await people(sessions, VAULT, range(1, 8), NOW)
    notice = await tell(sessions, NOW, expires_at=SOON)
    await expand_all(sessions)
    assert await claimed(sessions, 2, now=SOON) == []
    assert await counters(sessions, notice) == (7, 0, 0, 0, 7)
    assert await found(sessions) == {State.DROPPED: 7}


async def test_whoever_wants_silence_meanwhile_is_not_told(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    notice = await tell(sessions, NOW)
    await expand_all(sessions)
    await change(sessions, 1, silent_until=LATER)
    assert [chat_of(parcel) for parcel in await claimed(sessions)] == [2]
    assert await counters(sessions, notice) == (2, 0, 0, 0, 1)


async def test_nothing_is_made_for_whoever_blocked_the_bot(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    notices = [await tell(sessions, NOW) for _ in range(2)]
    await expand_all(sessions)
    gone = (await claimed(sessions))[0]
    await settled(sessions, Outcome(gone.ids, State.BLOCKED))
    assert await counters(sessions, notices[0]) == (2, 0, 1, 0, 0)
    assert await counters(sessions, notices[1]) == (2, 0, 1, 0, 0)
    await tell(sessions, NOW)
    assert await expand_all(sessions) == 1


async def test_what_is_there_already_waits_for_whoever_is_out(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    notice = await tell(sessions, NOW)
    await expand_all(sessions)
    async with sessions() as session:
        await subscribers.note_block(session, subscribers.is_chat(VAULT, 1), NOW)
    assert [chat_of(parcel) for parcel in await claimed(sessions)] == [2]
    assert await counters(sessions, notice) == (2, 0, 1, 0, 0)
    async with sessions() as session:
        await missed.welcome_back(session, Subscriber.chat_index == VAULT.index(1), NOW)
    await tell(sessions, NOW)
    assert await expand_all(sessions) == 2


async def test_whoever_does_not_come_back_is_forgotten(sessions: Sessions) -> None:
    """But for who comes to a hearing, though they may never have spoken to the bot alone."""
    await people(sessions, VAULT, [1, 2, 3], NOW)
    await tell(sessions, NOW)
    await expand_all(sessions)
    late = NOW + subscribers.KEPT_FOR
    async with sessions() as session:
        comes = await outbox_index(session, 2)
        async with writing(session):
            await session.execute(insert(Attendance).values(hearing_id=1, subscriber_id=comes))
        for chat, since in ((1, NOW), (2, NOW), (3, late)):
            await subscribers.note_block(session, subscribers.is_chat(VAULT, chat), since)
        assert not await subscribers.drop_blocked(session, late - timedelta(days=1))
        assert await subscribers.drop_blocked(session, late)
        assert not await subscribers.drop_blocked(session, late)
        left = [chat for chat in (1, 2, 3) if await outbox_index(session, chat)]
        assert left == [2, 3]
        for table in (Follow, Delivery):
            assert await session.scalar(select(func.count()).select_from(table)) == 2


async def test_a_group_keeps_its_follows_where_it_went(sessions: Sessions) -> None:
    await people(sessions, VAULT, [-1], NOW)
    await tell(sessions, NOW)
    await expand_all(sessions)
    (parcel,) = await claimed(sessions)
    async with sessions() as session:
        await groups.move(session, VAULT, -1, -100_1)
    await settled(sessions, Outcome(parcel.ids, State.READY))
    (again,) = await claimed(sessions)
    assert (again.recipient.id, chat_of(again)) == (parcel.recipient.id, -100_1)
    async with sessions() as session:
        assert await outbox_index(session, -100_1) == parcel.recipient.id


async def outbox_index(session: AsyncSession, chat: int) -> int | None:
    mine = Subscriber.chat_index == VAULT.index(chat)
    return await session.scalar(select(Subscriber.id).where(mine))


async def test_a_group_that_is_known_already_takes_over(sessions: Sessions) -> None:
    await people(sessions, VAULT, [-1], NOW)
    alone = await tell(sessions, NOW)
    await expand_all(sessions)
    await people(sessions, VAULT, [-100_1], NOW)
    both = await tell(sessions, NOW)
    await expand_all(sessions)
    async with sessions() as session:
        old, new = await outbox_index(session, -1), await outbox_index(session, -100_1)
        assert old is not None
        await groups.move(session, VAULT, -1, -100_1)
        assert await outbox_index(session, -1) is None
        rows = await session.execute(select(Delivery.notice_id, Delivery.subscriber_id))
        assert sorted(map(tuple, rows)) == [(alone, new), (both, new)]
        assert await session.scalar(select(func.count()).select_from(Follow)) == 1
    assert await counters(sessions, both) == (2, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("before", "since", "after", "dropped"),
    [
        (State.READY, State.FAILED, State.READY, 0),
        (State.WAITING, State.BLOCKED, State.WAITING, 0),
        (State.LEASED, State.SENT, State.SENT, 1),
        (State.SENT, State.READY, State.SENT, 1),
        (State.SENT, State.DROPPED, State.SENT, 0),
        (State.FAILED, State.READY, State.READY, 0),
        (State.READY, State.READY, State.READY, 1),
        (State.DROPPED, State.FAILED, State.FAILED, 0),
    ],
)
async def test_of_two_deliveries_of_a_group_the_one_that_came_further_stays(
    sessions: Sessions, before: State, since: State, after: State, dropped: int
) -> None:
    await people(sessions, VAULT, [-1, -100_1], NOW)
    notice = await tell(sessions, NOW)
    await expand_all(sessions)
    async with sessions() as session:
        async with writing(session):
            for chat, state in ((-1, before), (-100_1, since)):
                theirs = Delivery.subscriber_id == await outbox_index(session, chat)
                await session.execute(update(Delivery).where(theirs).values(state=state))
        await groups.move(session, VAULT, -1, -100_1)
        (kept,) = await session.scalars(select(Delivery))
        assert (kept.state, kept.subscriber_id) == (after, await outbox_index(session, -100_1))
    assert await counters(sessions, notice) == (2, 0, 0, 0, dropped)


async def test_what_was_due_by_a_clock_that_was_set_back_is_told(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    await tell(sessions, NOW + timedelta(days=30))
    assert await expand_all(sessions) == 2


def explaining(engine: AsyncEngine) -> list[str]:
    """The plans of whatever is asked from now on."""
    plans = list[str]()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def explain(connection: Any, cursor: Any, statement: str, given: Any, *_: object) -> None:
        if "deliveries" in statement and not statement.startswith("EXPLAIN"):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.append("\n".join(row[-1] for row in rows))

    return plans


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_each_look_uses_the_index_of_its_state(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    """So its cost does not depend on how many rows there are."""
    await people(sessions, VAULT, [1, 2], NOW)
    await tell(sessions, NOW, expires_at=SOON)
    await expand_all(sessions)
    plans = explaining(engine)
    async with sessions() as session:
        await outbox.foremost_of_others(session, [1])
    await claimed(sessions, 1, SOON)
    foremost, leasing, dropping = plans[0], plans[1], plans[-1]
    plans.clear()
    await woken(sessions)
    async with sessions() as session:
        await reclaim(session, NOW)
    for plan, index in zip([foremost, leasing, dropping, *plans], WAYS, strict=True):
        assert f"USING INDEX ix_deliveries_{index}" in plan.replace("COVERING ", "")
        assert "SCAN deliveries\n" not in f"{plan}\n"
        assert "TEMP B-TREE" not in plan


WAYS = ["ready", "ready", "ready", "waiting", "waiting", "leased"]
"""Looking for room, claiming, dropping what is past, waking by time and by batch, taking leases
back."""


# -- on PostgreSQL, whatever it believes of the tables ------------------------------------

BELIEVED = text("ANALYZE deliveries")
ROWS_READ = text("""SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables
  WHERE relname = 'deliveries'""")
MANY = 20_000
ADDED = text(f"""INSERT INTO deliveries (notice_id, subscriber_id, priority, tries, state)
  SELECT :since + number / :people, :since + number % :people, {int(Priority.BULK)}, 0,
    CASE WHEN number % 100 = 0 THEN {int(State.READY)} ELSE :state END
  FROM generate_series(1, {MANY}) AS number""")


async def rows_read(session: AsyncSession) -> int:
    """So far, by this connection."""
    return int(await session.scalar(ROWS_READ) or 0)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_claim_reads_no_more_than_it_takes(sessions: Sessions) -> None:
    """It was analysed while few were ready, and of few people."""
    few = {"since": 0, "people": 100, "state": int(State.SENT)}
    many = {"since": MANY, "people": MANY, "state": int(State.READY)}
    async with sessions() as session, writing(session):
        await session.execute(ADDED.bindparams(**few))
        await session.execute(BELIEVED)
        await session.execute(ADDED.bindparams(**many))
    async with sessions() as session, writing(session):
        before = await rows_read(session)
        assert len(await outbox.leased(session, NOW, 60, range(95))) == 60
        assert await rows_read(session) - before < 400
        before = await rows_read(session)
        assert await outbox.foremost_of_others(session, range(95)) == Priority.BULK
        assert await rows_read(session) - before < 400
