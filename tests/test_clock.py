"""One clock for several processes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import Clock, SharedClock, clock_of_this_process
from bot.middlewares import Throttle


def test_who_looks_at_the_same_file_sees_the_same_time(tmp_path: Path) -> None:
    mine, yours = SharedClock(tmp_path / "clock"), SharedClock(tmp_path / "clock")
    real = Clock().now()
    assert abs(yours.now() - real) < timedelta(minutes=1)
    mine.ahead = 86_400.5
    assert yours.ahead == 86_400.5
    assert timedelta(days=1) <= yours.now() - real < timedelta(days=1, minutes=1)
    assert yours.now().tzinfo is UTC
    mine.ahead = 0
    assert abs(yours.now() - real) < timedelta(minutes=1)


def test_a_process_has_real_time_unless_it_is_given_a_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLOCK_FILE", raising=False)
    assert type(clock_of_this_process()) is Clock
    SharedClock(tmp_path / "clock").ahead = 7
    monkeypatch.setenv("CLOCK_FILE", str(tmp_path / "clock"))
    clock = clock_of_this_process()
    assert isinstance(clock, SharedClock)
    assert clock.ahead == 7


def test_nobody_is_throttled_because_a_clock_went_back() -> None:
    throttle = Throttle()
    later = datetime(2026, 12, 1, tzinfo=UTC)
    assert throttle.left(1, later) == 19
    assert throttle.left(1, later - timedelta(days=7)) == 18
