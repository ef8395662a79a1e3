"""A hearing that is no next date: asked for in a few taps, saved as what its screen said."""

import asyncio

import pytest
from sqlalchemy import func, select

from models import Hearing
from sandbox import Person
from tests.delivery import Delivery
from tests.test_docket import hearing
from tests.test_figures import NO_CASE
from tests.test_members import joined
from tests.test_telling import told
from tests.town import Town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
BARE = """cases:
- slug: quay
  title: {en: The quay case, ru: "Дело о причале"}
  defendants: [{slug: petr-vesnin, name: {en: Petr Vesnin, ru: "Пётр Веснин"}}]
""".encode()


@pytest.fixture
async def harbour(owned: Town) -> Town:
    """With a case that has no hearing yet."""
    await owned.take_in(BARE)
    return owned


@pytest.fixture
async def vera(harbour: Town, owner: Person) -> Person:
    """An editor."""
    return await joined(harbour, owner, role="Editor")


async def begins(person: Person) -> None:
    await person.send("/desk")
    await person.press("Hearings")
    await person.press("A new hearing")


async def chooses(person: Person, *labels: str) -> None:
    for label in labels:
        await person.press(label)


async def test_the_first_hearing_of_a_case(delivery: Delivery, harbour: Town, vera: Person) -> None:
    anna = harbour.person("Anna")
    await anna.send("/start d-petr-vesnin")
    await anna.press("Follow")
    await delivery.rests(harbour)
    told(anna)
    await begins(vera)
    vera.sees("A new hearing: of which case?")
    assert vera.last.labels[0] == "The quay case"
    await chooses(vera, "The quay case")
    vera.sees("In which court?")
    await chooses(vera, "Kamensk")
    vera.sees("What kind of hearing?")
    await chooses(vera, "Custody hearing")
    vera.sees("When is it?")
    await vera.send("27.11 9:30, room 4")
    vera.sees("Friday, 27 November 2026, 09:30")
    vera.sees("Room 4")
    vera.sees("1 person is told.")
    await vera.press("Lawyer")
    vera.sees("Saved. Followers are told within minutes")
    found = await hearing(harbour, "quay-1")
    assert (found.kind, found.room, found.source) == ("custody", "4", "lawyer")
    await delivery.rests(harbour)
    harbour.clock.forward(minutes=3)
    await delivery.rests(harbour)
    assert told(anna)
    anna.sees("27 November")
    await vera.press("Undo")
    await vera.press("Yes, undo")
    vera.sees("What was changed")
    assert await how_many(harbour, "quay") == 0


async def how_many(here: Town, stem: str) -> int:
    async with here.app.sessions() as session:
        those = select(func.count()).where(Hearing.slug.startswith(f"{stem}-"))
        return await session.scalar(those) or 0


async def test_by_name_and_by_the_calendar_in_russian(harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, language="ru", role="Editor")
    await vera.send("/desk")
    await chooses(vera, "Заседания", "Новое заседание")
    await vera.send("нет такого")
    vera.sees("«нет такого»")
    await vera.send("Веснин")
    await chooses(vera, "Дело о причале", "Каменск", "Приговор", "Календарь", "›", "9")
    vera.sees("9 декабря 2026")
    await vera.send("потом")
    vera.sees("потом")
    await vera.send("10:00")
    vera.sees("Новое заседание")
    await vera.press("Не подтверждено")
    vera.sees("Сохранено")
    assert (await hearing(harbour, "quay-1")).confirmed_at is None


async def to_when(person: Person, case: str = "The quay case") -> None:
    await begins(person)
    await chooses(person, case, "Kamensk", "Hearing on the merits")


async def test_what_is_known_for_that_day_already_is_said(harbour: Town, vera: Person) -> None:
    await to_when(vera, "The port strike case")
    await vera.send("25.11 16:00")
    vera.sees("⚠️ A hearing of this case is known for that day already, at 10:00.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tomorrow", "Both the day and the hour, please."),
        ("9:30", "Both the day and the hour, please."),
        ("21.11 10:00", "past"),
        ("gibberish", "I do not understand"),
        ("today 9:00", "That hour is past already."),
    ],
)
async def test_a_bad_moment_is_asked_again(
    harbour: Town, vera: Person, text: str, why: str
) -> None:
    await to_when(vera)
    await vera.send(text)
    vera.sees(why)
    await vera.send("tomorrow 9:30")
    vera.sees("Who says so?")


async def test_two_who_enter_one_each_keep_both(harbour: Town, vera: Person, owner: Person) -> None:
    lena = await joined(harbour, owner, role="Editor")
    for person, moment in ((vera, "27.11 10:00"), (lena, "30.11 10:00")):
        await to_when(person)
        await person.send(moment)
    for person in (vera, lena):
        await person.press("Court")
        person.sees("Saved.")
    assert await how_many(harbour, "quay") == 2
    await vera.press_data("savenew:00000000:court")
    vera.sees("This button is out of date")


async def test_nothing_half_typed_is_lost(harbour: Town, vera: Person) -> None:
    """Pressed where the dialog is at another question, or over, nothing is saved."""
    await to_when(vera)
    await vera.send("27.11 10:00")
    await begins(vera)
    await vera.press("Not confirmed yet")
    vera.sees("This button is out of date", anywhere=True)
    assert await how_many(harbour, "quay") == 0


@pytest.mark.parametrize("data", ["newhear:999:0::0:", "newhear:1:999::0:", "newhear:1:1:ball:0:"])
async def test_forged(harbour: Town, vera: Person, data: str) -> None:
    await vera.send("/desk")
    await vera.press_data(data)
    vera.sees("This button is out of date")


async def test_a_supporter_has_no_such_button(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/hearings")
    await anna.press_data("newhear:0:0::0:")
    anna.sees("This button is out of date")


async def test_two_enter_the_same_one(harbour: Town, vera: Person, owner: Person) -> None:
    """Whoever saves second is asked again, and may still mean another one."""
    lena = await joined(harbour, owner, role="Editor")
    for person, moment in ((vera, "27.11 10:00"), (lena, "27.11 11:00")):
        await to_when(person)
        await person.send(moment)
    await vera.press("Court")
    vera.sees("Saved.")
    await lena.press("Lawyer")
    lena.sees("Somebody entered one for that day meanwhile. Is yours another one?")
    lena.sees("⚠️ A hearing of this case is known for that day already, at 10:00.")
    assert await how_many(harbour, "quay") == 1
    await lena.press("Lawyer")
    lena.sees("Saved.")
    assert await how_many(harbour, "quay") == 2


async def test_two_press_save_at_once(harbour: Town, vera: Person, owner: Person) -> None:
    lena = await joined(harbour, owner, role="Editor")
    for person in (vera, lena):
        await to_when(person)
        await person.send("27.11 10:00")
    await asyncio.gather(vera.press("Court"), lena.press("Lawyer"))
    assert await how_many(harbour, "quay") == 1
    assert sorted("Saved." in person.last.text for person in (vera, lena)) == [False, True]


@pytest.mark.parametrize("day", ["20261201", "2026W48", "2026-W48-1", "2026-13", "2026-12-1"])
async def test_a_day_that_no_button_writes(harbour: Town, vera: Person, day: str) -> None:
    await vera.send("/desk")
    for data in (f"newhear:1:1:merits:0:{day}", f"chday:1:0:1:move:{day}", f"event:1:{day}"):
        await vera.press_data(data)
        vera.sees("This button is out of date")


async def test_an_hour_that_has_just_passed_is_doubted(harbour: Town, vera: Person) -> None:
    """It is five in the afternoon there."""
    await to_when(vera)
    await vera.send("today 16:00")
    vera.sees("⚠️ That hour is past already today.")
    await vera.send("today 18:00")
    vera.sees_not("past already")


BERLIN = b"""courts:
- {slug: berlin, name: {en: Berlin Court}, city: {en: Berlin}, timezone: Europe/Berlin}
"""


async def test_an_hour_that_comes_twice_is_told_of(harbour: Town, vera: Person) -> None:
    await harbour.take_in(BERLIN)
    await begins(vera)
    await chooses(vera, "The quay case", "Berlin", "Verdict")
    await vera.send("31.10.2027 2:30")
    vera.sees("⚠️ Clocks go back: 02:30 comes twice that day, the first one is meant.")
    await vera.send("31.10.2027 3:30")
    vera.sees_not("Clocks go back")


async def test_each_question_leads_back_to_the_one_before(harbour: Town, vera: Person) -> None:
    await to_when(vera)
    await vera.send("27.11 10:00")
    vera.sees("Who says so?")
    for asked in ("When is it?", "What kind of hearing?", "In which court?", "of which case?"):
        await vera.press("‹ Back")
        vera.sees(asked)
    await chooses(vera, "The quay case", "Kamensk", "Verdict", "Calendar", "26", "‹ Back")
    vera.sees("When is it?")
    await vera.press("✕ Cancel")
    vera.sees("Hearings")


async def test_court_and_kind_may_be_typed(harbour: Town, vera: Person) -> None:
    await harbour.take_in(BERLIN)
    await begins(vera)
    await vera.press("The quay case")
    await vera.send("Atlantis")
    vera.sees("Nothing is called “Atlantis”.")
    vera.sees("In which court?")
    await vera.send("berl")
    assert "Berlin Court" in vera.last.labels
    assert not any("Kamensk" in one for one in vera.last.labels)
    await vera.press("Berlin Court")
    await vera.send("hearing")
    vera.sees("Please choose the kind with a button.")
    assert "Other" in vera.last.labels
    await vera.send("verdict")
    vera.sees("When is it?")
    await vera.send("27.11 10:00, room 4")
    await vera.press("Lawyer")
    vera.sees("Berlin Court, verdict")
    vera.sees("Room 4")


async def test_a_new_court_leads_on_to_its_hearing(harbour: Town, vera: Person) -> None:
    await begins(vera)
    await chooses(vera, "The quay case", "A new court")
    for text in ("Harbour Court", "Портовый суд", "Kamensk", "Каменск"):
        await vera.send(text)
    await vera.press("Yekaterinburg Time")
    while not any("✅" in label for label in vera.last.labels):
        await vera.press("Skip")
    await vera.press("✅")
    vera.sees("Saved.")
    await vera.press("Go on with the hearing")
    vera.sees("The quay case\nHarbour Court")
    vera.sees("What kind of hearing?")


async def test_where_there_is_no_case_one_is_entered(owned: Town, owner: Person) -> None:
    await owned.take_in(NO_CASE)
    await begins(owner)
    owner.sees("No case is known yet: enter it under “Facts” first.")
    await owner.press("Facts")
    assert "Cases" in " ".join(owner.last.labels)
