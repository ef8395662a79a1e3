"""What somebody proposes is looked at, accepted or refused by somebody else."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    AcceptProposal,
    AnnotateProposal,
    OpenProposal,
    OpenProposals,
    RefuseProposal,
    WithdrawProposal,
)
from bot.clock import Clock
from bot.crypto import Vault
from bot.services import broadcasts, campaign, members, proposals
from bot.services.broadcasts import Changed
from bot.services.campaign_file import CampaignFileError, PlanOutdated
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.proposals import By
from bot.services.rights import Action, may
from bot.show import Event, show
from bot.views import proposals as views
from bot.views.proposals import Look
from handlers.rights import May
from models import Proposal, Proposed, Role, Subscriber

router = Router(name="proposals")
LONGEST = 300
"""Characters of a note."""


class Noting(StatesGroup):
    """With the proposal's number in the dialog's data."""

    note = State()
    answer = State()


@router.callback_query(OpenProposals.filter(), May(Action.SECOND))
async def open_ones(
    query: CallbackQuery, session: AsyncSession, facts: Facts, state: FSMContext, clock: Clock
) -> None:
    await state.clear()
    now = await campaign.local(facts, clock.now())
    await show(query, views.proposals(await proposals.open_ones(session, now), now))


@router.callback_query(OpenProposal.filter(), May(Action.DESK))
async def open_(
    query: CallbackQuery,
    callback_data: OpenProposal,
    state: FSMContext,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    role: Role,
) -> None:
    await state.clear()
    one = await proposals.proposal(session, callback_data.id)
    me = By(subscriber.id, role)
    await show_one(query, one, me, session, vault, facts, clock, page=callback_data.page)


async def show_one(
    event: Event,
    one: Proposal,
    me: By,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    clock: Clock,
    *,
    page: int = 0,
    toast: str | None = None,
) -> None:
    """An editor sees their own ones alone."""
    if one.author_id != me.id and not may(me.role, Action.SECOND):
        raise NotFound
    now = await campaign.local(facts, clock.now())
    called = await members.called(session, vault, one.author_id)
    look = Look(
        one,
        now,
        is_mine=one.author_id == me.id,
        called=called if may(me.role, Action.MEMBERS) else None,
        note=proposals.note_of(vault, one),
        answer=proposals.answer_of(vault, one),
        is_lonely=not await proposals.is_anybody_else(session, one.author_id, now),
        **await changes_of(session, vault, one, clock),
    )
    await show(event, views.proposal(look, page, toast))


async def changes_of(
    session: AsyncSession, vault: Vault, one: Proposal, clock: Clock
) -> dict[str, Any]:
    """Of one that is settled too: what it would change now."""
    if one.what == Proposed.BROADCAST:
        return {"is_stale": not await broadcasts.is_as_seen(session, one.broadcast_id, one.terms)}
    if one.what != Proposed.FACTS:
        return {}
    try:
        plan = await proposals.planned(session, vault, one, clock.now())
    except CampaignFileError as error:
        return {"error": error}
    return {"found": plan.differences, "version": plan.version}


async def show_proposal(
    event: Event,
    made: Proposal,
    me: By,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    clock: Clock,
) -> None:
    """To its author, at once."""
    await show_one(event, made, me, session, vault, facts, clock, toast=views.sent())


@router.callback_query(AcceptProposal.filter(), May(Action.SECOND))
async def accept(
    query: CallbackQuery,
    callback_data: AcceptProposal,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    role: Role,
) -> None:
    """What was looked at, or nothing."""
    one, me = await proposals.proposal(session, callback_data.id), By(subscriber.id, role)
    if one.author_id == me.id:
        raise NotFound
    try:
        if one.what == Proposed.COORDINATOR:
            await proposals.accept_coordinator(session, one, me, clock.now())
        elif one.what == Proposed.BROADCAST:
            await proposals.accept_broadcast(session, one, me, clock.now())
        else:
            plan = await proposals.planned(session, vault, one, clock.now())
            if plan.version != callback_data.version:
                raise PlanOutdated
            await proposals.accept_facts(session, one, plan, me, clock.now())
        toast = views.accepted()
    except (PlanOutdated, CampaignFileError, Changed):
        toast = views.changed_meanwhile()
    one = await proposals.proposal(session, callback_data.id)
    await show_one(query, one, me, session, vault, facts, clock, toast=toast)


@router.callback_query(RefuseProposal.filter(), May(Action.SECOND))
async def refuse(
    query: CallbackQuery,
    callback_data: RefuseProposal,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    subscriber: Subscriber,
    state: FSMContext,
    clock: Clock,
    role: Role,
) -> None:
    one, me = await proposals.proposal(session, callback_data.id), By(subscriber.id, role)
    if not callback_data.without:
        await state.set_state(Noting.answer)
        await state.set_data({"id": one.id})
        await show(query, views.ask_answer(one))
        return
    await state.clear()
    await proposals.refuse(session, vault, one, me, "", clock.now())
    one = await proposals.proposal(session, one.id)
    await show_one(query, one, me, session, vault, facts, clock, toast=views.refused())


@router.callback_query(WithdrawProposal.filter(), May(Action.DESK))
async def withdraw(
    query: CallbackQuery,
    callback_data: WithdrawProposal,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    role: Role,
) -> None:
    one, me = await proposals.proposal(session, callback_data.id), By(subscriber.id, role)
    await proposals.withdraw(session, one, me, clock.now())
    one = await proposals.proposal(session, one.id)
    await show_one(query, one, me, session, vault, facts, clock, toast=views.withdrawn())


@router.callback_query(AnnotateProposal.filter(), May(Action.DESK))
async def ask_note(
    query: CallbackQuery,
    callback_data: AnnotateProposal,
    session: AsyncSession,
    subscriber: Subscriber,
    state: FSMContext,
) -> None:
    one = await proposals.proposal(session, callback_data.id)
    if one.author_id != subscriber.id:
        raise NotFound
    await state.set_state(Noting.note)
    await state.set_data({"id": one.id})
    await show(query, views.ask_note(one))


TYPED = F.text, ~F.text.startswith("/")


@router.message(StateFilter(Noting.note, Noting.answer), *TYPED, May(Action.DESK))
async def typed(
    message: Message,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    subscriber: Subscriber,
    state: FSMContext,
    clock: Clock,
    role: Role,
) -> None:
    text, me = " ".join((message.text or "").split()), By(subscriber.id, role)
    one = await proposals.proposal(session, (await state.get_data())["id"])
    is_note = await state.get_state() == Noting.note.state
    if len(text) > LONGEST:
        ask = views.ask_note if is_note else views.ask_answer
        await show(message, ask(one, views.too_long(LONGEST)))
        return
    await state.clear()
    if is_note:
        await proposals.annotate(session, vault, one, me, text)
    else:
        await proposals.refuse(session, vault, one, me, text, clock.now())
    one = await proposals.proposal(session, one.id)
    await show_one(message, one, me, session, vault, facts, clock)
