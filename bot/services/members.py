"""Those who keep the facts. The owners are named by a setting (`OWNERS`)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import insert_new, writing
from bot.i18n import speaking
from bot.services.campaign import organisation
from bot.services.subscribers import enrolled, find
from models import Member, Role


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


async def member(session: AsyncSession, vault: Vault, chat: int, now: datetime) -> int:
    person = (await find(session, vault, chat, now)).subscriber
    kept = await enrolled(session, vault, person, chat)
    row = {"subscriber_id": kept.id, "role": Role.OWNER}
    await session.execute(insert_new(session, Member, "subscriber_id").values(row))
    return kept.id
