"""What becomes of a broadcast on its way: whom it reaches, and that every copy can be mended."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from markupsafe import Markup
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.crowd import tell
from bot.clock import Clock
from bot.db import Sessions, writing
from bot.delivery import broadcasts as deliveries
from bot.delivery import sender as engine_room
from bot.delivery import settling, waiting
from bot.delivery.rendering import message
from bot.delivery.sender import Sender
from bot.screen import Screen
from bot.services import broadcasts, mending
from bot.services.broadcasts import Card, Standing, Target, Version
from bot.services.members import Actor
from models import Delivery, Hold, Notice, Priority, Role, State, Subscriber, To
from sandbox import Limits, Person, Sandbox
from tests import IN_CI
from tests.test_sender import crowd, open_again, sender, until
from tests.town import NOW, TOKEN, TownClock

pytestmark = pytest.mark.either_database


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_room, "UPKEEP", 0.0)
    monkeypatch.setattr(engine_room, "TICK", 0.02)


@pytest.fixture
async def telegram(clock: TownClock) -> AsyncIterator[Sandbox]:
    async with Sandbox(token=TOKEN, limits=Limits.off(), now=clock.now) as sandbox:
        yield sandbox


@pytest.fixture
def clock() -> TownClock:
    return TownClock()


async def written(
    sessions: Sessions, text: str, *media: tuple[str, str], at: Any = NOW, urgent: bool = False
) -> int:
    """And sent to everybody; its number."""
    async with sessions() as session:
        author = await session.scalar(select(func.min(Subscriber.id))) or 0
        by = Actor(author, Role.COORDINATOR)
        number = await broadcasts.begin(session, by, Target(To.ALL), NOW)
        version = Version(text, media)
        await broadcasts.write(session, number, "en", None, version)
        await broadcasts.send(session, (number, 1), by, at, urgent=urgent)
    return number


async def tick(sessions: Sessions, clock: TownClock) -> list[Notice]:
    async with sessions() as session:
        return await deliveries.due(session, clock.now())


async def card(sessions: Sessions, number: int, clock: TownClock) -> Card:
    async with sessions() as session:
        return await broadcasts.card(session, number, clock.now())


async def over(one: Sender, clock: TownClock, sessions: Sessions, number: int) -> Card:
    """As if whatever is waited for took no time."""

    async def is_over() -> bool:
        open_again(one)
        clock.forward(seconds=1)
        await tick(sessions, clock)
        known = await card(sessions, number, clock)
        return known.counted.is_over and not known.is_mending

    await until(is_over)
    return await card(sessions, number, clock)


async def corrected(
    sessions: Sessions, number: int, clock: TownClock, text: str, *media: tuple[str, str]
) -> None:
    async with sessions() as session:
        one = await broadcasts.broadcast(session, number)
        version = Version(text, media)
        await mending.correct(session, (number, one.edition), "en", version, clock.now())


async def recalled(sessions: Sessions, number: int, clock: TownClock) -> None:
    async with sessions() as session:
        one = await broadcasts.broadcast(session, number)
        await mending.recall(session, (number, one.edition), clock.now())


def own(person: Person) -> list[str]:
    """First lines of what the bot has in their chat."""
    return [one.text.split("\n")[0] for one in person.messages if one.from_bot]


def with_faults(telegram: Sandbox, method: str) -> None:
    """Of the calls of this method."""
    telegram.faults.too_many_requests(2, times=20, every=9, method=method)
    telegram.faults.server_error(502, times=20, every=7, method=method)
    telegram.faults.cut_before(times=10, every=11, method=method)
    telegram.faults.cut_after(times=10, every=13, method=method)


def wipe(telegram: Sandbox, person: Person) -> None:
    """They deleted what the bot wrote."""
    for one in person.messages:
        telegram.world.remove(person.chat, one.message_id)


async def is_mended_through_faults(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock, people: int
) -> None:
    those = await crowd(sessions, telegram, people)
    number = await written(sessions, "Wrong")
    gone, blocked, *rest = those
    async with sender(engine, sessions, telegram, clock, render=message, rate=3000) as one:
        assert (await over(one, clock, sessions, number)).counted.sent == people
        wipe(telegram, gone)
        blocked.user.blocked = True
        with_faults(telegram, "editMessageText")
        await corrected(sessions, number, clock, "Right")
        known = await over(one, clock, sessions, number)
        assert known.mended is not None
        assert (known.mended.sent, known.unreached) == (people - 2, 2)
        assert all(own(person) == ["Right"] for person in rest)
        assert (own(gone), own(blocked)) == ([], ["Wrong"])
        telegram.faults.clear()
        with_faults(telegram, "deleteMessages")
        await recalled(sessions, number, clock)
        known = await over(one, clock, sessions, number)
    assert known.mended is not None
    assert (known.mended.sent, known.unreached) == (people - 1, 1)
    assert known.standing is Standing.RECALLED
    assert not any(own(person) for person in (gone, *rest))
    assert own(blocked) == ["Wrong"]
    assert telegram.violations == []


COPIES = [500, 5000] if IN_CI else [500]
"""The more take ten seconds, which CI has."""


@pytest.mark.parametrize("people", COPIES)
async def test_every_copy_is_corrected_and_recalled_through_faults(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock, people: int
) -> None:
    await is_mended_through_faults(engine, sessions, telegram, clock, people)


# While it goes out.


async def is_so(what: bool) -> bool:
    return what


def texts(telegram: Sandbox) -> int:
    return len(telegram.calls.of("sendMessage"))


async def has_sent(telegram: Sandbox, number: int) -> bool:
    return texts(telegram) > number


async def begun(sessions: Sessions, clock: TownClock, text: str = "Wrong") -> int:
    number = await written(sessions, text)
    await tick(sessions, clock)
    return number


async def test_pause_resume_and_stop(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 600)
    number = await begun(sessions, clock)
    async with sender(engine, sessions, telegram, clock, render=message, rate=60) as one:
        await until(lambda: is_so(texts(telegram) > 10))
        async with sessions() as session:
            await broadcasts.pause(session, number)
        await until(lambda: none_is_open(sessions))
        known = await card(sessions, number, clock)
        assert known.standing is Standing.PAUSED
        assert 10 < known.counted.sent < 300
        before = texts(telegram)
        alert = await tell(sessions, NOW, priority=Priority.URGENT, kind="news")
        await until(lambda: is_expanded(sessions, alert))
        assert texts(telegram) == before
        async with sessions() as session:
            await broadcasts.resume(session, number)
        await until(lambda: is_so(texts(telegram) > before + 10))
        async with sessions() as session:
            await broadcasts.pause(session, number)
        await until(lambda: none_is_open(sessions))
        async with sessions() as session:
            await broadcasts.stop(session, number, clock.now())
        known = await over(one, clock, sessions, number)
    assert known.standing is Standing.STOPPED
    assert known.counted.sent == sum(own(person) == ["Wrong"] for person in those) < 600
    assert known.counted.sent + known.counted.dropped == 600


async def none_is_open(sessions: Sessions) -> bool:
    async with sessions() as session:
        open = Delivery.state.in_((State.READY, State.LEASED, State.WAITING))
        return not await session.scalar(select(func.count()).select_from(Delivery).where(open))


async def is_expanded(sessions: Sessions, notice: int) -> bool:
    async with sessions() as session:
        return (await session.get_one(Notice, notice)).expanded_at is not None


async def test_whoever_resumes_loses_nobody(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Held and let go a few at a time."""
    for module in (settling, waiting):
        monkeypatch.setattr(module, "CHUNK", 50)
    those = await crowd(sessions, telegram, 300)
    number = await begun(sessions, clock)
    async with sender(engine, sessions, telegram, clock, render=message, rate=200) as one:
        for turn in range(3):
            await until(partial(has_sent, telegram, 20 * turn))
            async with sessions() as session:
                await broadcasts.pause(session, number)
                await asyncio.sleep(0.05)
                await broadcasts.resume(session, number)
        known = await over(one, clock, sessions, number)
    assert (known.counted.total, known.counted.sent) == (300, 300)
    assert all(own(person) == ["Wrong"] for person in those)
    async with sessions() as session:
        assert await session.scalar(select(Notice.hold)) == Hold.NONE


async def test_who_is_still_to_get_it_gets_it_corrected(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    """Those whose message was on its way just then, too; and the correction comes before the
    rest."""
    those = await crowd(sessions, telegram, 400)
    number = await begun(sessions, clock)
    telegram.faults.delay(0.05, times=None, method="sendMessage")
    async with sender(engine, sessions, telegram, clock, render=message, rate=150) as one:
        await until(lambda: is_so(texts(telegram) > 60))
        await corrected(sessions, number, clock, "Right")
        await over(one, clock, sessions, number)
    assert all(own(person) == ["Right"] for person in those)
    told = [call.method for call in telegram.calls if "Message" in call.method]
    assert told[told.index("editMessageText") :].count("sendMessage") > 0


async def test_recalled_while_it_goes_out(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 400)
    number = await begun(sessions, clock)
    telegram.faults.delay(0.05, times=None, method="sendMessage")
    async with sender(engine, sessions, telegram, clock, render=message, rate=150) as one:
        await until(lambda: is_so(texts(telegram) > 60))
        await recalled(sessions, number, clock)
        known = await over(one, clock, sessions, number)
    assert 60 <= known.counted.sent < 400
    assert known.mended is not None
    assert (known.mended.sent, known.unreached) == (known.counted.sent, 0)
    assert not any(own(person) for person in those)


async def test_an_alert_overtakes_and_is_not_held_up(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither by a broadcast nor by its correction."""
    those = await crowd(sessions, telegram, 120)
    number = await begun(sessions, clock)

    async def numbered(facts: Any, told: Any, reader: Any, now: Any) -> Any:
        if told[0][0].kind == "news":
            return Screen(Markup("Alert"))
        return await message(facts, told, reader, now)

    async with sender(engine, sessions, telegram, clock, render=numbered, rate=300) as one:
        await over(one, clock, sessions, number)
        one.limiter.usual = 60
        monkeypatch.setattr(Sender, "ahead", 20)
        await corrected(sessions, number, clock, "Right")
        await tick(sessions, clock)
        edits = partial(telegram.calls.of, "editMessageText")
        await until(lambda: is_so(len(edits()) > 5))
        alert = await tell(sessions, clock.now(), priority=Priority.URGENT, kind="news")
        await until(partial(is_expanded, sessions, alert))
        claimed = len(edits()) + len(one.held)
        await until(lambda: is_so(all("Alert" in own(person) for person in those)))
        await over(one, clock, sessions, number)
    assert all(own(person) == ["Right", "Alert"] for person in those)
    assert sum(is_edited_first(telegram, person.id) for person in those) <= claimed < 120


def is_edited_first(telegram: Sandbox, chat: int) -> bool:
    its = [call for call in telegram.calls if str(call.parameters.get("chat_id")) == str(chat)]
    alert = next(n for n, call in enumerate(its) if call.parameters.get("text") == "Alert")
    return any(call.method == "editMessageText" for call in its[:alert])


# Nights, limits of time, kills.


async def test_quiet_hours_hold_it_back_unless_it_is_urgent(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    (anna,) = await crowd(sessions, telegram, 1, quiet_from=10, quiet_until=14, timezone="UTC")
    calm = await written(sessions, "Calm")
    urgent = await written(sessions, "Urgent", urgent=True)
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        await tick(sessions, clock)
        await until(lambda: is_so(own(anna) == ["Urgent"]))
        await until(lambda: is_waiting(sessions))
        clock.forward(hours=2)
        await over(one, clock, sessions, calm)
        assert own(anna) == ["Urgent", "Calm"]
        clock.forward(hours=22)  # and a correction makes no sound
        await corrected(sessions, calm, clock, "Calm again")
        await over(one, clock, sessions, calm)
    assert own(anna) == ["Urgent", "Calm again"]
    assert (await card(sessions, urgent, clock)).standing is Standing.DONE


async def is_waiting(sessions: Sessions) -> bool:
    async with sessions() as session:
        waits = select(Delivery.id).where(Delivery.state == State.WAITING)
        return await session.scalar(waits) is not None


async def test_nothing_older_than_two_days_is_recalled(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    early, late = await crowd(sessions, telegram, 2)
    async with sessions() as session, writing(session):
        second = select(func.max(Subscriber.id)).scalar_subquery()
        night = update(Subscriber).where(Subscriber.id == second)
        await session.execute(night.values(quiet_from=10, quiet_until=14, timezone="UTC"))
    number = await written(sessions, "Wrong")
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        await tick(sessions, clock)
        await until(lambda: is_waiting(sessions))
        await until(lambda: is_so(own(early) == ["Wrong"]))
        await until(lambda: is_so(not one.held))  # when that was is written down
        clock.forward(hours=2)
        assert (await over(one, clock, sessions, number)).counted.sent == 2
        clock.moment = NOW + timedelta(hours=48)
        await recalled(sessions, number, clock)
        known = await over(one, clock, sessions, number)
    assert known.mended is not None
    assert (known.mended.sent, known.unreached) == (1, 1)
    assert (own(early), own(late)) == (["Wrong"], [])
    assert telegram.violations == []


async def test_a_kill_loses_no_correction(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    """What was claimed by a process that is gone is done again: it is no harm to edit twice."""
    those = await crowd(sessions, telegram, 40)
    number = await begun(sessions, clock)
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        await over(one, clock, sessions, number)
    await corrected(sessions, number, clock, "Right")
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        one.settle = nothing  # type: ignore[method-assign]
        await tick(sessions, clock)
        await until(lambda: is_so(all(own(person) == ["Right"] for person in those)))
        one.outcomes.clear()
    clock.forward(seconds=60)
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        known = await over(one, clock, sessions, number)
    assert known.mended is not None
    assert (known.mended.sent, known.mended.failed) == (40, 0)


async def nothing() -> None:
    pass


async def test_what_waits_for_a_moment_outlasts_a_clock_and_a_second_tick(
    sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    await crowd(sessions, telegram, 1)
    await written(sessions, "Later", at=NOW + timedelta(hours=3))
    assert await tick(sessions, clock) == []
    clock.forward(hours=3)
    assert len(await tick(sessions, clock)) == 1
    assert await tick(sessions, clock) == []


@pytest.mark.parametrize(("urgent", "hours"), [(False, 6), (True, 2)])
async def test_what_comes_much_too_late_is_a_draft_again(
    sessions: Sessions, telegram: Sandbox, clock: TownClock, urgent: bool, hours: int
) -> None:
    await crowd(sessions, telegram, 1)
    await written(sessions, "Late", at=NOW, urgent=urgent)
    clock.forward(hours=hours)
    assert [one.kind for one in await tick(sessions, clock)] == ["broadcast"]
    number = await written(sessions, "Too late", at=NOW, urgent=urgent)
    clock.forward(seconds=1)
    [word] = await tick(sessions, clock)
    assert (word.kind, word.thing_id) == ("unsent", number)
    assert await tick(sessions, clock) == []
    known = await card(sessions, number, clock)
    assert (known.standing, known.one.is_urgent) == (Standing.DRAFT, False)


async def test_two_processes_begin_it_once(
    sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    await crowd(sessions, telegram, 1)
    await written(sessions, "Once")
    made = await asyncio.gather(*(tick(sessions, clock) for _ in range(5)))
    assert sum(map(len, made)) == 1
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Notice)) == 1


async def test_results_are_kept_when_notices_are_forgotten(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    await crowd(sessions, telegram, 7)
    number = await begun(sessions, clock)
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        await over(one, clock, sessions, number)
    async with sessions() as session:
        await broadcasts.keep_results(session)
        clock.forward(days=31)
        while await waiting.drop_old(session, clock.now()):
            pass
    known = await card(sessions, number, clock)
    assert (known.standing, known.counted.sent) == (Standing.DONE, 7)
    async with sessions() as session:
        assert not await mending.is_mendable(session, known.one)


# Pictures, documents, albums.


def pictures(telegram: Sandbox, number: int) -> tuple[tuple[str, str], ...]:
    files = telegram.world.files
    return tuple(
        ("photo", files.add("p.jpg", b"\xff\xd8\xff", None, "photo").id) for _ in range(number)
    )


@pytest.mark.parametrize("people", [60])
async def test_an_album_comes_once_with_its_text_below(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock, people: int
) -> None:
    """Whatever goes wrong between; and it is corrected and recalled as a whole."""
    those = await crowd(sessions, telegram, people)
    number = await written(sessions, "Wrong", *pictures(telegram, 3))
    await tick(sessions, clock)
    for method in ("sendMediaGroup", "sendMessage"):
        telegram.faults.too_many_requests(1, times=10, every=4, method=method)
        telegram.faults.server_error(500, times=10, every=5, method=method)
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        await over(one, clock, sessions, number)
        assert all(own(person) == ["", "", "", "Wrong"] for person in those)
        assert all(len(person.last.labels) == 1 for person in those)
        await corrected(sessions, number, clock, "Right", *pictures(telegram, 3))
        await over(one, clock, sessions, number)
        assert all(own(person) == ["", "", "", "Right"] for person in those)
        await recalled(sessions, number, clock)
        known = await over(one, clock, sessions, number)
    assert known.mended is not None
    assert known.mended.sent == people
    assert not any(own(person) for person in those)
    assert telegram.violations == []


async def test_an_album_whose_text_never_came_is_recalled(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    (anna,) = await crowd(sessions, telegram, 1)
    number = await written(sessions, "Wrong", *pictures(telegram, 2))
    await tick(sessions, clock)
    telegram.faults.server_error(500, times=None, method="sendMessage")
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        await until(lambda: is_so(own(anna) == ["", ""]))
        await until(lambda: is_waiting(sessions))
        await recalled(sessions, number, clock)
        known = await over(one, clock, sessions, number)
    assert own(anna) == []
    assert known.counted.sent == 0


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_a_picture_and_a_document_are_replaced(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock, kind: str
) -> None:
    those = await crowd(sessions, telegram, 3)
    files = [
        telegram.world.files.add(f"{n}.jpg", b"\xff\xd8\xff" + n, None, kind) for n in (b"1", b"2")
    ]
    number = await written(sessions, "<b>Wrong</b>", (kind, files[0].id))
    await tick(sessions, clock)
    async with sender(engine, sessions, telegram, clock, render=message) as one:
        await over(one, clock, sessions, number)
        assert {person.last.html.split("\n")[0] for person in those} == {"<b>Wrong</b>"}
        await corrected(sessions, number, clock, "Right", (kind, files[1].id))
        await over(one, clock, sessions, number)
    for person in those:
        assert person.last.text.startswith("Right\n")
        assert person.last.file is not None
        assert person.last.file.content == b"\xff\xd8\xff2"
        assert person.last.labels == ["⚙️ What is told, and when"]
    assert telegram.violations == []


async def test_albums_keep_to_the_pace(engine: AsyncEngine, sessions: Sessions) -> None:
    """Telegram counts each picture of one."""
    async with Sandbox(token=TOKEN, limits=Limits()) as telegram:
        clock = Clock()
        those = await crowd(sessions, telegram, 8)
        number = await written(sessions, "Text", *pictures(telegram, 5), at=clock.now())
        async with sender(engine, sessions, telegram, clock, render=message, rate=29):
            await tick(sessions, clock)  # type: ignore[arg-type]
            await until(lambda: is_so(all(len(own(person)) == 6 for person in those)))
        assert telegram.limits.refused == 0
        assert telegram.limits.peak <= 30
    assert (await card(sessions, number, clock)).counted.sent == 8  # type: ignore[arg-type]
