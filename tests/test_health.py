"""Whoever watches over the bot from inside learns how it is, in two seconds and in our words."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import health
from bot.db import dispose, make_engine
from bot.health import HEALTHZ, METRICS, READYZ, Health, bounded
from bot.turn import POLLING, SENDING, is_held, turn_of
from tests.test_away import OwnRedis, own_redis, until, waiting_for_redis
from tests.test_duties import SENDER, WEB, said
from tests.town import Town, free_port, town

pytestmark = pytest.mark.either_database
__all__ = ["own_redis"]  # a fixture


def here() -> dict[str, str]:
    return {"listen": f"127.0.0.1:{free_port()}"}


class Asked:
    """Of one process."""

    def __init__(self, client: ClientSession, address: str) -> None:
        self.client, self.address = client, address

    async def get(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.client.get(self.address + path, headers=headers) as answer:
            return answer.status, await answer.text()

    async def ready(self) -> tuple[int, dict[str, str]]:
        """What is said of each part, those that are not well in capitals."""
        status, said = await self.get(READYZ)
        whole = json.loads(said)
        assert whole["ready"] == (status == 200)
        parts = whole["parts"].items()
        return status, {
            name: part["is"] if part["good"] else part["is"].upper() for name, part in parts
        }


@asynccontextmanager
async def asking(of: Town) -> AsyncIterator[Asked]:
    address = f"http://{of.app.settings.listen}"
    async with ClientSession() as client:
        await said(client, address + HEALTHZ)
        yield Asked(client, address)


async def holds(of: Town) -> None:
    """The turn to send."""
    await until(lambda: of.app.metrics.sends)


ALL_WELL = {
    "database": "answers",
    "tables": "newest",
    "telegram": "answers",
    "sender": "somebody",
}


async def test_a_process_that_does_all_is_ready(database_url: str) -> None:
    async with town(database_url, **here()) as one, asking(one) as asked:
        await holds(one)
        assert await asked.ready() == (200, ALL_WELL)


async def test_who_answers_is_ready_though_nobody_sends(database_url: str) -> None:
    async with town(database_url, duties=WEB, **here()) as web, asking(web) as asked:
        await web.opened.wait()
        assert await asked.ready() == (200, ALL_WELL | {"sender": "NOBODY"})
        both = {"telegram": web.telegram, "duties": SENDER}
        async with town(database_url, **both) as sender:
            await holds(sender)
            assert await asked.ready() == (200, ALL_WELL)
        assert await asked.ready() == (200, ALL_WELL | {"sender": "NOBODY"})


async def test_who_stands_by_is_ready(database_url: str) -> None:
    async with town(database_url, duties=SENDER) as first:
        await holds(first)
        second_one = town(database_url, telegram=first.telegram, duties=SENDER, **here())
        async with second_one as second, asking(second) as asked:
            await until(lambda: SENDING.name in second.app.metrics.turns)
            assert await asked.ready() == (200, ALL_WELL)
            assert not second.app.metrics.sends
            await first.halt()
            await holds(second)


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [(401, "Unauthorized", "REFUSED"), (500, "Internal Server Error", "NO ANSWER")],
)
async def test_telegram_is_asked_once_in_a_while(
    database_url: str, monkeypatch: pytest.MonkeyPatch, code: int, words: str, told: str
) -> None:
    async with town(database_url, **here()) as one, asking(one) as asked:
        await holds(one)
        await until(lambda: bool(one.telegram.calls.of("getMe")))
        before = len(one.telegram.calls.of("getMe"))
        many = await asyncio.gather(*(asked.ready() for _ in range(5)))
        assert many == [(200, ALL_WELL)] * 5
        assert len(one.telegram.calls.of("getMe")) == before + 1
        one.telegram.faults.refuse(code, words, method="getMe", times=None)
        assert await asked.ready() == (200, ALL_WELL)
        monkeypatch.setattr(health, "REMEMBERED", 0)
        monkeypatch.setattr(health, "PATIENCE", 0.2)
        one.app.health.telegram_then = None
        status, parts = await asked.ready()
        assert (status, parts["telegram"]) == (503, told)
        one.telegram.faults.clear()
        assert await asked.ready() == (200, ALL_WELL)


async def test_many_who_ask_keep_the_database_from_nobody(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, usual = list[int](), Health.database

    async def counted(of: Health) -> health.Part:
        looks.append(1)
        return await usual(of)

    async with town(database_url, **here()) as one, asking(one) as asked:
        await holds(one)
        monkeypatch.setattr(Health, "database", counted)
        many = await asyncio.gather(*(asked.ready() for _ in range(30)))
        assert many == [(200, ALL_WELL)] * 30
        assert len(looks) < 10
        assert await asked.ready() == (200, ALL_WELL)


async def test_one_late_answer_of_telegram_is_soon_forgotten(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(health, "monotonic", lambda: now[0])
    async with town(database_url, **here()) as one, asking(one) as asked:
        await holds(one)
        one.telegram.faults.refuse(401, "Unauthorized", method="getMe", times=None)
        assert (await asked.ready())[0] == 503
        one.telegram.faults.clear()
        now[0] = 4.9
        assert (await asked.ready())[0] == 503
        now[0] = 5.0
        assert await asked.ready() == (200, ALL_WELL)
        one.telegram.faults.refuse(401, "Unauthorized", method="getMe", times=None)
        now[0] = 34.9
        assert await asked.ready() == (200, ALL_WELL)


async def test_redis_is_a_part_where_there_is_one(database_url: str, own_redis: OwnRedis) -> None:
    more = here() | {"redis_url": own_redis.url}
    async with town(database_url, **more) as one, asking(one) as asked:
        await holds(one)
        assert await asked.ready() == (200, ALL_WELL | {"redis": "answers"})
        await own_redis.kill()
        assert await asked.ready() == (503, ALL_WELL | {"redis": "NO ANSWER"})
        await own_redis.start()
        assert await asked.ready() == (200, ALL_WELL | {"redis": "answers"})


async def test_a_redis_that_is_full_is_not_ready_though_it_answers(
    database_url: str, own_redis: OwnRedis
) -> None:
    """There everybody waits, and is answered once when it has room again."""
    more = here() | {"redis_url": own_redis.url}
    async with (
        town(database_url, **more) as one,
        asking(one) as asked,
        Redis.from_url(own_redis.url) as redis,
    ):
        await holds(one)
        await redis.config_set("maxmemory", 1)
        assert await asked.ready() == (503, ALL_WELL | {"redis": "FULL"})
        anna = one.person(language="en")
        await anna.send("/help", wait=False)
        await until(lambda: waiting_for_redis(one))
        await redis.config_set("maxmemory", 0)
        await one.telegram.settled()
        assert len([message for message in anna.messages if message.from_bot]) == 1
        assert await asked.ready() == (200, ALL_WELL | {"redis": "answers"})
        await redis.config_set("min-replicas-to-write", 1)
        assert await asked.ready() == (503, ALL_WELL | {"redis": "NO ANSWER"})


@asynccontextmanager
async def silence() -> AsyncIterator[int]:
    """A server that takes connections and never says a word."""

    async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await closing.wait()
        writer.close()

    closing = asyncio.Event()
    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        closing.set()


async def test_a_database_that_hangs_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    async with silence() as port:
        engine = make_engine(f"postgresql+asyncpg://user@127.0.0.1:{port}/bot")
        asked = Health(engine, bot=None)  # type: ignore[arg-type]
        for ask in (asked.database, asked.tables, asked.sender):
            async with asyncio.timeout(20):
                assert (await bounded(ask)).word == "no answer"
        await dispose(engine)


async def test_tables_of_another_version_are_told(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Health(engine, bot=None)  # type: ignore[arg-type]
    assert await asked.tables() == health.Part(True, "newest")
    monkeypatch.setattr("bot.migrate.heads", lambda: frozenset({"later"}))
    assert await asked.tables() == health.Part(False, "behind")
    async with engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'unheard of'")
    assert await asked.tables() == health.Part(False, "newer")


async def test_whose_turn_it_is_can_be_looked_at(engine: AsyncEngine) -> None:
    """Also from another process, as it were, and without taking it from anybody."""
    other = make_engine(engine.url.render_as_string(hide_password=False))
    assert not await is_held(engine, SENDING)
    async with turn_of(other, SENDING) as turn:
        assert not await is_held(engine, SENDING)
        assert await turn.take()
        assert await is_held(engine, SENDING)
        assert await is_held(other, SENDING)
        assert not await is_held(engine, POLLING)
    assert not await is_held(engine, SENDING)
    await dispose(other)


@pytest.mark.parametrize("path", [HEALTHZ, READYZ, METRICS])
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
async def test_through_a_proxy_there_is_no_such_place(
    database_url: str, path: str, header: str
) -> None:
    async with town(database_url, **here()) as one, asking(one) as asked:
        await holds(one)
        assert (await asked.get(path))[0] == 200
        assert await asked.get(path, **{header: "for=192.0.2.1"}) == (404, "")


async def test_nothing_is_named(database_url: str, own_redis: OwnRedis) -> None:
    more = here() | {"redis_url": own_redis.url, "owners": (500_001,)}
    async with town(database_url, "format.yaml", **more) as one, asking(one) as asked:
        await holds(one)
        await one.person("Zanzibara").send("/start")
        await own_redis.kill()
        one.telegram.faults.refuse(401, "Unauthorized", method="getMe", times=None)
        _, said = await asked.get(READYZ)
    parts = {*ALL_WELL, *" ".join(ALL_WELL.values()).split(), "redis", "no", "answer", "refused"}
    frame = {"ready", "parts", "good", "is", "true", "false"}
    assert set(re.findall(r"[^\s\W]+", said)) <= parts | frame
