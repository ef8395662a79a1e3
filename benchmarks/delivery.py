"""How fast followers are told, beside what others use, and what a million of them cost.

Ours is `python -m bot run`, which tells of a hearing that was moved by an import. The sandbox, with
Telegram's limits, runs here. Alone: `python -m benchmarks.delivery`.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, perf_counter
from typing import Any

import psutil
import uvloop
from sqlalchemy import func, select, text

from benchmarks import crowd
from benchmarks.campaign_file import is_made
from benchmarks.moved import Campaign, Running, bot_process, campaign_in, running, until
from benchmarks.server import tell_server, url_of
from benchmarks.table import Row, at_least, at_most, show
from bot.delivery import outbox, settling
from bot.delivery.parcels import Outcome
from bot.delivery.rows import CHUNK, is_in
from models import Hearing, Kind, Notice, Priority, State
from sandbox import Limits, Sandbox
from sandbox.calls import Call

FREE, PAID = 29, 980
"""SEND_RATE, a little below what Telegram takes."""
TAKEN = {FREE: 30, PAID: 1000}
TOLD = {FREE: 400, PAID: 12_000}
"""People of one run."""
ROUND_TRIPS = (0.0, 0.1)
PEERS = {
    "loop": "a plain loop: await send; sleep(0.05)",
    "broadcaster": "aiogram-broadcaster, as it comes",
    "paced": "aiogram-broadcaster, a pause of 1/29 s",
    "limiter": "python-telegram-bot, AIORateLimiter",
}
PEER_RATES = {"bare_paid": PAID}
MANY = 1_000_000
DATABASE = "delivery_benchmark"
URGENT = 20
"""Cases of a few followers each, of which is told urgently."""
ALERTS, COMMANDS = 60, 300
newcomers = count(1_000_000_000)
"""Chats of people who follow nothing."""
CLAIMS = 15


@dataclass
class Watch:
    """What came to Telegram."""

    came: list[float] = field(default_factory=list)
    """Every message, also those that were refused."""
    refused: int = 0
    latest: dict[int, float] = field(default_factory=dict)
    """When a chat got its latest message."""

    def __call__(self, event: str, call: Call) -> None:
        if call.method != "sendMessage":
            return
        if event == "began":
            self.came.append(call.since)
            self.latest[int(call.parameters["chat_id"])] = call.since
        elif call.code == 429:
            self.refused += 1

    @property
    def peak(self) -> int:
        """Most in any rolling second."""
        oldest, most = 0, 0
        for number, time in enumerate(self.came):
            while self.came[oldest] <= time - 1:
                oldest += 1
            most = max(most, number - oldest + 1)
        return most


@dataclass(frozen=True)
class Run:
    per_second: float
    """Messages that Telegram took."""
    lost: int
    peak: int
    refused: int
    cpu: float
    """Of one core."""
    megabytes: float

    @property
    def cpu_each(self) -> float:
        """Milliseconds of a message."""
        return 1000 * self.cpu / self.per_second

    def told(self, name: str, taken: int) -> Row:
        return Row(
            name,
            f"{self.per_second / taken:.2f} of {taken}/s, at most {self.peak} in a second, "
            f"{self.refused} × 429, {self.lost} lost, {self.cpu_each:.2f} ms of CPU each, "
            f"{self.megabytes:.0f} MB",
        )


@asynccontextmanager
async def watched(round_trip: float = 0.0, **more: Any) -> AsyncIterator[tuple[Sandbox, Watch]]:
    async with Sandbox(limits=Limits(), anyone=True, calls_kept=100, **more) as telegram:
        if round_trip:
            telegram.faults.delay(round_trip, times=None)
        watch = Watch()
        telegram.server.watchers.append(watch)
        yield telegram, watch


async def run_of(
    process: Running, watch: Watch, people: int, is_done: Callable[[], Awaitable[bool]]
) -> Run:
    """From the first message on."""

    async def has_begun() -> bool:
        return bool(watch.came)

    await until(has_begun, process)
    it = psutil.Process(process.pid)
    before, began = spent(it), monotonic()
    await until(is_done, process, 0.05)
    cpu = (spent(it) - before) / (monotonic() - began)
    taken = len(watch.came) - watch.refused
    seconds = watch.came[-1] - watch.came[0]
    return Run(taken / seconds, people - taken, watch.peak, watch.refused, cpu, megabytes(it))


def spent(process: psutil.Process) -> float:
    """Seconds of processor time."""
    times = process.cpu_times()
    return float(times.user + times.system)


def megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss / 2**20)


# Beside the others.


async def ours(url: str, rate: int, round_trip: float) -> Run:
    async with campaign_in(url) as here, watched(round_trip, history=0) as (telegram, watch):
        people = TOLD[rate]
        await here.follow(range(1, people + 1))

        async def is_done() -> bool:
            return len(watch.came) - watch.refused >= people

        async with bot_process(telegram, **here.settings(rate)) as bot:
            await here.looked_at(bot)
            await here.move(bot)
            return await run_of(bot, watch, people, is_done)


async def theirs(name: str, round_trip: float) -> Run:
    async with watched(round_trip, history=0) as (telegram, watch):
        people = TOLD[PEER_RATES.get(name, FREE)]
        words = ("-m", "benchmarks.peers", name, telegram.url, telegram.token, str(people))
        async with running(*words) as process:

            async def is_done() -> bool:
                return "done" in process.told()

            return await run_of(process, watch, people, is_done)


async def beside_others(folder: Path) -> list[Row]:
    found = list[Row]()
    for round_trip in ROUND_TRIPS:
        found.append(Row(f"round trip {1000 * round_trip:.0f} ms", ""))
        own = await ours(fresh(folder), FREE, round_trip)
        found.append(own.told(f"ours, SEND_RATE {FREE}", TAKEN[FREE]))
        found += targets(own, FREE, 6)
        for name, words in PEERS.items():
            peer = await theirs(name, round_trip)
            found += [
                peer.told(words, TAKEN[FREE]),
                Row("  ours to it: rate", f"{own.per_second / peer.per_second:.2f} ×"),
            ]
        fast = await ours(fresh(folder), PAID, round_trip)
        found.append(fast.told(f"ours, SEND_RATE {PAID}", TAKEN[PAID]))
        found += targets(fast, PAID, 35)
        for name, run, rate in (("bare", own, FREE), ("bare_paid", fast, PAID)):
            bare = await theirs(name, round_trip)
            found += [
                bare.told(f"aiohttp alone at {rate}/s, nothing kept", TAKEN[rate]),
                Row("  ours to it: CPU each", f"{run.cpu_each / bare.cpu_each:.2f} ×"),
            ]
    return found


def targets(run: Run, rate: int, cpu: float) -> list[Row]:
    return [
        at_least("  of SEND_RATE", run.per_second / rate, 0.97),
        at_most("  most in a rolling second", run.peak, TAKEN[rate]),
        at_most("  429 and lost", run.refused + run.lost, 0),
        at_most("  CPU of one core", 100 * run.cpu, cpu, " %"),
    ]


def fresh(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{tempfile.mkdtemp(dir=folder)}/bot.db"


# On time.


async def on_time(folder: Path) -> list[Row]:
    """A reminder seven days ahead, whose time comes while the bot runs."""
    lead, people = timedelta(days=7), TOLD[FREE]
    soon = lead + timedelta(seconds=15)
    async with (
        campaign_in(fresh(folder), ahead=soon) as here,
        watched(0.1, history=0) as (telegram, watch),
    ):
        await here.follow(range(1, people + 1), leads=1)
        async with bot_process(telegram, **here.settings(FREE)) as bot:
            await here.told(people, bot)
        due = monotonic() + (here.starts - lead - here.clock.now()).total_seconds()
    return [
        at_most("a reminder: from due to its first message", watch.came[0] - due, 10, " s"),
        Row(f"  to the last of {people} at {FREE}/s", f"{watch.came[-1] - due:.1f} s"),
    ]


# A million.


async def a_million(database: str, url: str, seconds: float) -> list[Row]:
    async with campaign_in(url, cases=URGENT + 1) as here:
        began = perf_counter()
        await here.follow(range(1, MANY + 1))
        for case in range(2, URGENT + 2):
            await here.follow(few(case), case)
        await here.tidy()
        found = [Row(f"{database}: {MANY} people made in", f"{perf_counter() - began:.0f} s")]
        found += await at_work(here, FREE, seconds, 10)
        if database == "SQLite":
            await here.begin_anew()
            found += await at_work(here, PAID, None, None)
        return [*found, *await claims(here)]


def few(case: int) -> range:
    """Chats that follow this case, and nobody else does."""
    return range(MANY + 5 * case, MANY + 5 * case + 5)


async def at_work(
    here: Campaign, rate: int, seconds: float | None, grows: float | None
) -> list[Row]:
    async with (
        watched(0.1, history=5, guard=120) as (telegram, watch),
        bot_process(telegram, **here.settings(rate)) as bot,
    ):
        await here.looked_at(bot)
        await alerts(here, watch, bot, 3)
        before = await answers(telegram)
        it = psutil.Process(bot.pid)
        held = megabytes(it)
        await here.move(bot)
        alerting = asyncio.create_task(alerts(here, watch, bot, ALERTS))
        enqueued = await expanded(here, bot)
        during = await answers(telegram)
        late, waited = zip(*await alerting, strict=True)
        growth = megabytes(it) - held
    p99 = [1000 * quantiles(some, n=100)[-1] for some in (before, during, late, waited)]
    what = f"{MANY} at {rate}/s"
    return [
        wanted(f"{what}: enqueued", enqueued, seconds, " s"),
        at_most("  growth of memory", growth, 20, " MB"),
        at_most("  an urgent notice meanwhile, p99", p99[2] / 1000, 0.5, " s"),
        Row("    median", f"{median(late):.2f} s"),
        Row("    written before, p99 (median)", f"{p99[3]:.0f} ({1000 * median(waited):.0f}) ms"),
        Row(
            "  a command before it, p99 (median)", f"{p99[0]:.0f} ({1000 * median(before):.0f}) ms"
        ),
        Row("  a command meanwhile", f"{p99[1]:.0f} ({1000 * median(during):.0f}) ms"),
        wanted("  p99 of a command grows by", p99[1] - p99[0], grows, " ms"),
        at_most("  429", watch.refused, 0),
    ]


def wanted(what: str, value: float, limit: float | None, unit: str) -> Row:
    return Row(what, f"{value:.3g}{unit}") if limit is None else at_most(what, value, limit, unit)


async def expanded(here: Campaign, bot: Running) -> float:
    """Seconds from the moment when the notice was due until there was a delivery for everybody."""
    last = select(Notice).where(Notice.kind == Kind.MOVED).order_by(Notice.id.desc()).limit(1)

    async def is_so() -> bool:
        notice = await here.ask(last)
        return notice is not None and notice.expanded_at is not None and notice.total >= MANY

    await until(is_so, bot, 0.1)
    notice = await here.ask(last)
    return float((notice.expanded_at - notice.due_at).total_seconds())


async def alerts(
    here: Campaign, watch: Watch, bot: Running, number: int
) -> list[tuple[float, float]]:
    """Seconds from the moment when an urgent notice is there to its first message.

    And those before it: it is written by another process than the bot, which for SQLite has to find
    the file free.
    """
    found = list[tuple[float, float]]()
    for turn in range(number):
        case = turn % URGENT + 2
        hearing = await here.ask(select(Hearing.id).where(Hearing.slug == f"hearing-{case}"))
        begun = monotonic()
        await crowd.tell(
            here.sessions,
            here.clock.now(),
            key=f"urgent:{case}:{begun}",
            kind=Kind.SET,
            subject="hearing",
            thing_id=hearing,
            priority=Priority.URGENT,
            expires_at=here.others,
        )

        there = monotonic()

        def times(case: int = case, since: float = begun) -> list[float]:
            return [time for chat in few(case) if (time := watch.latest.get(chat, 0.0)) > since]

        async def is_told(times: Callable[[], list[float]] = times) -> bool:
            return bool(times())

        await until(is_told, bot)
        found.append((min(times()) - there, there - begun))
        await asyncio.sleep(0.3)
    return found


async def answers(telegram: Sandbox) -> list[float]:
    """Seconds from a command to its answer, one after the other."""
    found = list[float]()
    for _ in range(COMMANDS):
        person = telegram.person(started=True, id=next(newcomers))
        began = perf_counter()
        sent = await person.send("/start c-case-2", wait=False)
        await person.next_message(after=sent)
        found.append(perf_counter() - began)
        await asyncio.sleep(0.02)
    return found


async def claims(here: Campaign) -> list[Row]:
    """Of what is sent in half a second at the highest rate."""
    left = await here.ask(select(func.count()).where(is_in(State.READY)))
    start = await claimed(here)
    for _ in range((left - 20 * PAID) // CHUNK):
        await through(here)
    end = await claimed(here)
    return [
        Row(f"claim of {PAID // 2} with {left} ready", f"{1000 * start:.1f} ms"),
        at_most("  nearly at the end, to that", end / start, 1.5, " ×"),
    ]


async def claimed(here: Campaign) -> float:
    times = list[float]()
    for _ in range(CLAIMS):
        async with here.sessions() as session:
            now, began = here.clock.now(), perf_counter()
            parcels, _seen = await outbox.claim(session, now, PAID // 2)
            times.append(perf_counter() - began)
            ends = [Outcome(parcel.ids, State.SENT, message_id=1) for parcel in parcels]
            await settling.settle(session, ends, now)
    return median(times)


async def through(here: Campaign) -> None:
    """A chunk is claimed and settled, as the sender does it, without a message."""
    async with here.sessions() as session:
        for old, new in ((State.READY, State.LEASED), (State.LEASED, State.SENT)):
            await session.execute(
                text(
                    f"UPDATE deliveries SET state = {int(new)} WHERE id IN (SELECT id "
                    f"FROM deliveries WHERE state = {int(old)} "
                    f"{'ORDER BY priority, id ' if old is State.READY else ''}"
                    f"LIMIT {CHUNK})"
                )
            )
            await session.commit()


async def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        found = [*await beside_others(Path(folder)), *await on_time(Path(folder))]
        found += await a_million("SQLite", fresh(Path(folder)), 2)
    if await is_made(DATABASE):
        try:
            found += await a_million("PostgreSQL", url_of(DATABASE), 10)
        finally:
            await tell_server(f"DROP DATABASE {DATABASE} WITH (FORCE)")
    return found


def measured() -> list[Row]:
    """With the event loop that takes the sandbox least: it answers a thousand calls a second."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(rows())


if __name__ == "__main__":
    sys.exit(not show("Followers are told", measured()))
