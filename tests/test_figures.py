"""Figures at the desk: what is counted, how it is said, how it is drawn; never who."""

import asyncio
import shutil
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.crowd import tell
from bot.db import Sessions, writing
from bot.delivery import scheduler
from bot.delivery.parcels import Outcome
from bot.delivery.settling import apply
from bot.migrate import migrate, run
from bot.services import audience as audiences
from bot.services import figures
from bot.services.audience import followers, how_many
from bot.services.figures import Told
from bot.services.members import keep_owners
from models import (
    PACES,
    Case,
    Delivery,
    FollowerFigure,
    Kind,
    Letter,
    Notice,
    Priority,
    State,
)
from sandbox import Person
from tests import test_audience as model
from tests.databases import Databases
from tests.delivery import Delivery as Telling
from tests.test_broadcasts import supporter
from tests.test_members import joined
from tests.town import NOW, VAULT, Town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
TODAY = date(2026, 11, 22)


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


async def looks(person: Person, *labels: str) -> None:
    await person.send("/desk")
    for label in labels:
        await person.press(label)


async def tidy(here: Town, **passed: float) -> None:
    here.clock.forward(**passed)
    await scheduler.tidy(here.app.sessions, here.clock)


async def kept(sessions: Sessions) -> list[tuple[int, date, int]]:
    columns = FollowerFigure.case_id, FollowerFigure.day, FollowerFigure.followers
    async with sessions() as session:
        return [tuple(row) for row in await session.execute(select(*columns).order_by(*columns))]


def is_picture(person: Person) -> bool:
    """A PNG as large as a small screen, and small as a file."""
    assert person.last.photo is not None
    drawn = person.last.photo.content
    size = [int.from_bytes(drawn[at : at + 4], "big") for at in (16, 20)]
    return drawn.startswith(b"\x89PNG") and size == [1000, 560] and len(drawn) < 100_000


# Followers: whoever would be told, each once.


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_followers_are_whom_the_audience_would_be(
    kind: str, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "sqlite":
        url = f"sqlite+aiosqlite:///{shutil.copy(databases.sqlite(), tmp_path / 'bot.db')}"
    else:
        url = databases.postgres()

    monkeypatch.setattr(audiences, "WINDOW", 2)

    async def one(crowd: list[model.One]) -> None:
        async with model.laboratory(url) as session:
            world = model.World()
            await model.build(session, world)
            await model.settle(session, crowd)
            counted = await followers(session, [1, 2], NOW)
            for case in (1, 2):
                told = model.notice(f"set:{case}", Kind.SET, "case", case)
                wanted = model.expected(world, crowd, "case", case, Kind.SET)
                assert counted[case] == len(wanted) == await how_many(session, told, NOW)
            assert await followers(session, [], NOW) == {}
            assert await followers(session, [2, 9], NOW) == {
                2: counted[2],
                9: sum(model.Subject.ALL in {what for what, _, muted in each.follows if not muted}
                       and bool(each.alerts & 1) and (each.silent or 0) <= 0 for each in crowd),
            }  # fmt: skip

    @given(model.PEOPLE)
    def holds(crowd: list[model.One]) -> None:
        asyncio.run(one(crowd))

    holds()


async def test_followers_and_how_that_changes(harbour: Town, owner: Person) -> None:
    await tidy(harbour)
    await looks(owner, "Figures", "Followers")
    owner.sees("The port strike case\n0\n\nHow that changes is seen after a week.")
    anna = await supporter(harbour)
    await anna.press_data("fcase:1:1")
    await supporter(harbour, "Boris")
    await owner.press_data("figof:followers:0:0")
    owner.sees("The port strike case\n2\n")
    for _day in range(7):
        await tidy(harbour, days=1)
    await owner.press_data("figof:followers:0:0")
    owner.sees("The port strike case\n2, +2 in a week")
    owner.sees_not("in a month")
    await supporter(harbour, "Vera")
    for _day in range(23):
        await tidy(harbour, days=1)
    await anna.send("/forget")
    await anna.press("Yes, delete it")
    lena = await joined(harbour, owner, language="ru")
    await looks(lena, "📊 Цифры", "🔔 Подписчики")
    lena.sees("Дело о портовой забастовке\n2, −1 за неделю, +2 за месяц")
    screen = lena.last
    await lena.press("🖼 Картинкой")
    assert is_picture(lena)
    lena.sees("Подписчики каждого дела\n")
    await lena.press("‹ Цифры", message=screen)
    await lena.press("‹ Штаб")
    assert any("Ваша роль" in one.text and one.message_id == screen.message_id
               for one in lena.messages)  # fmt: skip
    assert harbour.telegram.violations == []


async def test_counted_once_a_day_whoever_looks_again(
    harbour: Town, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tidy(harbour)
    await supporter(harbour)
    for _again in range(3):
        await tidy(harbour, hours=1)
    assert await kept(harbour.app.sessions) == [(1, TODAY, 0)]
    harbour.clock.forward(days=1)
    count, moment = figures.followers, harbour.clock.now()

    async def slowly(session: AsyncSession, *what: Any) -> dict[int, int]:
        """Somebody else is quicker."""
        monkeypatch.setattr(figures, "followers", count)
        counted = await count(session, *what)
        async with harbour.app.sessions() as other:
            await figures.keep_followers(other, moment)
        return {case: people + 5 for case, people in counted.items()}

    monkeypatch.setattr(figures, "followers", slowly)
    async with harbour.app.sessions() as session:
        await figures.keep_followers(session, moment)
    tomorrow = TODAY + timedelta(days=1)
    assert await kept(harbour.app.sessions) == [(1, TODAY, 0), (1, tomorrow, 1)]


async def test_very_many_are_not_counted_while_somebody_waits(
    harbour: Town, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await supporter(harbour)
    await tidy(harbour, days=1)
    await supporter(harbour, "Boris")
    for few, people in ((1, 2), (0, 1)):
        monkeypatch.setattr(figures, "FEW", few)
        await looks(owner, "Figures", "Followers")
        owner.sees(f"The port strike case\n{people}\n")
    harbour.clock.forward(days=1)  # and nobody has counted yet
    await looks(owner, "Figures", "Followers")
    owner.sees("The port strike case\n2\n")


async def test_days_are_the_organisers(harbour: Town, owner: Person) -> None:
    """Midnight in Moscow is at nine in the evening in London."""
    harbour.clock.moment = NOW.replace(hour=20, minute=59)
    await tidy(harbour)
    await tidy(harbour, minutes=2)
    days = [day for _case, day, _n in await kept(harbour.app.sessions)]
    assert days == [TODAY, TODAY + timedelta(days=1)]


async def test_figures_go_with_their_case_and_after_three_years(
    harbour: Town, owner: Person
) -> None:
    await tidy(harbour)
    await tidy(harbour, days=3 * 365 + 1)
    assert [row[1] for row in await kept(harbour.app.sessions)] == [TODAY + timedelta(days=1096)]
    async with harbour.app.sessions() as session, writing(session):
        new = Case(slug="gone", title={"en": "x"}, stage="trial", version=1)
        session.add(new)
        await session.flush()
        session.add(FollowerFigure(case_id=new.id, day=TODAY, followers=3))
    assert len(await kept(harbour.app.sessions)) == 2
    async with harbour.app.sessions() as session, writing(session):
        await session.execute(delete(Case).where(Case.slug == "gone"))
    assert len(await kept(harbour.app.sessions)) == 1


async def test_two_hundred_cases_in_pages(harbour: Town, owner: Person) -> None:
    async with harbour.app.sessions() as session, writing(session):
        cases = [
            Case(slug=f"c{n}", title={"en": f"Case {n} <b>" + "x" * 300}, stage="trial", version=1)
            for n in range(200)
        ]
        session.add_all(cases)
        await session.flush()
        session.add_all(
            FollowerFigure(case_id=one.id, day=TODAY - timedelta(days=ago), followers=n)
            for n, one in enumerate(cases)
            for ago in range(40)
        )
    await looks(owner, "Figures", "Followers")
    owner.sees("Case 199 <b>")
    assert "1/34 ›" in owner.last.labels
    await owner.press_data("figof:followers:99999:0")
    owner.sees("The port strike case")
    await owner.press("‹ 34/34")
    screen = owner.last
    await owner.press("As a picture")
    assert is_picture(owner)
    owner.sees("Followers of each case, 33/34\n")
    await owner.press("‹ 33/34", message=screen)
    for data in ("figof:followers:1000000000:0", "figof:nobody:0:0", "figpic:-1:0", "figof::0:0"):
        await owner.press_data(data)
        owner.sees("This button is out of date")
    assert harbour.telegram.violations == []


# Letters.


async def test_letters_who_gets_the_fewest_first(harbour: Town, owner: Person) -> None:
    await looks(owner, "Figures", "Letters")
    owner.sees("No letters were counted yet.\n\n💌 1001 and one letter: 0 of 1,002")
    assert "🖼 As a picture" not in owner.last.labels
    await owner.press_data("figpic:letters:0:0")
    owner.sees("This button is out of date")
    await letters(harbour, {TODAY: 1, TODAY - timedelta(days=30): 2}, None)
    await owner.press_data("figof:letters:0:0")
    owner.sees("In 30 days: 1. In all: 3.")
    owner.sees("⚠️ Ivan Lodkin\nno letter yet")
    await letters(harbour, {TODAY - timedelta(days=30): 2, TODAY - timedelta(days=40): 1}, 1)
    await owner.press_data("figof:letters:0:0")
    owner.sees("⚠️ Ivan Lodkin\n0 in 30 days, 3 in all, the last one 23 October 2026")
    await letters(harbour, {TODAY - timedelta(days=29): 4}, 1)
    lena = await joined(harbour, owner, language="ru")
    await looks(lena, "📊 Цифры", "✉️ Письма")
    lena.sees("За 30 дней: 5. Всего: 10.")
    lena.sees("Иван Лодкин\n4 за 30 дней, всего 7, последнее 24 октября 2026")
    lena.sees_not("⚠️")
    lena.sees_not("Ветрова")  # is at liberty
    await lena.press("🖼 Картинкой")
    assert is_picture(lena)
    assert harbour.telegram.violations == []


async def test_a_picture_says_which_part_it_is(harbour: Town, owner: Person) -> None:
    new = ", ".join(
        f"{{slug: p-{n}, name: {{en: P {n}, ru: П {n}}}, status: pre_trial_detention}}"
        for n in range(7)
    )
    await harbour.take_in(f"cases: [{{slug: port-strike, defendants: [{new}]}}]".encode())
    await letters(harbour, {TODAY: 1}, 1)
    await looks(owner, "Figures", "Letters")
    await owner.press("As a picture")
    owner.sees("Letters in the last 30 days, 1/2\n")


async def letters(here: Town, days: dict[date, int], person: int | None) -> None:
    async with here.app.sessions() as session, writing(session):
        first = len((await session.scalars(select(Letter.id))).all()) + 1
        each = [day for day, n in days.items() for _ in range(n)]
        session.add_all(
            Letter(id=first + n, defendant_id=person, day=day, electronic=False)
            for n, day in enumerate(each)
        )


# Who comes.


SECOND = b"""hearings: [{slug: second, case: port-strike, court: kamensk-city,
  starts_at: 2026-12-12 10:00}]"""


async def test_who_comes_those_with_nobody_first(harbour: Town, owner: Person) -> None:
    anna = await supporter(harbour)
    await anna.press_data("come:1:0:0:0:0:0:1")
    await harbour.take_in(SECOND)
    await looks(owner, "Figures", "Who comes")
    owner.sees(
        "12.12 10:00 · The port strike case\n⚠️ nobody · followers: 1\n\n"
        "25.11 10:00 · The port strike case\n🙋 1 · followers: 1"
    )
    await owner.press("As a picture")
    assert is_picture(owner)
    owner.sees("Who comes to hearings: “I will come” / followers")
    await owner.press_data("figof:attendance:0:1")
    owner.sees("No hearings of the last 30 days.")
    harbour.clock.forward(days=4)
    lena = await joined(harbour, owner, language="ru")
    await looks(lena, "📊 Цифры", "🙋 Кто придёт", "🕘 Прошедшие")
    lena.sees("Кто собирался прийти")
    lena.sees("Сначала заседания, на которые никто не собирался.")
    lena.sees("25.11 10:00 · Дело о портовой забастовке\n🙋 1 · подписчиков: 1")
    await lena.press("🗓 Предстоящие")
    lena.sees("12.12 10:00 · Дело о портовой забастовке\n⚠️ никто")
    await harbour.take_in(b"hearings: [{slug: second, status: cancelled}]")
    await looks(lena, "📊 Цифры", "🙋 Кто придёт")
    lena.sees("Заседаний пока нет.")
    await lena.press_data("figpic:attendance:0:0")
    lena.sees("Эта кнопка устарела")
    assert harbour.telegram.violations == []


# Delivery.


@given(st.lists(st.one_of(st.integers(0, 50_000), st.sampled_from(PACES))), st.integers(1, 100))
def test_a_pace_is_the_shortest_within_which_so_many_came(seconds: list[int], percent: int) -> None:
    within = tuple(sum(one <= pace for one in seconds) for pace in PACES)
    found = Told(sent=len(seconds), within=within).pace(percent)
    if seconds:
        # That one and all quicker ones are at least so many of a hundred.
        slowest = sorted(seconds)[-(-len(seconds) * percent // 100) - 1]
        assert found == next((pace for pace in PACES if slowest <= pace), None)


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), max_size=5))
def test_what_came_of_all_is_the_sum(each: list[list[int]]) -> None:
    whole = sum((Told(*one, within=(one[0],) * len(PACES)) for one in each), Told())
    sums = [sum(one[n] for one in each) for n in range(4)]
    assert [whole.sent, whole.blocked, whole.failed, whole.dropped] == sums
    assert whole.within == (sums[0],) * len(PACES)


WAYS = st.sampled_from([State.SENT, State.BLOCKED, State.FAILED, State.DROPPED, State.READY])
TOOK = st.one_of(st.integers(0, 50_000), st.sampled_from(PACES)).map(lambda one: one - 0.5)
FATES = st.lists(st.tuples(st.integers(0, 2), WAYS, TOOK), max_size=12)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_is_settled_is_counted_once_and_by_how_long_it_took(
    kind: str, databases: Databases, tmp_path: Path
) -> None:
    """Against a plain model; each is settled twice, as by two who both held it."""
    if kind == "sqlite":
        url = f"sqlite+aiosqlite:///{shutil.copy(databases.sqlite(), tmp_path / 'bot.db')}"
    else:
        url = databases.postgres()

    async def one(fates: list[tuple[int, State, float]]) -> None:
        async with model.laboratory(url) as session:
            about = {"kind": Kind.NEWS, "subject": "case", "thing_id": 1}
            priorities = Priority.URGENT, Priority.REMINDER, Priority.BULK
            notices = [
                Notice(key=f"{n}", **about, priority=first, due_at=NOW - timedelta(days=n))
                for n, first in enumerate(priorities)
            ]
            session.add_all(notices)
            await session.flush()
            rows = [Delivery(notice_id=notices[n].id, subscriber_id=number, priority=0)
                    for number, (n, _, _) in enumerate(fates)]  # fmt: skip
            session.add_all(rows)
            await session.flush()
            for row, (n, state, seconds) in zip(rows, fates, strict=True):
                at = notices[n].due_at + timedelta(seconds=seconds)
                for _again in range(2):
                    await apply(session, [Outcome((row.id,), state)], at)
            session.expire_all()
            for n, notice in enumerate(notices):
                await session.refresh(notice)
                took = [s for which, state, s in fates if (which, state) == (n, State.SENT)]
                found = [getattr(notice, f"within_{pace}") for pace in PACES]
                assert notice.sent == len(took)
                assert found == [sum(s <= pace for s in took) for pace in PACES]

    @given(FATES)
    def holds(fates: list[tuple[int, State, float]]) -> None:
        asyncio.run(one(fates))

    holds()


async def test_how_soon_and_what_was_lost(delivery: Telling, harbour: Town, owner: Person) -> None:
    await looks(owner, "Figures", "Delivery")
    owner.sees("Nothing was sent in the last 30 days.\n\nNothing is waiting now.")
    assert "🖼 As a picture" not in owner.last.labels
    await owner.press_data("figpic:delivery:0:0")
    owner.sees("This button is out of date")
    anna = await supporter(harbour)
    await delivery.rests(harbour)
    await harbour.take_in(b"hearings: [{slug: port-strike-1, room: '7'}]")
    await delivery.settles(harbour)
    anna.sees("Another room")
    await looks(owner, "Figures", "Delivery")
    owner.sees("✅ Arrived: 1\n❌ Failed: 0\n\nNothing is waiting now.")
    owner.sees("🔴 Urgent: nearly all within 3\u00a0sec")
    owner.sees("• Moved, another room, 22 November 2026")
    harbour.clock.forward(days=31)
    await owner.press_data("figof:delivery:0:0")
    owner.sees("Nothing was sent in the last 30 days.")
    assert harbour.telegram.violations == []


async def test_each_kind_of_message_by_itself(harbour: Town, owner: Person) -> None:
    sessions, within = harbour.app.sessions, {f"within_{pace}": 0 for pace in PACES}
    quick = within | dict.fromkeys(within, 9)
    hours = within | {"within_10800": 200_000, "within_43200": 300_000}
    ago = NOW - timedelta(days=2)
    await tell(sessions, ago, priority=Priority.URGENT, sent=10, expanded_at=NOW, **quick)
    slow = {"kind": Kind.BROADCAST, "subject": "broadcast", "sent": 300_000}
    lost = {"failed": 1, "blocked": 12}
    await tell(sessions, ago, expanded_at=NOW, **slow, **lost, **hours)
    mending = {"kind": Kind.CORRECTION, "subject": "broadcast", "sent": 7}
    await tell(sessions, ago, expanded_at=NOW, **mending)
    number = await tell(sessions, ago, priority=Priority.REMINDER, expanded_at=NOW, dropped=1200)
    async with sessions() as session, writing(session):
        later = NOW + timedelta(hours=1)
        states = {State.LEASED: 4, State.WAITING: 2, State.HELD: 1500}
        each = [state for state, n in states.items() for _ in range(n)]
        session.add_all(
            Delivery(notice_id=number, subscriber_id=n, state=state, priority=2, not_before=later)
            for n, state in enumerate(each)
        )
    await looks(owner, "Figures", "Delivery")
    owner.sees(
        "✅ Arrived: 300,010\n❌ Failed: 1\n🚫 The bot is blocked: 12\n"
        "🗑 No longer wanted, or too late: 1,200"
    )
    owner.sees("📤 Going out now: 4\n🌙 Waiting for their hour: 2\n⏸ Paused: 1,500")
    owner.sees(
        "🔴 Urgent: half within 3~sec, nearly all in more than 12~hr\n"
        "📣 Broadcasts: half within 3~hr, nearly all within 12~hr".replace("~", "\u00a0")
    )
    owner.sees_not("News and reminders")
    owner.sees("• Broadcast, 20 November 2026, ")
    owner.sees("300,000 messages, nearly all within 12\u00a0hr")
    screen = owner.last
    await owner.press("As a picture")
    assert is_picture(owner)
    assert "Messages in the last 30 days" in screen.text
    lena = await joined(harbour, owner, language="ru")
    await looks(lena, "📊 Цифры", "📨 Доставка")
    lena.sees("✅ Дошло: 300\u00a0010")
    lena.sees("300\u00a0000 сообщений, почти все за 12\u00a0ч")
    await lena.press("🖼 Картинкой")
    assert is_picture(lena)


async def test_what_was_sent_before_there_were_figures_is_counted(harbour: Town) -> None:
    took = [1, 20, 50_000]
    async with harbour.app.sessions() as session, writing(session):
        about = {"kind": Kind.NEWS, "subject": "case", "thing_id": 1, "priority": 1, "due_at": NOW}
        session.add(notice := Notice(key="old", **about, sent=3))
        await session.flush()
        session.add_all(
            Delivery(notice_id=notice.id, subscriber_id=n, priority=1, state=State.SENT,
                     sent_at=NOW + timedelta(seconds=seconds))
            for n, seconds in enumerate(took)
        )  # fmt: skip
    await run(harbour.app.engine, partial(command.downgrade, revision="0018"))
    await migrate(harbour.app.engine)
    async with harbour.app.sessions() as session:
        [old] = await session.scalars(select(Notice).where(Notice.key == "old"))
    found = [getattr(old, f"within_{pace}") for pace in PACES]
    assert found == [sum(seconds <= pace for seconds in took) for pace in PACES]


# Who may look.


@pytest.mark.parametrize("role", ["Editor", "Coordinator"])
async def test_everybody_of_the_desk_looks(harbour: Town, owner: Person, role: str) -> None:
    lena = await joined(harbour, owner, role=role)
    await looks(lena, "Figures")
    lena.sees("Numbers only: who they are is shown to nobody.")
    assert lena.last.labels[:4] == ["🔔 Followers", "✉️ Letters", "🙋 Who comes", "📨 Delivery"]


FORGED = ["allfig", *(f"{kind}:{of}:0:{past}" for kind in ("figof", "figpic") for past in (0, 1)
                      for of in ("followers", "letters", "attendance", "delivery"))]  # fmt: skip


async def test_nobody_else_sees_any_of_it(harbour: Town, owner: Person) -> None:
    lena, mole = await joined(harbour, owner, term="30 days"), harbour.person("Mole")
    await lena.send("/desk")
    await mole.send("/help")
    harbour.clock.forward(days=31)
    for person in (lena, mole):
        for data in FORGED:
            await person.press_data(data)
            person.sees("This button is out of date")
            assert person.last.photo is None
    group = harbour.telegram.group("Friends", members=[owner])
    await owner.send("/help@solidarity_bot", chat=group)
    await owner.press_data("figof:followers:0:0", chat=group)
    group.sees_not("Followers of each case")


NO_CASE = b"""
donation_routes: [{slug: lodkin-card-ru, remove: true}, {slug: lodkin-abroad, remove: true}]
fundraisers: [{slug: lodkin-lawyer, remove: true}]
events: [{slug: letters-in-may, remove: true}]
hearings: [{slug: port-strike-1, remove: true}]
cases:
  - slug: port-strike
    remove: true
    defendants: [{slug: ivan-lodkin, remove: true}, {slug: marta-vetrova, remove: true}]
"""


async def test_keepers_of_an_empty_bot_see_empty_rooms(harbour: Town, owner: Person) -> None:
    await tidy(harbour)
    await harbour.take_in(NO_CASE)
    for of, told in (("followers", "No cases are known."), ("attendance", "No hearings are known")):
        await owner.press_data(f"figof:{of}:0:0")
        owner.sees(told)
        assert "🖼 As a picture" not in owner.last.labels
        await owner.press_data(f"figpic:{of}:0:0")
        owner.sees("This button is out of date")
    await tidy(harbour)
    assert await kept(harbour.app.sessions) == []


async def test_a_role_that_ended_meanwhile(harbour: Town, owner: Person) -> None:
    await looks(owner, "Figures", "Followers")
    async with harbour.app.sessions() as session:
        await keep_owners(session, VAULT, (), harbour.clock.now())
    await owner.press("As a picture")
    owner.sees("This button is out of date")
