""" "I will come" to an evening: seats, the waiting list, one more beside oneself."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.db import Sessions
from bot.services import seats, subscribers
from bot.services.seats import Party, allotted
from models import Seat, Subscriber
from sandbox import Person
from tests.delivery import Delivery
from tests.test_follows import toast
from tests.test_telling import told
from tests.town import NOW, VAULT, Town

START = datetime(2026, 11, 27, 14, tzinfo=UTC)
"""Of the evening: 19:00 in Kamensk."""
GIVEN = "🪑 A seat is free, and it is yours: Friday, 27 November, 19:00"
either_database = pytest.mark.either_database


def evening(facts: str) -> bytes:
    return f"events: [{{slug: letters-in-may, {facts}}}]".encode()


async def comes(here: Town, name: str = "Anna", language: str = "en") -> Person:
    person = here.person(name, language=language)
    await person.send("/start e-1")
    await person.press(person.last.labels[0])
    return person


async def three(here: Town, capacity: int = 2) -> Sequence[Person]:
    await here.take_in(evening(f"capacity: {capacity}"))
    return [await comes(here, name) for name in ("Anna", "Oleg", "Vera")]


@either_database
async def test_the_third_of_two_waits_and_gets_the_seat_that_comes_free(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    anna, oleg, vera = await three(harbour)
    for person in (anna, oleg):
        person.sees("✅ You come.")
        person.sees("Kamensk, Cafe Mayak, 7 Rechnaya St")
    vera.sees("🪑 Full: 2 seats, 1 person waits")
    vera.sees("Waiting list: you are number 1")
    vera.sees_not("Mayak")
    assert toast(vera) == "All seats are taken. You are number 1 on the waiting list."
    await anna.press("I cannot come")
    anna.sees("🪑 1 of 2 seats taken")
    anna.sees_not("Mayak")
    told(vera), told(oleg)
    await delivery.rests(harbour)
    assert told(vera) == [GIVEN]
    vera.sees("✅ You come")
    vera.sees("Kamensk, Cafe Mayak, 7 Rechnaya St")
    vera.sees("You are on the list of this event.")
    assert told(oleg) == []
    await vera.press("I cannot come")
    assert toast(vera) == "You are off the list."
    await delivery.rests(harbour)
    assert told(anna) == []


@either_database
async def test_whoever_comes_while_a_seat_is_being_given_does_not_take_it(harbour: Town) -> None:
    """Nobody has looked yet since it came free."""
    anna, _oleg, _vera = await three(harbour)
    await anna.press("I cannot come")
    gleb = await comes(harbour, "Gleb")
    gleb.sees("Waiting list: you are number 2")


@either_database
async def test_one_more_beside_oneself(delivery: Delivery, harbour: Town) -> None:
    await delivery.rests(harbour)
    await harbour.take_in(evening("capacity: 3"))
    anna, oleg = await comes(harbour, "Anna"), await comes(harbour, "Oleg")
    await anna.press("I bring somebody")
    anna.sees("✅ You come, and one more.")
    anna.sees("🪑 Full: 3 seats")
    await oleg.press("I bring somebody")
    assert toast(oleg) == "There is no seat for one more at the moment. Yours stays yours."
    oleg.sees("✅ You come.")
    vera = await comes(harbour, "Vera")
    await vera.press("I bring somebody")
    vera.sees("Waiting list: you two are number 1")
    await anna.press("Only me")
    told(vera)
    await delivery.rests(harbour)
    assert told(vera) == []
    await vera.send("/start e-1")
    await vera.press("Only me")
    vera.sees("✅ You come.")


@either_database
async def test_a_larger_room_is_told_to_those_who_wait_and_a_smaller_one_throws_nobody_out(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    anna, oleg, vera = await three(harbour, capacity=1)
    await harbour.take_in(evening("capacity: 2"))
    told(oleg), told(vera)
    await delivery.rests(harbour)
    assert (told(oleg), told(vera)) == ([GIVEN], [])
    await harbour.take_in(evening("capacity: 1"))
    await delivery.rests(harbour)
    for person in (anna, oleg):
        await person.send("/start e-1")
        person.sees("✅ You come.")
    await oleg.press("I bring somebody")
    oleg.sees("✅ You come.")
    await harbour.take_in(evening("capacity: null"))
    told(vera)
    await delivery.rests(harbour)
    assert told(vera) == [GIVEN]


@either_database
async def test_of_many_who_press_at_once_one_gets_the_last_seat(
    harbour: Town, sessions_of_town: Sessions
) -> None:
    await harbour.take_in(evening("capacity: 1"))

    async def takes(chat: int) -> bool:
        async with sessions_of_town() as session:
            person = (await subscribers.find(session, VAULT, chat, NOW)).subscriber
            found = await seats.take(session, VAULT, person, chat, (1, ""), 1, NOW)
            return found.seats.is_seated

    found = await asyncio.gather(*(takes(chat) for chat in range(5001, 5013)))
    assert sorted(found) == [False] * 11 + [True]
    async with sessions_of_town() as session:
        waiting = select(func.count()).where(Seat.is_waiting)
        assert await session.scalar(waiting) == 11


@pytest.fixture
def sessions_of_town(harbour: Town) -> Sessions:
    return harbour.app.sessions


@either_database
async def test_whoever_is_forgotten_leaves_their_seat_and_whoever_blocked_the_bot_gets_none(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    anna, oleg, vera = await three(harbour, capacity=1)
    await harbour.telegram.confirmed(oleg.block())
    await anna.send("/privacy")
    anna.sees("you come to 1 evening or other event")
    await anna.press("A copy as a file")
    assert anna.last.document is not None
    assert json.loads(anna.last.document.content)["comes_to"] == ["letters-in-may 2026-11-27"]
    await anna.send("/forget")
    await anna.press("Yes, delete it")
    told(vera)
    await delivery.rests(harbour)
    assert told(vera) == [GIVEN]


@either_database
async def test_in_a_group_everybody_answers_for_themselves_and_no_place_is_told(
    harbour: Town,
) -> None:
    anna, oleg = harbour.person("Anna", language="en"), harbour.person("Oleg", language="ru")
    group = harbour.telegram.group("Friends", members=[anna, oleg])
    await anna.send("/evenings@solidarity_bot", chat=group)
    await anna.press("Evening of letters", chat=group)
    await anna.press("I will come", chat=group)
    assert toast(anna) == (
        "You come. See you there! Open a chat with me: there I tell you the place and whatever "
        "changes."
    )
    await oleg.press("I will come", chat=group)
    group.sees("🪑 2 of 20 seats taken")
    group.sees_not("Mayak")
    group.sees_not("You come")
    assert "💻 Join online" not in group.last.labels
    await anna.send("/start e-1")
    anna.sees("Mayak")


@either_database
async def test_a_seat_whose_word_reaches_nobody_goes_to_the_next(
    delivery: Delivery, harbour: Town
) -> None:
    """Anna waits in a group, and has never opened a chat."""
    await delivery.rests(harbour)
    await harbour.take_in(evening("capacity: 1"))
    oleg = await comes(harbour, "Oleg")
    anna = harbour.person("Anna", language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/evenings@solidarity_bot", chat=group)
    await anna.press("Evening of letters", chat=group)
    await anna.press("Join the waiting list", chat=group)
    vera = await comes(harbour, "Vera")
    vera.sees("you are number 2")
    await oleg.press("I cannot come")
    told(vera)
    for _ in range(2):  # Anna cannot be told; then Vera is
        await delivery.rests(harbour)
    assert told(vera) == [GIVEN]
    await anna.send("/start e-1")
    anna.sees("Waiting list: you are number 1")
    told(anna)
    harbour.clock.moment += timedelta(minutes=1)
    await vera.send("/start e-1")
    await vera.press("I cannot come")
    await delivery.rests(harbour)
    assert told(anna) == [GIVEN]
    await delivery.rests(harbour)
    await anna.send("/start e-1")
    anna.sees("✅ You come.")


@either_database
async def test_who_was_told_of_the_seat_keeps_it_whatever_becomes_of_the_chat(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    anna, oleg, vera = await three(harbour, capacity=1)
    await anna.press("I cannot come")
    await delivery.rests(harbour)
    assert told(oleg)[-1] == GIVEN
    await harbour.telegram.confirmed(oleg.block())
    await vera.send("/start e-1")
    vera.sees("you are number 1")
    told(vera)
    await delivery.rests(harbour)
    assert told(vera) == []


@either_database
async def test_in_a_group_who_brings_somebody_still_does(harbour: Town) -> None:
    anna = await comes(harbour)
    await anna.press("I bring somebody")
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/evenings@solidarity_bot", chat=group)
    await anna.press("Evening of letters", chat=group)
    await anna.press("I will come", chat=group)
    assert toast(anna).startswith("You come, the two of you.")
    group.sees("🪑 2 of 20 seats taken")


@either_database
async def test_nobody_comes_to_what_is_off_or_over(harbour: Town) -> None:
    anna, oleg = harbour.person("Anna", language="en"), harbour.person("Oleg", language="en")
    for person in (anna, oleg):
        await person.send("/start e-1")
    await harbour.take_in(evening("status: cancelled"))
    await anna.press("I will come")
    assert toast(anna) == "It does not take place, or is over."
    anna.sees("✖️ Cancelled: it does not take place.")
    assert "🙋 I will come" not in anna.last.labels
    await harbour.take_in(evening("status: scheduled"))
    harbour.clock.forward(days=6)
    await oleg.press("I will come")
    assert toast(oleg) == "It does not take place, or is over."
    await oleg.press_data("seat:1:2026-13-40:1")
    oleg.sees("out of date")
    await oleg.press_data("seat:99::1")
    await oleg.press_data("seat:1::3")
    await oleg.press_data("seat:1:9999-12-31:1")


@either_database
async def test_the_list_says_where_one_comes(harbour: Town) -> None:
    anna, _oleg, vera = await three(harbour)
    await anna.send("/evenings")
    anna.sees("✅ You come")
    await vera.send("/evenings")
    vera.sees("⏳ You are on the waiting list")


@either_database
async def test_a_week_later_nobody_is_known_to_have_been_there(harbour: Town) -> None:
    await three(harbour)
    async with harbour.app.sessions() as session:
        await seats.forget_past(session, START + timedelta(days=6))
        assert await session.scalar(select(func.count()).select_from(Seat)) == 3
        await seats.forget_past(session, START + timedelta(days=8))
        assert await session.scalar(select(func.count()).select_from(Seat)) == 0
        assert await session.scalar(select(func.count()).select_from(Subscriber)) == 3


# First come, first served.


lines = st.lists(st.integers(1, 2), max_size=12).map(
    lambda some: [Party(number, people) for number, people in enumerate(some, 1)]
)


@given(lines, st.integers(-3, 12))
def test_what_is_free_goes_to_the_first_whom_it_suffices(line: list[Party], free: int) -> None:
    got = allotted(line, free)
    assert sum(one.people for one in got) <= max(free, 0)
    for one in line:
        earlier = sum(each.people for each in got if each.seat_id < one.seat_id)
        assert (one in got) == (one.people <= free - earlier)


@given(lines)
def test_without_a_limit_all_get_a_seat(line: list[Party]) -> None:
    assert allotted(line, None) == line
