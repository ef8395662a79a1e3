"""Whether the bot lives, asked by whatever starts it anew if not."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web

from bot import health, pulse
from bot.site import serving

ROOT = Path(__file__).parent.parent


async def beats(site_routes: list[web.RouteDef], host: str = "127.0.0.1") -> bool:
    async with serving(site_routes, (host, 0), is_needed=True) as site:
        assert site.door is not None
        port = site.door.sockets[0].getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        return await asyncio.to_thread(pulse.beats, f"{shown}:{port}")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::"])
async def test_a_bot_that_lives_is_found_wherever_it_listens(host: str) -> None:
    assert await beats([web.get(health.HEALTHZ, health.inside(health.alive))], host)


async def test_one_that_has_no_answer_or_another_does_not_live(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fails(_request: web.Request) -> web.Response:
        raise web.HTTPServiceUnavailable

    async def hangs(_request: web.Request) -> web.Response:
        return await asyncio.sleep(1, web.Response())

    assert not await beats([web.get(health.HEALTHZ, fails)])
    assert not await beats([])
    assert not pulse.beats("127.0.0.1:1")
    monkeypatch.setattr(pulse, "WAIT", 0.05)
    assert not await beats([web.get(health.HEALTHZ, hangs)])


def test_to_ask_imports_next_to_nothing() -> None:
    """It is done every half a minute on the smallest of servers."""
    told = "import sys, bot.pulse; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", told], cwd=ROOT, capture_output=True, text=True, check=True
    )
    known = done.stdout.split()
    assert [name for name in known if name.startswith("bot")] == ["bot", "bot.pulse"]
    assert not {"asyncio", "ssl", "http.client", "aiohttp"} & set(known)
