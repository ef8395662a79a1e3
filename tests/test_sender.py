"""The sender against a Telegram of its own, with all that may go wrong there."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any

import pytest
from aiogram import exceptions as errors
from aiogram.methods import SendMessage
from aiohttp import ConnectionTimeoutError
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.crowd import people, states, tell
from bot.app import make_bot
from bot.clock import Clock
from bot.config import FREE_RATE, Settings
from bot.db import Sessions, writing
from bot.delivery import sender as engine_room
from bot.delivery.limiter import Limiter
from bot.delivery.line import Letter, Line
from bot.delivery.parcels import Claimed, Parcel, Recipient
from bot.delivery.rendering import Told
from bot.delivery.sender import Sender
from bot.delivery.telegram import SendText, make_sending_bot, numbers, sending
from bot.delivery.verdicts import Fate, Verdict, verdict_of
from bot.screen import Screen
from bot.services import panic
from bot.services.facts import Facts
from bot.services.notices import Reader
from bot.turn import SENDING, turn_of
from models import Delivery, Follow, Notice, Priority, State, Subscriber
from sandbox import Limits, Person, Sandbox
from tests.town import NOW, TOKEN, VAULT, TownClock, free_port

pytestmark = pytest.mark.either_database


async def texts_of(_facts: Facts, told: Sequence[Told], _reader: Reader, _now: Any) -> Screen:
    """The numbers of the notices."""
    return Screen(Markup(" ").join(str(notice.id) for notice, _follow in told))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_room, "UPKEEP", 0.0)
    monkeypatch.setattr(engine_room, "TICK", 0.02)


@pytest.fixture
async def telegram() -> AsyncIterator[Sandbox]:
    async with Sandbox(token=TOKEN, limits=Limits.off()) as sandbox:
        yield sandbox


@pytest.fixture
def clock() -> TownClock:
    return TownClock()


@asynccontextmanager
async def sender(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: Clock,
    *,
    rate: int = 980,
    render: Any = texts_of,
) -> AsyncIterator[Sender]:
    """At work; ended as by SIGTERM."""
    bot = make_sending_bot(TOKEN, telegram.url, rate)
    async with turn_of(engine, SENDING) as turn:
        limiter = Limiter(rate, paid=rate > FREE_RATE)
        send = sending(bot, limiter)
        one = Sender(sessions, VAULT, clock, send, limiter, turn, render)
        stop = asyncio.Event()
        running = asyncio.create_task(one.run(stop))
        try:
            yield one
        finally:
            if running.done():
                running.result()  # it failed
            stop.set()
            await running
            await bot.session.close()


async def crowd(sessions: Sessions, telegram: Sandbox, number: int, **more: Any) -> list[Person]:
    those = [telegram.person(started=True) for _ in range(number)]
    await people(sessions, VAULT, [person.id for person in those], NOW, **more)
    return those


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def ended(sessions: Sessions, notice: int, number: int) -> Notice:
    """As soon as so many of its deliveries have come to an end."""

    async def all_of_them() -> bool:
        row = await read(sessions, notice)
        return row.sent + row.blocked + row.failed + row.dropped >= number

    await until(all_of_them)
    return await read(sessions, notice)


async def read(sessions: Sessions, notice: int) -> Notice:
    async with sessions() as session:
        return await session.get_one(Notice, notice)


async def is_expanded(sessions: Sessions, notice: int) -> bool:
    return (await read(sessions, notice)).expanded_at is not None


async def in_state(sessions: Sessions, state: State, number: int) -> None:
    async def so() -> bool:
        async with sessions() as session:
            return (await states(session)).get(state, 0) == number

    await until(so)


def heard(those: Sequence[Person]) -> list[int]:
    return [sum(message.from_bot for message in person.messages) for person in those]


async def test_everybody_is_told_once(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 200)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock):
        row = await ended(sessions, notice, 200)
    assert (row.total, row.sent) == (200, 200)
    assert heard(those) == [1] * 200
    assert those[0].last.text == str(notice)
    assert telegram.violations == []


async def test_a_batch_is_one_message(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 20)
    notices = [await tell(sessions, NOW, batch=1) for _ in range(3)]
    async with sender(engine, sessions, telegram, clock):
        for notice in notices:
            assert (await ended(sessions, notice, 20)).sent == 20
    assert {person.last.text for person in those} == {" ".join(map(str, notices))}
    assert heard(those) == [1] * 20


async def test_whoever_cannot_be_written_to_is_counted_and_leaves(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    blocked, gone, _told, refused = await crowd(sessions, telegram, 4)
    await people(sessions, VAULT, [987654321], NOW)
    blocked.user.blocked, gone.user.deactivated = True, True
    telegram.faults.refuse(400, "Bad Request: message text is empty", chat=refused.id)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock):
        row = await ended(sessions, notice, 5)
        assert (row.sent, row.blocked, row.failed) == (1, 3, 1)
        again = await tell(sessions, NOW)
        await ended(sessions, again, 2)
    assert (await read(sessions, again)).total == 2


@pytest.mark.parametrize("seconds", [7, None])
async def test_429_is_waited_for_and_no_failure(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    seconds: int | None,
) -> None:
    those = await crowd(sessions, telegram, 3)
    telegram.faults.too_many_requests(seconds, chat=those[0].id)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await in_state(sessions, State.WAITING, 1)
        assert heard(those)[0] == 0
        open_again(one)
        assert (await ended(sessions, notice, 2)).sent == 2
        clock.forward(seconds=seconds or 5)
        row = await ended(sessions, notice, 3)
    assert (row.sent, row.failed) == (3, 0)
    assert heard(those) == [1] * 3


def open_again(one: Sender) -> None:
    """As if the time had passed."""
    one.limiter.closed_until = float("-inf")
    one.limiter.told.clear()
    one.limiter.sent.clear()


async def test_groups_at_their_limit_hold_up_nobody_else(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    flooded = [telegram.group("Court support"), telegram.group("Kitchen")]
    await people(sessions, VAULT, [group.chat.id for group in flooded], NOW)
    those = await crowd(sessions, telegram, 50)
    for group in flooded:
        telegram.faults.too_many_requests(30, chat=group.chat.id, times=None)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await ended(sessions, notice, 50)
        await in_state(sessions, State.WAITING, 2)
        assert one.limiter.closed_until == float("-inf")
    assert heard(those) == [1] * 50


async def test_nobody_waits_for_longer_than_a_day(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    (anna,) = await crowd(sessions, telegram, 1)
    telegram.faults.too_many_requests(10**12)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await in_state(sessions, State.WAITING, 1)
        assert 86300 < await seconds_waiting(sessions, clock) <= 86400
        clock.forward(hours=25)
        open_again(one)
        assert (await ended(sessions, notice, 1)).sent == 1
    assert heard([anna]) == [1]


async def test_429_for_all_closes_the_gate(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 500)
    telegram.faults.too_many_requests(30, times=None)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await until(lambda: is_so(one.limiter.closed_until > asyncio.get_running_loop().time() + 9))
        asked = telegram.calls.total
        assert asked < 250
        telegram.faults.clear()
        row = await patiently_ended(one, clock, sessions, notice, 500)
    assert (row.sent, row.failed) == (500, 0)
    assert heard(those) == [1] * 500


async def patiently_ended(
    one: Sender, clock: TownClock, sessions: Sessions, notice: int, number: int
) -> Notice:
    """As if whatever is waited for took no time."""

    async def all_of_them() -> bool:
        open_again(one)
        clock.forward(seconds=1)
        row = await read(sessions, notice)
        return row.sent + row.failed + row.blocked >= number

    await until(all_of_them)
    return await read(sessions, notice)


async def is_so(what: bool) -> bool:
    return what


@pytest.mark.parametrize("trouble", ["server_error", "cut_before", "cut_after"])
async def test_trouble_is_outlasted(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock, trouble: str
) -> None:
    those = await crowd(sessions, telegram, 100)
    getattr(telegram.faults, trouble)(times=10, every=7)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await in_state(sessions, State.WAITING, 10)
        clock.forward(seconds=2)
        open_again(one)
        row = await ended(sessions, notice, 100)
    assert (row.sent, row.failed) == (100, 0)
    twice = 10 if trouble == "cut_after" else 0
    assert Counter(heard(those)) == Counter({1: 100 - twice, 2: twice})


async def test_telegram_away_for_an_hour_costs_nobody_the_message(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 50)
    telegram.faults.server_error(502, times=None)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        for _ in range(12):
            await until(partial(is_asked_again, one, telegram, telegram.calls.total))
            clock.forward(minutes=5)
        telegram.faults.clear()
        row = await patiently_ended(one, clock, sessions, notice, 50)
    assert (row.sent, row.failed) == (50, 0)
    assert heard(those) == [1] * 50


async def test_what_was_never_sent_is_tried_as_long_as_it_is_wanted(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    """Telegram cannot be reached for ten days."""
    those = await crowd(sessions, telegram, 3)
    hearing = await tell(sessions, NOW, expires_at=NOW + timedelta(days=14))
    nowhere = make_sending_bot(TOKEN, f"http://127.0.0.1:{free_port()}", 10)
    async with sender(engine, sessions, telegram, clock) as one:
        here, tries = one.send, Counter[int]()

        async def to_nowhere(chat: int, screen: Screen) -> Sequence[int]:
            tries[chat] += 1
            return await sending(nowhere, one.limiter)(chat, screen)

        one.send = to_nowhere
        for days in range(5):
            await until(partial(is_tried, one, tries, 3 * (days + 1)))
            await in_state(sessions, State.WAITING, 3)
            clock.forward(days=2)
        one.send = here
        row = await patiently_ended(one, clock, sessions, hearing, 3)
    await nowhere.session.close()
    assert (row.sent, row.failed) == (3, 0)
    assert heard(those) == [1] * 3


async def is_tried(one: Sender, tries: Counter[int], number: int) -> bool:
    open_again(one)
    return tries.total() >= number


async def test_what_would_never_expire_is_given_up_after_days(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    await crowd(sessions, telegram, 1)
    telegram.faults.server_error(times=None)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        for number in (1, 2):
            await until(partial(is_asked_again, one, telegram, number - 1))
            await in_state(sessions, State.WAITING, 1)
            clock.forward(days=4)
        assert (await ended(sessions, notice, 1)).failed == 1


async def test_the_longer_trouble_lasts_the_more_seldom_is_tried(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    await crowd(sessions, telegram, 1)
    telegram.faults.server_error(times=None)
    await tell(sessions, NOW)
    waits = list[float]()
    async with sender(engine, sessions, telegram, clock) as one:
        for number, seconds in enumerate([0, 2, 98, 100, 3600]):
            clock.forward(seconds=seconds)
            await until(partial(is_asked_again, one, telegram, number))
            await in_state(sessions, State.WAITING, 1)
            waits.append(await seconds_waiting(sessions, clock))
    assert waits == [1, 1, 25, 50, 60]


async def seconds_waiting(sessions: Sessions, clock: Clock) -> float:
    async with sessions() as session:
        waiting = select(Delivery.not_before).where(Delivery.state == State.WAITING)
        until = await session.scalar(waiting)
    assert until
    return (until - clock.now()).total_seconds()


async def test_what_may_have_arrived_is_not_sent_for_ever(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 2)
    telegram.faults.cut_after(times=None, chat=those[0].id)
    notice = await tell(sessions, NOW, expires_at=NOW + timedelta(days=9))
    async with sender(engine, sessions, telegram, clock) as one:
        for number, pause in enumerate(engine_room.DOUBTS, 1):
            await until(partial(has_heard, those[0], number))
            await in_state(sessions, State.WAITING, 1)
            assert await seconds_waiting(sessions, clock) == pause
            clock.forward(seconds=pause)
            open_again(one)
        row = await ended(sessions, notice, 2)
        telegram.faults.clear()
        again = await tell(sessions, NOW)
        assert (await ended(sessions, again, 2)).sent == 2
    assert (row.sent, row.failed) == (1, 1)
    assert heard(those) == [4 + 1, 1 + 1]


async def has_heard(person: Person, number: int) -> bool:
    return heard([person]) == [number]


async def test_a_message_comes_to_an_end_whatever_goes_wrong(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    (anna,) = await crowd(sessions, telegram, 1)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        with monkeypatch.context() as patch:
            patch.setattr(one, "learn", broken)
            await in_state(sessions, State.WAITING, 1)
        await until(lambda: is_so(not one.held))
        clock.forward(seconds=2)
        assert (await ended(sessions, notice, 1)).sent == 1
    assert one.limiter.under_way == 0
    assert heard([anna]) == [2]


async def is_asked_again(one: Sender, telegram: Sandbox, before: int) -> bool:
    open_again(one)
    return telegram.calls.total > before


async def test_a_group_is_followed_where_it_went(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    group = telegram.group("Court support")
    await people(sessions, VAULT, [group.chat.id], NOW)
    group.upgrade()
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock):
        assert (await ended(sessions, notice, 1)).sent == 1
    assert group.last.text == str(notice)


async def test_a_group_that_was_left_where_it_no_longer_is_is_told_where_it_went(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    """The old chat's refusal comes when the move is known already."""
    group = telegram.group("Court support")
    old = group.chat.id
    await people(sessions, VAULT, [old], NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        here = one.send

        async def moved_meanwhile(chat: int, screen: Screen) -> Sequence[int]:
            if chat != old:
                return await here(chat, screen)
            group.upgrade()
            await one.move(old, group.chat.id)
            raise errors.TelegramForbiddenError(METHOD, "Forbidden: bot was kicked")

        one.send = moved_meanwhile
        notice = await tell(sessions, NOW)
        row = await ended(sessions, notice, 1)
    assert (row.sent, row.blocked) == (1, 0)
    assert group.last.text == str(notice)


async def moody(facts: Facts, told: Sequence[Told], reader: Reader, now: Any) -> Screen | None:
    if reader.language == "de":
        return None
    if reader.language == "fr":
        raise ZeroDivisionError
    return await texts_of(facts, told, reader, now)


async def test_a_chat_that_went_nowhere_else_is_tried_again_later(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    async def moved_to_itself(chat: int, _screen: Screen) -> Sequence[int]:
        raise errors.TelegramMigrateToChat(METHOD, "", chat)

    await crowd(sessions, telegram, 1)
    async with sender(engine, sessions, telegram, clock) as one:
        one.send = moved_to_itself
        await tell(sessions, NOW)
        await in_state(sessions, State.WAITING, 1)


async def test_what_is_not_to_be_told_or_cannot_be_rendered_holds_up_nobody(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    for language in ("de", "fr"):
        await crowd(sessions, telegram, 5, language=language)
    those = await crowd(sessions, telegram, 5)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock, render=moody):
        row = await ended(sessions, notice, 15)
    assert (row.sent, row.failed, row.dropped) == (5, 5, 5)
    assert heard(those) == [1] * 5


async def test_the_urgent_overtakes(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever had nothing yet, but for those whose message was claimed already."""
    those = await crowd(sessions, telegram, 200)
    bulk = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, Clock(), rate=100) as one:
        monkeypatch.setattr(Sender, "at_once", 10)
        here, came = one.send, asyncio.Event()

        async def slow_from_the_tenth_on(chat: int, screen: Screen) -> Sequence[int]:
            if len(texts(telegram)) >= 10:
                await came.wait()
            return await here(chat, screen)

        one.send = slow_from_the_tenth_on
        await until(lambda: is_so(len(texts(telegram)) >= 10 and len(one.flying) == 10))
        urgent = await tell(sessions, NOW, priority=Priority.URGENT)
        await until(partial(is_expanded, sessions, urgent))
        before = len(texts(telegram)) + len(one.held)
        came.set()
        await ended(sessions, urgent, 200)
        firsts = Counter(
            next(one.text for one in person.messages if one.from_bot) for person in those
        )
    assert firsts[str(urgent)] + firsts[str(bulk)] == 200
    assert 10 <= firsts[str(bulk)] <= before < 165


async def urgent_to(sessions: Sessions, number: int) -> None:
    """To the subscriber of this number alone."""
    notice = await tell(sessions, NOW, priority=Priority.URGENT, expanded_at=NOW)
    async with sessions() as session, writing(session):
        follow = await session.scalar(select(Follow.id).where(Follow.subscriber_id == number))
        urgent = {"priority": Priority.URGENT, "state": State.READY, "tries": 0}
        ids = {"notice_id": notice, "subscriber_id": number, "follow_id": follow}
        session.add(Delivery(**ids, **urgent))


async def looks(one: Sender, number: int) -> None:
    """So many more of them."""
    for _ in range(number):
        before = one.next_upkeep
        await until(partial(has_looked, one, before))


async def has_looked(one: Sender, before: float) -> bool:
    return one.next_upkeep > before


async def test_what_is_urgent_to_the_busy_brings_along_nothing_else(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    await crowd(sessions, telegram, 300)
    await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock, rate=29) as one:
        one.limiter.close(monotonic() + 600)
        await until(lambda: is_so(len(one.held) == one.ahead))
        await urgent_to(sessions, next(iter(one.held)))
        await looks(one, 5)
        assert len(one.held) == one.ahead


@pytest.mark.parametrize(("at_least", "held"), [(1, 5 * 60 + 44 + 1), (6, 2 * 60 + 9 * 10)])
async def test_urgent_ones_bring_along_no_more_than_can_be_sent_soon(
    engine: AsyncEngine,
    sessions: Sessions,
    telegram: Sandbox,
    clock: TownClock,
    monkeypatch: pytest.MonkeyPatch,
    at_least: int,
    held: int,
) -> None:
    """Fewer and fewer, and in the end none."""
    monkeypatch.setattr(engine_room, "MOST_ASIDE", 1)
    monkeypatch.setattr(engine_room, "AT_LEAST", at_least)
    await crowd(sessions, telegram, 600)
    await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock, rate=29) as one:
        one.limiter.close(monotonic() + 600)
        await until(lambda: is_so(len(one.held) == one.ahead))
        async with sessions() as session:
            last = await session.scalar(select(func.max(Subscriber.id))) or 0
        for number in range(10):
            await urgent_to(sessions, last - number)
            await looks(one, 3)
        assert len(one.held) == held


def texts(telegram: Sandbox) -> list[str]:
    return [call.parameters["text"] for call in telegram.calls.of("sendMessage")]


async def test_the_end_finishes_what_is_on_its_way_and_gives_back_the_rest(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 300)
    telegram.faults.delay(0.1, times=None)
    notice = await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock) as one:
        await until(lambda: is_so(sum(heard(those)) > 20))
        assert one.flying
    async with sessions() as session:
        left = await states(session)
    assert set(left) == {State.SENT, State.READY}
    assert left[State.SENT] == sum(heard(those)) < 300
    telegram.faults.clear()
    async with sender(engine, sessions, telegram, clock):
        await ended(sessions, notice, 300)
    assert heard(those) == [1] * 300


async def test_one_chat_has_one_message_on_its_way(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox
) -> None:
    (anna,) = await crowd(sessions, telegram, 1)
    began = list[str]()
    telegram.server.watchers.append(lambda what, call: began.append(what))
    notices = [await tell(sessions, NOW) for _ in range(3)]
    async with sender(engine, sessions, telegram, Clock()):
        for notice in notices:
            await ended(sessions, notice, 1)
    assert [message.text for message in anna.messages] == [str(notice) for notice in notices]
    assert began == ["began", "ended"] * 3


async def test_the_second_sender_of_a_database_stands_by(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 60)
    async with sender(engine, sessions, telegram, clock, rate=100) as first:
        await until(lambda: is_so(first.next_upkeep > 0))
        async with sender(engine, sessions, telegram, clock, rate=100) as second:
            notice = await tell(sessions, NOW)
            await ended(sessions, notice, 60)
            assert second.next_upkeep < 0
    assert heard(those) == [1] * 60


async def test_telegram_sees_its_limits_kept(
    engine: AsyncEngine, sessions: Sessions, clock: TownClock
) -> None:
    async with Sandbox(token=TOKEN) as telegram:
        those = await crowd(sessions, telegram, 45)
        notice = await tell(sessions, NOW)
        async with sender(engine, sessions, telegram, clock, rate=29):
            await ended(sessions, notice, 45)
        assert (telegram.limits.refused, sum(heard(those))) == (0, 45)
        assert telegram.limits.peak <= 30


async def test_people_are_answered_while_more_is_sent_than_is_free() -> None:
    async with Sandbox(token=TOKEN, limits=Limits(overall=1)) as telegram:
        settings = Settings(
            bot_token=TOKEN, telegram_api_url=telegram.url, paid_broadcast=True, send_rate=980
        )
        bot, anna = make_bot(settings, Limiter(980, paid=True)), telegram.person(started=True)
        for _ in range(3):
            await bot.send_message(anna.id, "An answer")
        await bot.session.close()
    assert (telegram.limits.refused, len(anna.messages)) == (0, 3)


METHOD = SendMessage(chat_id=1, text="")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (errors.TelegramRetryAfter(METHOD, "", 7), Verdict(Fate.LATER, seconds=7)),
        (errors.TelegramRetryAfter(METHOD, "", 10**12), Verdict(Fate.LATER, seconds=86400)),
        (errors.TelegramAPIError(METHOD, "Too Many Requests"), Verdict(Fate.LATER)),
        (errors.TelegramMigrateToChat(METHOD, "", -1005), Verdict(Fate.MOVED, chat=-1005)),
        (errors.TelegramForbiddenError(METHOD, "Forbidden: user is deactivated"), "BLOCKED"),
        (errors.TelegramBadRequest(METHOD, "Bad Request: chat not found"), "BLOCKED"),
        (errors.TelegramBadRequest(METHOD, "Bad Request: PEER_ID_INVALID"), "BLOCKED"),
        (errors.TelegramBadRequest(METHOD, "Bad Request: can't parse entities"), "FAILED"),
        (errors.TelegramEntityTooLarge(METHOD, "Request Entity Too Large"), "FAILED"),
        (errors.TelegramServerError(METHOD, "Bad Gateway"), "TROUBLE"),
        (errors.RestartingTelegram(METHOD, "restart"), "TROUBLE"),
        (errors.TelegramNetworkError(METHOD, "timeout"), "UNSURE"),
        (caused(errors.TelegramNetworkError(METHOD, "late"), TimeoutError()), "UNSURE"),
        (caused(errors.TelegramNetworkError(METHOD, "late"), ConnectionTimeoutError()), "TROUBLE"),
        (errors.TelegramUnauthorizedError(METHOD, "Unauthorized"), "TROUBLE"),
        (errors.TelegramNotFound(METHOD, "Not Found"), "TROUBLE"),
        (errors.ClientDecodeError("", ValueError(), ""), "UNSURE"),
        (TimeoutError(), "UNSURE"),
        (ConnectionResetError(), "UNSURE"),
        (ZeroDivisionError(), "FAILED"),
    ],
)
def test_what_an_error_means(error: Exception, verdict: Verdict | str) -> None:
    expected = Verdict(Fate[verdict]) if isinstance(verdict, str) else verdict
    assert verdict_of(error) == expected


async def test_what_was_claimed_goes_back_when_all_sending_is_stopped(
    engine: AsyncEngine, sessions: Sessions, telegram: Sandbox, clock: TownClock
) -> None:
    those = await crowd(sessions, telegram, 30)
    await tell(sessions, NOW)
    async with sender(engine, sessions, telegram, clock, rate=1) as one:

        async def is_claimed() -> bool:
            return len(one.line.ready) > 20

        await until(is_claimed)
        async with sessions() as session:
            await panic.stop(session, NOW)

        async def is_back() -> bool:
            async with sessions() as session:
                found = await states(session)
            return State.LEASED not in found and found[State.READY] >= 20

        await until(is_back)
        assert one.line.ready == []
    assert sum(heard(those)) < 10


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 413, 418, 429, 500, 502])
async def test_an_answer_without_words_says_nothing_of_a_chat(status: int) -> None:
    bot = make_sending_bot(TOKEN, "http://127.0.0.1", 1)
    for answer in (b'{"ok": false}', b"<html>"):
        with pytest.raises(errors.AiogramError) as error:
            numbers(bot, SendText, status, answer)
        is_page = status == 200 and answer == b"<html>"
        assert verdict_of(error.value) == Verdict(Fate.UNSURE if is_page else Fate.TROUBLE)


def letter(number: int, chat: int, priority: int = Priority.BULK) -> Letter:
    item = Claimed(number, Notice(id=1), None, priority, 0)
    recipient = Recipient(chat, b"", None, None, "UTC", 0, 0, None, None, None, is_blocked=False)
    return Letter(Parcel((item,), recipient, NOW), chat, Screen(Markup("")))


def test_whoever_is_busy_waits_aside_and_holds_up_nobody() -> None:
    limiter = Limiter(29)
    line = Line(limiter)
    limiter.take(1, 0.0)
    for each in (letter(1, 1), letter(2, 2), letter(3, 3, Priority.URGENT)):
        line.put(each)
    order = [each.chat for _ in range(2) if (each := line.pop(0.5))]
    assert order == [3, 2]
    assert line.pop(0.5) is None
    assert line.next_in(0.5) == 0.5
    again = line.pop(1.0)
    assert again
    assert again.chat == 1
