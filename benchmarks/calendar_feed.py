"""Private calendars over HTTP: `python -m benchmarks.calendar_feed`.

Whoever tries addresses must not learn by a clock whether one was ever right, so all that lead
nowhere are asked in turns: each figure that counts is a ratio of medians in one run.
"""

import asyncio
import random
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from aiohttp import ClientSession, web
from sqlalchemy import insert

from benchmarks.cards import fill
from benchmarks.table import Row, at_most, show
from bot.calendar_feed import CalendarFeed
from bot.clock import Clock
from bot.crypto import Vault, generate_key, make_vault
from bot.db import Sessions, dispose, make_engine, make_sessions
from bot.i18n import speaking
from bot.services import calendar
from bot.services.subscribers import find
from models import CalendarFeed as Feed
from models import Follow, Subject, Subscriber

FEEDS = 20_000
ROUNDS = 1500
ABREAST = 40
"""Who ask for wrong addresses at once, while somebody asks for a right one."""


async def people(sessions: Sessions, vault: Vault) -> None:
    """Each with an address of their own."""
    now = datetime.now(UTC)
    rows = [
        {"id": number, "chat_index": vault.index(number), "chat_sealed": b"-", "language": "en",
         "created_at": now, "seen_on": now}
        for number in range(1, FEEDS + 1)
    ]  # fmt: skip
    feeds = [
        {
            "subscriber_id": number,
            "address_index": secrets.token_bytes(32),
            "created_on": now.date(),
        }
        for number in range(1, FEEDS + 1)
    ]
    async with sessions() as session:
        await session.execute(insert(Subscriber), rows)
        await session.execute(insert(Feed), feeds)
        everything = {"subject": Subject.ALL, "thing_id": 0, "created_at": now}
        await session.execute(insert(Follow), [{"subscriber_id": 1, **everything}])
        await session.commit()


async def addresses(sessions: Sessions, vault: Vault) -> tuple[str, str]:
    """One that was replaced, and the right one, of the person who follows everything."""
    now = datetime.now(UTC)
    async with sessions() as session:
        person = (await find(session, vault, 1, now)).subscriber
        with speaking("en"):
            old = await calendar.make_address(session, vault, person, 1, now)
            return old, await calendar.make_address(session, vault, person, 1, now)


@asynccontextmanager
async def served(feed: CalendarFeed) -> AsyncIterator[str]:
    site = web.Application()
    site.add_routes(feed.routes)
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/calendar/"
    finally:
        await runner.cleanup()


async def took(client: ClientSession, url: str, status: int) -> float:
    """Seconds."""
    began = perf_counter()
    async with client.get(url) as answer:
        await answer.read()
        assert answer.status == status
    return perf_counter() - began


async def in_turns(client: ClientSession, base: str, old: str) -> dict[str, float]:
    """Median seconds by what is wrong with an address."""
    seconds: dict[str, list[float]] = {"wrong": [], "old": [], "malformed": [], "empty": []}
    for _ in range(ROUNDS):
        names = {
            "wrong": secrets.token_urlsafe(calendar.TOKEN) + calendar.SUFFIX,
            "old": old,
            "malformed": "%FF/" + "x" * 28,
            "empty": "",
        }
        for kind in random.sample(list(names), len(names)):
            seconds[kind].append(await took(client, base + names[kind], 404))
    return {kind: median(some) for kind, some in seconds.items()}


async def under_load(client: ClientSession, base: str, right: str) -> tuple[float, float]:
    """Wrong addresses a second, and median seconds of a right one meanwhile."""
    over, answered = asyncio.Event(), 0

    async def guesses() -> None:
        nonlocal answered
        while not over.is_set():
            await took(client, base + secrets.token_urlsafe(calendar.TOKEN), 404)
            answered += 1

    crowd = [asyncio.create_task(guesses()) for _ in range(ABREAST)]
    began = perf_counter()
    waits = [await took(client, base + right, 200) for _ in range(50)]
    passed = perf_counter() - began
    over.set()
    await asyncio.gather(*crowd)
    return answered / passed, median(waits)


async def rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder)}/bot.db"
        await fill(url, 2 * 2 * calendar.ENTRIES)
        engine, vault = make_engine(url), make_vault(generate_key())
        sessions = make_sessions(engine)
        await people(sessions, vault)
        old, right = await addresses(sessions, vault)
        async with (
            served(CalendarFeed(sessions, vault, Clock())) as base,
            ClientSession() as client,
        ):
            first = await took(client, base + right, 200)
            again = median([await took(client, base + right, 200) for _ in range(200)])
            nowhere = await in_turns(client, base, old)
            guesses, wait = await under_load(client, base, right)
        await dispose(engine)
    wrong = nowhere.pop("wrong")
    return [
        Row(f"a wrong address among {FEEDS:,}", f"{1000 * wrong:.2f} ms"),
        *(
            at_most(
                f"{kind} to wrong, whichever takes longer", max(one / wrong, wrong / one), 1.1, " ×"
            )
            for kind, one in nowhere.items()
        ),
        Row(f"a calendar of {calendar.ENTRIES} hearings, made anew", f"{1000 * first:.0f} ms"),
        at_most("… remembered, to a wrong address", again / wrong, 5, " ×"),
        Row(f"wrong addresses, {ABREAST} at once", f"{guesses:.0f}/s"),
        Row("… a right one meanwhile", f"{1000 * wait:.0f} ms"),
    ]


if __name__ == "__main__":
    show("Private calendars", asyncio.run(rows()))
