"""What the bot asked and what it was told: the diary of the API."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any


@dataclass(slots=True)
class Call:
    """One call of the Bot API.

    `answer` is the result of a good call, `error` Telegram's description of a refused one,
    `violations` the rules it broke, also those Telegram passes over in silence. `seconds`: how long
    it took, in real time.
    """

    method: str
    parameters: dict[str, Any]
    at: datetime
    answer: Any = None
    error: str | None = None
    code: int = 200
    violations: list[str] = field(default_factory=list)
    since: float = field(default_factory=monotonic)
    seconds: float = 0.0


class Calls(deque[Call]):
    """The latest calls, oldest first; `total` counts the forgotten ones too."""

    def __init__(self, keep: int | None = 10_000) -> None:
        super().__init__(maxlen=keep)
        self.total = 0

    def note(self, call: Call) -> Call:
        self.total += 1
        self.append(call)
        return call

    def of(self, method: str) -> list[Call]:
        """Calls of one method, by its documented name."""
        return [call for call in self if call.method == method]

    @property
    def violations(self) -> list[str]:
        return [f"{call.method}: {text}" for call in self for text in call.violations]
