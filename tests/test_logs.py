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
from tests.town import town, webhook


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


def test_telegrams_words_on_a_bad_request_are_kept() -> None:
    error = TelegramBadRequest(method=GetMe(), message="message is too long")
    assert logs.kind(error) == "TelegramBadRequest: message is too long"
