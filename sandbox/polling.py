"""getUpdates: long polling, confirmation by offset, one poller at a time."""

from __future__ import annotations

import asyncio
from typing import Any

from .errors import Refused
from .updates import Updates

TERMINATED = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
BY_WEBHOOK = "Conflict: terminated by setWebhook request"


class Polling:
    """The present poller is the latest; those before it are told 409."""

    def __init__(self, updates: Updates) -> None:
        self.updates = updates
        self.latest = 0
        self.reason = TERMINATED
        self.closing = False

    def terminate(self, reason: str = TERMINATED) -> int:
        self.latest += 1
        self.reason = reason
        self.updates.wake()
        return self.latest

    def close(self) -> None:
        self.closing = True
        self.updates.wake()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """Up to `limit` updates from `offset` on; waits for the first at most `seconds`."""
        mine = self.terminate()
        self.updates.confirm_before(offset)
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            if self.latest != mine:
                raise Refused(409, self.reason)
            batch = self.updates.batch(limit)
            if batch or self.closing or loop.time() >= until:
                return batch
            await self.arrival(until - loop.time())

    async def arrival(self, seconds: float) -> None:
        self.updates.arrived.clear()
        try:
            await asyncio.wait_for(self.updates.arrived.wait(), seconds)
        except TimeoutError:
            return
