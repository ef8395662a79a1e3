"""What a task waits for: whether it may be let go, for it is slow by itself.

It is if it waits long for Telegram, which has been given its answer, or in a line behind such a
one. Whoever waits for the database is not: all need it, and what it holds up must not be lost.
Whoever waits for its turn to answer is let go if it is one of many of the same person (`Throttle`):
those of others must not wait behind it.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

Task = asyncio.Task[Any]
SLOW = 2.0
"""Seconds."""


class Line(asyncio.Lock):
    """First come, first served."""

    head: Task | None = None


@dataclass(slots=True)
class Wait:
    since: float | None = None
    """For Telegram; on the event loop's clock."""
    line: Line | None = None
    is_for_turn: bool = False
    """To answer, among all others."""
    is_restless: bool = False
    """Of somebody who did something else just before."""


waits: WeakKeyDictionary[Task, Wait] = WeakKeyDictionary()


def here() -> Wait:
    task = asyncio.current_task()
    assert task is not None
    return waits.setdefault(task, Wait())


@contextmanager
def for_telegram() -> Iterator[None]:
    wait = here()
    wait.since = asyncio.get_running_loop().time()
    try:
        yield
    finally:
        wait.since = None


@contextmanager
def for_turn() -> Iterator[Wait]:
    wait = here()
    wait.is_for_turn = True
    try:
        yield wait
    finally:
        wait.is_for_turn = False


@asynccontextmanager
async def in_line(line: Line) -> AsyncGenerator[None, None]:
    wait = here()
    wait.line = line
    try:
        await line.acquire()
    finally:
        wait.line = None
    line.head = asyncio.current_task()
    try:
        yield
    finally:
        line.head = None
        line.release()


def is_slow(task: Task) -> bool:
    since = foremost(task).since
    return since is not None and asyncio.get_running_loop().time() - since >= SLOW


def can_wait(task: Task) -> bool:
    """For its turn, behind which there is somebody else."""
    wait = foremost(task)
    return wait.is_for_turn and wait.is_restless


def foremost(task: Task) -> Wait:
    """What it waits for, or the head of its line does."""
    wait = waits.get(task)
    if wait and wait.line:
        return foremost(wait.line.head) if wait.line.head else Wait()
    return wait or Wait()
