"""The chat page over HTTP: its files, one WebSocket a page, files of messages.

Whoever opens any website has 127.0.0.1 at hand for it, so only what this server's own page asks is
answered: the Host must be this machine's own name (DNS rebinding gives a foreign one), and what
changes anything must carry the page's Origin.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import BodyPartReader, WSCloseCode, WSMessage, WSMsgType, web
from aiohttp.http_exceptions import BadHttpMessage

from .acts import Wrong, perform, upload
from .files import File
from .stage import Stage
from .wire import dumps

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FIRST = asyncio.FIRST_COMPLETED
PAGE = Path(__file__).parent / "page"
HERE = {"127.0.0.1", "localhost"}
# Characters told to a page that does not read; beyond that it gets the whole state instead.
MOST_WAITING = 4_000_000
MOST_AT_ONCE = 50  # acts of one page that are not done yet
LARGEST_UPLOAD = 20 * 1024 * 1024  # what a bot may download
TYPES = {
    ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml",
    ".png": "image/png", ".woff2": "font/woff2",
}  # fmt: skip
PREVIEWED = {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws://127.0.0.1:* ws://localhost:*; "
        "img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Page:
    """What one browser has yet to be told; a slow one forgets events and takes the whole state."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()
        self.size = 0
        self.done: deque[str] = deque()
        self.is_stale = True
        self.news = asyncio.Event()
        self.news.set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.room = asyncio.Event()
        self.is_gone = False

    def tell(self, text: str) -> None:
        if self.is_stale:
            return
        self.waiting.append(text)
        self.size += len(text)
        if self.size > MOST_WAITING:
            self.waiting.clear()
            self.size, self.is_stale = 0, True
        self.news.set()

    def answer(self, text: str) -> None:
        """Comes after the events that were told before it."""
        self.done.append(text)
        self.news.set()

    async def next(self, state: Callable[[], str]) -> str:
        while True:
            if self.is_stale:
                self.is_stale = False
                return state()
            if self.waiting:
                self.size -= len(self.waiting[0])
                return self.waiting.popleft()
            if self.done:
                self.room.set()
                return self.done.popleft()
            self.news.clear()
            await self.news.wait()


class Live:
    """`server.routes += Live(stage).routes()` before the server starts."""

    def __init__(self, stage: Stage, folder: Path = PAGE) -> None:
        self.stage = stage
        self.folder = folder
        self.pages: set[Page] = set()
        self.sockets: set[web.WebSocketResponse] = set()
        stage.watchers.append(self.tell)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", local(self.on_index)),
            web.get("/page/{file}", local(self.on_page)),
            web.get("/open/{file_id}", local(self.on_open)),
            web.get("/live", local(own(self.on_live))),
            web.post("/upload", local(own(self.on_upload))),
        ]

    def tell(self, event: Json) -> None:
        if self.pages:
            text = dumps(event)
            for page in self.pages:
                page.tell(text)

    async def close(self) -> None:
        """Every page is told that the server goes."""
        for socket in list(self.sockets):
            with suppress(ConnectionError, TimeoutError):
                await asyncio.wait_for(socket.close(code=WSCloseCode.GOING_AWAY), 1)

    # -- files -----------------------------------------------------------------------------

    async def on_index(self, request: web.Request) -> web.Response:
        return self.static("index.html")

    async def on_page(self, request: web.Request) -> web.Response:
        return self.static(request.match_info["file"])

    def static(self, name: str) -> web.Response:
        """Only what lies in the folder itself, whatever the name says."""
        known = {path.name: path for path in self.folder.glob("*") if path.suffix in TYPES}
        if name not in known:
            return web.Response(status=404, headers=HEADERS)
        body = known[name].read_bytes()
        kind = TYPES[known[name].suffix]
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=body, content_type=kind, charset=charset, headers=HEADERS)

    async def on_open(self, request: web.Request) -> web.Response:
        file = self.stage.telegram.world.files.by_id.get(request.match_info["file_id"])
        if file is None or not file.content:
            return web.Response(status=404, headers=HEADERS)
        return opened(file, inline="inline" in request.query)

    # -- the socket ------------------------------------------------------------------------

    async def on_live(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30, compress=False)
        await socket.prepare(request)
        page = Page()
        self.pages.add(page)
        self.sockets.add(socket)
        writing = asyncio.create_task(self.write(page, socket))
        try:
            async for message in socket:
                await self.hear(page, message)
        finally:
            self.pages.discard(page)
            self.sockets.discard(socket)
            await ended([writing, *page.tasks])
        return socket

    async def write(self, page: Page, socket: web.WebSocketResponse) -> None:
        """At the page's own pace; nobody waits for it."""
        try:
            while not socket.closed:
                await socket.send_str(await page.next(self.state))
        except ConnectionError:
            page.is_gone = True
            page.room.set()

    def state(self) -> str:
        return dumps(self.stage.state())

    async def hear(self, page: Page, message: WSMessage) -> None:
        """A page that asks faster than it is answered waits."""
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            task = asyncio.create_task(self.act(page, message.data))
            page.tasks.add(task)
            task.add_done_callback(page.tasks.discard)
        while len(page.tasks) + len(page.done) >= MOST_AT_ONCE and not page.is_gone:
            page.room.clear()
            await (page.room.wait() if page.done else asyncio.wait(page.tasks, return_when=FIRST))

    async def act(self, page: Page, data: str | bytes) -> None:
        number = None
        try:
            given = parsed(data)
            number = given.get("id")
            page.answer(dumps(done(number, result=await perform(self.stage, given))))
        except Wrong as wrong:
            page.answer(dumps(done(number, error={"code": wrong.code, "text": str(wrong)})))
        except Exception as error:
            logging.getLogger(__name__).exception("an act of a page failed")
            told = {"code": "failed", "text": type(error).__name__}
            page.answer(dumps(done(number, error=told)))

    # -- uploads ---------------------------------------------------------------------------

    async def on_upload(self, request: web.Request) -> web.Response:
        try:
            given: Json = {
                name: whole(request.query.get(name)) for name in ("as", "chat", "reply_to")
            }
            given["caption"] = request.query.get("caption", "")
            name, content, mime = await received(request)
            result = await upload(
                self.stage, given, name, content, as_document="document" in request.query, mime=mime
            )
        except Wrong as wrong:
            error = {"code": wrong.code, "text": str(wrong)}
            return told({"error": error}, 413 if wrong.code == "too_large" else 400)
        return told({"result": result})


# -- who may ask ---------------------------------------------------------------------------------


def local(handler: Handler) -> Handler:
    """Asked for by a name of this machine: through a tunnel the port may be another."""

    async def checked(request: web.Request) -> web.StreamResponse:
        try:
            host = urlsplit(f"//{request.headers.get('Host', '')}").hostname
        except ValueError:
            host = None
        if host not in HERE:
            return web.Response(status=403, headers=HEADERS)
        return await handler(request)

    return checked


def own(handler: Handler) -> Handler:
    """Asked for by this server's page: every browser says so in Origin."""

    async def checked(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Origin") != f"http://{request.headers.get('Host')}":
            return web.Response(status=403, headers=HEADERS)
        return await handler(request)

    return checked


# -- small parts -----------------------------------------------------------------------------------


def done(number: Any, **what: Any) -> Json:
    known = number if isinstance(number, int | str) else None
    return {"event": "done", "id": known, **{key: v for key, v in what.items() if v is not None}}


def parsed(data: str | bytes) -> Json:
    try:
        given = json.loads(data)
    except (ValueError, RecursionError):
        raise Wrong("bad_request", "no JSON") from None
    if not isinstance(given, dict):
        raise Wrong("bad_request", "no object")
    return given


def whole(value: str | None) -> int | None:
    try:
        return int(value or "")
    except ValueError:
        return None


async def received(request: web.Request) -> tuple[str, bytes, str | None]:
    """Name, content and type of the part "file"."""
    if not request.content_type.startswith("multipart/"):
        raise Wrong("bad_request", "no multipart form")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                content = await bounded(part)
                return part.filename or "file", content, part.headers.get("Content-Type")
    except (ValueError, BadHttpMessage, web.RequestPayloadError, ConnectionError) as error:
        raise Wrong("bad_request", type(error).__name__) from None
    raise Wrong("bad_request", 'no part "file"')


async def bounded(part: BodyPartReader) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        content += chunk
        if len(content) > LARGEST_UPLOAD:
            raise Wrong("too_large", f"at most {LARGEST_UPLOAD} bytes")
    return bytes(content)


def told(body: Json, status: int = 200) -> web.Response:
    return web.Response(
        text=dumps(body), status=status, content_type="application/json", headers=HEADERS
    )


def opened(file: File, *, inline: bool) -> web.Response:
    """A download, or a preview of what can do nothing in a browser."""
    kind = file.mime.partition(";")[0].strip().lower()
    if inline and kind.startswith("text/"):
        shown = "text/plain"
    else:
        shown = kind if inline and kind in PREVIEWED else "application/octet-stream"
    way = "inline" if shown != "application/octet-stream" else "attachment"
    name = quote(file.name.encode("utf-8", "replace"), safe="")
    headers = HEADERS | {"Content-Disposition": f"{way}; filename*=UTF-8''{name}"}
    if shown == "application/pdf":
        del headers["Content-Security-Policy"]  # browsers show PDF by a page of their own
    charset = "utf-8" if shown == "text/plain" else None
    return web.Response(body=file.content, content_type=shown, charset=charset, headers=headers)


async def ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
