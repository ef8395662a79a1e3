"""One pace for all processes of a bot: Telegram counts together what each of them sends.

Each hears how many answers the others give: whoever sends leaves them room, and whoever answers
lets them have their turn. Whoever answers hears that the paid pace is on, too, for then only what
is paid for as well is not refused. Where nothing is heard Telegram says "later", and everybody
waits, alarms too.
"""

import asyncio
from time import monotonic

from bot.delivery.limiter import Limiter
from bot.intercom import Intercom
from bot.tasks import unless

ANSWERS, HURRY = "answers", "hurry"
TOGETHER = 0.02
"""Seconds in which answers are gathered before others are told of them."""
OFTEN = 0.25
"""Seconds between two words that the paid pace is on; they hold for one."""
MOST = 1000
"""Answers that one word may tell of: no more go in a second."""


class SharedPace:
    def __init__(self, intercom: Intercom, limiter: Limiter) -> None:
        self.intercom, self.limiter = intercom, limiter
        self.spent = asyncio.Event()
        self.untold = 0
        limiter.when_spent = self.count

    def count(self) -> None:
        self.untold += 1
        self.spent.set()

    async def answering(self, stop: asyncio.Event) -> None:
        """Of a process that answers people."""
        await asyncio.gather(self.tell_answers(stop), self.hear_of_hurry(stop))

    async def tell_answers(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless(stop, self.spent.wait())
            self.spent.clear()
            number, self.untold = self.untold, 0
            if number:
                await self.intercom.tell(ANSWERS, str(number))
            await unless(stop, asyncio.sleep(TOGETHER))

    async def hear_answers(self, stop: asyncio.Event) -> None:
        """Of every process."""
        async for word in self.intercom.hear(ANSWERS, stop):
            self.limiter.spend_elsewhere(min(number_in(word), MOST), monotonic())

    async def tell_of_hurry(self, stop: asyncio.Event) -> None:
        """Of a process that tells followers."""
        while not stop.is_set():
            if self.limiter.is_fast(monotonic()):
                await self.intercom.tell(HURRY)
            await unless(stop, asyncio.sleep(OFTEN))

    async def hear_of_hurry(self, stop: asyncio.Event) -> None:
        async for _ in self.intercom.hear(HURRY, stop):
            self.limiter.paid_at = monotonic()


def number_in(word: str) -> int:
    """What is none counts as none."""
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 10 else 0
