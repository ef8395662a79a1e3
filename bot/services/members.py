"""Those who keep the facts: who they are, and how they come in. The owners are named by a setting
(`OWNERS`), the others are invited."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import dropped, insert_new, writing
from bot.services.campaign import organisation
from bot.services.errors import NotFound
from bot.services.planned import unplan
from bot.services.subscribers import enrolled, entered, find
from models import (
    Dialog,
    Invitation,
    Member,
    Notice,
    Proposal,
    ProposalState,
    Role,
    Subscriber,
)

CALLED = "members.called_sealed"
INVITED = (Role.EDITOR, Role.COORDINATOR)
"""Roles that somebody may be invited to."""
DAYS = (30, 90, 180)
"""Of a role."""
LASTS = timedelta(hours=24)
"""An invitation that nobody has used …"""
WAITS = timedelta(hours=48)
"""… or accepted: as long as a proposal."""
TYPING = timedelta(hours=24)
"""What somebody has begun to type, and left."""
SECRET = 16
"""Random bytes of a link."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and as what."""

    id: int
    role: Role


@dataclass(frozen=True, slots=True)
class Known:
    """A member, as those see them who keep the members."""

    member: Member
    called: str | None
    """Nothing: an owner."""


@dataclass(frozen=True, slots=True)
class Rest:
    """When somebody wants to hear nothing."""

    zone: ZoneInfo
    quiet_from: int | None
    quiet_until: int | None
    silent_until: datetime | None


# Roles.


async def role_of(session: AsyncSession, person: Subscriber, now: datetime) -> Role | None:
    """At this moment."""
    theirs = select(Member.role).where(Member.subscriber_id == person.id, is_on(now))
    role = await session.scalar(theirs)
    return Role(role) if role else None


async def is_still(session: AsyncSession, one: Actor, now: datetime) -> bool:
    """Whether nobody has ended or changed their role meanwhile."""
    theirs = select(Member.role).where(Member.subscriber_id == one.id, is_on(now))
    return bool(await session.scalar(theirs) == one.role)


async def is_anybody(session: AsyncSession) -> bool:
    """Who keeps the ways to pay."""
    keeping = select(Member.subscriber_id).where(Member.role != Role.EDITOR).limit(1)
    return await session.scalar(keeping) is not None


def is_on(now: datetime) -> ColumnElement[bool]:
    return or_(Member.ends_at.is_(None), Member.ends_at > now)


async def members(session: AsyncSession, vault: Vault, now: datetime) -> list[Known]:
    """Owners first; then whoever joined first."""
    query = select(Member).where(is_on(now)).order_by(Member.joined_at, Member.subscriber_id)
    found = [known(vault, one) for one in await session.scalars(query)]
    return sorted(found, key=lambda one: one.member.role != Role.OWNER)


async def member(session: AsyncSession, vault: Vault, number: int, now: datetime) -> Known:
    """One who was invited."""
    found = await session.scalar(select(Member).where(*invited(number), is_on(now)))
    if found is None:
        raise NotFound
    return known(vault, found)


def known(vault: Vault, one: Member) -> Known:
    sealed = one.called_sealed
    return Known(one, vault.open_text(sealed, CALLED) if sealed else None)


async def called(session: AsyncSession, vault: Vault, number: int | None) -> str | None:
    """What whoever invited them calls them; nothing: an owner, or somebody gone."""
    query = select(Member.called_sealed).where(Member.subscriber_id == number)
    sealed = await session.scalar(query)
    return vault.open_text(sealed, CALLED) if sealed else None


async def called_to_be(session: AsyncSession, vault: Vault, one: Proposal) -> str | None:
    """Who is to be a coordinator, if that is still open."""
    if one.member_id is not None:
        return await called(session, vault, one.member_id)
    query = select(Invitation.called_sealed).where(Invitation.id == one.invitation_id)
    sealed = await session.scalar(query)
    return vault.open_text(sealed, CALLED) if sealed else None


def invited(number: int) -> tuple[ColumnElement[bool], ...]:
    """Nobody but the setting makes or ends an owner."""
    return Member.subscriber_id == number, Member.role != Role.OWNER


async def set_role(session: AsyncSession, number: int, role: Role, now: datetime) -> None:
    async with writing(session):
        await session.execute(update(Member).where(*invited(number)).values(role=role))
        await take_back(session, [number], now)
        await unplan(session, [number])


async def end(session: AsyncSession, number: int, now: datetime) -> None:
    async with writing(session):
        await unplan(session, await ended(session, now, *invited(number)))


async def ended(session: AsyncSession, now: datetime, *whose: ColumnElement[bool]) -> Sequence[int]:
    """Inside of `writing`. Their roles, and what they proposed."""
    gone = delete(Member).where(*whose).returning(Member.subscriber_id)
    numbers = (await session.scalars(gone)).all()
    await take_back(session, numbers, now)
    return numbers


async def take_back(session: AsyncSession, whose: Sequence[int], now: datetime) -> None:
    """Inside of `writing`. What they proposed: an account that was stolen may get its role again
    when it is theirs again, and nothing of the thief's then."""
    theirs = Proposal.author_id.in_(whose), Proposal.state == ProposalState.OPEN
    asked = Notice.kind == "proposed", Notice.thing_id.in_(select(Proposal.id).where(*theirs))
    about = update(Notice).where(Notice.subject == "proposal", *asked)
    await session.execute(about.values(expires_at=now))
    gone = {"state": ProposalState.WITHDRAWN, "settled_at": now}
    await session.execute(update(Proposal).where(*theirs).values(gone))


async def forget_ended(session: AsyncSession, now: datetime) -> int:
    """Roles."""
    if not await session.scalar(select(exists().where(~is_on(now)))):
        return 0
    async with writing(session):
        return len(await ended(session, now, ~is_on(now)))


async def forget_invitations(session: AsyncSession, now: datetime) -> int:
    """That nobody used."""
    return await dropped(session, Invitation, Invitation.expires_at <= now)


async def forget_typed(session: AsyncSession, now: datetime) -> int:
    """What was half-typed, and left."""
    return await dropped(session, Dialog, Dialog.at <= now - TYPING)


# Invitations.


async def invite(
    session: AsyncSession, vault: Vault, role: Role, called: str, days: int | None, now: datetime
) -> str:
    """The secret of a link."""
    secret, new = new_invitation(vault, role, called, days, now)
    async with writing(session):
        session.add(new)
    return secret


def new_invitation(
    vault: Vault, role: Role, called: str, days: int | None, now: datetime, *, waits: bool = False
) -> tuple[str, Invitation]:
    """With the secret of its link, which nothing here can tell again. `waits`: for a second
    person."""
    secret = secrets.token_urlsafe(SECRET)
    return secret, Invitation(
        secret_index=vault.index_of("invitation", secret),
        role=role,
        called_sealed=vault.seal_text(called, CALLED),
        days=days,
        waits=waits,
        expires_at=now + (WAITS if waits else LASTS),
    )


async def find_invitation(
    session: AsyncSession, vault: Vault, secret: str, now: datetime
) -> Invitation | None:
    """Nothing: it was used or withdrawn, has expired, or never was."""
    query = select(Invitation).where(is_of(vault, secret, now))
    found: Invitation | None = await session.scalar(query)
    return found


def is_of(vault: Vault, secret: str, now: datetime) -> ColumnElement[bool]:
    index = Invitation.secret_index.in_(vault.indexes_of("invitation", secret))
    return index & (Invitation.expires_at > now)


async def open_invitations(
    session: AsyncSession, vault: Vault, now: datetime
) -> list[tuple[Invitation, str]]:
    """With what each is called who is invited."""
    query = select(Invitation).where(Invitation.expires_at > now).order_by(Invitation.id)
    found = await session.scalars(query)
    return [(one, vault.open_text(one.called_sealed, CALLED)) for one in found]


async def withdraw(session: AsyncSession, number: int) -> None:
    async with writing(session):
        await session.execute(delete(Invitation).where(Invitation.id == number))


async def join(
    session: AsyncSession, vault: Vault, person: Subscriber, chat: int, secret: str, now: datetime
) -> Role | None:
    """Of several who press at once one joins; nothing: it was another one. An owner stays one, and
    leaves the link to somebody else."""
    role = await role_of(session, person, now)
    if role == Role.OWNER:
        return role
    async with writing(session):
        its = is_of(vault, secret, now) & ~Invitation.waits
        used = delete(Invitation).where(its).returning(Invitation)
        found: Invitation | None = await session.scalar(used)
        if found is None:
            return None  # nobody is kept for having pressed
        kept = await enrolled(session, vault, person, chat)
        until = now + timedelta(days=found.days) if found.days else None
        terms = {"role": found.role, "called_sealed": found.called_sealed, "ends_at": until}
        row = {"subscriber_id": kept.id, "joined_at": now} | terms
        await session.execute(delete(Member).where(Member.subscriber_id == kept.id))
        if role is None:  # what they were before has ended
            await take_back(session, [kept.id], now)
        await session.execute(insert_new(session, Member, "subscriber_id").values(row))
    return Role(found.role)


# Owners.


async def spoken(session: AsyncSession, vault: Vault, owners: Sequence[int]) -> dict[int, str]:
    """What each has chosen; until then the campaign's language."""
    found = await organisation(session)
    usual = found.languages[0] if found and found.languages else "en"
    return dict.fromkeys(owners, usual) | await chosen(session, vault, owners)


async def chosen(session: AsyncSession, vault: Vault, owners: Sequence[int]) -> dict[int, str]:
    """By chat; who has not come yet has chosen nothing."""
    indexes = {index: chat for chat in owners for index in vault.indexes(chat)}
    query = select(Subscriber.chat_index, Subscriber.language)
    known = await session.execute(query.where(Subscriber.chat_index.in_([*indexes])))
    return {indexes[index]: code for index, code in known if code}


async def rests(session: AsyncSession, vault: Vault, owners: Sequence[int]) -> dict[int, Rest]:
    """Of those owners whom the bot knows."""
    found = await organisation(session)
    home = found.timezone if found else "UTC"
    indexes = {index: chat for chat in owners for index in vault.indexes(chat)}
    query = select(
        Subscriber.chat_index,
        Subscriber.timezone,
        Subscriber.quiet_from,
        Subscriber.quiet_until,
        Subscriber.silent_until,
    ).where(Subscriber.chat_index.in_([*indexes]))
    return {
        indexes[index]: Rest(ZoneInfo(zone or home), since, until, silent)
        for index, zone, since, until, silent in await session.execute(query)
    }


async def keep_owners(
    session: AsyncSession,
    vault: Vault,
    owners: Sequence[int],
    now: datetime,
    known: Mapping[int, str] | None = None,
) -> None:
    """From now on these, and nobody else. `known`: what they speak, where all were forgotten."""
    languages = known or {}
    async with writing(session):
        kept = list[int]()
        for chat in owners:
            kept.append(await keep_owner(session, vault, chat, languages.get(chat), now))
        others = Member.role == Role.OWNER, Member.subscriber_id.not_in(kept)
        if gone := await ended(session, now, *others):  # their links must not lead back
            await unplan(session, gone)
            await session.execute(delete(Invitation))


async def keep_owner(
    session: AsyncSession, vault: Vault, chat: int, language: str | None, now: datetime
) -> int:
    """A setting does not tell what they speak: their Telegram does, when they come (`welcome`)."""
    person = (await find(session, vault, chat, now)).subscriber
    kept = await entered(session, vault, person, chat)
    kept.language = kept.language or language
    await make_owner(session, kept, now)
    return kept.id


async def welcome(
    session: AsyncSession,
    vault: Vault,
    person: Subscriber,
    chat: int,
    owners: Sequence[int],
    now: datetime,
) -> None:
    """An owner who was forgotten is one again when they come back; who comes for the first time is
    told in what they speak from now on."""
    if chat not in owners:
        return
    if person.language is None or await role_of(session, person, now) != Role.OWNER:
        async with writing(session):
            await add_owner(session, vault, person, chat, now)


async def add_owner(
    session: AsyncSession, vault: Vault, person: Subscriber, chat: int, now: datetime
) -> None:
    """Inside of `writing`."""
    await make_owner(session, await enrolled(session, vault, person, chat), now)


async def make_owner(session: AsyncSession, kept: Subscriber, now: datetime) -> None:
    """Who was invited before is an owner now."""
    owner = {"role": Role.OWNER, "called_sealed": None, "ends_at": None}
    row = {"subscriber_id": kept.id, "joined_at": now} | owner
    await session.execute(insert_new(session, Member, "subscriber_id").values(row))
    own = update(Member).where(Member.subscriber_id == kept.id, Member.role != Role.OWNER)
    await session.execute(own.values(owner))
