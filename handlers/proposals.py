"""What somebody proposes is looked at, accepted or refused by somebody else."""

from typing import Any

from aiogram import F
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import (
    AcceptProposal,
    AnnotateProposal,
    OpenProposal,
    OpenProposals,
    RefuseProposal,
    WithdrawProposal,
)
from bot.markup import harmless
from bot.screen import Screen
from bot.services import broadcasts, four_eyes, members, proposals, proposed
from bot.services.broadcasts import Changed
from bot.services.campaign_file import CampaignFileError, PlanOutdated
from bot.services.errors import NotFound
from bot.services.mending import StandsStill
from bot.services.rights import Action, may
from bot.show import Event, show
from bot.views import broadcasts as broadcast_views
from bot.views import desk as desk_views
from bot.views import mending as mending_views
from bot.views import proposals as views
from bot.views.proposals import Look
from handlers.rights import By, May
from handlers.room import Room
from models import Proposal, ProposalState, Proposed

router = Room(name="proposals")
LONGEST = 300
"""Characters of a note."""


class Noting(StatesGroup):
    """With the proposal's number in the dialog's data."""

    note = State()
    answer = State()


@router.callback_query(OpenProposals.filter(), May(Action.SECOND))
async def open_ones(query: CallbackQuery, by: By) -> None:
    await by.state.clear()
    now = await by.local()
    found = await proposals.open_ones(by.session, now)
    await show(query, views.proposals(found, now, by_two=by.four_eyes))


@router.callback_query(OpenProposal.filter(), May(Action.DESK))
async def open_(query: CallbackQuery, callback_data: OpenProposal, by: By) -> None:
    await by.state.clear()
    one = await proposals.proposal(by.session, callback_data.id)
    await show_one(query, one, by, page=callback_data.page)


async def show_one(
    event: Event, one: Proposal, by: By, *, page: int = 0, toast: str | None = None
) -> None:
    await show(event, await screen_of(one, by, page=page, toast=toast))


async def screen_of(one: Proposal, by: By, *, page: int = 0, toast: str | None = None) -> Screen:
    """An editor sees their own ones alone."""
    if one.author_id != by.member and not may(by.role, Action.SECOND):
        raise NotFound
    now = await by.local()
    called = await members.called(by.session, by.vault, one.author_id)
    look = Look(
        one,
        now,
        is_mine=one.author_id == by.member,
        called=called if may(by.role, Action.MEMBERS) else None,
        note=proposals.note_of(by.vault, one),
        answer=proposals.answer_of(by.vault, one),
        is_lonely=not await proposals.is_anybody_else(by.session, one.author_id, now),
        still=await by.stands_still(),
        **await changes_of(one, by),
    )
    return views.proposal(look, page, toast)


async def changes_of(one: Proposal, by: By) -> dict[str, Any]:
    """What it would change now; of one that is settled, what it would have changed."""
    if one.state != ProposalState.OPEN:
        return before(one)
    if one.what == Proposed.BROADCAST:
        return await changes_of_broadcast(one, by)
    if one.what != Proposed.FACTS:
        knows = may(by.role, Action.MEMBERS)
        return {"whom": await members.called_to_be(by.session, by.vault, one) if knows else None}
    try:
        plan = await proposals.planned(by.session, by.vault, one, by.now)
    except CampaignFileError as error:
        return {"error": error, **before(one)}
    return {
        "found": plan.differences,
        "names": await proposed.names_of(by.session, plan),
        "version": plan.version,
        "is_much": next(four_eyes.delicate(plan), None) is None,
        "envelopes": await proposals.envelopes(by.session, plan),
        "ways": await proposals.ways_to_pay(by.session, plan),
    }


def before(one: Proposal) -> dict[str, Any]:
    """When it was proposed."""
    found, names = proposed.as_proposed(one)
    return {"found": found, "names": names}


async def changes_of_broadcast(one: Proposal, by: By) -> dict[str, Any]:
    if not await broadcasts.is_as_seen(by.session, one.broadcast_id, one.terms):
        return {"is_stale": True}
    card = await broadcasts.card(by.session, one.broadcast_id or 0, by.now)
    return {"outline": broadcast_views.outline(card)}


async def show_proposal(event: Event, made: Proposal, by: By) -> None:
    """To its author, at once."""
    await show_one(event, made, by, toast=views.sent())


@router.callback_query(AcceptProposal.filter(), May(Action.SECOND))
async def accept(query: CallbackQuery, callback_data: AcceptProposal, by: By) -> None:
    """What was looked at, or nothing."""
    one = await proposals.proposal(by.session, callback_data.id)
    if one.author_id == by.member:
        raise NotFound
    if not proposals.is_open(one, by.now):
        await show_one(query, one, by, toast=views.settled_already())
        return
    try:
        if one.what == Proposed.COORDINATOR:
            await proposals.accept_coordinator(by.session, one, by.actor, by.now)
        elif one.what == Proposed.BROADCAST:
            await proposals.accept_broadcast(by.session, one, by.actor, by.now)
        else:
            plan = await proposals.planned(by.session, by.vault, one, by.now)
            if plan.version != callback_data.version:
                raise PlanOutdated
            await proposals.accept_facts(by.session, one, plan, by.actor, by.now)
        toast = views.accepted(still=await by.stands_still())
    except StandsStill:
        toast = mending_views.no_correction_now()
    except (PlanOutdated, CampaignFileError, Changed):
        toast = views.changed_meanwhile()
    one = await proposals.proposal(by.session, callback_data.id)
    await show_one(query, one, by, toast=toast)


@router.callback_query(RefuseProposal.filter(), May(Action.SECOND))
async def refuse(query: CallbackQuery, callback_data: RefuseProposal, by: By) -> None:
    one = await proposals.proposal(by.session, callback_data.id)
    if not proposals.is_open(one, by.now) and one.author_id != by.member:
        await by.state.clear()
        await show_one(query, one, by, toast=views.settled_already())
        return
    if not callback_data.without:
        await by.state.set_state(Noting.answer)
        await by.state.set_data({"id": one.id})
        await show(query, views.ask_answer(one))
        return
    await by.state.clear()
    await proposals.refuse(by.session, by.vault, one, by.actor, "", by.now)
    one = await proposals.proposal(by.session, one.id)
    await show_one(query, one, by, toast=views.refused())


@router.callback_query(WithdrawProposal.filter(), May(Action.DESK))
async def withdraw(query: CallbackQuery, callback_data: WithdrawProposal, by: By) -> None:
    one = await proposals.proposal(by.session, callback_data.id)
    await proposals.withdraw(by.session, one, by.actor, by.now)
    one = await proposals.proposal(by.session, one.id)
    await show_one(query, one, by, toast=views.withdrawn())


@router.callback_query(AnnotateProposal.filter(), May(Action.DESK))
async def ask_note(query: CallbackQuery, callback_data: AnnotateProposal, by: By) -> None:
    one = await proposals.proposal(by.session, callback_data.id)
    if one.author_id != by.member:
        raise NotFound
    await by.state.set_state(Noting.note)
    await by.state.set_data({"id": one.id})
    await show(query, views.ask_note(one))


TYPED = F.text, ~F.text.startswith("/")


@router.message(StateFilter(Noting.note, Noting.answer), *TYPED, May(Action.DESK))
async def typed(message: Message, by: By) -> None:
    text = " ".join(harmless(message.text or "").split())
    one = await proposals.proposal(by.session, (await by.state.get_data())["id"])
    is_note = await by.state.get_state() == Noting.note.state
    if len(text) > LONGEST:
        ask = views.ask_note if is_note else views.ask_answer
        await show(message, ask(one, desk_views.too_long(LONGEST)))
        return
    await by.state.clear()
    if is_note:
        await proposals.annotate(by.session, by.vault, one, by.actor, text)
    else:
        await proposals.refuse(by.session, by.vault, one, by.actor, text, by.now)
    one = await proposals.proposal(by.session, one.id)
    await show_one(message, one, by)
