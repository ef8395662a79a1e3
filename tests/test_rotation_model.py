"""In whatever order keys follow each other, people come and go, and processes are killed: everybody
is found, as one row, and nobody who was forgotten."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from bot.crypto import LAST_VERSION, Vault, following, generate_key, make_vault
from bot.db import dispose, make_engine, make_sessions
from bot.rotating import step
from bot.services import calendar, keys, rotation, subscribers
from bot.services.keys import Fit
from bot.services.rotation import Rotation
from models import CalendarFeed, Subscriber
from tests import IN_CI
from tests.databases import Databases
from tests.town import NOW

CHATS = st.sampled_from([*range(1, 8), -100_500])


class Keys(RuleBasedStateMachine):
    looked = Bundle("looked")
    """What processes found of somebody, and act on only later."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = make_engine(self.fresh())
        self.sessions = make_sessions(self.engine)
        self.keys = [generate_key(LAST_VERSION)]
        self.there: dict[int, int] = {}
        """Whom the bot knows, and under which number."""
        self.addresses: dict[int, str] = {}
        self.vault = self.work = self.other = None  # type: Any
        self.start()

    def fresh(self) -> str:
        raise NotImplementedError

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    async def started(self) -> Vault:
        vault = make_vault(",".join(self.keys))
        async with self.sessions() as session:
            await subscribers.claim(session, vault)
            assert await keys.ready(session, vault) is Fit.OURS
        return vault

    def start(self) -> None:
        """Two processes: one goes through the rows, both answer people."""
        self.vault, self.other = self.run(self.started()), self.run(self.started())
        self.work = Rotation(self.vault)

    @rule()
    def are_killed(self) -> None:
        self.start()

    @rule()
    @precondition(lambda self: not self.vault.is_rotating)
    def another_key(self) -> None:
        newest = self.keys[0]
        self.keys = [generate_key(following(make_vault(newest).version)), newest]
        self.start()

    @rule(steps=st.integers(1, 12))
    @precondition(lambda self: self.vault.is_rotating)
    def some_rows(self, steps: int) -> None:
        for _ in range(steps):
            if self.vault.is_rotating:
                self.run(step(self.engine, self.sessions, self.work))

    @rule()
    @precondition(lambda self: not self.vault.is_rotating and len(self.keys) > 1)
    def the_old_key_is_taken_out(self) -> None:
        self.keys = self.keys[:1]
        self.start()

    @rule(target=looked, chat=CHATS, is_other=st.booleans())
    def looks(self, chat: int, is_other: bool) -> Any:
        vault = self.other if is_other else self.vault
        person = self.run(self.found(vault, chat))
        assert person.id == self.there.get(chat)
        return vault, chat, person

    async def found(self, vault: Vault, chat: int) -> Subscriber:
        async with self.sessions() as session:
            return (await subscribers.find(session, vault, chat, NOW)).subscriber

    def lives(self, vault: Vault) -> bool:
        """The process that has it."""
        return vault is self.vault or vault is self.other

    @rule(seen=consumes(looked))
    def chooses(self, seen: Any) -> None:
        vault, chat, person = seen
        if not self.lives(vault):
            return
        number = self.run(self.remembered(vault, chat, person))
        assert self.there.setdefault(chat, number) == number

    async def remembered(self, vault: Vault, chat: int, person: Subscriber) -> int:
        async with self.sessions() as session:
            return (
                await subscribers.remember(session, vault, person, chat, timezone="Europe/Berlin")
            ).id

    @rule(seen=consumes(looked))
    def forgets(self, seen: Any) -> None:
        vault, chat, person = seen
        if self.lives(vault):
            self.run(self.forgotten(person))
            self.there.pop(chat, None)
            self.addresses.pop(chat, None)

    async def forgotten(self, person: Subscriber) -> None:
        async with self.sessions() as session:
            await subscribers.forget(session, person, NOW)

    @rule(seen=consumes(looked))
    def makes_a_calendar(self, seen: Any) -> None:
        vault, chat, person = seen
        if self.lives(vault):
            self.addresses[chat] = self.run(self.address(vault, chat, person))
            self.there[chat] = self.run(self.found(vault, chat)).id

    async def address(self, vault: Vault, chat: int, person: Subscriber) -> str:
        async with self.sessions() as session:
            return await calendar.make_address(session, vault, person, chat, NOW)

    @rule()
    def all_are_there_once(self) -> None:
        for vault in (self.vault, self.other):
            for chat in (*range(1, 8), -100_500):
                assert self.run(self.found(vault, chat)).id == self.there.get(chat)
            for chat, address in self.addresses.items():
                assert self.run(self.whose(vault, address)) == self.there[chat]
        assert self.run(self.rows()) == (len(self.there), len(self.addresses))

    async def whose(self, vault: Vault, address: str) -> int | None:
        async with self.sessions() as session:
            found = (await calendar.find(session, vault, address)).subscriber
            return found and found.id

    async def rows(self) -> tuple[int, int]:
        async with self.sessions() as session:
            known = await session.scalar(select(func.count(Subscriber.id)))
            return known or 0, await session.scalar(select(func.count(CalendarFeed.id))) or 0

    def teardown(self) -> None:
        self.all_are_there_once()
        self.run(dispose(self.engine))
        self.runner.close()


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 30), ("postgresql", 8)])
def test_everybody_is_found_once_whatever_happens(
    database: str,
    examples: int,
    databases: Databases,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rotation, "SOME", 2)
    monkeypatch.setattr(rotation, "written_anew", nothing)

    class Here(Keys):
        def fresh(self) -> str:
            return databases.fresh(database, tmp_path / "model.db")

    few = settings(
        max_examples=examples if IN_CI else examples // 2,
        stateful_step_count=50,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=few)


async def nothing(_engine: Any) -> None:
    """To write whole tables anew takes long, and is tried elsewhere."""
