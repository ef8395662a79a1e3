"""The delivery at work: it looks for what is due, and sends it.

Of several processes of one database one does so, as long as it lives; the others stand by.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.away import Support, is_any_trouble
from bot.clock import Clock
from bot.crypto import Vault
from bot.db import Sessions
from bot.delivery import (
    broadcasts,
    desk_notices,
    donation_notices,
    notices,
    proposal_notices,
    question_notices,
    retention,
)
from bot.delivery.limiter import Limiter
from bot.delivery.retention import Nights
from bot.delivery.sender import Send, Sender
from bot.metrics import Metrics
from bot.services import figures
from bot.services.broadcasts import keep_results
from bot.services.retention import Counts, What
from bot.tasks import steadily, unless
from bot.turn import SENDING, Turn, turn_of

PERIOD = 2.0
"""Seconds between two looks for what is due."""
SELDOM = 60.0
"""Seconds between two looks for what was long ago."""
MANY = (What.MESSAGES, What.BLOCKED)
"""Of which some go at a time."""
May = Callable[[], Awaitable[bool]]
Work = Callable[[Sessions, Clock], Awaitable[float]]
"""Returns the seconds until it is to be done again."""


async def deliver(
    engine: AsyncEngine,
    sessions: Sessions,
    vault: Vault,
    clock: Clock,
    send: Send,
    limiter: Limiter,
    stop: asyncio.Event,
    metrics: Metrics,
    may_forget: May,
    beside: Sequence[Work] = (),
) -> None:
    """Until `stop`; what is on its way then is finished. `beside`: what else one process does."""

    async def sending(stop: asyncio.Event) -> None:
        parts = sessions, vault, clock, send, limiter, turn
        await Sender(*parts, heard=metrics.delivered).run(stop)

    async with turn_of(engine, SENDING) as turn:
        metrics.turns[SENDING.name] = turn
        await unless(stop, turn.kept())
        nights = partial(tidy, nights=Nights(vault, metrics.forgotten), may_forget=may_forget)
        works: list[Work] = [look, nights, *beside]
        again = [partial(repeatedly, work, sessions, clock, turn) for work in works]
        await asyncio.gather(steadily(sending, stop), *(steadily(loop, stop) for loop in again))


async def repeatedly(
    work: Work, sessions: Sessions, clock: Clock, turn: Turn, stop: asyncio.Event
) -> None:
    database = Support("the database that tells what is due", is_any_trouble)
    while not stop.is_set():
        await unless(stop, turn.kept())
        pause = await unless(stop, database.outlast(partial(work, sessions, clock)))
        await unless(stop, asyncio.sleep(pause or 0))


async def look(sessions: Sessions, clock: Clock) -> float:
    async with sessions() as session:
        await notices.tick(session, clock.now())
        await proposal_notices.due(session, clock.now())
        await broadcasts.due(session, clock.now())
    return PERIOD


async def surely() -> bool:
    return True


async def tidy(
    sessions: Sessions, clock: Clock, nights: Nights | None = None, may_forget: May = surely
) -> float:
    may = await may_forget()
    async with sessions() as session:
        forgotten = await retention.some(session, clock.now()) if may else Counts()
        await donation_notices.due(session, clock.now())
        await desk_notices.due(session, clock.now())
        await question_notices.due(session, clock.now())
        await keep_results(session)
        await figures.keep_followers(session, clock.now())
    if nights and may:
        nights.add(forgotten)
        await nights.look(sessions, clock)
    return PERIOD if any(forgotten[what] for what in MANY) else SELDOM
