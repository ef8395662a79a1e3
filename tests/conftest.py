"""A fresh, migrated database for each test that asks for one: SQLite and PostgreSQL."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiogram.client.session.aiohttp import AiohttpSession
from hypothesis import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.server import tell_server, url_of
from bot import logs
from bot.db import Sessions, dispose, make_engine, make_sessions
from bot.migrate import migrate
from bot.services import campaign_file
from sandbox.client import LocalSession
from tests.town import EXAMPLES, NOW, VAULT, Town, town

# A slow machine is no fault of a test.
settings.register_profile("house", settings(), deadline=None)
settings.load_profile("house")

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/9")
"""Its database, and one more for each process that tests beside, are emptied by the tests."""
PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def own_redis() -> str:
    server, database = REDIS.rsplit("/", 1)
    return f"{server}/{int(database) + PROCESS}"


def at_once(work: Coroutine[Any, Any, None]) -> None:
    """Like asyncio.run, and leaves the current event loop alone."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(work)


CAMPAIGNS = {"harbour": "format.yaml", "sac": "sac-2024.yaml"}
"""Fixtures of towns, and what stands in their databases from the beginning."""


async def migrated(url: str, campaign: str | None = None) -> None:
    engine = make_engine(url)
    await migrate(engine)
    if campaign:
        async with make_sessions(engine)() as session:
            data = (EXAMPLES / campaign).read_bytes()
            await campaign_file.import_file(
                session, data, name="town.yaml", now=NOW, mark=VAULT.mark_of
            )
    await dispose(engine)


@dataclass
class Templates:
    """Migrated databases that are made once, to be copied for each test."""

    folder: Path
    names: dict[str | None, str] = field(default_factory=dict)

    def sqlite(self, campaign: str | None = None) -> Path:
        file = self.folder / f"{campaign}.db"
        if not file.exists():
            at_once(migrated(f"sqlite+aiosqlite:///{file}", campaign))
        return file

    def postgres(self, campaign: str | None = None) -> str:
        """Its name."""
        if campaign not in self.names:
            name = f"test_template_{uuid4().hex}"
            reach_server(f"CREATE DATABASE {name}")
            self.names[campaign] = name
            at_once(migrated(url_of(name), campaign))
        return self.names[campaign]

    def drop(self) -> None:
        for name in self.names.values():
            at_once(tell_server(f"DROP DATABASE {name} WITH (FORCE)"))


def reach_server(statement: str) -> None:
    try:
        at_once(tell_server(statement))
    except (OSError, asyncpg.PostgresError) as error:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"no PostgreSQL at TEST_POSTGRES: {error}")


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Templates]:
    templates = Templates(tmp_path_factory.mktemp("templates"))
    yield templates
    templates.drop()


@pytest.fixture
def sqlite_template(templates: Templates) -> Path:
    """A migrated, empty database."""
    return templates.sqlite()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, templates: Templates, tmp_path: Path
) -> Iterator[str]:
    """Migrated; it has the campaign of the town that the test asks for."""
    campaign = next((CAMPAIGNS[name] for name in request.fixturenames if name in CAMPAIGNS), None)
    if request.param == "sqlite":
        file = shutil.copy(templates.sqlite(campaign), tmp_path / "bot.db")
        yield f"sqlite+aiosqlite:///{file}"
        return
    name = f"test_{uuid4().hex}"
    at_once(tell_server(f"CREATE DATABASE {name} TEMPLATE {templates.postgres(campaign)}"))
    yield url_of(name)
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
    url = own_redis()
    redis = Redis.from_url(url)
    try:
        await redis.flushdb()
        yield url
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
    async with town(database_url) as here:
        await asyncio.wait_for(here.opened.wait(), 60)
        yield here


@pytest.fixture
async def sac(database_url: str) -> AsyncIterator[Town]:
    """The real campaign."""
    async with town(database_url) as here:
        await asyncio.wait_for(here.opened.wait(), 60)
        yield here
