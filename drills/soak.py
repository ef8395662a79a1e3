"""`python -m drills.soak [UPDATES] [DELIVERIES]`: one bot for hours, and troubles at random.

A million updates and 200,000 deliveries, if nothing else is said. Each message of a person has to
be answered, each follower told of each move, the queues be empty in the end, and the memory of the
bot may grow by five percent at the most over the second half. Whoever has no more time presses
Ctrl+C, or sends SIGTERM: what was done until then is looked at as the whole.
"""

import asyncio
import random
import signal
import sys
import tempfile
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from statistics import mean
from time import monotonic
from typing import Any

import psutil
from sqlalchemy import func, select

from benchmarks.moved import Campaign, Running, bot_process, campaign_in, until
from drills import strangers
from drills.story import Story
from models import Delivery, Notice, State
from models.notice import OPEN
from sandbox import Limits, Sandbox
from sandbox.calls import Call

UPDATES, DELIVERIES, MOVES = 1_000_000, 200_000, 10
PEOPLE = 20_000
"""Who write; others follow."""
FIRST_FOLLOWER = 10_000_000
RATE = 300
FEW = 0.01
PENDING = 200
"""Updates that wait for the bot at most: more than Telegram offers at once, for it goes on though
one of them is slow."""
GROWTH = 1.05
SAID = (
    *("/help", "/cases", "/hearings", "/follows", "/letters", "/donate", "/evenings", "/settings"),
    *("/start d-person-1", "/start c-case-1", "/privacy", "lodkin", "дщвлшт", "Иван", "nobody"),
    *("<b>&", "\u202etxt", "x" * 4000, "0", "/nothing", "🔔"),
)
PRESSES = 0.2
PRESSED = ("menu", "case:1", "follow:1", "nothing:1", "", "x" * 64)
MOST_TROUBLES = 3
PAUSE = 0.5, 5.0
"""Seconds between two troubles: with many more, the bot would mostly wait for the next try."""
TROUBLES = ("delay", "429", "500", "502", "cut before", "cut after", "twice")


@dataclass
class Soak:
    telegram: Sandbox
    here: Campaign
    bot: Running
    updates: int
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    asked: Counter[int] = field(default_factory=Counter)
    """By chat, the messages that have to be answered."""
    answered: Counter[int] = field(default_factory=Counter)
    told: Counter[int] = field(default_factory=Counter)
    joined: int = 0
    """Deliveries that waited, and were told in one message with the next one."""
    put: int = 0
    moves: int = 0
    memory: list[tuple[int, float]] = field(default_factory=list)
    """Updates that are done, and megabytes."""
    is_cut_short: bool = False

    def look(self, _what: str, call: Call) -> None:
        if call.method == "sendMessage" and call.answer:
            chat = int(call.parameters["chat_id"])
            (self.told if chat >= FIRST_FOLLOWER else self.answered)[chat] += 1

    @property
    def done(self) -> int:
        return self.put - len(self.telegram.world.updates.pending)

    def cut_short(self) -> None:
        self.is_cut_short, self.updates = True, self.put

    def is_time(self) -> bool:
        """For the next move: they are spread over the whole."""
        return self.is_cut_short or self.done >= self.updates * self.moves / MOVES


async def talk(soak: Soak) -> None:
    """As fast as the bot answers."""
    pending = soak.telegram.world.updates.pending
    while soak.put < soak.updates:
        while len(pending) < PENDING and soak.put < soak.updates:
            soak.telegram.world.updates.put(update(soak))
            soak.put += 1
        await asyncio.sleep(0.01)


def update(soak: Soak) -> dict[str, Any]:
    chat = random.randint(1, PEOPLE)
    sent = strangers.message(soak.telegram, chat, next(soak.numbers))
    if random.random() < PRESSES:
        return strangers.pressing(soak.telegram, sent, random.choice(PRESSED))
    soak.asked[chat] += 1
    return strangers.saying(sent, random.choice(SAID))


async def trouble(soak: Soak) -> None:
    while True:
        await asyncio.sleep(random.uniform(*PAUSE))
        faults, times = soak.telegram.faults, random.randint(1, 5)
        if len(faults.waiting) > MOST_TROUBLES:
            continue  # nothing would ever go again
        match random.choice(TROUBLES):
            case "delay":
                faults.delay(random.uniform(0.05, 2), times=times)
            case "429":
                faults.too_many_requests(1)
            case "500" | "502" as code:
                faults.server_error(int(code), times=times)
            case "cut before":
                faults.cut_before(times=times)
            case "cut after":
                faults.cut_after()
            case "twice":
                faults.duplicate_updates(times)


async def move_again_and_again(soak: Soak, followers: int) -> None:
    await soak.here.looked_at(soak.bot)
    while soak.moves < MOVES:
        while not soak.is_time():  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        if soak.is_cut_short:
            return
        await soak.here.move(soak.bot)
        soak.moves += 1
        gone = partial(has_gone, soak.here, soak.moves * followers)
        await until(gone, soak.bot, 0.5, within=None)


async def has_gone(here: Campaign, number: int) -> bool:
    """But for a few: what may have arrived is tried again after ten minutes, and what else there
    is for them waits with it."""
    made = await here.ask(select(func.coalesce(func.sum(Notice.total), 0)))
    on_its_way = Delivery.state.in_((State.READY, State.LEASED))
    left = await here.ask(select(func.count()).where(on_its_way))
    return bool(made >= number and left <= FEW * number)


async def measure(soak: Soak) -> None:
    process, began = psutil.Process(soak.bot.pid), monotonic()
    for turn in count():
        megabytes = process.memory_info().rss / 1e6
        soak.memory.append((soak.done, megabytes))
        if turn % 30 == 0:
            minutes, told = (monotonic() - began) / 60, soak.told.total()
            print(f"    {minutes:.0f} min: {soak.done} updates, {told} told, {megabytes:.0f} MB")
            sys.stdout.flush()
        await asyncio.sleep(2)


def grown(soak: Soak) -> float:
    """Times as much as at the middle at the end, each a tenth of the whole."""
    parts = [(done / soak.updates, megabytes) for done, megabytes in soak.memory]
    middle = [megabytes for part, megabytes in parts if 0.45 <= part < 0.55]
    end = [megabytes for part, megabytes in parts if part >= 0.9]
    return mean(end) / mean(middle)


async def soaked(updates: int, deliveries: int) -> tuple[Soak, int]:
    followers = deliveries // MOVES
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite+aiosqlite:///{folder}/bot.db"
        here = await stack.enter_async_context(campaign_in(url))
        telegram = await stack.enter_async_context(
            Sandbox(limits=Limits.off(), anyone=True, calls_kept=0, history=0)
        )
        await here.follow(range(FIRST_FOLLOWER, FIRST_FOLLOWER + followers))
        own = here.settings(RATE, LISTEN="127.0.0.1:0")
        bot = await stack.enter_async_context(bot_process(telegram, **own))
        soak = Soak(telegram, here, bot, updates)
        telegram.server.watchers.append(soak.look)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, soak.cut_short)
        beside = [asyncio.create_task(work) for work in (trouble(soak), measure(soak))]
        await asyncio.gather(talk(soak), move_again_and_again(soak, followers))
        beside[0].cancel()
        telegram.faults.clear()
        async with asyncio.timeout(300):
            while telegram.world.updates.pending or await is_open(here):
                here.clock.ahead += 60  # what waits for its time need not wait for ours
                await asyncio.sleep(0.5)
        for task in beside:
            task.cancel()
        soak.joined = await joined(here)
        return soak, followers


async def is_open(here: Campaign) -> bool:
    return bool(await here.ask(select(func.count()).where(Delivery.state.in_(OPEN))))


async def joined(here: Campaign) -> int:
    """Those that shared a message."""
    sent = select(Delivery.subscriber_id, Delivery.message_id).where(Delivery.state == State.SENT)
    each = await here.ask(select(func.count()).select_from(sent.subquery()))
    messages = await here.ask(select(func.count()).select_from(sent.distinct().subquery()))
    return int(each - messages)


def unanswered(soak: Soak) -> int:
    return (soak.asked - soak.answered).total()


def untold(soak: Soak, followers: int) -> int:
    """Whoever was told with the next one may have been told twice of that."""
    return max(0, (wanted(soak, followers) - soak.told).total() - soak.joined)


def wanted(soak: Soak, followers: int) -> Counter[int]:
    everybody = range(FIRST_FOLLOWER, FIRST_FOLLOWER + followers)
    return Counter(dict.fromkeys(everybody, soak.moves))


async def play(story: Story, updates: int, deliveries: int) -> None:
    story.begins(f"{updates} updates and {deliveries} deliveries, and troubles at random")
    began = monotonic()
    soak, followers = await soaked(updates, deliveries)
    minutes, number = (monotonic() - began) / 60, soak.moves * followers
    print(f"    {soak.updates} updates and {number} deliveries took {minutes:.0f} minutes")
    silent, lost = unanswered(soak), untold(soak, followers)
    story.holds(f"each message is answered (not: {silent} of {soak.asked.total()})", silent == 0)
    told = f"each follower is told of each move, {soak.joined} with the next one (not: {lost})"
    story.holds(told, lost == 0)
    doubled = (soak.told - wanted(soak, followers)).total()
    print(f"    told twice, for an answer of Telegram's was lost: {doubled}")
    story.holds("the bot has not ended", soak.bot.returncode in (None, -9))
    growth = grown(soak)
    told = f"its memory has grown {growth:.3f} times over the second half (at most {GROWTH})"
    story.holds(told, growth <= GROWTH)


def main() -> int:
    given = [int(word) for word in sys.argv[1:3]]
    updates, deliveries = [*given, *(UPDATES, DELIVERIES)[len(given) :]]
    story = Story()
    asyncio.run(play(story, updates, deliveries))
    return story.ends()


if __name__ == "__main__":
    sys.exit(main())
