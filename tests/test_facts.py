"""Remembered facts are never older than the press that shows them."""

from typing import Any
from unittest.mock import Mock

from bot.services.facts import REMEMBERED, Facts, Memory


def loader(answers: list[str]) -> Any:
    async def load(_session: object) -> str:
        return answers.pop(0)

    return load


async def test_a_fact_is_read_once_per_version() -> None:
    memory = Memory()
    first, second = Facts(Mock(), 1, memory), Facts(Mock(), 2, memory)
    load = loader(["old", "new"])
    assert [await first.read("x", load) for _ in range(3)] == ["old"] * 3
    assert [await second.read("x", load) for _ in range(3)] == ["new"] * 3


async def test_an_update_that_began_before_a_change_leaves_nothing_behind() -> None:
    memory = Memory()
    early, late = Facts(Mock(), 1, memory), Facts(Mock(), 2, memory)
    assert await late.read("x", loader(["new"])) == "new"
    assert await early.read("x", loader(["its own"])) == "its own"
    assert await late.read("x", loader([])) == "new"


async def test_a_change_during_the_reading_is_not_hidden_by_it() -> None:
    memory = Memory()
    early = Facts(Mock(), 1, memory)

    async def slow(_session: object) -> str:
        await Facts(Mock(), 2, memory).read("y", loader(["y"]))
        return "old"

    assert await early.read("x", slow) == "old"
    assert await Facts(Mock(), 2, memory).read("x", loader(["new"])) == "new"


async def test_only_so_much_is_remembered() -> None:
    facts = Facts(Mock(), 1, Memory())
    for number in range(REMEMBERED * 2):
        await facts.read(number, loader([str(number)]))
    assert len(facts.memory.facts) == REMEMBERED
    assert await facts.read(REMEMBERED * 2 - 1, loader([])) == str(REMEMBERED * 2 - 1)
