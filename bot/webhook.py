"""A webhook that answers 200 only after its update was handled, so that a kill loses none.

Telegram repeats what was not answered; what has been handled already is answered and not handled
again. Deliveries of one update wait for one another, in this process and, by way of Redis, in
others.

Whoever is slow delays nobody: Telegram waits for so many answers, then it sends nothing more.
Before that, those that wait for it (bot/waits.py) are let go: answered 200, though unfinished. They
run on; a kill just then would lose them, and so would an end that cannot wait for them.
"""

import asyncio
import hmac
import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Update
from aiohttp import ClientPayloadError, web

from bot.away import Support, is_any_trouble
from bot.clock import Clock
from bot.db import Sessions
from bot.polling import AT_ONCE, LET_GO, announce, feed, reached, read
from bot.services import updates
from bot.site import DRAIN, Site
from bot.tasks import end, unless
from bot.waits import can_wait, is_slow

PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
PATIENCE = 5
"""Seconds that a body may take to come."""
SECOND = 20
"""Seconds that a second delivery waits for the first; Telegram comes again."""
CONNECTIONS = 100
"""That Telegram opens: as many as it may (Bot API, "setWebhook"). Several processes share them."""
FULL = 20
"""Updates that Telegram waits for: fewer than each of three processes has of them."""
LOOK = 1.0
"""Seconds between two looks whether an update may be let go."""

MALFORMED = (
    *(ValueError, RecursionError, TimeoutError),
    *(ClientPayloadError, web.RequestPayloadError),
)
log = structlog.get_logger()


@dataclass
class Delivery:
    """An update that is being handled."""

    task: asyncio.Task[None]
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Handled, or let go: Telegram is told that it was taken."""


class Webhook:
    def __init__(
        self, bot: Bot, dispatcher: Dispatcher, sessions: Sessions, clock: Clock, secret: str
    ) -> None:
        self.bot = bot
        self.dispatcher = dispatcher
        self.sessions = sessions
        self.clock = clock
        self.secret = secret
        self.running: dict[int, Delivery] = {}
        """By the update's number, the oldest first."""
        self.notes = Support("the database that notes what was answered", is_any_trouble)

    @property
    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self.receive)]

    async def serve(self, site: Site, url: str, stop: asyncio.Event) -> None:
        """Until `stop` is set; then what runs is finished. `site`: where the routes are."""
        log.info("waiting for what Telegram sends")
        try:
            kinds = self.dispatcher.resolve_used_update_types()
            await reached(
                partial(
                    self.bot.set_webhook,
                    url + PATH,
                    secret_token=self.secret,
                    max_connections=CONNECTIONS,
                    allowed_updates=kinds,
                ),
                stop,
            )
            await unless(stop, announce(self.bot))
            await stop.wait()
        finally:
            await self.drain(site)

    async def drain(self, site: Site) -> None:
        """Finishes what runs; what takes too long is ended, and comes again unless let go."""
        closing = asyncio.create_task(site.close())
        await asyncio.wait({closing, *self.tasks()}, timeout=DRAIN)
        await end(*self.tasks())
        await closing

    def tasks(self) -> list[asyncio.Task[None]]:
        return [delivery.task for delivery in self.running.values()]

    async def receive(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), self.secret.encode()):
            return web.Response(status=401)
        try:
            async with asyncio.timeout(PATIENCE):
                body = await request.read()
            update = read(self.bot, numbered(json.loads(body)))
        except MALFORMED:
            return web.Response(status=400)
        try:
            await self.handle_once(update)
        except TimeoutError:
            return web.Response(status=503)
        return web.Response()

    async def handle_once(self, update: Update) -> None:
        """Until it is over. A second delivery while the first still runs waits for it."""
        first = self.running.get(update.update_id)
        delivery = first or self.begin(update)
        async with asyncio.timeout(SECOND if first else None):
            while not delivery.over.is_set():
                await asyncio.wait({delivery.task}, timeout=LOOK)
                self.unblock(delivery)
        if delivery.task.done():
            delivery.task.result()

    def begin(self, update: Update) -> Delivery:
        number = update.update_id
        task = asyncio.create_task(self.handle(update))
        self.running[number] = delivery = Delivery(task)
        task.add_done_callback(lambda _: self.running.pop(number).over.set())
        return delivery

    def unblock(self, delivery: Delivery) -> None:
        """Nobody is let go who waits for what all need, as for the database."""
        owed = [one for one in self.running.values() if not one.over.is_set()]
        slow = is_slow(delivery.task)
        late = can_wait(delivery.task) and len(self.running) - len(owed) < AT_ONCE
        if len(owed) < FULL or not (slow or late):
            return
        if slow:
            log.warning("a slow update is answered before it ends")
        delivery.over.set()
        let_go = [one for one in self.running.values() if one.over.is_set()]
        for one in let_go[:-LET_GO]:
            one.task.cancel()

    async def handle(self, update: Update) -> None:
        number = update.update_id
        # Nobody's number is 0: this is the line of one update, not of a person.
        line = StorageKey(self.bot.id, chat_id=number, user_id=0)
        async with self.dispatcher.fsm.events_isolation.lock(line):
            if await self.notes.outlast(partial(self.is_handled, number)):
                return
            await feed(self.dispatcher, self.bot, update)
            await self.notes.outlast(partial(self.note, number))

    async def is_handled(self, number: int) -> bool:
        async with self.sessions() as session:
            return bool(await updates.handled_among(session, [number]))

    async def note(self, number: int) -> None:
        async with self.sessions() as session:
            await updates.mark_handled(session, [number], self.clock.now())


def numbered(raw: object) -> dict[str, Any]:
    """An update, as far as its number tells; ValueError: none."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or type(number) is not int or not 0 <= number < 2**63:
        raise ValueError("no update")
    return raw
