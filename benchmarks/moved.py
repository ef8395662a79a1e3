"""A hearing that is moved, followers of its case, and the real bot that tells them.

For benchmarks and tests of delivery: nobody writes a notice by hand. The bot looks, finds that the
hearing is elsewhere than followers were told, and tells them.
"""

import asyncio
import os
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Select, delete, func, select, text

from benchmarks import crowd
from bot.clock import SharedClock
from bot.crypto import generate_key, make_vault
from bot.db import Sessions, dispose, make_engine, make_sessions
from bot.delivery.notices import CAMPAIGN, SETTLE
from bot.migrate import migrate
from bot.services import campaign_file
from models import Case, Delivery, HandledUpdate, Notice, Subject, Told
from sandbox import Sandbox

ROOT = Path(__file__).parent.parent
WAIT = 240
"""Seconds until it is taken that what is waited for will not come."""

PLACES = """
format: 1
organisation: {slug: harbour, name: {en: Harbour Fund, ru: Фонд «Гавань»}, timezone: Europe/Moscow}
courts:
  - slug: court
    name: {en: Kamensk City Court, ru: Каменский городской суд}
    city: {en: Kamensk, ru: Каменск}
    timezone: Asia/Yekaterinburg
    address: {en: "2 Sadovaya St, Kamensk", ru: "Каменск, ул. Садовая, 2"}
cases:
"""
CASE = """
  - slug: case-{n}
    title: {{en: The port strike case {n}, ru: Дело о портовой забастовке {n}}}
    summary: {{en: Dockers who stopped work for safety gear., ru: Докеры остановили работу.}}
    stage: trial
    defendants:
      - slug: person-{n}
        name: {{en: Ivan Lodkin, ru: Иван Лодкин}}
        who: {{en: "crane driver, union steward", ru: "крановщик, профорг"}}
        status: at_liberty
"""
HEARING = """
  - slug: hearing-{n}
    case: case-{n}
    court: court
    starts_at: "{starts}"
    kind: merits
    room: "12"
    judge: {{en: S. Orlova, ru: С. Орлова}}
    public: true
    status: scheduled
    confirmed_at: "{word}"
    source: lawyer
"""


def campaign(starts: datetime, others: datetime, word: datetime, cases: int = 1) -> bytes:
    """Cases with a hearing each: the first one's, which will be moved, and those of the others."""
    numbers = range(1, cases + 1)
    first = HEARING.format(n=1, starts=said(starts), word=said(word))
    rest = (HEARING.format(n=n, starts=said(others), word=said(word)) for n in numbers[1:])
    parts = [PLACES, *(CASE.format(n=n) for n in numbers), "hearings:", first, *rest]
    return "".join(parts).encode()


def said(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


# The bot, another process.


class Bot(Protocol):
    @property
    def returncode(self) -> int | None: ...
    def told(self) -> str: ...
    def send_signal(self, number: int, /) -> None: ...
    async def wait(self) -> int: ...


@dataclass
class Running:
    process: Process
    errors: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def returncode(self) -> int | None:
        return self.process.returncode

    def told(self) -> str:
        return self.errors.read_text()

    def send_signal(self, number: int) -> None:
        self.process.send_signal(number)

    async def wait(self) -> int:
        return await self.process.wait()


@asynccontextmanager
async def bot_process(telegram: Sandbox, **settings: str) -> AsyncIterator[Running]:
    """`python -m bot run`, the real one."""
    own = {"BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url, **settings}
    async with running("-m", "bot", "run", **own) as process:
        yield process


@asynccontextmanager
async def running(*words: str, **settings: str) -> AsyncIterator[Running]:
    """Python with these words; killed in the end if it still runs."""
    environment = os.environ | settings
    with tempfile.NamedTemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *words, cwd=ROOT, env=environment, stderr=errors
        )
        try:
            yield Running(process, Path(errors.name))
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def until(
    is_so: Callable[[], Awaitable[bool]],
    bot: Bot,
    pause: float = 0.01,
    within: float | None = WAIT,
) -> None:
    """Fails at once if the bot has ended, with what it said: nothing else would come any more.
    `within`: seconds; None: however long it takes."""
    async with asyncio.timeout(within):
        while not await is_so():
            if bot.returncode is not None:
                raise AssertionError(f"the bot has ended with {bot.returncode}:\n{bot.told()}")
            await asyncio.sleep(pause)


async def messages(telegram: Sandbox, number: int, bot: Bot) -> None:
    """Until the bot has sent so many, or tried to."""

    async def is_so() -> bool:
        return len(telegram.calls.of("sendMessage")) >= number

    await until(is_so, bot)


async def in_peace(here: "Campaign", telegram: Sandbox, number: int, bot: Bot) -> int:
    """Until the bot has sent so many; how many were answered and not yet settled, at the most."""
    most = 0

    async def is_so() -> bool:
        nonlocal most
        settled = await here.settled()
        sent = len(telegram.calls.of("sendMessage"))
        most = max(most, sent - settled)
        return sent >= number

    await until(is_so, bot)
    return most


FAST = {"SEND_RATE": "980", "PAID_BROADCAST": "true"}
"""Where it is to be seen how many answers a bot gives, and not how many Telegram takes."""


# What it tells of.


@dataclass
class Campaign:
    """In a database that the bot reads."""

    url: str
    sessions: Sessions
    clock: SharedClock
    clock_file: str
    cases: int
    key: str = field(default_factory=generate_key)
    starts: datetime = field(init=False)
    others: datetime = field(init=False)
    """When the hearings of the other cases are."""

    def settings(self, rate: int, **more: str) -> dict[str, str]:
        own = {"DATABASE_URL": self.url, "DATA_KEY": self.key, "CLOCK_FILE": self.clock_file}
        return own | {"SEND_RATE": str(rate), "PAID_BROADCAST": str(rate > 30).lower()} | more

    async def put(self, starts: datetime, word: datetime) -> None:
        """By a word of that moment."""
        self.starts, now = starts.replace(microsecond=0), self.clock.now()
        data = campaign(self.starts, self.others, word, self.cases)
        async with self.sessions() as session:
            mark = make_vault(self.key).mark_of
            await campaign_file.import_file(session, data, name="moved.yaml", now=now, mark=mark)

    async def follow(self, chats: Sequence[int], case: int = 1, **more: Any) -> None:
        thing = await self.ask(select(Case.id).where(Case.slug == f"case-{case}"))
        vault, now = make_vault(self.key), self.clock.now()
        await crowd.people(
            self.sessions, vault, chats, now, subject=Subject.CASE, thing=thing, **more
        )

    async def looked_at(self, bot: Bot) -> None:
        """Until the bot has written down how things are: what changes from now on is news."""

        async def is_so() -> bool:
            return await self.ask(select(func.count()).where(Told.subject == CAMPAIGN)) > 0

        await until(is_so, bot, 0.1)

    async def move(self, bot: Bot) -> None:
        """By an import. As soon as the bot has seen it, so much time passes that it is told."""
        seen = select(Told.facts).where(Told.subject == CAMPAIGN)

        async def is_seen() -> bool:
            return bool((await self.ask(seen))["seen"])

        await self.put(self.starts - timedelta(hours=1), self.clock.now())
        await until(is_seen, bot, 0.1)
        self.clock.ahead += SETTLE.total_seconds()

    async def told(self, number: int, bot: Bot) -> None:
        """Until so many messages are settled as sent."""

        async def is_so() -> bool:
            return await self.settled() >= number

        await until(is_so, bot, 0.1)

    async def settled(self) -> int:
        """How many are."""
        return int(await self.ask(select(func.coalesce(func.sum(Notice.sent), 0))))

    async def tidy(self) -> None:
        """Statistics of so many new rows, which a server would gather by itself in time."""
        async with self.sessions() as session:
            await session.execute(text("ANALYZE"))
            await session.commit()

    async def begin_anew(self) -> None:
        """Nothing is to be told, and another sandbox numbers its updates anew."""
        async with self.sessions() as session:
            for table in (Delivery, Notice, HandledUpdate):
                await session.execute(delete(table))
            await session.commit()

    async def ask(self, query: Select[Any]) -> Any:
        async with self.sessions() as session:
            return await session.scalar(query)


@asynccontextmanager
async def campaign_in(
    url: str, cases: int = 1, ahead: timedelta = timedelta(days=10)
) -> AsyncIterator[Campaign]:
    """Migrated; the first hearing is so far ahead."""
    engine = make_engine(url)
    try:
        await migrate(engine)
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/clock"
            clock = SharedClock(Path(file))
            here = Campaign(url, make_sessions(engine), clock, file, cases)
            now = clock.now()
            here.others = (now + 2 * ahead).replace(microsecond=0)
            await here.put(now + ahead, now - timedelta(hours=1))
            yield here
    finally:
        await dispose(engine)
