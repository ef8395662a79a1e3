"""A backup every night: when, which are kept, that it was tried, and what is said if it failed."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage.x25519 import Identity

from bot import check
from bot.config import Settings
from bot.db import dispose, make_engine, make_sessions
from bot.keeping import nightly
from bot.keeping.backup import looked_through
from bot.keeping.nightly import (
    DAYS,
    MONTHS,
    WEEKS,
    LastBackup,
    Nightly,
    days_in,
    is_due,
    kept,
    ready,
    thin_out,
)
from bot.metrics import Metrics
from tests.test_backup import silent
from tests.test_command_line import bot, environment
from tests.town import KEY, NOW, TOKEN, TownClock, town

__all__ = ["environment"]
pytestmark = pytest.mark.either_database
IDENTITY = Identity.generate()
TODAY = date(2026, 11, 29)
SOME_DAYS = st.sets(st.dates(date(2025, 1, 1), date(2027, 1, 1)), max_size=60)


def every_day(until: date, count: int) -> Iterable[date]:
    return (until - timedelta(days=n) for n in range(count))


# Which are kept.


@given(SOME_DAYS)
def test_the_newest_stay_and_never_too_many(days: set[date]) -> None:
    stay, newest = kept(days), sorted(days, reverse=True)
    assert set(newest[:DAYS]) <= stay <= days
    assert len(stay) <= DAYS + WEEKS + MONTHS
    assert len({day.isocalendar()[:2] for day in stay}) >= min(
        WEEKS, len({day.isocalendar()[:2] for day in days})
    )
    months = {(day.year, day.month) for day in days}
    assert len({(day.year, day.month) for day in stay}) >= min(MONTHS, len(months))
    assert kept(stay) == stay


@given(SOME_DAYS, st.dates(date(2027, 1, 2), date(2027, 3, 1)))
def test_what_has_gone_is_never_missed_later(days: set[date], next_day: date) -> None:
    """Thinned out each night it is the same as thinned out once."""
    assert kept(kept(days) | {next_day}) == kept(days | {next_day})


def test_seven_days_four_weeks_and_six_months_of_a_year() -> None:
    stay = set[date]()
    for day in sorted(every_day(TODAY, 365)):
        stay = kept(stay | {day})
    assert sorted(stay) == [
        *(date(2026, 6, 30), date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30)),
        *(date(2026, 10, 31), date(2026, 11, 8), date(2026, 11, 15), date(2026, 11, 22)),
        *sorted(every_day(TODAY, 7)),
    ]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    names = [f"bot-{day}.age" for day in every_day(TODAY, 60)]
    others = ["notes.txt", "bot-2020-01-01.age.old", "bot-2020-13-01.age", "mybot-2020-01-01.age"]
    for name in names + others:
        (tmp_path / name).touch()
    thin_out(tmp_path, TODAY)
    left = {file.name for file in tmp_path.iterdir()}
    assert set(others) <= left
    assert left - set(others) == {f"bot-{day}.age" for day in kept(every_day(TODAY, 60))}


def test_a_wrong_clock_costs_no_backup_once_it_is_right(tmp_path: Path) -> None:
    """A year ahead for ten nights, then right again; and before that years behind for one."""
    wrong = {*every_day(TODAY + timedelta(days=365), 10), date(2020, 1, 1)}
    right = sorted(every_day(TODAY, 40))
    for name in wrong:
        (tmp_path / f"bot-{name}.age").touch()
    thin_out(tmp_path, date(2020, 1, 1))
    assert days_in(tmp_path, date.max) == wrong, "made by the clock that is wrong now"
    for day in right:
        (tmp_path / f"bot-{day}.age").touch()
        thin_out(tmp_path, day)
    assert days_in(tmp_path, TODAY) == kept([*right, date(2020, 1, 1)])
    assert set(right[-DAYS:]) < days_in(tmp_path, TODAY)


async def test_one_of_a_day_to_come_is_not_the_last_one(settings: Settings) -> None:
    """Else nobody would be told for a year that none is made."""
    folder, clock = settings.backup_dir or Path(), TownClock()
    folder.mkdir()
    for day in ("2026-11-18", "2027-11-22"):
        (folder / f"bot-{day}.age").touch()
    engine, found = make_engine(settings.database_url), list[datetime]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nightly, "is_due", lambda _days, _now: False)
        one = Nightly(settings, found=found.append)
        await one(make_sessions(engine), clock)
    await dispose(engine)
    assert one.last == LastBackup(date(2026, 11, 18))
    assert [then.date() for then in found] == [date(2026, 11, 18)]


# When.


@pytest.mark.parametrize(
    ("days", "hour", "due"),
    [
        ([], 0, True),
        ([], 12, True),
        ([TODAY], 4, False),
        ([TODAY - timedelta(days=1)], 2, False),
        ([TODAY - timedelta(days=1)], 3, True),
        ([TODAY - timedelta(days=2)], 1, True),
    ],
)
def test_it_is_made_at_night_or_when_the_last_one_is_old(
    days: list[date], hour: int, due: bool
) -> None:
    assert is_due(days, datetime(2026, 11, 29, hour, 30, tzinfo=UTC)) is due


@pytest.fixture
def settings(harbour_url: str, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,
        database_url=harbour_url,
        data_key=KEY,
        backup_dir=tmp_path / "backups",
        backup_recipient=str(IDENTITY.to_public()),
    )


async def test_each_night_one_is_made_and_opens(settings: Settings) -> None:
    """By a process of its own. The organisers' clock is Moscow's."""
    folder = settings.backup_dir or Path()
    engine = make_engine(settings.database_url)
    one, clock, sessions = Nightly(settings), TownClock(), make_sessions(engine)
    clock.moment = datetime(2026, 11, 28, 23, 0, tzinfo=ZoneInfo("Europe/Moscow"))
    for forward, files in ((0, ["bot-2026-11-28.age"]), (3.9, None), (0.2, "another")):
        clock.forward(hours=forward)
        await one(sessions, clock)
        expected = files if isinstance(files, list) else ["bot-2026-11-28.age"]
        if files == "another":
            expected.append("bot-2026-11-29.age")
        assert sorted(file.name for file in folder.iterdir()) == expected
    await dispose(engine)
    assert one.last == LastBackup(date(2026, 11, 29))
    header = await looked_through(folder / "bot-2026-11-29.age", [IDENTITY], silent)
    assert header.rows["cases"] == 1


async def test_when_the_last_one_was_made_is_known_after_a_start(settings: Settings) -> None:
    """By its name; a process that makes none for days would else say nothing of it."""
    folder, metrics, clock = settings.backup_dir or Path(), Metrics(), TownClock()
    folder.mkdir()
    (folder / f"bot-{clock.now().date()}.age").touch()
    (folder / "bot-2026-11-18.age").touch()
    engine = make_engine(settings.database_url)
    one = Nightly(settings, metrics.backup, metrics.backup_found)
    await one(make_sessions(engine), clock)
    await dispose(engine)
    moscow = ZoneInfo("Europe/Moscow")
    assert metrics.backed_up_at == datetime(2026, 11, 22, 3, 0, tzinfo=moscow)
    metrics.backup(clock.now(), is_good=True)
    metrics.backup_found(clock.now() - timedelta(days=1))
    assert metrics.backed_up_at == clock.now()


async def test_what_failed_is_told_and_tried_again_an_hour_later(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "backups").write_text("in its place")
    engine = make_engine(settings.database_url)
    one, clock, sessions = Nightly(settings), TownClock(), make_sessions(engine)
    await one(sessions, clock)
    failed = one.last
    assert (failed.day, failed.failed_at) == (None, clock.now())
    assert "cannot be used: a part of its path is a file, not a folder." in failed.why
    (tmp_path / "backups").unlink()
    clock.forward(minutes=59)
    await one(sessions, clock)
    assert one.last == failed
    clock.forward(minutes=2)
    await one(sessions, clock)
    assert one.last == LastBackup(clock.now().date())
    await dispose(engine)


async def test_one_that_does_not_open_counts_as_failed(
    settings: Settings, tmp_path: Path, environment: dict[str, str]
) -> None:
    """It is put back into a database of its own, and compared, before it has its name."""
    broken = "DELETE FROM organisations"  # a table that the trial finds changed
    code = tmp_path / "sitecustomize.py"
    code.write_text(
        "import bot.keeping.filling as filling\n"
        "write = filling.write\n"
        "async def wrong(connection, table, part):\n"
        "    await write(connection, table, part)\n"
        f"    await connection.exec_driver_sql({broken!r})\n"
        "filling.write = wrong\n"
    )
    engine = make_engine(settings.database_url)
    one = Nightly(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{tmp_path}:{nightly.HOUSE}")
        await one(make_sessions(engine), TownClock())
    await dispose(engine)
    assert "What was read back from the table" in one.last.why
    assert list((tmp_path / "backups").iterdir()) == []


async def test_the_process_that_sends_makes_it_and_takes_it_along(
    harbour_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the middle, nothing stays of it."""
    begun = asyncio.Event()
    ended = list[str]()

    async def endless(file: Path, _settings: Settings) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(file.name)

    monkeypatch.setattr(nightly, "made_by_itself", endless)
    keep = {"backup_dir": tmp_path / "b", "backup_recipient": str(IDENTITY.to_public())}
    async with town(harbour_url, **keep):
        await asyncio.wait_for(begun.wait(), 60)
    assert ended == ["bot-2026-11-22.age"]


async def test_a_stop_ends_its_process_and_leaves_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, processes = asyncio.Event(), list[asyncio.subprocess.Process]()
    start = asyncio.create_subprocess_exec

    async def begin(*words: Any, **more: Any) -> asyncio.subprocess.Process:
        processes.append(await start(*words, **more))
        begun.set()
        return processes[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", begin)
    making = asyncio.create_task(Nightly(settings).make(tmp_path / "backups", NOW))
    await asyncio.wait_for(begun.wait(), 60)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert processes[0].returncode not in (None, 0)
    assert list((tmp_path / "backups").iterdir()) == []


def test_drafts_of_one_that_was_killed_go(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    ready(folder)
    assert oct(folder.stat().st_mode)[-3:] == "700"
    for name in (".draft-1", "bot-2026-11-28.age"):
        (folder / name).touch()
    ready(folder)
    assert [file.name for file in folder.iterdir()] == ["bot-2026-11-28.age"]


def test_check_says_whether_backups_can_be_made(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clock := TownClock()).moment = datetime(2026, 11, 29, 12, tzinfo=UTC)
    monkeypatch.setattr(check, "Clock", lambda: clock)
    env = environment | {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:1"}
    env |= {"BACKUP_DIR": "backups", "BACKUP_RECIPIENT": str(IDENTITY.to_public())}
    assert "✓ Backups: ready; there is none yet" in bot("check", env=env, cwd=tmp_path).stdout
    (tmp_path / "backups").mkdir()
    for day in ("2026-11-28", "2027-11-22"):
        (tmp_path / "backups" / f"bot-{day}.age").touch()
    told = bot("check", env=env, cwd=tmp_path).stdout
    assert "✓ Backups: the last one is of 28 November 2026" in told
    wrong = bot("check", env=env | {"BACKUP_DIR": "no/such/folder"}, cwd=tmp_path).stdout
    assert "✗ Backups: BACKUP_DIR is not a folder in which the bot may write." in wrong
    bare = env | {"BACKUP_RECIPIENT": ""}
    assert (
        "BACKUP_DIR is of no use without BACKUP_PASSPHRASE"
        in bot("check", env=bare, cwd=tmp_path).stdout
    )
