"""In groups the bot answers only when addressed: /command@bot, @bot name, or a reply to it.

In private its name and a pasted link to it are understood, too.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.types import Message, TelegramObject

Data = dict[str, Any]


async def addressed(
    handler: Callable[[TelegramObject, Data], Awaitable[Any]], event: TelegramObject, data: Data
) -> Any:
    alone = spoken_alone(event)
    if not isinstance(event, Message) or event.text is None:
        return await handler(event, data) if alone or has_moved(event) else None
    bot: Bot = data["bot"]
    me = await bot.me()
    name = f"@{me.username}"
    text = meant(event.text, name) if alone else spoken_to_me(event, name, me.id)
    if text is None:
        return None
    return await handler(event.model_copy(update={"text": text}), data)


def spoken_alone(event: TelegramObject) -> bool:
    return not isinstance(event, Message) or event.chat.type == "private"


def has_moved(event: TelegramObject) -> bool:
    """A group into a supergroup."""
    return isinstance(event, Message) and event.migrate_to_chat_id is not None


def meant(text: str, name: str) -> str:
    """In private the bot's name adds nothing, and a pasted link to it is as good as a press."""
    bot = re.escape(name.removeprefix("@"))
    pasted = re.fullmatch(
        rf"(?:https?://)?t(?:elegram)?\.me/{bot}(?:\?start=([\w-]{{1,64}}))?", text.strip(), re.I
    )
    if pasted:
        return f"/start {pasted[1] or ''}".strip()
    if text.startswith("/") or not text.casefold().startswith(name.casefold()):
        return text
    mention = re.compile(rf"{re.escape(name)}(?!\w)\W*", re.IGNORECASE)
    return mention.sub("", text, count=1) or "/start"


def spoken_to_me(message: Message, name: str, bot_id: int) -> str | None:
    """What was said to the bot, without its name; nothing if it was not meant."""
    text = message.text or ""
    if text.startswith("/"):
        command, *rest = text.split(maxsplit=1)
        is_mine = command.lower().endswith(name.lower())
        return " ".join([command[: -len(name)], *rest]) if is_mine else None
    mention = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    if mention.search(text):
        return " ".join(mention.sub(" ", text, count=1).split()) or "/start"
    answered = message.reply_to_message
    is_reply = bool(answered and answered.from_user and answered.from_user.id == bot_id)
    return text if is_reply and text else None
