"""What a person sees: a text that is safe to send and the buttons under it."""

from dataclasses import KW_ONLY, dataclass

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup


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
