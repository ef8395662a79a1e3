"""Logs have causes, and nobody's words: neither ours nor those of libraries."""

import asyncio
import json
import logging
from collections.abc import Callable

import pytest
import structlog
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import GetMe

from bot import logs
from tests.town import OWNER, town, webhook


def fail() -> None:
    raise ValueError("SECRETWORDS of Zanzibara")


LINE = fail.__code__.co_firstlineno + 1


@pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
async def test_a_start_is_told_in_one_line(
    database_url: str, way: Callable[[], dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("console")
    async with town(database_url, **way()) as here:
        await here.person().send("/start")
        told = ""
        while "answers in Telegram" not in told:
            await asyncio.sleep(0.005)
            told += capsys.readouterr().err
    told += capsys.readouterr().err
    assert told.count("@solidarity_bot answers in Telegram") == 1
    assert told.count("waiting for what Telegram sends") == (way is webhook)
    assert "secret" not in told


def test_what_libraries_log_is_their_kinds_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("console")
    library = logging.getLogger("some.library")
    try:
        fail()
    except ValueError:
        library.exception("could not send SECRETWORDS to %s", "Zanzibara")
    library.error("Zanzibara wrote SECRETWORDS")
    library.warning("a warning")
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("ERROR in some.library: ValueError [")
    assert f"tests/test_logs.py:{LINE} fail" in first
    assert second == "ERROR in some.library"


def test_tasks_that_fail_unseen_are_logged_so_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("console")
    error = ValueError("SECRETWORDS")
    logging.getLogger("asyncio").error("Task exception was never retrieved", exc_info=error)
    told = capsys.readouterr().err
    assert told.startswith("ERROR in asyncio: ValueError")
    assert "SECRETWORDS" not in told


def test_our_own_lines_have_kinds_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("an update failed", number="A1")
    entry = json.loads(capsys.readouterr().err)
    assert (entry["error"], entry["number"]) == ("ValueError", "A1")
    assert entry["places"][-1] == f"tests/test_logs.py:{LINE} fail"
    assert "SECRETWORDS" not in str(entry)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('can\'t parse entities: no end of "Zanzibara" and "b" at 7', "can't parse entities: no"),
        ('Unsupported start tag "zanzibara" at byte offset 12', "Unsupported start tag … at"),
        ("inline keyboard button URL 'tg://zanzibara' is invalid", "button URL … is invalid"),
        ("URL https://zanzibara.example/a?b is invalid", "URL … is invalid"),
        ("user @zanzibara or -1001234567890 not found", "user … or … not found"),
    ],
)
def test_what_telegram_quotes_of_people_is_left_out(said: str, kept: str) -> None:
    told = logs.kind(TelegramBadRequest(method=GetMe(), message=f"Bad Request: {said}"))
    assert kept in told
    assert not any(one in told.lower() for one in ("zanzibara", "://", "12345"))


def test_telegrams_words_on_a_bad_request_are_kept() -> None:
    error = TelegramBadRequest(method=GetMe(), message="message is too long")
    assert logs.kind(error) == "TelegramBadRequest: message is too long"


@pytest.mark.either_database
@pytest.mark.parametrize("shape", ["console", "json"])
async def test_a_day_of_troubles_names_nobody(
    database_url: str, shape: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither who wrote, nor what, nor what Telegram says of them."""
    logs.configure(shape)
    async with town(database_url, "format.yaml", owners=(OWNER,)) as here:
        faults, anna = here.telegram.faults, here.person("Zanzibara", language="en")
        await anna.send("/start d-ivan-lodkin")
        await anna.press("🔔 Follow")
        faults.refuse(400, 'Bad Request: start tag "Zanzibara" in secretwords://a', chat=anna.id)
        await anna.send("/cases")
        faults.too_many_requests(1, method="sendMessage")
        await anna.send("/help")
        faults.server_error(502, method="sendMessage")
        await anna.send("SECRETWORDS")
        faults.cut_after(method="sendMessage")
        await anna.send("/hearings", wait=False)
        await here.telegram.settled()
        faults.refuse(400, "Bad Request: Zanzibara wrote SECRETWORDS", chat=anna.id)
        here.clock.forward(days=2)
        told = ""
        while "a message was refused" not in told:
            await asyncio.sleep(0.005)
            told += capsys.readouterr().err
        ids = str(anna.id), str(OWNER)
    told += capsys.readouterr().err
    assert told.count("\n") > 5
    assert "start tag" in told
    words = ("zanzibara", "secretwords", "lodkin", *ids)
    assert not [word for word in words if word in told.lower()]


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        (
            "inline keyboard button URL 'http://x/calendar/SECRET' is invalid: Wrong HTTP URL",
            "inline keyboard button URL … is invalid: Wrong HTTP URL",
        ),
        (
            'can\'t parse entities: unsupported start tag "zanzibara" at byte offset 5',
            "can't parse entities: unsupported start tag … at byte offset 5",
        ),
        ("user 777123456 not found", "user … not found"),
        ("bad\n2026-11-29 [info] a line of my own\x1b[2J", "bad\ufffd2026-11-29 [info] a line"),
    ],
)
def test_what_telegram_repeats_of_what_was_sent_is_left_out(said: str, logged: str) -> None:
    told = logs.kind(TelegramBadRequest(method=GetMe(), message=said))
    assert told.startswith(f"TelegramBadRequest: {logged}")
    assert told.isprintable()


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_nothing_begins_a_line_of_its_own(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(log_format)
    forged = "x\n2026-11-29T00:00:00Z [info] forged\r\x1b[2J\x9b2J\u2028\u202e\x00"
    structlog.get_logger().info(forged, host=forged)
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert written.rstrip("\n").isprintable()
