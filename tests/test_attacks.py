"""Whoever reaches the bot's address, or floods it, takes it away from nobody."""

import asyncio
import csv
import gc
import gzip
import io
import json
import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FunctionType, ModuleType
from unittest.mock import AsyncMock

import pytest
from aiogram.fsm.storage.base import StorageKey
from aiohttp import InvalidURL, web
from hypothesis import given
from hypothesis import strategies as st

from bot import kept_dialogs, logs, site
from bot.db import Sessions
from bot.delivery.limiter import IDLE, Limiter
from bot.documents.table import FORMULA, table
from bot.fsm import BlindKeys
from bot.kept_dialogs import KeptDialogs
from bot.middlewares import Throttle
from bot.services import tally as tally_module
from bot.services.tally import Tally
from bot.webhook import SECRET_HEADER
from sandbox import Limits, Person, Sandbox
from tests.delivery import Delivery
from tests.test_proposals import ELSEWHERE, comes, opens, proposes
from tests.test_questions import asks
from tests.test_questions import opens as opens_question
from tests.town import (
    KEY,
    OTHER_OWNER,
    OWNER,
    TOKEN,
    VAULT,
    Town,
    TownClock,
    free_port,
    town,
    webhook,
)

pytestmark = pytest.mark.either_database
ROOT = Path(__file__).parent.parent
HEAD = "POST /telegram HTTP/1.1\r\nHost: x\r\n"
SECRET = f"{SECRET_HEADER}: secret\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def hooked(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url, "format.yaml", **webhook()) as here:
        await here.person("Zoe").send("/start")  # answered as soon as it listens
        yield here


@asynccontextmanager
async def connected(here: Town, *said: str) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection(*here.app.settings.address)
    try:
        for words in said:
            writer.write(words.encode("latin-1"))
        yield reader, writer
    finally:
        writer.close()


async def status(here: Town, *said: str) -> int:
    """Of the first answer."""
    async with connected(here, *said) as (reader, _writer):
        line = await asyncio.wait_for(reader.readline(), 20)
        return int(line.split()[1])


async def answers(person: Person) -> None:
    await person.send("/help")
    person.sees("What this bot does")


# The webhook.


@pytest.mark.parametrize(
    "given",
    ["", "secre", "secret2", "Secret", "secret " * 900, "\u00e9" * 20, "secret, secret"],
    ids=["empty", "part", "longer", "case", "long", "other letters", "twice"],
)
async def test_a_wrong_secret_is_refused_before_its_body_comes(hooked: Town, given: str) -> None:
    said = f"{HEAD}{SECRET_HEADER}: {given}\r\nContent-Length: 1000000\r\n\r\n"
    assert await status(hooked, said) == 401


@pytest.mark.parametrize("head", [HEAD, HEAD + SECRET])
async def test_what_is_packed_is_not_unpacked(hooked: Town, head: str) -> None:
    """20 kB of it would be 20 MB, and a thousandth of a second of the sender's a second of ours."""
    bomb = gzip.compress(b" " * 20_000_000)
    length = f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    refused = 401 if head == HEAD else 400
    assert await status(hooked, head + length, bomb.decode("latin-1")) == refused


async def test_a_body_that_comes_in_parts_is_cut_off_too(hooked: Town) -> None:
    part = "10000\r\n" + "x" * 0x10000 + "\r\n"
    chunked = f"{HEAD}{SECRET}Transfer-Encoding: chunked\r\n\r\n"
    assert await status(hooked, chunked, part * (site.BODY // 0x10000 + 1)) == 413


SMUGGLED = [
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxx",
    "Content-Length: -1\r\n\r\n",
    "Content-Length: +5\r\n\r\nxxxxx",
    "Content-Length: 0x5\r\n\r\nxxxxx",
    "Content-Length: 99999999999999999999999\r\n\r\n",
    "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    " Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "X: a\x00b\r\n\r\n",
    "X: " + "x" * 9000 + "\r\n\r\n",
    "".join(f"X{number}: x\r\n" for number in range(200)) + "\r\n",
]
"""Heads that a proxy before the bot may read otherwise (RFC 9112, 6.3, 11.2), or nobody sends."""


@pytest.mark.parametrize("rest", SMUGGLED, ids=[repr(rest[:30]) for rest in SMUGGLED])
async def test_a_head_with_two_meanings_ends_the_connection(
    hooked: Town, rest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever follows in it is no request of its own; and nobody fills the log by it."""
    logs.configure("console")
    behind = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    async with connected(hooked, HEAD, SECRET, rest, behind) as (reader, _writer):
        answer = await asyncio.wait_for(reader.read(), 20)
    assert re.match(rb"HTTP/1\.[01] 400 ", answer)
    assert answer.count(b"HTTP/1.") == 1
    await answers(hooked.person())
    assert "ERROR" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("GET /telegram", 405),
        ("PUT /telegram", 405),
        ("DELETE /healthz", 405),
        ("POST /", 404),
        ("GET /.env", 404),
        ("GET /telegram/../../etc/passwd", 404),
        ("GET /%2e%2e/%00", 404),
        ("GET http://elsewhere.invalid/", 404),
        ("CONNECT elsewhere.invalid:443", 404),
    ],
)
async def test_nothing_else_is_there(hooked: Town, said: str, expected: int) -> None:
    assert await status(hooked, f"{said} HTTP/1.1\r\nHost: x\r\n\r\n") == expected


NUMBERS = ["-1", "1.5", "1e400", "NaN", "true", "null", '"1"', "[]", "9" * 5000]


@pytest.mark.parametrize("number", NUMBERS, ids=[number[:9] for number in NUMBERS])
async def test_what_is_no_number_of_an_update_is_refused(hooked: Town, number: str) -> None:
    body = f'{{"update_id": {number}}}'
    assert await status(hooked, HEAD, SECRET, f"Content-Length: {len(body)}\r\n\r\n", body) == 400


def update(person: Person, number: int, **message: object) -> str:
    """As somebody forges it who knows the secret."""
    said = {"message_id": 1, "date": 1, "from": person.user.as_json(), "chat": person.chat.brief}
    return json.dumps({"update_id": number, "message": said | {"text": "/help"} | message})


async def posted(here: Town, body: str) -> int:
    return await status(here, HEAD, SECRET, f"Content-Length: {len(body)}\r\n\r\n", body)


async def test_numbers_of_updates_jump_and_each_is_answered_once(hooked: Town) -> None:
    anna = hooked.person("Anna", language="en", started=True)
    for number in (2**62, 5, 2**31, 2**62, 5, 6):
        assert await posted(hooked, update(anna, number)) == 200
    assert len([one for one in anna.messages if "What this bot does" in one.text]) == 4


FORGED = [
    {"from": {"id": 2**52 + 1, "is_bot": False, "first_name": "x"}},
    {"from": {"id": -5, "is_bot": False, "first_name": "x"}},
    {"from": {"id": 7, "is_bot": True, "first_name": "x"}, "text": "/forget"},
    {"chat": {"id": -(2**52), "type": "channel", "title": "x"}, "text": "/desk"},
    {"chat": {"id": 2**40, "type": "private"}, "text": "x" * 1_000_000},
    {"from": None},
    {"text": "/start " + "i-" * 30_000},
    {"document": {"file_id": "../../etc/passwd", "file_unique_id": "\x00"}, "text": None},
    {"entities": [{"type": "bot_command", "offset": -9, "length": 2**40}]},
    {"entities": [{"type": "url", "offset": 2**31, "length": 2**31}] * 5000},
    {"date": 2**52},
    {"message_id": -(2**52)},
]


@pytest.mark.parametrize("forged", FORGED, ids=[repr(one)[:30] for one in FORGED])
async def test_forged_messages_break_nothing(
    hooked: Town, forged: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("console")
    anna = hooked.person("Anna", language="en", started=True)
    assert await posted(hooked, update(anna, 10**6, **forged)) == 200
    await hooked.telegram.settled()
    assert "an update failed" not in capsys.readouterr().err
    await answers(anna)


BODIES = {
    "deep": '{"update_id": 77, "message": ' + '{"reply_to_message": ' * 3000 + "{}" + "}" * 3001,
    "lists in lists": '{"update_id": 83, "message": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "no moment": '{"update_id": 84, "message": {"message_id": 1, "date": NaN}}',
    "long number": '{"update_id": 80, "message": {"message_id": 1' + "0" * 4000 + "}}",
    "many keys": json.dumps({"update_id": 81} | {f"k{n}": n for n in range(60_000)}),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_bodies_made_to_break_a_reader_break_nothing(
    hooked: Town, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("console")
    assert await posted(hooked, body) in (200, 400)
    assert "Traceback" not in capsys.readouterr().err
    await answers(hooked.person(language="en"))


# Those who only hold connections.


async def test_who_sends_a_letter_at_a_time_gets_no_more_time(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "HEAD", 0.3)
    async with town(database_url, **webhook()) as here:
        await here.person().send("/start")
        async with connected(here) as (reader, writer):
            shut = asyncio.create_task(reader.read())
            for letter in HEAD * 1000:
                writer.write(letter.encode())
                done, _ = await asyncio.wait({shut}, timeout=0.01)
                if done:
                    break
            assert shut.done()


@pytest.mark.parametrize("said", ["", HEAD, f"{HEAD}Content-Length: 1000\r\n\r\n"])
async def test_who_holds_many_connections_takes_none_from_others(
    database_url: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "MOST", 10)
    async with town(database_url, **webhook()) as here:
        anna = here.person()
        await answers(anna)
        held = []
        for _ in range(30):
            held.append(await asyncio.open_connection(*here.app.settings.address))
            held[-1][1].write(said.encode())
            assert await status(here, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") == 200
        await answers(anna)
        shut = [asyncio.create_task(reader.read()) for reader, _writer in held]
        while sum(one.done() for one in shut) < 15:
            await asyncio.wait_for(asyncio.wait(left(shut), return_when="FIRST_COMPLETED"), 20)
        for end, (_reader, writer) in zip(shut, held, strict=True):
            end.cancel()
            writer.close()


def left(tasks: list[asyncio.Task[bytes]]) -> list[asyncio.Task[bytes]]:
    return [one for one in tasks if not one.done()]


async def test_where_all_wait_for_an_answer_nobody_new_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(site, "MOST", 3)
    come, go = asyncio.Semaphore(0), asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        come.release()
        await go.wait()
        return web.Response(text="at last")

    async with site.serving(
        [web.get("/", slow)], ("127.0.0.1", free_port()), is_needed=True
    ) as own:
        assert own.door is not None
        address = own.door.sockets[0].getsockname()
        waiting = [await asyncio.open_connection(*address) for _ in range(3)]
        for _reader, writer in waiting:
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.wait_for(come.acquire(), 20)
        reader, writer = await asyncio.open_connection(*address)
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        go.set()
        for reader, writer in waiting:
            assert b"200 OK" in await reader.readline()
            writer.close()


# Floods.

PEOPLE = 100_000
MOVED = b"hearings: [{slug: port-strike-1, starts_at: '2026-11-24T10:00:00Z'}]\n"


def crowd() -> Iterator[StorageKey]:
    return (StorageKey(42, number, number) for number in range(1, PEOPLE + 1))


async def test_of_very_many_people_so_many_are_remembered(sessions: Sessions) -> None:
    clock, tally, throttle = TownClock(), Tally(), Throttle()
    dialogs = KeptDialogs(BlindKeys(VAULT), sessions, VAULT, clock)
    limiter = Limiter(29)
    desk = StorageKey(42, PEOPLE + 1, PEOPLE + 1)
    dialogs.storage[desk].state = "Filling:answer"
    for number, key in enumerate(crowd()):
        assert await dialogs.get_state(key) is None
        assert await dialogs.get_data(key) == {}
        if number % 2:
            await dialogs.set_state(key, "Asking:question")
        throttle.left(key.user_id, clock.now())
        throttle.spoken[key.user_id] = "en"
        async with tally.answering(b"%d" % number, (number, 1), clock.now().date()):
            limiter.spend(key.chat_id, number / 100)
    assert len(dialogs.storage) == kept_dialogs.REMEMBERED
    assert desk in dialogs.storage
    assert len(throttle.people) == len(throttle.spoken) == throttle.remembered
    assert len(tally.answered) == tally_module.REMEMBERED
    assert len(limiter.sent) <= 100 * IDLE + 1
    assert len(limiter.spent) <= 101


async def test_who_has_no_dialog_takes_no_place(sessions: Sessions) -> None:
    dialogs = KeptDialogs(BlindKeys(VAULT), sessions, VAULT, TownClock())
    anna = StorageKey(42, 1, 1)
    await dialogs.set_state(anna, "Asking:question")
    await dialogs.set_data(anna, {"about": 1})
    await dialogs.set_state(anna, None)
    assert await dialogs.get_data(anna) == {"about": 1}
    await dialogs.set_data(anna, {})
    assert not dialogs.storage


SKIPPED = (type, ModuleType, FunctionType, asyncio.AbstractEventLoop, asyncio.Task, Sandbox)
SKIPPED += (Limiter,)  # of which chats are remembered for half a minute: above


def sizes(*roots: object) -> dict[int, int]:
    """Of all that can hold something, by its id, as far as these lead."""
    seen, line, found = set[int](), list(roots), dict[int, int]()
    while line:
        one = line.pop()
        if id(one) in seen or isinstance(one, SKIPPED):
            continue
        seen.add(id(one))
        if isinstance(one, dict | list | set | deque):
            found[id(one)] = len(one)
        line += gc.get_referents(one)
    return found


async def test_nothing_grows_with_every_person_who_comes(harbour: Town) -> None:
    """However much is learned of them by the way: what would be found in no other test."""
    [throttle] = [
        one for one in harbour.app.dispatcher.update.outer_middleware if isinstance(one, Throttle)
    ]
    throttle.remembered = 20
    parts = harbour.app.dispatcher, harbour.app.bot, harbour.app.vault, harbour.app.search
    before: dict[int, int] = {}
    for number in range(150):
        one = harbour.person(f"P{number}")
        for said in ("/start", "/hearings", f"name {number}"):
            await one.send(said)
        if number == 29:  # what is made at the first use is there
            before = sizes(*parts)
    after = sizes(*parts)
    assert len(after) > 1000
    grown = [after[one] - size for one, size in before.items() if one in after]
    assert max(grown) < 60


@pytest.mark.either_database
async def test_of_many_who_write_at_once_nobody_is_refused(database_url: str) -> None:
    """As fast as Telegram takes them; for what it refuses would keep from others what is urgent."""
    limits = Limits(overall=4)
    async with (
        Sandbox(token=TOKEN, limits=limits) as telegram,
        town(database_url, "format.yaml", telegram=telegram, send_rate=4),
    ):
        crowd = [telegram.person(language="en", started=True) for _ in range(8)]
        await asyncio.gather(*(one.send("/help") for one in crowd))
        assert all("/hearings" in one.last.text for one in crowd)
    assert limits.refused == 0


async def test_however_many_press_on_who_follows_is_told(
    database_url: str, delivery: Delivery
) -> None:
    """A dozen people, each as fast as one may be, are more answers than Telegram takes."""
    async with town(database_url, "format.yaml", send_rate=4) as here:
        await delivery.rests(here)
        boris = here.person("Boris", language="en")
        await boris.send("/start d-ivan-lodkin")
        await boris.press("Follow")
        await here.take_in(MOVED)
        await delivery.rests(here)
        crowd, known = [here.person(started=True) for _ in range(50)], len(boris.messages)
        for number, one in enumerate(crowd * 20):
            await one.send("/help")
            if number == 10:
                here.clock.forward(minutes=2)  # now it is told
                delivery.wanted.set()
            if len(boris.messages) > known:
                break
        assert "Moved earlier" in boris.last.text


# Secrets.


async def test_no_secret_and_nobodys_word_is_ever_said(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither in logs nor to people, whatever fails, also deep in a library that knows addresses
    with the token in them."""
    logs.configure("json")
    monkeypatch.setattr("bot.patience.TRIES", 1)
    async with town(database_url, "format.yaml", owners=(OWNER,), **webhook()) as here:
        olga = here.telegram.person("Zanzibara", language="en", id=OWNER)
        anna = here.person("Zanzibarina", language="en", id=777_123_456)
        await olga.send("/start")
        faults = here.telegram.faults
        for fail in (
            lambda: faults.refuse(400, f"Bad Request: '{anna.id}' is wrong", method="sendMessage"),
            lambda: faults.refuse(404, "Not Found", method="sendMessage"),
            lambda: faults.cut_before(times=1, method="sendMessage"),
            lambda: faults.refuse(400, "Bad Request: nothing", method="getFile"),
        ):
            fail()
            for one in (anna, olga):
                await one.send("/desk")
                await one.send("SECRETWORDS")
                await one.press_data("file")
                await one.send_document("x.yaml", b"SECRETWORDS: [")
        for broken in (InvalidURL(TOKEN), RuntimeError(f"{TOKEN} {KEY}"), OSError(database_url)):
            with monkeypatch.context() as patch:
                patch.setattr("bot.services.cases.directory", AsyncMock(side_effect=broken))
                here.clock.forward(minutes=1)
                await anna.send("/cases")
                anna.sees("broke")
        said = json.dumps([call.parameters for call in here.telegram.calls], default=str)
    printed = capfd.readouterr()
    logged = printed.out + printed.err
    assert logged.count("an update failed") >= 3
    key = KEY.partition(":")[2]
    for secret in (TOKEN, TOKEN.partition(":")[2], key, database_url):
        assert secret not in logged
        assert secret not in said.replace('"secret_token": "secret"', "")
    for word in ("SECRETWORDS", "Zanzibar", str(anna.id), str(OWNER)):
        assert word not in logged


def test_no_library_that_reads_pictures_is_there() -> None:
    """Pictures go by Telegram's name for them: no hostile one is ever opened here."""
    program = "import sys, bot.app, bot.command_line, bot.documents.letter_kit; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0].casefold() for name in ran.stdout.split()}
    assert "aiogram" in loaded
    assert not loaded & {"pil", "cv2", "imageio", "wand", "skimage", "numpy", "pyvips"}
    locked = (ROOT / "requirements.lock").read_text().casefold()
    assert not re.search(r"^(pillow|opencv|imageio|wand|pyvips)", locked, re.MULTILINE)


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-bench"])
def test_every_package_is_pinned_by_its_hash_and_from_no_named_place(name: str) -> None:
    locked = (ROOT / f"{name}.lock").read_text().replace("\\\n", "")
    lines = [line for line in locked.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) > 5
    for line in lines:
        assert re.match(r"[a-z0-9._\[\]-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line
    assert "://" not in locked
    assert "--index-url" not in locked


# What people type, and others read.

HOSTILE = "<b>A</b> &lt;i&gt; \"q\" 'q' \u202eB\u2066C\u200bD \x1b[2JE\x00 </a><a href='//x'>F"
READ = "<b>A</b> &lt;i&gt; \"q\" 'q' BCD [2JE </a><a href='//x'>F"


async def test_what_somebody_types_is_read_as_it_was_typed_and_does_nothing(
    guarded: Town, undisturbed: None
) -> None:
    """The names that members are called, notes, questions; each by way of Telegram's HTML."""
    olga, oleg = await comes(guarded, "Olga", OWNER), await comes(guarded, "Oleg", OTHER_OWNER)
    await olga.send("/desk")
    for label in ("Who keeps the facts", "Invite", "Editor", "Until somebody"):
        await olga.press(label)
    await olga.send("\u200b\u202e")
    olga.sees("What do you call them?")
    await olga.send(HOSTILE[:40])
    olga.sees(f"The link for {READ[:32]}")
    await proposes(olga, ELSEWHERE)
    await olga.press("Add a note")
    await olga.send(HOSTILE)
    olga.sees(f"Note: {READ}")
    await opens(oleg)
    oleg.sees(f"Note: {READ}")
    anna = guarded.person("Anna", language="en")
    await asks(anna, HOSTILE)
    await opens_question(oleg)
    oleg.sees(READ)


CELLS = st.text() | st.sampled_from(
    ['=HYPERLINK("//x")', " \t=1", "\n@A", "-1+1", "＝1", '","=1', "a\r\n=1", "\x00=1", ";=1"]
)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1), st.sampled_from(",;\t"))
def test_no_cell_of_a_table_is_calculated(rows: list[list[str]], separator: str) -> None:
    text = table(rows, separator).decode("utf-8-sig", "surrogatepass")
    read = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    assert len(read) == len(rows)
    for cells, given_cells in zip(read, rows, strict=True):
        assert [cell.removeprefix("'") for cell in cells] == [
            cell.removeprefix("'") for cell in given_cells
        ]
        assert not any(cell.lstrip().startswith(FORMULA) for cell in cells)


@pytest.mark.parametrize("command", ["check", "run", "migrate", "export -"])
def test_no_secret_of_a_setting_is_said_where_nothing_answers(tmp_path: Path, command: str) -> None:
    secrets = {"PASSWORD1", "PASSWORD2", "A" * 43, "SECRETTOKEN", "SECRETHOOK"}
    environment = {
        "BOT_TOKEN": "42:SECRETTOKEN",
        "DATABASE_URL": "postgresql+asyncpg://bot:PASSWORD1@127.0.0.1:1/nothing",
        "REDIS_URL": "redis://:PASSWORD2@127.0.0.1:1/0",
        "DATA_KEY": KEY,
        "TELEGRAM_API_URL": "http://127.0.0.1:1",
        "WEBHOOK_URL": "https://127.0.0.1:1",
        "WEBHOOK_SECRET": "SECRETHOOK",
        "LISTEN": "127.0.0.1:0",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
    }
    words = [sys.executable, "-m", "bot", *command.split()]
    ran = subprocess.run(
        words, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False
    )
    told = ran.stdout + ran.stderr
    assert ran.returncode == 1
    assert told
    assert "Traceback" not in told
    assert not [secret for secret in secrets if secret in told]
