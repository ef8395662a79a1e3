"""The list of hearings as those keep it who keep the facts: what moves, is called off, was decided.

Every change is a campaign file of a few lines: the same rules hold, and the same people are told.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from bot.crypto import Vault
from bot.services.audience import how_many
from bot.services.campaign_file import Plan, plan_things
from bot.services.pages import Page, page_of
from models import Hearing, HearingStatus, Kind, Notice
from models.hearing import STILL_ON

PAGE = 7
OPEN_FOR = timedelta(days=60)
"""So long somebody is reminded of a hearing that has been and of which nothing is known."""
Condition = ColumnElement[bool]
Facts = Mapping[str, Any]
"""Keys of a hearing in a campaign file."""


async def docket(session: AsyncSession, now: datetime, page: int) -> Page[Hearing]:
    """Those of which it is not known what came of them or when they go on, then those to come; by
    their hours."""
    is_on = Hearing.starts_at >= now - STILL_ON
    query = (
        select(Hearing)
        .where(or_(is_on, and_(*is_unknown(now)), and_(*is_put_off(now))))
        .options(joinedload(Hearing.case), joinedload(Hearing.court))
        .order_by(Hearing.starts_at, Hearing.id)
    )
    return await page_of(session, query, page, PAGE)


def is_unknown(now: datetime) -> tuple[Condition, ...]:
    """What came of it."""
    lately = Hearing.starts_at.between(now - OPEN_FOR, now)
    return lately, Hearing.status == HearingStatus.SCHEDULED, Hearing.outcome.is_(None)


def is_put_off(now: datetime) -> tuple[Condition, ...]:
    """Without a next date."""
    later = aliased(Hearing)
    goes_on = exists().where(later.case_id == Hearing.case_id, later.starts_at > Hearing.starts_at)
    lately = Hearing.starts_at.between(now - OPEN_FOR, now)
    return lately, Hearing.status == HearingStatus.ADJOURNED, ~goes_on


async def next_slug(session: AsyncSession, slug: str, first: int = 2) -> str:
    """Of the next date: "port-strike-1" is followed by "port-strike-2"."""
    stem = re.sub(r"-\d+$", "", slug)[:58].rstrip("-")
    taken = set(await session.scalars(select(Hearing.slug).where(Hearing.slug.startswith(stem))))
    number = next(n for n in range(first, len(taken) + first + 1) if f"{stem}-{n}" not in taken)
    return f"{stem}-{number}"


async def plan(session: AsyncSession, vault: Vault, facts: Facts, now: datetime) -> Plan:
    """Raises CampaignFileError."""
    return await plan_things(session, {"hearings": [dict(facts)]}, "docket", now, vault.mark_of)


async def how_many_are_told(session: AsyncSession, one: Hearing, now: datetime) -> int:
    """Of a move, say: whoever follows it, and whoever said that they will come."""
    notice = Notice(key="", kind=Kind.MOVED, subject="hearing", thing_id=one.id, before=None)
    return await how_many(session, notice, now)
