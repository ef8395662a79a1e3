"""Drafts and trials: whoever makes one has its lock, which ends with the process, however it ends.
What nobody has is left from one that was killed, and the next one clears it away."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp, mkstemp

DRAFT = ".draft-"
TRIAL, DATABASE = ".trial-", "trial.db"


@contextmanager
def draft_in(folder: Path) -> Iterator[tuple[int, Path]]:
    """A file that nobody else may read, already open: whoever is given it closes it. At the end it
    is gone, unless it has another name by then."""
    while True:
        descriptor, name = mkstemp(dir=folder, prefix=DRAFT)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.exists(name):
            break
        os.close(descriptor)  # somebody has cleared it away in between
    try:
        yield descriptor, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def trial_in(folder: Path | None) -> Iterator[Path]:
    """A place for a database that is nobody's. None: where the system has such things."""
    parent = folder or Path(gettempdir())
    clear_trials(parent)
    own, lock = new_trial(parent)
    try:
        yield own / DATABASE
    finally:
        rmtree(own)
        os.close(lock)


def new_trial(parent: Path) -> tuple[Path, int]:
    while True:
        own = Path(mkdtemp(dir=parent, prefix=TRIAL))
        with suppress(FileNotFoundError):
            lock = locked(own)
            if own.exists():
                return own, lock
            os.close(lock)


# What one that was killed has left.


def clear_trials(folder: Path) -> None:
    for trial in left_in(folder, TRIAL):
        with suppress(OSError):  # if there is anything else in it, it is none of ours
            for file in trial.glob(f"{DATABASE}*"):
                file.unlink()
            trial.rmdir()


def clear_drafts(folder: Path) -> None:
    for draft in left_in(folder, DRAFT):
        with suppress(OSError):
            draft.unlink()


def left_in(folder: Path, prefix: str) -> Iterator[Path]:
    """Locked meanwhile."""
    for path in folder.glob(f"{prefix}*"):
        try:
            lock = locked(path, fcntl.LOCK_NB)
        except OSError:
            continue
        try:
            yield path
        finally:
            os.close(lock)


def locked(path: Path, way: int = 0) -> int:
    """Of ours only, and never what a link leads to."""
    lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if os.fstat(lock).st_uid != os.geteuid():
            raise PermissionError
        fcntl.flock(lock, fcntl.LOCK_EX | way)
    except BaseException:
        os.close(lock)
        raise
    return lock
