"""The delivery of the towns of a test: quick, and one can wait until it has told all that is due.

    await delivery.rests(harbour)

Its clock is the town's. Nothing here waits for real time to pass.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import exists, or_, select

from bot.clock import Clock
from bot.db import Sessions
from bot.delivery import limiter, scheduler, sender
from bot.delivery.sender import Sender, within
from models import Delivery as Row
from models import Hold, Notice, State
from tests.town import Town

look = scheduler.look
SOON = 0.2
"""Seconds between two looks that nobody waits for."""


@dataclass
class Delivery:
    begun: int = 0
    ended: int = 0
    """Looks for what is due, of one town after another."""
    wanted: asyncio.Event = field(default_factory=asyncio.Event)
    senders: list[Sender] = field(default_factory=list)

    def hasten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scheduler, "look", self.look)
        monkeypatch.setattr(scheduler, "Sender", self.sender)
        monkeypatch.setattr(sender, "TICK", SOON)
        monkeypatch.setattr(sender, "UPKEEP", 0.0)
        monkeypatch.setattr(sender, "SETTLE", 0.0)
        monkeypatch.setattr(limiter, "PRIVATE", 0.0)
        monkeypatch.setattr(limiter, "GROUP", 0.0)

    def sender(self, *parts: Any, **more: Any) -> Sender:
        self.senders.append(made := Sender(*parts, **more))
        return made

    async def look(self, sessions: Sessions, clock: Clock) -> float:
        await within(SOON, self.wanted)
        self.wanted.clear()
        self.begun += 1
        await look(sessions, clock)
        self.ended += 1
        return 0

    async def rests(self, town: Town) -> None:
        """All is told that is due now, the imports until now included."""
        begun = self.begun

        async def has_looked() -> bool:
            self.wanted.set()
            return self.ended > begun

        async def has_told() -> bool:
            for one in self.senders:
                one.hungry.set()
            return await is_at_rest(town)

        await until(has_looked)
        await until(has_told)

    async def settles(self, town: Town) -> None:
        """And what has changed until now is told, though it is of no hurry."""
        await self.rests(town)
        town.clock.forward(minutes=2)
        await self.rests(town)


async def is_at_rest(town: Town) -> bool:
    now = town.app.clock.now()
    due = exists().where(Notice.expanded_at.is_(None), Notice.hold != Hold.PAUSED)
    at_work = exists().where(Row.state.in_((State.READY, State.LEASED)))
    awake = or_(Row.not_before.is_(None), Row.not_before <= now)
    woken = exists().where(Row.state == State.WAITING, awake)
    async with town.app.sessions() as session:
        return not await session.scalar(select(or_(due, at_work, woken)))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
