"""Where the bot may write: people block it and come back, groups throw it out and take it in."""

from aiogram import Router
from aiogram.enums import ChatMemberStatus
from aiogram.types import ChatMemberRestricted, ChatMemberUpdated
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.crypto import Vault
from bot.services import subscribers

OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.KICKED)
router = Router(name="membership")


@router.my_chat_member()
async def changed(
    event: ChatMemberUpdated, session: AsyncSession, vault: Vault, clock: Clock
) -> None:
    now, may_write = clock.now(), may_write_in(event)
    await subscribers.note_reach(session, vault, event.chat.id, now, reaches=may_write)


def may_write_in(event: ChatMemberUpdated) -> bool:
    member = event.new_chat_member
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    return member.status not in OUT
