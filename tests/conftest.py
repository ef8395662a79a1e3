"""A fresh, migrated database for each test that asks for one: SQLite and PostgreSQL."""

import asyncio
import gc
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4
from zlib import crc32

import pytest
from aiogram.client.session.aiohttp import AiohttpSession
from hypothesis import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.server import tell_server, url_of
from bot import logs, progress
from bot.clock import Clock
from bot.db import Sessions, dispose, make_engine, make_sessions
from bot.delivery import scheduler
from sandbox import Person
from sandbox.client import LocalSession
from tests import IN_CI
from tests.databases import Databases
from tests.delivery import Delivery
from tests.engines import sharing
from tests.town import OTHER_OWNER, OWNER, Town, town

# A slow machine is no fault of a test.
settings.register_profile("house", settings(), deadline=None, max_examples=100 if IN_CI else 30)
settings.load_profile("house")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: some tests wait for processes and browsers."""
    return min(os.cpu_count() or 1, 3) + 1


def pytest_collection_finish() -> None:
    """What was imported stays, and the garbage collector need not look at it for each test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9")
"""Its database, and one more for each process that tests beside, are emptied by the tests."""
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def own_redis() -> str:
    server, database = REDIS.rsplit("/", 1)
    return f"{server}/{int(database) + PROCESS}"


DATABASES = ["sqlite", "postgresql"]
CAMPAIGNS = {"harbour": "format.yaml", "harbour_url": "format.yaml", "sac": "sac-2024.yaml"}
"""Fixtures of towns, and what stands in their databases from the beginning."""


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.drop()


@pytest.fixture
def sqlite_template(databases: Databases) -> Path:
    """A migrated, empty database."""
    return databases.sqlite()


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Where either database will do, the tests take turns; CI tries all of them on both."""
    test = metafunc.definition
    is_free = "database_url" in metafunc.fixturenames and not chooses_database(test)
    if is_free and test.get_closest_marker("either_database") and not IN_CI:
        its = DATABASES[crc32(test.nodeid.encode()) % len(DATABASES)]
        test.add_marker(pytest.mark.parametrize("database_url", [its], indirect=True))


def chooses_database(test: pytest.Item) -> bool:
    return any("database_url" in mark.args[0] for mark in test.iter_markers("parametrize"))


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> str:
    """Migrated; it has the campaign of the town that the test asks for."""
    campaign = next((CAMPAIGNS[name] for name in request.fixturenames if name in CAMPAIGNS), None)
    return databases.fresh(request.param, tmp_path / "bot.db", campaign)


@pytest.fixture
async def bare_postgres() -> AsyncIterator[str]:
    """A database without a table."""
    name = f"bare_{uuid4().hex}"
    try:
        await tell_server(f"CREATE DATABASE {name}")
    except OSError as error:
        (pytest.fail if IN_CI else pytest.skip)(f"no PostgreSQL at TEST_POSTGRES: {error}")
    yield url_of(name)
    await tell_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def harbour_url(database_url: str) -> str:
    """With the invented campaign; a bot has seen it, so what changes now is news."""
    return database_url


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url)
    yield engine
    await dispose(engine)


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    return make_sessions(engine)


@pytest.fixture
async def redis_url() -> AsyncIterator[str]:
    """A database of the local Redis that is empty before and after."""
    url = own_redis()
    redis = Redis.from_url(url)
    try:
        await redis.flushdb()
        yield url
        await redis.flushdb()
    except RedisError as error:
        say = pytest.fail if IN_CI else pytest.skip
        say(f"no Redis at TEST_REDIS: {error}")
    finally:
        await redis.aclose()


@pytest.fixture(autouse=True, scope="session")
def statements_are_worded_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.db.create_async_engine", sharing)
        yield


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """As in production: no values and no messages of exceptions in the logs."""
    logs.configure("console")


tls_context = cache(ssl.create_default_context)


@pytest.fixture(autouse=True)
def no_work_for_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiogram reads certificates for each bot and waits for TLS to close; none is used here."""
    monkeypatch.setattr(ssl, "create_default_context", tls_context)
    monkeypatch.setattr(AiohttpSession, "close", LocalSession.close)


@pytest.fixture
def delivery(monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """Of the towns of this test; to be asked for before them."""
    quick = Delivery()
    quick.hasten(monkeypatch)
    return quick


@pytest.fixture
async def harbour(database_url: str) -> AsyncIterator[Town]:
    """The invented campaign of `examples/format.yaml`."""
    async with town(database_url) as here:
        await asyncio.wait_for(here.opened.wait(), 60)
        yield here


@pytest.fixture
async def owned(database_url: str) -> AsyncIterator[Town]:
    """The same, with an owner, who needs nobody else."""
    async with town(database_url, "format.yaml", owners=(OWNER,), four_eyes=False) as here:
        yield here


@pytest.fixture
async def guarded(database_url: str) -> AsyncIterator[Town]:
    """The same, with two owners, of whom neither decides alone."""
    async with town(database_url, "format.yaml", owners=(OWNER, OTHER_OWNER)) as here:
        yield here


@pytest.fixture
async def owner(owned: Town) -> Person:
    """Of the bot, who has come."""
    person = owned.telegram.person("Olga", language="en", id=OWNER)
    await person.send("/start")
    return person


@pytest.fixture
async def sac(database_url: str) -> AsyncIterator[Town]:
    """The real campaign."""
    async with town(database_url) as here:
        await asyncio.wait_for(here.opened.wait(), 60)
        yield here


@pytest.fixture
def quick_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broadcasts are drawn anew at once; before the town begins."""
    monkeypatch.setattr(progress, "PERIOD", 0.02)


async def silence(_sessions: Sessions, _clock: Clock) -> float:
    return await asyncio.Event().wait()


@pytest.fixture
def undisturbed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No message comes by itself, unless the test is about those."""
    if "delivery" not in request.fixturenames:
        monkeypatch.setattr(scheduler, "look", silence)
