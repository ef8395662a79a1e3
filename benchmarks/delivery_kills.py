"""`python -m benchmarks.delivery_kills`: the bot is killed again and again while it tells all.

The real bot on SQLite and on PostgreSQL (TEST_POSTGRES). A hearing is moved by an import; who was
not told in the end was lost, who was told twice was doubled: as many may be as were on their way or
not yet settled.
"""

import asyncio
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from benchmarks.kills import databases
from benchmarks.moved import Bot, bot_process, campaign_in, in_peace, messages
from benchmarks.table import Row, at_most, show
from bot.delivery.parcels import LEASE
from sandbox import Limits, Sandbox

KILLS, CROWD, RATE = 20, 5000, 150
ROUND_TRIP = 0.05


@dataclass
class Outcome:
    people: int
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    round_trip: float = 0.0
    """The 99th percentile, in seconds, as this machine made it."""
    unsettled: int = 0
    """Messages that were answered and not yet settled, at the most, while nobody was killed."""

    @property
    def window(self) -> float:
        """Messages on their way, and those whose outcome is not settled yet; of all kills."""
        return self.kills * (RATE * self.round_trip + self.unsettled)


async def tell_all(
    number: signal.Signals,
    url: str,
    kills: int = KILLS,
    people: int = CROWD,
    process_of: Callable[..., AbstractAsyncContextManager[Bot]] = bot_process,
) -> Outcome:
    """So many signals while it is told, and then a bot that is left in peace."""
    outcome = Outcome(people)
    async with (
        campaign_in(url) as here,
        Sandbox(limits=Limits.off(), anyone=True, calls_kept=None, history=0) as telegram,
    ):
        telegram.faults.delay(ROUND_TRIP, times=None, method="sendMessage")
        settings = here.settings(RATE)
        await here.follow(range(1, people + 1))
        for turn in range(kills):
            async with process_of(telegram, **settings) as bot:
                if turn == 0:
                    await here.looked_at(bot)
                    await here.move(bot)
                    outcome.unsettled = await in_peace(here, telegram, people // kills, bot)
                await ended(number, telegram, bot, people / kills)
            outcome.kills += 1
            here.clock.ahead += LEASE.total_seconds()
        async with process_of(telegram, **settings) as bot:
            await here.told(people, bot)
    return counted(outcome, telegram)


async def ended(number: signal.Signals, telegram: Sandbox, bot: Bot, share: float) -> None:
    """At a random moment of this bot's share in the telling."""
    await messages(telegram, len(telegram.calls.of("sendMessage")) + 1, bot)
    await asyncio.sleep(random.uniform(0, 0.75 * share / RATE))
    bot.send_signal(number)
    await bot.wait()


def heard(telegram: Sandbox) -> Counter[Any]:
    """How often each chat got the message."""
    calls = telegram.calls.of("sendMessage")
    return Counter(call.parameters["chat_id"] for call in calls if call.answer)


def counted(outcome: Outcome, telegram: Sandbox) -> Outcome:
    told = heard(telegram)
    times = sorted(call.seconds for call in telegram.calls.of("sendMessage") if call.answer)
    outcome.round_trip = times[int(0.99 * len(times))]
    outcome.lost = outcome.people - len(told)
    outcome.doubled = told.total() - len(told)
    return outcome


async def rows() -> list[Row]:
    found = list[Row]()
    for database in ("SQLite", "PostgreSQL"):
        async with databases() as urls:
            killed = await tell_all(signal.SIGKILL, urls[database])
        async with databases() as urls:
            stopped = await tell_all(signal.SIGTERM, urls[database], KILLS // 4)
        lost = f"{database}: lost of {killed.people} by {killed.kills} kills"
        found += [
            at_most(lost, killed.lost, 0),
            at_most(f"{database}: doubled by them", killed.doubled, killed.window),
            at_most(
                f"{database}: lost or doubled by {stopped.kills} SIGTERM",
                stopped.lost + stopped.doubled,
                0,
            ),
        ]
    return found


if __name__ == "__main__":
    sys.exit(not show(f"Kills while {CROWD} followers are told", asyncio.run(rows())))
