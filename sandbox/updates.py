"""The queue of updates, and who waits for what in it (core.telegram.org/bots/api#getupdates)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

Json = dict[str, Any]

KEPT = timedelta(hours=24)
# Telegram sends these only to bots that ask for them
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(slots=True, eq=False)
class Pending:
    """An update the bot has not confirmed; `confirmed` is set when it has (or when dropped)."""

    update: Json
    at: datetime
    copies: int = 1
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def id(self) -> int:
        return int(self.update["update_id"])

    @property
    def kind(self) -> str:
        return next(key for key in self.update if key != "update_id")


class Updates:
    """Unconfirmed updates by id, oldest first."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.pending: OrderedDict[int, Pending] = OrderedDict()
        self.next_id = 1
        self.allowed: list[str] = []
        self.duplicates = 0
        self.arrived = asyncio.Event()
        self.watchers: list[Callable[[], None]] = []

    def wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in ON_REQUEST

    def put(self, update: Json, *, always: bool = False) -> Pending:
        """Queues an update (its id is given here); one the bot did not ask for is confirmed."""
        update = {"update_id": self.next_id, **update}
        pending = Pending(update, self.now())
        self.next_id = pending.id + 1
        if not always and not self.wants(pending.kind):
            pending.confirmed.set()
            return pending
        if self.duplicates:
            self.duplicates -= 1
            pending.copies = 2
        self.pending[pending.id] = pending
        self.wake()
        return pending

    def wake(self) -> None:
        self.arrived.set()
        for watcher in self.watchers:
            watcher()

    def confirm(self, identifiers: Iterable[int]) -> None:
        for identifier in list(identifiers):
            if pending := self.pending.pop(identifier, None):
                pending.confirmed.set()

    def confirm_before(self, offset: int) -> None:
        """A negative offset keeps that many from the end; the rest is forgotten."""
        self.expire()
        if offset < 0:
            self.confirm(list(self.pending)[:offset])
        else:
            self.confirm([identifier for identifier in self.pending if identifier < offset])

    def expire(self) -> None:
        oldest = self.now() - KEPT
        self.confirm([key for key, pending in self.pending.items() if pending.at < oldest])

    def batch(self, limit: int) -> list[Json]:
        found = (p.update for p in self.pending.values() for _ in range(p.copies))
        return list(islice(found, limit))

    def drop(self) -> None:
        self.confirm(list(self.pending))
