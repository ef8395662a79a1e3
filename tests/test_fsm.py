"""Dialogs in Redis: they survive a restart, keep the order, and their keys name nobody."""

import asyncio
import sys
from types import ModuleType
from typing import Literal

import pytest
from aiogram.fsm.state import StatesGroup
from aiogram.fsm.storage.base import StorageKey
from redis.asyncio import Redis
from redis.exceptions import BusyLoadingError, ReadOnlyError, RedisError, ResponseError

from bot.crypto import generate_key, make_vault
from bot.dispatcher import ROUTERS
from bot.fsm import BlindKeys, InOrder, make_shared_storage
from bot.kept_dialogs import AT_THE_DESK
from bot.shared_dialogs import connect
from tests.town import town


async def test_a_question_survives_a_restart_and_its_keys_name_nobody(
    database_url: str, redis_url: str
) -> None:
    async with town(database_url, "format.yaml", redis_url=redis_url) as here:
        anna = here.person(id=777_123_456)
        await anna.send("/settings")
        await anna.press("My time zone")
        redis = Redis.from_url(redis_url)
        keys = [key.decode() for key in await redis.keys("*")]
        await redis.aclose()
        assert keys
        assert not any("777123456" in key for key in keys)
    async with town(database_url, redis_url=redis_url) as again:
        again.telegram.world.updates.next_id = 1000  # Telegram's numbers go on
        anna = again.person(id=777_123_456)
        await anna.send("Berlin")
        anna.sees("Which one?")


def test_every_question_at_the_desk_is_kept() -> None:
    """A new group of states is lost by a restart unless it is named."""
    modules = [module for name, module in sys.modules.items() if name.startswith("handlers.")]
    assert len(modules) > len(ROUTERS)
    asked = {name for module in modules for name in groups_of(module)}
    assert {f"{name}:" for name in asked} - {"Questioning:", "Asking:"} == {*AT_THE_DESK}


def groups_of(module: ModuleType) -> set[str]:
    known = vars(module).values()
    return {
        one.__name__
        for one in known
        if isinstance(one, type) and issubclass(one, StatesGroup) and one is not StatesGroup
    }


def test_keys_differ_by_chat_person_and_part() -> None:
    keys = BlindKeys(make_vault(generate_key()))
    places = [StorageKey(42, chat, user) for chat, user in ((1, 2), (2, 1), (1, 1))]
    built = {keys.build(place, part) for place in places for part in ("data", "state", "lock")}
    assert len(built) == 9


async def test_quick_messages_keep_their_order_in_redis_too(
    database_url: str, redis_url: str
) -> None:
    async with town(database_url, "format.yaml", redis_url=redis_url) as here:
        anna = here.person()
        for command in ("/help", "/cases", "/letters"):
            await anna.send(command, wait=False)
        await here.telegram.settled()
        answers = [message.text for message in anna.messages if message.from_bot]
        for answer, words in zip(answers, ("What this", "Cases", "Whom"), strict=True):
            assert answer.startswith(words)


async def test_locks_of_people_who_are_gone_are_not_kept() -> None:
    isolation = InOrder()
    for person in range(100):
        async with isolation.lock(StorageKey(42, person, person)):
            pass
    assert len(isolation.lines) <= 1


@pytest.mark.parametrize("part", ["state", "data", "lock"])
async def test_a_key_of_another_type_counts_as_no_dialog(
    redis_url: str, part: Literal["state", "data", "lock"]
) -> None:
    vault, key = make_vault(generate_key()), StorageKey(42, 1, 1)
    redis, name = Redis.from_url(redis_url), BlindKeys(vault).build(key, part)
    await redis.rpush(name, "x")
    storage, isolation = make_shared_storage(connect(redis_url), vault)
    async with asyncio.timeout(5), isolation.lock(key):
        assert await storage.get_state(key) is None
        assert await storage.get_data(key) == {}
    assert not await redis.exists(name)
    await redis.aclose()
    await storage.close()


@pytest.mark.parametrize(("part", "value"), [("state", b"\xff"), ("data", b"{"), ("data", b"\xff")])
async def test_what_cannot_be_read_counts_as_no_dialog(
    redis_url: str, part: Literal["state", "data"], value: bytes
) -> None:
    vault, key = make_vault(generate_key()), StorageKey(42, 1, 1)
    redis = Redis.from_url(redis_url)
    await redis.set(BlindKeys(vault).build(key, part), value)
    storage, _isolation = make_shared_storage(connect(redis_url), vault)
    assert await storage.get_state(key) is None
    assert await storage.get_data(key) == {}
    await redis.aclose()
    await storage.close()


async def test_nobody_reads_in_redis_what_is_being_typed(redis_url: str) -> None:
    vault, key = make_vault(generate_key()), StorageKey(42, 1, 1)
    redis = Redis.from_url(redis_url)
    storage, _isolation = make_shared_storage(connect(redis_url), vault)
    await storage.set_data(key, {"text": "half a question", "number": 7})
    kept = [await redis.get(name) async for name in redis.scan_iter("fsm:*")]
    assert kept
    assert not any(b"question" in value for value in kept)
    assert await storage.get_data(key) == {"text": "half a question", "number": 7}
    await redis.aclose()
    await storage.close()


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (BusyLoadingError(), True),
        (ReadOnlyError(), True),
        (ResponseError("BUSY Redis is busy running a script"), True),
        (ResponseError("MISCONF Redis cannot write its snapshots"), True),
        (ConnectionRefusedError(), True),
        (ResponseError("WRONGTYPE Operation against a key"), False),
        (ResponseError("ERR unknown command"), False),
        (ValueError(), False),
    ],
)
def test_which_troubles_of_redis_are_waited_out(error: RedisError, passes: bool) -> None:
    from bot.shared_dialogs import is_trouble

    assert is_trouble(error) is passes
