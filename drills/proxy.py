"""A proxy before several processes that answer: one after the other, and past those that are gone.

As any real one does. On demand it delivers each update to two of them at once, as Telegram may.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle

from aiohttp import ClientError, ClientSession, TCPConnector, web

PASSED_ON = ("Content-Type", "X-Telegram-Bot-Api-Secret-Token")


class Proxy:
    def __init__(self, port: int) -> None:
        self.port = port
        self.targets: Sequence[int] = ()
        self.turns = cycle([0])
        self.twice = False
        self.session: ClientSession | None = None

    def send_to(self, ports: Sequence[int]) -> None:
        self.targets, self.turns = ports, cycle(ports)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        times = 2 if self.twice else 1
        told = await asyncio.gather(
            *(self.passed(request.path, body, headers) for _ in range(times))
        )
        return web.Response(status=max(told))

    async def passed(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        assert self.session is not None
        for _ in self.targets:
            url = f"http://127.0.0.1:{next(self.turns)}{path}"
            try:
                async with self.session.post(url, data=body, headers=headers) as answer:
                    return answer.status
            except (ClientError, OSError):
                continue
        return 502


@asynccontextmanager
async def proxy(port: int) -> AsyncIterator[Proxy]:
    own = Proxy(port)
    site = web.Application()
    site.router.add_route("*", "/{path:.*}", own.handle)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    async with ClientSession(connector=TCPConnector(limit=0)) as own.session:
        try:
            yield own
        finally:
            await runner.cleanup()
