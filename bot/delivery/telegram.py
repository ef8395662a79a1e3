"""Telegram as the sender needs it: a connection of its own, and no answers but the message's id.

aiogram reads every answer as a whole Message with its chat; of a thousand a second only one number
is wanted. And nothing is repeated here, as it is for people who wait: the outbox repeats.
"""

from time import monotonic
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from pydantic import BaseModel

from bot.delivery.limiter import Limiter
from bot.delivery.sender import Send
from bot.markup import cut
from bot.screen import Screen

TIMEOUT = 15
"""Seconds for one request; less than the MARGIN of a lease."""
SPARE = 10
"""Connections above those that the sender uses at once."""


MESSAGES = ("send", "edit", "copy", "forward")
"""How the methods begin that Telegram counts as messages."""


class Sent(BaseModel):
    message_id: int


class SendText(TelegramMethod[Sent]):
    """sendMessage, and of its answer the number alone."""

    __returning__ = Sent
    __api_method__ = "sendMessage"

    chat_id: int
    text: str
    parse_mode: str = ParseMode.HTML.value
    link_preview_options: dict[str, Any]
    reply_markup: Any = None
    allow_paid_broadcast: bool | None = None


class Answers(BaseRequestMiddleware):
    """What the bot answers counts for Telegram as what is sent: the sender keeps room for it."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        if method.__api_method__.startswith(MESSAGES):
            chat = getattr(method, "chat_id", None)
            self.limiter.spend(chat if isinstance(chat, int) else None, monotonic())
        return await make_request(bot, method)


def make_sending_bot(token: str, api: str, at_once: int) -> Bot:
    server = TelegramAPIServer.from_base(api)
    session = AiohttpSession(api=server, limit=at_once + SPARE, timeout=TIMEOUT)
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))


def sending(bot: Bot, *, paid: bool = False) -> Send:
    async def send(chat: int, screen: Screen) -> int:
        method = SendText(
            chat_id=chat,
            text=str(cut(screen.text)),
            link_preview_options={"is_disabled": True},
            reply_markup=screen.keyboard,
            allow_paid_broadcast=paid or None,
        )
        return (await bot(method)).message_id

    return send
