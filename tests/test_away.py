"""Redis or the database is away for a while: nothing is lost, doubled, or told as an error."""

import asyncio
import sqlite3
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from typing import Any

import pytest
from aiogram.fsm.storage.base import StorageKey
from aiogram.utils.backoff import BackoffConfig
from aiohttp import ClientSession
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from benchmarks.server import tell_server
from bot import away, db, logs, shared_dialogs
from bot.away import Support, database_trouble
from bot.crypto import generate_key, make_vault
from bot.db import make_engine
from bot.fsm import InOrder, make_shared_storage
from bot.shared_dialogs import connect
from bot.turn import turn_of
from bot.webhook import SECRET_HEADER
from sandbox import Limits, Person, Sandbox
from tests import IN_CI
from tests.town import TOKEN, Gate, Town, free_port, town, webhook

POLLING_AND_WEBHOOK = pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    often = BackoffConfig(min_delay=0.001, max_delay=0.002, factor=1.1, jitter=0)
    for module in ("away.BACKOFF", "polling.BACKOFF", "turn.ASKING"):
        monkeypatch.setattr(f"bot.{module}", often)
    monkeypatch.setattr("bot.shared_dialogs.HANGING", 0.1)


class OwnRedis:
    """A server of one's own, to be killed, started again and stopped for a while."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: Process | None = None

    async def start(self) -> None:
        options = f"--port {self.port} --bind 127.0.0.1 --save --appendonly no".split()
        options.insert(options.index("--save") + 1, "")
        self.process = await asyncio.create_subprocess_exec(
            "redis-server", *options, stdout=PIPE, stderr=DEVNULL
        )
        assert self.process.stdout
        while b"Ready to accept" not in await self.process.stdout.readline():
            assert self.process.returncode is None

    async def kill(self) -> None:
        assert self.process
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()


@pytest.fixture
async def own_redis() -> AsyncIterator[OwnRedis]:
    server = OwnRedis()
    try:
        await server.start()
    except FileNotFoundError:
        say = pytest.fail if IN_CI else pytest.skip
        say("no redis-server here")
    yield server
    await server.kill()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def answers(person: Person) -> list[str]:
    return [message.text for message in person.messages if message.from_bot]


async def ask(person: Person, *commands: str) -> None:
    for command in commands:
        await person.send(command, wait=False)


def waiting_for_redis(here: Town) -> bool:
    isolation: Any = here.app.dispatcher.fsm.events_isolation
    return bool(isolation.shared.support.away)


@POLLING_AND_WEBHOOK
async def test_redis_restarts_and_everybody_is_answered_once_and_in_order(
    database_url: str,
    own_redis: OwnRedis,
    way: Callable[[], dict[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("json")
    async with town(database_url, "format.yaml", redis_url=own_redis.url, **way()) as here:
        anna, boris = here.person("Anna"), here.person("Boris")
        await anna.send("/help")
        await own_redis.kill()
        await ask(anna, "/cases", "/letters")
        await ask(boris, "/donate")
        await until(lambda: waiting_for_redis(here))
        assert (len(answers(anna)), len(answers(boris))) == (1, 0)
        await own_redis.start()
        await here.telegram.settled()
        assert [text.split()[0] for text in answers(anna)] == ["What", "Cases", "Whom"]
        assert len(answers(boris)) == 1
    logged = capsys.readouterr().err
    assert logged.count("waiting for Redis") == 1
    assert logged.count("Redis is back") == 1
    assert "Anna" not in logged


@SQLITE
async def test_redis_that_hangs_holds_nobody_for_ever(
    database_url: str, own_redis: OwnRedis
) -> None:
    async with town(database_url, "format.yaml", redis_url=own_redis.url) as here:
        anna = here.person()
        await anna.send("/settings")
        assert own_redis.process
        own_redis.process.send_signal(SIGSTOP)
        await ask(anna, "/help")
        await until(lambda: waiting_for_redis(here))
        own_redis.process.send_signal(SIGCONT)
        async with asyncio.timeout(shared_dialogs.LOCKED / 2):  # no lock is left that nobody holds
            await here.telegram.settled()
        anna.sees("What this bot does")
        assert len(answers(anna)) == 2


@SQLITE
async def test_sigterm_while_redis_is_away_leaves_the_update_to_the_next_start(
    database_url: str, own_redis: OwnRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.DRAIN", 0)
    async with town(database_url, "format.yaml", redis_url=own_redis.url) as here:
        anna = here.person()
        await anna.send("/start")
        await own_redis.kill()
        await ask(anna, "/help")
        await until(lambda: waiting_for_redis(here))
        await here.halt()
        assert len(here.telegram.world.updates.pending) == 1
        assert len(answers(anna)) == 1
        await own_redis.start()
        async with town(database_url, telegram=here.telegram, redis_url=own_redis.url):
            await here.telegram.settled()
        anna.sees("What this bot does")


async def test_an_answer_is_not_repeated_because_a_lock_cannot_be_lifted(
    own_redis: OwnRedis,
) -> None:
    storage, isolation = make_shared_storage(connect(own_redis.url), make_vault(generate_key()))
    async with isolation.lock(StorageKey(42, 1, 1)):
        await own_redis.kill()
    await storage.close()


async def test_the_lock_of_a_slow_handler_is_renewed(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.shared_dialogs.LOCKED", 0.05)
    storage, isolation = make_shared_storage(connect(redis_url), make_vault(generate_key()))
    assert isinstance(isolation, InOrder)
    other = InOrder(isolation.shared)  # as another process
    first, second = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with other.lock(StorageKey(42, 1, 1)):
            second.set()

    async with isolation.lock(StorageKey(42, 1, 1)):
        waiting = asyncio.create_task(hold())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(first.wait(), 0.3)  # longer than a lock lives by itself
        assert not second.is_set()
    await waiting
    await storage.close()


async def test_a_lock_is_taken_anew_in_a_redis_that_came_back_empty(redis_url: str) -> None:
    """Else another process would handle the same update beside; but not from whoever has it."""
    redis = connect(redis_url)
    lock = shared_dialogs.RepeatableLock(redis, "lock", timeout=60)
    await lock.acquire(token="ours")
    await redis.delete("lock")
    await lock.kept()
    assert await redis.get("lock") == b"ours"
    await redis.set("lock", "theirs")
    await lock.kept()
    assert await redis.get("lock") == b"theirs"
    await redis.aclose()


async def test_a_renewal_that_fails_is_tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis slow for some seconds lifts no lock that is held."""
    outcomes, pauses, asleep = [False, True, True, False], list[float](), asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asleep(0)

    class OfTrouble(shared_dialogs.RepeatableLock):
        async def kept(self) -> None:
            if not outcomes:
                raise asyncio.CancelledError
            if outcomes.pop(0):
                raise ConnectionError

    monkeypatch.setattr("bot.shared_dialogs.asyncio.sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await shared_dialogs.renew(OfTrouble(connect("redis://127.0.0.1:1/0"), "lock", timeout=1))
    assert pauses == [5, 5, 0.5, 0.5, 5]


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """As an import or a backup does that takes long."""
    connection = sqlite3.connect(db.sqlite_file(url), isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")  # the bot may be writing
    try:
        yield
    finally:
        connection.rollback()
        connection.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite gives up at once; in production after ten seconds."""
    monkeypatch.setattr("bot.sqlite.PATIENCE", 0.001)


@SQLITE
@POLLING_AND_WEBHOOK
@pytest.mark.usefixtures("impatient")
async def test_a_database_locked_for_long(
    database_url: str, way: Callable[[], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.away.TRIES", 10**6)
    async with town(database_url, "format.yaml", **way()) as here:
        anna, boris = here.person("Anna"), here.person("Boris")
        await anna.send("/settings")
        support = here.app.dispatcher["database"]
        async with locked(database_url):
            await anna.press("Русский", wait=False)
            await until(lambda: support.away)
            await ask(boris, "/help")  # reading goes on
            await here.telegram.until(lambda: answers(boris), "reading has to wait")
            assert len(here.telegram.world.updates.pending) == 2
        await here.telegram.settled()
        anna.sees("Настройки")
        assert (len(answers(anna)), len(answers(boris))) == (1, 1)


@SQLITE
@pytest.mark.usefixtures("impatient")
async def test_what_the_database_refuses_for_long_is_told_in_the_end(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.away.TRIES", 3)
    async with town(database_url, "format.yaml") as here:
        anna = here.person()
        await anna.send("/settings")
        async with locked(database_url):
            await anna.press("Русский", wait=False)
            await here.telegram.until(lambda: "broke" in anna.last.text, "nothing was told")
        await here.telegram.settled()


@POSTGRESQL
@POLLING_AND_WEBHOOK
async def test_postgresql_restarts_in_mid_flood(
    database_url: str, way: Callable[[], dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    name = make_url(database_url).database
    async with town(database_url, "format.yaml", **way()) as here:
        people = [here.person(f"Zanzibara{n}") for n in range(40)]
        for number, person in enumerate(people):
            await ask(person, "/cases")
            if number % 10 == 9:
                await here.telegram.until(lambda: answers(people[number - 9]), "no answer")  # noqa: B023
                await tell_server(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    f" WHERE datname = '{name}'"
                )
        await here.telegram.settled()
        assert [len(answers(person)) for person in people] == [1] * 40
        assert all("Cases" in person.last.text for person in people)
    assert "Zanzibara" not in capsys.readouterr().err


@POSTGRESQL
async def test_postgresql_that_only_reads_for_a_while(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.away.TRIES", 10**6)
    name = make_url(database_url).database
    terminate = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    async with town(database_url, "format.yaml") as here:
        anna = here.person()
        await anna.send("/settings")
        await tell_server(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        try:
            await tell_server(terminate)
            await anna.press("Русский", wait=False)
            await until(lambda: here.app.dispatcher["database"].away)
        finally:
            await tell_server(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        await tell_server(terminate)
        await here.telegram.settled()
        anna.sees("Настройки")


@pytest.mark.parametrize(
    ("statement", "passes"),
    [
        ("INSERT INTO t VALUES (zeroblob(10000000))", True),  # full, see below
        ("SELECT * FROM nothing", False),
        ("SELEKT", False),
    ],
)
def test_a_full_disk_passes_and_a_wrong_query_does_not(
    tmp_path: Path, statement: str, passes: bool
) -> None:
    connection = sqlite3.connect(tmp_path / "full.db", isolation_level=None)
    connection.execute("CREATE TABLE t (x)")
    connection.execute("PRAGMA max_page_count=2").close()
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute(statement)
    connection.close()
    assert database_trouble(OperationalError("", (), caught.value)) is passes


def test_which_troubles_pass_by_themselves() -> None:
    assert database_trouble(ConnectionRefusedError())
    assert not database_trouble(FileNotFoundError(2, "no such file", "font.ttf"))
    assert not database_trouble(ProgrammingError("", (), Exception()))
    assert not database_trouble(KeyError())


async def test_trouble_is_told_when_it_begins_and_when_it_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("json")
    left = [OSError("SECRETWORDS")] * 5

    async def work() -> int:
        if left:
            raise left.pop()
        return 7

    assert await Support("the thing", away.is_network).outlast(work) == 7
    told = capsys.readouterr().err
    assert told.count("waiting for the thing") == 1
    assert told.count("the thing is back") == 1
    assert "SECRETWORDS" not in told


@asynccontextmanager
async def two(database_url: str, **more: Any) -> AsyncIterator[tuple[Town, Town]]:
    """Two processes, as it were, with the same token and the same database."""
    first_way, second_way = (webhook(), webhook()) if more.pop("hooked", False) else ({}, {})
    async with (
        town(database_url, "format.yaml", **first_way, **more) as first,
        town(database_url, telegram=first.telegram, **second_way, **more) as second,
    ):
        yield first, second


async def test_the_second_poller_of_a_database_stands_by_and_takes_over(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    told = ""
    async with two(database_url) as (first, _second):
        people = [first.person() for _ in range(20)]
        for person in people:
            await ask(person, "/help")
        await first.telegram.settled()
        while "standing by" not in told:
            await asyncio.sleep(0.005)
            told += capsys.readouterr().err
        await first.halt()
        for person in people:
            await ask(person, "/cases")
        await first.telegram.settled()
        assert [len(answers(person)) for person in people] == [2] * 20
    assert "polls with this token" not in told


async def test_a_turn_ends_before_the_pool_it_came_from(database_url: str) -> None:
    """A connection that went back into the pool would keep its lock as long as the process runs."""
    first, second = make_engine(database_url), make_engine(database_url)
    async with turn_of(first) as mine, turn_of(second) as theirs:
        assert await mine.take()
        assert not await theirs.take()
    async with turn_of(second) as theirs:
        assert await theirs.take()
    await first.dispose()
    await second.dispose()


async def test_a_stranger_who_polls_is_told_and_outlasted(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With another database there is no common turn: Telegram ends the poll of one of both."""
    logs.configure("json")
    async with town(database_url, "format.yaml") as here:
        anna = here.person()
        await anna.send("/help")
        for _ in range(3):
            await here.app.bot.get_updates(timeout=0)
        await anna.send("/cases")
        assert len(answers(anna)) == 2
    assert "another process polls with this token" in capsys.readouterr().err


def message_of(anna: Person, number: int) -> dict[str, Any]:
    message = {"message_id": 1, "date": 1, "from": anna.user.as_json(), "chat": anna.chat.brief}
    return {"update_id": number, "message": message | {"text": "/help"}}


async def test_an_update_delivered_to_two_workers_at_once_is_answered_once(
    database_url: str, redis_url: str
) -> None:
    gate = Gate()
    async with (
        Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram,
        town(database_url, telegram=telegram, redis_url=redis_url, **webhook()) as first,
        town(database_url, telegram=telegram, redis_url=redis_url, **webhook()) as second,
        ClientSession(headers={SECRET_HEADER: "secret"}) as client,
    ):
        await until(lambda: len(telegram.calls.of("setWebhook")) == 2)
        anna = telegram.person(started=True)
        telegram.faults.delay(60, method="sendMessage")
        deliveries = [
            asyncio.create_task(
                client.post(
                    f"{worker.app.settings.webhook_url}/telegram", json=message_of(anna, 5000)
                )
            )
            for worker in (first, second) * 3
        ]
        await gate.reached.wait()
        gate.opened.set()
        assert [(await delivery).status for delivery in deliveries] == [200] * 6
        assert len(answers(anna)) == 1
