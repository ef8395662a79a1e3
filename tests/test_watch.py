"""Owners are told in Telegram when the bot needs a hand: once, after a while; and when it ends."""

import asyncio
import re
from collections import namedtuple
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiogram.exceptions import TelegramUnauthorizedError
from aiogram.utils.backoff import BackoffConfig
from aiohttp import ClientConnectionError
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.server import tell_server
from bot import health, i18n, logs, looks, watch
from bot.app import assembled, serve
from bot.config import ALL, Duty
from bot.db import writing
from bot.delivery import scheduler
from bot.delivery.sender import Sender
from bot.health import Health, Part
from bot.looks import time_at
from bot.screen import Screen
from bot.services import standstill
from bot.trouble import Trouble
from bot.turn import Turn, Work
from bot.views import watch as views
from bot.watch import AGAIN, LASTING, Watch
from models import Dialog
from sandbox import Limits, Person, Sandbox
from tests.test_away import POSTGRESQL, SQLITE, OwnRedis, own_redis, until
from tests.test_delivery_faults import Disk
from tests.test_duties import SENDER, WEB
from tests.test_health import holds
from tests.test_metrics import due
from tests.town import (
    NOW,
    OTHER_OWNER,
    OWNER,
    TOKEN,
    VAULT,
    Town,
    TownClock,
    detached,
    settings,
    town,
    webhook,
)

pytestmark = pytest.mark.either_database
__all__ = ["own_redis"]  # a fixture
OWNED = {"owners": (OWNER,), "four_eyes": False}
Usage = namedtuple("Usage", "total used free")
OFTEN = BackoffConfig(min_delay=0.001, max_delay=0.01, factor=1.5, jitter=0)
ROOMY = Usage(2**40, 2**39, 2**39)


@dataclass
class Watcher:
    """Looks all the time instead of twice a minute; time passes by the towns' clock alone."""

    rounds: dict[int, int] = field(default_factory=dict)
    """Of each process that watches."""
    tellers: dict[int, Watch] = field(default_factory=dict)
    """Of them, those that know whom to tell."""

    async def round(self, of: Watch, usual: Callable[[Watch], Awaitable[None]]) -> None:
        await usual(of)
        self.rounds[id(of)] = self.rounds.get(id(of), 0) + 1
        self.tellers |= {id(of): of} if of.owners else {}

    async def run(self, of: Watch, stop: asyncio.Event, usual: Any) -> None:
        try:
            await usual(of, stop)
        finally:
            self.rounds.pop(id(of), None)
            self.tellers.pop(id(of), None)

    async def looks(self) -> None:
        """Each process has begun and ended a round after whatever was before."""
        await until(lambda: any(one.is_ours for one in self.tellers.values()))
        since = dict(self.rounds)
        await until(lambda: all(self.rounds.get(it, n + 2) >= n + 2 for it, n in since.items()))

    async def after(self, here: Town, **span: float) -> None:
        await self.looks()
        here.clock.forward(**span)
        await self.looks()


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Watcher:
    """To be asked for before its towns."""
    quick, round_, run = Watcher(), Watch.round, Watch.run
    monkeypatch.setattr(Watch, "round", lambda self: quick.round(self, round_))
    monkeypatch.setattr(Watch, "run", lambda self, stop: quick.run(self, stop, run))
    monkeypatch.setattr(watch, "PERIOD", 0.005)
    monkeypatch.setattr(watch, "PULSE", 0.001)
    monkeypatch.setattr(health, "REMEMBERED", 0.0)
    monkeypatch.setattr(looks, "disk_usage", lambda _folder: ROOMY)
    for name in ("away.BACKOFF", "polling.BACKOFF", "turn.ASKING"):
        monkeypatch.setattr(f"bot.{name}", OFTEN)
    return quick


async def owner(here: Town, language: str = "en", **more: Any) -> Person:
    olga = here.person("Olga", **{"id": OWNER, "language": language} | more)
    await olga.send("/start")
    return olga


def told(olga: Person) -> list[str]:
    """Of the bot itself."""
    mine = ("needs a hand", "well again", "нужна помощь", "снова в порядке")
    texts = [message.text for message in olga.messages if message.from_bot]
    return [text for text in texts if any(words in text for words in mine)]


async def test_nobody_sends(watcher: Watcher, database_url: str) -> None:
    """Told after a minute, again after six hours, and when somebody does."""
    async with town(database_url, duties=WEB, **OWNED) as web:
        olga = await owner(web)
        await watcher.after(web, seconds=59)
        assert told(olga) == []
        await watcher.after(web, seconds=1)
        assert "the part of the bot that sends does not run" in told(olga)[0]
        await watcher.after(web, hours=5, minutes=59)
        assert len(told(olga)) == 1
        await watcher.after(web, minutes=1)
        assert "It has lasted for 6 hours now." in told(olga)[1]
        both = {"telegram": web.telegram, "clock": web.clock, "duties": SENDER}
        async with town(database_url, **both, **OWNED) as sender:
            await holds(sender)
            await watcher.looks()
            assert len(told(olga)) == 2
            await watcher.after(web, minutes=1)
            assert told(olga)[2:] == ["✅ All is well again: messages go out. It lasted 6 hours."]
            await watcher.after(web, hours=7)
            assert len(told(olga)) == 3


@SQLITE
async def test_what_flaps_is_not_told(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its beginning again and again, nor its end."""
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        for usage in [Usage(2**40, 0, 2**20), ROOMY] * 3:
            monkeypatch.setattr(looks, "disk_usage", lambda _folder, now=usage: now)
            await watcher.after(here, seconds=59)
        assert told(olga) == []
        monkeypatch.setattr(looks, "disk_usage", lambda _folder: Usage(2**40, 0, 2**20))
        await watcher.after(here, minutes=1)
        for usage in [ROOMY, Usage(2**40, 0, 2**20)] * 3:
            monkeypatch.setattr(looks, "disk_usage", lambda _folder, now=usage: now)
            await watcher.after(here, seconds=59)
        assert len(told(olga)) == 1


@SQLITE
@pytest.mark.parametrize(
    ("usage", "is_low"),
    [
        (Usage(2**40, 0, 2**40 // 20 - 1), True),
        (Usage(2**40, 0, 2**40 // 20 + 1), False),
        (Usage(2**30, 0, 199 * 2**20), True),
        (Usage(2**30, 0, 201 * 2**20), False),
    ],
)
async def test_a_disk_that_is_nearly_full(
    watcher: Watcher,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    usage: Usage,
    is_low: bool,
) -> None:
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        await holds(here)
        monkeypatch.setattr(looks, "disk_usage", lambda _folder: usage)
        await watcher.after(here, minutes=1)
        assert ["disk is nearly full" in one for one in told(olga)] == [True] * is_low
        monkeypatch.setattr(looks, "disk_usage", lambda _folder: ROOMY)
        await watcher.after(here, minutes=1)
        assert ["the disk has room" in one for one in told(olga)[1:]] == [True] * is_low


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_clock_that_is_wrong(watcher: Watcher, database_url: str, ahead: timedelta) -> None:
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        await holds(here)
        here.telegram.world.now = lambda: here.clock.now() - looks.WRONG
        await watcher.after(here, minutes=1)
        assert told(olga) == []
        here.telegram.world.now = lambda: here.clock.now() - ahead
        await watcher.after(here, minutes=1)
        assert ["clock is wrong" in one for one in told(olga)] == [True]
        here.telegram.world.now = here.clock.now
        await watcher.after(here, minutes=1)
        assert "clock is right" in told(olga)[1]


async def test_nothing_is_forgotten_by_a_clock_that_is_far_from_telegrams(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor while nothing is heard of Telegram: by a clock a year ahead its certificate is past."""
    asked, may_forget = list[bool](), looks.may_forget

    def noted(*parts: Any) -> Callable[[], Awaitable[bool]]:
        async def may() -> bool:
            asked.append(await may_forget(*parts)())
            return asked[-1]

        return may

    monkeypatch.setattr(scheduler, "SELDOM", 0.005)
    monkeypatch.setattr(looks, "may_forget", noted)
    async with town(database_url) as here:
        for ahead, heard, stays in ((366, True, 1), (0, False, 1), (-366, True, 1), (0, True, 0)):
            gone = timedelta(days=ahead)
            here.telegram.world.now = lambda gone=gone: here.clock.now() - gone  # type: ignore[misc]
            monkeypatch.setattr(looks, "time_at", time_at if heard else refused)
            await looked(asked)
            if stays:
                await half_typed(here)
            await looked(asked)
            assert asked[-1] is not bool(stays)
            async with here.app.sessions() as session:
                left = await session.scalar(select(func.count()).select_from(Dialog))
            assert left == stays


async def looked(asked: list[bool]) -> None:
    before = len(asked)
    await until(lambda: len(asked) > before + 2)


async def refused(_bot: Any) -> None:
    raise ClientConnectionError


async def half_typed(here: Town) -> None:
    """Long ago, for it is forgotten after a day."""
    async with here.app.sessions() as session, writing(session):
        await session.execute(delete(Dialog))
        then = here.clock.now() - timedelta(days=3)
        session.add(Dialog(key="fsm:a:b:", sealed=b"-", at=then))


async def test_without_a_time_of_telegrams_nobody_knows(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        await holds(here)
        monkeypatch.setattr("sandbox.server.format_datetime", lambda *_a, **_k: "yesterday")
        assert await looks.time_at(here.app.courier) is None
        await here.telegram.server.stop()
        with pytest.raises(looks.UNHEARD):
            await looks.time_at(here.app.courier)
        await watcher.after(here, minutes=1)
        assert told(olga) == []


@SQLITE
async def test_a_full_disk_of_the_database(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Owners hear of it though nothing can be written, and whoever waited is answered."""
    monkeypatch.setattr("bot.away.TRIES", 10**6)
    monkeypatch.setattr("bot.metrics.LATELY", 0.5)
    disk = Disk()
    async with town(database_url, "format.yaml", **OWNED) as here:
        event.listen(here.app.engine.sync_engine, "checkout", disk.limit)
        olga, anna = await owner(here), here.person("Anna", language="en")
        await anna.send("/settings")
        await fill(here, disk)
        for _ in range(600):  # each of them is noted down
            await anna.send("/help", wait=False)
        await until(lambda: here.app.metrics.is_full)
        assert (await here.app.health.parts())["database"].word == "full"
        await watcher.after(here, minutes=1)
        assert ["disk of the database is full" in one for one in told(olga)] == [True]
        disk.pages = Disk.pages
        await here.telegram.settled()
        await until(lambda: not here.app.metrics.is_full)
        await watcher.after(here, minutes=1)
        assert "the database has room" in told(olga)[1]


async def fill(here: Town, disk: Disk) -> None:
    """To the last page."""
    async with here.app.engine.connect() as connection:
        await connection.exec_driver_sql("CREATE TABLE filling (x)")
        disk.pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={disk.pages}")
        while await is_written(connection):
            pass


async def is_written(connection: AsyncConnection) -> bool:
    try:
        await connection.exec_driver_sql("INSERT INTO filling VALUES (zeroblob(300))")
    except OperationalError:
        return False
    return True


@POSTGRESQL
async def test_a_database_away_is_told_in_the_language_that_was_known(
    watcher: Watcher, database_url: str
) -> None:
    name = make_url(database_url).database
    async with town(database_url, "format.yaml", duties=WEB, **OWNED) as here:
        olga = await owner(here, "ru")
        await olga.send("/settings")
        await olga.press("English")
        await watcher.looks()
        await tell_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            await tell_server(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
            await watcher.after(here, minutes=1)
            assert "The database does not answer" in told(olga)[0]
            assert len(told(olga)) == 1  # of who sends nothing is known
        finally:
            await tell_server(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await watcher.after(here, minutes=1, seconds=30)
        await watcher.looks()
        assert "the database answers. It lasted 1 minute." in " ".join(told(olga))


async def test_redis_away(watcher: Watcher, database_url: str, own_redis: OwnRedis) -> None:
    async with town(database_url, redis_url=own_redis.url, **OWNED) as here:
        olga = await owner(here, "ru")
        await watcher.looks()
        await own_redis.kill()
        await watcher.after(here, minutes=12)
        assert ["Redis не отвечает" in one for one in told(olga)] == [True]
        await own_redis.start()
        await watcher.after(here, minutes=1)
        assert told(olga)[1:] == ["✅ Всё снова в порядке: Redis отвечает. Это длилось 12 минут."]


@pytest.mark.parametrize("duties", [ALL, SENDER], ids=["web", "sender"])
async def test_telegram_does_not_reach_the_webhook(
    watcher: Watcher, database_url: str, duties: frozenset[Duty]
) -> None:
    """Also a process that sends looks whether people are answered."""
    way = webhook()
    async with town(database_url, duties=WEB, **way) as web:
        olga = await owner(web)
        other = {"owners": (OWNER,), **({} if duties is SENDER else webhook())}
        both = {"telegram": web.telegram, "clock": web.clock, "duties": duties}
        if duties is ALL:
            await web.halt()
        async with town(database_url, **both, **other) as here:
            await holds(here)
            await until(lambda: len(web.telegram.calls.of("setWebhook")) == 1 + (duties is ALL))
            url = (await here.app.bot.get_webhook_info()).url
            await here.app.bot.set_webhook(url, secret_token="another")
            await olga.send("/help", wait=False)
            await until(lambda: bool(here.telegram.world.webhook.error))
            await watcher.after(here, minutes=1)
            assert ["does not reach the bot" in one for one in told(olga)] == [True]
            await here.app.bot.set_webhook(url, secret_token="secret")
            await here.telegram.settled()
            await watcher.after(here, minutes=1)
            assert "Telegram reaches the bot" in told(olga)[1]


async def test_a_webhook_that_somebody_else_has_set(watcher: Watcher, database_url: str) -> None:
    async with town(database_url, **webhook(), **OWNED) as here:
        olga = await owner(here)
        await holds(here)
        await here.app.bot.set_webhook("https://elsewhere.example/telegram")
        await watcher.after(here, minutes=1)
        assert ["does not reach the bot" in one for one in told(olga)] == [True]


@pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
async def test_a_telegram_that_is_away_is_told_as_a_number(
    watcher: Watcher, database_url: str, way: Callable[[], dict[str, str]]
) -> None:
    """For owners can be told nothing then."""
    async with town(database_url, **way(), **OWNED) as here:
        await watcher.looks()
        assert not here.app.metrics.is_telegram_away
        here.telegram.faults.refuse(500, "Internal Server Error", method="getMe", times=None)
        await until(lambda: here.app.metrics.is_telegram_away)
        here.telegram.faults.clear()
        await until(lambda: not here.app.metrics.is_telegram_away)


async def test_a_database_that_was_away_is_no_fault_of_the_proxy(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram gets no answer then, and tells so for a while after."""
    usual, is_away = Health.database, [True]

    async def database(of: Health) -> Part:
        return Part(False, "no answer") if is_away[0] else await usual(of)

    async with town(database_url, **webhook(), **OWNED) as here:
        olga = await owner(here)
        await holds(here)
        monkeypatch.setattr(Health, "database", database)
        await here.app.bot.set_webhook(
            (await here.app.bot.get_webhook_info()).url, secret_token="another"
        )
        await olga.send("/help", wait=False)
        await until(lambda: bool(here.telegram.world.webhook.error))
        await watcher.after(here, minutes=1)
        assert ["database does not answer" in one for one in told(olga)] == [True]
        is_away[0] = False
        await watcher.after(here, minutes=2)
        assert len(told(olga)) == 2
        assert "the database answers" in told(olga)[1]


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender holds its turn, and claims nothing."""

    async def nothing(_self: Sender) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Sender, "feed", nothing)


@pytest.mark.usefixtures("stuck")
async def test_messages_are_due_and_do_not_go(watcher: Watcher, database_url: str) -> None:
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        await holds(here)
        await due(here)
        await watcher.after(here, minutes=9, seconds=59)
        await watcher.after(here, minutes=1)
        assert told(olga) == []
        await watcher.after(here, minutes=1)
        assert ["none of them goes out" in one for one in told(olga)] == [True]
        async with here.app.sessions() as session, writing(session):
            await session.execute(text("DELETE FROM deliveries"))
        await watcher.after(here, minutes=1)
        assert "messages go out" in told(olga)[1]


@pytest.mark.usefixtures("stuck")
@pytest.mark.parametrize("why", ["standstill", "gate"])
async def test_what_may_wait_is_no_trouble(watcher: Watcher, database_url: str, why: str) -> None:
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        await holds(here)
        if why == "gate":
            here.app.limiter.close(float("inf"))
        else:
            async with here.app.sessions() as session, writing(session):
                await standstill.begin(session, here.clock.now())
        await due(here)
        for _ in range(3):
            await watcher.after(here, minutes=30)
        assert told(olga) == []


@SQLITE
async def test_of_many_processes_one_tells(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And another one goes on when it has ended."""
    async with town(database_url, duties=WEB, **OWNED) as first:
        olga = await owner(first)
        both = {"telegram": first.telegram, "clock": first.clock, "duties": SENDER}
        async with town(database_url, **both, **OWNED) as second:
            await holds(second)
            await watcher.looks()
            monkeypatch.setattr(looks, "disk_usage", lambda _folder: Usage(2**40, 0, 1))
            await watcher.looks()
            first.clock.forward(minutes=1)
            await watcher.looks()
            assert len(told(olga)) == 1
            await first.halt()
            await watcher.looks()
            monkeypatch.setattr(looks, "disk_usage", lambda _folder: ROOMY)
            await watcher.after(second, minutes=1)
            assert len(told(olga)) == 2


@POSTGRESQL
async def test_whoever_sends_tells_of_its_own_machine_in_the_owners_language(
    watcher: Watcher, database_url: str
) -> None:
    """Though it is another process's turn to tell of all else."""
    async with town(database_url, duties=WEB, **OWNED) as web:
        olga = await owner(web, "ru")
        await olga.send("/settings")
        await olga.press("Русский")
        await watcher.looks()
        both = {"telegram": web.telegram, "clock": web.clock, "duties": SENDER}
        async with town(database_url, **both, **OWNED) as sender:
            await holds(sender)
            await until(lambda: len(watcher.rounds) == 2)
            sender.app.looks[:] = [(Trouble.DISK, looked_at)]
            await watcher.after(web, minutes=1)
            sender.app.looks[:] = [(Trouble.DISK, nothing_found)]
            await watcher.after(web, minutes=1)
            assert "снова в порядке: на диске есть место" in olga.messages[-1].text


async def looked_at() -> bool:
    return True


async def nothing_found() -> bool:
    return False


@SQLITE
@pytest.mark.parametrize("is_quiet", [True, False], ids=["quiet", "awake"])
async def test_nobody_is_woken_by_what_can_wait_nor_in_quiet_hours(
    watcher: Watcher, database_url: str, is_quiet: bool
) -> None:
    async with town(database_url, "format.yaml", **OWNED) as here:
        olga = await owner(here)
        await olga.send("/settings")
        await olga.press("English")
        if is_quiet:
            hours = "UPDATE subscribers SET quiet_from = 22, quiet_until = 8, timezone = 'Japan'"
            async with here.app.sessions() as session, writing(session):
                await session.execute(text(hours))
            here.clock.forward(hours=2)  # eleven at night there
        is_there = [True]

        async def look() -> bool:
            return is_there[0]

        here.app.looks[:] = [(Trouble.STUCK, look), (Trouble.DISK, look)]
        await watcher.after(here, minutes=1)
        is_there[0] = False
        await watcher.after(here, minutes=1)
        sent = [call.parameters for call in here.telegram.calls.of("sendMessage")]
        sounds = {
            words: [not one.get("disable_notification") for one in sent if words in one["text"]]
            for words in ("none of them goes out", "nearly full", "well again")
        }
    assert sounds == {
        "none of them goes out": [not is_quiet],
        "nearly full": [False],
        "well again": [False, False],
    }


@SQLITE
async def test_what_can_wait_is_told_again_once_a_day(watcher: Watcher, database_url: str) -> None:
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        here.app.looks[:] = [(Trouble.BACKUP, looked_at)]
        await watcher.after(here, minutes=1)
        await watcher.after(here, hours=23)
        assert len(told(olga)) == 1
        await watcher.after(here, hours=1)
        assert len(told(olga)) == 2


@SQLITE
async def test_a_clock_that_is_set_back_delays_nothing(watcher: Watcher, database_url: str) -> None:
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        here.app.looks[:] = [(Trouble.STUCK, looked_at)]
        await watcher.looks()
        await watcher.after(here, hours=-3)
        await watcher.after(here, minutes=1)
        assert len(told(olga)) == 1
        await watcher.after(here, hours=-3)
        await watcher.after(here, hours=6)
        assert len(told(olga)) == 2


@SQLITE
async def test_whoever_cannot_be_told_keeps_nobody_else_from_it(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {"owners": (OTHER_OWNER, OWNER)}
    async with town(database_url, **more) as here:
        olga = await owner(here)  # the other one has never come
        monkeypatch.setattr(looks, "disk_usage", lambda _folder: Usage(2**40, 0, 1))
        await watcher.after(here, minutes=1)
        assert len(told(olga)) == 1
        await watcher.looks()
        assert len(told(olga)) == 1


@SQLITE
async def test_whom_telegram_does_not_know_is_not_tried_for_ever(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(database_url, owners=(OTHER_OWNER,)) as here:
        monkeypatch.setattr(looks, "disk_usage", lambda _folder: Usage(2**40, 0, 1))
        await watcher.after(here, minutes=1)
        await watcher.looks()
        assert len(here.telegram.calls.of("sendMessage")) == 1


@SQLITE
async def test_what_telegram_does_not_take_is_told_later(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        here.telegram.faults.cut_before(method="sendMessage", times=3)
        monkeypatch.setattr(looks, "disk_usage", lambda _folder: Usage(2**40, 0, 1))
        await watcher.after(here, minutes=1)
        await watcher.looks()
        assert len(told(olga)) == 1
        here.telegram.faults.cut_before(method="sendMessage", times=2)
        monkeypatch.setattr(looks, "disk_usage", lambda _folder: ROOMY)
        await watcher.after(here, minutes=1)
        await watcher.looks()
        assert len(told(olga)) == 2


async def test_a_look_that_fails_keeps_no_other_from_being_taken(
    watcher: Watcher, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken() -> bool:
        raise KeyError("SECRETWORDS")

    async def late() -> bool:
        return True

    logs.configure("json")
    async with town(database_url, **OWNED) as here:
        here.app.looks.extend([(Trouble.STUCK, broken), (Trouble.BACKUP, late)])
        olga = await owner(here)
        await holds(here)
        await watcher.after(here, minutes=1)
        assert ["no fresh backup" in one for one in told(olga)] == [True]
    logged = capsys.readouterr().err
    assert "a look at the bot itself failed" in logged
    assert "SECRETWORDS" not in logged


@SQLITE
async def test_a_fault_of_its_own_does_not_end_the_watch(
    watcher: Watcher, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults, words = [KeyError("once")], views.trouble

    def broken(*given: Any) -> Screen:
        if faults:
            raise faults.pop()
        return words(*given)

    monkeypatch.setattr("bot.tasks.AGAIN", OFTEN)
    monkeypatch.setattr(views, "trouble", broken)
    async with town(database_url, **OWNED) as here:
        olga = await owner(here)
        monkeypatch.setattr(looks, "disk_usage", lambda _folder: Usage(2**40, 0, 1))
        await watcher.looks()
        here.clock.forward(minutes=1)
        await until(lambda: len(told(olga)) == 1)


@pytest.mark.parametrize("duties", [WEB, SENDER, ALL], ids=["web", "sender", "all"])
@pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
async def test_a_token_that_is_revoked_ends_each_of_them(
    watcher: Watcher,
    database_url: str,
    duties: frozenset[Duty],
    way: Callable[[], dict[str, str]],
) -> None:
    clock = TownClock()
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        own = detached(settings(database_url, telegram, **way(), **OWNED))
        async with assembled(own, clock) as app:
            running = asyncio.create_task(serve(app, asyncio.Event(), duties))
            await watcher.looks()
            telegram.faults.refuse(401, "Unauthorized", times=None)
            telegram.faults.refuse(401, "Unauthorized", times=None, method="getUpdates")
            while not running.done():
                await asyncio.sleep(0.005)
                clock.forward(seconds=10)
            with pytest.raises(TelegramUnauthorizedError):
                await running


async def test_a_token_that_is_refused_for_a_moment_ends_nobody(
    watcher: Watcher, database_url: str
) -> None:
    async with town(database_url, duties=SENDER, **OWNED) as here:
        await watcher.looks()
        here.telegram.faults.refuse(401, "Unauthorized", times=3, method="getMe")
        await watcher.after(here, seconds=59)
        await watcher.looks()
        await watcher.after(here, hours=1)
        assert not here.running.done()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_is_told_names_no_place_and_nobody(language: str) -> None:
    with i18n.speaking(language):
        for what in set(Trouble) - {Trouble.TOKEN}:
            lasting = timedelta(hours=6)
            for screen in (views.trouble(what), views.over(what, lasting)):
                words = screen.text.striptags()
                assert not re.search(r"[/\\:]\w|\d{2}|@", words), words
                assert len(words) > 40


# Of any course of things.

Step = st.tuples(st.sampled_from([True, False, None]), st.integers(1, 4 * 3600))


class Ear:
    """What an owner hears, and when."""

    def __init__(self, clock: TownClock) -> None:
        self.clock, self.heard = clock, list[tuple[str, timedelta]]()

    async def __call__(self, _chat: int, screen: Screen) -> list[int]:
        what = "over" if "well again" in screen.text else "trouble"
        again = "again " if "It has lasted" in screen.text else ""
        self.heard.append((again + what, self.clock.now() - NOW))
        return [1]


async def course(steps: list[tuple[bool | None, int]]) -> tuple[list[Any], list[Any]]:
    clock = TownClock()
    ear, state, seen = Ear(clock), list[bool | None]([None]), list[Any]()

    async def ours() -> bool:
        return True

    async def look() -> bool | None:
        return state[0]

    parts: Any = [(OWNER,), None, VAULT, clock, ear, Turn(ours, Work("watching", 1))]
    one = Watch([(Trouble.STUCK, look)], *parts, lambda: True, True, is_ours=True)
    one.spoken = {OWNER: "en"}
    for is_there, seconds in steps:
        state[0] = is_there
        for what, then in [(Trouble.STUCK, await look())]:
            if then is not None:
                await one.judge(what, then, clock.now())
        seen.append((is_there, clock.now() - NOW))
        clock.forward(seconds=seconds)
    return ear.heard, seen


@given(st.lists(Step, max_size=60))
def test_whatever_happens_nobody_is_told_too_often_or_too_soon(
    steps: list[tuple[bool | None, int]],
) -> None:
    heard, seen = asyncio.run(course(steps))
    open, told_at = False, timedelta.max
    for what, moment in heard:
        before = [there for there, then in seen if moment - LASTING < then <= moment]
        if what == "over":
            assert open
            assert True not in before
        else:
            assert open == what.startswith("again")
            assert not open or moment - told_at >= AGAIN
            told_at = moment
        open = what != "over"


@given(st.integers(1, 59), st.integers(1, 100))
def test_what_lasts_is_told_once_and_its_end_once(seconds: int, looks: int) -> None:
    lasts = [(True, seconds)] * looks
    heard, _ = asyncio.run(course([*lasts, *[(False, 30)] * 4]))
    length = timedelta(seconds=seconds * (looks - 1))
    expected = ["trouble", "over"] if length >= LASTING else []
    assert [what for what, _ in heard] == expected
