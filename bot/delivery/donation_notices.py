"""What there is to tell of donations: a fundraiser that closes, to who follows whom it is for; ways
to pay that lapse, to those who keep the facts. Looked at once a minute: nobody waits for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.delivery.notice_rows import Row, add_each
from bot.services import members
from bot.services.campaign import local_now
from bot.services.lapsing import Lapsing, Stage, fundraisers, lapsing
from models import Closing, Fundraiser, Kind, Notice, Priority, Told

SETTLE = timedelta(minutes=2)
"""A slip of the pen thanks nobody."""
STILL_NEWS = timedelta(days=7)
CLOSING, LAPSING = "closing", "lapsing"
"""The rows of `told` that say whether a fundraiser was open, and how near to its end a way to pay
was when those who keep it were told."""
State = dict[str, Any]
"""{"why": Closing or nothing, "since": when that was seen, as ISO writes it, "told": bool,
"goal": the one that was told to be reached}; {"checked": when, "stage": Stage}"""


async def due(session: AsyncSession, now: datetime) -> list[Notice]:
    local, found = await local_now(session, now), await fundraisers(session)
    return [*await closings(session, found, local), *await lapses(session, found, local)]


async def read_told(session: AsyncSession, subject: str) -> dict[int, State]:
    """By the numbers of what it is about."""
    known = select(Told.thing_id, Told.facts).where(Told.subject == subject)
    return {number: facts for number, facts in await session.execute(known)}


async def write_told(session: AsyncSession, subject: str, states: dict[int, State]) -> None:
    """Instead of all that was there. Inside of `writing`."""
    await session.execute(delete(Told).where(Told.subject == subject))
    about = {"subject": subject, "version": 0}
    rows = [{**about, "thing_id": number, "facts": state} for number, state in states.items()]
    if rows:
        await session.execute(insert(Told), rows)


# Fundraisers that close.


async def closings(
    session: AsyncSession, found: Sequence[Fundraiser], now: datetime
) -> list[Notice]:
    """`now`: the organisers'."""
    before = await read_told(session, CLOSING)
    after = {one.id: state_of(before.get(one.id), one, now) for one in found}
    if before == after:
        return []
    new = [number for number, state in after.items() if is_news(before.get(number), state)]
    async with writing(session):
        await write_told(session, CLOSING, after)
        return await add_each(session, [closed(number, after[number], now) for number in new])


def state_of(before: State | None, fundraiser: Fundraiser, now: datetime) -> State:
    """Of one that was never seen, all is as if it had been told. That it is closed is told once,
    whatever else closes it then."""
    why, seen, goal = fundraiser.closing(now.date()), now.isoformat(), str(fundraiser.goal)
    new = {"why": why, "since": seen, "goal": before and before.get("goal")}
    if before is None:
        return new | {"told": True, "goal": goal if why is Closing.REACHED else None}
    if before["why"] != why:
        was_told = before["told"] and before["why"] is not None
        is_known = was_told or (why is Closing.REACHED and new["goal"] == goal)
        return new | {"told": why is None or is_known}
    since = datetime.fromisoformat(before["since"])
    if since > now:  # a clock was set back: it is waited for from now on
        return before | {"since": seen}
    has_settled = not before["told"] and now >= since + SETTLE
    is_reached = has_settled and why is Closing.REACHED
    return before | ({"told": True} if has_settled else {}) | ({"goal": goal} if is_reached else {})


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
    """Of several at once one message tells: it says all that there is to be checked. As long as
    nobody keeps the ways to pay, nothing counts as told."""
    found = {one.route.id: one for one in lapsing(fundraisers, now)}
    after = {number: stage_told(one) for number, one in found.items()}
    before = await read_told(session, LAPSING)
    if before == after or not await members.is_anybody(session):
        return []
    new = [one for number, one in found.items() if before.get(number) != after[number]]
    async with writing(session):
        await write_told(session, LAPSING, after)
        return await add_each(session, [to_check(new, now)] if new else [])


def stage_told(one: Lapsing) -> State:
    return {"checked": one.route.checked_at.isoformat(), "stage": one.stage}


def to_check(new: Sequence[Lapsing], now: datetime) -> Row:
    """Until the last of them lapses, or for a week."""
    first = new[0].route.id
    soon = [one.route.lapses_at for one in new if one.stage is Stage.SOON]
    is_lapsed = any(one.stage is Stage.LAPSED for one in new)
    until = max([*soon, *([now + STILL_NEWS] if is_lapsed else [])])
    about = {"kind": Kind.ROUTES, "subject": "routes", "thing_id": first}
    key = f"{Kind.ROUTES}:route:{first}:{int(now.timestamp())}"
    return {"key": key, **about, **timed(now, until)}


def timed(now: datetime, until: datetime) -> Row:
    when = {"due_at": now, "expires_at": until, "expanded_at": None}
    return {"lead": None, "before": None, "priority": Priority.REMINDER, **when}
