"""Who may decide: for themselves everybody, for a group its admins, at the desk its members; asked
anew at every press."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiogram import Bot
from aiogram.enums import ChatMemberStatus
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, TelegramObject
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.crypto import Vault
from bot.services import campaign, members, proposals
from bot.services.campaign_file import Plan
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.members import Actor
from bot.services.proposals import NotAllowed
from bot.services.rights import Action, actions_of, may
from bot.services.standstill import stopped_since
from bot.show import Event, acknowledge, is_private
from bot.views import follows as views
from models import Proposal, Role, Subscriber, Via

Data = dict[str, Any]
NAMELESS = 1087968824
"""The user as whom admins act who show no name (Bot API, Message.from)."""
ADMINS = (ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR)


async def for_the_group(
    handler: Callable[[TelegramObject, Data], Awaitable[Any]], event: TelegramObject, data: Data
) -> Any:
    assert isinstance(event, CallbackQuery)
    if is_private(event) or await is_admin(data["bot"], event):
        return await handler(event, data)
    return await acknowledge(event, views.only_admins(), alert=True)


async def is_admin(bot: Bot, query: CallbackQuery) -> bool:
    if query.message is None:
        return False
    if query.from_user.id == NAMELESS:
        return True
    try:
        member = await bot.get_chat_member(query.message.chat.id, query.from_user.id)
    except TelegramBadRequest:  # nobody whom the bot can see there
        return False
    return member.status in ADMINS


@dataclass(frozen=True, slots=True)
class By:
    """By whom and by what something is done at the desk."""

    session: AsyncSession
    vault: Vault
    facts: Facts
    state: FSMContext
    clock: Clock
    four_eyes: bool
    role: Role
    member: int
    """Their number; the row itself is read anew after a refused write."""

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def actor(self) -> Actor:
        return Actor(self.member, self.role)

    async def local(self) -> datetime:
        """Now on the organisers' clock."""
        return await campaign.local(self.facts, self.now)

    async def stands_still(self) -> bool:
        """Nothing is sent, because an owner said so."""
        return await stopped_since(self.session) is not None

    async def carry_out(
        self, plan: Plan, via: Via = Via.DESK, *, is_theirs: bool = False
    ) -> Proposal | None:
        """Nothing: it is done. `is_theirs`: whether they may was asked for already. Their role is
        asked anew, for a large file takes long to come and to be read.

        Raises PlanOutdated, NotAllowed, NotFound, TooMany.
        """
        if not await members.is_still(self.session, self.actor, self.now):
            raise NotFound
        if not is_theirs and not all(may(self.role, one) for one in actions_of(plan)):
            raise NotAllowed
        return await proposals.carry_out(
            self.session, plan, self.actor, via, self.now, by_two=self.four_eyes
        )


BESIDE = ("session", "vault", "facts", "state", "clock", "four_eyes")
"""What handlers are given, and `By` holds."""


@dataclass(frozen=True)
class May(Filter):
    """At the desk, which is a private chat; asked anew at every press and message. For everybody
    else there is nothing of the kind."""

    action: Action

    async def __call__(
        self,
        event: Event,
        session: AsyncSession,
        subscriber: Subscriber,
        clock: Clock,
        **data: Any,
    ) -> bool | dict[str, Any]:
        role = await members.role_of(session, subscriber, clock.now())
        if role is None or not is_private(event):
            return False
        action = await self.needed(data)
        if action is None or not may(role, action):
            return False
        beside: Data = {"session": session, "clock": clock} | data
        by = By(**{name: beside[name] for name in BESIDE}, role=role, member=subscriber.id)
        return {"role": role, "by": by}

    async def needed(self, data: Data) -> Action | None:
        """Nothing: nobody may do what there is not."""
        return self.action
