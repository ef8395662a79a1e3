"""Events when things come in an unlucky order: at night, by a slip, while a file comes in."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.delivery import scheduler
from bot.services import seats, sent_letters, subscribers
from models import Seat
from sandbox import Person
from tests.delivery import Delivery
from tests.test_event_notices import DAY, GONE, HOUR, MOMENT, WHOLE, anna, change
from tests.test_follows import toast
from tests.test_seats import GIVEN, START, comes, evening, three
from tests.test_telling import at, told
from tests.town import NOW, VAULT, Town

pytestmark = pytest.mark.either_database
__all__ = ["anna"]


async def asleep(here: Town, delivery: Delivery, person: Person) -> datetime:
    await person.press_data("zone:Asia/Yekaterinburg")
    await person.press_data("setquiet:22:8")
    night = datetime(2026, 11, 24, 18, tzinfo=UTC)
    await at(here, delivery, night)
    told(person)
    return night


async def test_one_that_begins_to_repeat_after_its_evening_asks_nobody_again(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START + 2 * HOUR)
    assert told(anna)[-1:] == ["💌 How many letters did you write?"]
    await anna.press("3")
    told(anna)
    await change(harbour, delivery, "repeats: {every: week}")
    assert told(anna) == []


async def test_one_that_begins_to_repeat_after_its_reminder_reminds_nobody_again(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START - DAY)
    assert told(anna) == [f"⏰ Tomorrow: {MOMENT}"]
    await change(harbour, delivery, "repeats: {every: week}")
    await delivery.settles(harbour)
    assert told(anna) == []


async def test_a_seat_given_at_night_is_told_in_the_morning_though_it_repeats_now(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    a, _oleg, vera = await three(harbour)
    night = await asleep(harbour, delivery, vera)
    await a.send("/start e-1")
    await a.press("I cannot come")
    await delivery.rests(harbour)
    await change(harbour, delivery, "repeats: {every: week}")
    await at(harbour, delivery, night + 9 * HOUR)
    assert told(vera) == [GIVEN]


async def test_a_move_at_night_is_told_in_the_morning_though_it_repeats_now(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    night = await asleep(harbour, delivery, anna)
    await change(harbour, delivery, "starts_at: 2026-11-27 20:00")
    await change(harbour, delivery, "repeats: {every: week}")
    await at(harbour, delivery, night + 9 * HOUR)
    assert told(anna) == ["⏩ Now later: Friday, 27 November, 20:00"]
    anna.sees_not("waiting list")
    anna.sees("✅ You come")


async def test_whoever_heard_you_come_in_a_group_keeps_the_seat(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    await harbour.take_in(evening("capacity: 1"))
    oleg = await comes(harbour, "Oleg")
    anna = harbour.person("Anna", language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/evenings@solidarity_bot", chat=group)
    await anna.press("Evening of letters", chat=group)
    await anna.press("Join the waiting list", chat=group)
    await oleg.press("I cannot come")
    await delivery.rests(harbour)
    harbour.clock.forward(hours=5)
    await delivery.rests(harbour)
    await anna.press_data("seat:1::0", chat=group)
    assert toast(anna).startswith("You come. See you there!")
    vera = await comes(harbour, "Vera")
    vera.sees("Waiting list")
    told(vera)
    for _ in range(2):
        await delivery.rests(harbour)
    assert told(vera) == []
    await anna.send("/start e-1")
    anna.sees("✅ You come.")


async def test_entered_anew_as_a_series_it_keeps_its_people(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(GONE)
    await delivery.rests(harbour)
    await harbour.take_in(WHOLE.replace(b"capacity: 20", b"capacity: 20, repeats: {every: week}"))
    await delivery.settles(harbour)
    await anna.send("/evenings")
    await anna.press("Letters")
    anna.sees("✅ You come.")


async def test_a_series_entered_anew_as_one_evening_keeps_its_people(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "repeats: {every: week}")
    await harbour.take_in(GONE)
    await delivery.rests(harbour)
    await harbour.take_in(WHOLE)
    await delivery.settles(harbour)
    await anna.send("/evenings")
    await anna.press("Letters")
    anna.sees("✅ You come.")


async def test_moved_and_made_weekly_at_once_is_told_as_moved(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(evening("starts_at: 2026-11-28 19:00"))
    await delivery.rests(harbour)
    await harbour.take_in(evening("repeats: {every: week}"))
    await delivery.settles(harbour)
    assert told(anna) == ["⏩ Now later: Saturday, 28 November, 19:00"]
    anna.sees("Was: Friday, 27 November, 19:00")


async def test_what_moves_twice_in_a_night_is_told_once(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    night = await asleep(harbour, delivery, anna)
    await change(harbour, delivery, "starts_at: 2026-11-27 20:00")
    await at(harbour, delivery, night + 9 * HOUR - timedelta(minutes=1))
    assert told(anna) == []
    await harbour.take_in(evening("starts_at: 2026-11-27 21:00"))
    await delivery.rests(harbour)
    await at(harbour, delivery, night + 9 * HOUR)
    await delivery.settles(harbour)
    assert told(anna) == ["⏩ Now later: Friday, 27 November, 21:00"]


async def test_what_could_not_be_counted_may_be_counted_again(
    delivery: Delivery, harbour: Town, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> int:
        raise RuntimeError

    await at(harbour, delivery, START + 3 * HOUR)
    with monkeypatch.context() as patched:
        patched.setattr(sent_letters, "count_at", fails)
        await anna.press_data("wrote:1::3")
    await anna.press_data("wrote:1::3")
    anna.sees("3 letters have been counted from this evening so far.")


async def test_two_taps_on_the_last_that_count_are_no_excess(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START + 3 * HOUR)
    await anna.press_data("wrote:1::12")
    await anna.send("/start")
    for _ in range(2):
        await anna.press_data("wrote:1::12")
    assert toast(anna) == ""


async def test_who_came_is_forgotten_after_a_week(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    harbour.clock.moment = START + timedelta(days=60)
    await scheduler.tidy(harbour.app.sessions, harbour.clock)
    await anna.send("/privacy")
    anna.sees_not("you come to 1 evening")


async def test_a_seat_taken_in_a_group_outlasts_a_message_in_vain(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    await harbour.take_in(evening("starts_at: 2027-01-29 19:00"))
    await delivery.settles(harbour)
    anna = harbour.person("Anna", language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/evenings@solidarity_bot", chat=group)
    await anna.press("Evening of letters", chat=group)
    await anna.press("I will come", chat=group)
    await change(harbour, delivery, "starts_at: 2027-01-29 20:00")  # cannot be told
    group.sees("🪑 1 of 20")
    harbour.clock.forward(days=32)
    await scheduler.tidy(harbour.app.sessions, harbour.clock)
    async with harbour.app.sessions() as s:
        assert await s.scalar(select(func.count()).select_from(Seat)) == 1


async def test_a_start_corrected_afterwards_asks_nobody_again(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START + 2 * HOUR)
    told(anna)
    await change(harbour, delivery, "starts_at: 2026-11-27 18:30")
    assert told(anna) == []


async def test_once_it_has_begun_nobody_waits_any_more(delivery: Delivery, harbour: Town) -> None:
    await delivery.rests(harbour)
    a, *_ = await three(harbour, capacity=2)
    harbour.clock.moment = START + timedelta(minutes=10)
    await delivery.rests(harbour)
    await a.send("/start e-1")
    await a.press("I cannot come")
    await delivery.rests(harbour)
    gleb = await comes(harbour, "Gleb")
    gleb.sees("✅ You come.")


async def test_who_takes_a_seat_in_a_group_is_told_the_place(
    delivery: Delivery, harbour: Town
) -> None:
    await change(harbour, delivery, "place_shown: 5")
    anna = harbour.person("Anna", language="en")
    await anna.send("/start")
    await at(harbour, delivery, START - 4 * HOUR)
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/evenings@solidarity_bot", chat=group)
    await anna.press("Evening of letters", chat=group)
    await anna.press("I will come", chat=group)
    told(anna)
    await at(harbour, delivery, START - 3 * HOUR)
    assert told(anna) == [f"📍 Where we meet: {MOMENT}"]


async def test_what_who_waited_relied_on_is_not_taken_back_unsaid(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    await harbour.take_in(evening("capacity: 2"))
    a = await comes(harbour, "Anna")
    b = await comes(harbour, "Oleg")
    vera = await comes(harbour, "Vera2")
    await vera.press("I bring somebody")
    await a.press("I cannot come")
    await delivery.rests(harbour)
    vera.sees("you two are number 1")
    await delivery.settles(harbour)
    await harbour.take_in(evening("starts_at: 2026-12-03 19:00"))
    await delivery.rests(harbour)
    await vera.press("Only me")
    vera.sees("✅ You come.")
    vera.sees("Thursday, 3 December")
    await delivery.rests(harbour)
    told(vera), told(b)
    await change(harbour, delivery, "starts_at: 2026-11-27 19:00")
    assert told(vera)[-1:] == [f"⏪ Now earlier: {MOMENT}"]


async def test_off_the_list_of_what_was_removed_is_off_it(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START - DAY)
    await harbour.take_in(GONE)
    await delivery.settles(harbour)
    await anna.press_data("noseat:1::1")
    assert toast(anna) == "You are off the list."
    told(anna)
    await harbour.take_in(WHOLE)
    await delivery.settles(harbour)
    assert told(anna) == []


async def test_coming_and_leaving_at_once_harms_nothing(harbour: Town) -> None:
    async def act(turn: int) -> None:
        async with harbour.app.sessions() as session:
            person = (await subscribers.find(session, VAULT, 7000, NOW)).subscriber
            if turn % 2:
                await seats.leave(session, person, (1, ""), NOW)
            else:
                await seats.take(session, VAULT, person, 7000, (1, ""), 1 + turn // 2, NOW)

    for _ in range(15):
        await act(0)
        await asyncio.gather(*map(act, range(4)))


async def test_old_place_is_not_told_to_who_only_waited(delivery: Delivery, harbour: Town) -> None:
    await delivery.rests(harbour)
    await harbour.take_in(evening("capacity: 2"))
    await delivery.settles(harbour)
    a = await comes(harbour, "Anna")
    await comes(harbour, "Oleg")
    vera = await comes(harbour, "Vera2")
    await vera.press("I bring somebody")
    await a.press("I cannot come")
    await delivery.settles(harbour)
    vera.sees("you two are number 1")
    await harbour.take_in(evening("place: A new place"))
    await delivery.rests(harbour)
    await vera.press("Only me")
    vera.sees("✅ You come.")
    vera.sees("A new place")
    told(vera)
    await delivery.settles(harbour)
    for m in vera.messages:
        assert "Mayak" not in m.text


async def test_what_nobody_relied_on_is_mended_unsaid_after_any_import(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """Vera came after an import that changed nothing of note, and before the slip."""
    await harbour.take_in(evening("about: Bring a pen."))
    await delivery.rests(harbour)
    vera = await comes(harbour, "Vera")
    await delivery.rests(harbour)
    told(vera), told(anna)
    await harbour.take_in(evening("starts_at: 2026-12-03 19:00"))
    await delivery.rests(harbour)
    await harbour.take_in(evening("starts_at: 2026-11-27 19:00"))
    await delivery.settles(harbour)
    assert (told(anna), told(vera)) == ([], [])


async def test_a_seat_whose_word_reached_nobody_goes_on_in_a_series_too(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    await harbour.take_in(evening("capacity: 1"))
    await delivery.settles(harbour)
    oleg = await comes(harbour, "Oleg")
    anna = harbour.person("Anna", language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/evenings@solidarity_bot", chat=group)
    await anna.press("Evening of letters", chat=group)
    await anna.press("Join the waiting list", chat=group)
    await oleg.press("I cannot come")
    await delivery.rests(harbour)
    await change(harbour, delivery, "repeats: {every: week}")
    vera = await comes(harbour, "Vera")
    told(vera)
    for _ in range(2):
        await delivery.rests(harbour)
    assert told(vera) == [GIVEN]


async def test_a_series_left_out_by_a_slip_keeps_its_people(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """A weekly evening: 'repeats' left out by a slip together with the next date; put back."""
    await change(harbour, delivery, "repeats: {every: week}")
    told(anna)
    await harbour.take_in(evening("repeats: null, starts_at: 2026-12-04 19:00"))
    await delivery.rests(harbour)
    await harbour.take_in(evening("repeats: {every: week}, starts_at: 2026-11-27 19:00"))
    await delivery.settles(harbour)
    assert told(anna) == []
    await anna.send("/start e-1")
    anna.sees("✅ You come.")


async def test_under_an_old_reminder_only_that_evening_is_left(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START - 2 * HOUR)
    await change(harbour, delivery, "repeats: {every: week}")
    await anna.press_data("seat:1:2026-12-04:1")
    harbour.clock.moment = START + 4 * HOUR
    await anna.press_data("noseat:1::1")  # under the reminder of 27 November
    await anna.press_data("event:1:2026-12-04")
    anna.sees("✅ You come.")


async def test_nobody_comes_to_a_short_evening_that_is_over(
    delivery: Delivery, harbour: Town
) -> None:
    await change(harbour, delivery, "minutes: 30")
    anna = harbour.person("Anna", language="en")
    await anna.send("/start e-1")
    harbour.clock.moment = START + HOUR
    await anna.press("I will come")
    assert toast(anna) == "It does not take place, or is over."


async def test_leaving_while_it_begins_and_ends_to_repeat(harbour: Town) -> None:
    """The day of a seat changes while somebody waits for the row."""
    done = asyncio.Event()

    async def comes_and_goes(chat: int) -> None:
        while not done.is_set():
            async with harbour.app.sessions() as session:
                person = (await subscribers.find(session, VAULT, chat, NOW)).subscriber
                await seats.take(session, VAULT, person, chat, (1, ""), 1, NOW)
                await seats.leave(session, person, (1, ""), NOW)
                mine = select(func.count()).where(Seat.subscriber_id == person.id)
                assert await session.scalar(mine) == 0

    async def imports() -> None:
        for n in range(12):
            await harbour.take_in(evening("repeats: null" if n % 2 else "repeats: {every: week}"))
        done.set()

    await asyncio.gather(imports(), *map(comes_and_goes, range(8000, 8004)))


async def test_a_slip_into_the_past_that_is_mended_is_no_news(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "starts_at: 2026-11-17 19:00")
    await change(harbour, delivery, "starts_at: 2026-11-27 19:00")
    assert told(anna) == []
    await change(harbour, delivery, "starts_at: 2026-11-17 19:00")
    await change(harbour, delivery, "status: cancelled")
    assert told(anna) == [f"❌ Called off: {MOMENT}"]
