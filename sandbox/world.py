"""Telegram's memory: people, chats, messages, queries (core.telegram.org/bots/api#available-types).

Everything is kept in the shape the Bot API tells it: dicts, Unix seconds, UTF-16 units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from .errors import Refused, bad, forbidden
from .files import Files
from .limits import Limits
from .polling import Polling
from .profile import Profile
from .updates import Pending, Updates
from .webhook import Execute, Webhook

Json = dict[str, Any]
Watcher = Callable[[str, Json], None]

ADMINS = {"creator", "administrator"}
OUTSIDE = {"left", "kicked"}
GONE_GROUP = "group chat was upgraded to a supergroup chat"


@dataclass(slots=True)
class User:
    """A person or a bot; the flags say whether the bot may write to them."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def as_json(self) -> Json:
        told = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        rest = ("last_name", "username", "language_code")
        return told | {name: value for name in rest if (value := getattr(self, name))}


@dataclass(slots=True)
class Chat:
    """A chat of any type with its visible messages by id, oldest first."""

    id: int
    type: str
    title: str | None = None
    username: str | None = None
    user: User | None = None
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    upgraded_to: int | None = None
    own: set[int] = field(default_factory=set)
    uneditable: set[int] = field(default_factory=set)
    actions: list[str] = field(default_factory=list)
    keyboard: Json = field(default_factory=dict)
    brief: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        told = {"id": self.id, "type": self.type, "title": self.title, "username": self.username}
        if self.user:
            told |= {
                "first_name": self.user.first_name,
                "last_name": self.user.last_name,
                "username": self.user.username,
            }
        self.brief = {name: value for name, value in told.items() if value is not None}


@dataclass(slots=True)
class Query:
    """A callback or inline query waiting for its answer."""

    id: str
    user: User
    at: datetime
    told: Json
    answer: Json | None = None


class World:
    """All state, and the few things that happen to it; `watchers` see every change."""

    def __init__(
        self,
        bot: User,
        now: Callable[[], datetime],
        limits: Limits,
        execute: Execute,
        *,
        history: int = 1000,
        anyone: bool = False,
        privacy: bool = True,
    ) -> None:
        self.bot = bot
        self.now = now
        self.limits = limits
        self.history = history
        self.anyone = anyone
        self.privacy = privacy
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.callbacks: dict[str, Query] = {}
        self.inline: dict[str, Query] = {}
        self.inline_messages: dict[str, tuple[int, int]] = {}
        self.files = Files()
        self.profile = Profile(bot.first_name)
        self.updates = Updates(now)
        self.polling = Polling(self.updates)
        self.webhook = Webhook(self.updates, execute)
        self.watchers: list[Watcher] = []
        self.numbers = count(1)
        self.personal_ids = count(1)
        self.channel_ids: dict[int, count[int]] = {}

    @property
    def unix(self) -> int:
        return int(self.now().timestamp())

    def tell(self, event: str, what: Json) -> None:
        for watcher in list(self.watchers):
            watcher(event, what)

    # -- chats ---------------------------------------------------------------------------

    def add_user(self, user: User) -> Chat:
        """A user and the private chat with them, which has the same id."""
        self.users[user.id] = user
        self.chats[user.id] = Chat(user.id, "private", user=user)
        return self.chats[user.id]

    def find_chat(self, chat_id: int | str) -> Chat:
        """A chat by id or @username, or "chat not found"."""
        if isinstance(chat_id, str):
            name = chat_id.removeprefix("@").lower()
            named = (c for c in self.chats.values() if c.type in ("channel", "supergroup"))
            chat = next((c for c in named if (c.username or "").lower() == name), None)
        else:
            chat = self.chats.get(chat_id) or self.stranger(chat_id)
        if chat is None:
            raise bad("chat not found")
        if chat.upgraded_to:
            raise Refused(400, f"Bad Request: {GONE_GROUP}", migrate_to_chat_id=chat.upgraded_to)
        return chat

    def stranger(self, chat_id: int) -> Chat | None:
        """With `anyone`, every positive id is somebody who once pressed Start."""
        if not self.anyone or chat_id <= 0:
            return None
        return Chat(chat_id, "private", user=User(chat_id, "Somebody", started=True))

    def writable(self, chat_id: int | str) -> Chat:
        """A chat the bot may write to, or Telegram's reason why not."""
        chat = self.find_chat(chat_id)
        if chat.user:
            self.check_private(chat.user)
        else:
            self.check_member(chat)
        return chat

    def check_private(self, user: User) -> None:
        if user.deactivated:
            raise forbidden("user is deactivated")
        if user.is_bot:
            raise forbidden("bots can't send messages to bots")
        if user.blocked:
            raise forbidden("bot was blocked by the user")
        if not user.started:
            raise forbidden("bot can't initiate conversation with a user")

    def check_member(self, chat: Chat) -> None:
        status = chat.members.get(self.bot.id, "left")
        name = "group" if chat.type == "group" else chat.type
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {name} chat")
        if status == "left":
            raise forbidden(f"bot is not a member of the {name} chat")
        if chat.type == "channel" and status not in ADMINS:
            raise bad("need administrator rights in the channel chat")

    def is_admin(self, chat: Chat, user_id: int) -> bool:
        return chat.members.get(user_id) in ADMINS

    # -- messages ------------------------------------------------------------------------

    def next_message_id(self, chat: Chat) -> int:
        """Private chats and small groups share one row of numbers, the others have their own."""
        if chat.type in ("private", "group"):
            return next(self.personal_ids)
        return next(self.channel_ids.setdefault(chat.id, count(1)))

    def add_message(self, chat: Chat, sender: User | None, content: Json) -> Json:
        """Puts a message into a chat; in a channel, and without a sender, the chat speaks."""
        message: Json = {"message_id": self.next_message_id(chat)}
        if sender and chat.type != "channel":
            message["from"] = sender.as_json()
        else:
            message["sender_chat"] = chat.brief
        message |= {"chat": chat.brief, "date": self.unix, **self.with_users(content)}
        self.keep(chat, message, own=sender is self.bot)
        self.tell("message", message)
        return message

    def keep(self, chat: Chat, message: Json, *, own: bool) -> None:
        if self.history <= 0:
            return
        chat.messages[message["message_id"]] = message
        if own:
            chat.own.add(message["message_id"])
        if len(chat.messages) > self.history:
            self.forget(chat, next(iter(chat.messages)))

    def forget(self, chat: Chat, message_id: int) -> Json:
        chat.own.discard(message_id)
        chat.uneditable.discard(message_id)
        if message_id in chat.pinned:
            chat.pinned.remove(message_id)
        return chat.messages.pop(message_id)

    def replace(self, chat: Chat, message: Json) -> Json:
        message = chat.messages[message["message_id"]] = self.with_users(message)
        self.tell("edited", message)
        return message

    def with_users(self, content: Json) -> Json:
        """Mentions by id tell the whole user; of somebody unknown only the text remains."""
        names = [name for name in ("entities", "caption_entities") if name in content]
        if not any("user" in entity for name in names for entity in content[name]):
            return content
        return content | {name: [e for e in map(self.known, content[name]) if e] for name in names}

    def known(self, entity: Json) -> Json | None:
        if "user" not in entity:
            return entity
        user = self.users.get(entity["user"]["id"])
        return {**entity, "user": user.as_json()} if user else None

    def remove(self, chat: Chat, message_id: int) -> None:
        self.tell("deleted", self.forget(chat, message_id))

    def may_edit(self, chat: Chat, message: Json) -> bool:
        """What the bot wrote or what was sent by way of it; in a channel it is an admin."""
        if message["message_id"] in chat.uneditable:
            return False
        own = message["message_id"] in chat.own or chat.type == "channel"
        return own or message.get("via_bot", {}).get("id") == self.bot.id

    # -- updates -------------------------------------------------------------------------

    def put(self, kind: str, told: Json) -> Pending:
        return self.updates.put({kind: told})

    def bot_sees(self, chat: Chat, message: Json) -> bool:
        """Privacy mode: in groups only commands, replies to the bot, service messages."""
        if chat.type == "private":
            return True
        if chat.members.get(self.bot.id, "left") in OUTSIDE:
            return False
        if chat.type == "channel" or not self.privacy or self.is_admin(chat, self.bot.id):
            return True
        return self.addressed(message)

    def addressed(self, message: Json) -> bool:
        reply = message.get("reply_to_message", {})
        if "via_bot" in message or reply.get("from", {}).get("id") == self.bot.id:
            return True
        text = message.get("text") or message.get("caption") or ""
        if text.startswith("/"):
            name = text.split()[0].partition("@")[2]
            return not name or name.lower() == (self.bot.username or "").lower()
        return is_service(message)


def is_service(message: Json) -> bool:
    service = ("new_chat_members", "left_chat_member", "migrate_to_chat_id", "pinned_message",
               "migrate_from_chat_id", "new_chat_title", "group_chat_created")  # fmt: skip
    return any(name in message for name in service)
