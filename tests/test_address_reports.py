""" "It is wrong": the owners are told once of an address, and not who said so."""

from collections.abc import AsyncIterator

import pytest

from bot.delivery import scheduler
from tests.delivery import Delivery
from tests.test_telling import told
from tests.town import Town, town

pytestmark = pytest.mark.either_database
OWNER, AWAY = 3001, 3002


@pytest.fixture
async def harbour(database_url: str) -> AsyncIterator[Town]:
    async with town(database_url, "format.yaml", owners=(OWNER, AWAY)) as here:
        yield here


async def test_owners_are_told_once_and_not_who_said_it(delivery: Delivery, harbour: Town) -> None:
    owner = harbour.person("Robin", id=OWNER, language="en")
    await owner.send("/start")
    anna, oleg = harbour.person("Anna", language="ru"), harbour.person("Oleg", language="en")
    for person in (anna, oleg):
        await person.send("/start d-ivan-lodkin")
        await person.press_data("wrong:1:0:0:moved")
        await looked(delivery, harbour)
    assert told(owner)[-1:] == ["⚠️ Somebody says that an address is wrong"]
    owner.sees("Ivan Lodkin")
    owner.sees("🚚 The person is elsewhere now")
    owner.sees_not("Anna")
    await anna.press_data("wrong:1:0:0:came_back")
    await looked(delivery, harbour)
    assert len(told(owner)) == 1
    await owner.press("The address")
    assert "✅ Address confirmed today" in owner.last.labels
    assert harbour.telegram.violations == []


async def looked(delivery: Delivery, here: Town) -> None:
    await scheduler.tidy(here.app.sessions, here.clock)
    await delivery.rests(here)
