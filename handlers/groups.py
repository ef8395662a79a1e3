"""What happens to a group that the bot is in."""

from aiogram import F
from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.services import groups
from handlers.room import Room

router = Room(name="groups")


@router.message(F.migrate_to_chat_id.as_("chat_id"))
async def moved(message: Message, chat_id: int, session: AsyncSession, vault: Vault) -> None:
    await groups.move(session, vault, message.chat.id, chat_id)
