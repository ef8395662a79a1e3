"""Where a dialog stands, and that one person's updates are handled one after the other.

In memory for one process; in Redis when several share the work. Nobody's number is a key there.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from typing import Literal
from weakref import WeakValueDictionary

from aiogram.fsm.storage.base import BaseEventIsolation, BaseStorage, KeyBuilder, StorageKey
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.fsm.storage.redis import RedisEventIsolation, RedisStorage
from redis.asyncio import Redis

from bot.crypto import Vault

KEPT = 24 * 3600
"""Seconds that a dialog left alone is remembered."""
LOCKED = 60
"""Seconds after which the lock of a process that died is lifted."""


class BlindKeys(KeyBuilder):
    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def build(self, key: StorageKey, part: Literal["data", "state", "lock"] | None = None) -> str:
        chat, user = self.vault.index(key.chat_id), self.vault.index(key.user_id)
        return f"fsm:{chat.hex()[:32]}:{user.hex()[:32]}:{part or ''}"


class InOrder(BaseEventIsolation):
    """In this process first come, first served; then, if there are others, the lock they share.

    A lock lives as long as somebody holds or awaits it.
    """

    def __init__(self, shared: BaseEventIsolation | None = None) -> None:
        self.shared = shared
        self.locks: WeakValueDictionary[StorageKey, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        own = self.locks.setdefault(key, asyncio.Lock())
        async with own, self.shared.lock(key) if self.shared else nullcontext():
            yield

    async def close(self) -> None:
        if self.shared:
            await self.shared.close()


def make_storage(redis_url: str | None, vault: Vault) -> tuple[BaseStorage, BaseEventIsolation]:
    if redis_url is None:
        return MemoryStorage(), InOrder()
    redis, keys = Redis.from_url(redis_url), BlindKeys(vault)
    shared = RedisEventIsolation(redis, keys, lock_kwargs={"timeout": LOCKED})
    return RedisStorage(redis, keys, state_ttl=KEPT, data_ttl=KEPT), InOrder(shared)
