"""A backup every night, tried out by putting it back, and those of the past thinned out.

It is made by a process of its own: to encrypt and to count takes seconds, in which people would
wait for their answers, and memory that is given back at its end.
"""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.config import Settings
from bot.db import Sessions
from bot.keeping.remains import clear_drafts
from bot.services.campaign import local_now

HOUR = 3
"""Of the organisers' night."""
DAYS, WEEKS, MONTHS = 7, 4, 6
"""Of so many one backup each is kept, the newest."""
LOOK = 60.0
"""Seconds between two looks whether it is time."""
AGAIN = timedelta(hours=1)
"""After one that failed."""
PATIENCE = 3
"""Seconds in which its process has to end."""
NAME = re.compile(r"bot-(\d{4}-\d{2}-\d{2})\.age")
log = structlog.get_logger()


class Heard(Protocol):
    """Told of each that was made, or failed."""

    def __call__(self, now: datetime, /, *, is_good: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class LastBackup:
    """For whoever watches over the bot."""

    day: date | None = None
    """Of the newest that is whole; none: there is none."""
    failed_at: datetime | None = None
    """When making one failed, unless it has succeeded since."""
    why: str = ""
    """In words, without people; "": a fault of the bot's own, which the log tells."""


class Nightly:
    """What the process that sends does beside (`scheduler.Work`)."""

    def __init__(
        self,
        settings: Settings,
        heard: Heard = lambda _now, **_how: None,
        found: Callable[[datetime], None] = lambda _then: None,
    ) -> None:
        """`found`: told when the newest of those was made that are there."""
        self.settings, self.heard, self.found = settings, heard, found
        self.last = LastBackup()

    async def __call__(self, sessions: Sessions, clock: Clock) -> float:
        folder = self.settings.backup_dir
        if folder is None:
            return LOOK
        async with sessions() as session:
            local = await local_now(session, clock.now())
        days = await asyncio.to_thread(days_in, folder, local.date())
        self.last = LastBackup(max(days, default=None), self.last.failed_at, self.last.why)
        if self.last.day is not None:
            self.found(min(local, night_of(self.last.day, local)))
        if is_due(days, local) and not self.is_too_soon(local):
            await self.make(folder, local)
        return LOOK

    def is_too_soon(self, now: datetime) -> bool:
        """A clock that was set back delays nothing."""
        failed = self.last.failed_at
        return failed is not None and failed <= now < failed + AGAIN

    async def make(self, folder: Path, local: datetime) -> None:
        day = local.date()
        await asyncio.to_thread(ready, folder)
        why = await made_by_itself(folder / f"bot-{day}.age", self.settings)
        if why is not None:
            self.last = LastBackup(self.last.day, local, why)
            self.heard(local, is_good=False)
            log.error("the nightly backup failed", reason=why or "a fault of its own")
            return
        self.last = LastBackup(day)
        self.heard(local, is_good=True)
        log.info("the nightly backup is made and tried out")
        await asyncio.to_thread(thin_out, folder, day)


def night_of(day: date, local: datetime) -> datetime:
    return datetime.combine(day, time(HOUR), tzinfo=local.tzinfo)


def is_due(days: Collection[date], local: datetime) -> bool:
    """At three at night; at once, if the last one is older than a day."""
    today = local.date()
    if today in days:
        return False
    return local.hour >= HOUR or today - timedelta(days=1) not in days


def kept(days: Iterable[date]) -> set[date]:
    """The newest of each of the last days, weeks and months of which there is any."""
    newest_first = sorted(set(days), reverse=True)
    return {
        day
        for period, count in ((whole_day, DAYS), (week, WEEKS), (month, MONTHS))
        for day in newest_of_each(newest_first, period)[:count]
    }


def newest_of_each(newest_first: list[date], period: Callable[[date], object]) -> list[date]:
    found: dict[object, date] = {}
    for day in newest_first:
        found.setdefault(period(day), day)
    return list(found.values())


def whole_day(day: date) -> object:
    return day


def week(day: date) -> object:
    return day.isocalendar()[:2]


def month(day: date) -> object:
    return day.year, day.month


def days_in(folder: Path, today: date) -> set[date]:
    """Of the backups there; other files are none of ours.

    Those of days to come are left alone: the clock was wrong when they were made, or it is now. As
    the newest ones they would take the place of all that is made while they lie there.
    """
    days = set()
    with suppress(OSError):  # which making one will tell
        for file in folder.iterdir():
            if named := NAME.fullmatch(file.name):
                with suppress(ValueError):
                    days.add(date.fromisoformat(named[1]))
    return {day for day in days if day <= today}


def ready(folder: Path) -> None:
    """What hinders it, making the backup will tell."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        clear_drafts(folder)


def thin_out(folder: Path, today: date) -> None:
    days = days_in(folder, today)
    for day in days - kept(days):
        (folder / f"bot-{day}.age").unlink(missing_ok=True)


# Its process.


async def made_by_itself(file: Path, settings: Settings) -> str | None:
    """Why it failed, or nothing. It ends with us."""
    words = ("-m", "bot", "backup", str(file), "--try")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, env=environment(settings), stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            await ended(process)
    if process.returncode == 0:
        return None
    lines = errors.decode(errors="replace").strip().splitlines()
    return lines[0] if process.returncode == 1 and len(lines) == 1 else ""


async def ended(process: asyncio.subprocess.Process) -> None:
    """It takes along what it had begun to write."""
    process.send_signal(signal.SIGINT)
    try:
        async with asyncio.timeout(PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def environment(settings: Settings) -> dict[str, str]:
    given = {
        "DATABASE_URL": settings.database_url,
        "DATA_KEY": settings.data_key,
        "BACKUP_PASSPHRASE": settings.backup_passphrase,
        "BACKUP_RECIPIENT": settings.backup_recipient,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HOUSE), os.environ.get("PYTHONPATH")])),
    }
    return {**os.environ, **{name: value for name, value in given.items() if value}}


HOUSE = Path(__file__).parent.parent.parent
