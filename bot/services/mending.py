"""What was sent to many is corrected, or recalled: every copy there is.

As with sending, what is decided stands in the row; `delivery/broadcasts.py` makes a notice of it.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.services.audience import how_many
from bot.services.broadcasts import Changed, Seen, Version, end, locked, notice_of
from bot.services.standstill import stopped_since
from models import Broadcast, Kind, Notice, Priority

TO_BE_CORRECTED = (
    Broadcast.notice_id.is_not(None),
    Broadcast.mending_id.is_(None),
    Broadcast.corrected_at.is_not(None),
    Broadcast.recalled_at.is_(None),
)


class StandsStill(Changed):
    """An owner stopped all sending: whoever looks then what is to go on must see all of it."""


async def copies(session: AsyncSession, one: Broadcast, kind: Kind, now: datetime) -> int:
    """That can be corrected or recalled now."""
    notice = Notice(**row_of(one, kind, now, 0))
    return await how_many(session, notice, now)


def row_of(one: Broadcast, kind: Kind, since: datetime, copies: int) -> dict[str, Any]:
    lasts = timedelta(hours=48) if kind == Kind.RECALL else timedelta(days=7)
    return {
        "key": f"{kind}:{one.id}-{one.edition}",
        "kind": kind,
        "subject": "broadcast",
        "thing_id": one.id,
        "lead": None,
        "before": {"notice": one.notice_id, "copies": copies},
        "priority": Priority.MENDING,
        "due_at": since,
        "expires_at": since + lasts,
        "batch": None,
    }


async def is_mendable(session: AsyncSession, one: Broadcast) -> bool:
    """Not after a month: then nobody knows any more which messages they were."""
    return await notice_of(session, one.notice_id) is not None


async def correct(
    session: AsyncSession, seen: Seen, language: str, version: Version, now: datetime
) -> None:
    """Whoever has it gets it edited, the others get it as it is now. Raises Changed
    (StandsStill)."""
    async with writing(session):
        await corrected(session, seen, language, version, now)


async def corrected(
    session: AsyncSession, seen: Seen, language: str, version: Version, now: datetime
) -> None:
    """Inside of `writing`."""
    one = await to_mend(session, seen)
    if await stopped_since(session):
        raise StandsStill
    if language not in one.versions:
        raise Changed
    one.versions = one.versions | {language: version.as_json()}
    one.corrected_at = now
    await supersede(session, one, now)


async def recall(session: AsyncSession, seen: Seen, now: datetime) -> None:
    """Nobody else gets it, and every copy is deleted. Raises Changed."""
    async with writing(session):
        one = await to_mend(session, seen)
        assert one.notice_id is not None
        one.stopped_at = one.stopped_at or now
        one.recalled_at = now
        await end(session, one.notice_id, now)
        await supersede(session, one, now)


async def to_mend(session: AsyncSession, seen: Seen) -> Broadcast:
    number, edition = seen
    one = await locked(session, number)
    notice = await notice_of(session, one.notice_id)
    if one.edition != edition or notice is None or one.recalled_at:
        raise Changed
    return one


async def supersede(session: AsyncSession, one: Broadcast, now: datetime) -> None:
    """What was on its way of a correction before comes to nothing: this one says all."""
    if one.mending_id:
        await end(session, one.mending_id, now)
    one.mending_id = None
    one.edition += 1


async def begin(session: AsyncSession, one: Broadcast) -> Notice:
    """Inside of `writing`, with its row locked: the notice by which it is done."""
    asked = one.recalled_at or one.corrected_at
    assert asked is not None
    kind = Kind.RECALL if one.recalled_at else Kind.CORRECTION
    notice = await notice_of(session, one.notice_id)
    made = Notice(**row_of(one, kind, asked, notice.sent if notice else 0))
    session.add(made)
    await session.flush()
    one.mending_id = made.id
    return made


async def drop_correction(session: AsyncSession, one: Broadcast, now: datetime) -> None:
    """Inside of `writing`. Nobody has got it yet."""
    await supersede(session, one, now)
    one.corrected_at = None
