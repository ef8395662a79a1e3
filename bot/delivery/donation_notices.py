"""What there is to tell of donations: a fundraiser that closes, to who follows whom it is for; ways
to pay that lapse, to those who keep the facts. Looked at once a minute: nobody waits for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.delivery.notice_rows import Row, add_each
from bot.services.campaign import local_now
from bot.services.lapsing import Lapsing, Stage, fundraisers, lapsing
from models import Fundraiser, Kind, Notice, Priority, Told

SETTLE = timedelta(minutes=2)
"""A slip of the pen thanks nobody."""
STILL_NEWS = timedelta(days=7)
CLOSING = "closing"
"""The rows of `told` that say whether a fundraiser was open."""
State = dict[str, Any]
"""{"why": Closing or nothing, "since": when that was seen, as ISO writes it, "told": bool}"""


async def due(session: AsyncSession, now: datetime) -> list[Notice]:
    local, found = await local_now(session, now), await fundraisers(session)
    return [*await closings(session, found, local), *await lapses(session, found, local)]


# Fundraisers that close.


async def closings(
    session: AsyncSession, found: Sequence[Fundraiser], now: datetime
) -> list[Notice]:
    """`now`: the organisers'."""
    known = select(Told.thing_id, Told.facts).where(Told.subject == CLOSING)
    before: dict[int, State] = {number: facts for number, facts in await session.execute(known)}
    after = {one.id: state_of(before.get(one.id), one, now) for one in found}
    if before == after:
        return []
    new = [number for number, state in after.items() if is_news(before.get(number), state)]
    async with writing(session):
        await session.execute(delete(Told).where(Told.subject == CLOSING))
        rows = [{**ROW, "thing_id": number, "facts": state} for number, state in after.items()]
        if rows:
            await session.execute(insert(Told), rows)
        return await add_each(session, [closed(number, after[number], now) for number in new])


ROW = {"subject": CLOSING, "version": 0}


def state_of(before: State | None, fundraiser: Fundraiser, now: datetime) -> State:
    """Of one that was never seen, all is as if it had been told. That it is closed is told once,
    whatever else closes it then."""
    why, seen = fundraiser.closing(now.date()), now.isoformat()
    if before is None:
        return {"why": why, "since": seen, "told": True}
    if before["why"] != why:
        is_known = before["told"] and before["why"] is not None
        return {"why": why, "since": seen, "told": why is None or is_known}
    since = datetime.fromisoformat(before["since"])
    has_settled = not since <= now < since + SETTLE
    return before | {"told": before["told"] or has_settled}


def is_news(before: State | None, after: State) -> bool:
    return before is not None and not before["told"] and after["told"] and bool(after["why"])


def closed(number: int, state: State, now: datetime) -> Row:
    since = int(datetime.fromisoformat(state["since"]).timestamp())
    about = {"kind": Kind.CLOSED, "subject": "fundraiser", "thing_id": number}
    return {
        "key": f"{Kind.CLOSED}:fundraiser:{number}:{since}",
        **about,
        **timed(now, now + STILL_NEWS),
    }


# Ways to pay that lapse.


async def lapses(
    session: AsyncSession, fundraisers: Sequence[Fundraiser], now: datetime
) -> list[Notice]:
    """Of several at once one message tells: it says all that there is to be checked."""
    found = {key_of(one): one for one in lapsing(fundraisers, now)}
    there = set(await session.scalars(select(Notice.key).where(Notice.key.in_(found))))
    rows = [row_of(key, one, now) for key, one in found.items() if key not in there]
    if not rows:
        return []
    silent = [row | {"expanded_at": now} for row in rows[1:]]
    async with writing(session):
        return await add_each(session, [rows[0], *silent])


def key_of(one: Lapsing) -> str:
    checked = int(one.route.checked_at.timestamp())
    return f"{Kind.ROUTES}:route:{one.route.id}:{checked}-{one.stage}"


def row_of(key: str, one: Lapsing, now: datetime) -> Row:
    until = one.route.lapses_at if one.stage is Stage.SOON else now + STILL_NEWS
    about = {"kind": Kind.ROUTES, "subject": "routes", "thing_id": one.route.id}
    return {"key": key, **about, **timed(now, until)}


def timed(now: datetime, until: datetime) -> Row:
    when = {"due_at": now, "expires_at": until, "expanded_at": None}
    return {"lead": None, "before": None, "priority": Priority.REMINDER, **when}
