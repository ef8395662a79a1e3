"""What no other handler wanted. Last in the dispatcher."""

from aiogram import Bot, F
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.show import is_private, show
from bot.views import menu
from handlers.asked import Asked, command_meant
from handlers.room import Room

router = Room(name="fallback")
PERSONAL = ("settings", "privacy", "forget")
MEDIA = (
    F.photo | F.video | F.voice | F.video_note | F.audio | F.document | F.sticker | F.animation
    | F.contact | F.location | F.venue | F.poll | F.dice | F.story
)  # fmt: skip


@router.message(F.chat.type != "private", Asked())
@router.message(F.chat.type != "private", Command(*PERSONAL))
async def personal_in_group(
    message: Message, bot: Bot, command: CommandObject | None = None
) -> None:
    meant = command.command.lower() if command else command_meant(message.text or "")
    asked = meant if meant in PERSONAL else "settings"
    await show(message, menu.only_in_private((await bot.me()).username or "", asked))


@router.message(F.text.startswith("/"))
async def unknown_command(message: Message) -> None:
    """In a group only what was addressed to the bot comes here."""
    await show(message, menu.unknown_command(is_private(message)))


@router.message(F.chat.type == "private", MEDIA, ~F.via_bot)
async def not_text(message: Message) -> None:
    await show(message, menu.not_text())


@router.callback_query()
async def stale(query: CallbackQuery) -> None:
    await show(query, menu.stale(is_private(query)))
