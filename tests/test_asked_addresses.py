"""Whoever asked where to write is told when that changes, for sixty days."""

from datetime import timedelta

import pytest

from bot.delivery.scheduler import tidy
from models import Follow
from sandbox import Person
from tests.delivery import Delivery
from tests.test_follows import rows, toast
from tests.test_telling import COLONY, at, told
from tests.town import NOW, Town

pytestmark = pytest.mark.either_database

BACK = "kamensk-sizo-1, since: 2025-11-03"
THERE = "colony-2, since: 2026-11-22, confirmed_at: 2026-11-22 14:00"


def ivan(facts: str) -> bytes:
    return f"cases: [{{slug: port-strike, defendants: [{{slug: ivan-lodkin, {facts}}}]}}]".encode()


TRANSFER = ivan("status: transfer")
ARRIVED = COLONY.encode() + ivan(f"status: colony, custody: [{{facility: {THERE}}}]")


@pytest.fixture
async def anna(delivery: Delivery, harbour: Town) -> Person:
    """Follows nobody, and has asked for an address."""
    await delivery.rests(harbour)
    anna = harbour.person("Anna", language="en")
    await anna.send("/letters")
    await anna.press("Ivan Lodkin")
    await anna.press("🔔 Tell of changes")
    assert toast(anna) == "Until 21 January 2027 you will be told when the address changes."
    anna.sees("4 Zavodskaya St")
    return anna


async def test_told_of_the_move_and_of_the_new_address(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(TRANSFER)
    await anna.press("✓ You are told")
    anna.sees("Nobody can write now: a transfer is under way")
    anna.sees_not("Zavodskaya")
    await anna.press("🔔 Tell of changes")
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: being transferred"]
    anna.sees("Do not write to the old address. We will tell you when there is a new one.")
    anna.sees("Because you follow: Ivan Lodkin: where to write")
    await harbour.take_in(ARRIVED)
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: in a penal colony"]
    anna.sees("✉️ You can write: address confirmed today")
    anna.sees_not("Lesnaya")  # it may be another one when somebody reads it
    await anna.press("✉️ Write")
    anna.sees("1 Lesnaya St")


async def test_in_silence_and_with_all_alerts_off(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """Also by whoever follows the person besides: their letter would go in vain."""
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await anna.press_data("setsilence:7")
    await anna.press_data("alert:status:0")
    await harbour.take_in(TRANSFER)
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: being transferred"]


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (ivan("letters: {allowed: false}"), "📭 Ivan Lodkin: no letters now"),
        (
            b"facilities: [{slug: kamensk-sizo-1, address: {en: 9 Novaya St, ru: ul. Novaya 9}}]",
            "📍 Ivan Lodkin: the place is being checked",
        ),
        (ivan("status: released"), "🔔 Ivan Lodkin: free"),
    ],
    ids=["forbidden", "another street", "free"],
)
async def test_whatever_stops_letters_is_told(
    delivery: Delivery, harbour: Town, anna: Person, change: bytes, first: str
) -> None:
    await harbour.take_in(change)
    await delivery.settles(harbour)
    assert told(anna) == [first]


async def test_letters_allowed_again(delivery: Delivery, harbour: Town, anna: Person) -> None:
    for allowed, first in (("false", "no letters now"), ("true", "letters arrive again")):
        await harbour.take_in(ivan(f"letters: {{allowed: {allowed}}}"))
        await delivery.settles(harbour)
        assert told(anna)[0].endswith(f"Ivan Lodkin: {first}")


@pytest.mark.parametrize("change", ["write_about: {en: trains}", "who: {en: crane driver}"])
async def test_of_all_else_they_are_not_told(
    delivery: Delivery, harbour: Town, anna: Person, change: str
) -> None:
    await harbour.take_in(ivan(change))
    await harbour.take_in(b"cases: [{slug: port-strike, stage: appeal}]")
    await harbour.take_in(b"hearings: [{slug: port-strike-1, starts_at: 2026-12-01 10:00}]")
    await delivery.settles(harbour)
    assert told(anna) == []


async def test_after_sixty_days_it_is_over(delivery: Delivery, harbour: Town, anna: Person) -> None:
    await at(harbour, delivery, NOW + timedelta(days=61))
    told(anna)
    await harbour.take_in(TRANSFER)
    await delivery.settles(harbour)
    assert told(anna) == []
    await tidy(harbour.app.sessions, harbour.clock)
    assert await rows(harbour, Follow) == 0


async def test_a_transfer_may_take_longer(delivery: Delivery, harbour: Town, anna: Person) -> None:
    await at(harbour, delivery, NOW + timedelta(days=59))
    await harbour.take_in(TRANSFER)
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: being transferred"]
    await at(harbour, delivery, NOW + timedelta(days=110))
    await tidy(harbour.app.sessions, harbour.clock)
    await harbour.take_in(ARRIVED)
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: in a penal colony"]


async def test_it_stands_among_ones_follows(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.send("/follows")
    anna.sees("✉️ Ivan Lodkin: where to write\nIf it changes, word comes. Until 21 January 2027.")
    await anna.press("✉️ Ivan Lodkin: where to write")
    assert anna.last.labels[:2] == ["✉️ Write", "✖️ Unfollow"]
    await anna.press("✖️ Unfollow")
    assert await rows(harbour, Follow) == 0
    await anna.press_data("privacy")
    anna.sees_not("you follow")


async def test_one_message_to_who_follows_the_person_too(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await harbour.take_in(TRANSFER)
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: being transferred"]
    anna.sees("Because you follow: Ivan Lodkin")
    await anna.press("Unfollow")
    await harbour.take_in(ARRIVED)
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: in a penal colony"]
    anna.sees("Ivan Lodkin: where to write")


async def test_that_nobody_waits_for_an_address_any_more_is_told(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    for change, first in ((TRANSFER, "being transferred"), (ivan("status: released"), "free")):
        await harbour.take_in(change)
        await delivery.settles(harbour)
        assert told(anna) == [f"🔔 Ivan Lodkin: {first}"]


async def test_what_was_confirmed_too_long_ago_is_not_asked_for(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """It may be confirmed anew, and then nothing has changed."""
    harbour.clock.forward(days=100)
    await anna.send("/start d-ivan-lodkin")
    await anna.press("About letters")
    assert not [label for label in anna.last.labels if "when it changes" in label]
