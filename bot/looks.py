"""What the bot looks at in itself (bot/watch.py): one question a trouble."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from shutil import disk_usage
from time import monotonic

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.types import WebhookInfo
from aiohttp import ClientError
from yarl import URL

from bot.clock import Clock
from bot.db import Sessions
from bot.delivery import backlog
from bot.delivery.limiter import Limiter
from bot.health import Health, bounded
from bot.keeping.nightly import Nightly
from bot.metrics import Metrics
from bot.trouble import Trouble
from bot.watch import Look

LEAST, LEAST_PART = 200 * 2**20, 0.05
"""Bytes that are to be free on a disk, and which part of it."""
STUCK, STUCK_ELSEWHERE = timedelta(minutes=10), timedelta(minutes=30)
"""So long the same message is the next one to go. A process that does not send knows nothing of
Telegram's gate, which may be closed."""
FRESH = timedelta(days=2)
"""So old the last backup may be."""
LATELY = timedelta(minutes=5)
WRONG = timedelta(minutes=2)
"""So far from Telegram's the clock may be."""
FAR = timedelta(days=1)
"""So far from it, what is gone for ever would be what nobody meant."""
HANGING = 5
"""Seconds."""
UNHEARD = (ClientError, OSError, TimeoutError)


def of_ground(health: Health) -> Iterator[tuple[Trouble, Look]]:
    """What the bot stands on."""

    async def database() -> bool:
        return not (await bounded(health.database)).is_good

    async def redis() -> bool:
        return not (await bounded(health.shared)).is_good

    yield Trouble.DATABASE, database
    if health.redis is not None:
        yield Trouble.REDIS, redis


def of_disks(folders: Iterable[Path], metrics: Metrics) -> Iterator[tuple[Trouble, Look]]:
    paths = list(folders)

    async def disk() -> bool:
        return any([await asyncio.to_thread(is_nearly_full, path) for path in paths])

    async def full() -> bool:
        return metrics.is_full

    yield Trouble.DISK, disk
    yield Trouble.FULL, full


def of_backups(nightly: Nightly, metrics: Metrics, clock: Clock) -> Look:
    """Known to the process that sends, which makes them."""

    async def backup() -> bool | None:
        last = nightly.last
        if not metrics.sends:
            return None
        is_old = last.day is not None and clock.now().date() - last.day > FRESH
        return last.failed_at is not None or is_old

    return backup


def of_clock(courier: Bot, clock: Clock) -> Look:
    """By Telegram's."""

    async def is_wrong() -> bool | None:
        try:
            there = await time_at(courier)
        except UNHEARD:
            return None
        return None if there is None else abs(clock.now() - there) > WRONG

    return is_wrong


def may_forget(courier: Bot, clock: Clock) -> Callable[[], Awaitable[bool]]:
    """By a clock that is a year ahead all people are long gone. Telegram's certificate is past by
    it, too: while nothing is heard of Telegram, nothing is forgotten."""

    async def may() -> bool:
        try:
            async with asyncio.timeout(HANGING):
                there = await time_at(courier)
        except UNHEARD:
            return False
        return there is None or abs(clock.now() - there) < FAR

    return may


async def time_at(bot: Bot) -> datetime | None:
    """What stands above any answer of a server (RFC 9110, 6.6.1), to the second. One's own server
    of the Bot API may not say it."""
    session = bot.session
    assert isinstance(session, AiohttpSession)
    client, url = await session.create_session(), URL(session.api.base).origin()
    try:
        async with client.head(url, allow_redirects=False) as answer:
            return parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return None


def is_nearly_full(folder: Path) -> bool:
    usage = disk_usage(folder)
    return usage.free < max(LEAST, LEAST_PART * usage.total)


def of_token(health: Health, metrics: Metrics) -> Look:
    """Of a Telegram that is away nobody can be told there: that is a number for others."""

    async def token() -> bool | None:
        word = (await bounded(health.telegram)).word
        metrics.is_telegram_away = word == "no answer"
        return {"refused": True, "answers": False}.get(word)

    return token


@dataclass
class Reached:
    """Whether Telegram reaches the webhook. Where another process listens the address may not be
    known."""

    bot: Bot
    url: str | None
    health: Health
    clock: Clock
    waited_at: datetime | None = None
    """When what every update stands on was away last: that is told by itself, and what came
    meanwhile is no fault of the proxy's."""

    async def __call__(self) -> bool | None:
        now = self.clock.now()
        if not await is_on_its_feet(self.health):
            self.waited_at = now
        info = await self.bot.get_webhook_info(request_timeout=2)
        if self.url and info.url != self.url:
            return True
        is_theirs = self.waited_at is not None and now - self.waited_at < 2 * LATELY
        return None if is_theirs else is_unreached(info, now)


async def is_on_its_feet(health: Health) -> bool:
    asked = [health.database] if health.redis is None else [health.database, health.shared]
    return all(part.is_good for part in await asyncio.gather(*map(bounded, asked)))


def is_unreached(info: WebhookInfo, now: datetime) -> bool:
    """Telegram tried it lately, and something still waits there."""
    last = info.last_error_date
    is_late = last is not None and now - last < LATELY
    return is_late and info.pending_update_count > 0


@dataclass
class Sending:
    """Whether messages go out: somebody has the turn, and what is the next one goes."""

    health: Health
    sessions: Sessions
    metrics: Metrics
    limiter: Limiter
    clock: Clock
    next: int | None = None
    since: datetime | None = None

    def looks(self) -> Iterator[tuple[Trouble, Look]]:
        yield Trouble.NOBODY_SENDS, self.is_nobody_there
        yield Trouble.STUCK, self.is_stuck

    async def is_nobody_there(self) -> bool | None:
        return {"nobody": True, "somebody": False}.get((await bounded(self.health.sender)).word)

    async def is_stuck(self) -> bool:
        """What waits for the end of somebody's night, or for a chat, is not ready to go."""
        async with self.sessions() as session:
            head = await backlog.head(session)
        now = self.clock.now()
        may_wait = head.stands_still or self.limiter.closed_until > monotonic()
        if self.since is None or head.delivery != self.next or may_wait:
            self.next, self.since = head.delivery, now
        patience = STUCK if self.metrics.sends else STUCK_ELSEWHERE
        return head.delivery is not None and now - self.since >= patience
