"""The paid pace of a broadcast: its price is shown, an owner decides, and Telegram may refuse."""

from datetime import timedelta
from functools import partial
from time import monotonic

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from benchmarks.crowd import people, tell
from bot.clock import Clock
from bot.config import FASTEST_RATE, USUAL_RATE
from bot.db import Sessions, writing
from bot.delivery import outbox
from bot.delivery.limiter import Limiter
from bot.views import pace
from models import Broadcast, Hold, Kind, Notice, Priority, Subject, To
from sandbox import Limits, Person, Sandbox
from tests.test_broadcasts import drafted, presses, supporter
from tests.test_limiter import most_in_a_second
from tests.test_members import joined
from tests.test_sender import crowd, ended, heard, sender, until
from tests.town import NOW, OWNER, TOKEN, VAULT, Town, TownClock, town

pytestmark = pytest.mark.either_database


def flagged(telegram: Sandbox) -> list[bool]:
    """Of each message, whether it may be paid for."""
    calls = telegram.calls.of("sendMessage")
    return [call.parameters.get("allow_paid_broadcast", False) for call in calls]


async def test_it_goes_faster_and_afterwards_as_before(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    async with Sandbox(token=TOKEN) as telegram:
        those = await crowd(sessions, telegram, 150)
        paid = await tell(sessions, NOW, is_paid=True)
        async with sender(engine, sessions, telegram, Clock(), rate=USUAL_RATE) as one:
            await ended(sessions, paid, 150)
            assert telegram.limits.peak > 60
            assert all(flagged(telegram))
            await until(partial(is_free, one.limiter))
            free = await tell(sessions, NOW)
            await ended(sessions, free, 45)
        came = [call.since for call in telegram.calls.of("sendMessage")]
        assert most_in_a_second(came[150:]) <= 30
        assert not any(flagged(telegram)[150:])
        assert telegram.limits.refused == 0
        assert min(heard(those)) >= 1


async def is_free(limiter: Limiter) -> bool:
    return not limiter.pays(monotonic()) and limiter.rate == USUAL_RATE


def of(notice: int, telegram: Sandbox) -> list[bool]:
    """Of each message of this notice, whether it may be paid for."""
    calls = telegram.calls.of("sendMessage")
    own = [call.parameters for call in calls if call.parameters["text"] == str(notice)]
    return [each.get("allow_paid_broadcast", False) for each in own]


async def are_sent(telegram: Sandbox, number: int) -> bool:
    return len(flagged(telegram)) >= number


async def test_taken_back_it_ends_at_once(engine: AsyncEngine, sessions: Sessions) -> None:
    async with Sandbox(token=TOKEN) as telegram:
        await crowd(sessions, telegram, 1500)
        notice = await tell(sessions, NOW, is_paid=True)
        async with sender(engine, sessions, telegram, Clock(), rate=USUAL_RATE) as one:
            await until(partial(are_sent, telegram, 100))
            async with sessions() as session, writing(session):
                await session.execute(update(Notice).values(is_paid=False))
            await until(partial(is_free, one.limiter))
            before = len(flagged(telegram))
            await until(partial(are_sent, telegram, before + 40))
        assert before < 1500
        assert not any(of(notice, telegram)[before:])
        came = [call.since for call in telegram.calls.of("sendMessage")]
        assert most_in_a_second(came[before:]) <= 30
        assert telegram.limits.refused == 0


async def test_a_free_one_behind_it_costs_nothing(engine: AsyncEngine, sessions: Sessions) -> None:
    async with Sandbox(token=TOKEN) as telegram:
        await crowd(sessions, telegram, 100)
        paid = await tell(sessions, NOW, is_paid=True)
        free = await tell(sessions, NOW)
        async with sender(engine, sessions, telegram, Clock(), rate=USUAL_RATE):
            await ended(sessions, free, 100)
        assert of(paid, telegram) == [True] * 100
        assert of(free, telegram) == [False] * 100
        assert telegram.limits.refused == 0


async def test_while_it_waits_for_the_morning_others_cost_nothing(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    async with Sandbox(token=TOKEN) as telegram:
        await crowd(sessions, telegram, 40)
        night = {"quiet_from": 0, "quiet_until": 23, "timezone": "UTC"}
        await crowd(sessions, telegram, 2, **night)
        paid = await tell(sessions, NOW, is_paid=True)
        async with sender(engine, sessions, telegram, TownClock(), rate=USUAL_RATE) as one:
            await ended(sessions, paid, 40)
            await until(partial(is_free, one.limiter))
            free = await tell(sessions, NOW)
            await ended(sessions, free, 40)
        assert of(free, telegram) == [False] * 40


async def test_what_is_over_is_paid_for_no_more(sessions: Sessions) -> None:
    """Though it never came to an end for those who were forgotten meanwhile."""
    there = {"is_paid": True, "expanded_at": NOW, "total": 2}
    ends = {"expires_at": NOW + timedelta(hours=1)}
    await tell(sessions, NOW, **there, sent=2)
    await tell(sessions, NOW, **there, hold=Hold.PAUSED)
    lost = await tell(sessions, NOW, **there, **ends, sent=1)
    async with sessions() as session:
        assert (await outbox.what_is_open(session)).is_paid
        assert await outbox.paid(session, NOW) == {lost}
        assert await outbox.paid(session, ends["expires_at"]) == set()


async def test_what_is_urgent_waits_for_nothing_meanwhile(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    """And is paid for, as long as Telegram would not take it else."""
    async with Sandbox(token=TOKEN) as telegram:
        await crowd(sessions, telegram, 1500, subject=Subject.CASE, thing=1)
        await crowd(sessions, telegram, 3, subject=Subject.CASE, thing=2)
        paid = await tell(sessions, NOW, is_paid=True)
        async with sender(engine, sessions, telegram, Clock(), rate=USUAL_RATE) as one:
            await until(partial(are_sent, telegram, 100))
            urgent = await tell(sessions, NOW, thing_id=2, priority=Priority.URGENT)
            await ended(sessions, urgent, 3)
            assert len(of(paid, telegram)) < 1500
            await ended(sessions, paid, 1500)
            await until(partial(is_free, one.limiter))
            later = await tell(sessions, NOW, thing_id=2, priority=Priority.URGENT)
            await ended(sessions, later, 3)
        assert of(urgent, telegram) == [True] * 3
        assert of(later, telegram) == [False] * 3
        assert telegram.limits.refused == 0


async def test_a_bot_with_too_few_stars_goes_on_for_nothing(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    async with Sandbox(token=TOKEN) as telegram:
        those = await crowd(sessions, telegram, 40)
        telegram.faults.refuse(400, "Bad Request: BALANCE_TOO_LOW", times=3)
        notice = await tell(sessions, NOW, is_paid=True)
        async with sender(engine, sessions, telegram, Clock(), rate=USUAL_RATE):
            found = await ended(sessions, notice, 40)
        assert (found.sent, found.failed, heard(those)) == (40, 0, [1] * 40)
        assert not found.is_paid
        assert not any(flagged(telegram)[-3:])  # they came again


async def test_what_the_settings_pay_for_goes_on_for_nothing_too(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    async with Sandbox(token=TOKEN) as telegram:
        those = await crowd(sessions, telegram, 40)
        telegram.faults.refuse(400, "Bad Request: BALANCE_TOO_LOW", times=1)
        notice = await tell(sessions, NOW)
        async with sender(engine, sessions, telegram, Clock(), rate=FASTEST_RATE) as one:
            await ended(sessions, notice, 40)
            assert await is_free(one.limiter)
        assert heard(those) == [1] * 40


async def test_a_bot_that_may_not_be_so_fast_is_not_for_long(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    """Telegram says 429, as to a bot that too few people use."""
    async with Sandbox(token=TOKEN, limits=Limits(paid=30)) as telegram:
        those = await crowd(sessions, telegram, 120)
        notice = await tell(sessions, NOW, is_paid=True)
        async with sender(engine, sessions, telegram, Clock(), rate=USUAL_RATE):
            found = await ended(sessions, notice, 120)
        assert (heard(those), found.is_paid) == ([1] * 120, False)


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


@pytest.mark.usefixtures("undisturbed")
async def test_an_answer_comes_though_there_are_too_few_stars(harbour: Town) -> None:
    anna, limiter = await supporter(harbour), harbour.app.limiter
    limiter.take(1, monotonic(), paid=True)
    poor = {"method": "sendMessage", "times": 1}
    harbour.telegram.faults.refuse(400, "Bad Request: BALANCE_TOO_LOW", **poor)
    await anna.send("/help")
    anna.sees("What this bot does")
    assert [bool(one) for one in flagged(harbour.telegram)[-2:]] == [True, False]
    assert not limiter.pays(monotonic())


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch is there for them, too."""
    monkeypatch.setattr(pace, "MANY", 1)


async def only(here: Town) -> tuple[Broadcast, Notice | None]:
    async with here.app.sessions() as session:
        one = (await session.scalars(select(Broadcast))).one()
        return one, await session.scalar(select(Notice).where(Notice.id == one.notice_id))


@pytest.mark.usefixtures("few", "quick_progress")
async def test_an_owner_sees_the_price_and_switches(harbour: Town, owner: Person) -> None:
    await people(harbour.app.sessions, VAULT, range(9_000_000_000, 9_000_000_000 + 5_999), NOW)
    await drafted(harbour, owner)
    await presses(harbour, owner, "Send…", "Faster, for Stars")
    owner.sees("For nothing: to 6,000 people, time: about 4 minutes.")
    owner.sees("Faster: at most 600 Stars, time: about 1 minute.")
    await presses(harbour, owner, "Back", "Faster, for Stars", "Faster, at most 600 Stars")
    assert (await only(harbour))[0].is_paid
    assert owner.toast is not None
    assert owner.toast.text == "🚀 It will go faster."
    owner.sees("🚀 Faster, for at most 600 Stars.")
    await presses(harbour, owner, "Send…")
    owner.sees("🚀 Faster, for at most 600 Stars.")
    await presses(harbour, owner, "Later")
    await owner.send("tomorrow 9:30")
    await presses(harbour, owner, "Yes, plan it")
    owner.sees("🚀 Faster, for at most 600 Stars.")
    await presses(harbour, owner, "Faster: switched on", "Back to the free pace")
    assert not (await only(harbour))[0].is_paid
    owner.sees_not("🚀 Faster, for")
    assert harbour.telegram.violations == []


@pytest.mark.usefixtures("few", "undisturbed")
async def test_who_owns_nothing_sees_it_and_cannot_pay(harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, language="ru")
    await people(harbour.app.sessions, VAULT, range(9_000_000_000, 9_000_000_000 + 30), NOW)
    await drafted(harbour, vera, language="ru")
    await presses(harbour, vera, "Отправить…", "Быстрее, за звёзды")
    vera.sees("Быстрее: до 4 звёзд, время: примерно 1 минута.")
    vera.sees("Это решает владелец")
    number = (await only(harbour))[0].id
    await vera.press_data(f"bcpace:{number}:2:9")
    vera.sees("Эта кнопка устарела")
    assert not (await only(harbour))[0].is_paid


@pytest.mark.usefixtures("few", "undisturbed")
async def test_few_people_need_no_hurry(
    harbour: Town, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MANY", 9300)
    await people(harbour.app.sessions, VAULT, range(9_000_000_000, 9_000_000_000 + 9_298), NOW)
    await drafted(harbour, owner)
    await presses(harbour, owner, "Send…")
    assert "🚀 Faster, for Stars" not in owner.last.labels


@pytest.mark.usefixtures("few", "undisturbed")
async def test_where_the_settings_pay_there_is_nothing_to_switch(database_url: str) -> None:
    alone = {"owners": (OWNER,), "four_eyes": False}
    async with town(database_url, "format.yaml", paid_broadcast=True, **alone) as here:
        owner = here.telegram.person("Olga", language="en", id=OWNER)
        await owner.send("/start")
        await people(here.app.sessions, VAULT, range(9_000_000_000, 9_000_000_000 + 9), NOW)
        await drafted(here, owner)
        await presses(here, owner, "Send…", "Faster, for Stars")
        owner.sees("The bot's settings pay for every message already (PAID_BROADCAST).")
        assert "🚀 Faster, at most 1 Star" not in owner.last.labels


async def asks(here: Town, owner: Person) -> str:
    """What the button says by which an owner pays."""
    await owner.press_data(f"bcaskpace:{(await only(here))[0].id}")
    return next(label for label in owner.last.labels if "at most" in label)


@pytest.mark.usefixtures("few", "undisturbed")
async def test_an_album_costs_as_many_as_it_shows(harbour: Town, owner: Person) -> None:
    await people(harbour.app.sessions, VAULT, range(9_000_000_000, 9_000_000_000 + 99), NOW)
    await drafted(harbour, owner)
    album = {"text": "words", "media": [["photo", f"f{n}"] for n in range(10)]}
    async with harbour.app.sessions() as session, writing(session):
        both = {"en": {"text": "words", "media": []}, "ru": album}
        await session.execute(update(Broadcast).values(versions=both))
    assert await asks(harbour, owner) == "🚀 Faster, at most 110 Stars"


@pytest.mark.usefixtures("few", "undisturbed")
async def test_while_it_is_counted_nobody_pays(
    harbour: Town, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not everybody has a delivery yet: the price would be of a part."""

    async def later(_session: AsyncSession) -> None:
        """The sender would have counted them before anybody looks."""

    monkeypatch.setattr("bot.delivery.expansion.foremost", later)
    await drafted(harbour, owner)
    about = {"key": "broadcast:1", "kind": Kind.BROADCAST, "subject": "broadcast", "thing_id": 1}
    whom = {"to": To.ALL, "thing": 0, "day": "", "language": ""}
    notice = await tell(harbour.app.sessions, NOW, **about, before=whom, total=20_000)
    async with harbour.app.sessions() as session, writing(session):
        await session.execute(update(Broadcast).values(due_at=NOW, notice_id=notice))
    one = (await only(harbour))[0]
    await owner.press_data(f"bcast:{one.id}")
    assert "🚀 Faster, for Stars" not in owner.last.labels
    await owner.press_data(f"bcaskpace:{one.id}")
    owner.sees("still being counted")
    assert not any("at most" in label for label in owner.last.labels)
    await owner.press_data(f"bcpace:{one.id}:{one.edition}:2000")
    assert not (await only(harbour))[0].is_paid


@pytest.mark.usefixtures("few", "undisturbed")
@pytest.mark.parametrize("what", ["audience", "languages", "words", "moment"])
async def test_what_is_changed_is_not_paid_for(harbour: Town, owner: Person, what: str) -> None:
    vera = await joined(harbour, owner)
    await people(harbour.app.sessions, VAULT, range(9_000_000_000, 9_000_000_000 + 99), NOW)
    await drafted(harbour, vera)
    await owner.press_data(f"bcaskpace:{(await only(harbour))[0].id}")
    await presses(harbour, owner, "Faster, at most")
    assert (await only(harbour))[0].is_paid
    if what == "words":
        await presses(harbour, vera, "✓ English")
        await vera.send("Other words")
    elif what == "moment":
        async with harbour.app.sessions() as session, writing(session):
            await session.execute(update(Broadcast).values(due_at=NOW + timedelta(days=1)))
        one = (await only(harbour))[0]
        await vera.press_data(f"bcunplan:{one.id}:{one.edition}")
    else:
        ways = {"audience": ["For whom", "Everybody"], "languages": ["Languages", "English"]}
        await presses(harbour, vera, *ways[what])
    one = (await only(harbour))[0]
    assert (one.edition, one.is_paid) == (2, False)


@pytest.mark.usefixtures("few", "undisturbed")
@pytest.mark.parametrize("how", ["edition", "number"])
async def test_an_old_button_pays_no_other_price(harbour: Town, owner: Person, how: str) -> None:
    """Of other words, or to more people."""
    vera = await joined(harbour, owner)
    await drafted(harbour, vera)
    assert await asks(harbour, owner) == "🚀 Faster, at most 1 Star"
    if how == "edition":
        await presses(harbour, vera, "✓ English")
        await vera.send("Other words")
    else:
        await people(harbour.app.sessions, VAULT, range(9_000_000_000, 9_000_000_000 + 99), NOW)
    await presses(harbour, owner, "Faster, at most 1 Star")
    assert not (await only(harbour))[0].is_paid
    assert owner.toast is not None
    assert owner.toast.text == "It was changed meanwhile. This is how it is now."
    await presses(harbour, owner, "Faster, at most")
    assert (await only(harbour))[0].is_paid
