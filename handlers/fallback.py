"""What no other handler wanted. Last in the dispatcher."""

from aiogram import Bot, F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.show import show
from bot.views import menu

router = Router(name="fallback")
PERSONAL = ("settings", "privacy", "forget")
MEDIA = (
    F.photo | F.video | F.voice | F.video_note | F.audio | F.document | F.sticker | F.animation
    | F.contact | F.location | F.venue | F.poll | F.dice | F.story
)  # fmt: skip


@router.message(F.chat.type != "private", Command(*PERSONAL))
async def personal_in_group(message: Message, bot: Bot) -> None:
    await show(message, menu.only_in_private((await bot.me()).username or ""))


@router.message(F.chat.type == "private", F.text.startswith("/"))
async def unknown_command(message: Message) -> None:
    await show(message, menu.unknown_command())


@router.message(F.chat.type == "private", MEDIA, ~F.via_bot)
async def not_text(message: Message) -> None:
    await show(message, menu.not_text())


@router.callback_query()
async def stale(query: CallbackQuery) -> None:
    await show(query, menu.stale())
