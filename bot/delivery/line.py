"""Messages that are ready to go: the urgent first, and whose chat is busy waits aside."""

from dataclasses import dataclass
from heapq import heappop, heappush

from bot.delivery.limiter import Limiter
from bot.delivery.parcels import Parcel
from bot.screen import Screen
from models import Priority


@dataclass(frozen=True, slots=True)
class Letter:
    parcel: Parcel
    chat: int
    screen: Screen

    @property
    def weight(self) -> int:
        return self.screen.weight

    @property
    def can_wait(self) -> bool:
        """What Telegram takes no Stars for, as an edit, has to."""
        return self.parcel.rank[0] >= Priority.MENDING


class Line:
    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self.paid = frozenset[int]()
        """Notices for whose pace somebody pays."""
        self.ready: list[tuple[tuple[int, int], Letter]] = []
        self.aside: list[tuple[float, tuple[int, int], Letter]] = []

    def is_paid(self, letter: Letter) -> bool:
        """Now: it may have been taken back since it was claimed."""
        each = letter.parcel.deliveries
        return bool(self.paid) and any(item.notice.id in self.paid for item in each)

    def before(self, priority: int) -> int:
        """How many would go before one more of this priority."""
        return sum(rank[0] <= priority for rank, _ in self.ready)

    def put(self, letter: Letter) -> None:
        heappush(self.ready, (letter.parcel.rank, letter))

    def pop(self, now: float) -> Letter | None:
        """The foremost whose chat may have it now; None: nobody's may."""
        while self.aside and self.aside[0][0] <= now:
            _, rank, letter = heappop(self.aside)
            heappush(self.ready, (rank, letter))
        while self.ready:
            rank, letter = heappop(self.ready)
            free_at = self.limiter.free_at(letter.chat)
            if free_at <= now:
                return letter
            heappush(self.aside, (free_at, rank, letter))
        return None

    def next_in(self, now: float) -> float | None:
        """Seconds until the first of those aside may go."""
        return max(0.0, self.aside[0][0] - now) if self.aside else None

    def empty(self) -> list[Letter]:
        """All that were in it."""
        left = [letter for _, letter in self.ready] + [letter for _, _, letter in self.aside]
        self.ready.clear()
        self.aside.clear()
        return left
