"""What the bot answers over HTTP, at one address: Telegram's webhook, calendars, how it is.

A request's head may take `HEAD` seconds to come. The address is for a proxy and for whoever watches
over the bot, not for people; but where it can be reached, nobody takes it away from others: of too
many connections the one that is idle for longest goes, and nothing is unpacked that came packed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler, Middleware

from bot.config import BadSettings

BODY = 1024 * 1024
"""Bytes of an update at the most; Telegram's own are far smaller."""
HEAD = 75
"""Seconds that the head of a request may take to come, or a connection be silent before it."""
MOST = 600
"""Connections; a process may often have 1024 open files, of which people need their share."""
UNREAD = 2
"""Seconds that the rest of a body is read and thrown away, when it was answered without."""
DRAIN = 8
"""Seconds that what runs may still take at the end; containers are killed after ten."""
log = structlog.get_logger()


Busy = set[web.RequestHandler]
"""Connections that wait for an answer."""


class Site:
    def __init__(self, routes: Iterable[web.RouteDef]) -> None:
        self.busy = Busy()
        own = web.Application(client_max_size=BODY, middlewares=[counting(self.busy)])
        own.add_routes(routes)
        self.runner = web.AppRunner(
            own,
            access_log=None,
            shutdown_timeout=DRAIN,
            keepalive_timeout=HEAD,
            lingering_time=UNREAD,
            auto_decompress=False,
            logger=faults,
        )
        self.door: asyncio.Server | None = None
        self.closed: asyncio.Task[None] | None = None

    async def open(self, address: tuple[str, int]) -> None:
        await self.runner.setup()
        loop = asyncio.get_running_loop()
        self.door = await loop.create_server(self.connection, *address)
        host, port = self.door.sockets[0].getsockname()[:2]
        log.info("answering over HTTP", host=host, port=port)

    def connection(self) -> asyncio.Protocol:
        """For somebody new; somebody who only holds one makes room."""
        server = self.runner.server
        assert server is not None
        there = [one for one in server.connections if one.transport is not None]
        if len(there) < MOST:
            return server()
        idle = next((one for one in there if one not in self.busy), None)
        if idle is None:
            return TurnedAway()
        idle.force_close()
        return server()

    async def close(self) -> None:
        """Nothing new is taken; what is being answered is finished. Twice is no harm."""
        self.closed = self.closed or asyncio.create_task(self.end())
        await asyncio.shield(self.closed)

    async def end(self) -> None:
        if self.door is not None:
            self.door.close()
        await self.runner.cleanup()


def counting(busy: Busy) -> Middleware:
    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        busy.add(request.protocol)
        try:
            return await handler(request)
        finally:
            busy.discard(request.protocol)

    return counted


class OfOurs(logging.Filter):
    """A head that cannot be read is no fault of the bot's, and may not fill its log."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, HttpProcessingError)


faults = logging.getLogger(__name__)
faults.addFilter(OfOurs())


class TurnedAway(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


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
