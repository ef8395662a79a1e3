"""Large files are read one at a time: whoever sends several at once, by whatever accounts, takes
the memory of one."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from bot.services.errors import Busy

LARGE = 512 * 1024
"""Bytes. What is smaller takes a few megabytes of memory, and waits for nobody."""
MOST = 3
"""That are read or wait; each of them holds an update, and its bytes."""


@dataclass
class Line:
    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    standing: int = 0


lines: WeakKeyDictionary[AbstractEventLoop, Line] = WeakKeyDictionary()


@asynccontextmanager
async def turn(size: int) -> AsyncIterator[None]:
    """Raises Busy: too many stand there."""
    if size < LARGE:
        yield
        return
    line = lines.setdefault(asyncio.get_running_loop(), Line())
    if line.standing >= MOST:
        raise Busy
    line.standing += 1
    try:
        async with line.order:
            yield
    finally:
        line.standing -= 1
