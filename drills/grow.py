"""`python -m drills.grow`: a small bot on SQLite becomes many processes on PostgreSQL and Redis.

Everybody who followed goes on to follow, each update is handled once though it is delivered to two
processes at once, one of them may be killed, and three of them need hardly more of the processor
for an update than one does. TEST_POSTGRES and TEST_REDIS name other servers than the usual ones.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import uuid4

import psutil

from benchmarks.moved import Running, running
from benchmarks.server import tell_server, url_of
from drills.places import EXAMPLE, Place, answers, follow, lives, place, until
from drills.proxy import Proxy, proxy
from drills.story import Failed, Story, played
from sandbox import Person, Sandbox
from tests.town import free_port

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/0")
PEOPLE, FLOOD = 60, 1200
WEBS, SENDERS = 3, 2
GROWTH = 2.4
"""Times as many updates by three processes, where there are cores for them."""


# Small.


async def small(here: Place, story: Story) -> list[Person]:
    story.begins(f"Small: one process on SQLite, and {PEOPLE} people follow somebody")
    story.holds("the campaign is taken in", await here.command("import", str(EXAMPLE)) == 0)
    people = [here.telegram.person(language="en") for _ in range(PEOPLE)]
    async with running("-m", "bot", "run", **here.settings) as bot:
        for person in people:
            await follow(person)
        bot.send_signal(signal.SIGTERM)
        story.holds("it ends when it is told to", await bot.wait() == 0)
    return people


# Grown.


async def moved(here: Place, story: Story, url: str) -> None:
    story.begins("It moves to PostgreSQL")
    here.settings["DATABASE_URL"] = url
    is_moved = await here.command("move", str(here.folder / "bot.db")) == 0
    story.holds("all rows are there, and equal", is_moved)
    again = await here.command("move", str(here.folder / "bot.db"))
    story.holds("a second time it is refused", again == 1)


@asynccontextmanager
async def grown(here: Place, webs: int = WEBS) -> AsyncIterator[tuple[Proxy, list[Running]]]:
    """So many that answer, behind a proxy, and two that send."""
    async with AsyncExitStack() as stack:
        front = await stack.enter_async_context(proxy(free_port()))
        ports = [free_port() for _ in range(webs)]
        front.send_to(ports)
        hooked = {
            "REDIS_URL": REDIS,
            "WEBHOOK_URL": f"http://127.0.0.1:{front.port}",
            "WEBHOOK_SECRET": "secret",
        }
        answering = [
            await stack.enter_async_context(only("web", here, hooked, port)) for port in ports
        ]
        for _ in range(SENDERS):
            await stack.enter_async_context(only("sender", here, hooked, 0))
        known = len(here.telegram.calls.of("setWebhook"))
        await asyncio.gather(*map(lives, ports))
        await until(lambda: len(here.telegram.calls.of("setWebhook")) >= known + webs)
        yield front, answering


def only(
    duty: str, here: Place, hooked: dict[str, str], port: int
) -> AbstractAsyncContextManager[Running]:
    own = here.settings | hooked | {"LISTEN": f"127.0.0.1:{port}"}
    return running("-m", "bot", "run", "--only", duty, **own)


async def ask(people: Sequence[Person], command: str, telegram: Sandbox) -> list[list[str]]:
    """What each of them is answered."""
    before = [len(answers(person)) for person in people]
    for person in people:
        await person.send(command, wait=False)
    await telegram.settled()
    return [answers(person)[known:] for person, known in zip(people, before, strict=True)]


async def served(here: Place, story: Story, people: list[Person]) -> None:
    story.begins(f"Grown: {WEBS} processes answer behind a proxy, {SENDERS} send")
    async with grown(here) as (front, webs):
        told = await ask(people, "/follows", here.telegram)
        is_known = all(len(one) == 1 and "Ivan Lodkin" in one[0] for one in told)
        story.holds("everybody follows whom they followed", is_known)
        front.twice = True
        told = await ask(people, "/help", here.telegram)
        once = all(len(one) == 1 for one in told)
        story.holds("each update is delivered to two at once, and answered once", once)
        front.twice = False
        webs[0].send_signal(signal.SIGKILL)
        told = await ask(people, "/cases", here.telegram)
        story.holds("one of them is killed, and everybody is answered", all(told))
        before = [len(answers(person)) for person in people]
        await move_hearing(here, story)
        await told_once(people, before, story)


async def move_hearing(here: Place, story: Story) -> None:
    """To tomorrow, which is told at once."""
    file, now = here.folder / "moved.yaml", datetime.now(UTC).replace(microsecond=0)
    starts, word = (now + timedelta(hours=20)).isoformat(), now.isoformat()
    facts = f"{{slug: port-strike-1, starts_at: '{starts}', confirmed_at: '{word}'}}"
    file.write_text(f"hearings: [{facts}]\n")
    story.holds("a hearing is moved by a file", await here.command("import", str(file)) == 0)


async def told_once(people: list[Person], before: list[int], story: Story) -> None:
    def new() -> list[int]:
        return [len(answers(one)) - known for one, known in zip(people, before, strict=True)]

    await until(lambda: all(new()))
    await asyncio.sleep(2)
    story.holds("each follower is told of it once", new() == [1] * len(people))


# How much.


@dataclass
class Measured:
    updates: int
    seconds: float
    processor: float
    """Seconds of it, of all processes that answer."""

    @property
    def each(self) -> float:
        """Milliseconds of the processor for one update."""
        return 1000 * self.processor / self.updates


async def measured(here: Place, webs: int) -> Measured:
    people = [here.telegram.person(language="en", started=True) for _ in range(FLOOD // 10)]
    async with grown(here, webs) as (_front, answering):
        await ask(people, "/help", here.telegram)
        processes = [psutil.Process(bot.pid) for bot in answering]
        before, began = sum(map(spent, processes)), monotonic()
        for _ in range(10):
            await ask(people, "/cases", here.telegram)
        used = sum(map(spent, processes)) - before
        return Measured(FLOOD, monotonic() - began, used)


def spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def compared(here: Place, story: Story) -> None:
    cores = os.cpu_count() or 1
    story.begins(f"How many updates one process answers, and {WEBS} (this machine: {cores} cores)")
    one, many = await measured(here, 1), await measured(here, WEBS)
    for number, found in ((1, one), (WEBS, many)):
        a_second = found.updates / found.seconds
        print(
            f"    {number}: {a_second:.0f} updates a second, {found.each:.2f} ms of processor each"
        )
    growth = WEBS * one.each / many.each
    told = f"by processor time {WEBS} do {growth:.2f} times as much as one (at least {GROWTH})"
    story.holds(told, growth >= GROWTH)


async def play(story: Story) -> None:
    name = f"grow_{uuid4().hex}"
    async with place() as here:
        people = await small(here, story)
        await tell_server(f"CREATE DATABASE {name}")
        try:
            await moved(here, story, url_of(name))
            if story.failures:
                raise Failed("it cannot grow")
            await served(here, story, people)
            await compared(here, story)
        finally:
            await tell_server(f"DROP DATABASE {name} WITH (FORCE)")


def main() -> int:
    return played(play)


if __name__ == "__main__":
    sys.exit(main())
