"""Where a dialog stands, and that one person's updates are handled one after the other.

In memory for one process, those of the desk also in its database (bot/kept_dialogs.py); in Redis
when several share the work (bot/shared_dialogs.py). Nobody's number is a key there.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Literal, Protocol
from weakref import WeakValueDictionary

from aiogram.fsm.storage.base import (
    BaseEventIsolation,
    BaseStorage,
    KeyBuilder,
    StorageKey,
)

from bot.away import Support
from bot.clock import Clock
from bot.crypto import Vault
from bot.db import Sessions
from bot.kept_dialogs import KeptDialogs
from bot.renewal import dialog_name
from bot.waits import Line, in_line

if TYPE_CHECKING:
    from redis.asyncio import Redis

Shared = Callable[[StorageKey], AbstractAsyncContextManager[None]]


class BlindKeys(KeyBuilder):
    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def build(self, key: StorageKey, part: Literal["data", "state", "lock"] | None = None) -> str:
        return dialog_name(self.vault, key.chat_id, key.user_id, part or "")


class InOrder(BaseEventIsolation):
    """In this process first come, first served; then, if there are others, the lock they share.

    A line lives as long as somebody stands in it.
    """

    def __init__(self, shared: Shared | None = None) -> None:
        self.shared = shared or nullcontext
        self.lines: WeakValueDictionary[StorageKey, Line] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(self, key: StorageKey) -> AsyncGenerator[None, None]:
        line = self.lines.setdefault(key, Line())
        async with in_line(line), self.shared(key):
            yield

    async def close(self) -> None:
        pass


class Dialogs(Protocol):
    """Either of the two."""

    async def take_up(self) -> None: ...

    async def forget_all(self) -> None: ...


Storage = tuple[BaseStorage, BaseEventIsolation]


def make_own_storage(sessions: Sessions, vault: Vault, clock: Clock) -> Storage:
    """Of one process."""
    return KeptDialogs(BlindKeys(vault), sessions, vault, clock), InOrder()


def make_shared_storage(redis: "Redis", vault: Vault) -> Storage:
    from bot import shared_dialogs as shared

    keys = BlindKeys(vault)
    support = Support("Redis", shared.is_trouble)
    locks = shared.SharedLocks(redis, keys, support)
    return shared.Dialogs(redis, keys, vault, support), InOrder(locks)
