"""Remembered facts are never older than the press that shows them."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from bot import db
from bot.services.facts import NONE, REMEMBERED, Facts, Memory, Version
from tests.town import town


def loader(answers: list[str]) -> Any:
    async def load(_session: object) -> str:
        return answers.pop(0)

    return load


async def test_a_fact_is_read_once_per_version() -> None:
    memory = Memory()
    first, second = Facts(Mock(), Version(1), memory), Facts(Mock(), Version(2), memory)
    load = loader(["old", "new"])
    assert [await first.read("x", load) for _ in range(3)] == ["old"] * 3
    assert [await second.read("x", load) for _ in range(3)] == ["new"] * 3


async def test_an_update_that_began_before_a_change_leaves_nothing_behind() -> None:
    memory = Memory()
    early, late = Facts(Mock(), Version(1), memory), Facts(Mock(), Version(2), memory)
    assert await late.read("x", loader(["new"])) == "new"
    assert await early.read("x", loader(["its own"])) == "its own"
    assert await late.read("x", loader([])) == "new"


async def test_a_change_during_the_reading_is_not_hidden_by_it() -> None:
    memory = Memory()
    early = Facts(Mock(), Version(1), memory)

    async def slow(_session: object) -> str:
        await Facts(Mock(), Version(2), memory).read("y", loader(["y"]))
        return "old"

    assert await early.read("x", slow) == "old"
    assert await Facts(Mock(), Version(2), memory).read("x", loader(["new"])) == "new"


async def test_only_so_much_is_remembered() -> None:
    facts = Facts(Mock(), Version(1), Memory())
    for number in range(REMEMBERED * 2):
        await facts.read(number, loader([str(number)]))
    assert len(facts.memory.facts) == REMEMBERED
    assert await facts.read(REMEMBERED * 2 - 1, loader([])) == str(REMEMBERED * 2 - 1)


def test_a_version_follows_those_that_led_to_it() -> None:
    now = Version(7, "c b a ")
    assert [now.follows(Version(n, t)) for n, t in ((6, "b a "), (5, "a "), (7, "c b a "))] == [
        True
    ] * 3
    assert now.follows(Version(0))
    assert not now.follows(Version(6, "x a "))
    assert not Version(5, "a ").follows(now)
    assert not now.follows(NONE)


def name_of_lodkin(name: str) -> bytes:
    person = f'{{slug: ivan-lodkin, name: {{en: "{name}"}}}}'
    return f"format: 1\ncases: [{{slug: port-strike, defendants: [{person}]}}]".encode()


async def copied(source: str, target: str) -> None:
    """As a backup or its restoring does while the bot runs: it may have to end a transaction."""
    await asyncio.to_thread(copy, source, target)


def copy(source: str, target: str) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_after_a_copy_is_put_back_nothing_of_before_is_shown(
    database_url: str, tmp_path: Path
) -> None:
    live, kept = db.sqlite_file(database_url), str(tmp_path / "copy.db")
    async with town(database_url, "format.yaml") as here:
        anna = here.person()
        await copied(str(live), kept)
        await here.take_in(name_of_lodkin("Before Zebra"))
        await anna.send("/start d-ivan-lodkin")
        anna.sees("Before Zebra")
        await copied(kept, str(live))  # and the numbers come again
        await here.take_in(name_of_lodkin("After Quagga"))
        for words in ("/start d-ivan-lodkin", "Quagga"):
            await anna.send(words)
            anna.sees("After Quagga")
        await anna.send("Zebra")
        assert "Quagga" not in anna.last.text
