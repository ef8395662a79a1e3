"""Who asked the bot to remember something. Nobody is kept for having looked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from bot.crypto import BadKey, Vault
from bot.db import insert_new, wiped, writing
from bot.i18n import language
from bot.services import planned
from bot.services.facts import Version
from models import (
    ALERTS,
    USUAL_LEADS,
    Attendance,
    CampaignVersion,
    Delivery,
    Follow,
    Member,
    OldKey,
    Seat,
    State,
    Subscriber,
)

SEALED = "subscribers.chat_sealed"
NIGHT = {"timezone", "quiet_from", "quiet_until"}
"""Choices that say when it is night for somebody."""
KEPT_FOR = timedelta(days=30)
"""Since they blocked the bot: they may come back."""
IDLE = timedelta(days=365)
"""Since they used the bot last."""
SOME = 500
FOLLOWED = "the database has another key by now"
# Made once, for to make it takes a third as long as to ask it. Of the campaign there is nothing to
# a process whose key was followed by another one: it would find nobody, and take all for strangers.
CAMPAIGN = select(CampaignVersion.version, CampaignVersion.tokens, Subscriber).where(
    or_(CampaignVersion.key_mark == bindparam("mark"), CampaignVersion.key_mark.is_(None))
)
FOUND = CAMPAIGN.outerjoin(Subscriber, Subscriber.chat_index == bindparam("index"))
EITHER: tuple[BindParameter[bytes], ...] = (bindparam("index"), bindparam("before"))
GOES_ON = exists().where(OldKey.is_done.is_(False)).label("goes_on")
WHILE_ROTATING = CAMPAIGN.add_columns(GOES_ON).outerjoin(
    Subscriber, Subscriber.chat_index.in_(EITHER)
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Who somebody is to the bot, and the campaign's version at that moment."""

    subscriber: Subscriber
    version: Version


async def find(session: AsyncSession, vault: Vault, chat_id: int, now: datetime) -> Seen:
    """In one query, for every update needs both. Somebody unknown is a row not in the database."""
    if vault.is_rotating:
        return await find_by_either(session, vault, chat_id, now)
    index = vault.index(chat_id)
    row = (await session.execute(FOUND, {"index": index, "mark": vault.mark})).one_or_none()
    if row is None:
        raise BadKey(FOLLOWED)
    number, tokens, subscriber = row
    return Seen(subscriber or stranger(index, now), Version(number, tokens))


async def find_by_either(session: AsyncSession, vault: Vault, chat_id: int, now: datetime) -> Seen:
    """While rows are sealed anew; to this process the person has the new index already."""
    these = by_either(vault.indexes(chat_id)) | {"mark": vault.mark}
    row = (await session.execute(WHILE_ROTATING, these)).one_or_none()
    if row is None:
        raise BadKey(FOLLOWED)
    number, tokens, subscriber, vault.is_rotating = row
    if subscriber:
        set_committed_value(subscriber, "chat_index", vault.index(chat_id))
    return Seen(subscriber or stranger(vault.index(chat_id), now), Version(number, tokens))


def by_either(indexes: Sequence[bytes]) -> dict[str, bytes]:
    """Twice the same, where there is but one."""
    return {"index": indexes[0], "before": indexes[-1]}


def is_chat(vault: Vault, chat_id: int) -> ColumnElement[bool]:
    return Subscriber.chat_index.in_(vault.indexes(chat_id))


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
    """Whoever is here now: what they are told later is in the language they are spoken to in."""
    kept = await entered(session, vault, person, chat_id)
    kept.language = kept.language or language()
    return kept


async def entered(
    session: AsyncSession, vault: Vault, person: Subscriber, chat_id: int
) -> Subscriber:
    """The row as it is now, made if there is none: two admins of a group may be first at once.

    Inside of `writing`; until its end nobody else changes anything under this row.
    """
    index = vault.index(chat_id)
    if vault.is_rotating and vault.older:  # else they would have a second one
        await bring_over(session, vault, vault.older.index(chat_id), chat_id)
    new = {
        "chat_index": index,
        "chat_sealed": vault.seal(chat_id, SEALED),
        "created_at": person.created_at,
        "seen_on": person.seen_on,
    }
    await session.execute(insert_new(session, Subscriber).values(new))
    query = select(Subscriber).where(Subscriber.chat_index == index)
    fresh = query.with_for_update().execution_options(populate_existing=True)
    kept = (await session.scalars(fresh)).one()
    if person in session and person is not kept:  # they were forgotten since they were found
        session.expunge(person)
    person.id = kept.id  # whoever was unknown until now goes on as somebody known
    return kept


async def bring_over(session: AsyncSession, vault: Vault, before: bytes, chat_id: int) -> None:
    """A row that stands under the key before: whoever else would do so waits, and finds it done."""
    theirs = update(Subscriber).where(Subscriber.chat_index == before)
    sealed = vault.seal(chat_id, SEALED)
    await session.execute(theirs.values(chat_index=vault.index(chat_id), chat_sealed=sealed))


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


async def note_block(session: AsyncSession, whom: ColumnElement[bool], now: datetime) -> None:
    """No message reaches this chat from now on."""
    async with writing(session):
        await cut_off(session, whom, now)


EXPECTED = (
    exists().where(Attendance.subscriber_id == Subscriber.id),
    exists().where(Seat.subscriber_id == Subscriber.id),
)
"""Who said that they will come is counted there, though they may never have spoken to the bot
alone."""


async def drop_blocked(session: AsyncSession, now: datetime) -> int:
    """Some of those who did not come back; how many."""
    long_ago = Subscriber.blocked_on < now - KEPT_FOR
    free = long_ago, ~or_(*EXPECTED)
    some = list(await session.scalars(select(Subscriber.id).where(*free).limit(SOME)))
    return await drop_some(session, some, long_ago, now)


async def drop_idle(session: AsyncSession, vault: Vault, now: datetime) -> int:
    """All who have not used the bot for a year, untold; how many. Those who keep the facts stay as
    long as their role lasts. So does a group that follows something: nobody need write there to be
    told, and all who read it would lose it. It is looked at again in a year."""
    long_ago = Subscriber.seen_on < now - IDLE
    role = exists().where(Member.subscriber_id == Subscriber.id)
    follows = exists().where(Follow.subscriber_id == Subscriber.id)
    query = select(Subscriber.id, Subscriber.chat_sealed, follows)
    free, gone = query.where(long_ago, ~role, ~or_(*EXPECTED)).limit(SOME), 0
    while some := (await session.execute(free)).all():
        kept = [one.id for one in some if one[2] and vault.open(one.chat_sealed, SEALED) < 0]
        gone += await drop_some(session, {one.id for one in some} - {*kept}, long_ago, now)
        async with writing(session):
            again = update(Subscriber).where(Subscriber.id.in_(kept))
            await session.execute(again.values(seen_on=midnight(now)))
    return gone


async def are_all_idle(session: AsyncSession, now: datetime) -> bool:
    """By a clock that is a year ahead they are, too."""
    newest = await session.scalar(select(func.max(Subscriber.seen_on)))
    return newest is not None and newest < now - IDLE


async def drop_some(
    session: AsyncSession, numbers: Collection[int], still: ColumnElement[bool], now: datetime
) -> int:
    """Somebody may have come back since they were looked for."""
    if not numbers:
        return 0
    async with writing(session):
        return await let_go(session, Subscriber.id.in_(numbers) & still, now)


async def forget(session: AsyncSession, person: Subscriber, now: datetime) -> None:
    async with writing(session):
        # A row whose index is made anew just now has its number still.
        mine = Subscriber.chat_index == person.chat_index, Subscriber.id == person.id
        await let_go(session, or_(*mine), now)
    await wiped(session)


async def let_go(session: AsyncSession, whom: ColumnElement[bool], now: datetime) -> int:
    """How many; of those who keep the facts nothing goes out any more, either."""
    await planned.leave(session, select(Subscriber.id).where(whom), now)
    return await drop(session, whom)


async def drop(session: AsyncSession, whom: ColumnElement[bool]) -> int:
    """With all that belongs to them; how many. What is made for them meanwhile comes to nobody.
    Deliveries first, as where they are settled (`settling.apply`): else each would wait for the
    other."""
    theirs = select(Subscriber.id).where(whom)
    await session.execute(delete(Delivery).where(Delivery.subscriber_id.in_(theirs)))
    gone = list(await session.scalars(delete(Subscriber).where(whom).returning(Subscriber.id)))
    await session.execute(delete(Delivery).where(Delivery.subscriber_id.in_(gone)))
    return len(gone)


async def claim(session: AsyncSession, vault: Vault) -> None:
    """The first key that a database is used with is its key from then on."""
    async with writing(session):
        unclaimed = update(CampaignVersion).where(CampaignVersion.key_mark.is_(None))
        await session.execute(unclaimed.values(key_mark=vault.mark))


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
