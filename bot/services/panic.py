"""When something is badly wrong: nothing is sent, all roles but the owners' end, or everybody is
forgotten."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import emptied, insert_new, wiped, writing
from bot.services import broadcasts, members
from models import (
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
    Standstill,
    Subscriber,
)

ONE = 1
STANDS_STILL = exists().where(Standstill.id == ONE)
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


# All sending.


async def stopped_since(session: AsyncSession) -> datetime | None:
    """Nothing: messages go out."""
    return await session.scalar(select(Standstill.since).where(Standstill.id == ONE))


async def stop(session: AsyncSession, now: datetime) -> None:
    """What is claimed goes back into the line (`Sender.look`). Broadcasts that are on their way are
    paused: one by one they are looked at before they go on."""
    async with writing(session):
        row = insert_new(session, Standstill, "id").values(id=ONE, since=now)
        await session.execute(row)
        await session.execute(update(Notice).where(*is_going(now)).values(hold=Hold.PAUSED))


def is_going(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Of broadcasts that are not over."""
    ended = Notice.sent + Notice.blocked + Notice.failed + Notice.dropped
    is_late = Notice.expires_at <= now
    is_left = or_(Notice.expanded_at.is_(None), Notice.total > ended)
    return Notice.kind == Kind.BROADCAST, is_left, or_(Notice.expires_at.is_(None), ~is_late)


async def go_on(session: AsyncSession) -> None:
    async with writing(session):
        await session.execute(delete(Standstill))


# All other roles.


async def roles(session: AsyncSession, now: datetime) -> int:
    """Of those who were invited."""
    theirs = select(func.count()).where(Member.role != Role.OWNER, members.is_on(now))
    return await session.scalar(theirs) or 0


async def end_roles(session: AsyncSession, now: datetime) -> None:
    """What they proposed dies with them; what they planned to send has to be planned anew."""
    owners = select(Member.subscriber_id).where(Member.role == Role.OWNER)
    planned = Broadcast.due_at.is_not(None), Broadcast.notice_id.is_(None)
    by_others = or_(Broadcast.author_id.is_(None), Broadcast.author_id.not_in(owners))
    query = select(Broadcast).where(*planned, by_others).with_for_update()
    async with writing(session):
        for one in await session.scalars(query.execution_options(populate_existing=True)):
            broadcasts.back_to_draft(one)
        await members.ended(session, now, Member.role != Role.OWNER)
        await session.execute(delete(Invitation))


# Everybody.


async def wipe(
    session: AsyncSession,
    vault: Vault,
    person: Subscriber,
    chat: int,
    owners: Sequence[int],
    now: datetime,
) -> None:
    """Facts, history and numbers stay; of people nothing. Owners, whom a setting names, are kept
    anew: first the one who did it, in the language that they speak."""
    async with writing(session):
        await session.execute(update(Broadcast).values(watched_sealed=None))
    await emptied(session, tables_of(*OF_PEOPLE, Subscriber), AUTHORS)
    async with writing(session):
        await members.add_owner(session, vault, person, chat, now)
    await members.keep_owners(session, vault, owners, now)
    await wiped(session)
