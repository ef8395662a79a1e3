"""What one process answers another one that sends leaves room for; the paid pace is for all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.config import Duty
from bot.delivery.limiter import IN_STORE, Limiter
from bot.delivery.shared_pace import ANSWERS, HURRY, number_in
from bot.intercom import Intercom
from tests.test_away import OwnRedis, answers, own_redis, until
from tests.town import VAULT, Town, town

__all__ = ["own_redis"]  # a fixture
WEB, SENDER = frozenset({Duty.WEB}), frozenset({Duty.SENDER})


@asynccontextmanager
async def two(database_url: str, redis_url: str) -> AsyncIterator[tuple[Town, Town]]:
    async with (
        town(database_url, "format.yaml", duties=WEB, redis_url=redis_url) as web,
        town(
            database_url,
            telegram=web.telegram,
            clock=web.clock,
            duties=SENDER,
            redis_url=redis_url,
        ) as sender,
    ):
        yield web, sender


async def all_hear(redis_url: str) -> None:
    """Both of them of answers, who answers of the paid pace."""
    async with asyncio.timeout(20), Redis.from_url(redis_url) as redis:
        channels = [Intercom(redis, VAULT).channel(word) for word in (ANSWERS, HURRY)]
        while [count for _, count in await redis.pubsub_numsub(*channels)] != [2, 1]:
            pass


@pytest.mark.either_database
async def test_answers_of_one_process_count_for_the_one_that_sends(
    database_url: str, redis_url: str
) -> None:
    async with two(database_url, redis_url) as (web, sender):
        await all_hear(redis_url)
        anna = web.person()
        for _ in range(3):
            await anna.send("/help")
        assert len(answers(anna)) == 3
        await until(lambda: len(sender.app.limiter.recent) == 3)
        assert len(sender.app.limiter.came) == len(sender.app.limiter.begun) == 3
        assert len(web.app.limiter.recent) == len(web.app.limiter.begun) == 3  # and not twice


@pytest.mark.either_database
async def test_while_one_pays_the_others_pay_for_what_cannot_wait(
    database_url: str, redis_url: str
) -> None:
    async with two(database_url, redis_url) as (web, sender):
        await all_hear(redis_url)
        assert not web.app.limiter.pays(monotonic())
        sender.app.limiter.take(1, monotonic(), paid=True)
        await until(lambda: web.app.limiter.pays(monotonic()))
        await until(lambda: not web.app.limiter.pays(monotonic()))


@pytest.mark.either_database
async def test_a_redis_that_was_away_is_heard_again(database_url: str, own_redis: OwnRedis) -> None:
    async with two(database_url, own_redis.url) as (web, sender):
        await all_hear(own_redis.url)
        await own_redis.kill()
        await own_redis.start()
        await all_hear(own_redis.url)
        await web.person().send("/help")
        await until(lambda: len(sender.app.limiter.recent) == 1)


@pytest.mark.either_database
async def test_what_anybody_else_writes_there_is_no_harm(database_url: str, redis_url: str) -> None:
    async with two(database_url, redis_url) as (_web, sender), Redis.from_url(redis_url) as redis:
        await all_hear(redis_url)
        pace = Intercom(redis, VAULT).channel(ANSWERS)
        for word in (b"\xff", "", "x", "x y", "x -5", "x ²", "x 2"):
            await redis.publish(pace, word)
        await until(lambda: len(sender.app.limiter.recent) == 2)


@given(st.text())
def test_any_word_is_read(word: str) -> None:
    assert 0 <= number_in(word) < 10**9


def test_a_number_is_read() -> None:
    assert [number_in(word) for word in ("17", "-17", "x", "", "²", "9" * 5000)] == [17, *[0] * 5]


def test_for_answers_from_elsewhere_room_is_kept_as_for_own_ones() -> None:
    own, others = Limiter(29), Limiter(29)
    for _ in range(2 * IN_STORE):
        own.spend(None, 10.0)
        own.departs()
        own.arrived(10.0, 10.0, answered=False)
    others.spend_elsewhere(2 * IN_STORE, 10.0)
    assert own.wait(10.0) == others.wait(10.0)
    assert own.wait(10.0, weight=20) == others.wait(10.0, weight=20) > 0
