"""Calendars at private addresses, for programs that look every hour.

Whoever tries addresses learns nothing: each of them is looked up in the same way, and those that
lead nowhere have the same answer. Few requests are handled at once, so that a crowd of them leaves
the database to people; a calendar is made once, until the facts or somebody's choices change.
"""

import asyncio
import gzip
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import blake2b

import structlog
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.away import database_trouble
from bot.clock import Clock
from bot.config import CALENDARS
from bot.crypto import Vault
from bot.db import Sessions
from bot.i18n import SOURCE, speaking
from bot.services import calendar, campaign
from bot.services.calendar import Contents
from bot.services.facts import Facts, Memory, Version
from bot.services.subscribers import midnight
from models import Subscriber

AT_ONCE = 2
"""Connections to the database, of those that everybody shares (bot/db.py)."""
WAITING = 500
"""Requests; more are told to come later."""
LATER = {"Retry-After": "60"}
QUIET = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Nobody is led here, and nobody is told from where somebody comes."""
FRESH = {"Cache-Control": "private, max-age=300", "Vary": "Accept-Encoding"}
"""Whoever presses "refresh" wants to know what is."""
NOWHERE = {"Cache-Control": "no-store"}
PACKED = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)
log = structlog.get_logger()


@dataclass
class CalendarFeed:
    sessions: Sessions
    vault: Vault
    clock: Clock
    memory: Memory = field(default_factory=Memory)
    """Of calendars, packed: about 30 kB each at the most."""
    places: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, AT_ONCE))
    present: int = 0
    """Requests that are handled or wait."""

    @property
    def routes(self) -> list[web.RouteDef]:
        """GET and HEAD. The last part may be anything: all of it takes the same way."""
        return [web.get(CALENDARS + "{name:.*}", self.receive)]

    async def receive(self, request: web.Request) -> web.Response:
        if self.present >= WAITING:
            return web.Response(status=503, headers=QUIET | LATER)
        self.present += 1
        try:
            async with self.places:
                return await self.answered(request)
        except Exception as error:
            if not database_trouble(error):
                raise
            log.warning("a calendar cannot be read now", exc_info=True)
            return web.Response(status=503, headers=QUIET | LATER)
        finally:
            self.present -= 1

    async def answered(self, request: web.Request) -> web.Response:
        async with self.sessions() as session:
            found = await calendar.find(session, self.vault, request.match_info["name"])
            if found.subscriber is None:
                return web.Response(status=404, headers=QUIET | NOWHERE)
            contents = await calendar.contents(session, found.subscriber, self.clock.now())
            today = midnight(self.clock.now())
            tag = tag_of(found.version, contents, today)
            if is_known(request, tag):
                return web.Response(status=304, headers=QUIET | FRESH | {"ETag": f'W/"{tag}"'})
            facts = Facts(session, found.version, self.memory)
            make = partial(self.made, found.subscriber, facts, today)
            packed = await facts.read((contents, today), make)
        return filled(request, packed, tag)

    async def made(
        self, person: Subscriber, facts: Facts, today: datetime, session: AsyncSession
    ) -> bytes:
        """Packed; the file is written beside the event loop."""
        from bot.documents.calendar import calendar_of  # what the start can spare

        now, since = self.clock.now(), today - calendar.LOOK_BACK
        found = await calendar.dates(session, person, now, since)
        organisation = await campaign.organisation(session)

        def packed() -> bytes:
            return gzip.compress(calendar_of(found, organisation, person.timezone, now))

        with speaking(person.language or SOURCE):
            return await asyncio.to_thread(packed)


def tag_of(version: Version, contents: Contents, today: datetime) -> str:
    """Another one whenever the calendar may be another. Tokens of a version are random, so that
    nobody finds out by it what is followed."""
    whole = repr((version.number, version.tokens, contents, today)).encode()
    return blake2b(whole, digest_size=16).hexdigest()


def is_known(request: web.Request, tag: str) -> bool:
    return any(known.value in (tag, "*") for known in request.if_none_match or ())


def filled(request: web.Request, packed: bytes, tag: str) -> web.Response:
    headers = QUIET | FRESH | {"ETag": f'W/"{tag}"'}
    wants_packed = PACKED.search(request.headers.get("Accept-Encoding", ""))
    if wants_packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(
        body=packed if wants_packed else gzip.decompress(packed),
        headers=headers,
        content_type="text/calendar",
        charset="utf-8",
    )
