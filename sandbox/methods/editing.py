"""Editing and deleting (core.telegram.org/bots/api#updating-messages)."""

from __future__ import annotations

from ..errors import bad, broken
from ..markup import check
from ..world import Chat, World
from .media import CAPTIONED, group_item, media_kind, same_media
from .registry import Json, Params, method
from .sending import caption_of, text_of

DELETABLE = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
SHOWN = (
    "text", "entities", "caption", "caption_entities", "reply_markup", "show_caption_above_media",
    "link_preview_options",
)  # fmt: skip


def to_edit(world: World, p: Params) -> tuple[Chat, Json]:
    """The message meant by chat_id and message_id, or by inline_message_id."""
    if inline := p.get("inline_message_id"):
        if inline not in world.inline_messages:
            raise bad("MESSAGE_ID_INVALID")
        chat_id, message_id = world.inline_messages[inline]
        chat = world.chats[chat_id]
        found = chat.messages.get(message_id)
    else:
        chat, found = addressed(world, p)
    if not found:
        raise bad("message to edit not found")
    if not world.may_edit(chat, found):
        raise bad("message can't be edited")
    return chat, found


def addressed(world: World, p: Params) -> tuple[Chat, Json | None]:
    if p.get("chat_id") is None:
        raise broken("chat_id is empty")
    if not p.get("message_id"):
        raise broken("message identifier is not specified")
    chat = world.writable(p["chat_id"])
    return chat, chat.messages.get(p["message_id"])


def edit(world: World, p: Params, chat: Chat, old: Json, content: Json, drop: set[str]) -> Json:
    """The message with new content; without a keyboard in the call, its keyboard goes."""
    kept = {key: value for key, value in old.items() if key not in drop | {"reply_markup"}}
    if (p.get("reply_markup") or {}).get("inline_keyboard"):
        content = {**content, "reply_markup": p["reply_markup"]}
    new = {**kept, **content}
    if all(new.get(key) == old.get(key) for key in SHOWN) and (
        media_kind(new) is None or same_media(new, old)
    ):
        raise bad(NOT_MODIFIED)
    return world.replace(chat, {**new, "edit_date": world.unix})


def answer(p: Params, message: Json) -> Json | bool:
    return True if p.get("inline_message_id") else message


@method
def edit_message_text(world: World, p: Params) -> Json | bool:
    content = text_of(p)
    check(p.get("reply_markup"))
    chat, old = to_edit(world, p)
    if "text" not in old:
        raise bad("there is no text in the message to edit")
    if options := p.get("link_preview_options"):
        content["link_preview_options"] = options
    drop = {"text", "entities", "link_preview_options"}
    return answer(p, edit(world, p, chat, old, content, drop))


@method
def edit_message_caption(world: World, p: Params) -> Json | bool:
    content = caption_of(p)
    check(p.get("reply_markup"))
    chat, old = to_edit(world, p)
    if media_kind(old) not in CAPTIONED:
        raise bad("there is no caption in the message to edit")
    drop = {"caption", "caption_entities", "show_caption_above_media"}
    return answer(p, edit(world, p, chat, old, content, drop))


@method
def edit_message_reply_markup(world: World, p: Params) -> Json | bool:
    check(p.get("reply_markup"))
    chat, old = to_edit(world, p)
    return answer(p, edit(world, p, chat, old, {}, set()))


@method
def edit_message_media(world: World, p: Params) -> Json | bool:
    content = group_item(world, p, p["media"], caption_of)
    check(p.get("reply_markup"))
    chat, old = to_edit(world, p)
    drop = CAPTIONED | {"text", "entities", "caption", "caption_entities"}
    return answer(p, edit(world, p, chat, old, content, drop))


def check_deletable(world: World, chat: Chat, message: Json) -> None:
    if world.unix - message["date"] >= DELETABLE and not world.is_admin(chat, world.bot.id):
        raise bad("message can't be deleted for everyone")
    mine = message["message_id"] in chat.own or chat.type == "private"
    if not mine and not world.is_admin(chat, world.bot.id):
        raise bad("message can't be deleted")


@method
def delete_message(world: World, p: Params) -> bool:
    chat = world.writable(p["chat_id"])
    message = chat.messages.get(p["message_id"])
    if not message:
        raise bad("message to delete not found")
    check_deletable(world, chat, message)
    world.remove(chat, p["message_id"])
    return True


@method
def delete_messages(world: World, p: Params) -> bool:
    identifiers: list[int] = p["message_ids"]
    if not 1 <= len(identifiers) <= 100:
        raise broken("there must be 1-100 message identifiers to delete")
    chat = world.writable(p["chat_id"])
    found = [chat.messages[i] for i in identifiers if i in chat.messages]
    for message in found:
        check_deletable(world, chat, message)
    for message in found:
        world.remove(chat, message["message_id"])
    return True
