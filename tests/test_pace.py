"""The paid pace of a broadcast: its price is shown, an owner decides, and Telegram may refuse."""

from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.crowd import people, tell
from bot.clock import Clock
from bot.db import Sessions
from bot.delivery.limiter import FASTEST, FREE, Limiter
from bot.views import pace
from models import Broadcast, Notice
from sandbox import Limits, Person, Sandbox
from tests.test_broadcasts import drafted, presses
from tests.test_limiter import most_in_a_second
from tests.test_members import joined
from tests.test_sender import crowd, ended, heard, sender, until
from tests.town import NOW, OWNER, TOKEN, VAULT, Town, town

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
        async with sender(engine, sessions, telegram, Clock(), rate=FREE) as one:
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
    return not limiter.paid and limiter.rate == FREE


async def test_a_bot_with_too_few_stars_goes_on_for_nothing(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    async with Sandbox(token=TOKEN) as telegram:
        those = await crowd(sessions, telegram, 40)
        telegram.faults.refuse(400, "Bad Request: BALANCE_TOO_LOW", times=3)
        notice = await tell(sessions, NOW, is_paid=True)
        async with sender(engine, sessions, telegram, Clock(), rate=FREE):
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
        async with sender(engine, sessions, telegram, Clock(), rate=FASTEST) as one:
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
        async with sender(engine, sessions, telegram, Clock(), rate=FREE):
            found = await ended(sessions, notice, 120)
        assert (heard(those), found.is_paid) == ([1] * 120, False)


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


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
    owner.sees("For nothing: to 6000 people in about 4 minutes.")
    owner.sees("for at most 600 Stars.")
    await presses(harbour, owner, "Pay at most 600 Stars")
    assert (await only(harbour))[0].is_paid
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
    vera.sees("до 4 звёзд")
    vera.sees("Это решает владелец")
    number = (await only(harbour))[0].id
    await vera.press_data(f"bcpace:{number}:1")
    vera.sees("Эта кнопка устарела")
    assert not (await only(harbour))[0].is_paid


@pytest.mark.usefixtures("few", "undisturbed")
async def test_few_people_need_no_hurry(
    harbour: Town, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "MANY", 2000)
    await people(harbour.app.sessions, VAULT, range(9_000_000_000, 9_000_000_000 + 1_998), NOW)
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
        assert "🚀 Pay at most 1 Star" not in owner.last.labels
