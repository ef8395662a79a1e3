"""A hearing that is no next date of another one: of which case, in which court."""

from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.services.audience import how_many
from bot.services.docket import next_slug
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.pages import Page, page_of
from bot.services.search import Search
from models import Case, Court, Defendant, Hearing, HearingKind, HearingStatus, Kind, Notice

Row = TypeVar("Row", Case, Court)
PAGE = 7
FIRST = 1
"""The number at the end of a case's first slug."""


async def cases(session: AsyncSession, page: int) -> Page[Case]:
    """The newest first: what was entered just now gets its first hearing."""
    return await page_of(session, select(Case).order_by(Case.id.desc()), page, PAGE)


async def cases_named(facts: Facts, search: Search, text: str) -> list[Case]:
    """As people type them, or the people in them."""
    things = (await search.find(facts, text)).things
    found = [one.case if isinstance(one, Defendant) else one for one in things]
    return list({one.id: one for one in found}.values())[:PAGE]


async def courts(session: AsyncSession, case: Case, page: int) -> Page[Court]:
    """First those in which the case was."""
    query = select(Court).order_by(~was_there(case), Court.id)
    return await page_of(session, query, page, PAGE)


async def courts_named(session: AsyncSession, case: Case, text: str) -> list[Court]:
    """By a part of their name or city, in any language."""
    wanted = text.strip().casefold()
    every = await session.scalars(select(Court).order_by(~was_there(case), Court.id))
    return [one for one in every if any(wanted in name.casefold() for name in names_of(one))][:PAGE]


def names_of(court: Court) -> list[str]:
    return [name for texts in (court.name, court.city) for name in texts.values()]


def was_there(case: Case) -> ColumnElement[bool]:
    return exists().where(Hearing.court_id == Court.id, Hearing.case_id == case.id)


async def case_of(session: AsyncSession, number: int) -> Case:
    """Raises NotFound."""
    return there(await session.get(Case, number))


async def court_of(session: AsyncSession, number: int) -> Court:
    """Raises NotFound."""
    return there(await session.get(Court, number))


def there(one: Row | None) -> Row:
    if one is None:
        raise NotFound
    return one


async def free_slug(session: AsyncSession, case: Case) -> str:
    return await next_slug(session, case.slug, FIRST)


async def facts_of(
    session: AsyncSession, case: Case, court: Court, kind: HearingKind, start: datetime
) -> dict[str, Any]:
    """As a campaign file has them; `start` by the court's clock."""
    slug = await free_slug(session, case)
    where = {"case": case.slug, "court": court.slug, "kind": kind}
    return {"slug": slug, **where, "starts_at": f"{start:%Y-%m-%d %H:%M}"}


async def known_on(session: AsyncSession, case: Case, court: Court, day: date) -> list[Hearing]:
    """Of the case, on that day of the court: it may be the same one."""
    midnight = datetime.combine(day, time(), ZoneInfo(court.timezone))
    query = select(Hearing).options(joinedload(Hearing.court))
    same = query.where(
        Hearing.case_id == case.id,
        Hearing.status != HearingStatus.CANCELLED,
        Hearing.starts_at >= midnight,
        Hearing.starts_at < midnight + timedelta(days=1),
    )
    return list(await session.scalars(same.order_by(Hearing.starts_at)))


async def how_many_are_told(session: AsyncSession, case: Case, court: Court, now: datetime) -> int:
    known = {"case": case.id, "court": court.id}
    notice = Notice(key="", kind=Kind.SET, subject="hearing", thing_id=0, before=known)
    return await how_many(session, notice, now)
