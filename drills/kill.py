"""`python -m drills.kill`: whoever sends is killed, cut off or frozen while it tells all.

Two processes `run --only sender` on a PostgreSQL of their own (TEST_POSTGRES); the other one has to
go on within 15 seconds. Nobody may be left out, and nobody told twice but for what was on its way.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from time import monotonic

from benchmarks.delivery_kills import Outcome, counted
from benchmarks.kills import databases
from benchmarks.moved import Campaign, Running, campaign_in, in_peace, messages, running, until
from benchmarks.server import connected
from bot.delivery.parcels import LEASE
from bot.turn import SENDING
from drills.story import Story, played
from sandbox import Limits, Sandbox

PEOPLE, RATE, ROUND_TRIP = 3000, 150, 0.05
WITHIN = 15
"""Seconds."""
GONE = 0.5
"""Seconds after which nothing more comes of whoever was killed."""
HOLDER = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND ((classid::bigint << 32) | objid::bigint) = $1 AND granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


@dataclass
class Pair:
    """One sends, the other stands by."""

    here: Campaign
    telegram: Sandbox
    first: Running
    second: Running


Blow = Callable[[Pair], Awaitable[None]]


async def killed(pair: Pair) -> None:
    pair.first.send_signal(signal.SIGKILL)
    await pair.first.wait()


async def cut(pair: Pair) -> None:
    """The connection that holds the lock. Both may take it then, and one does."""
    async with connected(pair.here.url.rsplit("/", 1)[1]) as server:
        await server.fetch(HOLDER, SENDING.lock)


async def frozen(pair: Pair) -> None:
    pair.first.send_signal(signal.SIGSTOP)


async def ended(pair: Pair) -> None:
    pair.first.send_signal(signal.SIGTERM)
    await pair.first.wait()


BLOWS: dict[str, Blow] = {
    "is killed (SIGKILL)": killed,
    "loses the connection that holds its lock": cut,
    "freezes (SIGSTOP), and wakes up later": frozen,
    "ends (SIGTERM)": ended,
}


async def struck(blow: Blow) -> tuple[float, Outcome]:
    """Seconds until somebody sent again, and what came of all of it."""
    async with AsyncExitStack() as stack:
        urls = await stack.enter_async_context(databases())
        here = await stack.enter_async_context(campaign_in(urls["PostgreSQL"]))
        telegram = await stack.enter_async_context(
            Sandbox(limits=Limits.off(), anyone=True, calls_kept=None, history=0)
        )
        telegram.faults.delay(ROUND_TRIP, times=None, method="sendMessage")
        await here.follow(range(1, PEOPLE + 1))
        first, second = [await stack.enter_async_context(sender(telegram, here)) for _ in range(2)]
        pair = Pair(here, telegram, *await in_order(first, second))
        await here.looked_at(pair.first)
        await here.move(pair.first)
        unsettled = await in_peace(here, telegram, PEOPLE // 3, pair.first)
        seconds = await silence(pair, blow)
        here.clock.ahead += LEASE.total_seconds()
        await wakes_up(pair)
        await here.told(PEOPLE, pair.second)
        moments = 2 if blow is frozen else 1
        return seconds, counted(Outcome(PEOPLE, moments, unsettled=unsettled), telegram)


async def wakes_up(pair: Pair) -> None:
    """If it was only frozen: in the midst of what the other one sends."""
    if pair.first.returncode is None:
        await messages(pair.telegram, PEOPLE // 2, pair.second)
        pair.first.send_signal(signal.SIGCONT)


def sender(telegram: Sandbox, here: Campaign) -> AbstractAsyncContextManager[Running]:
    own = {"BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url, "LISTEN": "127.0.0.1:0"}
    return running("-m", "bot", "run", "--only", "sender", **own, **here.settings(RATE))


async def in_order(one: Running, other: Running) -> tuple[Running, Running]:
    """The one whose turn it is, and the one that stands by."""

    async def is_known() -> bool:
        return any("standing by" in bot.told() for bot in (one, other))

    await until(is_known, one)
    return (other, one) if "standing by" in one.told() else (one, other)


async def silence(pair: Pair, blow: Blow) -> float:
    began = monotonic()
    await blow(pair)
    await asyncio.sleep(GONE)
    await messages(pair.telegram, len(pair.telegram.calls.of("sendMessage")) + 1, pair.second)
    return monotonic() - began


async def play(story: Story) -> None:
    for what, blow in BLOWS.items():
        story.begins(f"While {PEOPLE} people are told, whoever sends {what}")
        seconds, outcome = await struck(blow)
        story.holds(
            f"somebody sends again after {seconds:.1f} s (at most {WITHIN})", seconds <= WITHIN
        )
        story.holds(f"nobody is left out ({outcome.lost})", outcome.lost == 0)
        most = 0 if blow is ended else round(outcome.window)
        told = f"told twice: {outcome.doubled} (at most {most}, what was on its way)"
        story.holds(told, outcome.doubled <= most)


def main() -> int:
    return played(play)


if __name__ == "__main__":
    sys.exit(main())
