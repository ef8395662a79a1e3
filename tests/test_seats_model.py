"""Whatever happens in whatever order: who has a seat knows it, and knows when the evening is.

The whole way but Telegram, against a plain model of who comes, in which order, and what they know.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import dispose, make_engine, make_sessions
from bot.delivery import rendering, sender
from bot.delivery.limiter import Limiter
from bot.delivery.line import Letter
from bot.delivery.rendering import Told
from bot.delivery.sender import Sender
from bot.screen import Screen
from bot.services import alerts, campaign_file, seats, subscribers
from bot.services.event_news import EventNow
from bot.services.facts import Facts
from bot.services.notices import News, Reader
from bot.turn import SENDING, Turn
from models import Delivery, Kind, Seat, State, Subscriber
from tests import IN_CI
from tests.databases import Databases
from tests.test_notices import FORMAT, Campaign
from tests.town import VAULT, TownClock

NOW = datetime(2026, 10, 22, 12, 0, tzinfo=UTC)
PEOPLE = (1001, 1002, 1003, 1004)
EVENING = (1, "")
OPEN = (State.READY, State.LEASED, State.WAITING)
Known = tuple[datetime, bool]
"""When it begins, and whether it is off."""


@dataclass
class Place:
    """What somebody has, and what they know."""

    people: int
    is_waiting: bool
    knows_of_seat: bool
    believes: Known
    came_unseen: bool
    """Of a change between two looks nobody can tell whether they saw it: they may be told."""


class Evening(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = make_engine(self.fresh())
        self.campaign = Campaign(make_sessions(self.engine), now=NOW)
        self.clock = TownClock(NOW)
        self.there: dict[int, Place] = {}
        """In the order in which they came."""
        self.capacity: int | None = 20
        self.state: Known = (NOW, False)
        self.is_unseen = False
        """Whether something has changed since the last look."""
        self.heard: dict[int, tuple[int, Sequence[News]]] = {}
        self.sender = self.run(self.make_sender())

    def fresh(self) -> str:
        raise NotImplementedError

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    @property
    def now(self) -> datetime:
        return self.campaign.now

    async def make_sender(self) -> Sender:
        async def ours() -> bool:
            return True

        async def nowhere(_chat: int, _screen: Screen) -> int:
            raise NotImplementedError

        turn, sessions = Turn(ours, SENDING), self.campaign.sessions
        return Sender(sessions, VAULT, self.clock, nowhere, Limiter(29), turn, self.render)

    async def render(
        self, facts: Facts, told: Sequence[Told], reader: Reader, now: datetime
    ) -> Screen | None:
        kept = list[News]()
        facts.made.clear()
        worded = rendering.worded

        async def overheard(facts: Facts, told: Sequence[tuple[News, Any]], *rest: Any) -> Any:
            kept.extend(news for news, _follow in told)
            return await worded(facts, told, *rest)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rendering, "worded", overheard)
            screen = await rendering.message(facts, told, reader, now)
        if screen is not None:
            self.heard[id(screen)] = (len(self.heard), kept)
        return screen

    # -- what happens ----------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.run(self.campaign.takes(FORMAT))
        self.run(self.campaign.ticks())
        self.is_planned(5 * 24 * 60)
        self.has_room_for(2)
        for chat in PEOPLE[:3]:
            self.comes(chat, 1)

    @rule(later=st.one_of(st.integers(10, 300), st.integers(300, 9 * 24 * 60)))
    def is_planned(self, later: int) -> None:
        start = (self.now + timedelta(minutes=later)).replace(second=0, microsecond=0)
        self.takes(f"starts_at: '{start.isoformat()}', status: scheduled")
        self.state = (start, False)

    @rule(status=st.sampled_from(["cancelled", "scheduled"]))
    def is_off_or_on(self, status: str) -> None:
        self.takes(f"status: {status}")
        self.state = (self.state[0], status == "cancelled")

    @rule(capacity=st.sampled_from([1, 2, 3, 4, None]))
    def has_room_for(self, capacity: int | None) -> None:
        self.takes(f"capacity: {capacity or 'null'}")
        self.capacity = capacity

    def takes(self, facts: str) -> None:
        self.is_unseen = True
        with suppress(campaign_file.CampaignFileError):
            self.run(self.campaign.takes(f"events: [{{slug: letters-in-may, {facts}}}]"))

    @rule(chat=st.sampled_from(PEOPLE), people=st.sampled_from([1, 1, 2]))
    def comes(self, chat: int, people: int) -> None:
        async def work(session: AsyncSession, who: Subscriber) -> None:
            await seats.take(session, VAULT, who, chat, EVENING, people, self.now)

        self.does(chat, work)
        if not self.is_to_come():
            return
        mine = self.there.get(chat)
        if mine and not mine.is_waiting:
            if people <= mine.people or self.is_room_beside(chat, people):
                mine.people = people
        else:
            new = Place(people, True, False, self.state, self.is_unseen)
            mine = self.there.setdefault(chat, new)
            mine.people = people
            mine.is_waiting = chat not in self.allotted()
            if not mine.is_waiting:  # whoever waited sees with the seat when it is
                mine.believes, mine.came_unseen = self.state, self.is_unseen
        self.there[chat].knows_of_seat = not self.there[chat].is_waiting

    @rule(later=st.integers(300, 9 * 24 * 60), chat=st.sampled_from(PEOPLE))
    def comes_right_after_a_change(self, later: int, chat: int) -> None:
        self.is_planned(later)
        self.comes(chat, 1)

    @rule(those=st.sets(st.sampled_from(PEOPLE), min_size=2))
    def several_cannot_come(self, those: set[int]) -> None:
        for chat in those:
            self.cannot_come(chat)

    @rule(chat=st.sampled_from(PEOPLE))
    def cannot_come(self, chat: int) -> None:
        self.does(chat, lambda session, who: seats.leave(session, who, EVENING, self.now))
        self.there.pop(chat, None)

    @rule(chat=st.sampled_from(PEOPLE), hours=st.sampled_from([*alerts.QUIET, (0, 0)]))
    def sets_quiet_hours(self, chat: int, hours: tuple[int, int]) -> None:
        self.does(chat, lambda session, who: alerts.quiet(session, VAULT, who, chat, *hours))

    def does(self, chat: int, work: Any) -> None:
        async def act() -> None:
            async with self.campaign.sessions() as session:
                seen = await subscribers.find(session, VAULT, chat, self.now)
                await work(session, seen.subscriber)

        self.run(act())

    def is_to_come(self) -> bool:
        return not self.state[1] and self.state[0] >= self.now - timedelta(hours=2)

    def is_room_beside(self, chat: int, people: int) -> bool:
        if self.capacity is None:
            return True
        others = [one for who, one in self.there.items() if who != chat]
        seated = sum(one.people for one in others if not one.is_waiting)
        return not any(one.is_waiting for one in others) and seated + people <= self.capacity

    def allotted(self) -> list[int]:
        """Of those who wait, first come, first served."""
        taken = sum(one.people for one in self.there.values() if not one.is_waiting)
        found = list[int]()
        for chat, one in self.there.items():
            if one.is_waiting and (self.capacity is None or taken + one.people <= self.capacity):
                taken += one.people
                found.append(chat)
        return found

    # -- time passes, and people are told --------------------------------------------------

    @rule(seconds=st.sampled_from([0, 5, 60, 121, 3600, 40_000]))
    def a_look(self, seconds: int) -> None:
        self.campaign.now += timedelta(seconds=seconds)
        self.is_unseen = False
        if self.state[0] > self.now and not self.state[1]:
            for chat in self.allotted():
                self.there[chat].is_waiting = False
        self.run(self.campaign.ticks())
        self.run(self.deliver())
        self.run(self.compare())

    async def deliver(self) -> None:
        self.clock.moment, idle = self.now, 0
        while idle < 3:
            more = await self.sender.look()
            letters = self.sender.line.empty()
            for letter in letters:
                self.hear(letter)
                self.sender.finish(letter.parcel, State.SENT, message_id=1)
            await self.sender.settle()
            idle = 0 if more or letters else idle + 1

    def hear(self, letter: Letter) -> None:
        [item] = self.heard.pop(id(letter.screen))[1]
        assert letter.chat in self.there, "not one of them any more"
        mine, kind = self.there[letter.chat], item.notice.kind
        assert isinstance(item.now, EventNow)
        assert item.now.event is not None
        assert (item.now.event.starts_at, item.now.event.status == "cancelled") == self.state
        if kind == Kind.SEAT:
            assert not mine.knows_of_seat, "told twice"
        if kind == Kind.EVENT_MOVED:
            assert mine.came_unseen or mine.believes != self.state, "they know it"
        if kind == Kind.EVENT_OFF:
            assert not mine.believes[1], "they know it"
        if kind == Kind.EVENT_SOON:
            assert not mine.is_waiting
        if kind != Kind.WRITTEN:
            mine.believes = self.state
            mine.knows_of_seat = mine.knows_of_seat or not mine.is_waiting

    async def compare(self) -> None:
        async with self.campaign.sessions() as session:
            rows = await session.scalars(select(Seat).order_by(Seat.id))
            found = [(one.people, one.is_waiting) for one in rows]
        assert found == [(one.people, one.is_waiting) for one in self.there.values()]

    @rule()
    def all_is_calm(self) -> None:
        for seconds in (0, 121):
            self.a_look(seconds)
        for _ in range(25):
            if self.run(self.somebody_waits()):
                self.a_look(3600)
        if self.state[0] <= self.now:
            return
        for one in self.there.values():
            assert one.believes[1] == self.state[1], "off, or on"
            if not self.state[1]:
                assert one.believes == self.state
                assert one.is_waiting or one.knows_of_seat

    async def somebody_waits(self) -> bool:
        async with self.campaign.sessions() as session:
            return bool(await session.scalar(select(exists().where(Delivery.state.in_(OPEN)))))

    def teardown(self) -> None:
        self.run(dispose(self.engine))
        self.runner.close()


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 12), ("postgresql", 4)])
def test_who_has_a_seat_knows_it_and_when_to_come(
    database: str,
    examples: int,
    databases: Databases,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "UPKEEP", 0.0)

    class Here(Evening):
        def fresh(self) -> str:
            return databases.fresh(database, tmp_path / "model.db")

    few = settings(
        max_examples=examples if IN_CI else examples // 2,
        stateful_step_count=60,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=few)
