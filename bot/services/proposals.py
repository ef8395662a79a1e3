"""What one person proposes and another one accepts, or refuses; never its author.

Every change at the desk comes by here (`carry_out`): what needs no second person is done at once.
"""

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import dropped, writing
from bot.services import (
    broadcasts,
    campaign_file,
    forms,
    four_eyes,
    history,
    members,
    mending,
    proposed,
)
from bot.services.campaign_file import Author, Plan, Undo, exporting
from bot.services.campaign_file.merge import shown
from bot.services.campaign_file.saving import Write
from bot.services.campaign_file.schema import Thing
from bot.services.errors import NotFound, TooMany
from bot.services.members import Actor
from bot.services.rights import RIGHTS, Action, actions_of, may
from models import (
    Facility,
    Invitation,
    Member,
    Notice,
    Proposal,
    ProposalState,
    Proposed,
    Role,
    Subscriber,
    Texts,
    Via,
)

LASTS = timedelta(hours=48)
MOST = 20
"""Open ones of one person: a stolen account buries nobody's under its own."""
KEPT = timedelta(days=30)
"""What is settled."""
NOTE, ANSWER = "proposals.note_sealed", "proposals.answer_sealed"
OPEN = Proposal.state == ProposalState.OPEN


class NotAllowed(NotFound):
    """Their role may not change that."""


# Proposing.


async def carry_out(
    session: AsyncSession, plan: Plan, author: Actor, via: Via, now: datetime, *, by_two: bool
) -> Proposal | None:
    """Nothing: it is done. `by_two`: whether four eyes are wanted.

    Raises PlanOutdated, TooMany.
    """
    lately = await history.changed_alone(session, author.id, now)
    delicate = four_eyes.is_needed(plan, via, lately)
    if delicate and by_two:
        return await propose_facts(session, plan, author, via, now)
    who = Author(author.id, author.role, via, alone=delicate)
    await campaign_file.carry_out(session, plan, who)
    return None


async def propose_facts(
    session: AsyncSession, plan: Plan, author: Actor, via: Via, now: datetime
) -> Proposal:
    counts = Counter((one.subject, one.how) for one in plan.differences)
    return await propose(
        session,
        author,
        now,
        what=Proposed.FACTS,
        via=via,
        patch=zlib.compress(plan.data),
        counts=[[*key, number] for key, number in counts.items()],
        things=await proposed.kept(session, plan),
    )


async def propose(session: AsyncSession, author: Actor, now: datetime, **about: Any) -> Proposal:
    """The delivery tells the others of it; who presses twice proposes it once. Raises TooMany."""
    if (there := await same_one(session, author, now, about)) is not None:
        return there
    await must_have_room(session, author, now)
    async with writing(session):
        session.add(new := new_proposal(author, now, **about))
    return new


async def must_have_room(session: AsyncSession, author: Actor, now: datetime) -> None:
    """For one more. Raises TooMany."""
    theirs = [one for one in await open_ones(session, now) if one.author_id == author.id]
    if len(theirs) >= MOST:
        raise TooMany


def new_proposal(author: Actor, now: datetime, **about: Any) -> Proposal:
    return Proposal(
        author_id=author.id,
        role=author.role,
        at=now,
        expires_at=now + LASTS,
        state=ProposalState.OPEN,
        **{"via": Via.DESK, "counts": []} | about,
    )


async def invite_coordinator(
    session: AsyncSession, vault: Vault, author: Actor, called: str, days: int | None, now: datetime
) -> str:
    """The secret of a link, which waits; it is made and proposed, or neither. Raises TooMany."""
    await must_have_room(session, author, now)
    role = Role.COORDINATOR
    secret, invitation = members.new_invitation(vault, role, called, days, now, waits=True)
    async with writing(session):
        session.add(invitation)
        await session.flush()
        about = {"what": Proposed.COORDINATOR, "invitation_id": invitation.id}
        session.add(new_proposal(author, now, **about))
    return secret


async def same_one(
    session: AsyncSession, author: Actor, now: datetime, about: Mapping[str, Any]
) -> Proposal | None:
    """That is open already."""
    keys = [key for key in ("patch", "member_id") if key in about]
    same = [getattr(Proposal, key) == about[key] for key in keys]
    theirs = Proposal.author_id == author.id, Proposal.what == about["what"]
    query = select(Proposal).where(OPEN, Proposal.expires_at > now, *theirs, *same).limit(1)
    found: Proposal | None = await session.scalar(query) if keys else None
    return found


# Looking.


def is_open(one: Proposal, now: datetime) -> bool:
    return one.state == ProposalState.OPEN and one.expires_at > now


async def proposal(session: AsyncSession, number: int) -> Proposal:
    found = await session.get(Proposal, number, populate_existing=True)
    if found is None:
        raise NotFound
    return found


async def open_ones(session: AsyncSession, now: datetime) -> Sequence[Proposal]:
    query = select(Proposal).where(OPEN, Proposal.expires_at > now).order_by(Proposal.id)
    return (await session.scalars(query)).all()


async def is_anybody_else(session: AsyncSession, author_id: int, now: datetime) -> bool:
    """Who could accept it."""
    trusted = Member.role.in_([*RIGHTS[Action.SECOND]])
    others = select(Member.subscriber_id).where(trusted, members.is_on(now))
    query = others.where(Member.subscriber_id != author_id).limit(1)
    return await session.scalar(query) is not None


async def planned(session: AsyncSession, vault: Vault, one: Proposal, now: datetime) -> Plan:
    """What it would change now; its hours and days are those of the moment when it was proposed.

    Raises CampaignFileError: the facts have changed so that it does not fit any more.
    """
    data = zlib.decompress(one.patch or b"")
    undo = Undo.YES if one.via == Via.UNDO else Undo.NO
    plan = await campaign_file.plan(
        session, data, name="proposal", now=one.at, mark=vault.mark_of, undo=undo
    )
    return replace(plan, setting=replace(plan.setting, now=now))


@dataclass(frozen=True, slots=True)
class Envelope:
    """What would stand on letters."""

    to: Facility
    whom: Texts | None
    """Nothing: it is the address of all who are held there."""


async def envelopes(session: AsyncSession, plan: Plan) -> list[Envelope]:
    """Where letters would go that nobody has accepted yet."""
    found = [address for one in four_eyes.delicate(plan) if (address := written_to(one))]
    kind = "facility"
    places = await exporting.read_some(session, [(kind, slug) for slug, _whom in found])
    after = {one.slug: one.after for one in plan.writes[kind]}
    after = {slug: thing for (_kind, slug), thing in places.items()} | after
    return [Envelope(facility_of(after[slug]), whom) for slug, whom in found]


def written_to(one: Write) -> tuple[str, Texts | None] | None:
    if one.kind == "facility":
        return one.slug, None
    return four_eyes.address_of(one.after) if one.kind == "defendant" else None


def facility_of(thing: Thing) -> Facility:
    """As it would be."""
    return Facility(
        **{key: thing.get(key) for key in ("name", "address", "postal_code", "country")}
    )


async def ways_to_pay(session: AsyncSession, plan: Plan) -> list[forms.Known]:
    """New ones, or as they would be."""
    form = forms.BY_KIND["donation_route"]
    ways = (one for one in four_eyes.delicate(plan) if one.kind == form.kind)
    return [await forms.draft(session, form, shown(one.after)) for one in ways]


def note_of(vault: Vault, one: Proposal) -> str | None:
    return vault.open_text(one.note_sealed, NOTE) if one.note_sealed else None


def answer_of(vault: Vault, one: Proposal) -> str | None:
    return vault.open_text(one.answer_sealed, ANSWER) if one.answer_sealed else None


async def annotate(
    session: AsyncSession, vault: Vault, one: Proposal, person: Actor, note: str
) -> None:
    if one.author_id != person.id:
        raise NotFound
    own = update(Proposal).where(Proposal.id == one.id, OPEN)
    async with writing(session):
        await session.execute(own.values(note_sealed=vault.seal_text(note, NOTE)))


# Settling: each is settled once, whoever is quicker.


async def accept_facts(
    session: AsyncSession, one: Proposal, plan: Plan, second: Actor, now: datetime
) -> None:
    """Raises NotFound: it is open no more, or not for them; PlanOutdated."""
    await must_be_for(session, one, second, now, actions_of(plan))
    role, via = Role(one.role), Via(one.via)
    author = Author(one.author_id, role, via, second_role=second.role)
    async with writing(session):
        await settle(session, one, ProposalState.ACCEPTED, now, second)
        one.things = await proposed.kept(session, plan)  # as it was accepted
        await campaign_file.apply(session, plan, author)


async def accept_coordinator(
    session: AsyncSession, one: Proposal, second: Actor, now: datetime
) -> None:
    """Raises NotFound. The invitation lasts from now on."""
    await must_be_for(session, one, second, now, [])
    invitation = update(Invitation).where(Invitation.id == one.invitation_id)
    member = update(Member).where(*members.invited(one.member_id or 0))
    async with writing(session):
        await settle(session, one, ProposalState.ACCEPTED, now, second)
        await session.execute(invitation.values(waits=False, expires_at=now + members.LASTS))
        await session.execute(member.values(role=Role.COORDINATOR))


async def propose_broadcast(
    session: AsyncSession, author: Actor, now: datetime, number: int, terms: dict[str, Any]
) -> Proposal:
    about = {"what": Proposed.BROADCAST, "broadcast_id": number, "terms": terms}
    return await propose(session, author, now, **about)


async def accept_broadcast(
    session: AsyncSession, one: Proposal, second: Actor, now: datetime
) -> None:
    """Raises NotFound; broadcasts.Changed: it is another one now."""
    await must_be_for(session, one, second, now, [Action.BROADCAST])
    author = Actor(one.author_id, Role(one.role))
    async with writing(session):
        await settle(session, one, ProposalState.ACCEPTED, now, second)
        await broadcast_accepted(session, one.broadcast_id or 0, one.terms or {}, author, now)


async def broadcast_accepted(
    session: AsyncSession, number: int, terms: dict[str, Any], by: Actor, now: datetime
) -> None:
    """Inside of `writing`: what one proposed and another one accepted. Raises Changed."""
    seen = number, terms["edition"]
    if "version" in terms:
        version = broadcasts.Version.of_json(terms["version"])
        await mending.corrected(session, seen, terms["language"], version, now)
    else:
        at = datetime.fromtimestamp(terms["at"], UTC)
        await broadcasts.begun(session, seen, by, max(at, now), urgent=terms["urgent"])


async def must_be_for(
    session: AsyncSession, one: Proposal, second: Actor, now: datetime, actions: Iterable[Action]
) -> None:
    """Never its author's, nor that of somebody who may not propose it any more. Raises NotFound."""
    author = await session.get_one(Subscriber, one.author_id)
    role = await members.role_of(session, author, now)
    wanted = {*actions, *([Action.MEMBERS] if one.what == Proposed.COORDINATOR else [])}
    is_another = one.author_id != second.id and may(second.role, Action.SECOND)
    may_second = all(may(second.role, each) for each in wanted - {Action.MEMBERS})
    if not (is_another and may_second and all(may(role, each) for each in wanted)):
        raise NotFound


async def refuse(
    session: AsyncSession, vault: Vault, one: Proposal, second: Actor, answer: str, now: datetime
) -> None:
    if one.author_id == second.id or not may(second.role, Action.SECOND):
        raise NotFound
    async with writing(session):
        await settle(session, one, ProposalState.REFUSED, now, second)
        if answer:
            sealed = vault.seal_text(answer, ANSWER)
            own = update(Proposal).where(Proposal.id == one.id)
            await session.execute(own.values(answer_sealed=sealed))
        await withdraw_invitation(session, one)


async def withdraw(session: AsyncSession, one: Proposal, person: Actor, now: datetime) -> None:
    """By its author."""
    if one.author_id != person.id:
        raise NotFound
    async with writing(session):
        await settle(session, one, ProposalState.WITHDRAWN, now)
        await withdraw_invitation(session, one)


async def settle(
    session: AsyncSession,
    one: Proposal,
    state: ProposalState,
    now: datetime,
    second: Actor | None = None,
) -> None:
    """Inside of `writing`. Raises NotFound: it is open no more. Nobody is asked about it then."""
    own = update(Proposal).where(Proposal.id == one.id, OPEN, Proposal.expires_at > now)
    role = second.role if second else None
    done = await session.execute(own.values(state=state, settled_at=now, second_role=role))
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        raise NotFound
    await session.execute(update(Notice).where(*asked_about(one)).values(expires_at=now))


def asked_about(one: Proposal) -> tuple[ColumnElement[bool], ...]:
    return Notice.subject == "proposal", Notice.thing_id == one.id, Notice.kind == "proposed"


async def withdraw_invitation(session: AsyncSession, one: Proposal) -> None:
    """Its link leads nowhere; the proposal stays, to be told of."""
    number, own = one.invitation_id, update(Proposal).where(Proposal.id == one.id)
    await session.execute(own.values(invitation_id=None))
    await session.execute(delete(Invitation).where(Invitation.id == number))


async def lapse(session: AsyncSession, now: datetime) -> None:
    """Inside of `writing`: nobody looked in time."""
    late = update(Proposal).where(OPEN, Proposal.expires_at <= now)
    await session.execute(late.values(state=ProposalState.LAPSED, settled_at=now))


async def forget_settled(session: AsyncSession, now: datetime) -> int:
    return await dropped(session, Proposal, Proposal.settled_at <= now - KEPT)
