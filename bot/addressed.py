"""In groups the bot answers only when addressed: /command@bot, @bot name, or a reply to it."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.types import Message, TelegramObject

Data = dict[str, Any]


async def addressed(
    handler: Callable[[TelegramObject, Data], Awaitable[Any]], event: TelegramObject, data: Data
) -> Any:
    if not isinstance(event, Message) or event.chat.type == "private":
        return await handler(event, data)
    bot: Bot = data["bot"]
    me = await bot.me()
    text = spoken_to_me(event, f"@{me.username}", me.id)
    if text is None:
        return None
    return await handler(event.model_copy(update={"text": text}), data)


def spoken_to_me(message: Message, name: str, bot_id: int) -> str | None:
    """What was said to the bot, without its name; nothing if it was not meant."""
    text = message.text or ""
    if text.startswith("/"):
        command, *_rest = text.split(maxsplit=1)
        return text if command.lower().endswith(name.lower()) else None
    mention = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    if mention.search(text):
        return " ".join(mention.sub(" ", text, count=1).split())
    answered = message.reply_to_message
    is_reply = bool(answered and answered.from_user and answered.from_user.id == bot_id)
    return text if is_reply and text else None
