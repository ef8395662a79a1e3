"""What one person may do only so often on one day."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

Question = tuple[int, int]
"""The chat and the message in which it stands."""
REMEMBERED = 20_000
"""Questions."""


@dataclass
class Tally:
    """How often each one has done it today: in memory only, and gone tomorrow."""

    day: date | None = None
    counted: Counter[bytes] = field(default_factory=Counter)
    """By the blind index of who pressed."""
    answered: dict[Question, set[bytes]] = field(default_factory=dict)
    """By whom, since it was asked last."""

    def may(self, who: bytes, today: date, most: int, more: int = 1) -> bool:
        self.begin(today)
        return self.counted[who] + more <= most

    def begin(self, today: date) -> None:
        if self.day != today:
            self.day, self.counted, self.answered = today, Counter(), {}

    @contextmanager
    def answering(self, who: bytes, question: Question, today: date) -> Iterator[bool]:
        """Whether it is not the second tap of two; where it failed, one may try again."""
        self.begin(today)
        by = self.answered.setdefault(question, set())
        if len(self.answered) > REMEMBERED:
            del self.answered[next(iter(self.answered))]
        is_first = who not in by
        by.add(who)
        try:
            yield is_first
        except BaseException:
            if is_first:
                by.discard(who)
            raise

    def ask_again(self, question: Question) -> None:
        self.answered.pop(question, None)
