"""What somebody wants to be told of, and when not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import writing
from bot.services.errors import NotFound
from bot.services.subscribers import enrolled, remember
from models import ALERTS, LEADS, Kind, Subscriber

QUIET = ((22, 8), (23, 9), (0, 8), (20, 10))
"""Hours that are offered: from, until."""
SILENCE = (1, 7)
"""Days."""


class News(Enum):
    """How much of it is switched on."""

    ALL = auto()
    SOME = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True)
class Hears:
    """What their own choice leaves of all that somebody follows."""

    news: News
    reminders: bool
    silence: bool
    """Now, and nothing comes until it ends."""

    @property
    def nothing(self) -> bool:
        return self.news is News.NONE and not self.reminders


@dataclass(frozen=True, slots=True)
class Switch:
    """A bit of one of the subscriber's columns."""

    column: Literal["alerts", "leads"]
    bit: int


def alert(kind: str) -> Switch:
    if kind not in ALERTS:
        raise NotFound
    return Switch("alerts", ALERTS[Kind(kind)])


def lead(minutes: int) -> Switch:
    if minutes not in LEADS:
        raise NotFound
    return Switch("leads", LEADS[minutes])


async def turn(
    session: AsyncSession, vault: Vault, person: Subscriber, chat_id: int, switch: Switch, on: bool
) -> Subscriber:
    async with writing(session):
        kept = await enrolled(session, vault, person, chat_id)
        bits = getattr(kept, switch.column)
        setattr(kept, switch.column, bits | switch.bit if on else bits & ~switch.bit)
    return kept


async def quiet(
    session: AsyncSession, vault: Vault, person: Subscriber, chat_id: int, since: int, until: int
) -> Subscriber:
    """From the same hour until the same: never."""
    if since == until:
        hours: dict[str, int | None] = {"quiet_from": None, "quiet_until": None}
    elif (since, until) in QUIET:
        hours = {"quiet_from": since, "quiet_until": until}
    else:
        raise NotFound
    return await remember(session, vault, person, chat_id, **hours)


async def silence(
    session: AsyncSession, vault: Vault, person: Subscriber, chat_id: int, days: int, now: datetime
) -> Subscriber:
    if days not in (0, *SILENCE):
        raise NotFound
    until = now.replace(second=0, microsecond=0) + timedelta(days=days) if days else None
    return await remember(session, vault, person, chat_id, silent_until=until)


def hears(person: Subscriber, now: datetime) -> Hears:
    every = sum(ALERTS.values())
    some = News.SOME if person.alerts else News.NONE
    return Hears(
        news=News.ALL if person.alerts & every == every else some,
        reminders=person.leads != 0,
        silence=silent(person, now) is not None,
    )


def silent(person: Subscriber, now: datetime) -> datetime | None:
    """Until when, if it is so now."""
    until = person.silent_until
    return until if until and until > now else None
