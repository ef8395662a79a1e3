"""Trouble on demand: what a network and a busy Telegram do to a bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import Refused


@dataclass(slots=True)
class Fault:
    """Strikes calls of `method` (any case) and to `chat`, `times` times (None: until cleared).

    `every`: each n-th of those calls, counted without those that another fault struck.

    `kind`: "delay", "refuse" (with `error`), "cut before" or "cut after" handling.
    """

    kind: str
    times: int | None = 1
    method: str | None = None
    chat: int | None = None
    seconds: float = 0.0
    error: Refused | None = None
    every: int = 1
    seen: int = 0

    def strikes(self, method: str, chat: Any) -> bool:
        if self.method and self.method.lower() != method.lower():
            return False
        return self.chat is None or str(self.chat) == str(chat)


class Faults:
    """Each call of a verb adds one; they strike in the order given and then are gone.

    All take `times`, `every`, `method`, `chat`; `getUpdates` is struck only when named.
    """

    def __init__(self, duplicate: Callable[[int], None]) -> None:
        self.waiting: list[Fault] = []
        self._duplicate = duplicate

    def add(self, fault: Fault) -> Fault:
        self.waiting.append(fault)
        return fault

    def delay(self, seconds: float, **where: Any) -> Fault:
        """The answer takes `seconds` longer."""
        return self.add(Fault("delay", seconds=seconds, **where))

    def too_many_requests(self, retry_after: int | None = 1, **where: Any) -> Fault:
        """429, by None without `retry_after`."""
        if retry_after is None:
            return self.add(Fault("refuse", error=Refused(429, "Too Many Requests"), **where))
        text = f"Too Many Requests: retry after {retry_after}"
        error = Refused(429, text, retry_after=retry_after)
        return self.add(Fault("refuse", error=error, **where))

    def server_error(self, code: int = 500, **where: Any) -> Fault:
        """500 or 502; nothing is done."""
        text = {500: "Internal Server Error", 502: "Bad Gateway"}.get(code, "Server Error")
        return self.add(Fault("refuse", error=Refused(code, text), **where))

    def refuse(self, code: int, description: str, **where: Any) -> Fault:
        """Any error at all, such as 403 "Forbidden: bot was blocked by the user"."""
        return self.add(Fault("refuse", error=Refused(code, description), **where))

    def cut_before(self, **where: Any) -> Fault:
        """The connection breaks and nothing is done."""
        return self.add(Fault("cut before", **where))

    def cut_after(self, **where: Any) -> Fault:
        """The thing is done, but the connection breaks before the answer."""
        return self.add(Fault("cut after", **where))

    def duplicate_updates(self, times: int = 1) -> None:
        """The next `times` updates are delivered twice each."""
        self._duplicate(times)

    def clear(self) -> None:
        self.waiting.clear()
        self._duplicate(0)

    def take(self, method: str, chat: Any) -> list[Fault]:
        """What strikes this call: any delays, and the first other fault."""
        struck: list[Fault] = []
        for fault in self.waiting:
            if not self._applies(fault, method, chat):
                continue
            if fault.kind != "delay" and any(other.kind != "delay" for other in struck):
                continue
            fault.seen += 1
            if fault.seen % fault.every == 0:
                struck.append(fault)
        for fault in struck:
            self._spend(fault)
        return struck

    def _applies(self, fault: Fault, method: str, chat: Any) -> bool:
        polling = method.lower() == "getupdates" and fault.method is None
        return not polling and fault.strikes(method, chat)

    def _spend(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
