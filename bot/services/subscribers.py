"""Who asked the bot to remember something. Nobody is kept for having looked."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import writing
from models import Subscriber

SEALED = "subscribers.chat_sealed"


async def find(session: AsyncSession, vault: Vault, chat_id: int) -> Subscriber | None:
    query = select(Subscriber).where(Subscriber.chat_index == vault.index(chat_id))
    found: Subscriber | None = await session.scalar(query)
    return found


def stranger(vault: Vault, chat_id: int, now: datetime) -> Subscriber:
    """Somebody nothing is kept of: a row that is not in the database."""
    return Subscriber(
        chat_index=vault.index(chat_id),
        chat_sealed=vault.seal(chat_id, SEALED),
        language=None,
        timezone=None,
        created_at=midnight(now),
        seen_on=midnight(now),
    )


async def choose_language(session: AsyncSession, person: Subscriber, language: str) -> None:
    async with writing(session):
        person.language = language
        session.add(person)


async def choose_timezone(session: AsyncSession, person: Subscriber, zone: str | None) -> None:
    async with writing(session):
        person.timezone = zone
        session.add(person)


async def seen(session: AsyncSession, person: Subscriber, now: datetime) -> None:
    """Notes the day of somebody known, once a day: who is idle for a year is forgotten."""
    if person.id is None or now - person.seen_on < timedelta(days=1):
        return
    async with writing(session):
        person.seen_on = midnight(now)


async def forget(session: AsyncSession, person: Subscriber) -> None:
    async with writing(session):
        await session.execute(delete(Subscriber).where(Subscriber.chat_index == person.chat_index))


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
