"""Dialogs and lines of updates that several processes share, in Redis.

A Redis that is away is waited for, in the person's line (bot/away.py). All of it can be repeated.
What is no dialog of ours, though it has the name of one, is deleted: waiting would not mend it.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Literal, TypeVar
from uuid import uuid4

from aiogram.fsm.storage.base import KeyBuilder, StateType, StorageKey
from aiogram.fsm.storage.redis import RedisStorage
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ClusterDownError,
    ConnectionError,
    LockNotOwnedError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

from bot.away import Support, is_network
from bot.crypto import Vault
from bot.kept_dialogs import SEALED
from bot.renewal import renewed_data, renewed_name

KEPT = 24 * 3600
"""Seconds that a dialog left alone is remembered."""
LOCKED = 15
"""Seconds after which the lock of a process that died is lifted; the living renew theirs."""
HANGING = 2
"""Seconds that Redis has to connect and to answer."""
PASSING = (
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    TimeoutError,
    TryAgainError,
)
PASSING_WORDS = ("BUSY", "LOADING", "MISCONF", "NOREPLICAS")
"""First words of what Redis says of itself while it is occupied or cannot write."""
RENAME = """
if redis.call("EXISTS", KEYS[1]) == 1 and redis.call("RENAMENX", KEYS[1], KEYS[2]) == 0 then
  redis.call("DEL", KEYS[1])
end"""
"""What stands under the new name already is newer."""
T = TypeVar("T")


def is_trouble(error: BaseException) -> bool:
    """What passes by itself; not: a command that is wrong for the key."""
    told = isinstance(error, ResponseError) and str(error).startswith(PASSING_WORDS)
    return told or isinstance(error, PASSING) or is_network(error)


def is_of_another_type(error: BaseException) -> bool:
    return isinstance(error, ResponseError) and str(error).startswith("WRONGTYPE")


class SharedLocks:
    def __init__(self, redis: Redis, keys: KeyBuilder, support: Support) -> None:
        self.redis = redis
        self.keys = keys
        self.support = support

    @asynccontextmanager
    async def __call__(self, key: StorageKey) -> AsyncGenerator[None, None]:
        lock = RepeatableLock(self.redis, self.keys.build(key, "lock"), timeout=LOCKED)
        await self.support.outlast(partial(lock.acquire, token=uuid4().hex))
        renewing = asyncio.create_task(renew(lock))
        try:
            yield
        finally:
            renewing.cancel()
            # What was done is done: a lock that cannot be lifted ends by itself.
            with suppress(RedisError, OSError):
                await lock.release()


class RepeatableLock(Lock):
    """A Redis that hung may have given the lock to a try whose answer nobody awaited any more."""

    async def do_acquire(self, token: str | bytes) -> bool:
        if await super().do_acquire(token):
            return True
        try:
            return bool(await self.redis.get(self.name) == token)
        except ResponseError as error:
            if not is_of_another_type(error):
                raise
            await self.redis.delete(self.name)
            return False

    async def kept(self) -> None:
        """Taken anew where it is gone and nobody else has it: of a Redis that came back empty."""
        try:
            await self.reacquire()
        except LockNotOwnedError:
            await self.do_acquire(self.local.token)


async def renew(lock: RepeatableLock) -> None:
    """What fails is tried again soon, or a Redis that is slow for some seconds would lift it."""
    pause = LOCKED / 3
    while True:
        await asyncio.sleep(pause)
        try:
            await lock.kept()
            pause = LOCKED / 3
        except (RedisError, OSError):
            pause = LOCKED / 30


class Dialogs(RedisStorage):
    """What is typed lies there sealed: who copies Redis' memory reads no half-written question."""

    def __init__(self, redis: Redis, keys: KeyBuilder, vault: Vault, support: Support) -> None:
        super().__init__(
            *(redis, keys),
            state_ttl=KEPT,
            data_ttl=KEPT,
            json_dumps=lambda data: vault.seal_text(json.dumps(data), SEALED).hex(),
            json_loads=lambda sealed: json.loads(vault.open_text(bytes.fromhex(sealed), SEALED)),
        )
        self.vault = vault
        self.outlast = support.outlast

    async def forget_all(self) -> None:
        """But for the locks: somebody may stand in them. With what each has done today."""
        await self.outlast(self.delete_all)

    async def delete_all(self) -> None:
        for names in ("fsm:*:state", "fsm:*:data", "tally:*"):
            async for name in self.redis.scan_iter(names, count=1000):
                await self.redis.delete(name)

    async def take_up(self) -> None:
        """While a new key takes the place of another one, whatever stands under that: each process
        does so before it answers anybody."""
        if self.vault.is_rotating:
            await self.outlast(self.renew_all)

    async def renew_all(self) -> None:
        for part, renew in (
            ("data", self.renew_data),
            ("data", self.rename),
            ("state", self.rename),
        ):
            async for found in self.redis.scan_iter(f"fsm:*:{part}", count=1000):
                await self.renew_one(renew, found)

    async def renew_one(self, renew: Callable[[bytes], Awaitable[None]], name: bytes) -> None:
        """What cannot be read counts as no dialog."""
        try:
            await renew(name)
        except (ResponseError, ValueError) as error:
            if isinstance(error, ResponseError) and not is_of_another_type(error):
                raise

    async def renew_data(self, name: bytes) -> None:
        kept = await self.redis.get(name) or ""
        sealed = kept.decode() if isinstance(kept, bytes) else kept
        if bytes.fromhex(sealed)[:1] != bytes([self.vault.version]):
            new = renewed_data(self.vault, self.json_loads(sealed))
            await self.redis.set(name, self.json_dumps(new), xx=True, keepttl=True)

    async def rename(self, name: bytes) -> None:
        new = renewed_name(self.vault, name.decode()).encode()
        if new != name:
            await self.redis.eval(RENAME, 2, name, new)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await self.outlast(partial(super().set_state, key, state))

    async def get_state(self, key: StorageKey) -> str | None:
        read = partial(super().get_state, key)
        return await self.outlast(partial(self.read_or_drop, read, key, "state", None))

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self.outlast(partial(super().set_data, key, data))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        read = partial(super().get_data, key)
        nothing: dict[str, Any] = {}
        return await self.outlast(partial(self.read_or_drop, read, key, "data", nothing))

    async def read_or_drop(
        self,
        read: Callable[[], Awaitable[T]],
        key: StorageKey,
        part: Literal["state", "data"],
        nothing: T,
    ) -> T:
        """What cannot be read (of another type, of another key, no JSON) counts as no dialog."""
        try:
            return await read()
        except (ResponseError, ValueError) as error:
            if isinstance(error, ResponseError) and not is_of_another_type(error):
                raise
            await self.redis.delete(self.key_builder.build(key, part))
            return nothing


def connect(redis_url: str) -> Redis:
    return Redis.from_url(
        redis_url,
        socket_timeout=HANGING,
        socket_connect_timeout=HANGING,
        retry=Retry(NoBackoff(), 1),  # a connection that was idle may be closed
    )
