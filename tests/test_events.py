"""Evenings of letters: list and card; the place only when it may be told."""

import pytest

from tests.town import Town

pytestmark = pytest.mark.either_database


async def test_the_evening_is_listed_and_its_place_is_not_told_to_everybody(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/evenings")
    anna.sees("Evening of letters")
    await anna.press("Evening of letters")
    anna.sees("Friday, 27 November, 19:00")
    anna.sees("2 hours")
    anna.sees("Kamensk; the organisers tell the place to those who come")
    anna.sees_not("Mayak")
    anna.sees("Paper and stamps are there")
    await anna.press("Ivan Lodkin")
    anna.sees("A letter to Ivan Lodkin")


async def test_a_public_place_is_shown(harbour: Town) -> None:
    await harbour.take_in(b"events: [{slug: letters-in-may, place_shown: public}]")
    anna = harbour.person()
    await anna.send("/start e-1")
    anna.sees("Cafe Mayak")


async def test_a_place_told_hours_before_appears_then(harbour: Town) -> None:
    await harbour.take_in(b"events: [{slug: letters-in-may, place_shown: 3}]")
    anna = harbour.person()
    await anna.send("/start e-1")
    anna.sees("told shortly before the start")
    anna.sees_not("Mayak")
    harbour.clock.forward(days=5, hours=2)
    await anna.send("/start e-1")
    anna.sees("Cafe Mayak")


async def test_a_past_evening_is_not_listed(harbour: Town) -> None:
    harbour.clock.forward(days=6)
    anna = harbour.person()
    await anna.send("/evenings")
    anna.sees("No evening is planned yet")


async def test_a_place_told_hours_before_is_gone_afterwards(harbour: Town) -> None:
    await harbour.take_in(b"events: [{slug: letters-in-may, place_shown: 3}]")
    harbour.clock.forward(days=200)
    anna = harbour.person()
    await anna.send("/start e-1")
    anna.sees_not("Mayak")


async def test_an_online_evening_is_joined_by_a_button(harbour: Town) -> None:
    await harbour.take_in(
        b"events: [{slug: letters-in-may, place: null, place_shown: public,"
        b" online_url: https://meet.example.org/x}]"
    )
    anna = harbour.person()
    await anna.send("/start e-1")
    await anna.press("Join online")
    assert anna.opened == "https://meet.example.org/x"


async def test_without_an_evening_a_letter_is_one_press_away(harbour: Town) -> None:
    harbour.clock.forward(days=6)
    anna = harbour.person(language="en")
    await anna.send("/evenings")
    await anna.press("Write a letter")
    anna.sees("Whom to write to")


async def test_the_list_tells_the_zone_of_its_hours(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/evenings")
    anna.sees("Friday, 27 November, 19:00 (Yekaterinburg Time, UTC+5)")
    anna.sees_not("Your time")
    await anna.send("/settings")
    await anna.press_data("zone:Pacific/Auckland")
    await anna.send("/evenings")
    anna.sees("Your time: Saturday, 28 November 2026, 03:00")
