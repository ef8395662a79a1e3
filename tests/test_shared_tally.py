"""What one person may do only so often a day, however many processes answer them."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from redis.asyncio import Redis

from bot.fsm import make_shared_storage
from bot.services import address_reports, members, sent_letters
from bot.services.tally import Tally
from bot.shared_dialogs import connect
from bot.shared_tally import KEPT, SharedTally
from models import Letter
from sandbox import Person
from tests.test_away import OwnRedis, own_redis
from tests.test_edits import goes_to, two
from tests.test_follows import rows, toast
from tests.test_questions import asks
from tests.town import OWNER, VAULT, Town

__all__ = ["own_redis"]  # a fixture
ANNA, BORIS, TODAY = b"a" * 32, b"b" * 32, date(2026, 11, 22)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as redis:
        yield redis


def letters(redis: Redis) -> SharedTally:
    """Of one process."""
    return SharedTally(redis, VAULT, "letters")


@pytest.mark.parametrize("is_shared", [True, False])
async def test_what_fails_is_not_counted_and_what_is_too_much_neither(
    redis: Redis, is_shared: bool
) -> None:
    tally = letters(redis) if is_shared else Tally()
    for more, there_is_room in ((2, True), (2, False), (1, True)):
        async with tally.counting(ANNA, TODAY, 3, more) as is_room:
            assert is_room is there_is_room
    assert not await tally.may(ANNA, TODAY, 3)
    assert await tally.may(BORIS, TODAY, 3)
    with pytest.raises(LookupError):
        async with tally.counting(BORIS, TODAY, 3):
            raise LookupError
    assert await tally.add(BORIS, TODAY, 0) == 0
    assert await tally.may(ANNA, TODAY + timedelta(days=1), 3)


@pytest.mark.parametrize("is_shared", [True, False])
async def test_two_taps_are_one_answer_until_it_is_asked_again(
    redis: Redis, is_shared: bool
) -> None:
    tally = letters(redis) if is_shared else Tally()

    async def taps(who: bytes) -> bool:
        async with tally.answering(who, (1, 2), TODAY) as is_first:
            return is_first

    assert [await taps(ANNA), await taps(ANNA), await taps(BORIS)] == [True, False, True]
    await tally.ask_again((1, 2), TODAY)
    with pytest.raises(LookupError):
        async with tally.answering(ANNA, (1, 2), TODAY):
            raise LookupError
    assert [await taps(ANNA), await taps(ANNA)] == [True, False]


async def test_one_count_is_no_other_ones(redis: Redis) -> None:
    other = SharedTally(redis, VAULT, "reports")
    await letters(redis).add(ANNA, TODAY, 5)
    assert await other.add(ANNA, TODAY, 0) == 0


async def test_redis_holds_nobody_and_nothing_for_long(redis: Redis) -> None:
    """Neither by what finds them in the database, nor the same name on two days."""
    tally = letters(redis)
    for day in (TODAY, TODAY + timedelta(days=1)):
        await tally.add(ANNA, day, 1)
        await tally.mark(ANNA, (777_123_456, 3), day)
    names = [name async for name in redis.scan_iter("*")]
    assert len(names) == 4
    for name in names:
        assert 0 < await redis.ttl(name) <= KEPT
        assert b"777123456" not in name
        assert ANNA.hex().encode() not in name
    dialogs, _order = make_shared_storage(redis, VAULT)
    await dialogs.forget_all()  # type: ignore[attr-defined]
    assert [name async for name in redis.scan_iter("*")] == []


async def test_while_redis_is_away_each_process_counts_for_itself(own_redis: OwnRedis) -> None:
    async with connect(own_redis.url) as redis:
        first, second = letters(redis), letters(redis)
        await first.add(ANNA, TODAY, 2)
        assert await second.add(ANNA, TODAY, 0) == 2
        await own_redis.kill()
        for tally in (first, second):
            async with tally.counting(ANNA, TODAY, 1) as is_room:
                assert is_room
            assert not await tally.may(ANNA, TODAY, 1)
            assert await tally.mark(ANNA, (1, 2), TODAY)
            await tally.ask_again((1, 2), TODAY)
            await tally.unmark(ANNA, (1, 2), TODAY)


# As people meet it.


async def in_turns(person: Person, first: Town, second: Town, *steps: str) -> None:
    """Each step goes to the other process."""
    for number, step in enumerate(steps):
        await goes_to((first, second)[number % 2])
        await (person.press_data(step) if ":" in step else person.send(step))


@pytest.mark.either_database
async def test_letters_are_counted_over_all_processes(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_letters, "MOST", 3)
    async with two(database_url, redis_url) as (first, second):
        anna = first.person(language="en")
        await in_turns(anna, first, second, *["/start", "/start", "sent:1:0:1:0"] * 5)
        said = toast(anna)
        assert await rows(first, Letter) == 3
        assert said == "So many in one day, thank you! More are counted tomorrow."


@pytest.mark.either_database
async def test_the_second_tap_that_another_process_gets_counts_nothing(
    database_url: str, redis_url: str
) -> None:
    async with two(database_url, redis_url) as (first, second):
        anna = first.person(language="en")
        await in_turns(anna, first, second, "/start", "sent:1:0:1:0", "sent:1:0:1:0")
        assert await rows(first, Letter) == 1


@pytest.mark.either_database
async def test_wrong_addresses_are_counted_over_all_processes(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_reports, "MOST", 2)
    async with two(database_url, redis_url) as (first, second):
        anna = first.person(language="en")
        await in_turns(anna, first, second, "/start d-ivan-lodkin", "wrong:1:0:0:moved")
        await in_turns(anna, first, second, "wrong:1:0:0:moved")
        assert "So many in one day" not in str(toast(anna))
        await in_turns(anna, second, first, "wrong:1:0:0:moved")
        assert "So many in one day" in str(toast(anna))


@pytest.mark.either_database
async def test_questions_are_counted_over_all_processes(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.questions.A_DAY", 2)
    async with two(database_url, redis_url) as (first, second):
        async with first.app.sessions() as session:
            await members.keep_owners(session, VAULT, (OWNER,), first.clock.now())
        anna = first.person(language="en")
        for here, words in ((first, "May I come?"), (second, "May I bring him books?")):
            await goes_to(here)
            await asks(anna, words, about=None)
        await goes_to(first)
        await anna.send("/ask")
        anna.sees("So many questions in one day!")
