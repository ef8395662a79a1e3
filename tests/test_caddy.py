"""deploy/Caddyfile, run by Caddy: two paths go through, and no address of a calendar is told."""

import asyncio
import os
import ssl
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest
from aiohttp import web

from bot.config import CALENDARS
from bot.health import HEALTHZ
from bot.webhook import PATH
from tests import IN_CI
from tests.town import free_port

FILE = Path(__file__).parent.parent / "deploy" / "Caddyfile"
OTHERS = [
    *("/", "/metrics", "/readyz", HEALTHZ, "/telegramx", f"{PATH}/x", "/calendar", "//metrics"),
    *(f"{CALENDARS}../metrics", f"{CALENDARS}%2e%2e/metrics", f"{CALENDARS}..%2fmetrics"),
    *(f"{PATH}/../metrics", "/%6detrics", f"{CALENDARS}a/../../metrics", f"/x/..{PATH}/../readyz"),
    "http://localhost/metrics",
]
KEY = "kJ3-private-address"


@dataclass
class Front:
    https: int
    http: int
    errors: Path
    process: Process
    behind: web.AppRunner

    async def answer(self, target: str, method: str = "GET") -> tuple[int, str]:
        """To a request as it stands: a client would tidy up the target first."""
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.https, ssl=anyone, server_hostname="localhost"
        )
        head = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: 0\r\n\r\n".encode())
        told = (await asyncio.wait_for(reader.read(), 30)).decode()
        writer.close()
        return int(told.split(" ", 2)[1]), told.partition("\r\n\r\n")[2]

    async def listens(self) -> bool:
        try:
            return bool(await self.answer(PATH))
        except OSError:
            return False


async def named(request: web.Request) -> web.Response:
    return web.Response(text=f"bot: {request.path}")


@asynccontextmanager
async def behind(port: int) -> AsyncIterator[web.AppRunner]:
    """What answers anything, as the bot would its own."""
    application = web.Application()
    application.router.add_route("*", "/{any:.*}", named)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield runner
    finally:
        await runner.cleanup()


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    if which("caddy") is None:
        (pytest.fail if IN_CI else pytest.skip)("Debian's caddy is not here")
    https, http, port = free_port(), free_port(), free_port()
    own = {"DOMAIN": "localhost", "ISSUER": "internal", "WEB_HOST": "localhost"}
    own |= {"HTTPS_PORT": str(https), "HTTP_PORT": str(http), "WEB_PORT": str(port)}
    own |= {"XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(tmp_path)}
    errors = tmp_path / "stderr"
    async with behind(port) as runner:
        with errors.open("wb") as told:
            process = await asyncio.create_subprocess_exec(
                *("caddy", "run", "--adapter", "caddyfile", "--config", str(FILE)),
                **{"env": os.environ | own, "stdout": told, "stderr": told},
            )
        try:
            here = Front(https, http, errors, process, runner)
            async with asyncio.timeout(60):
                while not await here.listens():
                    assert process.returncode is None, errors.read_text()
                    await asyncio.sleep(0.05)
            yield here
        finally:
            await ended(process)


async def ended(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()


async def test_telegram_and_calendars_go_through_and_nothing_else_does(front: Front) -> None:
    assert await front.answer(PATH, "POST") == (200, f"bot: {PATH}")
    calendar = f"{CALENDARS}{KEY}.ics"
    assert await front.answer(calendar) == (200, f"bot: {calendar}")
    for other in OTHERS:
        assert await front.answer(other) == (404, ""), other


async def test_plain_http_is_not_answered(front: Front) -> None:
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", front.http)


async def test_no_log_has_the_address_of_a_calendar(front: Front) -> None:
    await front.answer(f"{CALENDARS}{KEY}.ics")
    await front.behind.cleanup()
    status, _told = await front.answer(f"{CALENDARS}{KEY}.ics")
    assert status == 502
    await ended(front.process)
    assert "shutdown complete" in front.errors.read_text()
    assert KEY not in front.errors.read_text()
