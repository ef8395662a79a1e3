"""Evenings of letters and other events."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from models import Event

PAGE = 6
STILL_ON = timedelta(hours=2)


async def upcoming(session: AsyncSession, now: datetime, page: int) -> Page[Event]:
    query = (
        select(Event).where(Event.starts_at >= now - STILL_ON).order_by(Event.starts_at, Event.id)
    )
    return await page_of(session, query, page, PAGE)


async def event(session: AsyncSession, event_id: int) -> Event:
    query = select(Event).where(Event.id == event_id).options(selectinload(Event.write_to))
    found = await session.scalar(query)
    if found is None:
        raise NotFound
    return found


def is_past(event: Event, now: datetime) -> bool:
    return event.starts_at < now - STILL_ON


def place_is_shown(event: Event, now: datetime) -> bool:
    """Public, or told so many hours before the start; a place for attendees is not for a card."""
    if event.place_shown.isdecimal():
        opens = event.starts_at - timedelta(hours=int(event.place_shown))
        return opens <= now <= event.starts_at + STILL_ON
    return event.place_shown == "public"
