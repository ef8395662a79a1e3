"""What one person may do only so often on one day."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date


@dataclass
class Tally:
    """How often each one has done it today: in memory only, and gone tomorrow."""

    day: date | None = None
    counted: Counter[bytes] = field(default_factory=Counter)
    """By the blind index of who pressed."""

    def may(self, who: bytes, today: date, most: int, more: int = 1) -> bool:
        if self.day != today:
            self.day, self.counted = today, Counter()
        return self.counted[who] + more <= most
