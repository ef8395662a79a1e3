"""What somebody sees in a chat: messages, buttons, and the chat written out as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiogram.types import MessageEntity
from aiogram.utils.text_decorations import html_decoration

from .files import File
from .methods.media import file_id, media_kind
from .world import Chat

if TYPE_CHECKING:
    from .telegram import Sandbox

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button; `raw` has its action."""

    text: str
    raw: Json

    @property
    def data(self) -> str | None:
        return self.raw.get("callback_data")

    @property
    def url(self) -> str | None:
        return self.raw.get("url")


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a press: `alert` if it is a window, else a passing line."""

    text: str
    alert: bool
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it stood when it was looked at; `raw` is the Bot API's dict."""

    raw: Json
    telegram: Sandbox

    @property
    def message_id(self) -> int:
        return int(self.raw["message_id"])

    @property
    def text(self) -> str:
        """Text or caption, without formatting."""
        return str(self.raw.get("text") or self.raw.get("caption") or "")

    @property
    def entities(self) -> list[MessageEntity]:
        raw = self.raw.get("entities") or self.raw.get("caption_entities") or []
        return [MessageEntity.model_validate(entity) for entity in raw]

    @property
    def html(self) -> str:
        return html_decoration.unparse(self.text, self.entities)

    @property
    def buttons(self) -> list[list[Button]]:
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [[Button(button["text"], button) for button in row] for row in rows]

    @property
    def labels(self) -> list[str]:
        return [button.text for row in self.buttons for button in row]

    @property
    def location(self) -> Json | None:
        return self.raw.get("location")

    @property
    def venue(self) -> Json | None:
        return self.raw.get("venue")

    @property
    def document(self) -> Document | None:
        return self.file if "document" in self.raw else None

    @property
    def photo(self) -> Document | None:
        return self.file if "photo" in self.raw else None

    @property
    def file(self) -> Document | None:
        """The file of any kind of media, with its content."""
        kind = media_kind(self.raw)
        if kind is None:
            return None
        file: File = self.telegram.world.files.get(file_id(self.raw[kind]))
        return Document(file.name, file.mime, file.content)

    @property
    def from_bot(self) -> bool:
        chat = self.telegram.world.chats.get(self.raw["chat"]["id"])
        return chat is not None and self.message_id in chat.own

    def button(self, label: str) -> Button | None:
        """The button with this text, or else the first one containing it in any case."""
        found = [b for row in self.buttons for b in row if label.casefold() in b.text.casefold()]
        return next((b for b in found if b.text == label), found[0] if found else None)

    def __str__(self) -> str:
        sender = self.raw.get("from") or self.raw.get("sender_chat") or {}
        name = sender.get("username") or sender.get("first_name") or sender.get("title")
        kind = media_kind(self.raw) or next((k for k in ("venue", "location") if k in self.raw), "")
        what = " ".join(part for part in (f"<{kind}>" if kind else "", self.text) if part)
        rows = ["\n    " + " ".join(f"[{b.text}]" for b in row) for row in self.buttons]
        return f"({self.message_id}) {name}: {what}" + "".join(rows)


class View:
    """A chat looked at from inside: `Person` (their private chat), `Group`, `Channel`."""

    def __init__(self, telegram: Sandbox, chat: Chat) -> None:
        self.telegram = telegram
        self.chat = chat
        self.heard = 0

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def messages(self) -> list[Shown]:
        """All visible messages, oldest first."""
        return [Shown(message, self.telegram) for message in self.chat.messages.values()]

    @property
    def last(self) -> Shown:
        """The newest visible message of the bot."""
        for message in reversed(self.messages):
            if message.from_bot:
                return message
        raise AssertionError(f"The bot has said nothing here.\n{self}")

    @property
    def pinned(self) -> list[Shown]:
        return [Shown(self.chat.messages[i], self.telegram) for i in self.chat.pinned]

    def sees(self, text: str, *, anywhere: bool = False) -> None:
        """The bot's newest message (or `anywhere`: any of its messages) contains this text."""
        if not any(text in message.text for message in self._looked_at(anywhere)):
            raise AssertionError(f"{text!r} is not to be seen.\n{self}")

    def sees_not(self, text: str, *, anywhere: bool = False) -> None:
        if any(text in message.text for message in self._looked_at(anywhere)):
            raise AssertionError(f"{text!r} is to be seen.\n{self}")

    def _looked_at(self, anywhere: bool) -> list[Shown]:
        own = [message for message in self.messages if message.from_bot]
        return own if anywhere else own[-1:]

    async def next_message(self, *, after: Shown | None = None) -> Shown:
        """The bot's next message; waits for it.

        Next after what was there when somebody's last act was confirmed, or after the last one
        this told, or after the message given.
        """
        if after:
            self.heard = after.message_id
        await self.telegram.until(self._unheard, "no new message came")
        found = self._unheard()
        assert found
        self.heard = found.message_id
        return found

    def _unheard(self) -> Shown | None:
        newer = (i for i in self.chat.messages if i > self.heard and i in self.chat.own)
        found = next(newer, None)
        return Shown(self.chat.messages[found], self.telegram) if found else None

    @property
    def keyboard(self) -> list[list[str]]:
        """Labels of the keyboard below the input line; empty if there is none."""
        rows = self.chat.keyboard.get("keyboard", [])
        return [[b if isinstance(b, str) else b["text"] for b in row] for row in rows]

    def all_heard(self) -> None:
        self.heard = max(self.chat.messages, default=self.heard)

    def find_button(self, label: str, message: Shown | None = None) -> tuple[Shown, Button]:
        """The newest message with a button of this label, or an error listing those there are."""
        candidates = [message] if message else list(reversed(self.messages))
        for candidate in candidates:
            if button := candidate.button(label):
                return candidate, button
        there = [name for candidate in candidates for name in candidate.labels]
        raise AssertionError(f"No button {label!r}; there are {there}.\n{self}")

    def __str__(self) -> str:
        lines = "\n".join(f"  {message}" for message in self.messages[-20:])
        return f"{self.chat.title or 'Private chat'}:\n{lines or '  (empty)'}"
