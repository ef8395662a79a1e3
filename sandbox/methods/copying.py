"""copyMessage and forwardMessage, one or many."""

from __future__ import annotations

from ..errors import bad, broken
from ..world import Chat, World
from .registry import Json, Params, method
from .sending import caption_of, deliver, message_id_of, post

ENVELOPE = {
    "message_id", "from", "sender_chat", "chat", "date", "edit_date", "reply_to_message",
    "via_bot", "forward_origin", "media_group_id", "has_protected_content",
}  # fmt: skip


def source(world: World, p: Params, message_id: int, verb: str) -> Json:
    message = world.find_chat(p["from_chat_id"]).messages.get(message_id)
    if not message:
        raise bad(f"message to {verb} not found")
    if message.get("has_protected_content"):
        raise bad(f"message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return message


def copied(message: Json) -> Json:
    return {key: v for key, v in message.items() if key not in ENVELOPE | {"reply_markup"}}


def forwarded(message: Json) -> Json:
    kept = {key: v for key, v in message.items() if key not in ENVELOPE}
    return {**kept, "forward_origin": message.get("forward_origin") or origin(message)}


def origin(message: Json) -> Json:
    if "from" in message:
        return {"type": "user", "date": message["date"], "sender_user": message["from"]}
    where = {"chat": message["chat"], "message_id": message["message_id"]}
    return {"type": "channel", "date": message["date"], **where}


@method
def copy_message(world: World, p: Params) -> Json:
    content = copied(source(world, p, p["message_id"], "copy"))
    if "caption" in p:
        content = {key: v for key, v in content.items() if not key.startswith("caption")}
        content |= caption_of(p)
    return message_id_of(post(world, p, content))  # type: ignore[no-any-return]


@method
def forward_message(world: World, p: Params) -> Json:
    return post(world, p, forwarded(source(world, p, p["message_id"], "forward")))


def many(world: World, p: Params, verb: str) -> tuple[Chat, list[Json]]:
    identifiers: list[int] = p["message_ids"]
    if not 1 <= len(identifiers) <= 100:
        raise broken(f"there must be 1-100 message identifiers to {verb}")
    if identifiers != sorted(set(identifiers)):
        raise broken("message identifiers must be in a strictly increasing order")
    known = world.find_chat(p["from_chat_id"]).messages
    found = [source(world, p, i, verb) for i in identifiers if i in known]
    if not found:
        raise bad(f"there are no messages to {verb}")
    chat = world.writable(p["chat_id"])
    world.limits.take(chat.id, world.now().timestamp(), count=len(found))
    return chat, found


@method
def copy_messages(world: World, p: Params) -> list[Json]:
    chat, found = many(world, p, "copy")
    contents = [copied(message) for message in found]
    if p.get("remove_caption"):
        contents = [
            {key: v for key, v in content.items() if not key.startswith("caption")}
            for content in contents
        ]
    return [message_id_of(deliver(world, chat, p, content)) for content in contents]


@method
def forward_messages(world: World, p: Params) -> list[Json]:
    chat, found = many(world, p, "forward")
    return [message_id_of(deliver(world, chat, p, forwarded(message))) for message in found]
