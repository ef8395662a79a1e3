"""What one person may do only so often a day, where several processes answer: counted in Redis, or
so many processes would let as many times as much through.

Names there are blind, and others each day; they go by themselves. While Redis is away each process
counts for itself.
"""

from datetime import date

import structlog
from redis.asyncio import Redis

from bot.crypto import Vault
from bot.intercom import TROUBLE
from bot.services.tally import Question, Tally

KEPT = 25 * 3600
"""Seconds since it was last changed: no day is longer."""
log = structlog.get_logger()


class SharedTally(Tally):
    def __init__(self, redis: Redis, vault: Vault, of_what: str) -> None:
        super().__init__()
        self.redis, self.vault, self.of_what = redis, vault, of_what

    async def add(self, who: bytes, today: date, more: int) -> int:
        try:
            return await self.added(self.name(today, who.hex()), more)
        except TROUBLE as error:
            tell(error)
            return await super().add(who, today, more)

    async def added(self, name: str, more: int) -> int:
        if not more:
            return int(await self.redis.get(name) or 0)
        together = self.redis.pipeline()
        together.incrby(name, more)
        together.expire(name, KEPT)
        return int((await together.execute())[0])

    async def mark(self, who: bytes, question: Question, today: date) -> bool:
        name, together = self.of_question(question, today), self.redis.pipeline()
        together.sadd(name, self.name(today, who.hex()))
        together.expire(name, KEPT)
        try:
            return bool((await together.execute())[0])
        except TROUBLE as error:
            tell(error)
            return await super().mark(who, question, today)

    async def unmark(self, who: bytes, question: Question, today: date) -> None:
        await super().unmark(who, question, today)
        together = self.redis.pipeline()
        together.srem(self.of_question(question, today), self.name(today, who.hex()))
        try:
            await together.execute()
        except TROUBLE as error:
            tell(error)

    async def ask_again(self, question: Question, today: date) -> None:
        await super().ask_again(question, today)
        try:
            await self.redis.delete(self.of_question(question, today))
        except TROUBLE as error:
            tell(error)

    def of_question(self, question: Question, today: date) -> str:
        return self.name(today, " ".join(map(str, question)))

    def name(self, today: date, of: str) -> str:
        return "tally:" + self.vault.index_of(f"tally {self.of_what} {today}", of).hex()[:32]


def tell(error: Exception) -> None:
    log.info("each process counts for itself", why=type(error).__name__)
