"""The methods of the Bot API; importing the modules registers them."""

from . import answers, chats, copying, editing, profile, receiving, sending
from .registry import METHODS, Params

__all__ = [
    "METHODS", "Params", "answers", "chats", "copying", "editing", "profile", "receiving",
    "sending",
]  # fmt: skip
