"""What is kept is kept as long as README says, and then it goes by itself."""

import asyncio
import os
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from structlog.testing import capture_logs

from benchmarks.crowd import tell
from bot.clock import SharedClock
from bot.db import Sessions, writing
from bot.delivery import retention
from bot.delivery.retention import KEPT, Nights
from bot.delivery.scheduler import tidy
from bot.i18n import speaking
from bot.services import calendar, follows, members, subscribers
from bot.services.follows import EVERYTHING
from bot.services.retention import What
from bot.views import console
from models import (
    Base,
    Delivery,
    Dialog,
    HandledUpdate,
    Invitation,
    Member,
    Proposal,
    Question,
    Role,
    State,
    Subscriber,
)
from tests.test_command_line import bot
from tests.town import KEY, NOW, VAULT, TownClock

ROOT = Path(__file__).parent.parent
YEAR = timedelta(days=365)
ANNA, GROUP = 1001, -100_1


LONG_AGO = YEAR + timedelta(days=2)


async def follower(
    sessions: Sessions, chat: int, seen: timedelta = LONG_AGO, follows_all: bool = True
) -> int:
    """Who was here last so long ago."""
    then = NOW - seen
    async with sessions() as session:
        person = (await subscribers.find(session, VAULT, chat, then)).subscriber
        if follows_all:
            await follows.follow(session, VAULT, person, chat, EVERYTHING, then)
        else:
            await subscribers.remember(session, VAULT, person, chat, language="ru")
        assert person.id is not None
        return person.id


async def everything(sessions: Sessions, now: Any = NOW) -> dict[What, int]:
    async with sessions() as session:
        return dict(await retention.everything(session, VAULT, now))


async def rows(sessions: Sessions) -> dict[str, int]:
    """By table, of those that have any."""
    async with sessions() as session:
        numbers = {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
    return {name: number for name, number in numbers.items() if number}


# Those who are idle.


async def test_who_was_not_here_for_a_year_is_gone_as_if_they_had_said_forget(
    sessions: Sessions,
) -> None:
    """Row by row; and nothing is made to tell them."""
    left = []
    for chat, forgets in ((ANNA, True), (ANNA + 1, False)):
        number = await follower(sessions, chat)
        await busy(sessions, chat, number)
        if forgets:
            async with sessions() as session:
                person = (await subscribers.find(session, VAULT, chat, NOW)).subscriber
                await subscribers.forget(session, person, NOW)
        else:
            assert await everything(sessions) == {What.IDLE: 1}
        left.append(await rows(sessions))
    assert left[0].keys() == left[1].keys()
    assert left[1]["notices"] == left[0]["notices"] + 1
    assert not {"subscribers", "follows", "deliveries", "questions", "calendar_feeds"} & {*left[1]}


async def busy(sessions: Sessions, chat: int, number: int) -> None:
    notice = await tell(sessions, NOW)
    then = NOW - timedelta(days=1)
    async with sessions() as session, writing(session):
        session.add(Delivery(notice_id=notice, subscriber_id=number, state=State.READY, priority=0))
        session.add(
            Question(
                subscriber_id=number, subject=None, thing_id=0, language="en",
                text_sealed=VAULT.seal_text("When?", "questions.text_sealed"), asked_at=then,
            )
        )  # fmt: skip
    async with sessions() as session:
        person = (await subscribers.find(session, VAULT, chat, NOW)).subscriber
        await calendar.make_address(session, VAULT, person, chat, NOW)


async def test_whoever_was_here_within_a_year_stays(sessions: Sessions) -> None:
    await follower(sessions, ANNA, YEAR - timedelta(days=1))
    assert await everything(sessions) == {}
    assert await everything(sessions, NOW + timedelta(days=2)) == {What.IDLE: 1}


async def test_those_who_keep_the_facts_stay_as_long_as_their_role_lasts(
    sessions: Sessions,
) -> None:
    owner, editor = await follower(sessions, ANNA), await follower(sessions, ANNA + 1)
    async with sessions() as session:
        await members.keep_owners(session, VAULT, (ANNA,), NOW - YEAR)
    async with sessions() as session, writing(session):
        until = NOW + timedelta(days=1)
        session.add(
            Member(subscriber_id=editor, role=Role.EDITOR, joined_at=NOW - YEAR, ends_at=until)
        )
    assert await everything(sessions) == {}
    first = await everything(sessions, NOW + timedelta(days=2))
    assert first == {What.ROLES: 1}
    assert await everything(sessions, NOW + timedelta(days=3)) == {What.IDLE: 1}
    async with sessions() as session:
        assert list(await session.scalars(select(Subscriber.id))) == [owner]


async def test_a_group_that_follows_is_told_on_though_nobody_writes_there(
    sessions: Sessions,
) -> None:
    """All who read it would lose it; one that follows nothing any more goes as people do."""
    group = await follower(sessions, GROUP)
    await follower(sessions, GROUP - 1, follows_all=False)
    for gone in (1, None):
        assert (await everything(sessions)).get(What.IDLE) == gone
        async with sessions() as session:
            assert list(await session.scalars(select(Subscriber.id))) == [group]


async def test_more_than_go_at_once_go_all(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribers, "SOME", 2)
    for chat in range(ANNA, ANNA + 5):
        await follower(sessions, chat)
    for chat in range(GROUP, GROUP - 5, -1):
        await follower(sessions, chat)
    assert await everything(sessions) == {What.IDLE: 5}
    assert (await rows(sessions))["subscribers"] == 5


async def test_the_sender_looks_for_them_once_a_day(sessions: Sessions) -> None:
    heard = Counter[str]()
    clock, nights = TownClock(), Nights(VAULT, lambda what, number: heard.update({what: number}))
    await tidy(sessions, clock, nights)
    await follower(sessions, ANNA)
    await aged(sessions)
    await tidy(sessions, clock, nights)
    assert (await rows(sessions))["subscribers"] == 1
    clock.forward(days=1)
    with capture_logs() as told:
        await tidy(sessions, clock, nights)
        await tidy(sessions, clock, nights)
    assert "subscribers" not in await rows(sessions)
    assert told == [
        {"event": "forgotten since the last night", "log_level": "info", "idle": 1, "updates": 3}
    ]
    assert heard == {"idle": 1, "updates": 3}


async def aged(sessions: Sessions) -> None:
    async with sessions() as session, writing(session):
        old = NOW - timedelta(days=3)
        session.add_all(HandledUpdate(update_id=one, handled_at=old) for one in range(3))


# All other things.


async def filled(session: AsyncSession, then: Any) -> None:
    """What came to its end then."""
    number = await session.scalar(select(Subscriber.id))
    session.add_all(
        [
            HandledUpdate(update_id=1, handled_at=then),
            Question(
                subscriber_id=number, subject=None, thing_id=0, language="en", text_sealed=b"-",
                asked_at=then, settled_at=then, state="answered",
            ),
            Proposal(
                author_id=number, role=Role.OWNER, via="chat", what="facts", at=then,
                expires_at=then, state="accepted", settled_at=then, counts=[], told="accepted",
            ),
            Dialog(key="fsm:a:b:", sealed=b"-", at=then),
            Invitation(
                secret_index=b"-", role=Role.EDITOR, called_sealed=b"-", expires_at=then,
            ),
            Member(
                subscriber_id=number, role=Role.EDITOR, joined_at=then, ends_at=then,
            ),
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("what", "table"),
    [
        (What.UPDATES, HandledUpdate),
        (What.QUESTIONS, Question),
        (What.PROPOSALS, Proposal),
        (What.TYPED, Dialog),
        (What.INVITATIONS, Invitation),
        (What.ROLES, Member),
    ],
)
async def test_each_thing_goes_when_its_time_is_over(
    sessions: Sessions, what: What, table: type[Base]
) -> None:
    await follower(sessions, ANNA, timedelta(0))
    async with sessions() as session, writing(session):
        await filled(session, NOW)
    slack = timedelta(hours=1, seconds=1)  # updates are cleaned once an hour
    just_before = (await everything(sessions, NOW + KEPT[what] - timedelta(seconds=1))).get(what)
    assert just_before is None
    assert (await everything(sessions, NOW + KEPT[what] + slack))[what] == 1
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(table)) == 0


def test_readme_says_how_long_each_thing_is_kept() -> None:
    section = (ROOT / "README.md").read_text().split("## What is kept about people")[1]
    told = re.findall(r"^\| [^|]+ \| ([^|]+) \|$", section.split("\n## ")[0], re.M)
    assert [one for one in told if one != "for how long"] == [span(KEPT[what]) for what in What]


def span(kept: timedelta) -> str:
    if kept == timedelta(0):
        return "until it ends"
    if kept < timedelta(days=2):
        return f"{int(kept / timedelta(hours=1))} hours"
    years, rest = divmod(kept.days, 365)
    return f"{years} year{'s' * (years > 1)}" if years and not rest else f"{kept.days} days"


# By hand.


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_forgetting_by_hand_says_how_much_and_of_whom_nothing(
    engine: AsyncEngine, sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    await follower(sessions, ANNA, timedelta(days=800))
    await follower(sessions, ANNA + 1, timedelta(days=800))
    await aged(sessions)
    env = dict(os.environ) | {"DATABASE_URL": database_url, "DATA_KEY": KEY, "LC_ALL": ""}
    words = "forget-old", "--yes"
    done = await asyncio.to_thread(bot, *words, env=env | {"LANG": "en_GB.UTF-8"}, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Not here for a year: 2 chats\n3 numbers of updates\n"
    again = await asyncio.to_thread(bot, *words, env=env | {"LANG": "ru_RU.UTF-8"}, cwd=tmp_path)
    assert again.stdout == "Ничего настолько старого, что пора забыть, нет.\n"
    assert "subscribers" not in await rows(sessions)


async def test_by_a_clock_a_year_ahead_nobody_is_forgotten_by_hand(
    sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    """Unless it is said that the clock is right."""
    for chat in (ANNA, ANNA + 1):
        await follower(sessions, chat, timedelta(0))
    ahead = timedelta(days=20 * 365)  # of the real one, whatever that is
    SharedClock(file := tmp_path / "clock").ahead = ahead.total_seconds()
    own = {"DATABASE_URL": database_url, "DATA_KEY": KEY, "LC_ALL": "", "LANG": "en_GB.UTF-8"}
    env = dict(os.environ) | own | {"CLOCK_FILE": str(file)}
    done = await asyncio.to_thread(bot, "forget-old", env=env, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"By this machine's clock it is 20\d\d-.* say --yes\.\n", done.stderr)
    assert (await rows(sessions))["subscribers"] == 2
    done = await asyncio.to_thread(bot, "forget-old", "--yes", env=env, cwd=tmp_path)
    assert done.stdout.startswith("Not here for a year: 2 chats\n")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_kind_has_words_for_any_number(language: str) -> None:
    with speaking(language):
        for what in What:
            told = [console.counted(what, number) for number in (1, 2, 5, 21)]
            assert len({*told}) == 4
            assert [re.findall(r"\d+", text) for text in told] == [["1"], ["2"], ["5"], ["21"]]
        order = console.forgotten(Counter({What.FIGURES: 1, What.IDLE: 1, What.SEATS: 0}))
    assert len(order.splitlines()) == 2
