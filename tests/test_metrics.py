"""What the bot counts of itself is right, cheap to have, and names nobody."""

import re
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from benchmarks.crowd import tell
from bot import scrape
from bot.db import writing
from bot.delivery.limiter import Limiter
from bot.health import METRICS
from bot.metrics import BOUNDS, Times
from bot.middlewares import feature
from bot.services import standstill
from models import Delivery, Priority
from sandbox import Person
from tests.delivery import Delivery as Telling
from tests.test_away import SQLITE, OwnRedis, impatient, locked, own_redis, until
from tests.test_duties import SENDER, WEB
from tests.test_health import Asked, asking, here, holds
from tests.town import OWNER, Town, town

pytestmark = pytest.mark.either_database
__all__ = ["impatient", "own_redis"]  # fixtures
MOVED = b"hearings: [{slug: port-strike-1, starts_at: 2026-11-26 11:00}]"


class Numbers:
    """What /metrics says."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.samples = {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in families(page)
            for sample in family.samples
        }

    def __call__(self, name: str, *labels: str) -> float | None:
        return self.samples.get((name, *sorted(labels)))


async def numbers(asked: Asked) -> Numbers:
    status, page = await asked.get(METRICS)
    assert status == 200
    return Numbers(page)


async def test_updates_are_counted_by_feature_and_outcome(database_url: str) -> None:
    async with town(database_url, "format.yaml", **here()) as one, asking(one) as asked:
        anna = one.person("Anna", language="en")
        await anna.send("/start")
        await anna.send("/cases")
        await anna.send("/cases")
        await anna.send("/start c-nowhere")
        one.telegram.faults.refuse(400, "Bad Request: message is too long", times=None)
        await anna.send("/help", wait=False)
        await until(lambda: one.app.metrics.updates["start", "failed"] == 1)
        found = await numbers(asked)
    assert found("bot_updates_total", "start", "answered") == 1
    assert found("bot_updates_total", "cases", "answered") == 2
    assert found("bot_updates_total", "start", "failed") == 1
    assert found("bot_update_seconds_count", "cases") == 2
    assert found("bot_update_seconds_bucket", "cases", "+Inf") == 2
    assert found("bot_updates_in_hand") == 0


async def test_whoever_is_too_fast_is_counted_apart(database_url: str) -> None:
    async with town(database_url, "format.yaml", **here()) as one, asking(one) as asked:
        anna = one.person()
        for _ in range(23):
            await anna.send("/help", wait=False)
        await one.telegram.settled()
        found = await numbers(asked)
    assert found("bot_updates_total", "other", "held_back") == 3
    assert found("bot_updates_total", "start", "answered") == 20


def test_features_are_the_modules_of_handlers_and_nothing_else() -> None:
    assert feature("handlers.forms.saving") == "forms"
    assert feature("handlers.cases") == "cases"
    assert feature("somewhere.else") == feature("handlers") == "other"


async def follow(of: Town, **more: str) -> Person:
    anna = of.person(**{"language": "en"} | more)
    await anna.send("/start c-port-strike")
    await anna.press("🔔 Follow")
    return anna


async def test_what_is_told_is_counted_by_what_came_of_it(
    delivery: Telling, database_url: str
) -> None:
    async with town(database_url, "format.yaml", **here()) as one, asking(one) as asked:
        anna, boris, _ = [await follow(one) for _ in range(3)]
        boris.user.blocked = True
        one.telegram.faults.too_many_requests(1, method="sendMessage", chat=anna.id)
        await delivery.rests(one)
        await one.take_in(MOVED)
        await delivery.settles(one)
        one.clock.forward(minutes=1)  # whoever was told to wait has waited
        await delivery.rests(one)
        found = await numbers(asked)
    told = {
        verdict: sum(
            value
            for (name, *labels), value in found.samples.items()
            if name == "bot_deliveries_total" and verdict in labels
        )
        for verdict in ("sent", "blocked", "later", "failed")
    }
    assert told == {"sent": 2, "blocked": 1, "later": 1, "failed": 0}
    assert found("bot_too_many_requests_total", "deliveries") == 1
    assert (found("bot_sends"), found("bot_gate_closed")) == (1, 0)


async def test_answers_that_are_told_to_wait_are_counted(database_url: str) -> None:
    async with town(database_url, "format.yaml", **here()) as one, asking(one) as asked:
        one.telegram.faults.too_many_requests(1, method="sendMessage")
        await one.person().send("/help")
        assert (await numbers(asked))("bot_too_many_requests_total", "answers") == 1


def test_how_long_the_gate_was_closed_is_summed_up_once() -> None:
    limiter = Limiter(29)
    limiter.shut(10.0, 20.0)
    limiter.shut(12.0, 15.0)
    limiter.shut(15.0, 30.0)
    assert limiter.closed_for == 20
    limiter.shut(100.0, 101.0)
    assert limiter.closed_for == 21


async def test_the_queue_is_told_by_whoever_sends_and_asked_for_seldom(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for, usual = list[int](), scrape.backlog

    async def counted(session: object) -> object:
        asked_for.append(1)
        return await usual(session)  # type: ignore[arg-type]

    monkeypatch.setattr(scrape, "backlog", counted)
    async with (
        town(database_url, "format.yaml", duties=WEB, **here()) as web,
        asking(web) as asked_web,
    ):
        await follow(web)
        async with web.app.sessions() as session, writing(session):
            await standstill.begin(session, web.clock.now())
        both = {"telegram": web.telegram, "clock": web.clock, "duties": SENDER}
        async with town(database_url, **both, **here()) as sender, asking(sender) as asked:
            await holds(sender)
            await due(web)
            web.clock.forward(minutes=5)
            found = await numbers(asked)
            assert len(asked_for) == 1
            assert (await numbers(asked)).samples.keys() == found.samples.keys()
            assert len(asked_for) == 1
            none = await numbers(asked_web)
    assert found("bot_queue_messages", "urgent") == 0
    assert found("bot_queue_messages", "bulk") == 1
    assert found("bot_queue_oldest_seconds", "bulk") == 300
    assert found("bot_queue_oldest_seconds", "urgent") == 0
    assert found("bot_stands_still") == 1
    assert (none("bot_sends"), found("bot_sends")) == (0, 1)
    assert none("bot_queue_messages", "bulk") is none("bot_stands_still") is None


async def due(of: Town) -> None:
    """A message that is ready to go."""
    now = of.clock.now()
    number = await tell(of.app.sessions, now, expanded_at=now, total=1)
    async with of.app.sessions() as session, writing(session):
        session.add(Delivery(notice_id=number, subscriber_id=1, priority=Priority.BULK))


@SQLITE
@pytest.mark.usefixtures("impatient")
async def test_what_is_away_is_counted_and_told_while_it_is(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.away.TRIES", 10**6)
    async with town(database_url, "format.yaml", **here()) as one, asking(one) as asked:
        anna = one.person()
        await anna.send("/settings")
        assert (await numbers(asked))("bot_away", "the database") == 0
        assert (await numbers(asked))("bot_away", "Telegram") == 0
        one.app.metrics.is_telegram_away = True
        assert (await numbers(asked))("bot_away", "Telegram") == 1
        async with locked(database_url):
            await anna.press("Русский", wait=False)
            await until(lambda: one.app.metrics.away["the database"] > 0)
            assert ((await numbers(asked))("bot_away", "the database") or 0) > 0
        await one.telegram.settled()
        await until(lambda: one.app.metrics.away["the database"] == 0)
        found = await numbers(asked)
    assert found("bot_away", "the database") == 0
    assert (found("bot_waits_total", "the database") or 0) >= 1
    assert found("bot_database_full") == 0


@SQLITE
async def test_redis_away_is_counted(database_url: str, own_redis: OwnRedis) -> None:
    async with town(database_url, redis_url=own_redis.url, **here()) as one, asking(one) as asked:
        anna = one.person()
        await anna.send("/help")
        await own_redis.kill()
        await anna.send("/help", wait=False)
        await until(lambda: one.app.metrics.away["Redis"] == 1)
        assert (await numbers(asked))("bot_waits_total", "Redis") == 1
        await own_redis.start()
        await one.telegram.settled()
        assert (await numbers(asked))("bot_away", "Redis") == 0


async def test_what_others_count_is_told(database_url: str) -> None:
    async with town(database_url, **here()) as one, asking(one) as asked:
        metrics = one.app.metrics
        assert (await numbers(asked))("bot_backup_timestamp_seconds") is None
        metrics.forgotten("subscribers", 3)
        metrics.forgotten("subscribers", 2)
        metrics.backup(one.clock.now(), is_good=True)
        metrics.backup(one.clock.now(), is_good=False)
        found = await numbers(asked)
    assert found("bot_forgotten_total", "subscribers") == 5
    assert found("bot_backup_timestamp_seconds") == one.clock.now().timestamp()
    assert (found("bot_backups_total", "good"), found("bot_backups_total", "failed")) == (1, 1)


async def test_the_process_tells_of_itself(database_url: str) -> None:
    async with town(database_url, **here()) as one, asking(one) as asked:
        found = await numbers(asked)
    assert (found("process_resident_memory_bytes") or 0) > 2**20
    assert (found("process_open_fds") or 0) > 3
    assert (found("process_cpu_seconds_total") or 0) > 0
    assert 'bot_build_info{languages="en ru"' in found.page


def test_each_is_counted_within_its_bound() -> None:
    times = Times()
    for seconds in (0.0, 0.01, 0.011, 60.0, 61.0):
        times.add(seconds)
    assert times.within == [2, 1, *[0] * (len(BOUNDS) - 3), 1, 1]


def test_a_start_does_not_wait_for_the_library() -> None:
    program = "import sys, bot.command_line; print('prometheus_client' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stdout == "False\n", told.stderr


PEOPLE = ("Zanzibara", "Quetzalina", "Mwanaisha")
"""Names, and parts of what they write."""


async def test_nobody_is_in_it_after_a_busy_day(delivery: Telling, database_url: str) -> None:
    more = here() | {"owners": (OWNER,), "four_eyes": False}
    async with town(database_url, "format.yaml", **more) as one, asking(one) as asked:
        olga = one.person("Olgaberta", id=OWNER, language="en")
        await olga.send("/start")
        await olga.send("/desk")
        people = [await follow(one, name=name) for name in PEOPLE]
        for anna in people:
            await anna.send("/start d-ivan-lodkin")
            await anna.send(f"SECRETWORDS of {PEOPLE[0]}")
            await anna.send("/ask")
            await anna.send("Who is Marta Vetrova?")
            await anna.send("/settings")
        people[0].user.blocked = True
        one.telegram.faults.refuse(400, f"Bad Request: {PEOPLE[1]}", chat=people[1].id, times=2)
        await delivery.rests(one)
        await one.take_in(MOVED)
        await delivery.settles(one)
        found = await numbers(asked)
        numbers_of = {str(person.id) for person in (*people, olga)}
    page = found.page
    assert len(one.app.metrics.updates) > 5
    names = (*PEOPLE, "Olgaberta", "SECRETWORDS", "Lodkin", "Vetrova", "port-strike", "127.0.0.1")
    assert not [name for name in names if name.lower() in page.lower()]
    assert not numbers_of & set(re.findall(r"\d+", page))
    labels = set(re.findall(r'="([^"]*)"', page))
    odd = [one for one in labels if not re.fullmatch(r"[a-zA-Z_ ]+|[\d.]+|\+Inf", one)]
    assert odd == []
