"""A fresh, migrated database for each test that asks for one: SQLite and PostgreSQL."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiogram.client.session.aiohttp import AiohttpSession
from hypothesis import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot import logs
from bot.db import Sessions, dispose, make_engine, make_sessions
from bot.migrate import migrate
from sandbox.client import LocalSession
from tests.town import Town, town

# A slow machine is no fault of a test.
settings.register_profile("house", settings(), deadline=None)
settings.load_profile("house")

SERVER = os.environ.get(
    "TEST_POSTGRES", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
)  # any database of the server; the tests make and drop their own beside it

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9")  # emptied by the tests


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the processes that test side by side one alone has the Redis, which is emptied."""
    for item in items:
        if "redis_url" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("redis"))


def at_once(work: Coroutine[Any, Any, None]) -> None:
    """Like asyncio.run, and leaves the current event loop alone."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(work)


async def migrated(url: str) -> None:
    engine = make_engine(url)
    await migrate(engine)
    await dispose(engine)


async def tell_server(statement: str) -> None:
    engine = create_async_engine(SERVER, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "bot.db"
    at_once(migrated(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a migrated database, copied for each test."""
    name = f"test_template_{uuid4().hex}"
    try:
        at_once(tell_server(f"CREATE DATABASE {name}"))
    except (OSError, SQLAlchemyError) as error:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"no PostgreSQL at TEST_POSTGRES: {error}")
    try:
        at_once(migrated(postgres_url(name)))
        yield name
    finally:
        at_once(tell_server(f"DROP DATABASE {name} WITH (FORCE)"))


def postgres_url(name: str) -> str:
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        file = shutil.copy(template, tmp_path / "bot.db")
        yield f"sqlite+aiosqlite:///{file}"
        return
    template, name = request.getfixturevalue("postgres_template"), f"test_{uuid4().hex}"
    at_once(tell_server(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield postgres_url(name)
    at_once(tell_server(f"DROP DATABASE {name} WITH (FORCE)"))


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
    redis = Redis.from_url(REDIS)
    try:
        await redis.flushdb()
        yield REDIS
        await redis.flushdb()
    except RedisError as error:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"no Redis at TEST_REDIS: {error}")
    finally:
        await redis.aclose()


@pytest.fixture(autouse=True)
def plain_logs() -> None:
    """As in production: no values and no messages of exceptions in the logs."""
    logs.configure("console")


@pytest.fixture(autouse=True)
def quick_to_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiogram waits a quarter of a second for TLS to close, which is not used here."""
    monkeypatch.setattr(AiohttpSession, "close", LocalSession.close)


@pytest.fixture
async def harbour(database_url: str) -> AsyncIterator[Town]:
    """The invented campaign of `examples/format.yaml`."""
    async with town(database_url, "format.yaml") as here:
        yield here


@pytest.fixture
async def sac(database_url: str) -> AsyncIterator[Town]:
    """The real campaign."""
    async with town(database_url, "sac-2024.yaml") as here:
        yield here
