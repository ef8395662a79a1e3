"""What one person may do only so often on one day."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

Question = tuple[int, int]
"""The chat and the message in which it stands."""
REMEMBERED = 20_000
"""Questions."""


@dataclass
class Tally:
    """How often each one has done it today: in memory only, and gone tomorrow. Several processes
    have one together (bot/shared_tally.py)."""

    day: date | None = None
    counted: Counter[bytes] = field(default_factory=Counter)
    """By the blind index of who pressed."""
    answered: dict[Question, set[bytes]] = field(default_factory=dict)
    """By whom, since it was asked last."""

    # What is asked of it.

    async def may(self, who: bytes, today: date, most: int) -> bool:
        """Whether there is room for one more."""
        return await self.add(who, today, 0) < most

    @asynccontextmanager
    async def counting(
        self, who: bytes, today: date, most: int, more: int = 1
    ) -> AsyncIterator[bool]:
        """Whether there is room, which is taken before it is used: in several chats one may press
        at once. What failed has not been counted."""
        is_room = await self.add(who, today, more) <= most
        if not is_room:
            await self.add(who, today, -more)
        try:
            yield is_room
        except BaseException:
            if is_room:
                await self.add(who, today, -more)
            raise

    @asynccontextmanager
    async def answering(self, who: bytes, question: Question, today: date) -> AsyncIterator[bool]:
        """Whether it is not the second tap of two; where it failed, one may try again."""
        is_first = await self.mark(who, question, today)
        try:
            yield is_first
        except BaseException:
            if is_first:
                await self.unmark(who, question, today)
            raise

    # How it is kept.

    async def add(self, who: bytes, today: date, more: int) -> int:
        """How many these are then."""
        self.begin(today)
        if more:
            self.counted[who] += more
        return self.counted[who]

    async def mark(self, who: bytes, question: Question, today: date) -> bool:
        """Whether they had not answered it."""
        self.begin(today)
        by = self.answered.setdefault(question, set())
        if len(self.answered) > REMEMBERED:
            del self.answered[next(iter(self.answered))]
        is_first = who not in by
        by.add(who)
        return is_first

    async def unmark(self, who: bytes, question: Question, today: date) -> None:
        self.begin(today)
        self.answered.get(question, set()).discard(who)

    async def ask_again(self, question: Question, today: date) -> None:
        self.begin(today)
        self.answered.pop(question, None)

    def begin(self, today: date) -> None:
        if self.day != today:
            self.day, self.counted, self.answered = today, Counter(), {}
