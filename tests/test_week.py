"""Two coordinators run a week, all of it can be read in the history and undone there; a supporter
can do none of it."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.callbacks import OpenChangeSet
from bot.services.history import without_words
from models import HistoryEntry
from sandbox import Person
from tests.delivery import Delivery
from tests.test_broadcasts import mended, presses
from tests.test_forms import settles, taps
from tests.test_history import state
from tests.test_proposals import comes, coordinator, opens
from tests.test_questions import answers, asks
from tests.test_rights import everything
from tests.test_telling import told
from tests.town import OTHER_OWNER, OWNER, Town

pytestmark = [
    pytest.mark.either_database,
    pytest.mark.usefixtures("quick_progress", "undisturbed"),
]


@pytest.fixture
async def owners(guarded: Town) -> tuple[Person, Person]:
    return await comes(guarded, "Olga", OWNER), await comes(guarded, "Oleg", OTHER_OWNER)


async def test_a_week(delivery: Delivery, guarded: Town, owners: tuple[Person, Person]) -> None:
    here = guarded
    lena, vera = [await coordinator(here, name, *owners) for name in ("Lena", "Vera")]
    anna = here.person("Anna")
    await taps(here, anna, ">/follows", "everything", "Yes")
    await delivery.rests(here)
    before = await state(here)
    await a_case_with_three_people(here, lena)
    await settles(delivery, here)
    await its_first_hearing(here, vera)
    await settles(delivery, here)
    told(anna)
    await taps(here, vera, ">/desk", "Hearings", "27.11 10:00", "Move", ">tomorrow 9:30", "Court")
    await settles(delivery, here)
    assert told(anna)
    anna.sees("23 November")
    await an_evening(here, lena)
    await an_address_by_two(delivery, here, lena, vera)
    await settles(delivery, here)
    await a_broadcast(delivery, here, lena, vera, anna)
    await a_question(delivery, here, vera, anna)
    here.clock.forward(days=6)
    await all_of_it_is_undone(delivery, here, lena, vera)
    assert without_words(await state(here)) == without_words(before)
    assert here.telegram.violations == []


async def accepts(delivery: Delivery, here: Town, person: Person) -> None:
    """After the word has come that something waits, and until its author has heard."""
    await delivery.rests(here)
    await opens(person)
    await person.press("Accept")
    await delivery.rests(here)


async def a_case_with_three_people(here: Town, person: Person) -> None:
    await taps(here, person, ">/desk", "Facts", "Cases", "A new case", ">The tram case", "Skip")
    await taps(here, person, "Skip", "On trial", "Save")
    for name in ("Anna Kruglova", "Boris Tokarev", "Vera Kruglova"):
        await taps(here, person, "A new person", f">{name}", "Skip", "Skip", "Skip", "Save")


async def its_first_hearing(here: Town, person: Person) -> None:
    await taps(here, person, ">/desk", "Hearings", "A new hearing", "The tram case", "Kamensk")
    await taps(here, person, "Hearing on the merits", ">27.11 10:00", "Lawyer")
    person.sees("Saved.")


async def an_evening(here: Town, person: Person) -> None:
    await taps(here, person, ">/desk", "Facts", "Events", "A new event")
    await taps(here, person, "Evening of letters", ">Letters to the tram", "Skip", "Moscow")
    await taps(here, person, ">25.11 19:00", ">Kamensk", "Skip", ">The cafe", "Skip", "Save")
    person.sees("Letters to the tram")


async def an_address_by_two(delivery: Delivery, here: Town, first: Person, second: Person) -> None:
    await taps(here, first, ">/desk", "Facts", "Places of custody", "Remand prison", "Address")
    await taps(here, first, "English", ">3 New St, Kamensk", ">Каменск, Новая, 3", "Save")
    assert await address(here) == "4 Zavodskaya St, Kamensk, Kamensk region, Russia"
    await accepts(delivery, here, second)
    assert await address(here) == "3 New St, Kamensk"


async def address(here: Town) -> str:
    found: str = (await state(here))["facility"]["kamensk-sizo-1"]["address"]["en"]
    return found


async def a_broadcast(
    delivery: Delivery, here: Town, first: Person, second: Person, anna: Person
) -> None:
    await taps(here, first, ">/desk", "Broadcasts", "Write to many", "Everybody", "English")
    await taps(here, first, ">Come to the cafe", "Send…", "Send now")
    await accepts(delivery, here, second)
    anna.sees("Come to the cafe")
    await taps(here, first, ">/desk", "Broadcasts", "22.11", "Correct", ">Come to the club")
    await presses(here, first, "Yes, correct it")
    await accepts(delivery, here, second)
    await mended(delivery, here)
    anna.sees("Come to the club", anywhere=True)
    anna.sees_not("Come to the cafe", anywhere=True)
    await taps(here, first, ">/desk", "Broadcasts", "22.11", "Recall", "Yes, recall it")
    await mended(delivery, here)
    anna.sees_not("Come to the club", anywhere=True)


async def a_question(delivery: Delivery, here: Town, vera: Person, anna: Person) -> None:
    await asks(anna)
    await answers(vera)
    await delivery.rests(here)
    anna.sees("You may.", anywhere=True)


async def all_of_it_is_undone(
    delivery: Delivery, here: Town, first: Person, second: Person
) -> None:
    """The newest first; what is delicate by two."""
    async with here.app.sessions() as session:
        versions = select(HistoryEntry.version).where(HistoryEntry.author_id.is_not(None))
        those = sorted(set(await session.scalars(versions)), reverse=True)
    assert len(those) == 8
    for version in those:
        await taps(here, first, ">/desk", "What was changed")
        await taps(here, first, OpenChangeSet(version=version))
        first.sees("coordinator, ")
        await taps(here, first, "Undo", "Yes, undo")
        if "Proposal" in first.last.text:
            await accepts(delivery, here, second)


async def test_a_supporter_can_do_none_of_it(
    guarded: Town, owners: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Presses that carry what a coordinator's did."""
    lena, pressed = await coordinator(guarded, "Lena", *owners), list[str]()
    press = lena.press_data

    async def noted(data: str, **how: Any) -> None:
        pressed.append(data)
        await press(data, **how)

    monkeypatch.setattr(lena, "press_data", noted)
    await a_case_with_three_people(guarded, lena)
    await its_first_hearing(guarded, lena)
    await an_evening(guarded, lena)
    assert len(pressed) > 30
    anna = guarded.person("Anna")
    await anna.send("/help")
    before = await everything(guarded)
    for data in pressed:
        guarded.clock.forward(seconds=2)
        await anna.press_data(data)
    assert await everything(guarded) == before
