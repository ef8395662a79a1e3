"""Telegram as the sender needs it: a connection of its own, and no answers but messages' ids.

aiogram makes a form of every field and reads every answer as a whole Message with its chat, which
takes longer than all else; here a body of JSON goes, and of the answer one number is wanted. And
nothing is repeated here, as it is for people who wait: the outbox repeats.
"""

import asyncio
import json
import re
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from functools import cache, lru_cache
from time import monotonic
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar
from markupsafe import Markup
from pydantic import BaseModel
from yarl import URL

from bot.db import let_go
from bot.delivery.limiter import Limiter
from bot.delivery.sender import Send
from bot.delivery.verdicts import Fate, verdict_of
from bot.markup import CAPTION, cut
from bot.screen import Act, Media, Screen
from bot.waits import for_turn

TIMEOUT = 15
"""Seconds for one request; less than the MARGIN of a lease."""
CONNECT = 10
"""Of them for a connection: what has none yet has surely not arrived."""
SPARE = 10
"""Connections above those that the sender uses at once."""
JSON = {"Content-Type": "application/json"}
UNSAID = ("Accept", "Accept-Encoding", "User-Agent")
"""Headers that nobody needs: an answer is JSON, and too short to be packed."""
HTML = {"parse_mode": ParseMode.HTML.value}
EVERY = HTML | {"link_preview_options": {"is_disabled": True}}
PAID = {"allow_paid_broadcast": True}
NUMBER = re.compile(rb'\{"ok": ?true, ?"result": ?\{"message_id": ?(\d+),')
"""How an answer begins that is as it should be."""

MESSAGES = ("send", "edit", "copy", "forward")
"""How the methods begin that Telegram counts as messages."""


class Sent(BaseModel):
    message_id: int


class SendText(TelegramMethod[Sent]):
    """sendMessage, as what is told of its failures: without the chat and the text."""

    __returning__ = Sent
    __api_method__ = "sendMessage"


class SendPhoto(SendText):
    __api_method__ = "sendPhoto"


class SendDocument(SendText):
    __api_method__ = "sendDocument"


class SendAlbum(TelegramMethod[list[Sent]]):
    __returning__ = list[Sent]
    __api_method__ = "sendMediaGroup"


class EditText(SendText):
    __api_method__ = "editMessageText"


class EditMedia(SendText):
    __api_method__ = "editMessageMedia"


class Delete(TelegramMethod[bool]):
    __returning__ = bool
    __api_method__ = "deleteMessages"


Method = type[TelegramMethod[Any]]


def counts(method: TelegramMethod[Any]) -> bool:
    """As a message; that something is being typed is none."""
    name = method.__api_method__
    return name.startswith(MESSAGES) and name != "sendChatAction"


class InTurn(BaseRequestMiddleware):
    """An answer waits until it is within the pace, first come, first served: were it refused, so
    would be what is sent just then. Of those who press on one at a time stands in line with the
    others. Owners wait for nobody: they may have to stop something."""

    def __init__(self, limiter: Limiter, owners: Collection[int] = ()) -> None:
        self.limiter, self.owners = limiter, owners
        self.line, self.restless = asyncio.Lock(), asyncio.Lock()

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        if counts(method) and getattr(method, "chat_id", None) not in self.owners:
            await let_go()
            await self.turn()
        return await make_request(bot, method)

    async def turn(self) -> None:
        with self.limiter.answer_waits(), for_turn() as own:
            async with self.restless if own.is_restless else nullcontext(), self.line:
                while wait := self.limiter.wait_to_answer(monotonic()):  # noqa: ASYNC110
                    await asyncio.sleep(wait)


class Answers(BaseRequestMiddleware):
    """What the bot answers counts for Telegram as what is sent: the sender keeps room for it.

    While more is sent than is free, an answer that may not be paid for would be refused.
    """

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        if not counts(method):
            return await make_request(bot, method)
        chat, since = getattr(method, "chat_id", None), monotonic()
        if not self.limiter.spend(chat if isinstance(chat, int) else None, since):
            return await self.answered(make_request, bot, method, since)
        self.limiter.answer_departs()
        try:
            return await self.answered(make_request, bot, method, since)
        finally:
            self.limiter.answer_lands(monotonic())

    async def answered(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
        since: float,
    ) -> Response[TelegramType]:
        try:
            if self.limiter.pays(since) and "allow_paid_broadcast" in type(method).model_fields:
                return await self.paying(make_request, bot, method)
            return await make_request(bot, method)
        except TelegramRetryAfter:
            self.limiter.late_answers += 1
            raise

    async def paying(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """With too few Stars: for nothing."""
        try:
            paid = method.model_copy(update={"allow_paid_broadcast": True})
            return await make_request(bot, paid)
        except TelegramBadRequest as error:
            if verdict_of(error).fate is not Fate.UNPAID:
                raise
            self.limiter.pay_no_more()
            return await make_request(bot, method)


class Session(AiohttpSession):
    """Without what aiohttp does for browsers' sake: it is a tenth of a request."""

    async def create_session(self) -> ClientSession:
        if self._session is None or self._session.closed:
            self._session = ClientSession(
                connector=self._connector_type(**self._connector_init),
                cookie_jar=DummyCookieJar(),
                headers=JSON,
                skip_auto_headers=UNSAID,
                auto_decompress=False,
                timeout=ClientTimeout(total=TIMEOUT, connect=CONNECT),
            )
        return self._session


def make_sending_bot(token: str, api: str, at_once: int) -> Bot:
    server = TelegramAPIServer.from_base(api)
    session = Session(api=server, limit=at_once + SPARE, timeout=TIMEOUT)
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))


def sending(bot: Bot, limiter: Limiter) -> Send:
    session = bot.session
    assert isinstance(session, AiohttpSession)
    common = {paid: json.dumps(EVERY | (PAID if paid else {}))[1:] for paid in (False, True)}

    @cache
    def url(method: Method) -> URL:
        return URL(session.api.api_url(bot.token, method.__api_method__))

    async def send(chat: int, screen: Screen) -> Sequence[int]:
        method, paid = method_of(screen), screen.is_paid or limiter.is_always_paid
        if method is SendText:
            content = body(chat, screen, common[paid])
        else:
            content = other_body(chat, screen, method, paid=paid)
        client = await session.create_session()
        try:
            async with client.post(url(method), data=content) as answer:
                return numbers(bot, method, answer.status, await answer.read())
        except (TimeoutError, ClientError) as error:
            raise TelegramNetworkError(method(), type(error).__name__) from error

    return send


SENDING: dict[str, Method] = {"photo": SendPhoto, "document": SendDocument}


def method_of(screen: Screen) -> Method:
    """The text of an album is a message of its own, below it."""
    if screen.act is Act.DELETE:
        return Delete
    only = screen.media[0] if len(screen.media) == 1 else None
    if screen.act is Act.EDIT:
        return EditMedia if only else EditText
    if only:
        return SENDING[only.kind]
    return SendAlbum if screen.is_album else SendText


def other_body(chat: int, screen: Screen, method: Method, *, paid: bool) -> bytes:
    said: dict[str, Any] = {"chat_id": chat}
    if screen.act is Act.SEND and paid:
        said |= PAID
    if screen.ready and not screen.is_album and method is not Delete:
        said["reply_markup"] = json.loads(screen.ready)
    return json.dumps(said | content_of(screen, method)).encode()


def content_of(screen: Screen, method: Method) -> dict[str, Any]:
    numbers = list(screen.messages)
    if method is Delete:
        return {"message_ids": sorted(numbers)}
    if method is SendAlbum:
        return {"media": [item(one) for one in screen.media]}
    if method is EditText:
        return EVERY | {"message_id": numbers[-1], "text": str(cut(screen.text))}
    caption = HTML | {"caption": str(cut(screen.text, CAPTION))}
    only = screen.media[0]
    if method is EditMedia:
        return {"message_id": numbers[-1], "media": item(only) | caption}
    return {only.kind: only.file} | caption


def item(one: Media) -> dict[str, str]:
    return {"type": one.kind, "media": one.file}


def body(chat: int, screen: Screen, common: str) -> bytes:
    """`common`: what is said of every message, as the rest of a JSON object."""
    buttons = f'"reply_markup": {screen.ready}, ' if screen.ready else ""
    sound = '"disable_notification": true, ' if screen.silent else ""
    return f'{{"chat_id": {chat}, "text": {quoted(screen.text)}, {buttons}{sound}{common}'.encode()


@lru_cache(64)
def quoted(text: Markup) -> str:
    """Of a message to many nearly all read the same."""
    return json.dumps(str(cut(text)))


def numbers(bot: Bot, method: Method, status: int, answer: bytes) -> Sequence[int]:
    """The messages'; of all that is not as it should be aiogram makes one of its errors."""
    if status == 200 and (found := NUMBER.match(answer)):
        return (int(found[1]),)
    text = answer.decode(errors="replace")
    try:
        sent = bot.session.check_response(bot, method(), status, text).result
    except ClientDecodeError as error:
        # A page of what stands before Telegram, or an answer that was cut off.
        kind = TelegramServerError if status >= 400 else TelegramNetworkError
        raise kind(method(), type(error).__name__) from error
    except TypeError as error:  # aiogram looks for words of Telegram's own where there are none
        raise TelegramAPIError(method(), "") from error
    each = sent if isinstance(sent, list) else [sent]
    return [one.message_id for one in each if isinstance(one, Sent)]
