"""Words that somebody planned for later, and is not there any more to answer for: they are a draft
again, as with a role that ends. A stolen account shall not leave them behind by being forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import insert_new
from models import Broadcast, Kind, Notice, Priority

PLANNED = Broadcast.due_at.is_not(None), Broadcast.notice_id.is_(None)
STILL_NEWS = timedelta(days=7)
Whose = Sequence[int] | Select[int]


async def has_planned(session: AsyncSession, person: int) -> bool:
    theirs = exists().where(Broadcast.author_id == person, *PLANNED)
    return bool(await session.scalar(select(theirs)))


async def unplan(session: AsyncSession, whose: Whose) -> int | None:
    """Inside of `writing`. Of what they were to say to many one, if there was any: whoever is
    thrown out has said nothing for tomorrow."""
    draft = {"due_at": None, "is_urgent": False, "is_paid": False, "edition": Broadcast.edition + 1}
    theirs = update(Broadcast).where(Broadcast.author_id.in_(whose), *PLANNED).values(draft)
    return min(await session.scalars(theirs.returning(Broadcast.id)), default=None)


async def leave(session: AsyncSession, whose: Whose, now: datetime) -> None:
    """Inside of `writing`. The others hear of it once, however much it was."""
    number = await unplan(session, whose)
    if number is not None:
        told = unsent("unplanned", number, f"left:{number}:{int(now.timestamp())}", now)
        await session.execute(insert_new(session, Notice).values(told))


def unsent(subject: str, number: int, key: str, now: datetime) -> dict[str, Any]:
    """That a broadcast did not go, or will not."""
    about = {"kind": Kind.UNSENT, "subject": subject, "thing_id": number, "before": None}
    when = {"due_at": now, "expires_at": now + STILL_NEWS, "lead": None, "batch": None}
    return {"key": f"{Kind.UNSENT}:{key}", "priority": Priority.REPLY, **about, **when}
