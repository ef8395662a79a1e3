"""Dialogs of one process. Those of the desk are kept in the database, so that nothing half-typed is
lost by a restart; of anybody else nothing is written down.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiogram.fsm.storage.base import KeyBuilder, StateType, StorageKey
from aiogram.fsm.storage.memory import MemoryStorage
from sqlalchemy import delete, select

from bot.clock import Clock
from bot.crypto import Vault
from bot.db import Sessions, writing
from models import Dialog

AT_THE_DESK = (
    "Answering:",
    "Broadcasting:",
    "Changing:",
    "Filling:",
    "Inviting:",
    "Mending:",
    "Noting:",
    "Sending:",
    "Setting:",
    "Whereabouts:",
)
"""How the states begin that are kept (aiogram: the group, then the state)."""
SEALED = "dialogs.sealed"
REMEMBERED = 20_000
"""Dialogs that are open; of more, whoever left theirs alone for longest begins anew. Not the
desk's: there are no more of those than people who keep the facts."""


@dataclass
class Stored:
    state: str
    data: dict[str, Any]


class KeptDialogs(MemoryStorage):
    def __init__(self, keys: KeyBuilder, sessions: Sessions, vault: Vault, clock: Clock) -> None:
        super().__init__()
        self.keys, self.sessions, self.vault, self.clock = keys, sessions, vault, clock
        self.stored: dict[str, Stored] = {}
        """From before the start, until somebody goes on."""
        self.written: set[str] = set()

    async def take_up(self) -> None:
        async with self.sessions() as session:
            for one in await session.scalars(select(Dialog)):
                self.stored[one.key] = Stored(
                    **json.loads(self.vault.open_text(one.sealed, SEALED))
                )
        self.written = {*self.stored}

    async def forget_all(self) -> None:
        self.storage.clear()
        self.stored.clear()
        self.written.clear()
        async with self.sessions() as session, writing(session):
            await session.execute(delete(Dialog))

    async def get_state(self, key: StorageKey) -> str | None:
        await self._take_up(key)
        return await super().get_state(key) if key in self.storage else None

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        await self._take_up(key)
        return await super().get_data(key) if key in self.storage else {}

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await self._take_up(key)
        await super().set_state(key, state)
        await self._keep(key)
        self._make_last(key)

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._take_up(key)
        await super().set_data(key, data)
        await self._keep(key)
        self._make_last(key)

    async def _take_up(self, key: StorageKey) -> None:
        if self.stored and (found := self.stored.pop(self.keys.build(key), None)):
            await super().set_state(key, found.state)
            await super().set_data(key, found.data)

    def _make_last(self, key: StorageKey) -> None:
        """Who has no dialog takes no place."""
        record = self.storage.pop(key, None)
        if record and (record.state or record.data):
            self.storage[key] = record
        if len(self.storage) > REMEMBERED:
            of_anybody = (at for at, one in self.storage.items() if not is_of_desk(one.state))
            self.storage.pop(next(of_anybody, key))

    async def _keep(self, key: StorageKey) -> None:
        state = await super().get_state(key)
        if is_of_desk(state):
            whole = {"state": state, "data": await super().get_data(key)}
            await self._write(self.keys.build(key), json.dumps(whole))
        elif self.written and (name := self.keys.build(key)) in self.written:
            await self._write(name, None)

    async def _write(self, name: str, whole: str | None) -> None:
        async with self.sessions() as session, writing(session):
            await session.execute(delete(Dialog).where(Dialog.key == name))
            if whole is not None:
                sealed = self.vault.seal_text(whole, SEALED)
                session.add(Dialog(key=name, sealed=sealed, at=self.clock.now()))
        (self.written.discard if whole is None else self.written.add)(name)


def is_of_desk(state: str | None) -> bool:
    return state is not None and state.startswith(AT_THE_DESK)
