"""Whose turn it is, when whoever has it hangs or cannot be heard."""

import asyncio
import socket

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.db import CUT, dispose, make_engine
from bot.turn import POLLING, SENDING, Work, let_go, lives, locked, turn_of

POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@POSTGRESQL
async def test_who_is_not_heard_loses_the_turn_and_learns_of_it(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turn.SILENT", 1)
    monkeypatch.setattr("bot.turn.BEAT", 60)
    first, second = make_engine(database_url), make_engine(database_url)
    async with turn_of(first, SENDING) as frozen, turn_of(second, SENDING) as standing_by:
        assert await frozen.take()
        assert not await standing_by.take()
        async with asyncio.timeout(20):
            await standing_by.kept()  # the first one says nothing any more
        assert not await frozen.take()
    await dispose(first)
    await dispose(second)


@POSTGRESQL
async def test_who_says_that_it_lives_keeps_the_turn(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it has nothing to ask, as while Telegram is polled."""
    monkeypatch.setattr("bot.turn.SILENT", 1)
    monkeypatch.setattr("bot.turn.BEAT", 0.1)
    first, second = make_engine(database_url), make_engine(database_url)
    async with turn_of(first, SENDING) as mine, turn_of(second, SENDING) as theirs:
        assert await mine.take()
        until = asyncio.get_running_loop().time() + 2.5
        while asyncio.get_running_loop().time() < until:
            assert not await theirs.take()
            await asyncio.sleep(0.1)
        assert await mine.take()
    await dispose(first)
    await dispose(second)


@POSTGRESQL
async def test_a_connection_that_hangs_is_not_waited_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.turn.HANGING", 0.2)
    engine = make_engine(database_url)
    held = await locked(engine, SENDING.lock)
    assert held is not None
    assert await lives(held)
    monkeypatch.setattr("bot.turn.text", lambda _words: text("SELECT pg_sleep(60)"))
    async with asyncio.timeout(20):
        assert not await lives(held)
        await let_go(held)
    await dispose(engine)


@POSTGRESQL
async def test_the_system_ends_connections_that_are_cut(database_url: str) -> None:
    engine = make_engine(database_url)
    async with engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None
        own = raw.driver_connection._transport.get_extra_info("socket")
        with socket.socket(fileno=own.fileno()) as same:
            found = [same.getsockopt(level, option) for level, option, _value in CUT]
            same.detach()
    assert found == [value for _level, _option, value in CUT]
    await dispose(engine)


@pytest.mark.parametrize("work", [POLLING, SENDING])
async def test_who_stands_by_as_meant_is_no_error(database_url: str, work: Work) -> None:
    """A second sender on PostgreSQL is; two bots on one SQLite file, or two that poll, are not."""
    first, second = make_engine(database_url), make_engine(database_url)
    with capture_logs() as told:
        async with turn_of(second, work) as other:
            async with turn_of(first, work) as mine:
                assert await mine.take()
                waiting = asyncio.create_task(other.kept())
                while not told:  # noqa: ASYNC110
                    await asyncio.sleep(0)
            await waiting
    is_meant = work is SENDING and database_url.startswith("postgresql")
    assert told[0]["log_level"] == ("info" if is_meant else "error")
    await dispose(first)
    await dispose(second)
