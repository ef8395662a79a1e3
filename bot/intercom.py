"""What the processes of one bot tell each other, by way of Redis.

Nothing is kept there and nobody is named: chats and messages are blind. Whoever does not listen
just then has missed it, so it must do no harm to hear nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import lru_cache
from secrets import token_hex

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from bot.crypto import Vault
from bot.tasks import unless

TROUBLE = (RedisError, OSError)
AGAIN = 1.0
"""Seconds until a Redis that is away is listened to anew."""
REMEMBERED = 20_000
"""Blind names, of about 300 bytes each."""
LISTENING = 1.0
"""Seconds between two looks whether to stop."""
log = structlog.get_logger()


class Intercom:
    def __init__(self, redis: Redis, vault: Vault) -> None:
        self.redis, self.vault = redis, vault
        database = redis.connection_pool.connection_kwargs.get("db")
        self.bot = vault.index_of("intercom", str(database)).hex()[:16]
        """Other bots may use the same Redis, of whose databases its channels know nothing."""
        self.own = token_hex(4)
        self.said: set[asyncio.Task[None]] = set()
        self.blind = lru_cache(REMEMBERED)(self.blinded)
        """With each word of others what stands open here is looked through: were all of it reckoned
        anew each time, a thousand people who look at ways to pay would hold up all others."""

    def channel(self, subject: str) -> str:
        return f"intercom:{self.bot}:{subject}"

    def blinded(self, *numbers: int) -> str:
        """Of a chat, or of a message in it."""
        return self.vault.index_of("place", " ".join(map(str, numbers))).hex()[:32]

    async def tell(self, subject: str, word: str = "") -> None:
        try:
            await self.redis.publish(self.channel(subject), f"{self.own} {word}")
        except TROUBLE as error:
            log.info("other processes are not told", why=type(error).__name__)

    def say(self, subject: str, word: str = "") -> None:
        """As `tell`, without waiting for it."""
        task = asyncio.create_task(self.tell(subject, word))
        self.said.add(task)
        task.add_done_callback(self.said.discard)

    async def hear(self, subject: str, stop: asyncio.Event) -> AsyncIterator[str]:
        """What others tell, until `stop`."""
        while not stop.is_set():
            try:
                async with self.redis.pubsub(ignore_subscribe_messages=True) as words:
                    await words.subscribe(self.channel(subject))
                    while not stop.is_set():
                        whose, _, word = (await next_of(words)).partition(" ")
                        if whose not in ("", self.own):
                            yield word
            except TROUBLE as error:
                log.info("other processes are not heard", why=type(error).__name__)
                await unless(stop, asyncio.sleep(AGAIN))


async def next_of(words: PubSub) -> str:
    """Nothing came for a while: an empty one."""
    found = await words.get_message(timeout=LISTENING)
    return found["data"].decode(errors="replace") if found else ""
