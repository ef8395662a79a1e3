"""`python -m benchmarks.flood`: what others notice while somebody floods the bot.

How long people wait for a card, in one run and in turns: in peace; while one person writes without
a pause; while a crowd does whom nobody has seen before. Every figure that counts is a ratio.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from statistics import median, quantiles

import psutil

from benchmarks.cards import OURS, People, bot_process, fill, forget_updates
from benchmarks.table import Row, at_most, show
from sandbox import Limits, Person, Sandbox

ROUNDS = 5
ANSWERS = 300
"""In one round; each person asks a few times a second, all of them together 40 times."""
PER_SECOND = 40
FLOOD = 100
"""Messages a second that are too many."""
CASES = 100
WARM_UP = 300


async def flood(who: Callable[[], Person]) -> None:
    while True:
        await who().send("/help", wait=False)
        await asyncio.sleep(1 / FLOOD)


@asynccontextmanager
async def beside(who: Callable[[], Person] | None) -> AsyncIterator[None]:
    flooding = asyncio.create_task(flood(who)) if who else None
    try:
        yield
    finally:
        if flooding:
            flooding.cancel()


async def slowest(people: People) -> float:
    """p99, in seconds."""
    asked = []
    for _ in range(ANSWERS):
        asked.append(asyncio.create_task(people.answered()))
        await asyncio.sleep(1 / PER_SECOND)
    return quantiles(await asyncio.gather(*asked), n=100)[-1]


async def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bot.db'}"
        await fill(url, 2 * CASES)
        await forget_updates(url)
        async with (
            Sandbox(limits=Limits.off(), calls_kept=100, history=5, guard=300) as telegram,
            bot_process(OURS, url, telegram) as process,
        ):
            return await measured(telegram, psutil.Process(process.pid))


async def measured(telegram: Sandbox, process: psutil.Process) -> list[Row]:
    people, numbers = People(telegram, CASES), count()
    await telegram.person("first", started=True).send("Anton Orlov")
    for _ in range(WARM_UP):
        await people.answered()
    mole = telegram.person("Mole", started=True)
    floods: dict[str, Callable[[], Person] | None] = {
        "peace": None,
        "one": lambda: mole,
        "crowd": lambda: telegram.person(f"C{next(numbers)}", started=True),
    }
    found: dict[str, list[float]] = {name: [] for name in floods}
    before = process.memory_info().rss
    for _ in range(ROUNDS):
        for name, who in floods.items():
            async with beside(who):
                found[name].append(await slowest(people))
    grown = (process.memory_info().rss - before) / 2**20
    ratios = {name: middle(found, name) for name in ("one", "crowd")}
    return [
        Row("p99 of a card in peace", f"{1000 * median(found['peace']):.0f} ms"),
        at_most(f"p99 while one writes {FLOOD}/s, of that", ratios["one"], 1.5),
        Row(f"p99 while a crowd writes {FLOOD}/s, of that", f"{ratios['crowd']:.2g}"),
        Row("people who came", f"{people.asked + next(numbers)}"),
        Row("memory that it took", f"{grown:.0f} MB"),
    ]


def middle(found: dict[str, list[float]], name: str) -> float:
    """Of the ratios of rounds, for both meet the same moods of the machine."""
    return median(one / peace for one, peace in zip(found[name], found["peace"], strict=True))


if __name__ == "__main__":
    sys.exit(not show("While somebody floods the bot", asyncio.run(rows())))
