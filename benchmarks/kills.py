"""`python -m benchmarks.kills`: the bot is killed again and again while people flood it.

A real process, by long polling and by webhook, on SQLite and on PostgreSQL (TEST_POSTGRES). Every
person asks once; who is not answered was lost, who is answered twice was doubled.
"""

import asyncio
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from time import perf_counter
from typing import Any
from uuid import uuid4

from benchmarks.moved import FAST
from benchmarks.server import tell_server, url_of
from benchmarks.table import Row, at_most, show
from bot.crypto import generate_key
from bot.db import make_engine
from bot.migrate import migrate
from sandbox import Limits, Person, Sandbox

ROOT = Path(__file__).parent.parent
KILLS = 20
CROWD = 100
"""People who ask between two kills; the kill comes when half of them are answered."""


@dataclass
class Outcome:
    asked: int
    lost: int
    doubled: int
    codes: list[int | None] = field(default_factory=list)
    slowest_end: float = 0.0
    """Seconds from the signal to the end of the process."""


@asynccontextmanager
async def bot_process(telegram: Sandbox, **settings: str) -> AsyncIterator[Process]:
    """`python -m bot run`, the real one."""
    environment = os.environ | {
        "BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        **FAST,
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=environment, stderr=DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def webhook() -> dict[str, str]:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "LISTEN": f"127.0.0.1:{port}",
        "WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "WEBHOOK_SECRET": "secret",
    }


async def flood(
    number: signal.Signals,
    times: int = KILLS,
    crowd: int = CROWD,
    process_of: Callable[..., AbstractAsyncContextManager[Any]] = bot_process,
    **settings: str,
) -> Outcome:
    """So many signals in mid-flood, and then a bot that is left in peace to finish."""
    outcome, people = Outcome(0, 0, 0), list[Person]()
    settings = {"DATA_KEY": generate_key()} | settings
    async with Sandbox(limits=Limits.off(), guard=90) as telegram:
        for _ in range(times):
            newcomers = [telegram.person(started=True) for _ in range(crowd)]
            people += newcomers
            for person in newcomers:
                await person.send("/help", wait=False)
            async with process_of(telegram, **settings) as process:
                await half_answered(telegram, newcomers)
                began = perf_counter()
                process.send_signal(number)
                outcome.codes.append(await process.wait())
                outcome.slowest_end = max(outcome.slowest_end, perf_counter() - began)
        async with process_of(telegram, **settings):
            await telegram.settled()
    answers = [sum(message.from_bot for message in person.messages) for person in people]
    outcome.asked, outcome.lost = len(people), answers.count(0)
    outcome.doubled = sum(number - 1 for number in answers if number > 1)
    return outcome


async def half_answered(telegram: Sandbox, people: list[Person]) -> None:
    def answered() -> bool:
        return sum(len(person.chat.own) > 0 for person in people) >= len(people) // 2

    await telegram.until(answered, "nobody was answered")


@asynccontextmanager
async def databases() -> AsyncIterator[dict[str, str]]:
    """A fresh SQLite file and a fresh, migrated database of the server."""
    name = f"kills_{uuid4().hex}"
    url = url_of(name)
    await tell_server(f"CREATE DATABASE {name}")
    try:
        engine = make_engine(url)
        await migrate(engine)
        await engine.dispose()
        with tempfile.TemporaryDirectory() as folder:
            yield {"SQLite": f"sqlite+aiosqlite:///{folder}/bot.db", "PostgreSQL": url}
    finally:
        await tell_server(f"DROP DATABASE {name} WITH (FORCE)")


async def rows() -> list[Row]:
    found = list[Row]()
    for way, more in (("polling", {}), ("webhook", webhook())):
        for database in ("SQLite", "PostgreSQL"):
            found += await of(way, database, **more)
    return found


async def of(way: str, database: str, **settings: str) -> list[Row]:
    async with databases() as urls:
        killed = await flood(signal.SIGKILL, DATABASE_URL=urls[database], **settings)
    async with databases() as urls:  # another one: each sandbox numbers its updates anew
        ended = await flood(signal.SIGTERM, KILLS // 4, DATABASE_URL=urls[database], **settings)
    what = f"{way}, {database}"
    return [
        at_most(f"{what}: lost of {killed.asked} by {KILLS} kills", killed.lost, 0),
        Row(f"{what}: doubled", f"{killed.doubled / killed.asked:.2%}"),
        at_most(f"{what}: lost or doubled by SIGTERM", ended.lost + ended.doubled, 0),
        at_most(f"{what}: slowest end by SIGTERM", ended.slowest_end, 5, " s"),
        at_most(f"{what}: ends by SIGTERM that are not 0", sum(map(bool, ended.codes)), 0),
    ]


if __name__ == "__main__":
    sys.exit(not show("Kills in mid-flood", asyncio.run(rows())))
