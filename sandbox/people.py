"""People who use the bot: they write, press, look, block; and the groups they are in.

Whatever they do returns when the bot has confirmed it: by a later getUpdates offset, or by a 200
of its webhook. A bot that confirms before it has handled (aiogram's `handle_as_tasks=True`, or
`handle_in_background=True`) may answer later: then `await anna.next_message(after=sent)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import entities
from .links import is_payload, payload_of
from .methods.sending import MAX_TEXT
from .updates import Pending
from .views import Button, Shown, Toast, View
from .world import Chat, Query, User

if TYPE_CHECKING:
    from .telegram import Sandbox

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """One answer to an inline query, and the message that choosing it posts."""

    raw: Json
    query: Query

    @property
    def id(self) -> str:
        return str(self.raw["id"])

    @property
    def title(self) -> str:
        return str(self.raw.get("title", ""))

    @property
    def description(self) -> str:
        return str(self.raw.get("description", ""))

    @property
    def message(self) -> Json:
        return dict(self.raw["message"])

    @property
    def text(self) -> str:
        return str(self.message.get("text") or self.message.get("caption") or "")


def written(text: str) -> Json:
    """What a client makes of typed text; it sends nothing empty and nothing too long."""
    result = entities.finish(text.translate(entities.CLEAN), [])
    assert 1 <= len(result) <= MAX_TEXT, f"nobody can send {len(result)} UTF-16 units of text"
    return {"text": result.text} | ({"entities": result.entities} if result.entities else {})


class Person(View):
    """Somebody with their private chat; made by `Sandbox.person`."""

    def __init__(self, telegram: Sandbox, user: User, chat: Chat) -> None:
        super().__init__(telegram, chat)
        self.user = user
        self.clipboard = ""
        self.opened = ""

    # -- writing -------------------------------------------------------------------------

    async def send(
        self,
        text: str,
        *,
        chat: View | None = None,
        reply_to: Shown | None = None,
        wait: bool = True,
    ) -> Shown:
        """Writes to the bot (or into `chat`)."""
        return await self.post(written(text), chat=chat, reply_to=reply_to, wait=wait)

    async def post(
        self,
        content: Json,
        *,
        chat: View | None = None,
        reply_to: Shown | None = None,
        wait: bool = True,
    ) -> Shown:
        """Puts any content into the chat, such as `{"poll": {…}}`."""
        place = chat or self
        if place is self:
            self._write_private()
        if reply_to:
            plain = {k: v for k, v in reply_to.raw.items() if k != "reply_to_message"}
            content = {"reply_to_message": plain, **content}
        message = self.telegram.world.add_message(place.chat, self.user, content)
        place.all_heard()
        await self.telegram.announce(place.chat, "message", message, wait=wait)
        if wait:
            place.all_heard()
        return Shown(message, self.telegram)

    def _write_private(self) -> None:
        if self.user.blocked:
            raise AssertionError(f"{self.user.first_name} has blocked the bot: unblock() first")
        self.user.started = True

    async def send_document(
        self, name: str, content: bytes, *, caption: str = "", mime: str | None = None, **where: Any
    ) -> Shown:
        file = self.telegram.world.files.add(name, content, mime, "document")
        extra = {"caption": caption} if caption else {}
        return await self.post({"document": file.named(), **extra}, **where)

    async def send_photo(self, content: bytes = b"", *, caption: str = "", **where: Any) -> Shown:
        file = self.telegram.world.files.add("photo.jpg", content, None, "photo")
        sizes = [{**file.as_json(), "width": w, "height": h} for w, h in ((90, 67), (800, 600))]
        extra = {"caption": caption} if caption else {}
        return await self.post({"photo": sizes, **extra}, **where)

    async def send_location(self, latitude: float, longitude: float, **where: Any) -> Shown:
        return await self.post(
            {"location": {"latitude": latitude, "longitude": longitude}}, **where
        )

    async def send_contact(self, phone: str, **where: Any) -> Shown:
        contact = {"phone_number": phone, "first_name": self.user.first_name}
        return await self.post({"contact": {**contact, "user_id": self.id}}, **where)

    async def send_sticker(self, emoji: str = "👍", **where: Any) -> Shown:
        file = self.telegram.world.files.add("sticker.webp", b"RIFF", None, "sticker")
        size = {"width": 512, "height": 512, "is_animated": False, "is_video": False}
        sticker = {**file.as_json(), **size, "type": "regular", "emoji": emoji}
        return await self.post({"sticker": sticker}, **where)

    async def edit(self, message: Shown, text: str, *, wait: bool = True) -> Shown:
        """Changes an own message."""
        chat = self.telegram.world.chats[message.raw["chat"]["id"]]
        kept = {key: value for key, value in message.raw.items() if key != "entities"}
        edited = {**kept, **written(text), "edit_date": self.telegram.world.unix}
        self.telegram.world.replace(chat, edited)
        await self.telegram.announce(chat, "edited_message", edited, wait=wait)
        return Shown(edited, self.telegram)

    async def react(self, message: Shown, emoji: str, *, wait: bool = True) -> None:
        """An emoji, or "" to take it back."""
        reaction = [{"type": "emoji", "emoji": emoji}] if emoji else []
        told = {
            "chat": message.raw["chat"],
            "message_id": message.message_id,
            "user": self.user.as_json(),
            "date": self.telegram.world.unix,
            "old_reaction": [],
            "new_reaction": reaction,
        }
        await self.telegram.put("message_reaction", told, wait=wait)

    # -- pressing ------------------------------------------------------------------------

    async def press(
        self,
        label: str,
        *,
        message: Shown | None = None,
        chat: View | None = None,
        wait: bool = True,
    ) -> None:
        """Presses a button of `message`, or of the newest message that has one of this label.

        Links are only remembered (`opened`), copied text is in `clipboard`; a deep link to the
        bot itself is followed, and so is a switch to inline mode in this chat.
        """
        place = chat or self
        found, button = place.find_button(label, message)
        if button.data is not None:
            await self.press_data(button.data, message=found, chat=place, wait=wait)
        else:
            await self._act(button)

    async def _act(self, button: Button) -> None:
        if button.url:
            self.opened = button.url
            if self._payload(button.url) is not None:
                await self.follow_link(button.url)
        elif "copy_text" in button.raw:
            self.clipboard = button.raw["copy_text"]["text"]
        elif "switch_inline_query_current_chat" in button.raw:
            await self.inline(button.raw["switch_inline_query_current_chat"])

    async def press_data(
        self,
        data: str,
        *,
        message: Shown | None = None,
        chat: View | None = None,
        wait: bool = True,
    ) -> None:
        """A press with any callback data at all, as a forged client may send it."""
        place = chat or self
        message = message or place.last
        pending = self.telegram.press(self.user, message.raw, data)
        place.all_heard()
        if wait:
            await self.telegram.confirmed(pending)
            place.all_heard()

    @property
    def toast(self) -> Toast | None:
        """The bot's answer to the last press; None while there is none."""
        mine = [q for q in self.telegram.world.callbacks.values() if q.user is self.user]
        answer = mine[-1].answer if mine else None
        return Toast(answer["text"], answer["alert"], answer["url"]) if answer else None

    # -- links ---------------------------------------------------------------------------

    async def follow_link(self, link: str, *, wait: bool = True) -> Shown:
        """Opens `https://t.me/<bot>?start=<payload>` and presses Start."""
        payload = self._payload(link)
        assert payload is not None, f"{link} is no deep link to the bot"
        assert is_payload(payload), f"{payload!r} is no payload: 1-64 of A-Z a-z 0-9 _ -"
        return await self.send(f"/start {payload}", wait=wait)

    def _payload(self, link: str) -> str | None:
        return payload_of(link, self.telegram.world.bot.username or "")

    # -- inline mode ---------------------------------------------------------------------

    async def inline(
        self, query: str, *, offset: str = "", chat: View | None = None
    ) -> list[Result]:
        """Types `@bot query` in any chat; the bot's results."""
        kind = chat.chat.type if chat else "sender"
        asked = self.telegram.ask_inline(self.user, query, offset, kind)
        await self.telegram.until(lambda: asked.answer, f"inline query {query!r} had no answer")
        assert asked.answer
        return [Result(result, asked) for result in asked.answer["results"]]

    async def choose(self, result: Result, *, chat: View | None = None, wait: bool = True) -> Shown:
        """Sends an inline result into `chat` (the private one at first)."""
        place = chat or self
        message = self.telegram.choose(self.user, place.chat, result.raw)
        place.all_heard()
        if self.telegram.inline_feedback:
            await self.telegram.put(
                "chosen_inline_result", self._chosen(result, message), wait=wait
            )
        await self.telegram.announce(place.chat, "message", message, wait=wait)
        return Shown(message, self.telegram)

    def _chosen(self, result: Result, message: Json) -> Json:
        told = {
            "result_id": result.id,
            "from": self.user.as_json(),
            "query": result.query.told["query"],
        }
        inline = self.telegram.inline_id(message)
        return told | ({"inline_message_id": inline} if inline else {})

    # -- leaving -------------------------------------------------------------------------

    def block(self) -> Pending:
        """The bot may not write any more, and is told so."""
        self.user.blocked = True
        return self.telegram.membership(self.chat, self.user, "member", "kicked")

    def unblock(self) -> Pending:
        self.user.blocked = False
        return self.telegram.membership(self.chat, self.user, "kicked", "member")

    def deactivate(self) -> None:
        """The account is gone."""
        self.user.deactivated = True


class Group(View):
    """A group or supergroup; `chat` is what it is now, also after `upgrade()`."""

    def upgrade(self) -> int:
        """Becomes a supergroup: another chat with another id, which is returned."""
        self.chat = self.telegram.upgrade(self.chat)
        self.heard = 0
        return self.chat.id

    async def add_bot(self, by: Person, status: str = "member", *, wait: bool = True) -> None:
        await self._set_bot(by, status, wait)

    async def kick_bot(self, by: Person, *, wait: bool = True) -> None:
        await self._set_bot(by, "kicked", wait)

    async def _set_bot(self, by: Person, status: str, wait: bool) -> None:
        bot = self.telegram.world.bot.id
        old = self.chat.members.get(bot, "left")
        self.chat.members[bot] = status
        pending = self.telegram.membership(self.chat, by.user, old, status)
        if wait:
            await self.telegram.confirmed(pending)

    def join(self, person: Person, status: str = "member") -> None:
        """Silently: the bot is told nothing."""
        self.chat.members[person.id] = status


class Channel(Group):
    """A channel; those who may write there write as the channel."""

    async def post(self, text: str, *, wait: bool = True) -> Shown:
        message = self.telegram.world.add_message(self.chat, None, written(text))
        await self.telegram.announce(self.chat, "channel_post", message, wait=wait)
        return Shown(message, self.telegram)
