"""When something is badly wrong: nothing is sent, all roles but the owners' end, or everybody is
forgotten."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import blanked, emptied, wiped, writing
from bot.services import broadcasts, members, mending, standstill
from bot.services.mending import TO_BE_CORRECTED
from models import (
    OF_BROADCASTS,
    Attendance,
    Base,
    Broadcast,
    CalendarFeed,
    Delivery,
    Dialog,
    Follow,
    HistoryEntry,
    Hold,
    Invitation,
    Kind,
    Member,
    Notice,
    Proposal,
    Question,
    Role,
    Seat,
    State,
    Subscriber,
)
from models.notice import IS_LEFT, lasting

OF_PEOPLE = (
    *(Delivery, Seat, Attendance, Follow, CalendarFeed, Question),
    *(Proposal, Invitation, Dialog, Member),
)
"""What is kept of them."""


def tables_of(*models: type[Base]) -> list[Table]:
    return [Base.metadata.tables[one.__tablename__] for one in models]


AUTHORS = [
    key
    for table in tables_of(HistoryEntry, Broadcast)
    for key in table.foreign_key_constraints
    if key.referred_table.name == Subscriber.__tablename__
]
"""Who changed or sent what is kept."""


LOOK, LOOKS = 0.25, 40
"""Seconds in which the sender sees that it is to stop (`sender.TICK`); and how many times it is
waited for: as long as most requests under way take."""


# All sending.


async def stop(session: AsyncSession, now: datetime) -> None:
    """What is claimed goes back into the line (`Sender.look`). Broadcasts and corrections that are
    on their way are paused: one by one they are looked at before they go on."""
    async with writing(session):
        await standstill.begin(session, now)
        await hold(session, now)


async def hold(session: AsyncSession, now: datetime) -> None:
    """Inside of `writing`. A recall is not held: it takes away what may be false."""
    kinds = Notice.kind.in_((Kind.BROADCAST, Kind.CORRECTION))
    going = update(Notice).where(kinds, *is_going(now))
    await session.execute(going.values(hold=Hold.PAUSED))


def is_going(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of broadcasts, and of what mends them: that is not over."""
    return Notice.kind.in_(OF_BROADCASTS), IS_LEFT, lasting(now)


async def go_on(session: AsyncSession, now: datetime) -> None:
    """What was asked for in the moment of the stop is held, too."""
    async with writing(session):
        if not await standstill.end(session):
            return
        query = select(Broadcast).where(*TO_BE_CORRECTED).with_for_update()
        for one in await session.scalars(query.execution_options(populate_existing=True)):
            await mending.begin(session, one)
        await hold(session, now)


async def corrections(session: AsyncSession, now: datetime) -> int:
    """That wait to be looked at."""
    asked = select(func.count()).select_from(Broadcast).where(*TO_BE_CORRECTED)
    held = Notice.kind == Kind.CORRECTION, Notice.hold == Hold.PAUSED, *is_going(now)
    begun = select(func.count()).select_from(Notice).where(*held)
    return (await session.scalar(asked) or 0) + (await session.scalar(begun) or 0)


async def sent_meanwhile(session: AsyncSession, now: datetime) -> int:
    """Broadcasts that begin as soon as messages go out again."""
    due = Broadcast.due_at <= now, Broadcast.notice_id.is_(None)
    return await session.scalar(select(func.count()).select_from(Broadcast).where(*due)) or 0


# All other roles.


async def roles(session: AsyncSession, now: datetime) -> int:
    """Of those who were invited."""
    theirs = select(func.count()).where(Member.role != Role.OWNER, members.is_on(now))
    return await session.scalar(theirs) or 0


async def end_roles(session: AsyncSession, now: datetime) -> None:
    """What they proposed dies with them; what they planned to send has to be planned anew, and what
    was to be corrected, too: nobody knows any more who asked for it."""
    owners = select(Member.subscriber_id).where(Member.role == Role.OWNER)
    planned = Broadcast.due_at.is_not(None), Broadcast.notice_id.is_(None)
    by_others = or_(Broadcast.author_id.is_(None), Broadcast.author_id.not_in(owners))
    query = select(Broadcast).where(*planned, by_others).with_for_update()
    async with writing(session):
        for one in await session.scalars(query.execution_options(populate_existing=True)):
            broadcasts.back_to_draft(one)
        await drop_corrections(session, now)
        await members.ended(session, now, Member.role != Role.OWNER)
        await session.execute(delete(Invitation))


async def drop_corrections(session: AsyncSession, now: datetime) -> None:
    """Inside of `writing`. Those that nobody has got yet. Whoever has still to get the broadcast
    would get the new words: so it is paused."""
    unsent = Notice.kind == Kind.CORRECTION, Notice.sent == 0, *is_going(now)
    made = Broadcast.mending_id.in_(select(Notice.id).where(*unsent))
    query = select(Broadcast).where(or_(and_(*TO_BE_CORRECTED), made)).with_for_update()
    for one in await session.scalars(query.execution_options(populate_existing=True)):
        await mending.drop_correction(session, one, now)
        its = update(Notice).where(Notice.id == one.notice_id, *is_going(now))
        await session.execute(its.values(hold=Hold.PAUSED))


# Everybody.


async def people(session: AsyncSession) -> int:
    """Whom the bot knows, but for owners."""
    owners = select(Member.subscriber_id).where(Member.role == Role.OWNER)
    others = select(func.count()).select_from(Subscriber).where(Subscriber.id.not_in(owners))
    return await session.scalar(others) or 0


async def wipe(
    session: AsyncSession,
    vault: Vault,
    person: Subscriber,
    chat: int,
    owners: Sequence[int],
    now: datetime,
) -> None:
    """Facts, history and numbers stay; of people nothing. Owners, whom a setting names, are kept
    anew, in the languages that they speak: first the one who did it. Nothing is sent meanwhile: nor
    afterwards to anybody who was forgotten."""
    async with standing_still(session, now):
        await landed(session)
        chosen = await members.chosen(session, vault, owners)
        await emptied(session, tables_of(*OF_PEOPLE, Subscriber), AUTHORS)
        async with writing(session):
            await end_broadcasts(session, now)
            await members.add_owner(session, vault, person, chat, now)
        await members.keep_owners(session, vault, owners, now, chosen)
        await blanked(session, Broadcast, "watched_sealed")
        await wiped(session)


@asynccontextmanager
async def standing_still(session: AsyncSession, now: datetime) -> AsyncIterator[None]:
    """Nothing is sent meanwhile; nor afterwards, where an owner had said so before."""
    async with writing(session):
        is_first = await standstill.begin(session, now)
    try:
        yield
    finally:
        if is_first:
            async with writing(session):
                await standstill.end(session)


async def landed(session: AsyncSession) -> None:
    """What was claimed has gone, or is given back; not for ever: Telegram may hang."""
    under_way = select(exists().where(Delivery.state == State.LEASED))
    for _look in range(LOOKS):
        await session.commit()
        await asyncio.sleep(LOOK)
        if not await session.scalar(under_way):
            return


async def end_broadcasts(session: AsyncSession, now: datetime) -> None:
    """Inside of `writing`. There is nobody left to whom they could go."""
    going = select(Notice.id).where(*is_going(now))
    stopped = update(Broadcast).where(Broadcast.notice_id.in_(going))
    await session.execute(stopped.values(stopped_at=now))
    dropped = Notice.total - Notice.sent - Notice.blocked - Notice.failed
    whole = func.coalesce(Notice.expanded_at, now)
    over = update(Notice).where(*is_going(now))
    await session.execute(
        over.values(expires_at=now, hold=Hold.NONE, expanded_at=whole, dropped=dropped)
    )
