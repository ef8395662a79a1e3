"""The Bot API over HTTP (core.telegram.org/bots/api#making-requests), on loopback only."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
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

HOST = "127.0.0.1"
QUIET = {"getupdates"}
NOT_FOUND = Refused(404, "Not Found")
UNAUTHORIZED = Refused(401, "Unauthorized")
TOO_LARGE = RuleBroken(413, "Request Entity Too Large")


class Server:
    """Takes calls of one bot, does them in its world, and writes them into `calls`."""

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

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self.on_call)
        app.router.add_get("/file/bot{token}/{path:.+}", self.on_file)
        app.router.add_route("*", "/{path:.*}", self.on_other)
        return app

    async def start(self, port: int = 0) -> str:
        """Listens on a free port (or the one given) of loopback; its address."""
        self.runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=1.0)
        await self.runner.setup()
        await web.TCPSite(self.runner, HOST, port).start()
        self.url = f"http://{HOST}:{self.runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        self.world.polling.close()
        await self.world.webhook.stop()
        if self.runner:
            await self.runner.cleanup()

    async def on_other(self, request: web.Request) -> web.Response:
        return answered(NOT_FOUND)

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
        name = request.match_info["method"]
        try:
            given, uploads = await self.parameters(request)
        except Refused as refusal:
            self.calls.note(Call(name, {}, self.world.now(), None, str(refusal), refusal.code,
                                 broken_rules(refusal)))  # fmt: skip
            return answered(refusal)
        faults = self.faults.take(name, given.get("chat_id")) if self.faults.waiting else []
        return await self.respond(request, name, given, uploads, faults)

    async def respond(
        self,
        request: web.Request,
        name: str,
        given: Json,
        uploads: dict[str, Upload],
        faults: list[Fault],
    ) -> web.StreamResponse:
        for delay in (fault for fault in faults if fault.kind == "delay"):
            await self.sleep(delay.seconds)
        fault = next((other for other in faults if other.kind != "delay"), None)
        if fault and fault.error:
            self.note_fault(name, given, fault.error)
            return answered(fault.error)
        if fault and fault.kind == "cut before":
            self.note_fault(name, given, Refused(0, "connection cut before handling"))
            return cut(request)
        result = await self.execute(name, given, uploads)
        return cut(request) if fault else result

    def note_fault(self, name: str, given: Json, error: Refused) -> None:
        method = schema.find(name)
        known = method.name if method else name
        self.calls.note(Call(known, given, self.world.now(), None, error.description, error.code))

    async def execute(self, name: str, given: Json, uploads: dict[str, Upload]) -> web.Response:
        """Does one call, from HTTP or from a webhook's answer."""
        method = schema.find(name)
        if method is None:
            return answered(NOT_FOUND)
        call = Call(method.name, given, self.world.now())
        if name.lower() not in QUIET:
            self.calls.note(call)
        try:
            call.answer = await self.perform(method, call, uploads)
        except Refused as refusal:
            call.error, call.code = refusal.description, refusal.code
            call.violations += broken_rules(refusal)
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
        if (request.content_length or 0) > limit + 64 * 1024:
            raise TOO_LARGE
        if request.content_type.startswith("multipart/"):
            form, uploads = await multipart(await request.multipart())
            given |= form
        elif request.can_read_body:
            given |= plain(request.content_type, await request.content.read())
        if any(len(upload.content) > limit for upload in uploads.values()):
            raise TOO_LARGE
        return given, uploads


def broken_rules(refusal: Refused) -> list[str]:
    return [refusal.description] if isinstance(refusal, RuleBroken) else []


def answered(refusal: Refused) -> web.Response:
    return reply(refusal.as_json(), refusal.code)


def reply(body: Json, status: int = 200) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return web.Response(
        body=text.encode("utf-8", "surrogatepass"), status=status, content_type="application/json"
    )


def cut(request: web.Request) -> web.StreamResponse:
    """The connection is gone; what is returned here reaches nobody."""
    if request.transport:
        request.transport.abort()
    return web.Response()
