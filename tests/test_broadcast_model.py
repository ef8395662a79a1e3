"""Whatever is pressed in whatever order, and whatever is just on its way: nobody gets a broadcast
twice, nobody after it was stopped, and every copy ends as it was corrected last, or is gone.

The whole way but Telegram, which is a plain model of chats here.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import exists, select

from benchmarks.crowd import people
from bot.db import dispose, make_engine, make_sessions
from bot.delivery import broadcasts as deliveries
from bot.delivery import expansion, outbox, settling, waiting
from bot.delivery.parcels import Outcome, Parcel
from bot.delivery.rendering import message
from bot.delivery.sender import reader_of
from bot.screen import Act, Screen
from bot.services import broadcasts, campaign, mending
from bot.services.broadcasts import Changed, Standing, Target, Version
from bot.services.facts import Facts, Memory
from bot.services.members import Actor
from models import Delivery, Notice, Role, State, Subscriber, To
from models.notice import OPEN
from tests import IN_CI
from tests.databases import Databases
from tests.town import NOW, VAULT, TownClock

CHATS = range(1, 9)
Flying = tuple[Parcel, Screen]


class Life(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = make_engine(self.fresh())
        self.sessions = make_sessions(self.engine)
        self.clock, self.numbers = TownClock(), iter(range(1, 10**6))
        self.chats: dict[int, dict[int, str]] = {chat: {} for chat in CHATS}
        self.flying: list[Flying] = []
        self.text, self.is_stopped, self.is_recalled = "0", False, False
        self.at_stop: set[int] = set()

    def fresh(self) -> str:
        raise NotImplementedError

    def run(self, what: Any) -> Any:
        return self.runner.run(what)

    @initialize()
    def begin(self) -> None:
        self.run(self.begun())

    async def begun(self) -> None:
        await people(self.sessions, VAULT, list(CHATS), NOW)
        async with self.sessions() as session:
            author = await session.scalar(select(Subscriber.id).limit(1)) or 0
            by = Actor(author, Role.OWNER)
            self.number = await broadcasts.begin(session, by, Target(To.ALL), NOW)
            await broadcasts.write(session, self.number, "en", None, Version(self.text))
            seen = self.number, 1
            await broadcasts.send(session, seen, by, self.clock.now(), urgent=False)

    # What coordinators press.

    @rule()
    def pause(self) -> None:
        self.run(self.pressed(broadcasts.pause))

    @rule()
    def resume(self) -> None:
        self.run(self.pressed(broadcasts.resume))

    async def pressed(self, what: Callable[..., Any]) -> None:
        async with self.sessions() as session:
            await what(session, self.number)

    @rule()
    def stop(self) -> None:
        self.run(self.stopped())

    async def stopped(self) -> None:
        async with self.sessions() as session:
            one = await broadcasts.broadcast(session, self.number)
            if one.notice_id is None:
                return
            await broadcasts.stop(session, self.number, self.clock.now())
        self.note_stop()

    def note_stop(self) -> None:
        """Who has it by then, or is about to."""
        if not self.is_stopped:
            on_their_way = {parcel.recipient.id for parcel, _ in self.flying}
            self.is_stopped = True
            self.at_stop = self.having() | {self.chat_of(number) for number in on_their_way}

    @rule()
    def correct(self) -> None:
        self.run(self.corrected())

    async def corrected(self) -> None:
        async with self.sessions() as session:
            one = await broadcasts.broadcast(session, self.number)
            seen, text = (self.number, one.edition), str(int(self.text) + 1)
            with suppress(Changed):
                version = Version(text)
                await mending.correct(session, seen, "en", version, self.clock.now())
                self.text = text

    @rule(seldom=st.integers(0, 3))
    def recall(self, seldom: int) -> None:
        if seldom == 0:
            self.run(self.recalled())

    async def recalled(self) -> None:
        async with self.sessions() as session:
            one = await broadcasts.broadcast(session, self.number)
            with suppress(Changed):
                await mending.recall(session, (self.number, one.edition), self.clock.now())
                self.is_recalled = True
        if self.is_recalled:
            self.note_stop()

    # What the delivery does.

    @rule(seconds=st.integers(0, 40))
    def tick(self, seconds: int) -> None:
        self.clock.forward(seconds=seconds)
        if seconds > 25:  # a lease is as long: nobody holds one for longer
            self.land(100)
        self.run(self.looked())

    async def looked(self) -> None:
        async with self.sessions() as session:
            now = self.clock.now()
            await deliveries.due(session, now)
            while notice := await expansion.foremost(session):
                await expansion.expand(session, notice, now)
            await waiting.wake(session, now)
            await waiting.reclaim(session, now)

    @rule(room=st.integers(1, 5))
    def claim(self, room: int) -> None:
        self.run(self.claimed(room))

    async def claimed(self, room: int) -> None:
        now, busy = self.clock.now(), [parcel.recipient.id for parcel, _ in self.flying]
        async with self.sessions() as session:
            parcels, _ = await outbox.claim(session, now, room, busy)
            facts = Facts(session, await campaign.version(session), Memory())
            for parcel in parcels:
                told = [(item.notice, item.follow) for item in parcel.unheard]
                chat = self.chat_of(parcel.recipient.id)
                screen = await message(facts, told, reader_of(parcel.recipient, chat), now)
                assert screen is not None
                self.flying.append((parcel, parcel.aimed(screen)))

    def chat_of(self, subscriber: int) -> int:
        """They were entered one after the other."""
        return subscriber

    @rule(number=st.integers(1, 4))
    def land(self, number: int) -> None:
        now, rest = self.flying[:number], self.flying[number:]
        self.flying = rest
        self.run(self.landed([self.happens(parcel, screen) for parcel, screen in now]))

    def happens(self, parcel: Parcel, screen: Screen) -> Outcome:
        chat = self.chats[self.chat_of(parcel.recipient.id)]
        words = screen.text.split("\n")[0]
        match screen.act:
            case Act.SEND:
                number = next(self.numbers)
                chat[number] = words
                return Outcome(parcel.ids, State.SENT, message_id=number)
            case Act.EDIT:
                assert screen.messages[-1] in chat
                chat[screen.messages[-1]] = words
            case Act.DELETE:
                del chat[screen.messages[-1]]
        return Outcome(parcel.ids, State.SENT)

    async def landed(self, outcomes: list[Outcome]) -> None:
        async with self.sessions() as session:
            await settling.settle(session, outcomes, self.clock.now())

    @rule()
    def the_process_ends(self) -> None:
        """What it had claimed and not sent goes with the next one."""
        self.flying = []
        self.clock.forward(seconds=31)

    # What has to be so.

    def having(self) -> set[int]:
        return {number for number, chat in self.chats.items() if chat}

    @rule()
    def all_is_calm(self) -> None:
        self.resume()
        for _ in range(60):
            self.tick(1)
            self.claim(5)
            self.land(100)
            if self.run(self.is_at_rest()):
                break
        assert all(len(chat) <= 1 for chat in self.chats.values()), "twice"
        if self.is_recalled:
            assert not self.having(), "recalled, and there"
            return
        assert all(text == self.text for chat in self.chats.values() for text in chat.values())
        if self.is_stopped:
            assert self.having() <= self.at_stop, "stopped, and sent"
        else:
            assert self.having() == set(CHATS), "lost"
        self.run(self.compare())

    async def is_at_rest(self) -> bool:
        async with self.sessions() as session:
            waits = Delivery.state.in_(OPEN)
            if await session.scalar(select(exists().where(waits))):
                return False
            due = exists().where(Notice.expanded_at.is_(None))
            card = await broadcasts.card(session, self.number, self.clock.now())
            return not (await session.scalar(select(due)) or card.is_mending)

    async def compare(self) -> None:
        async with self.sessions() as session:
            card = await broadcasts.card(session, self.number, self.clock.now())
        assert card.standing is (Standing.STOPPED if self.is_stopped else Standing.DONE)
        assert card.counted.sent == len(self.having())
        assert card.unreached == 0
        assert not card.is_mending

    def teardown(self) -> None:
        try:
            self.all_is_calm()
        finally:
            self.run(dispose(self.engine))
            self.runner.close()


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 16), ("postgresql", 6)])
def test_a_broadcast_s_life(
    database: str,
    examples: int,
    databases: Databases,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (expansion, settling, waiting):
        monkeypatch.setattr(module, "CHUNK", 3)

    class Here(Life):
        def fresh(self) -> str:
            return databases.fresh(database, tmp_path / "model.db")

    few = settings(
        max_examples=examples if IN_CI else examples // 2,
        stateful_step_count=30,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=few)
