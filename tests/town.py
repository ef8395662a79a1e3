"""A town to test in: the production assembly against a Telegram of its own, and a campaign.

async with town(database_url, "sac-2024.yaml") as t:
    anna = t.person("Anna", language="ru")
    await anna.send("/start")
    anna.sees("Комитет")
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

from bot.app import App, assembled, serve
from bot.clock import Clock
from bot.config import ALL, Duty, Settings
from bot.crypto import make_vault
from bot.dispatcher import ROUTERS
from bot.services import campaign_file
from sandbox import Limits, Person, Sandbox
from sandbox.calls import Call

EXAMPLES = Path(__file__).parent.parent / "examples"
TOKEN = "42:TEST"
KEY = "1:" + "A" * 43 + "="
VAULT = make_vault(KEY)
OWNER, OTHER_OWNER = 500_001, 500_002
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class TownClock(Clock):
    """Stands still until somebody moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Town:
    telegram: Sandbox
    app: App
    clock: TownClock
    opened: asyncio.Event
    stop: asyncio.Event
    running: asyncio.Task[None]

    def person(self, name: str = "Anna", **more: Any) -> Person:
        return self.telegram.person(name, **more)

    async def take_in(self, campaign: str | bytes) -> None:
        """A file of `examples/`, or the text of one."""
        data = (EXAMPLES / campaign).read_bytes() if isinstance(campaign, str) else campaign
        async with self.app.sessions() as session:
            await campaign_file.import_file(
                session, data, name="town.yaml", now=self.clock.now(), mark=VAULT.mark_of
            )

    async def halt(self) -> None:
        """As SIGTERM does."""
        self.stop.set()
        await self.running


class Gate:
    """Stands for the sandbox's sleep: an answer that is delayed waits until the gate is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.reached.set()
        await self.opened.wait()


def settings(database_url: str, telegram: Sandbox, **more: Any) -> Settings:
    return Settings(
        _env_file=None,
        bot_token=TOKEN,
        database_url=database_url,
        telegram_api_url=telegram.url,
        **{"listen": "127.0.0.1:0", "data_key": KEY} | more,
    )


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def webhook() -> dict[str, str]:
    port = free_port()
    return {
        "listen": f"127.0.0.1:{port}",
        "webhook_url": f"http://127.0.0.1:{port}",
        "webhook_secret": "secret",
    }


def polls(telegram: Sandbox) -> asyncio.Event:
    """Set as soon as the bot asks for updates: what it does at the start is done then."""
    polled = asyncio.Event()

    def look(_what: str, call: Call) -> None:
        if call.method == "getUpdates":
            polled.set()

    telegram.server.watchers.append(look)
    return polled


@asynccontextmanager
async def town(
    database_url: str,
    campaign: str | bytes | None = None,
    *,
    limits: Limits | None = None,
    telegram: Sandbox | None = None,
    clock: TownClock | None = None,
    duties: frozenset[Duty] = ALL,
    **more: Any,
) -> AsyncIterator[Town]:
    """`more`: settings, such as `**webhook()`. A `telegram` that is given outlives the town."""
    clock = clock or TownClock()
    own = telegram or Sandbox(token=TOKEN, now=clock.now, limits=limits or Limits.off())
    if telegram is None:
        await own.start()
    try:
        async with assembled(detached(settings(database_url, own, **more)), clock) as app:
            stop, opened = asyncio.Event(), polls(own)
            running = asyncio.create_task(serve(app, stop, duties))
            here = Town(own, app, clock, opened, stop, running)
            if campaign is not None:
                await here.take_in(campaign)
            try:
                yield here
            finally:
                await here.halt()
    finally:
        if telegram is None:
            await own.stop()


def detached(settings: Settings) -> Settings:
    """aiogram's routers belong to one dispatcher for ever; a test has its own."""
    for router in ROUTERS:
        router._parent_router = None
    return settings
