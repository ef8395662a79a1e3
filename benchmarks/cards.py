"""A case card answered end to end over HTTP, beside a bare aiogram bot on the same database.

The bots run in processes of their own; the sandbox and its people run here. Every figure that
counts is a ratio of two bots in one run.
"""

import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import psutil
from sqlalchemy import delete, insert

from benchmarks.moved import FAST
from benchmarks.names import decoys
from benchmarks.table import Row, at_least, at_most, show
from bot.db import make_engine
from bot.delivery import notices
from bot.migrate import migrate
from models import (
    Case,
    Court,
    Custody,
    Defendant,
    Facility,
    HandledUpdate,
    Hearing,
    TimelineEntry,
    Told,
)
from sandbox import Limits, Person, Sandbox

PEOPLE = 20
ROUNDS = 5
STARTS = 3
BARE = ["benchmarks.bare"]
OURS = ["bot", "run"]
WARM_UP = 700
"""Answers: every card of a campaign of 500 cases once."""
CAMPAIGN = 100
"""Cases that people ask for in turns; the bot remembers more cards than that."""
ANSWERS = 400
"""Answered cards in one round of one bot."""

NOT_YET = 8
"""Days: more than the longest lead of a reminder."""


@dataclass(frozen=True)
class Load:
    per_second: float
    p95: float
    """Seconds."""


async def fill(url: str, defendants: int) -> None:
    """Cases of two people each, with a timeline, custody and a hearing.

    The delivery's first look is behind them, and nobody is to be reminded yet.
    """
    people = [names for _key, names in decoys(defendants)]
    engine = make_engine(url)
    await migrate(engine)
    cases = defendants // 2
    both = {"en": "The dockers' case", "ru": "Дело докеров"}
    text = {
        "en": "what happened that day at the gate",
        "ru": "что случилось в тот день у проходной",
    }
    now = datetime.now(UTC)
    rows: dict[type, list[dict[str, object]]] = {
        Court: [
            {"slug": "court", "name": both, "city": both, "city_key": "c",
             "timezone": "Europe/Moscow"}
        ],
        Facility: [
            {"slug": "sizo", "country": "RU", "kind": "pre_trial_detention", "name": both,
             "postal_code": "620999", "address": both}
        ],
        Case: [
            {"slug": f"case-{n}", "summary": text,
             "title": {"en": f"{people[n][-1]}: the case", "ru": f"{people[n][0]}: дело"},
             "articles": [{"code": "UK RF", "article": "212", **text}], "stage": "trial",
             "version": 1}
            for n in range(1, cases + 1)
        ],
        Defendant: [
            {"slug": f"person-{n}", "case_id": n // 2 + 1, "position": n % 2,
             "name": {"en": people[n][-1], "ru": people[n][0]}, "who": text,
             "status": "pre_trial_detention", "version": 1}
            for n in range(defendants)
        ],
        Custody: [
            {"defendant_id": n, "position": 0, "facility_id": 1, "confirmed_at": now}
            for n in range(1, defendants + 1)
        ],
        TimelineEntry: [
            {"case_id": n, "position": entry, "date": f"202{entry}", "kind": "note", "text": text}
            for n in range(1, cases + 1)
            for entry in range(5)
        ],
        Hearing: [
            {"slug": f"hearing-{n}", "case_id": n, "court_id": 1, "kind": "merits",
             "starts_at": now + timedelta(days=n % 90 + NOT_YET), "status": "scheduled",
             "revision": 0}
            for n in range(1, cases + 1)
        ],
        Told: [
            {"subject": notices.CAMPAIGN, "thing_id": 0, "version": 0,
             "facts": {"token": "", "seen": []}}
        ],
    }  # fmt: skip
    async with engine.begin() as connection:
        for table, values in rows.items():
            for start in range(0, len(values), 5000):
                await connection.execute(insert(table), values[start : start + 5000])
    await engine.dispose()


@asynccontextmanager
async def bot_process(command: list[str], url: str, telegram: Sandbox) -> AsyncIterator[Process]:
    environment = os.environ | {
        "BOT_TOKEN": telegram.token,
        "DATABASE_URL": url,
        "TELEGRAM_API_URL": telegram.url,
        "LOG_FORMAT": "json",
        **FAST,
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as Python is at home
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command, env=environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


class People:
    """As many as are wanted, each used a few times, so that nobody is throttled."""

    def __init__(self, telegram: Sandbox, cases: int) -> None:
        self.telegram = telegram
        self.cases = cases
        self.asked = 0

    def next(self) -> tuple[Person, str]:
        self.asked += 1
        person = self.telegram.person(f"P{self.asked}", started=True)
        return person, f"/start c-case-{self.asked * 7919 % self.cases + 1}"

    async def answered(self) -> float:
        """Seconds from a person's message to the answer."""
        person, command = self.next()
        began = perf_counter()
        sent = await person.send(command, wait=False)
        await person.next_message(after=sent)
        return perf_counter() - began


async def forget_updates(url: str) -> None:
    """Each sandbox numbers its updates anew, which Telegram never does."""
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(delete(HandledUpdate))
    await engine.dispose()


@asynccontextmanager
async def people_of(command: list[str], url: str, cases: int) -> AsyncIterator[People]:
    await forget_updates(url)
    async with (
        Sandbox(limits=Limits.off(), calls_kept=100, history=5, guard=300) as telegram,
        bot_process(command, url, telegram),
    ):
        first = telegram.person("first", started=True)
        await first.send("Anton Orlov")  # ours answers when the names are indexed
        yield People(telegram, cases)


async def load(people: People, answers: int = ANSWERS) -> Load:
    """PEOPLE at once, each asking again as soon as they were answered."""
    took: list[float] = []

    async def one() -> None:
        while len(took) < answers:
            took.append(await people.answered())

    began = perf_counter()
    await asyncio.gather(*(one() for _ in range(PEOPLE)))
    return Load(len(took) / (perf_counter() - began), quantiles(took, n=20)[-1])


@dataclass(frozen=True)
class Pair:
    """The same cards asked of the bare bot and of ours, in turns."""

    bare: Load
    ours: Load

    def throughput(self) -> float:
        return self.ours.per_second / self.bare.per_second

    def slowness(self) -> float:
        return self.ours.p95 / self.bare.p95


async def pairs(url: str, cases: int, rounds: int = ROUNDS) -> list[Pair]:
    """A round after the other, so that both meet the same moods of the machine."""
    async with (
        people_of(BARE, url, cases) as of_bare,
        people_of(OURS, url, cases) as of_ours,
    ):
        await load(of_bare, WARM_UP)
        await load(of_ours, WARM_UP)
        return [Pair(await load(of_bare), await load(of_ours)) for _ in range(rounds)]


def middle(found: Sequence[Pair], figure: Callable[[Pair], float]) -> float:
    return median(figure(pair) for pair in found)


def told(name: str, found: Sequence[Pair]) -> Row:
    bare = middle(found, lambda pair: pair.bare.per_second)
    ours = middle(found, lambda pair: pair.ours.per_second)
    waits = [
        middle(found, lambda pair: 1000 * pair.bare.p95),
        middle(found, lambda pair: 1000 * pair.ours.p95),
    ]
    return Row(name, f"{ours:.0f}/s, bare {bare:.0f}/s; p95 {waits[1]:.0f} ms, {waits[0]:.0f} ms")


async def alone(url: str, cases: int) -> float:
    """Median seconds of a card that is not remembered, when nobody else asks."""
    async with people_of(OURS, url, cases) as people:
        for _ in range(50):
            await people.answered()
        return median([await people.answered() for _ in range(400)])


async def start(command: list[str], url: str) -> tuple[float, float]:
    """Seconds from the start of the process to its first answer; MB of memory after it."""
    await forget_updates(url)
    async with Sandbox(limits=Limits.off()) as telegram:
        began = perf_counter()
        person = telegram.person("P", started=True)
        sent = await person.send("/start c-case-1", wait=False)
        async with bot_process(command, url, telegram) as process:
            await person.next_message(after=sent)
            took = perf_counter() - began
            await person.send("person 3")
            return took, psutil.Process(process.pid).memory_info().rss / 2**20


async def starts(url: str) -> list[Row]:
    """Bare and ours take turns: how fast the machine is just now tells the bare one's figure."""
    bare, ours = list[float](), list[tuple[float, float]]()
    for _ in range(STARTS):
        bare.append((await start(BARE, url))[0])
        ours.append(await start(OURS, url))
    seconds = median(took for took, _ in ours)
    return [
        Row("start of the bare bot to its first answer", f"{median(bare):.3g} s"),
        at_most("start to first answer", seconds, 3, " s"),
        at_most("memory after the start", median(used for _, used in ours), 250, " MB"),
    ]


async def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        few, many = (f"sqlite+aiosqlite:///{Path(folder)}/{name}.db" for name in ("few", "many"))
        await fill(few, 1_000)
        await fill(many, 100_000)
        shown = await pairs(few, CAMPAIGN)
        large = await pairs(few, 500)
        cold = await pairs(many, 50_000)
        near, far = await alone(few, 500), await alone(many, 50_000)
        beginning = await starts(few)
    return [
        told(f"a campaign of {CAMPAIGN} cases", shown),
        told("a campaign of 500 cases", large),
        told("cards that nobody asked for before", cold),
        at_least("throughput, ours to bare", middle(shown, Pair.throughput), 0.5, " ×"),
        at_least("… of 500 cases", middle(large, Pair.throughput), 0.5, " ×"),
        Row("… of cards nobody asked for", f"{middle(cold, Pair.throughput):.3g} ×"),
        at_most("p95 of 20 people at once, ours to bare", middle(shown, Pair.slowness), 3, " ×"),
        at_most("… of cards that nobody asked for", middle(cold, Pair.slowness), 3, " ×"),
        at_most("a card among 100,000 defendants to 1,000", far / near, 1.2, " ×"),
        *beginning,
    ]


if __name__ == "__main__":
    show("Cards", asyncio.run(rows()))
