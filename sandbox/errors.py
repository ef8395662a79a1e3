"""What the Bot API answers when it refuses a call (core.telegram.org/bots/api#making-requests)."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """The call fails with Telegram's code and text: `code`, `description`, `parameters`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def as_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


class RuleBroken(Refused):
    """A refusal the bot could have foreseen: recorded among the call's `violations`."""


def bad(text: str) -> Refused:
    """The world is not as the bot thinks: an unknown chat, a vanished message."""
    return Refused(400, f"Bad Request: {text}")


def broken(text: str) -> RuleBroken:
    """The call itself is wrong, whatever the world looks like."""
    return RuleBroken(400, f"Bad Request: {text}")


def forbidden(text: str) -> Refused:
    return Refused(403, f"Forbidden: {text}")
