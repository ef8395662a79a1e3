"""A small part of `python -m benchmarks.kills`: processes die in mid-flood."""

import signal

import pytest

from benchmarks.kills import flood, webhook
from tests.processes import bot_process

WAYS = pytest.mark.parametrize(
    ("database_url", "way"),
    [("sqlite", {}), ("postgresql", webhook())],
    indirect=["database_url"],
    ids=["polling, SQLite", "webhook, PostgreSQL"],
)


@WAYS
async def test_kills_in_mid_flood_lose_nobody(database_url: str, way: dict[str, str]) -> None:
    outcome = await flood(signal.SIGKILL, 2, 30, bot_process, DATABASE_URL=database_url, **way)
    assert (outcome.asked, outcome.lost) == (60, 0)


@WAYS
async def test_sigterm_in_mid_flood_loses_nobody_and_doubles_nothing(
    database_url: str, way: dict[str, str]
) -> None:
    outcome = await flood(signal.SIGTERM, 1, 40, bot_process, DATABASE_URL=database_url, **way)
    assert (outcome.asked, outcome.lost, outcome.doubled) == (40, 0, 0)
    assert outcome.codes == [0]
