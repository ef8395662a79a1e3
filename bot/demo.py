"""The bot to try without Telegram: a sandbox with a chat page, an invented campaign, one address.

Everything lives in a temporary folder and listens on this machine only. The bot is a process of
its own, as it is with Telegram, so that it can be killed and started again before one's eyes.
"""

import asyncio
import errno
import os
import secrets
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from bot.clock import Clock, SharedClock
from bot.config import Settings
from bot.crypto import generate_key, make_vault
from bot.db import TROUBLE, Sessions, dispose, make_engine, make_sessions
from bot.delivery import notices
from bot.i18n import in_each, language
from bot.migrate import migrate
from bot.newsroom import Newsroom
from bot.services import campaign as campaign_now
from bot.services import campaign_file
from bot.services.due import next_due
from bot.tasks import end
from bot.views import console as words
from bot.views import due as due_words
from bot.views.parts import shown_names
from models import Defendant
from sandbox import Sandbox
from sandbox.live import Live
from sandbox.stage import Due, Stage, StageClock

ROOT = Path(__file__).parent.parent
COMMAND = (sys.executable, "-m", "bot", "run")
CAMPAIGN = ROOT / "examples" / "format.yaml"
COORDINATORS = {"en": "Robin", "ru": "Саша"}
HISTORY = 10_000  # messages kept a chat
CALLS = 1_000
FILES = 256 * 1024 * 1024  # bytes
PORTS = 20  # tried, one after the other
GRACE = 5.0  # seconds that the bot may take to end with the demo
LAST_WORDS = 4_000  # bytes


class Failed(Exception):
    """The text tells why, in words for whoever started the demo."""


@dataclass(frozen=True, slots=True)
class Script:
    """A campaign file, and what its mistakes are told by."""

    name: str
    content: bytes


def invented() -> Script:
    return Script(CAMPAIGN.name, CAMPAIGN.read_bytes())


async def run(port: int, script: Script | None = None) -> None:
    """Until SIGINT, SIGTERM or SIGHUP; the address is printed as soon as the bot serves there."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with TemporaryDirectory(prefix="solidarity-demo-", ignore_cleanup_errors=True) as folder:
        async with performance(Path(folder), port, script) as (stage, bot):
            if await bot.serves(stop):
                print(words.demo_address(stage.telegram.url), flush=True)
                await stop.wait()


@asynccontextmanager
async def performance(
    folder: Path, port: int, script: Script | None = None
) -> AsyncIterator[tuple[Stage, "Child"]]:
    """The stage with everything on it; at the end nothing of it is left."""
    url = f"sqlite+aiosqlite:///{folder}/bot.db"
    shared, key = SharedClock(folder / "clock"), generate_key()
    async with (
        campaign(url, key, shared, script or invented()) as sessions,
        opened(shared, due_of(sessions), port, await read(sessions)) as stage,
    ):
        stage.news = Newsroom(sessions, make_vault(key).mark_of)
        first, *_others, last = stage.people
        owners = f"{last},{first}"  # two, for four eyes
        own = {"DATABASE_URL": url, "OWNERS": owners, "CLOCK_FILE": f"{folder}/clock"}
        own["DATA_KEY"] = key
        bot = stage.process = Child(stage, folder, environment(stage, **own))
        try:
            await bot.start()
            yield stage, bot
        finally:
            stage.calm()
            await bot.close()


@asynccontextmanager
async def campaign(url: str, key: str, clock: Clock, script: Script) -> AsyncIterator[Sessions]:
    """A database with the campaign; the hearings of the invented one are so many days from now."""
    engine = make_engine(url)
    try:
        await migrate(engine)
        sessions = make_sessions(engine)
        async with sessions() as session:
            await campaign_file.import_file(
                session,
                script.content,
                name=script.name,
                now=clock.now(),
                mark=make_vault(key).mark_of,
            )
        yield sessions
    finally:
        await dispose(engine)


@dataclass(frozen=True, slots=True)
class Played:
    """What the page has to know of the campaign."""

    zone: str = "UTC"
    somebody: dict[str, str] = field(default_factory=dict)
    """The name of one of its people, by language."""


async def read(sessions: Sessions) -> Played:
    async with sessions() as session:
        home = await campaign_now.organisation(session)
        first = await session.scalar(select(Defendant).order_by(Defendant.id).limit(1))
        return Played(home.timezone if home else "UTC", shown_names(first) if first else {})


@asynccontextmanager
async def opened(
    shared: SharedClock, due: Due, port: int, played: Played | None = None
) -> AsyncIterator[Stage]:
    """The sandbox with its page, and three people who have not begun to write yet."""
    clock = StageClock(lambda ahead: setattr(shared, "ahead", ahead))
    token = f"42:{secrets.token_urlsafe(24)}"  # no other website can guess it
    telegram = Sandbox(token, now=clock, history=HISTORY, calls_kept=CALLS)
    telegram.world.files.most = FILES
    about = played or Played()
    stage = Stage(telegram, clock, due=due, language=language(), zone=about.zone)
    stage.somebody = about.somebody
    invite(stage)
    live = Live(stage)
    telegram.server.routes += live.routes()
    await listen(telegram, port)
    looking = asyncio.create_task(stage.run())
    try:
        yield stage
    finally:
        await end(looking)  # while the database that it asks is there
        await live.close()
        await telegram.stop()


def invite(stage: Stage) -> None:
    own = language()
    stage.add_person("Alice", "en", "Europe/London", "supporter")
    stage.add_person("Вера", "ru", "Europe/Moscow", "writer")
    stage.add_person(COORDINATORS.get(own, "Robin"), own, "Europe/Moscow", "coordinator")


async def listen(telegram: Sandbox, port: int) -> None:
    """On this port, or on the next one that is free."""
    for number in range(port, min(port + PORTS, 65536)):
        try:
            await telegram.start(number)
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                reason = os.strerror(error.errno or 0)
                raise Failed(words.port_unusable(number, reason)) from None
        print(words.port_taken(number), file=sys.stderr, flush=True)
    raise Failed(words.no_port())


def due_of(sessions: Sessions) -> Due:
    """What has changed, or a reminder: whichever is told first."""

    async def due(now: datetime) -> dict[str, Any] | None:
        try:
            async with sessions() as session:
                found = await next_due(session, now)
                change = await notices.next_change(session, now)
        except TROUBLE:
            return None
        if change and (found is None or change <= found.at):
            return {"at": change.timestamp(), "told": None, **in_each(due_words.change)}
        if found is None:
            return None
        words = in_each(partial(due_words.due, found))
        return {"at": found.at.timestamp(), "told": found.told, **words}

    return due


def environment(stage: Stage, **own: str) -> dict[str, str]:
    """This process's, without the settings of any real bot, and with those of the demo's."""
    settings = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name.upper() not in settings}
    return {
        **kept,
        "BOT_TOKEN": stage.telegram.token,
        "LIFELINE": "1",
        "LISTEN": "127.0.0.1:0",
        "TELEGRAM_API_URL": stage.telegram.url,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]),
        **own,
    }


class Child:
    """The bot's process, which whoever looks at the page may end and start."""

    def __init__(self, stage: Stage, folder: Path, environment: dict[str, str]) -> None:
        self.stage = stage
        self.folder = folder
        self.environment = environment
        self.process: Process | None = None
        self.watching: asyncio.Task[None] | None = None
        self.restarting: asyncio.Task[None] | None = None
        self.ending = ""
        """How it was asked to end."""
        self.said = b""

    async def start(self) -> None:
        self.ending, self.said = "", b""
        self.stage.bot_is("starting")
        self.process = await asyncio.create_subprocess_exec(
            *COMMAND,
            cwd=self.folder,  # where no .env lies
            env=self.environment,
            stdin=PIPE,  # closed by the system when this process is killed: LIFELINE
            stdout=DEVNULL,
            stderr=PIPE,
            start_new_session=True,  # Ctrl-C is for the demo, which ends the bot itself
        )
        self.watching = asyncio.create_task(self.watch(self.process))

    async def watch(self, process: Process) -> None:
        assert process.stderr
        while chunk := await process.stderr.read(LAST_WORDS):
            self.said = (self.said + chunk)[-LAST_WORDS:]
        code = await process.wait()
        self.stage.bot_is(self.ending or "stopped", "" if self.ending else self.why(code))

    def why(self, code: int) -> str:
        """Its last words, or the signal that let it say nothing."""
        if code < 0:
            return signal.strsignal(-code) or str(code)
        return self.said.decode(errors="replace").strip() or str(code)

    async def serves(self, stop: asyncio.Event) -> bool:
        """As soon as it polls; False if `stop` came first. Failed: it ended by itself."""
        assert self.watching
        waits = [asyncio.create_task(event.wait()) for event in (self.stage.polls, stop)]
        await asyncio.wait([*waits, self.watching], return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        if self.watching.done():
            raise Failed(words.bot_ended(self.stage.reason))
        return not stop.is_set()

    async def kill(self) -> None:
        await self.end(signal.SIGKILL, "killed")

    async def stop(self) -> None:
        await self.end(signal.SIGTERM, "stopped")

    async def end(self, number: int, state: str) -> None:
        """LookupError: there is nothing to end."""
        if self.process is None or self.watching is None or self.watching.done():
            raise LookupError("no process")
        self.ending = state
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        await asyncio.shield(self.watching)

    async def restart(self) -> None:
        """Goes on when the page that asked for it is closed."""
        if self.restarting is None or self.restarting.done():
            self.restarting = asyncio.create_task(self.stop_and_start())
        await asyncio.shield(self.restarting)

    async def stop_and_start(self) -> None:
        with suppress(LookupError):
            await self.stop()
        await self.start()

    async def close(self) -> None:
        """For good: in order, or, if that takes too long, by force."""
        if self.restarting:
            self.restarting.cancel()
            await asyncio.gather(self.restarting, return_exceptions=True)
        for way in (self.stop, self.kill):
            with suppress(LookupError, TimeoutError):
                await asyncio.wait_for(way(), GRACE)
