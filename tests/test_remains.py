"""What a backup that was killed has left is cleared away by the next one; and nothing else is."""

import asyncio
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from bot.db import sqlite_file
from bot.keeping import filling, remains
from bot.keeping.nightly import ready
from bot.keeping.remains import clear_drafts, clear_trials, draft_in, trial_in
from tests.processes import FORKS, typed
from tests.test_backup import SEALED
from tests.test_command_line import bot, environment

__all__ = ["environment"]


def names(folder: Path, pattern: str = ".*") -> set[str]:
    return {file.name for file in folder.glob(pattern)}


def hanging(reached: Event, environment: dict[str, str], folder: Path) -> None:
    """A backup that has put all back and comes to no end."""

    async def compare(*_given: Any) -> None:
        reached.set()
        threading.Event().wait()

    filling.compare = compare
    typed(("backup", "x.age", "--try"), environment, folder, os.devnull)


@contextmanager
def trying(env: dict[str, str], folder: Path) -> Iterator[BaseProcess]:
    reached = FORKS.Event()
    process = FORKS.Process(target=hanging, args=(reached, env, folder))
    process.start()
    try:
        assert reached.wait(200)
        yield process
    finally:
        process.kill()
        process.join()
        process.close()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_the_next_one_clears_away_what_one_that_was_killed_has_left(
    environment: dict[str, str], database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And leaves alone what another one is at."""
    (place := tmp_path / "tmp").mkdir()
    env = environment | SEALED | {"TMPDIR": str(place)}
    beside = sqlite_file(database_url).parent if database_url.startswith("sqlite") else place

    def next_one() -> set[str]:
        with monkeypatch.context() as patch:  # not for sockets, whose paths are to be short
            patch.setattr(tempfile, "tempdir", str(place))
            done = bot("backup", "y.age", "--try", env=env, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return names(beside, ".trial-*")

    with trying(env, tmp_path):
        alive = next_one()
        with trying(env, tmp_path):
            assert len(names(beside, ".trial-*") - alive) == 1
        assert len(names(beside, ".trial-*") - alive) == 1, "killed, it leaves all as it is"
        assert next_one() == alive
    assert len(alive) == 1
    assert next_one() == set()


@pytest.mark.either_database
def test_one_that_is_told_to_end_takes_all_along(
    environment: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    """By SIGTERM, as systemd and Docker do; in a folder that no night's backup clears."""
    (place := tmp_path / "tmp").mkdir()
    beside = sqlite_file(database_url).parent if database_url.startswith("sqlite") else place
    reached = FORKS.Event()
    env = environment | SEALED | {"TMPDIR": str(place)}
    process = FORKS.Process(target=waiting, args=(reached, env, tmp_path))
    process.start()
    assert reached.wait(200)
    assert len(names(tmp_path, ".draft-*")) == len(names(beside, ".trial-*")) == 1
    process.terminate()
    process.join(60)
    assert process.exitcode == 130
    assert names(tmp_path) == names(beside) == set()


def waiting(reached: Event, environment: dict[str, str], folder: Path) -> None:
    async def compare(*_given: Any) -> None:
        reached.set()
        await asyncio.Event().wait()

    filling.compare = compare
    tempfile.tempdir = environment["TMPDIR"]
    typed(("backup", "x.age", "--try"), environment, folder, os.devnull)


def test_a_draft_is_left_to_whoever_writes_it(tmp_path: Path) -> None:
    """Somebody makes a backup in the very folder where the night's one begins."""
    (tmp_path / ".draft-killed").touch()
    with draft_in(tmp_path) as (descriptor, draft):
        ready(tmp_path)
        assert names(tmp_path) == {draft.name}
        os.close(descriptor)
    assert names(tmp_path) == set()


def test_other_things_of_such_a_name_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own := tmp_path / "own").mkdir()
    (own / "trial.db").touch()
    (tmp_path / ".trial-link").symlink_to(own)
    (tmp_path / ".draft-link").symlink_to(own / "trial.db")
    (tmp_path / ".draft-folder").mkdir()
    os.mkfifo(tmp_path / ".trial-pipe")
    (tmp_path / ".trial-work").mkdir()
    (tmp_path / ".trial-work" / "notes").touch()
    before = names(tmp_path)
    clear_trials(tmp_path)
    clear_drafts(tmp_path)
    assert names(tmp_path) == before
    assert names(own, "*") == {"trial.db"}
    (tmp_path / ".trial-left").mkdir()
    (tmp_path / ".draft-left").touch()
    with monkeypatch.context() as patch:
        patch.setattr(remains.os, "geteuid", lambda: os.getuid() + 1)
        clear_trials(tmp_path)
        clear_drafts(tmp_path)
    assert names(tmp_path) == before | {".trial-left", ".draft-left"}, "another user's"
    clear_trials(tmp_path)
    clear_drafts(tmp_path)
    assert names(tmp_path) == before


def test_whoever_is_cleared_away_before_the_lock_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock, taken = remains.fcntl.flock, list[int]()

    def late(handle: int, way: int) -> None:
        if not taken:
            taken.append(handle)
            clear_drafts(tmp_path)
            clear_trials(tmp_path)
        flock(handle, way)

    monkeypatch.setattr(remains.fcntl, "flock", late)
    with draft_in(tmp_path) as (descriptor, draft):
        assert names(tmp_path) == {draft.name}
        os.close(descriptor)
    taken.clear()
    with trial_in(tmp_path) as file:
        assert names(tmp_path) == {file.parent.name}
    assert names(tmp_path) == set()
