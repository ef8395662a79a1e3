"""A webhook that answers 200 only after its update was handled, so that a kill loses none.

Telegram repeats what was not answered; what has been handled already is answered and not handled
again. Deliveries of one update wait for one another, in this process and, by way of Redis, in
others.
"""

import asyncio
import hmac
from functools import partial

import structlog
from aiogram import Bot, Dispatcher
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Update
from aiohttp import web
from pydantic import ValidationError

from bot.away import Support, is_any_trouble
from bot.clock import Clock
from bot.config import BadSettings
from bot.db import Sessions
from bot.polling import announce, reached, unless
from bot.services import updates

PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
BODY = 1024 * 1024
"""Bytes of an update at the most; Telegram's own are far smaller."""
PATIENCE = 5
"""Seconds that a body may take to come."""
HEAD = 75
"""Seconds that the head of a request may take to come, or a connection be silent before it."""
SECOND = 20
"""Seconds that a second delivery waits for the first; Telegram comes again."""
DRAIN = 8
"""Seconds that what runs may still take at the end; containers are killed after ten."""

log = structlog.get_logger()


class Webhook:
    def __init__(
        self, bot: Bot, dispatcher: Dispatcher, sessions: Sessions, clock: Clock, secret: str
    ) -> None:
        self.bot = bot
        self.dispatcher = dispatcher
        self.sessions = sessions
        self.clock = clock
        self.secret = secret
        self.running: dict[int, asyncio.Event] = {}
        self.notes = Support("the database that notes what was answered", is_any_trouble)

    async def serve(self, address: tuple[str, int], url: str, stop: asyncio.Event) -> None:
        """Until `stop` is set; then what runs is finished."""
        site = web.Application(client_max_size=BODY)
        site.router.add_post(PATH, self.receive)
        runner = web.AppRunner(
            site, access_log=None, shutdown_timeout=DRAIN, keepalive_timeout=HEAD
        )
        await runner.setup()
        try:
            await listen(runner, address)
            kinds = self.dispatcher.resolve_used_update_types()
            await reached(
                partial(
                    self.bot.set_webhook,
                    url + PATH,
                    secret_token=self.secret,
                    allowed_updates=kinds,
                ),
                stop,
            )
            await unless(stop, announce(self.bot))
            await stop.wait()
        finally:
            await runner.cleanup()

    async def receive(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), self.secret.encode()):
            return web.Response(status=401)
        try:
            async with asyncio.timeout(PATIENCE):
                body = await request.read()
            update = Update.model_validate_json(body, context={"bot": self.bot})
        except (ValidationError, TimeoutError):
            return web.Response(status=400)
        if not 0 <= update.update_id < 2**63:
            return web.Response(status=400)
        try:
            await self.handle_once(update)
        except TimeoutError:
            return web.Response(status=503)
        return web.Response()

    async def handle_once(self, update: Update) -> None:
        """A second delivery while the first still runs waits for it."""
        number = update.update_id
        if first := self.running.get(number):
            await asyncio.wait_for(first.wait(), SECOND)
            return
        self.running[number] = asyncio.Event()
        try:
            await self.handle(update)
        finally:
            self.running.pop(number).set()

    async def handle(self, update: Update) -> None:
        number = update.update_id
        # Nobody's number is 0: this is the line of one update, not of a person.
        line = StorageKey(self.bot.id, chat_id=number, user_id=0)
        async with self.dispatcher.fsm.events_isolation.lock(line):
            if await self.notes.outlast(partial(self.is_handled, number)):
                return
            await self.dispatcher.feed_update(self.bot, update)
            await self.notes.outlast(partial(self.note, number))

    async def is_handled(self, number: int) -> bool:
        async with self.sessions() as session:
            return bool(await updates.handled_among(session, [number]))

    async def note(self, number: int) -> None:
        async with self.sessions() as session:
            await updates.mark_handled(session, [number], self.clock.now())


async def listen(runner: web.AppRunner, address: tuple[str, int]) -> None:
    try:
        await web.TCPSite(runner, *address).start()
    except OSError:
        raise BadSettings({"LISTEN": "cannot_listen"}) from None
    host, port = address
    log.info("waiting for what Telegram sends", host=host, port=port)
