"""/metrics, as it is asked for: what was counted, and what is looked up for it."""

import asyncio
from dataclasses import dataclass
from importlib import import_module
from time import monotonic

from aiohttp import web

from bot.clock import Clock
from bot.db import TROUBLE, Sessions
from bot.delivery.backlog import Backlog, backlog
from bot.delivery.limiter import Limiter
from bot.health import PATIENCE
from bot.metrics import Metrics

REMEMBERED = 5.0
"""Seconds for which the database is not asked again."""


@dataclass
class Scrape:
    metrics: Metrics
    limiter: Limiter
    sessions: Sessions
    clock: Clock
    backlog: Backlog | None = None
    looked_at: float = float("-inf")

    async def page(self, _request: web.Request) -> web.Response:
        """The library comes with the first one: nobody else has to wait for it at the start."""
        await asyncio.to_thread(import_module, "bot.exposition")
        from bot import exposition

        known = await self.known() if self.metrics.sends else None
        state = exposition.State(
            self.metrics, self.limiter, monotonic(), self.clock.now(), backlog=known
        )
        said = {"Content-Type": exposition.CONTENT_TYPE}
        return web.Response(body=exposition.page(state), headers=said)

    async def known(self) -> Backlog | None:
        if monotonic() - self.looked_at < REMEMBERED:
            return self.backlog
        self.looked_at, self.backlog = monotonic(), None
        try:
            async with asyncio.timeout(PATIENCE), self.sessions() as session:
                self.backlog = await backlog(session)
        except TROUBLE:
            pass
        return self.backlog
