"""SQLite's connections go to their threads seldom, and lose nothing by it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db import dispose, make_engine, make_sessions, writing
from bot.sqlite import ALONG, SeldomThere, opened

NUMBERS = text(
    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT :last)"
    " SELECT n FROM numbers"
)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    made = make_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    async with made.begin() as connection:
        await connection.execute(text("CREATE TABLE some (n INTEGER)"))
    yield made
    await dispose(made)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a thread was given to do."""
    done: list[str] = []
    given = SeldomThere._execute

    async def told(connection: Any, work: Any, *args: Any, **more: Any) -> Any:
        done.append(work.__name__)
        return await given(connection, work, *args, **more)

    monkeypatch.setattr(SeldomThere, "_execute", told)
    return done


@pytest.mark.parametrize("last", [0, 1, ALONG - 1, ALONG, ALONG + 1, 3 * ALONG])
async def test_all_rows_come(engine: AsyncEngine, last: int) -> None:
    everything = list(range(1, last + 1))
    async with engine.connect() as connection:
        assert list(await connection.scalars(NUMBERS, {"last": last})) == everything
        for size in (1, ALONG - 1, ALONG, 2 * ALONG):
            options = {"yield_per": size}
            stream = connection.stream_scalars(NUMBERS, {"last": last}, execution_options=options)
            async with stream as found:
                assert [number async for number in found] == everything


async def test_a_statement_is_one_way_to_the_thread(engine: AsyncEngine, ways: list[str]) -> None:
    async with make_sessions(engine)() as session:
        await session.scalars(NUMBERS, {"last": 20})
        await session.commit()
        await session.scalars(NUMBERS, {"last": 20})
    assert ways == ["begin", "begin"]
    async with make_sessions(engine)() as session, writing(session):
        await session.execute(text("INSERT INTO some VALUES (1)"))
    assert ways == [*["begin"] * 4, "commit"]


async def test_a_transaction_that_is_cancelled_holds_up_nobody(engine: AsyncEngine) -> None:
    """It may begin only after it was cancelled, when there seems nothing to be rolled back."""
    sessions = make_sessions(engine)

    async def write() -> None:
        async with sessions() as session, writing(session):
            await session.execute(text("INSERT INTO some VALUES (1)"))

    async with sessions() as session, writing(session):
        await session.execute(text("INSERT INTO some VALUES (1)"))
        for _ in range(3):
            waiting = asyncio.create_task(write())
            await asyncio.wait({waiting}, timeout=0.05)
            waiting.cancel()
            await asyncio.wait({waiting}, timeout=0.05)
    async with asyncio.timeout(5):
        await asyncio.gather(*(write() for _ in range(20)))


def test_a_new_file_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    """SQLite by itself refuses about every sixth."""
    several = 4
    together = Barrier(several)

    def open_it(file: Path) -> str:
        together.wait()
        connection: sqlite3.Connection = opened(file)
        try:
            return str(connection.execute("PRAGMA journal_mode").fetchone()[0])
        finally:
            connection.close()

    with ThreadPoolExecutor(several) as threads:
        for turn in range(30):
            file = tmp_path / f"{turn}.db"
            assert list(threads.map(open_it, [file] * several)) == ["wal"] * several


async def test_writers_of_a_process_write_in_their_turn(engine: AsyncEngine) -> None:
    """Also beside one that begins the next transaction as soon as the last one is over."""
    sessions = make_sessions(engine)
    order: list[str] = []
    began = asyncio.Event()

    async def write(name: str, times: int) -> None:
        async with sessions() as session:
            for _ in range(times):
                async with writing(session):
                    began.set()
                    await session.execute(text("INSERT INTO some VALUES (1)"))
                    order.append(name)

    busy = asyncio.create_task(write("busy", 30))
    await began.wait()
    await write("other", 1)
    await busy
    assert order.index("other") <= 2
