"""One pace for all processes of a bot: Telegram counts together what each of them sends.

By way of Redis whoever sends hears how many answers the others give, and leaves them room; whoever
answers hears that the paid pace is on, for then only what is paid for, too, is not refused. What is
not heard is no harm: Telegram says "later", and everybody waits.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from secrets import token_hex
from time import monotonic

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from bot.crypto import Vault
from bot.delivery.limiter import Limiter
from bot.tasks import unless

TOGETHER = 0.02
"""Seconds in which answers are gathered before others are told of them."""
HURRY = 0.25
"""Seconds between two words that the paid pace is on; they hold for one."""
MOST = 1000
"""Answers that one word may tell of: no more go in a second."""
AGAIN = 1.0
"""Seconds until Redis is asked anew."""
log = structlog.get_logger()


class SharedPace:
    def __init__(self, redis: Redis, vault: Vault, limiter: Limiter) -> None:
        name = vault.index_of("pace", "").hex()[:16]
        self.answers, self.fast = f"pace:{name}:answers", f"pace:{name}:fast"
        self.redis, self.limiter = redis, limiter
        self.own = token_hex(4)
        """Of this process, which knows of its own answers already."""
        self.spent = asyncio.Event()
        self.untold = 0
        limiter.when_spent = self.count

    def count(self) -> None:
        self.untold += 1
        self.spent.set()

    async def answering(self, stop: asyncio.Event) -> None:
        """Of a process that answers people."""
        await asyncio.gather(
            self.again(self.tell_answers, stop), self.again(self.hear_of_hurry, stop)
        )

    async def sending(self, stop: asyncio.Event) -> None:
        """Of a process that tells followers."""
        await asyncio.gather(
            self.again(self.tell_of_hurry, stop), self.again(self.hear_answers, stop)
        )

    async def again(
        self, work: Callable[[asyncio.Event], Awaitable[None]], stop: asyncio.Event
    ) -> None:
        while not stop.is_set():
            try:
                await work(stop)
            except (RedisError, OSError) as error:
                log.info("the pace is not shared for a while", why=type(error).__name__)
                await unless(stop, asyncio.sleep(AGAIN))

    async def tell_answers(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless(stop, self.spent.wait())
            self.spent.clear()
            number, self.untold = self.untold, 0
            if number:
                await self.redis.publish(self.answers, f"{self.own} {number}")
            await unless(stop, asyncio.sleep(TOGETHER))

    async def hear_answers(self, stop: asyncio.Event) -> None:
        async with self.heard(self.answers) as words:
            while not stop.is_set():
                whose, number = told_by(await next_of(words))
                if whose != self.own:
                    self.limiter.spend_elsewhere(min(number, MOST), monotonic())

    async def tell_of_hurry(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if self.limiter.is_fast(monotonic()):
                await self.redis.publish(self.fast, self.own)
            await unless(stop, asyncio.sleep(HURRY))

    async def hear_of_hurry(self, stop: asyncio.Event) -> None:
        async with self.heard(self.fast) as words:
            while not stop.is_set():
                if await next_of(words) not in ("", self.own):
                    self.limiter.paid_at = monotonic()

    @asynccontextmanager
    async def heard(self, channel: str) -> AsyncIterator[PubSub]:
        async with self.redis.pubsub(ignore_subscribe_messages=True) as words:
            await words.subscribe(channel)
            yield words


async def next_of(words: PubSub) -> str:
    """Nothing came for a second: an empty one."""
    found = await words.get_message(timeout=1.0)
    return found["data"].decode(errors="replace") if found else ""


def told_by(word: str) -> tuple[str, int]:
    """Whose answers, and how many; whoever else writes there tells of none."""
    whose, _, number = word.partition(" ")
    return whose, int(number) if number.isascii() and number.isdecimal() else 0
