"""Brings a screen to the person: a command is answered, a button's own message is edited."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InaccessibleMessage,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    TelegramObject,
)
from markupsafe import Markup

from bot.callbacks import BELOW
from bot.keyboards import Swaps, swapped
from bot.markup import CAPTION, cut
from bot.screen import Media, Screen
from bot.services.errors import NotFound
from models import Subscriber

Event = Message | CallbackQuery
Place = tuple[int, int]
"""A chat, and a message in it."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


is_below: ContextVar[bool] = ContextVar("is_below", default=False)
"""Whether what is shown comes as a message of its own."""


async def keep_news(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    query: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """A middleware: what a button under news opens leaves them as they are."""
    carried = query.data if isinstance(query, CallbackQuery) else None
    if carried is None or not carried.startswith(BELOW):
        return await handler(query, data)
    mark = is_below.set(True)
    try:
        bare = carried.removeprefix(BELOW)
        return await handler(query.model_copy(update={"data": bare}), data)
    finally:
        is_below.reset(mark)


async def show(event: Event, screen: Screen, toast: str | None = None) -> Place | None:
    """Where it stands."""
    if isinstance(event, Message):
        return await answer(event, screen)
    place = await edit(event, screen)
    await acknowledge(event, toast or screen.toast)
    return place


def is_private(event: Event) -> bool:
    message = event.message if isinstance(event, CallbackQuery) else event
    return message is not None and message.chat.type == "private"


def chat_of(query: CallbackQuery) -> int:
    """Where something was pressed; of a message of inline mode nobody can say."""
    if query.message is None:
        raise NotFound
    return query.message.chat.id


def place_pressed(query: CallbackQuery) -> Place:
    """The message under which it was; of inline mode nobody can say."""
    if query.message is None:
        raise NotFound
    return query.message.chat.id, query.message.message_id


def own_zone(event: Event, subscriber: Subscriber) -> str | None:
    """The zone somebody has chosen. In a group the others would read in it where they live."""
    return subscriber.timezone if is_private(event) else None


async def answer(message: Message | InaccessibleMessage, screen: Screen) -> Place:
    sent = await message.answer(
        cut(screen.text), reply_markup=screen.keyboard, link_preview_options=NO_PREVIEW
    )
    return sent.chat.id, sent.message_id


COMING = Screen(Markup("⏳"))


async def place_for(event: Event) -> Place:
    """Where a screen will stand, before it does. For a new one something stands there already."""
    if isinstance(event, CallbackQuery) and is_screen(event):
        return place_pressed(event)
    return await new_place(event)


def is_screen(query: CallbackQuery) -> bool:
    """Whether another one may take the place of what was pressed."""
    message = query.message
    has_text = isinstance(message, Message) and message.text is not None
    return has_text and not keeps_news(query)


async def new_place(event: Event) -> Place:
    message = event if isinstance(event, Message) else event.message
    if message is None:
        raise NotFound
    return await answer(message, COMING)


async def show_at(bot: Bot, place: Place, screen: Screen) -> bool:
    """Whether there was such a message still."""
    chat, message = place
    text, buttons = cut(screen.text), screen.keyboard
    options: dict[str, Any] = {"reply_markup": buttons, "link_preview_options": NO_PREVIEW}
    return await is_done(bot.edit_message_text(text, chat_id=chat, message_id=message, **options))


async def show_picture_at(bot: Bot, place: Place, content: bytes, caption: Markup) -> bool:
    """Likewise."""
    chat, message = place
    picture = InputMediaPhoto(media=BufferedInputFile(content, "picture.png"), caption=caption)
    return await is_done(bot.edit_message_media(picture, chat_id=chat, message_id=message))


async def is_done(editing: Awaitable[Any]) -> bool:
    try:
        await editing
    except TelegramBadRequest as error:
        if cannot_be_edited(error):
            return False
        if not is_as_wanted(error):
            raise
    return True


def keeps_news(query: CallbackQuery) -> bool:
    """Whether what is pressed stays; by the latter where the handler failed."""
    return is_below.get() or (query.data or "").startswith(BELOW)


async def edit(query: CallbackQuery, screen: Screen) -> Place | None:
    """Where the message can no longer be edited (deleted, too old, a map) a new one is sent."""
    if query.message is None:
        return None
    bot = query.bot
    assert bot is not None
    if is_screen(query) and await show_at(bot, place_pressed(query), screen):
        return place_pressed(query)
    return await answer(query.message, screen)


async def post(bot: Bot, chat: int, screen: Screen) -> None:
    """As followers get it: an album has no buttons, and its text comes below it."""
    text, buttons = cut(screen.text), screen.keyboard
    if len(screen.media) == 1:
        only, caption = screen.media[0], cut(screen.text, CAPTION)
        if only.kind == "photo":
            await bot.send_photo(chat, only.file, caption=caption, reply_markup=buttons)
        else:
            await bot.send_document(chat, only.file, caption=caption, reply_markup=buttons)
        return
    if screen.media:
        await bot.send_media_group(chat, [in_album(one) for one in screen.media])
    await bot.send_message(chat, text, reply_markup=buttons, link_preview_options=NO_PREVIEW)


def in_album(one: Media) -> InputMediaPhoto | InputMediaDocument:
    if one.kind == "photo":
        return InputMediaPhoto(media=one.file)
    return InputMediaDocument(media=one.file)


async def send_file(query: CallbackQuery, content: bytes, name: str, caption: Markup) -> None:
    """As a message of its own; the screen stays."""
    if isinstance(message := query.message, Message):
        await message.answer_document(BufferedInputFile(content, name), caption=caption)
    await acknowledge(query)


async def send_picture(query: CallbackQuery, content: bytes, caption: Markup) -> None:
    """As a message of its own; the screen stays."""
    if isinstance(message := query.message, Message):
        picture = BufferedInputFile(content, "picture.png")
        await message.answer_photo(picture, caption=caption)


async def relabel(query: CallbackQuery, swaps: Swaps, toast: str, *, alert: bool = False) -> None:
    """Other buttons under a message whose text stays; also in a group that threw the bot out."""
    if isinstance(message := query.message, Message):
        try:
            await message.edit_reply_markup(reply_markup=swapped(message.reply_markup, swaps))
        except TelegramForbiddenError:
            pass
        except TelegramBadRequest as error:
            if not is_as_wanted(error) and not cannot_be_edited(error):
                raise
    await acknowledge(query, toast, alert=alert)


def is_as_wanted(error: TelegramBadRequest) -> bool:
    return "message is not modified" in error.message


def cannot_be_edited(error: TelegramBadRequest) -> bool:
    told = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")
    return any(words in error.message for words in told)


async def acknowledge(
    query: CallbackQuery, toast: str | None = None, *, alert: bool = False
) -> None:
    """Every press is acknowledged, or the button would go on spinning; late is no harm."""
    with suppress(TelegramBadRequest):
        await query.answer(toast, show_alert=alert)
