"""Owners invite those who keep the facts, and end it."""

from datetime import datetime

from aiogram import Bot, F, Router
from aiogram.filters import CommandObject, CommandStart, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    AskToEndMember,
    EndMember,
    Invite,
    Join,
    OpenMember,
    OpenMembers,
    SetRole,
    WithdrawInvitation,
)
from bot.clock import Clock
from bot.crypto import Vault
from bot.services import campaign, members, proposals, questions
from bot.services.facts import Facts
from bot.services.members import DAYS, INVITED, LASTS
from bot.services.proposals import By
from bot.services.rights import Action
from bot.show import Event, is_private, show
from bot.views import desk as desk_views
from bot.views import members as views
from bot.views import menu
from bot.views.share import invitation_link
from handlers.proposals import show_proposal
from handlers.rights import May
from models import Proposal, Proposed, Role, Subscriber

router = Router(name="members")
LONGEST = 40
"""Characters of what somebody is called."""


class Inviting(StatesGroup):
    called = State()
    """With the role and its days in the dialog's data."""


@router.callback_query(OpenMembers.filter(), May(Action.MEMBERS))
async def all_members(
    event: Event, session: AsyncSession, vault: Vault, facts: Facts, state: FSMContext, clock: Clock
) -> None:
    await state.clear()
    now = await campaign.local(facts, clock.now())
    found = await members.members(session, vault, now)
    invited = await members.open_invitations(session, vault, now)
    await show(event, views.members(found, invited, now))


@router.callback_query(OpenMember.filter(), May(Action.MEMBERS))
async def member(
    query: CallbackQuery,
    callback_data: OpenMember,
    session: AsyncSession,
    vault: Vault,
    clock: Clock,
) -> None:
    found = await members.member(session, vault, callback_data.id, clock.now())
    await show(query, views.member(found))


@router.callback_query(SetRole.filter(F.role.in_({*INVITED})), May(Action.MEMBERS))
async def set_role(
    query: CallbackQuery,
    callback_data: SetRole,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    role: Role,
    four_eyes: bool,
) -> None:
    found = await members.member(session, vault, callback_data.id, clock.now())
    if four_eyes and callback_data.role is Role.COORDINATOR != found.member.role:
        number = callback_data.id
        made = await propose(session, subscriber, role, clock.now(), member_id=number)
        me = By(subscriber.id, role)
        await show_proposal(query, made, me, session, vault, facts, clock)
        return
    await members.set_role(session, callback_data.id, callback_data.role)
    await member(query, callback_data, session, vault, clock)


@router.callback_query(AskToEndMember.filter(), May(Action.MEMBERS))
async def ask_to_end(
    query: CallbackQuery,
    callback_data: AskToEndMember,
    session: AsyncSession,
    vault: Vault,
    clock: Clock,
) -> None:
    found = await members.member(session, vault, callback_data.id, clock.now())
    await show(query, views.ask_to_end(found))


@router.callback_query(EndMember.filter(), May(Action.MEMBERS))
async def end(
    query: CallbackQuery,
    callback_data: EndMember,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    state: FSMContext,
    clock: Clock,
) -> None:
    await members.end(session, callback_data.id)
    await all_members(query, session, vault, facts, state, clock)


@router.callback_query(WithdrawInvitation.filter(), May(Action.MEMBERS))
async def withdraw(
    query: CallbackQuery,
    callback_data: WithdrawInvitation,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    state: FSMContext,
    clock: Clock,
) -> None:
    await members.withdraw(session, callback_data.id)
    await all_members(query, session, vault, facts, state, clock)


# Inviting.


@router.callback_query(Invite.filter(F.role.in_({"", *INVITED})), May(Action.MEMBERS))
async def invite(query: CallbackQuery, callback_data: Invite, state: FSMContext) -> None:
    role, days = callback_data.role, callback_data.days
    if role == "":
        await show(query, views.ask_role())
    elif days not in (*DAYS, views.NO_END):
        await show(query, views.ask_days(role))
    else:
        await state.set_state(Inviting.called)
        await state.set_data({"role": role, "days": days or None})
        await show(query, views.ask_called())


@router.message(StateFilter(Inviting.called), F.text, ~F.text.startswith("/"), May(Action.MEMBERS))
async def called(
    message: Message,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    subscriber: Subscriber,
    state: FSMContext,
    bot: Bot,
    clock: Clock,
    four_eyes: bool,
) -> None:
    name = " ".join((message.text or "").split())
    if len(name) > LONGEST or "\n" in (message.text or ""):
        await show(message, views.ask_called(views.too_long(LONGEST)))
        return
    now = await campaign.local(facts, clock.now())
    chosen = await state.get_data()
    role, days = Role(chosen["role"]), chosen["days"]
    waits = four_eyes and role is Role.COORDINATOR
    secret, number = await members.invite(session, vault, role, name, days, now, waits=waits)
    if waits:
        await propose(session, subscriber, Role.OWNER, now, invitation_id=number)
    await state.clear()
    url = invitation_link((await bot.me()).username or "", secret)
    await show(message, views.invited(name, url, None if waits else now + LASTS, now))


async def propose(
    session: AsyncSession, owner: Subscriber, role: Role, now: datetime, **whom: int
) -> Proposal:
    """A new coordinator."""
    me = By(owner.id, role)
    return await proposals.propose(session, me, now, what=Proposed.COORDINATOR, **whom)


# Joining.


@router.message(CommandStart(deep_link=True, magic=F.args.startswith("i-")))
async def invitation(
    message: Message,
    command: CommandObject,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    bot: Bot,
    clock: Clock,
) -> None:
    secret = (command.args or "").removeprefix("i-")
    if not is_private(message):
        url = invitation_link((await bot.me()).username or "", secret)
        await show(message, views.in_private(url))
        return
    found = await members.find_invitation(session, vault, secret, clock.now())
    if found is None:
        await show(message, menu.invitation_ended())
    elif found.waits:
        await show(message, views.waits())
    else:
        told = (await campaign.campaign(facts)).organisation
        await show(message, views.ask_to_join(found, secret, told))


@router.callback_query(Join.filter())
async def join(
    query: CallbackQuery,
    callback_data: Join,
    session: AsyncSession,
    subscriber: Subscriber,
    vault: Vault,
    clock: Clock,
) -> None:
    chat, secret, now = query.from_user.id, callback_data.secret, clock.now()
    role = await members.join(session, vault, subscriber, chat, secret, now)
    if role is None:
        await show(query, menu.invitation_ended(is_private(query)))
    else:
        await show(query, desk_views.desk(role, await questions.unanswered(session)))
