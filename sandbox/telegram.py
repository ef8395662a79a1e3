"""One Telegram with one bot: server, world and people together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.types import TelegramObject

from .calls import Calls
from .client import session
from .faults import Faults
from .limits import Limits
from .methods.chats import RIGHTS
from .people import Channel, Group, Person
from .server import Server, Sleep
from .updates import Pending
from .world import Chat, Query, User, World

Json = dict[str, Any]
SUPERGROUP = -1_001_000_000_000
KEPT_QUERIES = 10_000


def utc() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """`async with Sandbox(token=…, username=…) as telegram:` starts it on a free loopback port.

    `now`: the only source of time, for dates and limits. `guard`: real seconds a wait for the bot
    may take before it fails. `history`: messages kept a chat (0: none). `calls_kept`: calls kept
    (None: all). `anyone`: every positive chat id is somebody who pressed Start (benchmarks).
    `privacy`: the bot's privacy mode in groups. `sleep`: how injected delays pass.
    """

    def __init__(
        self,
        token: str = "42:TEST",
        username: str = "solidarity_bot",
        *,
        name: str = "Solidarity",
        now: Callable[[], datetime] = utc,
        limits: Limits | None = None,
        history: int = 1000,
        calls_kept: int | None = 10_000,
        guard: float = 60.0,
        anyone: bool = False,
        privacy: bool = True,
        inline_feedback: bool = False,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        bot = User(int(token.partition(":")[0]), name, username=username, is_bot=True)
        self.token = token
        self.guard = guard
        self.inline_feedback = inline_feedback
        self.calls = Calls(calls_kept)
        self.world = World(bot, now, limits or Limits(), self._execute,
                           history=history, anyone=anyone, privacy=privacy)  # fmt: skip
        self.faults = Faults(self._duplicate)
        self.server = Server(token, self.world, self.calls, self.faults, sleep)
        self.changed = asyncio.Event()
        self.world.watchers.append(lambda event, what: self.changed.set())

    async def __aenter__(self) -> Sandbox:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> str:
        return await self.server.start(port)

    async def stop(self) -> None:
        await self.server.stop()

    async def _execute(self, name: str, given: Json, uploads: Any) -> Any:
        return await self.server.execute(name, given, uploads)

    def _duplicate(self, times: int) -> None:
        self.world.updates.duplicates = times

    @property
    def url(self) -> str:
        """For `TelegramAPIServer.from_base`."""
        return self.server.url

    def session(self) -> AiohttpSession:
        """For `Bot(token, session=…)`: as aiogram's own, but closed without its 0.25 s wait."""
        return session(self.url)

    @property
    def limits(self) -> Limits:
        return self.world.limits

    @property
    def violations(self) -> list[str]:
        """Every rule the bot broke in the calls kept; a good bot leaves this empty."""
        return self.calls.violations

    @property
    def unanswered(self) -> list[Json]:
        """Presses the bot never answered: the person's button still turns."""
        return [q.told for q in self.world.callbacks.values() if q.answer is None]

    # -- people and places ---------------------------------------------------------------

    def person(
        self,
        name: str = "Anna",
        *,
        language: str | None = "en",
        username: str | None = None,
        started: bool = False,
        id: int | None = None,
    ) -> Person:
        """A new user; unless `started`, the bot may not write before they do."""
        number = id or 1000 + next(self.world.numbers)
        user = User(number, name, username=username, language_code=language, started=started)
        return Person(self, user, self.world.add_user(user))

    def group(
        self,
        title: str,
        *,
        members: Iterable[Person] = (),
        admins: Iterable[Person] = (),
        bot: str = "member",
        supergroup: bool = False,
        username: str | None = None,
    ) -> Group:
        """A group with the bot in it (`bot`: its status); the first admin is the creator."""
        chat = self._chat("supergroup" if supergroup or username else "group", title, username)
        self._fill(chat, members, admins, bot)
        return Group(self, chat)

    def channel(
        self,
        title: str,
        *,
        members: Iterable[Person] = (),
        admins: Iterable[Person] = (),
        bot: str = "administrator",
        username: str | None = None,
    ) -> Channel:
        chat = self._chat("channel", title, username)
        self._fill(chat, members, admins, bot)
        return Channel(self, chat)

    def _chat(self, kind: str, title: str, username: str | None = None) -> Chat:
        number = next(self.world.numbers)
        chat = Chat(
            -5000 - number if kind == "group" else SUPERGROUP - number, kind, title, username
        )
        self.world.chats[chat.id] = chat
        return chat

    def _fill(
        self, chat: Chat, members: Iterable[Person], admins: Iterable[Person], bot: str
    ) -> None:
        chat.members = {person.id: "member" for person in members}
        for index, admin in enumerate(admins):
            chat.members[admin.id] = "administrator" if index else "creator"
        chat.members[self.world.bot.id] = bot

    def owner(self, chat: Chat) -> User | None:
        creators = [number for number, role in chat.members.items() if role == "creator"]
        return self.world.users[creators[0]] if creators else None

    def upgrade(self, old: Chat) -> Chat:
        """Its owner makes the group a supergroup; both tell so by a service message."""
        new = self._chat("supergroup", old.title or "")
        new.members = dict(old.members)
        leaving = self.world.add_message(old, self.owner(old), {"migrate_to_chat_id": new.id})
        old.upgraded_to = new.id
        coming = self.world.add_message(new, None, {"migrate_from_chat_id": old.id})
        self.world.put("message", leaving)
        self.world.put("message", coming)
        return new

    # -- what happens --------------------------------------------------------------------

    async def deliver(self, update: Json | TelegramObject, *, wait: bool = True) -> Pending:
        """Any update at all, whether asked for or not; its id is given here."""
        told = dumped(update)
        told.pop("update_id", None)
        pending = self.world.updates.put(told, always=True)
        if wait:
            await self.confirmed(pending)
        return pending

    async def put(self, kind: str, told: Json, *, wait: bool = True) -> None:
        pending = self.world.put(kind, told)
        if wait:
            await self.confirmed(pending)

    async def announce(self, chat: Chat, kind: str, message: Json, *, wait: bool = True) -> None:
        """Tells the bot of a message, if it may see it."""
        if self.world.bot_sees(chat, message):
            await self.put(kind, message, wait=wait)

    def press(self, user: User, message: Json, data: str) -> Pending:
        told: Json = {
            "id": str(next(self.world.numbers)),
            "from": user.as_json(),
            "chat_instance": str(message["chat"]["id"]),
            "data": data,
        }
        if inline := self.inline_id(message):
            told["inline_message_id"] = inline
        else:
            told["message"] = self._present(message)
        self._remember(self.world.callbacks, user, told)
        return self.world.put("callback_query", told)

    def _present(self, message: Json) -> Json:
        """The message as it is now; a deleted one is inaccessible, which date 0 says."""
        chat = self.world.chats[message["chat"]["id"]]
        now = chat.messages.get(message["message_id"])
        return now or {"chat": chat.brief, "message_id": message["message_id"], "date": 0}

    def ask_inline(self, user: User, query: str, offset: str, kind: str) -> Query:
        told = {
            "id": str(next(self.world.numbers)),
            "from": user.as_json(),
            "query": query,
            "offset": offset,
            "chat_type": kind,
        }
        asked = self._remember(self.world.inline, user, told)
        self.world.put("inline_query", told)
        return asked

    def _remember(self, queries: dict[str, Query], user: User, told: Json) -> Query:
        query = queries[told["id"]] = Query(told["id"], user, self.world.now(), told)
        if len(queries) > KEPT_QUERIES:
            del queries[next(iter(queries))]
        return query

    def choose(self, user: User, chat: Chat, result: Json) -> Json:
        """Posts an inline result; one with a keyboard can be edited by its inline id."""
        content = {**result["message"], "via_bot": self.world.bot.as_json()}
        if result.get("reply_markup"):
            content["reply_markup"] = result["reply_markup"]
        message = self.world.add_message(chat, user, content)
        if result.get("reply_markup"):
            identifier = f"inline-{next(self.world.numbers)}"
            self.world.inline_messages[identifier] = (chat.id, message["message_id"])
        return message

    def inline_id(self, message: Json) -> str | None:
        place = (message["chat"]["id"], message["message_id"])
        known = self.world.inline_messages
        return next((key for key, value in known.items() if value == place), None)

    def membership(self, chat: Chat, user: User, old: str, new: str) -> Pending:
        """The bot's own status in a chat has changed: my_chat_member."""
        bot = self.world.bot.as_json()
        return self.world.put(
            "my_chat_member",
            {
                "chat": chat.brief,
                "from": user.as_json(),
                "date": self.world.unix,
                "old_chat_member": chat_member(bot, old),
                "new_chat_member": chat_member(bot, new),
            },
        )

    # -- waiting -------------------------------------------------------------------------

    async def confirmed(self, pending: Pending) -> None:
        """Until the bot has confirmed this update; fails after `guard` real seconds."""
        try:
            await asyncio.wait_for(pending.confirmed.wait(), self.guard)
        except TimeoutError:
            raise AssertionError(self._stuck(f"update {pending.update} is not confirmed")) from None

    async def settled(self) -> None:
        """Until the bot has confirmed everything there is."""
        while self.world.updates.pending:
            await self.confirmed(next(iter(self.world.updates.pending.values())))

    async def until(self, condition: Callable[[], Any], otherwise: str) -> None:
        """Until something is so, looked at after every change; fails after `guard` real seconds."""
        try:
            async with asyncio.timeout(self.guard):
                while not condition():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(self._stuck(otherwise)) from None

    async def retry_webhook(self) -> None:
        """Failed deliveries are tried again at once, not after their delay."""
        await self.world.webhook.retry()

    def _stuck(self, what: str) -> str:
        latest = [f"  {c.method}: {c.error or 'ok'}" for c in list(self.calls)[-5:]]
        polling = "a webhook" if self.world.webhook.url else "polling"
        lines = "\n".join(latest) or "  none"
        return f"After {self.guard:g} s ({polling}): {what}\nThe bot's latest calls:\n{lines}"


def chat_member(user: Json, status: str) -> Json:
    told: Json = {"user": user, "status": status}
    if status == "kicked":
        told["until_date"] = 0
    if status == "administrator":
        told |= dict.fromkeys(RIGHTS, True) | {"can_be_edited": False, "is_anonymous": False}
    return told


def dumped(update: Json | TelegramObject) -> Json:
    if isinstance(update, TelegramObject):
        return update.model_dump(mode="json", by_alias=True, exclude_none=True, warnings=False)
    return dict(update)
