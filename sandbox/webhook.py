"""Delivery of updates to a webhook (core.telegram.org/bots/api#setwebhook).

Updates of one chat come one after the other, chats side by side up to `max_connections`. A failed
one is tried again after 1, 2, 4 … 60 s; `retry()` does it at once, so that tests need no sleep.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, MultipartReader

from .errors import Refused, broken
from .files import Upload
from .updates import Pending, Updates

Json = dict[str, Any]
Execute = Callable[[str, Json, dict[str, Upload]], Awaitable[Any]]

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
PORTS = {None, 80, 88, 443, 8443}
LONGEST_DELAY = 60


class Webhook:
    """Where updates go when the bot does not poll; `url` is empty while it does."""

    def __init__(self, updates: Updates, execute: Execute) -> None:
        self.updates = updates
        self.execute = execute
        self.url = ""
        self.secret: str | None = None
        self.max_connections = 40
        self.error: tuple[int, str] | None = None
        self.delays: list[float] = []
        self.attempts = 0
        self.tried = asyncio.Event()
        self.busy: dict[str, asyncio.Task[None]] = {}
        self.sleeping: dict[str, asyncio.Event] = {}
        self.session: ClientSession | None = None
        updates.watchers.append(self.pump)

    async def set(self, url: str, secret: str | None, max_connections: int) -> None:
        await self.stop()
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self.error = None
        if url:
            self.session = ClientSession(timeout=ClientTimeout(total=60))
            self.pump()

    async def stop(self) -> None:
        self.url = ""
        tasks = [task for task in self.busy.values() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.busy.clear()
        if self.session:
            await self.session.close()
            self.session = None

    def pump(self) -> None:
        """Starts the delivery of whatever may go now."""
        if not self.url:
            return
        for pending in list(self.updates.pending.values()):
            if len(self.busy) >= self.max_connections:
                return
            key = queue_of(pending)
            if key not in self.busy:
                self.busy[key] = asyncio.create_task(self.deliver(key, pending))

    async def deliver(self, key: str, pending: Pending) -> None:
        failures = 0
        while not pending.confirmed.is_set():
            done = await self.attempt(pending)
            if not done:
                failures += 1
            self.tried.set()
            if not done:
                await self.pause(key, failures)
        self.busy.pop(key, None)
        self.pump()

    async def attempt(self, pending: Pending) -> bool:
        for _ in range(pending.copies):
            answer = await self.post(pending.update)
            if answer is None:
                self.attempts += 1
                return False
        if answer:
            await self.execute(*answer)
        self.updates.confirm([pending.id])
        self.attempts += 1
        return True

    async def post(self, update: Json) -> tuple[str, Json, dict[str, Upload]] | tuple[()] | None:
        """The method in the answer's body, () if there is none, None if the bot failed."""
        assert self.session
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        try:
            async with self.session.post(self.url, json=update, headers=headers) as response:
                if response.ok:
                    return await method_in(response)
                self.fail(f"Wrong response from the webhook: {response.status} {response.reason}")
        except (Refused, ValueError):
            return ()  # the bot has taken it; what it says back is not to be understood
        except (TimeoutError, ClientError, OSError) as error:
            self.fail("Connection refused" if isinstance(error, ClientError) else "Read timeout")
        return None

    def fail(self, text: str) -> None:
        self.error = (int(self.updates.now().timestamp()), text)

    async def pause(self, key: str, failures: int) -> None:
        delay = min(LONGEST_DELAY, 2 ** (failures - 1))
        self.delays.append(delay)
        self.sleeping[key] = asyncio.Event()
        try:
            await asyncio.wait_for(self.sleeping[key].wait(), delay)
        except TimeoutError:
            return
        finally:
            self.sleeping.pop(key, None)

    async def retry(self) -> None:
        """Tries every failed delivery again now, and returns when that was done."""
        while not self.sleeping and self.busy:
            await self.next_attempt()
        target = self.attempts + len(self.sleeping)
        for event in self.sleeping.values():
            event.set()
        while self.attempts < target:
            await self.next_attempt()

    async def next_attempt(self) -> None:
        self.tried.clear()
        await self.tried.wait()
        await asyncio.sleep(0)


def queue_of(pending: Pending) -> str:
    """Updates with the same key are never under way together."""
    body = pending.update[pending.kind]
    if not isinstance(body, dict):
        return pending.kind
    message = body["message"] if isinstance(body.get("message"), dict) else body
    for holder in (message.get("chat"), body.get("from"), body.get("user")):
        if isinstance(holder, dict):
            return str(holder.get("id"))
    return pending.kind


async def method_in(
    response: ClientResponse,
) -> tuple[str, Json, dict[str, Upload]] | tuple[()]:
    if response.content_type.startswith("multipart/"):
        given, uploads = await multipart(MultipartReader.from_response(response))
    else:
        given, uploads = plain(response.content_type, await response.read()), {}
    name = given.pop("method", None)
    return (str(name), given, uploads) if name else ()


def plain(content_type: str, body: bytes) -> Json:
    """Parameters from a JSON or urlencoded body; nothing from any other."""
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    if content_type != "application/json" or not body:
        return {}
    try:
        loaded = json.loads(body)
    except ValueError:
        raise broken("can't parse request body as JSON object") from None
    return loaded if isinstance(loaded, dict) else {}


async def multipart(reader: Any, limit: int | None = None) -> tuple[Json, dict[str, Upload]]:
    """Fields and files of a multipart body."""
    given: Json = {}
    uploads: dict[str, Upload] = {}
    async for part in reader:
        content = bytes(await part.read(decode=True))
        if part.filename is None:
            given[part.name or ""] = content.decode()
        else:
            mime = part.headers.get("Content-Type")
            uploads[part.name or ""] = Upload(part.filename, content, mime)
    return given, uploads


def check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise broken("invalid webhook URL specified") from None
    if host in LOOPBACK and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https" or not host:
        raise broken("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in PORTS:
        raise broken("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def check_secret(secret: str | None) -> None:
    """1–256 characters of A-Z a-z 0-9 _ -."""
    if secret and len(secret) > 256:
        raise broken("secret token is too long")
    if secret and not re.fullmatch(r"[A-Za-z0-9_\-]+", secret):
        raise broken("secret token contains unallowed characters")
