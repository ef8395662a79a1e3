"""Chats and their members, pins, reactions (core.telegram.org/bots/api#getchat)."""

from __future__ import annotations

from aiogram.types import ChatMemberAdministrator

from ..errors import bad, broken
from ..world import OUTSIDE, Chat, User, World
from .registry import Json, Params, method

# whatever rights aiogram knows, so that its types can always be read
RIGHTS = [name for name in ChatMemberAdministrator.model_fields if name.startswith("can_")]


def known(world: World, p: Params) -> Chat:
    """A chat the bot knows; in groups it must be inside."""
    chat = world.find_chat(p["chat_id"])
    if not chat.user:
        world.check_member(chat)
    elif not chat.user.started:
        raise bad("chat not found")
    return chat


def member(world: World, chat: Chat, user_id: int) -> Json:
    """ChatMember of any status."""
    user = world.users.get(user_id)
    if user is None:
        raise bad("PARTICIPANT_ID_INVALID")
    status = "member" if chat.user else chat.members.get(user_id, "left")
    told: Json = {"status": status, "user": user.as_json()}
    if status == "creator":
        return told | {"is_anonymous": False}
    if status == "administrator":
        return told | dict.fromkeys(RIGHTS, True) | {"can_be_edited": False, "is_anonymous": False}
    return told | ({"until_date": 0} if status == "kicked" else {})


@method
def get_chat(world: World, p: Params) -> Json:
    chat = known(world, p)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription",
             "gifts_from_channels")  # fmt: skip
    full: Json = {
        **chat.brief,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    if chat.pinned:
        full["pinned_message"] = chat.messages[chat.pinned[-1]]
    return full


@method
def get_chat_member(world: World, p: Params) -> Json:
    return member(world, known(world, p), p["user_id"])


@method
def get_chat_administrators(world: World, p: Params) -> list[Json]:
    chat = known(world, p)
    if chat.user:
        raise bad("there are no administrators in the private chat")
    return [
        member(world, chat, user_id)
        for user_id in chat.members
        if world.is_admin(chat, user_id) and not world.users[user_id].is_bot
    ]


@method
def get_chat_member_count(world: World, p: Params) -> int:
    chat = known(world, p)
    if chat.user:
        return 2
    return sum(status not in OUTSIDE for status in chat.members.values())


@method
def leave_chat(world: World, p: Params) -> bool:
    chat = known(world, p)
    if chat.user:
        raise bad("chat member status can't be changed in private chats")
    chat.members[world.bot.id] = "left"
    return True


@method
def ban_chat_member(world: World, p: Params) -> bool:
    chat = known(world, p)
    user = world.users.get(p["user_id"])
    if user is None:
        raise bad("PARTICIPANT_ID_INVALID")
    if chat.user or not world.is_admin(chat, world.bot.id):
        raise bad("not enough rights to restrict/unrestrict chat member")
    check_bannable(world, chat, user)
    chat.members[user.id] = "kicked"
    return True


def check_bannable(world: World, chat: Chat, user: User) -> None:
    if chat.members.get(user.id) == "creator":
        raise bad("can't remove chat owner")
    if world.is_admin(chat, user.id):
        raise bad("user is an administrator of the chat")


def to_pin(world: World, p: Params) -> Chat:
    chat = world.writable(p["chat_id"])
    if not chat.user and not world.is_admin(chat, world.bot.id):
        raise bad("not enough rights to manage pinned messages in the chat")
    return chat


@method
def pin_chat_message(world: World, p: Params) -> bool:
    chat = to_pin(world, p)
    if p["message_id"] not in chat.messages:
        raise bad("message to pin not found")
    if p["message_id"] not in chat.pinned:
        chat.pinned.append(p["message_id"])
    world.tell("pinned", chat.messages[p["message_id"]])
    return True


@method
def unpin_chat_message(world: World, p: Params) -> bool:
    chat = to_pin(world, p)
    wanted = p.get("message_id") or (chat.pinned[-1] if chat.pinned else None)
    if wanted not in chat.pinned:
        raise bad("message to unpin not found")
    chat.pinned.remove(wanted)
    return True


@method
def unpin_all_chat_messages(world: World, p: Params) -> bool:
    to_pin(world, p).pinned.clear()
    return True


@method
def set_message_reaction(world: World, p: Params) -> bool:
    reactions = p.get("reaction") or []
    if len(reactions) > 1:
        raise broken("REACTIONS_TOO_MANY")
    chat = world.writable(p["chat_id"])
    message = chat.messages.get(p["message_id"])
    if not message:
        raise bad("message to react not found")
    world.tell("reaction", {"message": message, "reaction": reactions})
    return True
