"""Tasks that end together, or when they are told to."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import structlog
from aiogram.utils.backoff import Backoff, BackoffConfig

AGAIN = BackoffConfig(min_delay=1, max_delay=60, factor=2, jitter=0.1)
T = TypeVar("T")
log = structlog.get_logger()


async def steadily(work: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event) -> None:
    """Until `stop`; what fails by a fault of its own is begun again: nothing else would do it."""
    backoff = Backoff(AGAIN)
    while not stop.is_set():
        try:
            await work(stop)
        except Exception:
            log.exception("what runs all the time failed and begins again")
            await unless(stop, backoff.asleep())


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The work's result; None as soon as `stop` is set."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        await end(working, stopping)


async def end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
