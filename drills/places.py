"""Where a bot lives in a drill: its folder, its settings, the commands that are given there."""

import tempfile
from asyncio import create_subprocess_exec, sleep, timeout
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import environ
from pathlib import Path
from sys import executable

from aiohttp import ClientError, ClientSession

from benchmarks.moved import FAST, ROOT
from bot.crypto import generate_key
from bot.health import HEALTHZ
from sandbox import Limits, Person, Sandbox

WAIT = 60
"""Seconds after which it is taken that what is waited for will not come."""
EXAMPLE = ROOT / "examples" / "format.yaml"


@dataclass
class Place:
    telegram: Sandbox
    folder: Path
    settings: dict[str, str]

    async def command(self, *words: str) -> int:
        """How it ended."""
        return (await self.typed(*words))[0]

    async def typed(self, *words: str) -> tuple[int, str]:
        """How it ended, and what it printed; what it says of mistakes nobody needs to see."""
        process = await create_subprocess_exec(
            *(executable, "-m", "bot", *words),
            cwd=ROOT,
            env=environ | self.settings,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
        )
        printed, _ = await process.communicate()
        return process.returncode or 0, printed.decode().strip()


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """With SQLite; whoever grows gives it another database."""
    with tempfile.TemporaryDirectory() as folder:
        async with Sandbox(limits=Limits.off(), guard=WAIT, calls_kept=None) as telegram:
            settings = {
                "BOT_TOKEN": telegram.token,
                "TELEGRAM_API_URL": telegram.url,
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
                "DATA_KEY": generate_key(),
                "LISTEN": "127.0.0.1:0",
                **FAST,
            }
            yield Place(telegram, Path(folder), settings)


async def follow(person: Person) -> None:
    await person.send("/start d-ivan-lodkin")
    await person.press("🔔 Follow")


async def lives(port: int) -> None:
    """As soon as a bot answers there."""
    async with timeout(WAIT), ClientSession() as client:
        while True:
            try:
                async with client.get(f"http://127.0.0.1:{port}{HEALTHZ}"):
                    return
            except (ClientError, OSError):
                await sleep(0.1)


def answers(person: Person) -> list[str]:
    return [message.text for message in person.messages if message.from_bot]


async def until(is_so: Callable[[], bool]) -> None:
    async with timeout(WAIT):
        while not is_so():  # noqa: ASYNC110
            await sleep(0.05)
