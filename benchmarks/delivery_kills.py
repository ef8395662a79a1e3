"""`python -m benchmarks.delivery_kills`: the sender is killed again and again while it tells all.

A real process on SQLite and on PostgreSQL (TEST_POSTGRES), at random moments. Who was not told in
the end was lost, who was told twice was doubled: as many may be as were on their way or not yet
settled.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import crowd
from benchmarks.kills import databases
from benchmarks.table import Row, at_most, show
from bot.clock import SharedClock
from bot.crypto import generate_key, make_vault
from bot.db import Sessions, dispose, make_engine, make_sessions
from bot.delivery.outbox import LEASE
from bot.migrate import migrate
from models import Notice
from sandbox import Limits, Sandbox

ROOT = Path(__file__).parent.parent
KILLS, CROWD, RATE = 20, 5000, 150
ROUND_TRIP, SETTLING = 0.05, 0.05


@dataclass
class Outcome:
    people: int
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    counted: int = 0
    """As sent, by the notice itself."""
    round_trip: float = 0.0
    """The 99th percentile, in seconds, as this machine made it."""

    @property
    def window(self) -> float:
        """Messages on their way, and those whose outcome is not settled yet; of all kills."""
        return self.kills * RATE * (self.round_trip + SETTLING)


@asynccontextmanager
async def courier(telegram: Sandbox, **settings: str) -> AsyncIterator[Process]:
    environment = os.environ | {
        "BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "SEND_RATE": str(RATE),
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.courier", cwd=ROOT, env=environment, stderr=DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def tell_all(
    number: signal.Signals, url: str, kills: int = KILLS, people: int = CROWD
) -> Outcome:
    """So many signals while it is told, and then a sender that is left in peace."""
    outcome, key = Outcome(people), generate_key()
    engine = make_engine(url)
    await migrate(engine)
    sessions, chats = make_sessions(engine), range(1, people + 1)
    with tempfile.TemporaryDirectory() as folder:
        clock = SharedClock(Path(folder) / "clock")
        settings = {"DATABASE_URL": url, "DATA_KEY": key, "CLOCK_FILE": f"{folder}/clock"}
        async with Sandbox(limits=Limits.off(), anyone=True, calls_kept=None) as telegram:
            telegram.faults.delay(ROUND_TRIP, times=None)
            await crowd.people(sessions, make_vault(key), chats, clock.now())
            notice = await crowd.tell(sessions, clock.now())
            for turn in range(kills):
                async with courier(telegram, **settings) as process:
                    await told(telegram, telegram.calls.total + 1)
                    await asyncio.sleep(random.uniform(0, 0.75 * people / kills / RATE))
                    process.send_signal(number)
                    await process.wait()
                outcome.kills += 1
                clock.ahead = (turn + 1) * LEASE.total_seconds()
            async with courier(telegram, **settings):
                outcome.counted = await all_sent(sessions, notice, people)
            times = [call.seconds for call in telegram.calls]
            heard = Counter(call.parameters["chat_id"] for call in telegram.calls if call.answer)
    outcome.round_trip = sorted(times)[int(0.99 * len(times))]
    outcome.lost = people - len(heard)
    outcome.doubled = heard.total() - len(heard)
    await dispose(engine)
    return outcome


async def told(telegram: Sandbox, number: int) -> None:
    while telegram.calls.total < number:  # noqa: ASYNC110
        await asyncio.sleep(0.005)


async def all_sent(sessions: Sessions, notice: int, people: int) -> int:
    async with asyncio.timeout(120):
        while True:
            async with sessions() as session:
                row = await session.get_one(Notice, notice)
                if row.total and row.sent >= people:
                    return row.sent
            await asyncio.sleep(0.1)


async def rows() -> list[Row]:
    found = list[Row]()
    for database in ("SQLite", "PostgreSQL"):
        async with databases() as urls:
            killed = await tell_all(signal.SIGKILL, urls[database])
        async with databases() as urls:
            ended = await tell_all(signal.SIGTERM, urls[database], KILLS // 4)
        found += [
            at_most(f"{database}: lost of {killed.people} by {killed.kills} kills", killed.lost, 0),
            at_most(f"{database}: doubled", killed.doubled, killed.window),
            at_most(f"{database}: lost or doubled by SIGTERM", ended.lost + ended.doubled, 0),
        ]
    return found


if __name__ == "__main__":
    sys.exit(not show("Kills while 5,000 are told", asyncio.run(rows())))
