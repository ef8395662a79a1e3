"""sendMessage and everything else that puts a new message into a chat."""

from __future__ import annotations

import random
from typing import Any

from .. import entities, links, markup
from ..errors import bad, broken
from ..utf16 import units
from ..world import Chat, World
from .media import CAPTIONED, attach, group_item
from .registry import Json, Params, method

MAX_TEXT = 4096
MAX_CAPTION = 1024
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note",
    "upload_video_note",
}  # fmt: skip
DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


def formatted(p: Params, name: str, limit: int, empty: str | None, long: str) -> Json:
    """A text parameter as `{name: text, entities: […]}`, after its parse mode, within `limit`."""
    prefix = "" if name == "text" else f"{name}_"
    mode = p.get("parse_mode" if name in ("text", "caption") else f"{name}_parse_mode")
    result = entities.parse(p.get(name) or "", mode, p.get(f"{prefix}entities") or ())
    p.violations += result.violations
    if not result.text:
        if empty:
            raise broken(empty)
        return {}
    if len(result) > limit:
        raise broken(long)
    return {name: result.text} | ({f"{prefix}entities": result.entities} if result.entities else {})


def text_of(p: Params) -> Json:
    return formatted(p, "text", MAX_TEXT, "message text is empty", "message is too long")


def caption_of(p: Params) -> Json:
    caption = formatted(p, "caption", MAX_CAPTION, None, "message caption is too long")
    if caption and p.get("show_caption_above_media"):
        caption["show_caption_above_media"] = True
    return caption


def post(world: World, p: Params, content: Json) -> Json:
    """The last steps of every sending: keyboard, chat, reply, limits, the message itself."""
    reply_markup = p.get("reply_markup")
    markup.check(reply_markup)
    chat = world.writable(p["chat_id"])
    if chat.type != "private":  # where web apps cannot be opened
        markup.check(reply_markup, chat.type)
    reply = reply_to(world, chat, p)
    world.limits.take(chat.id, world.now().timestamp(), paid=bool(p.get("allow_paid_broadcast")))
    return deliver(world, chat, p, reply | content)


def deliver(world: World, chat: Chat, p: Params, content: Json) -> Json:
    reply_markup = p.get("reply_markup") or {}
    p.violations += links.broken_payloads(world.bot.username or "", content, reply_markup)
    if reply_markup.get("inline_keyboard"):
        content = {**content, "reply_markup": reply_markup}
    if p.get("protect_content"):
        content = {**content, "has_protected_content": True}
    message = world.add_message(chat, world.bot, content)
    if reply_markup and "inline_keyboard" not in reply_markup:
        chat.uneditable.add(message["message_id"])
        if "force_reply" not in reply_markup:
            chat.keyboard = reply_markup if "keyboard" in reply_markup else {}
        world.tell("keyboard", {"chat": chat.brief, "reply_markup": reply_markup})
    return message


def reply_to(world: World, chat: Chat, p: Params) -> Json:
    """The message replied to, without its own reply, or "message to be replied not found"."""
    wanted = p.get("reply_parameters") or {"message_id": p.get("reply_to_message_id")}
    if not wanted["message_id"]:
        return {}
    source = world.find_chat(wanted["chat_id"]) if wanted.get("chat_id") else chat
    found = source.messages.get(int(wanted["message_id"]))
    if found:
        plain = {key: value for key, value in found.items() if key != "reply_to_message"}
        return {"reply_to_message": plain} if source is chat else {"external_reply": {
            "origin": {"type": "hidden_user", "sender_user_name": "", "date": found["date"]},
        }}  # fmt: skip
    if wanted.get("allow_sending_without_reply") or p.get("allow_sending_without_reply"):
        return {}
    raise bad("message to be replied not found")


@method
def send_message(world: World, p: Params) -> Json:
    content = text_of(p)
    options = p.get("link_preview_options")
    return post(world, p, content | ({"link_preview_options": options} if options else {}))


def _sender(kind: str) -> None:
    def send(world: World, p: Params) -> Json:
        content = attach(world, p, kind, p[kind])
        return post(world, p, content | (caption_of(p) if kind in CAPTIONED else {}))

    send.__name__ = f"send_{kind}"
    method(send)


for _kind in ("photo", "document", "video", "audio", "voice", "animation", "sticker"):
    _sender(_kind)


def place(p: Params) -> Json:
    if not -90 <= p["latitude"] <= 90 or not -180 <= p["longitude"] <= 180:
        raise broken("wrong latitude or longitude specified")
    named = ("latitude", "longitude", "horizontal_accuracy", "live_period", "heading")
    return {name: p[name] for name in named if p.get(name) is not None}


@method
def send_location(world: World, p: Params) -> Json:
    return post(world, p, {"location": place(p)})


@method
def send_venue(world: World, p: Params) -> Json:
    where = place(p)
    named = ("title", "address", "foursquare_id", "google_place_id")
    venue = {"location": where} | {name: p[name] for name in named if p.get(name)}
    return post(world, p, {"location": where, "venue": venue})


@method
def send_contact(world: World, p: Params) -> Json:
    named = ("phone_number", "first_name", "last_name", "vcard")
    return post(world, p, {"contact": {name: p[name] for name in named if p.get(name)}})


@method
def send_dice(world: World, p: Params) -> Json:
    emoji = p.get("emoji") or "🎲"
    if emoji not in DICE:
        raise broken("wrong dice emoji specified")
    value = random.Random(next(world.numbers)).randint(1, DICE[emoji])
    return post(world, p, {"dice": {"emoji": emoji, "value": value}})


@method
def send_poll(world: World, p: Params) -> Json:
    question = formatted(p, "question", 300, "poll question must be non-empty",
                         "poll question length must not exceed 300")  # fmt: skip
    options = [option if isinstance(option, str) else option["text"] for option in p["options"]]
    if not 1 <= len(options) <= 12:
        raise broken("poll must have at least 1 option and at most 12 options")
    if any(not 1 <= units(option.strip()) <= 100 for option in options):
        raise broken("poll options length must be between 1 and 100")
    poll: Json = {
        "id": str(next(world.numbers)),
        "options": [
            {"persistent_id": str(i), "text": text, "voter_count": 0}
            for i, text in enumerate(options)
        ],
        "total_voter_count": 0,
        "is_closed": bool(p.get("is_closed")),
        "is_anonymous": p.get("is_anonymous", True),
        "type": p.get("type") or "regular",
        "allows_multiple_answers": bool(p.get("allows_multiple_answers")),
        "allows_revoting": bool(p.get("allows_revoting", True)),
        "members_only": bool(p.get("members_only")),
    }
    return post(world, p, {"poll": question | poll})


@method
def send_media_group(world: World, p: Params) -> list[Json]:
    items: list[Json] = p["media"]
    if not 2 <= len(items) <= 10:
        raise broken("group send failed: wrong number of media in the group, 2-10 expected")
    kinds = {item["type"] for item in items}
    if len(kinds) > 1 and not kinds <= {"photo", "video", "live_photo"}:
        raise broken("Can't use the media of the specified type in the album")
    contents = [group_item(world, p, item, caption_of) for item in items]
    chat = world.writable(p["chat_id"])
    reply = reply_to(world, chat, p)
    world.limits.take(chat.id, world.now().timestamp(), count=len(items))
    group = {"media_group_id": str(next(world.numbers))}
    return [deliver(world, chat, p, reply | content | group) for content in contents]


@method
def send_chat_action(world: World, p: Params) -> bool:
    if p["action"] not in ACTIONS:
        raise broken("wrong parameter action in request")
    chat = world.writable(p["chat_id"])
    chat.actions = [*chat.actions[-9:], p["action"]]
    world.tell("action", {"chat": chat.brief, "action": p["action"]})
    return True


def message_id_of(message: Json) -> Any:
    return {"message_id": message["message_id"]}
