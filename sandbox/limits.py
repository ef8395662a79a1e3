"""How much Telegram takes (core.telegram.org/bots/faq#broadcasting-to-users).

Only sending counts; edits and answers do not. All times are those of the world's `now`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from math import ceil

from .errors import RuleBroken

FORGET_ABOVE = 10_000


@dataclass
class Limits:
    """Rates and sizes; `Limits(enabled=False)` (or `Limits.off()`) lifts the rates only.

    `overall`: messages in any rolling second (`paid`: with allow_paid_broadcast).
    `per_chat`: messages a second to one chat in the long run, `burst` of them at once.
    `per_group`: messages in any rolling minute to one group or channel.
    `upload`, `download`: bytes. `answer_within`: seconds a callback or inline query waits.
    """

    enabled: bool = True
    overall: int = 30
    paid: int = 1000
    per_chat: float = 1.0
    burst: int = 10
    per_group: int = 20
    upload: int = 50 * 1024 * 1024
    download: int = 20 * 1024 * 1024
    answer_within: float = 60.0
    refused: int = 0
    peak: int = 0
    _recent: deque[float] = field(default_factory=deque, repr=False)
    _groups: dict[int, deque[float]] = field(default_factory=dict, repr=False)
    _private: dict[int, float] = field(default_factory=dict, repr=False)

    @classmethod
    def off(cls) -> Limits:
        return cls(enabled=False)

    def take(self, chat_id: int, now: float, *, paid: bool = False, count: int = 1) -> None:
        """Counts `count` sent messages, or raises 429 with `retry_after` in whole seconds."""
        self._forget(self._recent, now - 1)
        if self.enabled:
            wait = max(self._overall(now, paid, count), self._chat(chat_id, now, count))
            if wait > 0:
                self.refused += 1
                raise too_many(max(1, ceil(wait)))
            self._count(chat_id, now, count)
        self._recent.extend([now] * count)
        self.peak = max(self.peak, len(self._recent))

    def forget(self) -> None:
        """As if nothing had been sent: times noted mean nothing once a clock went back."""
        self._recent.clear()
        self._groups.clear()
        self._private.clear()

    def _overall(self, now: float, paid: bool, count: int) -> float:
        allowed = self.paid if paid else self.overall
        over = len(self._recent) + count - allowed
        return self._recent[min(over, len(self._recent)) - 1] + 1 - now if over > 0 else 0.0

    def _chat(self, chat_id: int, now: float, count: int) -> float:
        if chat_id < 0:
            sent = self._groups.setdefault(chat_id, deque())
            self._forget(sent, now - 60)
            over = len(sent) + count - self.per_group
            return sent[min(over, len(sent)) - 1] + 60 - now if over > 0 and sent else 0.0
        due = max(self._private.get(chat_id, 0.0), now)
        return due + (count - self.burst) / self.per_chat - now

    def _count(self, chat_id: int, now: float, count: int) -> None:
        if chat_id < 0:
            self._groups[chat_id].extend([now] * count)
            return
        self._private[chat_id] = max(self._private.get(chat_id, 0.0), now) + count / self.per_chat
        if len(self._private) > FORGET_ABOVE:
            self._private = {chat: due for chat, due in self._private.items() if due > now}

    @staticmethod
    def _forget(times: deque[float], until: float) -> None:
        while times and times[0] <= until:
            times.popleft()


def too_many(seconds: int) -> RuleBroken:
    return RuleBroken(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
