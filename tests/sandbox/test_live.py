"""The page's server: one WebSocket a page, files, and who may ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import BufferedInputFile
from aiohttp import (
    ClientSession,
    FormData,
    WSMsgType,
    WSServerHandshakeError,
)

from sandbox import Person, Sandbox, live
from sandbox.live import Live, Page
from sandbox.stage import Stage, StageClock

from .browser import Browser
from .stock_bot import TOKEN, polling

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    clock = StageClock()
    telegram = Sandbox(TOKEN, now=clock, guard=5)
    yield Stage(telegram, clock)
    await telegram.stop()


@pytest.fixture
async def served(stage: Stage, tmp_path: Path) -> AsyncIterator[Live]:
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "index.html").write_text("<title>Page</title>")
    (tmp_path / "page" / "main.js").write_text("export {}")
    (tmp_path / "secret.js").write_text("secret")
    served = Live(stage, tmp_path / "page")
    stage.telegram.server.routes += served.routes()
    await stage.telegram.start()
    yield served
    await served.close()


@pytest.fixture
async def http(stage: Stage, served: Live) -> AsyncIterator[ClientSession]:
    async with ClientSession(stage.telegram.url, headers={"Origin": stage.telegram.url}) as http:
        yield http


@pytest.fixture
async def browser(http: ClientSession) -> AsyncIterator[Browser]:
    async with http.ws_connect("/live") as socket:
        yield Browser(socket)


@pytest.fixture
def anna(stage: Stage) -> Person:
    return stage.add_person("Anna", "ru", "Europe/Moscow", "writer")


@pytest.fixture
async def stock(stage: Stage, served: Live) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, session=stage.telegram.session()).context() as bot, polling(bot):
        yield bot


# -- the socket -----------------------------------------------------------------------------------


async def test_a_page_gets_the_state_and_then_what_happens(
    anna: Person, stock: Bot, browser: Browser
) -> None:
    state = await browser.next()
    assert state["event"] == "state"
    assert state["users"][0]["first_name"] == "Anna"
    done = await browser.asks("start", **{"as": anna.id})
    assert done["result"] == {"message_id": 1}
    assert (await browser.sees("message"))["message"]["text"] == "Hello"


async def test_what_was_told_comes_before_the_answer(anna: Person, browser: Browser) -> None:
    await browser.next()
    await browser.socket.send_json({"do": "start", "id": 1, "as": anna.id})
    assert [(await browser.next())["event"] for _ in range(3)] == ["message", "user", "done"]


async def test_two_pages_see_the_same_and_a_new_one_loses_nothing(
    anna: Person, stock: Bot, http: ClientSession, browser: Browser
) -> None:
    async with http.ws_connect("/live") as socket:
        other = Browser(socket)
        await browser.asks("start", **{"as": anna.id})
        texts = [(await other.sees("message"))["message"]["text"] for _ in "ab"]
        assert texts == ["/start", "Hello"]
        await browser.asks("trouble", slow=5)
        assert (await other.sees("troubles"))["troubles"]["slow"] == 5
    async with http.ws_connect("/live") as socket:
        state = await Browser(socket).next()
    assert [message["text"] for message in state["chats"][0]["messages"]] == ["/start", "Hello"]
    assert state["troubles"]["slow"] == 5


@pytest.mark.parametrize(
    ("sent", "code", "number"),
    [
        ("{", "bad_request", None),
        ("[]", "bad_request", None),
        ("[" * 100_000, "bad_request", None),
        ('{"id": 1}', "bad_request", 1),
        ('{"do": "fly", "id": "x"}', "unknown_action", "x"),
        ('{"do": "send", "as": {}, "id": {}}', "bad_request", None),
        ('{"do": "send", "as": 1001, "chat": 1001, "id": 2, "text": "%s"}' % ("x" * 99_999),
         "too_long", 2),
        ('{"do": "clock", "forward": NaN, "id": 3}', "bad_request", 3),
    ],
)  # fmt: skip
async def test_nonsense_is_answered_and_the_socket_stays(
    anna: Person, browser: Browser, sent: str, code: str, number: Any
) -> None:
    await browser.next()
    await browser.socket.send_str(sent)
    done = await browser.sees("done")
    assert (done["error"]["code"], done["id"]) == (code, number)
    await browser.socket.send_bytes(b"\xff\xfe")
    assert (await browser.sees("done"))["error"]["code"] == "bad_request"
    assert "result" in await browser.asks("start", **{"as": anna.id})


async def test_a_fault_of_ours_is_answered_too(
    stage: Stage, anna: Person, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "calm", None)
    assert (await browser.asks("calm"))["error"] == {"code": "failed", "text": "TypeError"}
    assert "result" in await browser.asks("start", **{"as": anna.id})


async def test_who_waits_for_the_bot_holds_up_nothing_else(anna: Person, browser: Browser) -> None:
    await browser.socket.send_json(
        {"do": "inline", "id": 1, "as": anna.id, "chat": anna.id, "query": "x"}
    )
    assert "result" in await browser.asks("start", **{"as": anna.id})


async def test_a_page_that_asks_too_much_at_once_waits(
    served: Live, anna: Person, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_AT_ONCE", 3)
    for number in range(50):
        await browser.socket.send_json(
            {"do": "send", "id": number, "as": anna.id, "chat": anna.id, "text": str(number)}
        )
    assert [(await browser.sees("done"))["id"] for _ in range(50)] == list(range(50))
    assert [message.text for message in anna.messages] == [str(n) for n in range(50)]


def test_a_slow_page_gets_the_whole_state_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST_WAITING", 100)
    page = Page()

    def read() -> list[str]:
        got = []
        while page.is_stale or page.waiting or page.done:
            got.append(asyncio.run(page.next(lambda: "state")))
        return got

    assert read() == ["state"]
    for number in range(10):
        page.tell(str(number) * 10)
    page.answer("done")
    assert len(read()) == 11
    for number in range(11):
        page.tell(str(number % 10) * 10)
    page.answer("done")
    page.tell("after")
    assert read() == ["state", "done"]
    page.tell("next")
    assert read() == ["next"]


async def test_a_dead_page_holds_up_nobody(
    stage: Stage, served: Live, anna: Person, stock: Bot, http: ClientSession, browser: Browser
) -> None:
    async with http.ws_connect("/live", max_msg_size=0) as dead:
        assert (await Browser(dead).next())["event"] == "state"
        for _ in range(20):  # more than sockets hold
            stage.tell("call", text="x" * 1_000_000)
            await browser.sees("call")
        await browser.asks("start", **{"as": anna.id})
        assert (await browser.sees("message"))["message"]["text"] == "Hello"
        assert max(page.size for page in served.pages) <= live.MOST_WAITING
        assert len(served.pages) == 2
        later = Browser(dead)
        assert (await later.sees("state"))["users"][0]["id"] == anna.id
        await stock.send_message(anna.id, "awake")
        while "awake" not in str(await later.next()):
            pass


async def test_pages_that_leave_are_forgotten(
    served: Live, http: ClientSession, browser: Browser
) -> None:
    await browser.next()
    async with http.ws_connect("/live") as socket:
        await Browser(socket).next()
        assert len(served.pages) == 2
    await browser.asks("calm")
    assert len(served.pages) == 1


async def test_pages_are_told_that_the_server_goes(served: Live, browser: Browser) -> None:
    await browser.next()
    closing = asyncio.create_task(served.close())
    message = await browser.socket.receive(timeout=5)
    assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)
    await closing


# -- who may ask ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "example.org", "Origin": "http://example.org"},  # DNS rebinding
        {"Host": "127.0.0.1.example.org", "Origin": "http://127.0.0.1.example.org"},
        {"Host": "[", "Origin": "http://["},
    ],
)
async def test_other_websites_are_refused(
    stage: Stage, served: Live, headers: dict[str, str]
) -> None:
    async with ClientSession(stage.telegram.url, headers=headers) as stranger:
        with pytest.raises(WSServerHandshakeError) as caught:
            await stranger.ws_connect("/live")
        assert caught.value.status == 403
        async with stranger.post("/upload", data={"file": "x"}) as answer:
            assert answer.status == 403
        if "Host" in headers:
            for path in ("/", "/page/main.js", "/open/document-1"):
                async with stranger.get(path) as answer:
                    assert answer.status == 403
    assert served.pages == set()


async def test_who_says_no_origin_is_refused(stage: Stage, served: Live) -> None:
    async with ClientSession(stage.telegram.url) as stranger:
        with pytest.raises(WSServerHandshakeError):
            await stranger.ws_connect("/live")


async def test_a_tunnel_to_another_port_is_let_in(stage: Stage, served: Live) -> None:
    own = {"Host": "localhost:9000", "Origin": "http://localhost:9000"}
    async with (
        ClientSession(stage.telegram.url, headers=own) as near,
        near.ws_connect("/live") as socket,
    ):
        assert (await Browser(socket).next())["event"] == "state"


# -- files ----------------------------------------------------------------------------------------


async def test_the_page_and_its_files(http: ClientSession) -> None:
    async with http.get("/") as index:
        assert (index.status, index.content_type) == (200, "text/html")
        assert "default-src 'self'" in index.headers["Content-Security-Policy"]
        assert index.headers["Cache-Control"] == "no-store"
    async with http.get("/page/main.js") as script:
        assert (script.status, script.content_type) == (200, "text/javascript")
    for path in ("/page/secret.js", "/page/%2e%2e%2fsecret.js", "/page/..%5csecret.js", "/page/"):
        async with http.get(path) as answer:
            assert answer.status == 404


async def test_files_of_messages_are_opened(
    stage: Stage, http: ClientSession, stock: Bot, anna: Person
) -> None:
    anna.user.started = True
    ics = BufferedInputFile(b"BEGIN:VCALENDAR", "Заседание.ics")
    sent = await stock.send_document(anna.id, ics)
    assert sent.document
    path = f"/open/{sent.document.file_id}"
    async with http.get(path) as answer:
        assert await answer.read() == b"BEGIN:VCALENDAR"
        assert answer.content_type == "application/octet-stream"
        assert answer.content_disposition
        assert answer.content_disposition.type == "attachment"
        assert answer.content_disposition.filename == "Заседание.ics"
    async with http.get(f"{path}?inline=1") as answer:
        assert answer.content_type == "text/plain"
    async with http.get("/open/document-99") as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.png", "image/png"),
        ("a.pdf", "application/pdf"),
        ("a.html", "text/plain"),
        ("a.svg", "application/octet-stream"),
        ("a.xhtml", "application/octet-stream"),
    ],
)
async def test_only_what_does_nothing_is_previewed(
    stage: Stage, http: ClientSession, name: str, shown: str
) -> None:
    file = stage.telegram.world.files.add(name, b"<script>")
    async with http.get(f"/open/{file.id}?inline=1") as answer:
        assert answer.content_type == shown
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def form(content: bytes, name: str = "facts.yaml", part: str = "file") -> FormData:
    data = FormData()
    data.add_field(part, content, filename=name)
    return data


async def test_uploads_reach_the_bot(
    stage: Stage, http: ClientSession, stock: Bot, anna: Person
) -> None:
    where = {"as": anna.id, "chat": anna.id}
    async with http.post("/upload", params=where, data=form(b"cases: []")) as answer:
        assert (await answer.json())["result"] == {"message_id": 1}
    await stage.telegram.settled()
    anna.sees("facts.yaml: 9 bytes")
    picture = {**where, "caption": "look"}
    async with http.post("/upload", params=picture, data=form(PNG, "a.png")) as answer:
        assert answer.status == 200
    assert anna.messages[-1].photo
    assert anna.messages[-1].text == "look"
    plain = {**where, "document": "1"}
    async with http.post("/upload", params=plain, data=form(PNG, "a.png")) as answer:
        assert answer.status == 200
    assert any(message.document for message in anna.messages[-2:])


UNREADABLE = (
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n'
    b"Content-Type: %s\r\n\r\nx\r\n--b--\r\n"
)


@pytest.mark.parametrize(
    ("name", "mime", "told_name", "told_mime"),
    [
        (b"\xff\xfe.txt", b"text/plain", "\ufffd\ufffd.txt", "text/plain"),
        (b"a.txt", b"te\xffxt/plain", "a.txt", "text/plain"),
        (b"a.pdf", b"x" * 3000, "a.pdf", "application/pdf"),
        (b"n" * 3000 + b".yaml", b"text/yaml; charset=utf-8", "n" * 115 + ".yaml", "text/yaml"),
        (b"../../etc/passwd", b"text/plain", "passwd", "text/plain"),
        (b" \xe2\x80\xae ", b"text/plain", "file", "text/plain"),
    ],
)
async def test_names_and_types_of_any_bytes_do_no_harm(
    stage: Stage,
    http: ClientSession,
    stock: Bot,
    anna: Person,
    name: bytes,
    mime: bytes,
    told_name: str,
    told_mime: str,
) -> None:
    where = {"as": anna.id, "chat": anna.id}
    head = {"Content-Type": "multipart/form-data; boundary=b"}
    body = UNREADABLE % (name, mime)
    async with http.post("/upload", params=where, data=body, headers=head) as answer:
        assert answer.status == 200
    await stage.telegram.settled()  # the bot goes on
    document = anna.messages[0].document
    assert document
    assert (document.name, document.mime) == (told_name, told_mime)


async def test_an_answer_is_always_utf_8(stage: Stage, http: ClientSession, anna: Person) -> None:
    anna.user.started = True
    call = f"{stage.telegram.url}/bot{TOKEN}/sendMessage"
    half = b'{"chat_id": %d, "text": "half \\ud83d of it"}' % anna.id
    json_type = {"Content-Type": "application/json"}
    async with http.post(call, data=half, headers=json_type) as answer:
        assert "half ? of it" in (await answer.read()).decode()


async def test_wrong_uploads_are_told(
    http: ClientSession, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LARGEST_UPLOAD", 100)
    where = {"as": anna.id, "chat": anna.id}
    for params, data, status, code in (
        (where, form(b"x" * 101), 413, "too_large"),
        (where, form(b""), 400, "empty"),
        (where, form(b"x", part="other"), 400, "bad_request"),
        (where, b"no form", 400, "bad_request"),
        ({"as": "nobody", "chat": anna.id}, form(b"x"), 400, "bad_request"),
        ({"as": 5, "chat": anna.id}, form(b"x"), 400, "unknown_person"),
        ({**where, "caption": "x" * 1025}, form(b"x"), 400, "too_long"),
    ):
        async with http.post("/upload", params=params, data=data) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (status, code)
    broken = {"Content-Type": "multipart/form-data; boundary=b"}
    for name in (b"\x00", b"x" * 20_000):
        data = UNREADABLE % (name, b"text/plain")
        async with http.post("/upload", params=where, data=data, headers=broken) as answer:
            assert json.loads(await answer.read())["error"]["code"] == "bad_request"
    async with http.post("/upload", params=where, data=b"--y", headers=broken) as answer:
        assert json.loads(await answer.read())["error"]["code"] == "bad_request"
    assert anna.messages == []


async def test_the_oldest_files_make_room(stage: Stage) -> None:
    files = stage.telegram.world.files
    files.most = 10
    first = files.add("a", b"12345")
    second = files.add("b", b"123456")
    assert list(files.by_id) == [second.id]
    assert first.path not in files.by_path
    files.add("c", b"x" * 100)
    assert [file.name for file in files.by_id.values()] == ["c"]
