"""Where the bot may write: people block it and come back, groups throw it out and take it in."""

import structlog
from aiogram import Bot
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
)
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated, ResultChatMemberUnion
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.crypto import Vault
from bot.curtain import Curtain
from bot.services import missed, subscribers
from bot.views import menu
from handlers.room import Room

OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)
GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
log = structlog.get_logger()
router = Room(name="membership")


@router.my_chat_member()
async def changed(
    event: ChatMemberUpdated,
    session: AsyncSession,
    vault: Vault,
    clock: Clock,
    bot: Bot,
    curtain: Curtain,
) -> None:
    reaches = may_write(await membership(event, bot))
    chat, now, whom = event.chat.id, clock.now(), subscribers.is_chat(vault, event.chat.id)
    if reaches:
        await missed.welcome_back(session, whom, now)
        await curtain.close_chat(chat, now)  # another process may know what stands open there
    else:
        await subscribers.note_block(session, whom, now)
    if reaches and is_taken_in(event):
        found = await subscribers.find(session, vault, chat, now)
        if found.subscriber.id is None:  # or it knows the bot: it became a supergroup, perhaps
            await greet(event)


def is_taken_in(event: ChatMemberUpdated) -> bool:
    """Into a group; not only made an admin there."""
    was_out = event.old_chat_member.status in OUT
    is_in = event.new_chat_member.status not in OUT
    return event.chat.type in GROUPS and was_out and is_in


async def greet(event: ChatMemberUpdated) -> None:
    """In the language of whoever took it in. A group that lets nobody write goes without."""
    try:
        await event.answer(menu.greeting())
    except TelegramAPIError as error:
        log.warning("a group is not greeted", why=type(error).__name__)


async def membership(event: ChatMemberUpdated, bot: Bot) -> ResultChatMemberUnion | None:
    """As it is now: what two admins of a group did one after the other may come in any order."""
    if event.chat.type == "private":
        return event.new_chat_member
    try:
        return await bot.get_chat_member(event.chat.id, bot.id)
    except (TelegramForbiddenError, TelegramBadRequest, TelegramMigrateToChat):
        return None


def may_write(member: ResultChatMemberUnion | None) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return member is not None and member.status not in OUT
