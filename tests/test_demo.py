"""`python -m bot demo`: the real command, its page, its bot; and what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest
from aiohttp import ClientSession

from bot import command_line, demo
from bot.clock import SharedClock
from bot.demo import Child, Failed
from sandbox import Sandbox
from sandbox.live import Live
from sandbox.stage import Stage, StageClock
from tests.demos import ROOT, Running, started
from tests.sandbox.browser import Browser

PATIENCE = 60  # seconds that a start may take on a busy machine
POLLS = """
import os, signal, sys, urllib.request
signal.signal(signal.SIGTERM, {})
url = os.environ["TELEGRAM_API_URL"] + "/bot" + os.environ["BOT_TOKEN"]
while True:
    urllib.request.urlopen(url + "/getUpdates?timeout=50").read()
"""

Json = dict[str, Any]


# -- the real command -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demos() -> Iterator[tuple[ExitStack, list[Running]]]:
    with ExitStack() as stack:
        yield stack, []


@pytest.fixture
def running(
    demos: tuple[ExitStack, list[Running]], tmp_path_factory: pytest.TempPathFactory
) -> Running:
    """The demo that runs, or, if it was ended, another one."""
    stack, known = demos
    if not known or known[-1].process.poll() is not None:
        known.append(stack.enter_context(started(tmp_path_factory.mktemp("demo"))))
    return known[-1]


@pytest.fixture
async def browser(running: Running) -> AsyncIterator[Browser]:
    origin = {"Origin": running.url}
    async with ClientSession(headers=origin) as http, http.ws_connect(f"{running.url}/live") as ws:
        yield Browser(ws, PATIENCE)


async def hears(browser: Browser, chat: int, text: str) -> Json:
    """The bot's next message there, new or edited, that has this text."""
    while True:
        told = await browser.next()
        if told["event"] not in ("message", "edited") or told["chat"] != chat:
            continue
        message = told["message"]
        if message["from"]["is_bot"] and text in message["text"]:
            return dict(message)


async def presses(browser: Browser, who: int, message: Json, label: str) -> None:
    rows = message["reply_markup"]["inline_keyboard"]
    places = [(r, c) for r, row in enumerate(rows) for c, b in enumerate(row) if label in b["text"]]
    row, column = places[0]
    at = {"chat": who, "message_id": message["message_id"], "row": row, "column": column}
    await browser.does("press", **{"as": who, **at})


async def people(browser: Browser) -> dict[str, int]:
    return {user["role"]: user["id"] for user in (await browser.sees("state"))["users"]}


async def test_one_address_and_three_telephones(running: Running, browser: Browser) -> None:
    assert f"Port {running.taken} is taken" in running.errors
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", running.url)
    state = await browser.next()
    assert [(one["role"], one["zone"]) for one in state["telephones"]] == [
        ("supporter", "Europe/London"),
        ("writer", "Europe/Moscow"),
        ("coordinator", "Europe/Moscow"),
    ]
    assert [user["language_code"] for user in state["users"]] == ["en", "ru", "en"]
    assert all(chat["messages"] == [] for chat in state["chats"])
    assert (state["bot"]["state"], state["bot"]["process"]) == ("running", True)
    assert "before a hearing: The port strike case" in state["due"]["en"]
    assert "до заседания: Дело о портовой забастовке" in state["due"]["ru"]


async def test_a_bot_that_somebody_else_killed(running: Running, browser: Browser) -> None:
    [bot] = psutil.Process(running.process.pid).children(recursive=True)
    bot.kill()
    while (told := (await browser.sees("bot"))["bot"])["state"] != "stopped":
        pass  # it may still introduce itself
    assert told["reason"] == "Killed"  # not what it said last, as if that were why
    assert "error" not in await browser.asks("restart")


async def test_the_bot_answers_in_two_languages(running: Running, browser: Browser) -> None:
    roles = await people(browser)
    await browser.asks("start", **{"as": roles["supporter"]})
    await hears(browser, roles["supporter"], "Harbour Solidarity Fund")
    await browser.asks("start", **{"as": roles["writer"]})
    await hears(browser, roles["writer"], "Гавань")


async def test_killed_and_started_again_it_loses_nothing(
    running: Running, browser: Browser
) -> None:
    who = (await people(browser))["supporter"]
    [bot] = psutil.Process(running.process.pid).children(recursive=True)
    await browser.does("kill")
    while (await browser.sees("bot"))["bot"]["state"] != "killed":
        pass  # it may still introduce itself
    assert "result" not in await browser.sees("done")
    assert not bot.is_running()
    assert (await browser.asks("stop"))["error"]["code"] == "not_running"
    for text in ("/cases", "/hearings"):
        await browser.asks("send", **{"as": who, "chat": who, "text": text})
    await browser.does("restart")
    await hears(browser, who, "Choose a case")  # after what it perhaps had no time to note
    assert "Coming hearings" in (await hears(browser, who, ""))["text"]
    await browser.does("send", **{"as": who, "chat": who, "text": "/help"})
    assert "Coming hearings" not in (await hears(browser, who, ""))["text"]


ORGANISERS, KAMENSK = "Europe/Moscow", "Asia/Yekaterinburg"


def age(letters: Json) -> int:
    """How many days ago the address was confirmed."""
    told = re.search(r"Confirmed (\d+) days ago", letters["text"])
    assert told
    return int(told[1])


async def test_the_bot_obeys_the_stages_clock(running: Running, browser: Browser) -> None:
    who = (await people(browser))["supporter"]
    link = "https://t.me/solidarity_bot?start=d-ivan-lodkin"
    await browser.does("follow", **{"as": who, "url": link})
    card = await hears(browser, who, "Ivan Lodkin")
    await presses(browser, who, card, "Write")
    days = age(await hears(browser, who, "4 Zavodskaya St"))
    here, there = (datetime.now(ZoneInfo(zone)).date() for zone in (ORGANISERS, KAMENSK))
    assert days == 3 + (there - here).days  # it may be tomorrow there already
    await browser.asks("clock", forward=86_400)
    await browser.asks("follow", **{"as": who, "url": link})
    await presses(browser, who, await hears(browser, who, "Ivan Lodkin"), "Write")
    assert age(await hears(browser, who, "4 Zavodskaya St")) == days + 1
    await browser.does("clock", to="due")
    moved = await browser.sees("clock")
    assert moved["due"]["at"] > moved["now"]
    await browser.asks("clock", to="now")


async def test_ctrl_c_leaves_nothing(running: Running, browser: Browser) -> None:
    [bot] = psutil.Process(running.process.pid).children(recursive=True)
    await browser.next()
    assert os.listdir(running.folder / "temporary")
    os.killpg(running.process.pid, signal.SIGINT)  # as a terminal does
    assert await asyncio.to_thread(running.process.wait, PATIENCE) == 0
    assert not bot.is_running()
    assert os.listdir(running.folder / "temporary") == []
    assert "Traceback" not in running.errors
    found = int(running.url.rsplit(":", 1)[1])
    taken = [f"Port {port} is taken; trying the next one." for port in range(running.taken, found)]
    assert running.errors.splitlines() == taken  # and nothing else
    assert running.process.stdout
    assert running.process.stdout.read() == ""


def test_killed_it_takes_its_bot_along(tmp_path: Path) -> None:
    env = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "demo", "--port", "0"],
        **{"cwd": tmp_path, "env": env, "stdout": subprocess.PIPE, "start_new_session": True},
    ) as process:
        assert process.stdout
        assert b"http" in process.stdout.readline()
        [bot] = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        try:
            bot.wait(PATIENCE)
        finally:
            if bot.is_running():
                bot.kill()


# -- its parts ------------------------------------------------------------------------------------


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    clock = StageClock()
    async with Sandbox(now=clock) as telegram:
        yield Stage(telegram, clock)


@pytest.fixture
async def child(stage: Stage, tmp_path: Path) -> AsyncIterator[Child]:
    child = Child(stage, tmp_path, demo.environment(stage))
    yield child
    await child.close()


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Another program in the bot's place."""
    monkeypatch.setattr(demo, "COMMAND", (sys.executable, "-S", "-c", code))


async def test_the_process_is_killed_stopped_and_started(
    stage: Stage, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, POLLS.format("signal.SIG_DFL"))
    states: list[str] = []
    stage.watchers.append(lambda told: states.append(told["bot"]["state"]))
    await child.start()
    assert await child.serves(asyncio.Event())
    await child.kill()
    with pytest.raises(LookupError):
        await child.stop()
    await asyncio.gather(child.restart(), child.restart())
    await stage.polls.wait()
    await child.stop()
    told = ["starting", "running", "killed", "starting", "running", "stopped"]
    assert states == told
    assert stage.reason == ""


async def test_a_restart_goes_on_without_the_page_that_asked(
    stage: Stage, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, POLLS.format("signal.SIG_DFL"))
    await child.start()
    await stage.polls.wait()
    asked = asyncio.create_task(child.restart())
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert child.restarting
    await child.restarting
    await stage.polls.wait()


async def test_what_does_not_end_is_ended_by_force(
    stage: Stage, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, POLLS.format("signal.SIG_IGN"))
    monkeypatch.setattr(demo, "GRACE", 0.05)
    await child.start()
    await stage.polls.wait()
    await child.close()
    assert child.process
    ended = await asyncio.wait_for(child.process.wait(), PATIENCE)
    assert ended == -signal.SIGKILL


async def test_an_end_that_nobody_tells_of_is_not_waited_for(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, POLLS.format("signal.SIG_DFL"))
    monkeypatch.setattr(demo, "GRACE", 0.05)
    await child.start()
    watching, child.watching = child.watching, asyncio.create_task(asyncio.Event().wait())
    await asyncio.wait_for(child.close(), PATIENCE)
    child.watching.cancel()
    assert watching
    await watching


async def test_a_bot_that_ends_by_itself_says_why(
    stage: Stage, child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead(monkeypatch, "import sys; sys.exit('x' * 100_000 + ' no tables')")
    await child.start()
    with pytest.raises(Failed, match="ended by itself"):
        await child.serves(asyncio.Event())
    assert stage.bot_state == "stopped"
    assert stage.reason.endswith("no tables")
    assert len(stage.reason) <= demo.LAST_WORDS
    instead(monkeypatch, "import sys; sys.exit(3)")
    await child.start()
    with pytest.raises(Failed, match="3"):
        await child.serves(asyncio.Event())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_other_ways_to_end_leave_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def ended(url: str) -> str:
        os.kill(os.getpid(), number)
        return url

    instead(monkeypatch, POLLS.format("signal.SIG_DFL"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(demo.words, "demo_address", ended)
    before = psutil.Process().children()  # a browser of other tests
    await asyncio.wait_for(demo.run(0), PATIENCE)
    assert os.listdir(tmp_path) == []
    assert psutil.Process().children() == before


def test_a_failing_start_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    instead(monkeypatch, "import sys; sys.exit('no tables')")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["bot", "demo", "--port", "0"])
    assert command_line.main() == 1
    told = capsys.readouterr()
    assert "The bot ended by itself" in told.err
    assert "no tables" in told.err
    assert told.out == ""
    assert os.listdir(tmp_path) == []


async def test_another_campaign_is_played(tmp_path: Path) -> None:
    real = ROOT / "examples" / "sac-2024.yaml"
    script = demo.Script(str(real), real.read_bytes())
    async with demo.performance(tmp_path, 0, script) as (stage, _):
        await asyncio.wait_for(stage.polls.wait(), PATIENCE)
        somebody, person = stage.somebody["en"], next(iter(stage.people.values()))
        await person.send("/start")
        await person.send(somebody)
        person.sees(somebody)
        assert stage.state()["somebody"] == stage.somebody


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("cases: [{slug: x, stage: trail}]", r"other\.yaml:1: .*trail.*trial"),
        (None, r"other\.yaml.*(not|no) .*"),
    ],
)
def test_a_bad_campaign_is_told_as_by_import(
    content: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    file = tmp_path / "other.yaml"
    if content:
        file.write_text(content)
    monkeypatch.setattr(sys, "argv", ["bot", "demo", "--port", "0", "--campaign", str(file)])
    assert command_line.main() == 1
    said = capsys.readouterr()
    assert re.search(told, said.err)
    assert said.out == ""
    monkeypatch.setattr(sys, "argv", ["bot", "import", str(file)])
    monkeypatch.chdir(tmp_path)
    assert command_line.main() == 1
    assert capsys.readouterr().err == said.err


def test_make_demo_takes_a_campaign() -> None:
    plan = ["make", "-n", "demo", "CAMPAIGN=my file.yaml"]
    done = subprocess.run(plan, cwd=ROOT, capture_output=True, text=True, check=True)
    assert '-m bot demo --port 8787 --campaign "my file.yaml"' in done.stdout


async def test_the_database_is_asked_no_more_when_it_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, close, asked = asyncio.Event(), Live.close, list[bool]()

    async def due(now: datetime) -> None:
        asking.set()
        try:
            await asyncio.Event().wait()
        finally:
            asking.clear()

    async def closed(live: Live) -> None:
        asked.append(asking.is_set())
        await close(live)

    monkeypatch.setattr(Live, "close", closed)
    async with demo.opened(SharedClock(tmp_path / "clock"), due, 0):
        await asking.wait()
    assert asked == [False]


async def test_ports_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        monkeypatch.setattr(demo, "PORTS", 1)
        with pytest.raises(Failed, match="No free port"):
            await demo.listen(Sandbox(), busy.getsockname()[1])


async def test_a_port_that_is_not_ours_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start(port: int) -> str:
        raise PermissionError(13, "whatever the loop says")

    telegram = Sandbox()
    monkeypatch.setattr(telegram, "start", start)
    with pytest.raises(Failed, match="Port 80 cannot be used: Permission denied"):
        await demo.listen(telegram, 80)
