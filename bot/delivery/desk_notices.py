"""What is told to those who keep the facts: an address that is said to be wrong, who has joined
them, and each day what needs a hand. Looked at once a minute: nobody waits for it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import writing
from bot.delivery.notice_rows import Row, add_each
from bot.services import address_reports
from bot.services.attention import EDITORS, attention, theirs, told_to
from bot.services.campaign import local_now
from models import AddressReport, Kind, Member, Notice, Priority, Role

MORNING = 9
"""The hour of the organisers at which the summary is told."""
STILL_NEWS = timedelta(days=3)


async def due(session: AsyncSession, now: datetime) -> list[Notice]:
    local = await local_now(session, now)
    new = [
        *await reported(session, local),
        *await joined(session, local),
        *await summary(session, local),
    ]
    if not new:
        return []
    async with writing(session):
        return await add_each(session, new)


async def without_known(session: AsyncSession, rows: list[Row]) -> list[Row]:
    keys = [row["key"] for row in rows]
    known = set(await session.scalars(select(Notice.key).where(Notice.key.in_(keys))))
    return [row for row in rows if row["key"] not in known]


async def reported(session: AsyncSession, now: datetime) -> list[Row]:
    """Once of each address and trouble, as long as nobody has confirmed it anew."""
    since = now.date() - STILL_NEWS
    query = select(AddressReport.defendant_id, AddressReport.trouble, AddressReport.confirmed_at)
    found = (await session.execute(query.where(AddressReport.day >= since).distinct())).all()
    if not found:
        return []
    still = {(one.defendant.id, one.trouble) for one in await address_reports.unsettled(session)}
    rows = []
    for number, trouble, confirmed in found:
        if (number, trouble) in still:
            key = f"{number}:{trouble}:{int(confirmed.timestamp())}"
            rows.append(row(Kind.REPORTED, "report", number, key, now))
    return await without_known(session, rows)


async def joined(session: AsyncSession, now: datetime) -> list[Row]:
    """By an invitation, of whoever is there still: a link that was stolen is noticed by it."""
    query = select(Member.subscriber_id, Member.joined_at).where(Member.role != Role.OWNER)
    found = await session.execute(query.where(Member.joined_at > now - STILL_NEWS))
    rows = [
        row(Kind.JOINED, "member", number, f"{number}:{int(at.timestamp())}", now)
        for number, at in found
    ]
    return await without_known(session, rows)


async def summary(session: AsyncSession, now: datetime) -> list[Row]:
    """One for editors, who can do less, and one for the others."""
    if now.hour < MORNING or not await is_wanted(session):
        return []
    day = now.date().isoformat()
    todays = [row(Kind.SUMMARY, "summary", which, f"{day}:{which}", now) for which in (0, EDITORS)]
    new = await without_known(session, todays)
    found = await attention(session, now) if new else None
    return [one for one in new if found and theirs(found, told_to(one["thing_id"])).total]


async def is_wanted(session: AsyncSession) -> bool:
    wants = select(Member.subscriber_id).where(Member.summary).limit(1)
    return await session.scalar(wants) is not None


def row(kind: Kind, subject: str, thing: int, key: str, now: datetime) -> Row:
    about = {"kind": kind, "subject": subject, "thing_id": thing}
    when = {"due_at": now, "expires_at": now + STILL_NEWS, "expanded_at": None}
    if kind is Kind.SUMMARY:
        when["expires_at"] = now.replace(hour=23, minute=59)
    priority = Priority.URGENT if kind is Kind.JOINED else Priority.REMINDER
    same = {"lead": None, "before": None, "priority": priority}
    return {"key": f"{kind}:{subject}:{key}", **about, **same, **when}
