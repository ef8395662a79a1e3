"""What the bot counts of itself, for Prometheus: how many and how fast, never who.

Counted as plain numbers, which costs next to nothing; the library that words them
(bot/exposition.py) is there as soon as somebody asks. A label has few values, all of them words of
these sources.
"""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from bot.away import is_full
from bot.turn import SENDING, Turn

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0)
"""Seconds."""
OTHER = "other"
"""What no feature of the bot took."""
LATELY = 40.0
"""Seconds: what is refused for a full disk is tried again much sooner."""


@dataclass(slots=True)
class Times:
    """How long things took."""

    within: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """How many by the bounds, each counted once, and beyond them."""
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.within[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


@dataclass
class Metrics:
    """Of one process."""

    updates: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By feature and outcome."""
    times: dict[str, Times] = field(default_factory=dict)
    """By feature, since the update was there: its turn in line included."""
    in_hand: int = 0
    deliveries: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By verdict and priority."""
    waits: Counter[str] = field(default_factory=Counter)
    """How often something was away that the bot stands on."""
    away: Counter[str] = field(default_factory=Counter)
    """How many parts of the bot wait for it now."""
    is_telegram_away: bool = False
    """When it was looked at last (`looks.of_token`)."""
    full_at: float = float("-inf")
    """When the database said last that its disk is full."""
    gone: Counter[str] = field(default_factory=Counter)
    backups: Counter[str] = field(default_factory=Counter)
    backed_up_at: datetime | None = None
    turns: dict[str, Turn] = field(default_factory=dict)
    """By the name of the work, those that this process takes or waits for."""

    def handled(self, feature: str, outcome: str, seconds: float) -> None:
        self.updates[feature, outcome] += 1
        if feature not in self.times:
            self.times[feature] = Times()
        self.times[feature].add(seconds)

    def delivered(self, verdict: str, priority: str) -> None:
        self.deliveries[verdict, priority] += 1

    def waited(self, name: str, was: bool, now: bool, error: BaseException | None) -> None:
        """Something is away, or back (`away.hearer`)."""
        self.away[name] += now - was
        self.waits[name] += now > was
        if error is not None and is_full(error):
            self.full_at = monotonic()

    def forgotten(self, kind: str, number: int) -> None:
        """So many of them are kept no longer."""
        self.gone[kind] += number

    def backup(self, now: datetime, *, is_good: bool) -> None:
        self.backups["good" if is_good else "failed"] += 1
        self.backed_up_at = now if is_good else self.backed_up_at

    def backup_found(self, then: datetime) -> None:
        """Made before this process began, which knows the moment of its own."""
        self.backed_up_at = self.backed_up_at or then

    @property
    def is_full(self) -> bool:
        return monotonic() - self.full_at < LATELY

    @property
    def sends(self) -> bool:
        """Whether it is this process's turn to send."""
        turn = self.turns.get(SENDING.name)
        return turn is not None and turn.is_ours
