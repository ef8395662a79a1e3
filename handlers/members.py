"""Owners invite those who keep the facts, and end it."""

from aiogram import Bot, F
from aiogram.filters import CommandObject, CommandStart, StateFilter
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
from bot.markup import harmless
from bot.services import campaign, members, proposals
from bot.services.facts import Facts
from bot.services.members import DAYS, INVITED, LASTS
from bot.services.rights import Action
from bot.show import Event, is_private, show
from bot.views import members as views
from bot.views import menu
from bot.views.share import invitation_link
from handlers import desk
from handlers.proposals import show_proposal
from handlers.rights import By, May
from handlers.room import Room
from models import Proposed, Role, Subscriber

router = Room(name="members")
LONGEST = 40
"""Characters of what somebody is called."""


class Inviting(StatesGroup):
    called = State()
    """With the role and its days in the dialog's data."""


@router.callback_query(OpenMembers.filter(), May(Action.MEMBERS))
async def all_members(event: Event, by: By) -> None:
    await by.state.clear()
    now = await by.local()
    found = await members.members(by.session, by.vault, now)
    invited = await members.open_invitations(by.session, by.vault, now)
    await show(event, views.members(found, invited, now))


@router.callback_query(OpenMember.filter(), May(Action.MEMBERS))
async def member(query: CallbackQuery, callback_data: OpenMember, by: By) -> None:
    found = await members.member(by.session, by.vault, callback_data.id, by.now)
    await show(query, views.member(found))


@router.callback_query(SetRole.filter(F.role.in_({*INVITED})), May(Action.MEMBERS))
async def set_role(query: CallbackQuery, callback_data: SetRole, by: By) -> None:
    found = await members.member(by.session, by.vault, callback_data.id, by.now)
    if by.four_eyes and callback_data.role is Role.COORDINATOR != found.member.role:
        about = {"what": Proposed.COORDINATOR, "member_id": callback_data.id}
        made = await proposals.propose(by.session, by.actor, by.now, **about)
        await show_proposal(query, made, by)
        return
    await members.set_role(by.session, callback_data.id, callback_data.role, by.now)
    await member(query, callback_data, by)


@router.callback_query(AskToEndMember.filter(), May(Action.MEMBERS))
async def ask_to_end(query: CallbackQuery, callback_data: AskToEndMember, by: By) -> None:
    found = await members.member(by.session, by.vault, callback_data.id, by.now)
    await show(query, views.ask_to_end(found))


@router.callback_query(EndMember.filter(), May(Action.MEMBERS))
async def end(query: CallbackQuery, callback_data: EndMember, by: By) -> None:
    await members.end(by.session, callback_data.id, by.now)
    await all_members(query, by)


@router.callback_query(WithdrawInvitation.filter(), May(Action.MEMBERS))
async def withdraw(query: CallbackQuery, callback_data: WithdrawInvitation, by: By) -> None:
    await members.withdraw(by.session, callback_data.id)
    await all_members(query, by)


# Inviting.


@router.callback_query(Invite.filter(F.role.in_({"", *INVITED})), May(Action.MEMBERS))
async def invite(query: CallbackQuery, callback_data: Invite, by: By) -> None:
    role, days = callback_data.role, callback_data.days
    if role == "":
        await show(query, views.ask_role())
    elif days not in (*DAYS, views.NO_END):
        await show(query, views.ask_days(role))
    else:
        await by.state.set_state(Inviting.called)
        await by.state.set_data({"role": role, "days": days or None})
        await show(query, views.ask_called())


@router.message(StateFilter(Inviting.called), F.text, ~F.text.startswith("/"), May(Action.MEMBERS))
async def called(message: Message, bot: Bot, by: By) -> None:
    name = " ".join(harmless(message.text or "").split())
    if not name or len(name) > LONGEST or "\n" in (message.text or ""):
        await show(message, views.ask_called(views.too_long(LONGEST) if name else None))
        return
    now = await by.local()
    chosen = await by.state.get_data()
    role, days = Role(chosen["role"]), chosen["days"]
    waits = by.four_eyes and role is Role.COORDINATOR
    if waits:
        terms = by.actor, name, days, now
        secret = await proposals.invite_coordinator(by.session, by.vault, *terms)
    else:
        secret = await members.invite(by.session, by.vault, role, name, days, now)
    is_lonely = waits and not await proposals.is_anybody_else(by.session, by.member, now)
    await by.state.clear()
    url = invitation_link((await bot.me()).username or "", secret)
    until = None if waits else now + LASTS
    await show(message, views.invited(name, url, until, now, is_lonely=is_lonely))


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
    facts: Facts,
    clock: Clock,
) -> None:
    chat, secret, now = query.from_user.id, callback_data.secret, clock.now()
    role = await members.join(session, vault, subscriber, chat, secret, now)
    if role is None:
        await show(query, menu.invitation_ended(is_private(query)))
    else:
        local = await campaign.local(facts, now)
        await show(query, await desk.as_seen(session, role, subscriber.id, local))
