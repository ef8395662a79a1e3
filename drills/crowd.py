"""`python -m drills.crowd`: ten thousand people write at once, and a hearing is moved just then.

Nobody has ever seen them, and Telegram takes thirty messages a second, as it does. Who follows has
to be told while the crowd still waits, each of them be answered once, and the memory be bounded.
Then a hundred press on and on: whoever else comes has to be answered soon all the same.
"""

import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from time import monotonic

import psutil

from benchmarks.moved import Campaign, Running, bot_process, campaign_in, until
from bot.config import USUAL_RATE
from drills import strangers
from drills.story import Story, played
from sandbox import Sandbox
from sandbox.calls import Call

CROWD, FOLLOWERS = 10_000, 300
FIRST_FOLLOWER = 10_000_000
MEMORY = 512
"""Megabytes that the server of docs/small-server.md has."""
LONGEST = 1200
"""Seconds."""
SAID = "/start", "/hearings", "lodkin", "x" * 4000


PRESSING, LASTS = 100, 60
"""People who write once a second, which each of them may, for so many seconds."""
SOON = 10.0
"""Seconds in which whoever else comes is answered."""


@dataclass
class Crowd:
    bot: Running
    answered: Counter[int] = field(default_factory=Counter)
    told: Counter[int] = field(default_factory=Counter)
    waited: list[float] = field(default_factory=list)
    """Seconds until each follower was told."""
    waiting: int = 0
    """Of the crowd, when the last follower was told."""
    megabytes: float = 0.0
    """The most."""
    began: float = 0.0
    lasted: float = 0.0
    """Seconds until the last of the crowd was answered."""

    async def is_gone(self) -> bool:
        return len(self.answered) == CROWD and len(self.told) == FOLLOWERS

    def look(self, event: str, call: Call) -> None:
        if event != "ended" or call.method != "sendMessage" or not call.answer:
            return
        chat = int(call.parameters["chat_id"])
        if chat < FIRST_FOLLOWER:
            self.answered[chat] += 1
            self.lasted = monotonic() - self.began
            return
        self.told[chat] += 1
        self.waited.append(monotonic() - self.began)
        self.waiting = CROWD - len(self.answered)


def write(telegram: Sandbox) -> None:
    """All of them, one message each."""
    for chat in range(1, CROWD + 1):
        sent = strangers.message(telegram, chat, chat)
        telegram.world.updates.put(strangers.saying(sent, SAID[chat % len(SAID)]))


async def measure(crowd: Crowd) -> None:
    process = psutil.Process(crowd.bot.pid)
    while True:
        crowd.megabytes = max(crowd.megabytes, process.memory_info().rss / 1e6)
        await asyncio.sleep(0.5)


@asynccontextmanager
async def followed() -> AsyncIterator[tuple[Campaign, Sandbox, Running]]:
    """A campaign with followers, and a bot that has looked at it."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite+aiosqlite:///{folder}/bot.db"
        here = await stack.enter_async_context(campaign_in(url))
        telegram = await stack.enter_async_context(Sandbox(anyone=True, calls_kept=0, history=0))
        await here.follow(range(FIRST_FOLLOWER, FIRST_FOLLOWER + FOLLOWERS))
        own = here.settings(USUAL_RATE, LISTEN="127.0.0.1:0")
        bot = await stack.enter_async_context(bot_process(telegram, **own))
        await here.looked_at(bot)
        yield here, telegram, bot


async def came() -> Crowd:
    async with followed() as (here, telegram, bot):
        crowd = Crowd(bot)
        telegram.server.watchers.append(crowd.look)
        measuring = asyncio.create_task(measure(crowd))
        crowd.began = monotonic()
        write(telegram)
        await here.move(bot)
        await until(crowd.is_gone, bot, 0.2, within=LONGEST)
        measuring.cancel()
        return crowd


@dataclass
class Visitors:
    """Who come while others press on."""

    came: dict[int, float] = field(default_factory=dict)
    waited: dict[int, float] = field(default_factory=dict)
    """Seconds until each was answered."""

    async def are_answered(self) -> bool:
        return len(self.waited) == len(self.came)

    def look(self, event: str, call: Call) -> None:
        chat = int(call.parameters.get("chat_id", 0))
        if event == "ended" and call.method == "sendMessage" and call.answer and chat in self.came:
            self.waited.setdefault(chat, monotonic() - self.came[chat])


async def pressed_on() -> Visitors:
    async with followed() as (_, telegram, bot):
        visitors, numbers = Visitors(), count(1)
        telegram.server.watchers.append(visitors.look)
        for second in range(LASTS):
            visitor = PRESSING + 1 + second
            for chat in (*range(1, PRESSING + 1), visitor):
                sent = strangers.message(telegram, chat, next(numbers))
                telegram.world.updates.put(strangers.saying(sent, "/hearings"))
            visitors.came[visitor] = monotonic()
            await asyncio.sleep(1)
        await until(visitors.are_answered, bot, 0.2, within=LONGEST)
        return visitors


async def play(story: Story) -> None:
    await play_crowd(story)
    story.begins(f"{PRESSING} people press on and on, and once a second somebody else comes")
    waited = (await pressed_on()).waited.values()
    told = f"they are answered after {median(waited):.1f} s, the slowest after {max(waited):.1f}"
    story.holds(f"{told} (at most {SOON:.0f})", max(waited) <= SOON)


async def play_crowd(story: Story) -> None:
    story.begins(f"{CROWD} people write at once, and {FOLLOWERS} are to be told of something")
    crowd = await came()
    more = crowd.answered.total() - len(crowd.answered)
    answered = f"each of them is answered, the last after {crowd.lasted:.0f} s, and once"
    story.holds(f"{answered} (more often: {more})", more == 0)
    told = f"each follower is told once (more often: {crowd.told.total() - FOLLOWERS})"
    story.holds(told, crowd.told.total() == FOLLOWERS)
    middle, last = median(crowd.waited), max(crowd.waited)
    told = f"after {middle:.0f} s, the last after {last:.0f}, while {crowd.waiting} waited yet"
    story.holds(told, crowd.waiting > 0)
    story.holds(f"it takes {crowd.megabytes:.0f} MB (of {MEMORY})", crowd.megabytes < MEMORY)


def main() -> int:
    return played(play)


if __name__ == "__main__":
    sys.exit(main())
