"""A backup is put back, and tells nothing: what was due while it lay there is written down unsaid.

Whoever was told something after the backup was made would otherwise be told it again: the database
does not know it any more.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.copying import counted, names_in, tables_of
from bot.crypto import Vault
from bot.db import dispose, make_engine, make_sessions, writing
from bot.delivery import (
    desk_notices,
    donation_notices,
    notices,
    proposal_notices,
    question_notices,
)
from bot.keeping.backup import Header, Key, Tell, each, opened
from bot.keeping.filling import Rows, fill
from bot.keeping.refused import Refused
from bot.keeping.remains import trial_in
from bot.services import standstill
from models import Broadcast, Delivery, HistoryEntry, Hold, Notice, Standstill, State, Told
from models.notice import OPEN

GAP = 10_000
"""Numbers that are passed over: those given after the backup was made stand in buttons, and with
what was on its way."""


@dataclass(frozen=True, slots=True)
class Present:
    """What is there now, and would be gone."""

    rows: dict[str, int]
    changed_at: datetime | None

    @property
    def is_empty(self) -> bool:
        """But for what the first start writes."""
        return not any(count for name, count in self.rows.items() if name not in AT_THE_START)


AT_THE_START = frozenset({"campaign_versions"})


async def present(engine: AsyncEngine) -> Present:
    async with engine.connect() as connection:
        names = await connection.run_sync(names_in)
        rows = await counted(connection, await tables_of(connection, names))
        changed = select(func.max(HistoryEntry.at))
        return Present(rows, await connection.scalar(changed) if "history" in names else None)


def refuse_other_key(header: Header, vault: Vault | None) -> None:
    """`vault`: None, if there is no key."""
    if header.key_mark is not None and bytes.fromhex(header.key_mark) not in marks_of(vault):
        problem = "no_key" if vault is None else "foreign_key"
        raise Refused(problem, version=header.key_version)


def marks_of(vault: Vault | None) -> list[bytes]:
    """Of two keys, of which the newer one takes the older one's place at the next start, either."""
    return [one.mark for one in (vault, vault and vault.older) if one]


async def put_back(
    engine: AsyncEngine, file: Path, key: Key, now: datetime, tell: Tell, lost: asyncio.Event
) -> None:
    with file.open("rb") as sealed, opened(sealed, key) as (header, parts):
        rows = Rows(header.revision, header.rows, header.numbers, each(parts))
        await fill(engine, rows, tell, partial(settle, now=now), GAP, lost)
    await write_down(engine, now)


async def tried_out(sealed: BinaryIO, key: Key, folder: Path | None = None) -> None:
    """Put back into a database that is nobody's, and gone afterwards."""
    with trial_in(folder) as file:
        engine = make_engine(f"sqlite+aiosqlite:///{file}")
        try:
            with opened(sealed, key) as (header, parts):
                rows = Rows(header.revision, header.rows, header.numbers, each(parts))
                await fill(engine, rows, lambda done, total: None)
        finally:
            await dispose(engine)


# Nothing is told.


async def settle(connection: AsyncConnection, now: datetime) -> None:
    """As if nobody were left to be told. Until `write_down` has ended nothing is sent."""
    their = Delivery.notice_id == Notice.id, Delivery.state.in_(OPEN)
    left = select(func.count()).select_from(Delivery).where(*their).scalar_subquery()
    some = select(Delivery.notice_id).where(Delivery.state.in_(OPEN))
    dropped = update(Notice).where(Notice.id.in_(some))
    await connection.execute(dropped.values(dropped=Notice.dropped + left))
    open_ = update(Delivery).where(Delivery.state.in_(OPEN))
    await connection.execute(open_.values(state=State.DROPPED, not_before=None, leased_until=None))
    await connection.execute(update(Notice).values(hold=Hold.NONE))
    planned = update(Broadcast).where(Broadcast.due_at <= now, Broadcast.notice_id.is_(None))
    draft = planned.values(due_at=None, is_urgent=False, is_paid=False)
    await connection.execute(draft)
    await connection.execute(delete(Told).where(Told.subject == notices.CAMPAIGN))
    if await connection.scalar(select(Standstill.id)) is None:
        await connection.execute(insert(Standstill).values(id=standstill.ONE, since=now))


async def write_down(engine: AsyncEngine, now: datetime) -> None:
    """What is due now has its notices, and they tell nobody."""
    sessions = make_sessions(engine)
    async with sessions() as session:
        await notices.tick(session, now)
        for due in DUE:
            await due(session, now)
        async with writing(session):
            unsaid = update(Notice).where(Notice.expanded_at.is_(None))
            await session.execute(unsaid.values(expanded_at=now))
            await session.execute(delete(Standstill).where(Standstill.since == now))


DUE = (proposal_notices.due, donation_notices.due, desk_notices.due, question_notices.due)
