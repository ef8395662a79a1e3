"""Who asked the bot to remember something. Nobody is kept for having looked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import insert_new, wiped, writing
from bot.i18n import language
from bot.services.facts import Version
from models import (
    ALERTS,
    USUAL_LEADS,
    Attendance,
    CampaignVersion,
    Delivery,
    Seat,
    State,
    Subscriber,
)

SEALED = "subscribers.chat_sealed"
NIGHT = {"timezone", "quiet_from", "quiet_until"}
"""Choices that say when it is night for somebody."""
KEPT_FOR = timedelta(days=30)
"""Since they blocked the bot: they may come back."""
SOME = 500
# Made once, for to make it takes a third as long as to ask it.
FOUND = select(CampaignVersion.version, CampaignVersion.tokens, Subscriber).outerjoin(
    Subscriber, Subscriber.chat_index == bindparam("index")
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Who somebody is to the bot, and the campaign's version at that moment."""

    subscriber: Subscriber
    version: Version


async def find(session: AsyncSession, vault: Vault, chat_id: int, now: datetime) -> Seen:
    """In one query, for every update needs both. Somebody unknown is a row not in the database."""
    index = vault.index(chat_id)
    number, tokens, subscriber = (await session.execute(FOUND, {"index": index})).one()
    return Seen(subscriber or stranger(index, now), Version(number, tokens))


def stranger(index: bytes, now: datetime) -> Subscriber:
    return Subscriber(
        chat_index=index,
        language=None,
        timezone=None,
        alerts=sum(ALERTS.values()),
        leads=USUAL_LEADS,
        created_at=midnight(now),
        seen_on=midnight(now),
    )


async def remember(
    session: AsyncSession, vault: Vault, person: Subscriber, chat_id: int, **choice: object
) -> Subscriber:
    """Keeps a choice (such as `language`) and, the first time, whom it is of."""
    async with writing(session):
        kept = await enrolled(session, vault, person, chat_id)
        for name, value in choice.items():
            setattr(kept, name, value)
        if choice.keys() & NIGHT:
            await reconsider(session, kept)
    return kept


async def reconsider(session: AsyncSession, person: Subscriber) -> None:
    """What waits for the end of their night is looked at again: it may be over by other hours."""
    theirs = Delivery.subscriber_id == person.id, Delivery.state == State.WAITING
    waiting = update(Delivery).where(*theirs, Delivery.not_before.is_not(None))
    await session.execute(waiting.values(not_before=person.created_at))


async def enrolled(
    session: AsyncSession, vault: Vault, person: Subscriber, chat_id: int
) -> Subscriber:
    """The row as it is now, made if there is none: two admins of a group may be first at once.

    Inside of `writing`; until its end nobody else changes anything under this row.
    """
    new = {
        "chat_index": person.chat_index,
        "chat_sealed": vault.seal(chat_id, SEALED),
        "created_at": person.created_at,
        "seen_on": person.seen_on,
    }
    await session.execute(insert_new(session, Subscriber).values(new))
    query = select(Subscriber).where(Subscriber.chat_index == person.chat_index)
    fresh = query.with_for_update().execution_options(populate_existing=True)
    kept = (await session.scalars(fresh)).one()
    kept.language = kept.language or language()  # what they are told later is in it, too
    if person in session and person is not kept:  # they were forgotten since they were found
        session.expunge(person)
    person.id = kept.id  # whoever was unknown until now goes on as somebody known
    return kept


async def seen(session: AsyncSession, person: Subscriber, now: datetime) -> None:
    """Notes the day of somebody known, once a day: who is idle for a year is forgotten."""
    if person.id is not None and now - person.seen_on >= timedelta(days=1):
        async with writing(session):
            today = update(Subscriber).where(Subscriber.id == person.id)
            await session.execute(today.values(seen_on=midnight(now)))


async def cut_off(session: AsyncSession, whom: ColumnElement[bool], now: datetime) -> None:
    """Inside of `writing`."""
    cut = update(Subscriber).where(whom, Subscriber.blocked_on.is_(None))
    await session.execute(cut.values(blocked_on=midnight(now)))


async def note_block(session: AsyncSession, index: bytes, now: datetime) -> None:
    """No message reaches this chat from now on."""
    async with writing(session):
        await cut_off(session, Subscriber.chat_index == index, now)


async def drop_blocked(session: AsyncSession, now: datetime) -> bool:
    """Some of those who did not come back; whether there were any. Who said that they will come to
    a hearing is counted there, though they may never have spoken to the bot alone."""
    long_ago = Subscriber.blocked_on < now - KEPT_FOR
    come = exists().where(Attendance.subscriber_id == Subscriber.id)
    seated = exists().where(Seat.subscriber_id == Subscriber.id)
    free = long_ago, ~come, ~seated
    some = list(await session.scalars(select(Subscriber.id).where(*free).limit(SOME)))
    if some:
        async with writing(session):
            await drop(session, Subscriber.id.in_(some) & long_ago)
    return bool(some)


async def forget(session: AsyncSession, person: Subscriber) -> None:
    async with writing(session):
        await drop(session, Subscriber.chat_index == person.chat_index)
    await wiped(session)


async def drop(session: AsyncSession, whom: ColumnElement[bool]) -> None:
    """With all that belongs to them. What is made for them meanwhile comes to nobody. Deliveries
    first, as where they are settled (`settling.apply`): else each would wait for the other."""
    theirs = select(Subscriber.id).where(whom)
    await session.execute(delete(Delivery).where(Delivery.subscriber_id.in_(theirs)))
    gone = list(await session.scalars(delete(Subscriber).where(whom).returning(Subscriber.id)))
    await session.execute(delete(Delivery).where(Delivery.subscriber_id.in_(gone)))


async def claim(session: AsyncSession, vault: Vault) -> None:
    """The first key that a database is used with is its key from then on."""
    async with writing(session):
        unclaimed = update(CampaignVersion).where(CampaignVersion.key_mark.is_(None))
        await session.execute(unclaimed.values(key_mark=vault.mark))


async def fits(session: AsyncSession, vault: Vault) -> bool:
    """With another key nobody would be found: told “nothing is kept”, while it is."""
    mark = await session.scalar(select(CampaignVersion.key_mark))
    return mark is None or mark == vault.mark


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
