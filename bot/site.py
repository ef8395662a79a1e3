"""What the bot answers over HTTP, at one address: Telegram's webhook, calendars, how it is.

A request's head may take `HEAD` seconds to come. The address is for a proxy and for whoever watches
over the bot, not for people.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from bot.config import BadSettings

BODY = 1024 * 1024
"""Bytes of an update at the most; Telegram's own are far smaller."""
HEAD = 75
"""Seconds that the head of a request may take to come, or a connection be silent before it."""
DRAIN = 8
"""Seconds that what runs may still take at the end; containers are killed after ten."""
log = structlog.get_logger()


class Site:
    def __init__(self, routes: Iterable[web.RouteDef]) -> None:
        own = web.Application(client_max_size=BODY)
        own.add_routes(routes)
        self.runner = web.AppRunner(
            own, access_log=None, shutdown_timeout=DRAIN, keepalive_timeout=HEAD
        )
        self.closed: asyncio.Task[None] | None = None

    async def open(self, address: tuple[str, int]) -> None:
        await self.runner.setup()
        await web.TCPSite(self.runner, *address).start()
        host, port = self.runner.addresses[0][:2]
        log.info("answering over HTTP", host=host, port=port)

    async def close(self) -> None:
        """Nothing new is taken; what is being answered is finished. Twice is no harm."""
        self.closed = self.closed or asyncio.create_task(self.runner.cleanup())
        await asyncio.shield(self.closed)


@asynccontextmanager
async def serving(
    routes: Iterable[web.RouteDef], address: tuple[str, int], *, is_needed: bool
) -> AsyncIterator[Site]:
    """Not needed: a bot that polls works without, as where two of them share a machine."""
    site = Site(routes)
    try:
        try:
            await site.open(address)
        except OSError:
            if is_needed:
                raise BadSettings({"LISTEN": "cannot_listen"}) from None
            log.warning("nothing is answered over HTTP: the address in LISTEN cannot be used")
        yield site
    finally:
        await site.close()
