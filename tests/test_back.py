"""The way back leads whence one came."""

import pytest

from tests.town import Town

pytestmark = pytest.mark.either_database


async def test_from_a_fundraiser_to_the_persons_card(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    for label in ("Donate", "A lawyer for Ivan", "From Russia", "‹ Back", "‹ Fundraisers"):
        await anna.press(label)
    await anna.press("‹ The person")
    anna.sees("crane driver")


async def test_from_a_hearing_to_its_list_and_to_the_persons_card(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Hearings")
    await anna.press("25.11 10:00")
    await anna.press("‹ Hearings of the case")
    await anna.press("‹ Card")
    anna.sees("crane driver")


async def test_from_a_hearing_to_its_city_or_to_what_is_past(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("By city")
    await anna.press("Kamensk · 1")
    await anna.press("25.11 10:00")
    await anna.press("‹ Kamensk")
    anna.sees("Coming hearings: Kamensk")
    harbour.clock.forward(days=9)
    await anna.send("/hearings")
    await anna.press("Past hearings")
    await anna.press("25.11 10:00")
    await anna.press("‹ Past hearings")
    anna.sees("Past hearings")


async def test_from_an_address_to_the_evening_or_the_list(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start e-1")
    await anna.press("Ivan Lodkin")
    await anna.press("‹ Back")
    anna.sees("Paper and stamps are there")
    await anna.send("/letters")
    await anna.press("Ivan Lodkin")
    await anna.press("‹ Back")
    anna.sees("Whom to write to")
    await anna.press("Ivan Lodkin")
    await anna.press("Card")
    anna.sees("crane driver")


async def test_from_a_case_to_its_page_of_its_stage(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/cases")
    await anna.press("1/2 ›")
    await anna.press("The Ufa Five")
    await anna.press("‹ Cases")
    assert "‹ 2/2" in anna.last.labels
    await anna.press("By stage")
    await anna.press("On trial · 3")
    await anna.press("The Ufa Five")
    await anna.press("‹ On trial")
    anna.sees("On trial · 3")


async def test_from_a_person_to_their_page_of_a_large_case(harbour: Town) -> None:
    people = ", ".join(f"{{slug: p{n}, name: {{en: Person {n}x}}}}" for n in range(1, 20))
    await harbour.take_in(f"cases: [{{slug: big, title: Big, defendants: [{people}]}}]".encode())
    anna = harbour.person(language="en")
    await anna.send("/start d-p12")
    await anna.press("‹ The case")
    assert "Person 12x" in anna.last.labels


async def test_from_privacy_to_the_settings(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/settings")
    await anna.press("Privacy")
    await anna.press("‹ Settings")
    anna.sees("Settings")


async def test_buttons_sent_before_they_knew_the_way_back_still_work(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start")
    old = {
        "case:1": "2 defendants", "hearing:1": "Room 12", "hearings:0:1:0:0": "Coming hearings:",
        "write:1": "620999", "fund:1": "Where will you pay from?", "pay:1:russia": "Russian bank",
    }  # fmt: skip
    for data, text in old.items():
        await anna.press_data(data)
        anna.sees(text)
