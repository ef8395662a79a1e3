"""A group that became a supergroup has another chat id: all that was kept of it goes along."""

from collections import Counter
from collections.abc import Sequence
from typing import cast

from sqlalchemy import ColumnElement, Table, case, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.crypto import Vault
from bot.db import writing
from bot.services.notices import count_more
from bot.services.subscribers import SEALED, drop, is_chat, stranger
from models import Delivery, Follow, Notice, State, Subscriber
from models.notice import OPEN

CHOICES = (
    *("language", "timezone", "alerts", "leads"),
    *("quiet_from", "quiet_until", "silent_until"),
)


async def move(session: AsyncSession, vault: Vault, old_chat: int, new_chat: int) -> None:
    """Where the new chat is known already, that one takes over."""
    async with writing(session):
        old = await number_of(session, vault, old_chat)
        known = await number_of(session, vault, new_chat)
        if old is None:
            return
        if known is None:
            index, sealed = vault.index(new_chat), vault.seal(new_chat, SEALED)
            row = update(Subscriber).where(Subscriber.id == old)
            await session.execute(row.values(chat_index=index, chat_sealed=sealed, blocked_on=None))
        elif known != old:
            await take_over(session, old, known)


async def number_of(session: AsyncSession, vault: Vault, chat: int) -> int | None:
    """Found by its chat: the number of a subscriber that is gone may be somebody else's by now."""
    return await session.scalar(select(Subscriber.id).where(is_chat(vault, chat)))


async def take_over(session: AsyncSession, old: int, new: int) -> None:
    """All that the new one does not have of its own; what would come twice is dropped."""
    await choose(session, old, new)
    await clear(session, old, new)
    for table, same in ((Follow, ("subject", "thing_id")), (Delivery, ("notice_id",))):
        await give(session, cast(Table, table.__table__), same, old, new)
    open = Delivery.subscriber_id == old, Delivery.state.in_(OPEN)
    twice = await session.scalars(select(Delivery.notice_id).where(*open))
    await count_more(session, Notice.dropped, Counter(twice))
    await drop(session, Subscriber.id == old)


async def clear(session: AsyncSession, old: int, new: int) -> None:
    """Of each notice the delivery stays that came furthest: what reached the old chat stands in the
    new one, too, and what failed in the new one may be tried again."""
    theirs = aliased(Delivery)
    further = exists().where(
        theirs.subscriber_id == old,
        theirs.notice_id == Delivery.notice_id,
        progress(theirs) > progress(Delivery),
    )
    behind = delete(Delivery).where(Delivery.subscriber_id == new, further)
    gone = await session.execute(behind.returning(Delivery.notice_id, Delivery.state))
    open = Counter(row.notice_id for row in gone if row.state in OPEN)
    await count_more(session, Notice.dropped, open)


def progress(table: type[Delivery]) -> ColumnElement[int]:
    return case((table.state == State.SENT, 2), (table.state.in_(OPEN), 1), else_=0)


async def choose(session: AsyncSession, old: int, new: int) -> None:
    """What was chosen before holds on, where nothing was chosen since."""
    before, since = await session.get(Subscriber, old), await session.get(Subscriber, new)
    if before and since:
        at_first = stranger(since.chat_index, since.created_at)
        for name in CHOICES:
            if getattr(since, name) == getattr(at_first, name):
                setattr(since, name, getattr(before, name))


async def give(
    session: AsyncSession, table: Table, same: Sequence[str], old: int, new: int
) -> None:
    own = table.alias()
    has = exists().where(
        own.c.subscriber_id == new, *(own.c[name] == table.c[name] for name in same)
    )
    rows = update(table).where(table.c.subscriber_id == old, ~has)
    await session.execute(rows.values(subscriber_id=new))
