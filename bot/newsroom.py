"""What happens in a demo to the next hearing: an import changes it, as a coordinator's would."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import TROUBLE, Sessions
from bot.delivery import notices
from bot.i18n import in_each
from bot.services import campaign_file
from bot.services.campaign_file import CampaignFileError
from bot.services.hearings import listed
from bot.views import due as words
from models import Hearing, HearingStatus

LOOK = 3.0
"""Seconds within which a bot that runs has looked."""
KNOWN = (HearingStatus.SCHEDULED, HearingStatus.CANCELLED)
CHANGES: dict[str, Callable[[Hearing], dict[str, Any]]] = {
    "moved": lambda hearing: {"starts_at": written(hearing.starts_at + timedelta(days=1))},
    "cancelled": lambda _: {"status": HearingStatus.CANCELLED.value},
    "restored": lambda _: {"status": HearingStatus.SCHEDULED.value},
}


@dataclass(frozen=True, slots=True)
class Newsroom:
    """`News` of a stage (sandbox/stage.py)."""

    sessions: Sessions
    mark: Callable[[str, str], str]

    async def coming(self, now: datetime) -> dict[str, Any] | None:
        try:
            async with self.sessions() as session:
                found = await next_hearing(session, now)
        except TROUBLE:
            return None
        return shown(found) if found else None

    async def change(self, what: str, now: datetime) -> None:
        async with self.sessions() as session:
            hearing = await next_hearing(session, now)
            if hearing is None:
                raise LookupError("no hearing is coming")
            new = {"slug": hearing.slug, **CHANGES[what](hearing)}
            try:
                await self.take_in(session, new | {"confirmed_at": written(now)}, now)
            except CampaignFileError:  # a later word is known, from before the clock was set back
                await self.take_in(session, new, now)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self.until_seen(session)

    async def until_seen(self, session: AsyncSession) -> None:
        """By the bot, if it runs: only then one knows when it is told."""
        while not await notices.is_seen(session):
            await session.rollback()
            await asyncio.sleep(0.1)

    async def take_in(self, session: AsyncSession, hearing: dict[str, Any], now: datetime) -> None:
        data = yaml.safe_dump({"hearings": [hearing]}).encode()
        await campaign_file.import_file(session, data, name="news.yaml", now=now, mark=self.mark)


async def next_hearing(session: AsyncSession, now: datetime) -> Hearing | None:
    query = listed(select(Hearing), now, past=False)
    ahead = query.where(Hearing.starts_at > now, Hearing.status.in_(KNOWN)).limit(1)
    found: Hearing | None = await session.scalar(ahead)
    return found


def shown(hearing: Hearing) -> dict[str, Any]:
    said = in_each(partial(words.named, hearing))
    is_off = hearing.status == HearingStatus.CANCELLED
    return {"at": hearing.starts_at.timestamp(), "cancelled": is_off, **said}


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
