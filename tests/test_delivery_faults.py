"""What the sender stands on fails while it tells all: in the end everybody knows, once."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from aiogram.utils.backoff import BackoffConfig
from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.crowd import states, tell
from benchmarks.server import tell_server
from bot.db import Sessions
from bot.delivery import sender as engine_room
from bot.delivery.sender import Sender
from bot.tasks import end
from models import State
from sandbox import Person, Sandbox
from tests.test_away import POSTGRESQL, SQLITE, impatient, locked
from tests.test_sender import (
    clock,
    crowd,
    ended,
    heard,
    is_so,
    patiently_ended,
    sender,
    telegram,
    texts,
    until,
)
from tests.town import NOW, TownClock

pytestmark = pytest.mark.either_database

__all__ = ["clock", "impatient", "telegram"]  # fixtures
NUMBER = 400


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    often = BackoffConfig(min_delay=0.001, max_delay=0.01, factor=1.5, jitter=0)
    for module in ("away.BACKOFF", "turn.ASKING"):
        monkeypatch.setattr(f"bot.{module}", often)
    monkeypatch.setattr(engine_room, "UPKEEP", 0.0)
    monkeypatch.setattr(engine_room, "TICK", 0.02)


@pytest.fixture
async def those(sessions: Sessions, telegram: Sandbox) -> list[Person]:
    return await crowd(sessions, telegram, NUMBER)


async def some_are_told(telegram: Sandbox, number: int = 30) -> None:
    await until(lambda: is_so(len(texts(telegram)) > number))


@SQLITE
@pytest.mark.usefixtures("impatient")
async def test_a_database_locked_in_the_middle(
    database_url: str,
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    those: list[Person],
) -> None:
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await some_are_told(telegram)
        async with locked(database_url):
            await until(lambda: is_so(one.support.away))
        row = await ended(sessions, notice, NUMBER)
    assert (row.sent, row.failed) == (NUMBER, 0)
    assert heard(those) == [1] * NUMBER


@dataclass
class Disk:
    """Room for so many pages of the database."""

    pages: int = 2**31 - 2

    def limit(self, connection: Any, _record: object, _proxy: object) -> None:
        connection.cursor().execute(f"PRAGMA max_page_count={self.pages}")


@SQLITE
async def test_a_full_disk(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    those: list[Person],
) -> None:
    disk = Disk()
    event.listen(engine.sync_engine, "checkout", disk.limit)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        async with sessions() as session:
            disk.pages = await session.scalar(text("PRAGMA page_count")) or 0
        await until(lambda: is_so(one.support.away))
        disk.pages = Disk.pages
        row = await ended(sessions, notice, NUMBER)
    assert (row.sent, row.failed) == (NUMBER, 0)
    assert heard(those) == [1] * NUMBER


async def test_a_token_that_is_refused_for_a_while_is_no_fault_of_the_people(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    those: list[Person],
) -> None:
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await some_are_told(telegram)
        telegram.faults.refuse(401, "Unauthorized", times=None)
        await until(lambda: is_so(one.limiter.closed_until > float("-inf")))
    told = sum(heard(those))
    assert told < NUMBER
    telegram.faults.clear()
    async with sender(engine, sessions, telegram, clock) as one:
        row = await patiently_ended(one, clock, sessions, notice, NUMBER)
    assert (row.sent, row.failed, row.blocked) == (NUMBER, 0, 0)
    assert heard(those) == [1] * NUMBER


async def killed(one: Sender, monkeypatch: pytest.MonkeyPatch) -> int:
    """As by `kill -9`: nothing is finished, nothing given back. What it cannot know of any more."""

    async def drop(*loops: asyncio.Task[None]) -> None:
        await end(*loops, *one.flying)

    monkeypatch.setattr(one, "drain", drop)
    return len(one.flying) + len(one.outcomes)


async def test_the_second_takes_over_when_the_first_is_killed(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    those: list[Person],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notice = await tell(sessions, NOW)
    telegram.faults.delay(0.02, times=None)
    async with sender(engine, sessions, telegram, clock) as first:
        await some_are_told(telegram)
        second_one = sender(engine, sessions, telegram, clock)
        second = await second_one.__aenter__()
        assert second.next_upkeep < 0
        in_doubt = await killed(first, monkeypatch)
    await until(lambda: is_so(second.next_upkeep > 0))
    async with sessions() as session:
        assert (await states(session)).get(State.LEASED, 0) > 0
    clock.forward(seconds=31)  # the leases of the first run out
    row = await ended(sessions, notice, NUMBER)
    await second_one.__aexit__(None, None, None)
    assert (row.sent, row.failed) == (NUMBER, 0)
    told = Counter(heard(those))
    assert set(told) <= {1, 2}
    assert told[2] <= in_doubt + 30  # and what went in the moments until the end


@POSTGRESQL
async def test_a_turn_that_is_lost_in_the_middle(
    database_url: str,
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    those: list[Person],
) -> None:
    """The server ends all connections; whoever has the turn afterwards, nobody is told twice."""
    name = make_url(database_url).database
    end_all = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    notice = await tell(sessions, NOW)
    async with (
        sender(engine, sessions, telegram, clock, rate=300),
        sender(engine, sessions, telegram, clock, rate=300),
    ):
        for number in (30, 150):
            await some_are_told(telegram, number)
            await tell_server(end_all)
        row = await ended(sessions, notice, NUMBER)
    assert (row.sent, row.failed) == (NUMBER, 0)
    assert heard(those) == [1] * NUMBER


async def test_telegram_that_cannot_be_reached(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    those: list[Person],
) -> None:
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await some_are_told(telegram)
        telegram.faults.cut_before(times=None)
        await until(lambda: is_so(one.limiter.away_for > 1))
        assert one.limiter.wait(asyncio.get_running_loop().time()) > 0
        telegram.faults.clear()
        row = await patiently_ended(one, clock, sessions, notice, NUMBER)
    assert (row.sent, row.failed) == (NUMBER, 0)
    assert heard(those) == [1] * NUMBER
