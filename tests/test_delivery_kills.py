"""A small part of `python -m benchmarks.delivery_kills`: bots die while they tell all."""

import signal

import pytest

from benchmarks.delivery_kills import tell_all
from tests.processes import bot_process

pytestmark = pytest.mark.either_database


async def test_kills_lose_nobody_and_double_few(database_url: str) -> None:
    outcome = await tell_all(signal.SIGKILL, database_url, 2, 300, bot_process)
    assert (outcome.kills, outcome.lost) == (2, 0)
    assert outcome.doubled < outcome.people / 3  # the benchmark has the narrow bound


async def test_sigterm_loses_nobody_and_doubles_nothing(database_url: str) -> None:
    outcome = await tell_all(signal.SIGTERM, database_url, 2, 300, bot_process)
    assert (outcome.kills, outcome.lost, outcome.doubled) == (2, 0, 0)


async def test_a_bot_that_ends_by_itself_is_no_wait_for_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is what it said lost."""
    monkeypatch.setenv("LOG_FORMAT", "neither")
    with pytest.raises(AssertionError, match=r"ended with 1:\n.*LOG_FORMAT"):
        await tell_all(signal.SIGKILL, database_url, 1, 10, bot_process)
