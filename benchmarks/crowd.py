"""People by the thousand who are to be told something, for benchmarks and tests of delivery."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import Sessions, writing
from bot.services.subscribers import SEALED
from models import Delivery, Follow, Kind, Notice, Priority, State, Subject, Subscriber

MANY = 10_000
numbers = count(1)


async def people(
    sessions: Sessions,
    vault: Vault,
    chats: Sequence[int],
    now: datetime,
    subject: Subject = Subject.ALL,
    thing: int = 0,
    **more: Any,
) -> None:
    """A subscriber for each chat, who follows everything, or this."""
    async with sessions() as session:
        for start in range(0, len(chats), MANY):
            rows = [row(vault, chat, now) | more for chat in chats[start : start + MANY]]
            async with writing(session):
                await session.execute(insert(Subscriber), rows)
        columns = ["subscriber_id", "subject", "thing_id", "muted", "created_at"]
        new = select(
            Subscriber.id,
            literal(subject.value),
            literal(thing),
            literal(False),
            Subscriber.created_at,
        ).where(~select(Follow.id).where(Follow.subscriber_id == Subscriber.id).exists())
        async with writing(session):
            await session.execute(insert(Follow).from_select(columns, new))


def row(vault: Vault, chat: int, now: datetime) -> dict[str, Any]:
    return {
        "chat_index": vault.index(chat),
        "chat_sealed": vault.seal(chat, SEALED),
        "created_at": now,
        "seen_on": now,
    }


async def tell(sessions: Sessions, now: datetime, **more: Any) -> int:
    """A notice that is due; its number."""
    usual = {
        "key": f"news:{next(numbers)}",
        "kind": Kind.NEWS,
        "subject": Subject.CASE,
        "thing_id": 1,
        "priority": Priority.BULK,
        "due_at": now,
    }
    async with sessions() as session, writing(session):
        notice = Notice(**(usual | more))
        session.add(notice)
        await session.flush()
        return notice.id


async def states(session: AsyncSession, notice: int | None = None) -> dict[State, int]:
    """How many deliveries are in which."""
    query = select(Delivery.state, func.count()).group_by(Delivery.state)
    if notice is not None:
        query = query.where(Delivery.notice_id == notice)
    return {State(state): number for state, number in await session.execute(query)}
