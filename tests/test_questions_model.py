"""Whatever two coordinators do with questions in whatever order, with screens that may be old: each
step is done once or not at all, and whoever asked gets the answer that stands."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from bot.db import dispose, make_engine, make_sessions
from bot.delivery import question_notices
from bot.services import members, questions, subscribers
from bot.services.questions import AT_ONCE, About, NotTaken, Refused
from models import Kind, Member, Notice, Subscriber
from tests import IN_CI
from tests.databases import Databases
from tests.town import NOW, VAULT

OWNERS = (1, 2)
PEOPLE = (1001, 1002)
MEMBER = st.integers(0, 1)
PERSON = st.integers(0, 1)
WHICH = st.integers(0, 1)
FEW = 2
"""Questions with which something is done: one that is left alone tells nothing."""
AGO = st.sampled_from([0, 0, 0, 1])
"""Of the version that somebody's screen shows: 1: the one before."""


@dataclass
class Model:
    person: int
    state: str = "open"
    version: int = 1
    by: int | None = None
    answer: str | None = None
    said: list[str] = field(default_factory=list)
    blocked_until: datetime | None = None


class Desk(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = make_engine(self.fresh())
        self.sessions = make_sessions(self.engine)
        self.now = NOW
        self.asked: list[Model] = []
        self.members: list[int] = []

    def fresh(self) -> str:
        raise NotImplementedError

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize()
    def begins(self) -> None:
        async def owners() -> list[int]:
            async with self.sessions() as session:
                await members.keep_owners(session, VAULT, OWNERS, self.now)
                found = await session.scalars(select(Member.subscriber_id))
                return sorted(found)

        self.members = self.run(owners())

    # What is done, there and in the model.

    @rule(person=PERSON, text=st.sampled_from(["one?", "two?", "three?", "four?"]))
    def asks(self, person: int, text: str) -> None:
        theirs = [one for one in self.asked if one.person == person]
        waiting = [one for one in theirs if one.state == "open"]
        is_blocked = any(one.blocked_until and one.blocked_until > self.now for one in theirs)

        async def ask() -> bool | Refused:
            async with self.sessions() as session:
                chat = PEOPLE[person]
                who = (await subscribers.find(session, VAULT, chat, self.now)).subscriber
                try:
                    asking = session, VAULT, who, chat, About(), text, self.now
                    return await questions.ask(*asking)
                except NotTaken as error:
                    return error.why

        outcome = self.run(ask())
        if any(one.said[0] == text for one in waiting):
            assert outcome is False
        elif is_blocked:
            assert outcome == Refused.BLOCKED
        elif len(waiting) >= AT_ONCE:
            assert outcome == Refused.TOO_MANY
        else:
            assert outcome is True
            self.asked.append(Model(person, said=[text]))

    def step(self, which: int, ago: int, name: str, *more: Any) -> Model | None:
        """The one that changed."""
        if not self.asked:
            return None
        which %= min(len(self.asked), FEW)
        one = self.asked[which]

        async def do() -> bool:
            async with self.sessions() as session:
                of = [VAULT] if name == "answer" else []
                seen = one.version - ago
                return bool(await getattr(questions, name)(session, *of, which + 1, seen, *more))

        is_open = one.state == "open"
        fits = {"reopen": not is_open, "block": True, "lift": True}
        may = ago == 0 and fits.get(name, is_open)
        assert self.run(do()) == may
        if not may:
            return None
        one.version += name != "lift" if is_open else name == "reopen"
        return one

    @rule(which=WHICH, ago=AGO, member=MEMBER)
    def takes(self, which: int, ago: int, member: int) -> None:
        if one := self.step(which, ago, "take", self.members[member]):
            one.by = member

    @rule(which=WHICH, ago=AGO, member=MEMBER, text=st.sampled_from(["yes", "no"]))
    def answers(self, which: int, ago: int, member: int, text: str) -> None:
        if one := self.step(which, ago, "answer", self.members[member], text, self.now):
            one.state, one.answer, one.by = "answered", text, member
            self.the_answer_that_stands_is_the_one_that_is_told()

    @rule(which=WHICH, ago=AGO)
    def closes(self, which: int, ago: int) -> None:
        if one := self.step(which, ago, "close", self.now):
            one.state = "closed"

    @rule(which=WHICH, ago=AGO, member=MEMBER)
    def reopens(self, which: int, ago: int, member: int) -> None:
        if one := self.step(which, ago, "reopen", self.members[member]):
            one.state, one.by = "open", member

    @rule(which=WHICH, ago=AGO)
    def blocks(self, which: int, ago: int) -> None:
        if one := self.step(which, ago, "block", self.now):
            one.blocked_until = self.now + questions.BLOCKED_FOR
            one.state = "closed" if one.state == "open" else one.state

    @rule(which=WHICH, ago=AGO)
    def lifts(self, which: int, ago: int) -> None:
        if one := self.step(which, ago, "lift"):
            one.blocked_until = None

    @rule(days=st.sampled_from([1, 29]))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    # What holds.

    @rule()
    def the_answer_that_stands_is_the_one_that_is_told(self) -> None:
        """Of all notices, also of those that were never sent, at most one says anything."""

        async def told() -> dict[int, list[str]]:
            texts: dict[int, list[str]] = {}
            async with self.sessions() as session:
                made = select(Notice).where(Notice.kind == Kind.ANSWER)
                for notice in list(await session.scalars(made)):
                    if screen := await question_notices.message(session, VAULT, notice, "en"):
                        texts.setdefault(notice.thing_id, []).append(str(screen.text))
            return texts

        found = self.run(told())
        for number, one in enumerate(self.asked, 1):
            texts = found.get(number, [])
            assert len(texts) == (one.state == "answered")
            assert all(text.endswith(f"\n\n{one.answer}") for text in texts)

    @rule()
    def all_is_as_in_the_model(self) -> None:
        async def seen() -> list[tuple[Any, ...]]:
            async with self.sessions() as session:
                found = []
                for number in range(1, len(self.asked) + 1):
                    it = await questions.opened(session, VAULT, number)
                    one, who = it.question, await session.get(Subscriber, it.question.subscriber_id)
                    assert who is not None
                    person = [VAULT.index(chat) for chat in PEOPLE].index(who.chat_index)
                    by = self.members.index(one.taken_by) if one.taken_by else None
                    found.append((person, one.state, one.version, by, it.answer, [it.text]))
                waiting = sum(one.state == "open" for one in self.asked)
                assert await questions.unanswered(session) == waiting
                return found

        assert self.run(seen()) == [
            (one.person, one.state, one.version, one.by, one.answer, one.said) for one in self.asked
        ]

    def teardown(self) -> None:
        try:
            self.all_is_as_in_the_model()
            self.the_answer_that_stands_is_the_one_that_is_told()
        finally:
            self.run(dispose(self.engine))
            self.runner.close()


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 40), ("postgresql", 8)])
def test_each_step_is_done_once_or_not_at_all(
    database: str, examples: int, databases: Databases, tmp_path: Any
) -> None:
    class Here(Desk):
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
