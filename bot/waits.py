"""What a task waits for: whether it may be let go, for it is slow by itself.

It is if it waits long for Telegram, which has been given its answer, or in a line behind such a
one. Whoever waits for the database is not: all need it, and what it holds up must not be lost.
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
    wait = waits.get(task)
    if wait is None:
        return False
    if wait.line is not None:
        return wait.line.head is not None and is_slow(wait.line.head)
    since = wait.since
    return since is not None and asyncio.get_running_loop().time() - since >= SLOW
