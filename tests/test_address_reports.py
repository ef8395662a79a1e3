""" "It is wrong": the owners are told once of an address, and not who said so."""

from collections.abc import AsyncIterator

import pytest

from tests.town import Town, town

pytestmark = pytest.mark.either_database
OWNER, AWAY = 3001, 3002


@pytest.fixture
async def harbour(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url, "format.yaml", owners=(OWNER, AWAY)) as here:
        yield here


async def test_owners_are_told_once_and_not_who_said_it(harbour: Town) -> None:
    owner = harbour.person("Robin", id=OWNER, started=True)
    anna, oleg = harbour.person("Anna", language="ru"), harbour.person("Oleg", language="en")
    for person in (anna, oleg):
        await person.send("/start d-ivan-lodkin")
        await person.press_data("wrong:1:0:0:moved")
    [told] = [one for one in owner.messages if one.from_bot]
    assert told.text.splitlines()[0] == "⚠️ Somebody says that an address is wrong"
    assert "Ivan Lodkin" in told.text
    assert "🚚 The person is elsewhere now" in told.text
    assert "Anna" not in told.text
    await anna.press_data("wrong:1:0:0:came_back")
    assert len([one for one in owner.messages if one.from_bot]) == 2
    await owner.press("The address")
    owner.sees("A letter to Ivan Lodkin")
    assert harbour.telegram.violations == []
