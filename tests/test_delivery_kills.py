"""A small part of `python -m benchmarks.delivery_kills`: senders die while they tell all."""

import signal

from benchmarks.delivery_kills import tell_all


async def test_kills_lose_nobody_and_double_few(database_url: str) -> None:
    outcome = await tell_all(signal.SIGKILL, database_url, 3, 600)
    assert (outcome.kills, outcome.lost, outcome.counted) == (3, 0, 600)
    assert outcome.doubled <= outcome.window


async def test_sigterm_loses_nobody_and_doubles_nothing(database_url: str) -> None:
    outcome = await tell_all(signal.SIGTERM, database_url, 2, 400)
    assert (outcome.kills, outcome.lost, outcome.doubled, outcome.counted) == (2, 0, 0, 400)
