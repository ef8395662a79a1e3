"""How the bot introduces itself in Telegram: commands and descriptions, per language."""

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand

from bot.i18n import SOURCE, languages, speaking
from bot.views import menu

log = structlog.get_logger()


async def introduce(bot: Bot) -> None:
    """Only what differs is set: Telegram limits how often. The bot works without it, too."""
    try:
        for language in languages():
            with speaking(language):
                await introduce_in(bot, None if language == SOURCE else language)
    except TelegramAPIError as error:
        log.warning("commands and descriptions were not set", why=type(error).__name__)


async def introduce_in(bot: Bot, code: str | None) -> None:
    """`code` None: for everybody whose language has no text of its own."""
    commands = [
        BotCommand(command=name, description=text) for name, text in menu.commands().items()
    ]
    if await bot.get_my_commands(language_code=code) != commands:
        await bot.set_my_commands(commands, language_code=code)
    if (await bot.get_my_description(language_code=code)).description != menu.description():
        await bot.set_my_description(menu.description(), language_code=code)
    short = menu.short_description()
    if (await bot.get_my_short_description(language_code=code)).short_description != short:
        await bot.set_my_short_description(short, language_code=code)
