"""What needs a hand at the desk, and the summary of a day."""

import pytest

from bot.delivery import scheduler
from sandbox import Person
from tests.delivery import Delivery
from tests.test_members import joined
from tests.test_telling import told
from tests.town import Town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


async def looks(person: Person, number: int) -> None:
    await person.send("/desk")
    await person.press(f"Needs a hand: {number}" if number else "Nothing needs a hand")


async def is_known_to_have_joined(
    delivery: Delivery, here: Town, owner: Person, role: str = "coordinator"
) -> None:
    await scheduler.tidy(here.app.sessions, here.clock)
    await delivery.rests(here)
    assert told(owner) == [f"👤 Somebody joined by your invitation, as: {role}."]


async def test_owners_hear_once_of_who_joins(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    lena = await joined(harbour, owner, role="Editor")
    await is_known_to_have_joined(delivery, harbour, owner, "editor")
    owner.sees("The bot cannot tell who opened the link: ask them in person.")
    await owner.press("Open and decide")
    owner.sees("Lena")
    for _again in range(2):
        harbour.clock.forward(hours=1)
        await scheduler.tidy(harbour.app.sessions, harbour.clock)
        await delivery.rests(harbour)
    assert told(owner) == []
    assert "keeps the facts" not in "".join(told(lena))


async def test_who_joins_at_night_is_told_of_at_once(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    """In quiet hours, and where all reminders are silenced for days."""
    await owner.press_data("setquiet:22:8")
    await owner.press_data("setsilence:7")
    harbour.clock.forward(hours=9)
    await delivery.rests(harbour)
    told(owner)
    await joined(harbour, owner)
    await is_known_to_have_joined(delivery, harbour, owner)


async def test_whose_role_ended_at_once_is_no_news(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    await joined(harbour, owner)
    await owner.send("/desk")
    for label in ("Who keeps the facts", "Lena", "End it", "Yes, end it"):
        await owner.press(label)
    await scheduler.tidy(harbour.app.sessions, harbour.clock)
    await delivery.rests(harbour)
    assert told(owner) == []


async def test_each_thing_leads_to_where_it_is_done(harbour: Town, owner: Person) -> None:
    await looks(owner, 0)
    owner.sees("Nothing: all is as it should be.")
    harbour.clock.forward(days=1)
    await harbour.take_in(b"hearings: [{slug: port-strike-1, confirmed_at: null}]")
    await looks(owner, 1)
    owner.sees("⏰ 1 hearing within 3 days, not confirmed")
    await owner.press("🗓 Hearings")
    owner.sees("Hearings")
    harbour.clock.forward(days=4)
    await looks(owner, 1)
    owner.sees("❓ 1 hearing: what came of it?")
    await owner.press("🗓 Hearings")
    await owner.press("❓ 25.11 10:00")
    await owner.press("It was put off")
    await owner.press("Lawyer")
    await looks(owner, 1)
    owner.sees("⏸ 1 put off without a next date")
    harbour.clock.forward(days=24)
    await looks(owner, 5)
    owner.sees("❤️ 3 ways to pay to check")
    owner.sees("✉️ 1 address to confirm")
    await owner.press("📍 Where people are")
    owner.sees("Where people are")
    assert harbour.telegram.violations == []


async def test_an_editor_sees_what_is_theirs(harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, role="Editor")
    harbour.clock.forward(days=40)
    await looks(vera, 1)
    vera.sees_not("ways to pay")
    vera.sees("❓ 1 hearing: what came of it?")
    assert vera.last.labels[0] == "🗓 Hearings"


async def test_an_address_that_is_said_to_be_wrong(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    lena = await joined(harbour, owner)
    await is_known_to_have_joined(delivery, harbour, owner)
    for name in ("Anna", "Boris"):
        anna = harbour.person(name)
        await anna.send("/start d-ivan-lodkin")
        await anna.press_data("wrong:1:0:0:moved")
    await scheduler.tidy(harbour.app.sessions, harbour.clock)
    await delivery.rests(harbour)
    assert told(owner)[-1:] == told(lena)[-1:] == ["⚠️ Somebody says that an address is wrong"]
    await looks(lena, 1)
    lena.sees("⚠️ 1 address is said to be wrong")
    await lena.press("Wrong addresses")
    lena.sees("Ivan Lodkin: 🚚 The person is elsewhere now × 2")
    await lena.press("Ivan Lodkin")
    await lena.press("Address confirmed today")
    await lena.press("Lawyer")
    await looks(lena, 0)


async def test_the_summary_of_a_day(delivery: Delivery, harbour: Town, owner: Person) -> None:
    lena = await joined(harbour, owner, language="ru")
    await is_known_to_have_joined(delivery, harbour, owner)
    await lena.send("/desk")
    await lena.press("Внимания ничего не требует")
    await lena.press("Каждый день в 9:00: нет")
    lena.sees("Ничего: всё в порядке.")
    for hours in (15, 9):  # six and nine o'clock there
        harbour.clock.forward(hours=hours)
        await scheduler.tidy(harbour.app.sessions, harbour.clock)
        await delivery.rests(harbour)
    assert told(lena)[1:] == []  # nothing needs a hand
    harbour.clock.forward(days=5)
    for _again in range(3):
        await scheduler.tidy(harbour.app.sessions, harbour.clock)
        await delivery.rests(harbour)
        harbour.clock.forward(minutes=10)
    [line] = told(lena)
    assert line.startswith("☀️ Что требует внимания,")
    lena.sees("• ❓ 1 заседание прошло: чем кончилось?")
    await lena.press("Открыть список")
    lena.sees("Что требует внимания")
    assert told(owner) == []
    await lena.press("Каждый день в 9:00: да")
    harbour.clock.forward(days=1)
    await scheduler.tidy(harbour.app.sessions, harbour.clock)
    await delivery.rests(harbour)
    assert told(lena) == []


async def test_an_editor_is_told_each_day_of_what_is_theirs(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    vera = await joined(harbour, owner, role="Editor")
    for person in (owner, vera):
        await looks(person, 0)
        await person.press("Each day at 9:00: off")
    harbour.clock.forward(days=40)
    await scheduler.tidy(harbour.app.sessions, harbour.clock)
    await delivery.rests(harbour)
    of_owner, of_vera = [
        [one.text for one in person.messages if "☀️ What needs a hand" in one.text]
        for person in (owner, vera)
    ]
    assert len(of_owner) == len(of_vera) == 1
    assert "way to pay to check" in of_owner[0]
    assert "❓ 1 hearing: what came of it?" in of_vera[0]
    assert "to pay" not in of_vera[0]


async def test_a_question_without_an_answer_needs_a_hand(harbour: Town, owner: Person) -> None:
    anna = harbour.person("Anna")
    await anna.send("/ask")
    await anna.send("May I bring him books to the court?")
    await anna.press("Send it")
    await looks(owner, 1)
    owner.sees("💬 1 question to answer")
    await owner.press("💬 Questions")
    owner.sees("nobody has taken it yet")


async def test_nobody_else_presses_anything_of_it(harbour: Town, owner: Person) -> None:
    mole = harbour.person("Mole")
    await mole.send("/help")
    for data in ("attention", "summary:1", "reported"):
        await mole.press_data(data)
        mole.sees("This button is out of date")
