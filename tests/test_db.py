"""Connections end with the event loop that they belong to, and not later."""

import asyncio
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from aiosqlite.core import _STOP_RUNNING_SENTINEL
from sqlalchemy import QueuePool, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db import TROUBLE, Sessions, at_once, dispose, make_engine
from models import CampaignVersion


@pytest.fixture
def said_too_late(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """What threads raised, as when they speak to an event loop that is closed."""
    raised: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda failed: raised.append(failed.exc_value))
    return raised


def join_threads() -> None:
    for thread in threading.enumerate():
        if "connection_worker" in thread.name:
            thread.join(5)
            assert not thread.is_alive()


@pytest.mark.parametrize("fails", [False, True], ids=["opens", "fails"])
def test_cancelled_while_it_connects_a_connection_ends_before_its_loop(
    tmp_path: Path,
    fails: bool,
    monkeypatch: pytest.MonkeyPatch,
    said_too_late: list[BaseException],
) -> None:
    begun, gate, connect = threading.Event(), threading.Event(), sqlite3.connect

    def slow(*args: Any, **options: Any) -> sqlite3.Connection:
        begun.set()
        assert gate.wait(20)
        if fails:
            raise sqlite3.OperationalError
        return connect(*args, **options)

    async def cancelled() -> None:
        engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
        task = asyncio.create_task(engine.connect().start())
        await asyncio.to_thread(begun.wait)
        task.cancel()
        await asyncio.wait({task}, timeout=0.1)
        if not task.done():  # it waits for its connection
            gate.set()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await dispose(engine)

    monkeypatch.setattr(sqlite3, "connect", slow)
    asyncio.run(cancelled())
    gate.set()
    join_threads()
    assert not said_too_late


def test_a_connection_that_fails_ends_before_its_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said_too_late: list[BaseException]
) -> None:
    left = threading.Event()

    def slow() -> object:
        left.wait(0.2)
        return _STOP_RUNNING_SENTINEL

    def stop(connection: Any) -> None:
        """As its own, but for a thread that is slow to hear of it."""
        connection._running = False
        connection._tx.put_nowait((asyncio.get_running_loop().create_future(), slow))

    async def failed() -> None:
        engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}")
        with pytest.raises(OperationalError):
            await engine.connect().start()
        await dispose(engine)

    monkeypatch.setattr("aiosqlite.Connection.stop", stop)
    asyncio.run(failed())
    left.set()
    join_threads()
    assert not said_too_late


async def test_what_is_given_back_late_is_closed_too(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.db")
    connection = await engine.connect().start()
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    closing = asyncio.create_task(dispose(engine))
    for _ in range(5):
        await asyncio.sleep(0)
    assert engine.pool is pool  # a disposed one is replaced
    await connection.close()
    await closing
    assert (engine.pool is pool, pool.checkedin(), pool.checkedout()) == (False, 0, 0)


async def test_a_new_database_is_nobody_elses_to_read(tmp_path: Path) -> None:
    file = tmp_path / "data" / "bot.db"
    engine = make_engine(f"sqlite+aiosqlite:///{file}")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("CREATE TABLE some (id INTEGER)")
        modes = {each.name: each.stat().st_mode & 0o777 for each in file.parent.iterdir()}
    assert modes == dict.fromkeys(("bot.db", "bot.db-wal", "bot.db-shm"), 0o600)
    await engine.dispose()
    file.chmod(0o640)
    make_engine(f"sqlite+aiosqlite:///{file}")
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_compiles_nothing_and_keeps_no_plan(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.scalar(text("SHOW jit")) == "off"
        assert await connection.scalar(text("SHOW plan_cache_mode")) == "force_custom_plan"


RAISE = text("UPDATE campaign_versions SET version = version + :by")
NONSENSE = text("UPDATE campaign_versions SET nothing = :by")


async def version(sessions: Sessions) -> int:
    async with sessions() as session:
        return (await session.scalars(select(CampaignVersion.version))).one()


async def test_what_is_written_at_once_is_written_whole_or_not_at_all(sessions: Sessions) -> None:
    async with sessions() as session:
        await at_once(session, [RAISE, RAISE], {"by": 2})
        assert await version(sessions) == 4
        with pytest.raises(TROUBLE):
            await at_once(session, [RAISE, NONSENSE], {"by": 2})
        await at_once(session, [RAISE], {"by": 1})
    assert await version(sessions) == 5


async def test_whoever_is_cancelled_while_it_writes_at_once_leaves_nothing_open(
    sessions: Sessions,
) -> None:
    """Nobody stands in line behind it for good."""
    for _ in range(5):
        async with sessions() as session:
            task = asyncio.create_task(at_once(session, [RAISE, RAISE], {"by": 1}))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
    before = await version(sessions)
    assert before % 2 == 0
    async with sessions() as session:
        await at_once(session, [RAISE], {"by": 1})
    assert await version(sessions) == before + 1
