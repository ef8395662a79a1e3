"""A new key goes through the rows while the bot serves (bot/services/rotation.py)."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.away import Support, is_any_trouble
from bot.crypto import Vault
from bot.db import Sessions
from bot.services import rotation
from bot.services.rotation import Rotation
from bot.tasks import steadily, unless
from bot.turn import ROTATING, turn_of

PAUSE = 0.01
"""Seconds between two transactions, for whoever else wants to write."""
TOLD_EVERY = 10_000
"""Rows."""
log = structlog.get_logger()


async def rotating(
    engine: AsyncEngine,
    sessions: Sessions,
    vault: Vault,
    put_away: Callable[[], bool],
    stop: asyncio.Event,
) -> None:
    """Of several processes one does it. `put_away`: takes the old key from where it is kept, and
    says whether it could."""

    async def through(stop: asyncio.Event) -> None:
        if vault.is_rotating:
            async with turn_of(engine, ROTATING) as turn:
                await unless(stop, turn.kept())
                await go_through(engine, sessions, vault, put_away, stop)
        if not vault.is_rotating:
            await stop.wait()

    await steadily(through, stop)


async def go_through(
    engine: AsyncEngine,
    sessions: Sessions,
    vault: Vault,
    put_away: Callable[[], bool],
    stop: asyncio.Event,
) -> None:
    work = Rotation(vault)
    database = Support("the database that gets a new key", is_any_trouble)
    while vault.is_rotating and not stop.is_set():
        told = work.done // TOLD_EVERY
        if await unless(stop, database.outlast(partial(step, engine, sessions, work))):
            log.info("all rows are sealed with the new key", rows=work.done)
            if not put_away():
                log.warning("the old key is needed no more: take it out of DATA_KEY")
        elif work.done // TOLD_EVERY > told:
            log.info("rows are sealed with the new key", rows=work.done)
        await unless(stop, asyncio.sleep(PAUSE))


async def step(engine: AsyncEngine, sessions: Sessions, work: Rotation) -> bool:
    """Whether all is done."""
    async with sessions() as session:
        was_last = await work.step(session)
        if not was_last or await rotation.is_left(session, work.vault):
            return False
    await rotation.end(engine, sessions, work.vault)
    return True
