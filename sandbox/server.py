"""The Bot API over HTTP (core.telegram.org/bots/api#making-requests), on loopback only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from time import monotonic
from types import CoroutineType
from typing import Any

from aiohttp import web

from . import schema
from .calls import Call, Calls
from .errors import Refused, RuleBroken, broken
from .faults import Fault, Faults
from .files import Upload
from .methods import METHODS, Params
from .webhook import multipart, plain
from .world import World

Json = dict[str, Any]
Sleep = Callable[[float], Awaitable[Any]]
Watcher = Callable[[str, Call], None]

HOST = "127.0.0.1"
QUIET = {"getupdates"}
NOT_FOUND = Refused(404, "Not Found")
UNAUTHORIZED = Refused(401, "Unauthorized")
TOO_LARGE = RuleBroken(413, "Request Entity Too Large")
CUT = Refused(0, "connection cut before handling")
BESIDE = 64 * 1024
"""Bytes of a request beside the file that it brings."""


class Server:
    """Takes calls of one bot, does them in its world, and writes them into `calls`.

    `watchers` are told "began" and "ended" of every call, also of getUpdates. `routes`: what else
    this server answers.
    """

    def __init__(
        self, token: str, world: World, calls: Calls, faults: Faults, sleep: Sleep
    ) -> None:
        self.token = token
        self.world = world
        self.calls = calls
        self.faults = faults
        self.sleep = sleep
        self.runner: web.AppRunner | None = None
        self.url = ""
        self.watchers: list[Watcher] = []
        self.routes: list[web.RouteDef] = []

    def app(self) -> web.Application:
        app = web.Application(client_max_size=self.world.limits.upload + BESIDE)
        app.router.add_route("*", "/bot{token}/{method}", self.on_call)
        app.router.add_get("/file/bot{token}/{path:.+}", self.on_file)
        app.add_routes(self.routes)
        app.router.add_route("*", "/{path:.*}", self.on_other)
        return app

    async def start(self, port: int = 0) -> str:
        """Listens on a free port (or the one given) of loopback; its address. OSError: taken."""
        runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self.runner = runner
        self.url = f"http://{HOST}:{runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        self.world.polling.close()
        await self.world.webhook.stop()
        if self.runner:
            await self.runner.cleanup()

    async def on_other(self, request: web.Request) -> web.Response:
        """As anywhere, with the time of day above it."""
        answer = answered(NOT_FOUND)
        answer.headers["Date"] = format_datetime(self.world.now(), usegmt=True)
        return answer

    async def on_file(self, request: web.Request) -> web.Response:
        file = self.world.files.by_path.get(request.match_info["path"])
        if request.match_info["token"] != self.token:
            return answered(UNAUTHORIZED)
        if file is None or len(file.content) > self.world.limits.download:
            return answered(NOT_FOUND)
        return web.Response(body=file.content, content_type="application/octet-stream")

    async def on_call(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return answered(UNAUTHORIZED)
        name, since = request.match_info["method"], monotonic()
        try:
            given, uploads = await self.parameters(request)
        except Refused as refusal:
            self.refuse(Call(name, {}, self.world.now(), since=since), refusal)
            return answered(refusal)
        faults = self.faults.take(name, given.get("chat_id")) if self.faults.waiting else []
        return await self.respond(request, name, given, uploads, faults, since)

    async def respond(
        self,
        request: web.Request,
        name: str,
        given: Json,
        uploads: dict[str, Upload],
        faults: list[Fault],
        since: float,
    ) -> web.StreamResponse:
        for delay in (fault for fault in faults if fault.kind == "delay"):
            await self.sleep(delay.seconds)
        fault = next((other for other in faults if other.kind != "delay"), None)
        error = fault and (fault.error or (CUT if fault.kind == "cut before" else None))
        if error:
            method = schema.find(name)
            known = method.name if method else name
            self.refuse(Call(known, given, self.world.now(), since=since), error)
            return cut(request) if error is CUT else answered(error)
        result = await self.execute(name, given, uploads, since, lambda: is_gone(request))
        return cut(request) if fault else result

    def refuse(self, call: Call, refusal: Refused) -> None:
        """A call that comes to nothing before anything is done."""
        self.calls.note(call)
        with self.watched(call):
            failed(call, refusal)

    @contextmanager
    def watched(self, call: Call) -> Iterator[None]:
        self.tell("began", call)
        try:
            yield
        finally:
            call.seconds = monotonic() - call.since
            self.tell("ended", call)

    def tell(self, event: str, call: Call) -> None:
        for watcher in self.watchers:
            watcher(event, call)

    async def execute(
        self,
        name: str,
        given: Json,
        uploads: dict[str, Upload],
        since: float | None = None,
        gone: Callable[[], bool] = lambda: False,
    ) -> web.Response:
        """Does one call, from HTTP or from a webhook's answer.

        `gone`: a poller that hung up is told nothing, so nothing failed.
        """
        method = schema.find(name)
        if method is None:
            return answered(NOT_FOUND)
        call = Call(method.name, given, self.world.now(), since=since or monotonic())
        if name.lower() not in QUIET:
            self.calls.note(call)
        with self.watched(call):
            try:
                call.answer = await self.perform(method, call, uploads)
            except Refused as refusal:
                if not (name.lower() in QUIET and gone()):
                    failed(call, refusal)
                return answered(refusal)
        return reply({"ok": True, "result": call.answer})

    async def perform(self, method: schema.Method, call: Call, uploads: dict[str, Upload]) -> Any:
        implementation = METHODS.get(method.name.lower())
        if implementation is None:
            raise broken(f"sandbox: method {method.name} is not implemented")
        given = call.parameters | {
            name: f"attach://{name}" for name in uploads if name in method.parameters
        }
        params = Params(method.parse(given), uploads)
        call.parameters, call.violations = params, params.violations
        result = implementation(self.world, params)
        return await result if isinstance(result, CoroutineType) else result

    async def parameters(self, request: web.Request) -> tuple[Json, dict[str, Upload]]:
        """Query string and body, whatever the body's form."""
        given: Json = dict(request.query)
        uploads: dict[str, Upload] = {}
        limit = self.world.limits.upload
        if (request.content_length or 0) > limit + BESIDE:
            raise TOO_LARGE
        if request.content_type.startswith("multipart/"):
            form, uploads = await multipart(await request.multipart())
            given |= form
        elif request.can_read_body:
            given |= plain(request.content_type, await request.content.read())
        if any(len(upload.content) > limit for upload in uploads.values()):
            raise TOO_LARGE
        return given, uploads


def is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def failed(call: Call, refusal: Refused) -> None:
    call.error, call.code = refusal.description, refusal.code
    if isinstance(refusal, RuleBroken):
        call.violations.append(refusal.description)


def answered(refusal: Refused) -> web.Response:
    return reply(refusal.as_json(), refusal.code)


def reply(body: Json, status: int = 200) -> web.Response:
    """Always UTF-8: half of a surrogate pair becomes "?", or no poller could read on."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(
        body=text.encode("utf-8", "replace"), status=status, content_type="application/json"
    )


def cut(request: web.Request) -> web.StreamResponse:
    """The connection is gone; what is returned here reaches nobody."""
    if request.transport:
        request.transport.abort()
    return web.Response()
