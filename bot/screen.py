"""What a person sees: a text that is safe to send and the buttons under it."""

from dataclasses import KW_ONLY, dataclass
from enum import Enum, auto
from typing import Literal

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Media:
    kind: Literal["photo", "document"]
    file: str
    """As Telegram calls it: the bot has no copy."""


class Act(Enum):
    SEND = auto()
    EDIT = auto()
    DELETE = auto()


@dataclass(frozen=True, slots=True)
class Screen:
    text: Markup
    keyboard: InlineKeyboardMarkup | None = None
    _: KW_ONLY
    ready: str | None = None
    """The keyboard as JSON: of a message to many it is made once."""
    toast: str | None = None
    """A short word over the screen when it answers a button."""
    silent: bool = False
    """A message that makes no sound."""
    is_paid: bool = False
    """Telegram may take Stars for it."""
    media: tuple[Media, ...] = ()
    """The text is under one; several are an album, which comes before the text, for an album has
    no buttons."""
    act: Act = Act.SEND
    messages: tuple[int, ...] = ()
    """That are there: of an album that is sent before its text, and whatever is edited or
    deleted; the last is the one with the text."""

    @property
    def is_album(self) -> bool:
        """That is to be sent now; then the text."""
        return self.act is Act.SEND and len(self.media) > 1 and not self.messages

    @property
    def weight(self) -> int:
        """As so many messages Telegram counts it."""
        return len(self.media) if self.is_album else 1
