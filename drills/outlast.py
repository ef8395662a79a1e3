"""`python -m drills.outlast`: what the bot stands on is away for a while, and nothing is lost.

Telegram for an hour, the database for a minute, the disk full, the clock an hour wrong either way;
each while followers are told and people write. Meanwhile the bot says what is wrong: to whoever
asks (/readyz), in its log, and to owners, if they can be reached. Needs PostgreSQL (TEST_POSTGRES)
and `unshare`, which gives the bot a disk of its own to fill.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from aiohttp import ClientSession
from sqlalchemy import func, make_url, select
from yarl import URL

from benchmarks.kills import databases
from benchmarks.moved import ROOT, Campaign, Running, campaign_in, messages, running, until
from bot.clock import Clock
from bot.health import READYZ
from drills.bridge import Bridge, bridge
from drills.places import answers, lives
from drills.story import Story
from models import Delivery
from models.notice import OPEN
from sandbox import Limits, Person, Sandbox
from tests.town import free_port

FOLLOWERS, WRITERS, RATE = 900, 40, 100
FIRST_FOLLOWER = 10_000_000
MINUTE, HOUR = 60.0, 3600.0
LASTS = 75.0
"""Real seconds of a trouble: the bot looks at itself twice."""
STEPS = 15
"""In so many the bot's clock goes on meanwhile."""
UNDER_WAY = 0.1
"""Seconds of sending that may be on their way when Telegram falls, and come once more."""
DISK = 24 * 2**20
"""Bytes of the one that is filled."""


@dataclass
class Scene:
    story: Story
    here: Campaign
    telegram: Sandbox
    bot: Running
    port: int
    owner: Person
    writers: list[Person]

    async def missing(self) -> dict[str, str]:
        """The parts that are not as they should be, and what is said of each."""
        url = f"http://127.0.0.1:{self.port}{READYZ}"
        async with ClientSession() as client, client.get(url) as answer:
            parts = (await answer.json())["parts"]
        return {name: part["is"] for name, part in parts.items() if not part["good"]}

    async def hears(self, words: str) -> None:
        """The owner, if it lasts for so long that the bot looks at itself; as much time passes as
        it takes."""
        if LASTS < MINUTE:
            return

        async def is_heard() -> bool:
            self.here.clock.ahead += 1
            return any(words in one for one in answers(self.owner))

        await until(is_heard, self.bot, 0.1)
        self.story.holds(f"owners are told: {words}", True)


Trouble = Callable[[Scene], AbstractAsyncContextManager[None]]


# Troubles.


@asynccontextmanager
async def without_telegram(scene: Scene) -> AsyncIterator[None]:
    """Its address refuses connections; what people write waits there."""
    port = URL(scene.telegram.url).port or 0
    await scene.telegram.stop()
    try:
        yield
    finally:
        await scene.telegram.start(port)


@asynccontextmanager
async def without_database(way: Bridge, _scene: Scene) -> AsyncIterator[None]:
    way.down()
    try:
        yield
    finally:
        await way.up()


@asynccontextmanager
async def full(folder: Path, _scene: Scene) -> AsyncIterator[None]:
    """To the last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    try:
        yield
    finally:
        filler.unlink()


# The same with each of them.


@asynccontextmanager
async def scene(story: Story, here: Campaign, **settings: str) -> AsyncIterator[Scene]:
    """The bot runs, by the same clock as Telegram."""
    async with Sandbox(
        now=here.clock.now, limits=Limits.off(), anyone=True, calls_kept=None, history=20
    ) as telegram:
        owner = telegram.person(language="en", started=True)
        writers = [telegram.person(language="en") for _ in range(WRITERS)]
        port = free_port()
        own = {"BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url}
        own |= {"OWNERS": str(owner.id), "LISTEN": f"127.0.0.1:{port}"}
        own |= here.settings(RATE, **settings)
        async with running("-m", "bot", "run", **own) as bot:
            await lives(port)
            yield Scene(story, here, telegram, bot, port, owner, writers)


async def struck(scene: Scene, trouble: Trouble, part: str, lasts: float) -> None:
    """In the midst of telling everybody. `lasts`: seconds of the bot's clock."""
    await scene.here.looked_at(scene.bot)
    await scene.here.move(scene.bot)
    await messages(scene.telegram, FOLLOWERS // 3, scene.bot)
    async with trouble(scene):
        for writer in scene.writers:
            await writer.send("/help", wait=False)
        for _ in range(STEPS):
            scene.here.clock.ahead += max(0, lasts - LASTS) / STEPS
            await asyncio.sleep(LASTS / STEPS)
        said = (await scene.missing()).get(part)
        scene.story.holds(f"whoever asks is told of it ({part}: {said})", said is not None)


async def nothing_is_lost(scene: Scene, most_twice: float = 0) -> None:
    async def is_all_done() -> bool:
        scene.here.clock.ahead += 10  # what waits for its time need not wait for ours
        is_open = select(func.count()).where(Delivery.state.in_(OPEN))
        return not scene.telegram.world.updates.pending and not await scene.here.ask(is_open)

    await until(is_all_done, scene.bot, 0.2)
    told = followers_told(scene)
    scene.story.holds(f"every follower is told ({len(told)})", len(told) == FOLLOWERS)
    twice = told.total() - len(told)
    scene.story.holds(f"told twice: {twice} (at most {most_twice:g})", twice <= most_twice)
    once = [len(answers(writer)) for writer in scene.writers] == [1] * WRITERS
    scene.story.holds("everybody who wrote is answered, and once", once)


def followers_told(scene: Scene) -> Counter[int]:
    sent = (call for call in scene.telegram.calls.of("sendMessage") if call.answer)
    chats = Counter(int(call.parameters["chat_id"]) for call in sent)
    return Counter({chat: times for chat, times in chats.items() if chat >= FIRST_FOLLOWER})


async def follow(here: Campaign) -> None:
    await here.follow(range(FIRST_FOLLOWER, FIRST_FOLLOWER + FOLLOWERS))


def logged(scene: Scene, words: str) -> None:
    scene.story.holds(f"its log says: {words}", words in scene.bot.told())


# Each of them.


async def telegram_is_away(story: Story) -> None:
    story.begins("Telegram is away for an hour")
    async with databases() as urls, campaign_in(urls["SQLite"]) as here:
        await follow(here)
        async with scene(story, here) as now:
            await struck(now, without_telegram, "telegram", HOUR)
            logged(now, "Telegram cannot be reached")
            await nothing_is_lost(now, RATE * UNDER_WAY)


async def database_is_away(story: Story) -> None:
    story.begins("The database is away for a minute")
    async with databases() as urls, campaign_in(urls["PostgreSQL"]) as here:
        await follow(here)
        url, port = make_url(here.url), free_port()
        crossing = url.set(host="127.0.0.1", port=port)
        over = {"DATABASE_URL": crossing.render_as_string(hide_password=False)}
        async with (
            bridge(url.host or "", url.port or 5432, port) as way,
            scene(story, here, **over) as now,
        ):
            await struck(now, partial(without_database, way), "database", 4 * MINUTE)
            logged(now, "waiting for the database")
            await now.hears("The database does not answer")
            await now.hears("All is well again: the database answers")
            await nothing_is_lost(now)


async def disk_is_full(story: Story, folder: Path) -> None:
    story.begins("The disk is full")
    async with campaign_in(f"sqlite+aiosqlite:///{folder}/bot.db") as here:
        await follow(here)
        async with scene(story, here) as now:
            await struck(now, partial(full, folder), "database", 4 * MINUTE)
            logged(now, "waiting for the database")
            await now.hears("The disk of the database is full")
            await now.hears("All is well again: the database has room")
            await nothing_is_lost(now)


async def clock_is_wrong(story: Story) -> None:
    """Reminders are due in half an hour: by the wrong clock they go at once."""
    story.begins("The clock is an hour wrong, ahead and behind")
    ahead = timedelta(days=1, minutes=30)
    async with databases() as urls, campaign_in(urls["SQLite"], ahead=ahead) as here:
        await follow(here)
        async with scene(story, here) as now:
            now.telegram.world.now = Clock().now
            await here.looked_at(now.bot)
            here.clock.ahead += HOUR
            await messages(now.telegram, FOLLOWERS // 3, now.bot)
            here.clock.ahead -= 2 * HOUR
            for writer in now.writers:
                await writer.send("/help", wait=False)
            await asyncio.sleep(LASTS)
            await now.hears("The server's clock is wrong")
            here.clock.ahead = 0
            await nothing_is_lost(now)


Drill = Callable[[Story], Awaitable[None]]
DRILLS: tuple[Drill, ...] = (telegram_is_away, database_is_away, clock_is_wrong)


async def play(story: Story) -> None:
    for drill in DRILLS:
        await drill(story)


def on_a_small_disk(followers: int, lasts: float) -> int:
    """In a process of its own, which alone has it mounted; how that ended."""
    world = "unshare", "--map-root-user", "--mount"
    given = sys.executable, "-m", "drills.outlast", str(followers), str(lasts)
    return subprocess.run([*world, *given], cwd=ROOT, check=False).returncode


async def play_there(story: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        size = f"size={DISK}"
        await asyncio.to_thread(
            subprocess.run, ["mount", "-t", "tmpfs", "-o", size, "none", folder], check=True
        )
        try:
            await disk_is_full(story, Path(folder))
        finally:
            await asyncio.to_thread(subprocess.run, ["umount", folder], check=True)


def main() -> int:
    story = Story()
    asyncio.run(play(story))
    return max(story.ends(), on_a_small_disk(FOLLOWERS, LASTS))


def main_there() -> int:
    global FOLLOWERS, LASTS
    FOLLOWERS, LASTS = int(sys.argv[1]), float(sys.argv[2])
    story = Story()
    asyncio.run(play_there(story))
    return story.ends()


if __name__ == "__main__":
    sys.exit(main_there() if sys.argv[1:] else main())
