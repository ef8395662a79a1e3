"""Those who keep the facts. The owners are named by a setting (`OWNERS`)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import insert_new, writing
from bot.i18n import speaking
from bot.services.campaign import organisation
from bot.services.subscribers import enrolled, find
from models import Member, Role, Subscriber


async def keep_owners(
    session: AsyncSession, vault: Vault, owners: Sequence[int], now: datetime
) -> None:
    """From now on these, and nobody else. They are told in the campaign's language until they
    choose one."""
    found = await organisation(session)
    spoken = found.languages[0] if found and found.languages else "en"
    with speaking(spoken):
        async with writing(session):
            kept = [await member(session, vault, chat, now) for chat in owners]
            others = Member.role == Role.OWNER, Member.subscriber_id.not_in(kept)
            await session.execute(delete(Member).where(*others))


async def welcome(
    session: AsyncSession, vault: Vault, person: Subscriber, chat: int, owners: Sequence[int]
) -> None:
    """An owner who was forgotten is one again when they come back."""
    if chat in owners and await role_of(session, person) is None:
        async with writing(session):
            await add_owner(session, vault, person, chat)


async def role_of(session: AsyncSession, person: Subscriber) -> Role | None:
    role = await session.scalar(select(Member.role).where(Member.subscriber_id == person.id))
    return Role(role) if role else None


async def member(session: AsyncSession, vault: Vault, chat: int, now: datetime) -> int:
    person = (await find(session, vault, chat, now)).subscriber
    return await add_owner(session, vault, person, chat)


async def add_owner(session: AsyncSession, vault: Vault, person: Subscriber, chat: int) -> int:
    """Inside of `writing`."""
    kept = await enrolled(session, vault, person, chat)
    row = {"subscriber_id": kept.id, "role": Role.OWNER}
    await session.execute(insert_new(session, Member, "subscriber_id").values(row))
    return kept.id
