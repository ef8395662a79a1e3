"""What those who come to an evening are told: that it comes near, changes, how many letters."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.services import sent_letters
from bot.services.due import next_due
from bot.views import due as due_views
from sandbox import Person
from tests.delivery import Delivery
from tests.test_follows import toast
from tests.test_seats import START, comes, evening, three
from tests.test_telling import at, told
from tests.town import Town

pytestmark = pytest.mark.either_database
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOMENT = "Friday, 27 November, 19:00"


@pytest.fixture
async def anna(delivery: Delivery, harbour: Town) -> Person:
    """Comes to the evening, and reads English."""
    await delivery.rests(harbour)
    return await comes(harbour)


async def change(here: Town, delivery: Delivery, facts: str) -> None:
    await here.take_in(evening(facts))
    await delivery.settles(here)


# It comes near.


async def test_who_comes_is_reminded_a_day_and_two_hours_before(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    vera = harbour.person("Vera", language="ru")
    await vera.send("/start e-1")
    for before, words in (
        (DAY + HOUR, []),
        (DAY, [f"⏰ Tomorrow: {MOMENT}"]),
        (3 * HOUR, []),
        (2 * HOUR, [f"⏰ In 2 hours: {MOMENT}"]),
        (HOUR, []),
        (-HOUR, []),
    ):
        await at(harbour, delivery, START - before)
        assert told(anna) == words
    assert told(vera) == []
    anna.sees("Kamensk, Cafe Mayak, 7 Rechnaya St")
    anna.sees("🙋 1 person comes")


async def test_after_downtime_the_latest_reminder_alone_and_none_after_the_start(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START - HOUR)
    assert told(anna) == [f"⏰ In 1 hour: {MOMENT}"]
    oleg = await comes(harbour, "Oleg")
    await at(harbour, delivery, START + HOUR)
    assert told(anna) + told(oleg) == []


async def test_the_place_is_told_so_many_hours_before_to_those_who_come(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "place_shown: 5, capacity: 1")
    vera = await comes(harbour, "Vera")
    vera.sees("Waiting list")
    told(anna), told(vera)
    await at(harbour, delivery, START - DAY)
    assert told(anna) == [f"⏰ Tomorrow: {MOMENT}"]
    anna.sees_not("Mayak")
    anna.sees("the place comes 5 hours before to those who come")
    await at(harbour, delivery, START - 5 * HOUR)
    assert told(anna) == [f"📍 Where we meet: {MOMENT}"]
    anna.sees("Cafe Mayak")
    assert told(vera) == []
    for message in vera.messages:
        assert "Mayak" not in message.text


async def test_an_online_link_is_given_as_the_place_is(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(
        evening("place: null, online_url: https://meet.example.org/x, place_shown: 2")
    )
    told(anna)
    await at(harbour, delivery, START - DAY)
    assert "💻 Join online" not in anna.last.labels
    await at(harbour, delivery, START - 2 * HOUR)
    await anna.press("Join online")
    assert anna.opened == "https://meet.example.org/x"


# Changes.


CHANGES = [
    ("starts_at: 2026-11-27 20:00", "⏩ Now later: Friday, 27 November, 20:00", "Was: Friday"),
    (
        "starts_at: 2026-11-26 19:00",
        "⏪ Now earlier: Thursday, 26 November, 19:00",
        "Was: Friday",
    ),
    ("timezone: Europe/Moscow", f"⏩ Now later: {MOMENT}", "UTC+3"),
    ("place: A new place", f"📍 Another place: {MOMENT}", "Was: Cafe Mayak, 7 Rechnaya St"),
    ("city: Perm", f"📍 Another place: {MOMENT}", "Was: Kamensk"),
    ("online_url: https://meet.example.org/x", f"💻 Also online: {MOMENT}", "Kamensk"),
    ("status: cancelled", f"❌ Called off: {MOMENT}", "No need to go."),
]


@pytest.mark.parametrize(("facts", "headline", "detail"), CHANGES)
async def test_what_changes_is_told_to_those_who_come(
    delivery: Delivery, harbour: Town, anna: Person, facts: str, headline: str, detail: str
) -> None:
    vera = harbour.person("Vera", language="en")
    await vera.send("/start e-1")
    await change(harbour, delivery, facts)
    assert told(anna) == [headline]
    anna.sees(detail)
    anna.sees("You are on the list of this event.")
    assert told(vera) == []


@pytest.mark.parametrize(
    "facts",
    ["capacity: 30", "about: Bring a pen.", "title: Letters", "minutes: 90", "write_to: []"],
)
async def test_what_leads_nobody_astray_is_no_news(
    delivery: Delivery, harbour: Town, anna: Person, facts: str
) -> None:
    await change(harbour, delivery, facts)
    assert told(anna) == []


async def test_what_changed_and_came_back_before_anybody_was_told_is_no_news(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    for hour in (20, 21, 19):
        await harbour.take_in(evening(f"starts_at: 2026-11-27 {hour}:00"))
        await delivery.rests(harbour)
    await delivery.settles(harbour)
    assert told(anna) == []


async def test_what_was_cancelled_may_take_place_after_all(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "status: cancelled")
    await change(harbour, delivery, "status: scheduled")
    assert told(anna) == [f"❌ Called off: {MOMENT}", f"📅 On after all: {MOMENT}"]
    await harbour.take_in(b"events: [{slug: letters-in-may, remove: true}]")
    await delivery.settles(harbour)
    assert told(anna) == [f"❌ Called off: {MOMENT}"]
    anna.sees("Evening of letters")


WHOLE = (
    b"events: [{slug: letters-in-may, kind: evening_of_letters, title: Letters, timezone:"
    b" Asia/Yekaterinburg, starts_at: 2026-11-27 19:00, city: Kamensk, capacity: 20,"
    b" place_shown: attendees, place: 'Cafe Mayak, 7 Rechnaya St'}]"
)
GONE = b"events: [{slug: letters-in-may, remove: true}]"


async def test_what_is_removed_and_entered_anew_keeps_its_people(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(GONE)
    await delivery.rests(harbour)
    await harbour.take_in(WHOLE)
    await delivery.settles(harbour)
    assert told(anna) == []
    await harbour.take_in(GONE)
    await delivery.settles(harbour)
    assert told(anna) == [f"❌ Called off: {MOMENT}"]
    await harbour.take_in(WHOLE)
    await delivery.settles(harbour)
    assert told(anna) == [f"📅 On after all: {MOMENT}"]
    await anna.press("Open the card")
    anna.sees("✅ You come.")


async def test_within_a_day_it_is_told_at_once(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START - 20 * HOUR)
    told(anna)
    await harbour.take_in(evening("status: cancelled"))
    await delivery.rests(harbour)
    assert told(anna) == [f"❌ Called off: {MOMENT}"]


async def test_who_waits_learns_of_another_time_and_of_no_place(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    _anna, _oleg, vera = await three(harbour)
    await change(harbour, delivery, "place: A new place")
    assert told(vera) == []
    await change(harbour, delivery, "starts_at: 2026-11-27 20:00")
    assert told(vera) == ["⏩ Now later: Friday, 27 November, 20:00"]
    vera.sees("⏳ You are on the waiting list")
    for message in vera.messages:
        assert "Mayak" not in message.text
        assert "new place" not in message.text


async def test_a_place_that_nobody_knows_yet_is_no_other_one(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "place_shown: 3")
    assert told(anna) == [f"📍 Another place: {MOMENT}"]  # what they know holds no more
    await change(harbour, delivery, "place: A new place")
    assert told(anna) == []
    await at(harbour, delivery, START - 2 * HOUR)
    told(anna)
    await harbour.take_in(evening("place: Elsewhere again"))
    await delivery.rests(harbour)
    assert told(anna) == [f"📍 Another place: {MOMENT}"]


async def test_in_silence_one_is_told_what_would_lead_astray_and_not_reminded(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.press_data("setsilence:7")
    told(anna)
    await at(harbour, delivery, START - DAY)
    assert told(anna) == []
    await harbour.take_in(evening("status: cancelled"))
    await delivery.rests(harbour)
    assert told(anna) == [f"❌ Called off: {MOMENT}"]


async def test_all_of_a_night_is_one_message_in_the_morning(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.press_data("zone:Asia/Yekaterinburg")
    await anna.press_data("setquiet:22:8")
    told(anna)
    night = datetime(2026, 11, 24, 18, tzinfo=UTC)  # 23:00 there
    await at(harbour, delivery, night)
    for hour in (20, 21):
        await change(harbour, delivery, f"starts_at: 2026-11-25 {hour}:00")
    await at(harbour, delivery, night + 3 * HOUR)
    assert told(anna) == []
    await at(harbour, delivery, night + 9 * HOUR)
    assert told(anna) == ["⏪ Now earlier: Wednesday, 25 November, 21:00"]
    anna.sees("Was: Friday, 27 November, 19:00")


async def test_a_seat_and_a_change_before_anybody_was_told_are_one_message(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    anna, _oleg, vera = await three(harbour)
    await vera.press_data("zone:Asia/Yekaterinburg")
    await vera.press_data("setquiet:22:8")
    night = datetime(2026, 11, 24, 18, tzinfo=UTC)
    await at(harbour, delivery, night)
    told(vera)
    await anna.send("/start e-1")
    await anna.press("I cannot come")
    await delivery.rests(harbour)
    await change(harbour, delivery, "starts_at: 2026-11-27 20:00")
    assert told(vera) == []
    await at(harbour, delivery, night + 9 * HOUR)
    assert told(vera) == ["🪑 A seat is free, and it is yours: Friday, 27 November, 20:00"]


async def test_a_seat_that_was_left_meanwhile_is_not_told_of(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    anna, _oleg, vera = await three(harbour)
    await vera.press_data("zone:Asia/Yekaterinburg")
    await vera.press_data("setquiet:22:8")
    night = datetime(2026, 11, 24, 18, tzinfo=UTC)
    await at(harbour, delivery, night)
    await anna.send("/start e-1")
    await anna.press("I cannot come")
    await delivery.rests(harbour)
    await vera.send("/start e-1")
    await vera.press("I cannot come")
    told(vera)
    await at(harbour, delivery, night + 9 * HOUR)
    assert told(vera) == []


async def test_whoever_blocked_the_bot_is_told_when_they_are_back(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.telegram.confirmed(anna.block())
    await change(harbour, delivery, "starts_at: 2026-11-27 20:00")
    await harbour.telegram.confirmed(anna.unblock())
    await delivery.rests(harbour)
    assert told(anna) == ["⏩ Now later: Friday, 27 November, 20:00"]


async def test_a_message_keeps_its_words_when_one_cannot_come(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START - DAY)
    await anna.press("I cannot come")
    assert toast(anna) == "You are off the list."
    anna.sees("⏰ Tomorrow")
    assert "✖️ I cannot come" not in anna.last.labels
    await anna.press("Open the card")
    anna.sees("🪑 0 of 20 seats taken")
    await at(harbour, delivery, START - HOUR)
    told(anna)
    assert harbour.telegram.violations == []


async def test_a_link_has_words_of_its_own(delivery: Delivery, harbour: Town, anna: Person) -> None:
    await change(harbour, delivery, "online_url: https://meet.example.org/x")
    told(anna)
    await change(harbour, delivery, "online_url: https://meet.example.org/y")
    assert told(anna) == [f"💻 Another link: {MOMENT}"]
    await change(harbour, delivery, "online_url: null")
    assert told(anna) == [f"💻 No longer online: {MOMENT}"]


async def test_what_somebody_relied_on_is_not_taken_back_unsaid(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """A slip of the pen that is mended within two minutes; Vera came in between."""
    await harbour.take_in(evening("starts_at: 2026-12-03 19:00"))
    await delivery.rests(harbour)
    assert told(anna) == []
    vera = await comes(harbour, "Vera")
    vera.sees("Thursday, 3 December, 19:00")
    told(vera)
    await delivery.rests(harbour)
    assert told(anna) == ["⏩ Now later: Thursday, 3 December, 19:00"]
    await change(harbour, delivery, "starts_at: 2026-11-27 19:00")
    for person in (anna, vera):
        assert told(person) == [f"⏪ Now earlier: {MOMENT}"]
        person.sees("Was: Thursday, 3 December, 19:00")


async def test_who_comes_after_the_hour_of_a_reminder_does_not_get_it(
    delivery: Delivery, harbour: Town
) -> None:
    await at(harbour, delivery, START - 10 * HOUR)
    anna = await comes(harbour)
    told(anna)
    await delivery.rests(harbour)
    assert told(anna) == []
    await at(harbour, delivery, START - 2 * HOUR)
    assert told(anna) == [f"⏰ In 2 hours: {MOMENT}"]


# Of one that repeats.


async def test_of_a_series_that_moves_to_another_day_the_next_one_is_told(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "repeats: {every: week}")
    told(anna)
    await change(harbour, delivery, "starts_at: 2026-11-28 19:00")
    assert told(anna) == [f"❌ Called off: {MOMENT}"]
    anna.sees("📅 The next one: Saturday, 28 November, 19:00")
    await anna.press("Open the card")
    anna.sees("Saturday, 28 November, 19:00")
    anna.sees_not("You come.")


async def test_one_that_begins_in_many_years_opens(harbour: Town) -> None:
    await harbour.take_in(
        evening("starts_at: 2032-11-26 19:00, repeats: {every: week}, title: {en: Far}")
    )
    anna = harbour.person(language="en")
    await anna.send("/evenings")
    await anna.press("Far")
    anna.sees("Friday, 26 November 2032, 19:00")
    await anna.press("3 December 2032")
    anna.sees("Friday, 3 December 2032, 19:00")


SERIES = (
    "events: [{slug: letters-in-may, repeats: {every: 2 weeks, until: 2027-05-30,"
    " except: [%s]}, capacity: 1}]"
)


async def test_each_day_of_a_series_has_its_own_seats_and_messages(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    await harbour.take_in((SERIES % "2026-12-25").encode())
    anna, oleg = await comes(harbour), harbour.person("Oleg", language="en")
    anna.sees("🔁 Every 2 weeks, on Fridays")
    await oleg.send("/start e-1")
    await oleg.press("11 December 2026")
    oleg.sees("Friday, 11 December, 19:00")
    await oleg.press("I will come")
    oleg.sees("✅ You come.")
    assert "🗓 25 December 2026" not in oleg.last.labels
    told(anna), told(oleg)
    await at(harbour, delivery, START - DAY)
    assert (told(anna), told(oleg)) == ([f"⏰ Tomorrow: {MOMENT}"], [])
    await harbour.take_in((SERIES % "2026-12-11, 2026-12-25").encode())
    await delivery.settles(harbour)
    assert told(anna) == []
    assert told(oleg) == ["❌ Called off: Friday, 11 December, 19:00"]
    await oleg.send("/start e-1")
    await oleg.press("8 January 2027")
    await oleg.press("I will come")
    await change(harbour, delivery, "starts_at: 2026-11-27 18:00")
    assert told(oleg) == ["⏪ Now earlier: Friday, 8 January 2027, 18:00"]


async def test_one_that_begins_to_repeat_or_ends_to_keeps_its_people(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(evening("repeats: {every: week}"))
    await anna.send("/start e-1")
    anna.sees("✅ You come.")
    await delivery.settles(harbour)
    oleg = harbour.person("Oleg", language="en")
    await oleg.send("/start e-1")
    await oleg.press("4 December 2026")
    await oleg.press("I will come")
    told(oleg)
    await anna.send("/start e-1")
    anna.sees("🪑 1 of 20 seats taken")
    anna.sees("✅ You come.")
    await change(harbour, delivery, "repeats: null")
    assert told(anna) == []
    assert told(oleg) == ["❌ Called off: Friday, 4 December, 19:00"]
    await at(harbour, delivery, START - DAY)
    assert told(anna) == [f"⏰ Tomorrow: {MOMENT}"]
    await anna.press("Open the card")
    anna.sees("✅ You come.")


async def test_who_comes_on_two_days_of_what_was_a_series_leaves_the_one_they_mean(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "repeats: {every: week}")
    await anna.press_data("seat:1:2026-12-04:1")
    await change(harbour, delivery, "repeats: null")
    await anna.press_data("noseat:1:2026-12-04:0")
    await anna.send("/start e-1")
    anna.sees("✅ You come.")


async def test_of_a_series_the_day_that_is_left_may_be_another_than_the_first(
    delivery: Delivery, harbour: Town
) -> None:
    await delivery.rests(harbour)
    await harbour.take_in((SERIES % "").encode())
    await delivery.settles(harbour)
    anna = harbour.person("Anna", language="en")
    await anna.send("/start e-1")
    await anna.press("11 December 2026")
    await anna.press("I will come")
    told(anna)
    await change(harbour, delivery, "repeats: null, starts_at: 2026-12-11 20:00")
    assert told(anna) == ["⏩ Now later: Friday, 11 December, 20:00"]
    anna.sees("Was: Friday, 11 December, 19:00")
    await anna.press("Open the card")
    anna.sees("✅ You come.")


async def test_clocks_that_change_move_no_evening(harbour: Town) -> None:
    """The same hour on the wall: in winter another one in UTC."""
    await harbour.take_in(
        b"events: [{slug: letters-in-may, starts_at: 2027-03-19 19:00, timezone: Europe/Berlin,"
        b" repeats: {every: week}}]"
    )
    harbour.clock.moment = datetime(2027, 3, 25, tzinfo=UTC)
    anna = harbour.person(language="en")
    await anna.send("/start e-1")
    anna.sees("Friday, 26 March, 19:00")
    anna.sees("UTC+1")
    await anna.press("2 April 2027")
    anna.sees("Friday, 2 April, 19:00")
    anna.sees("UTC+2")


# Afterwards.


async def test_after_an_evening_letters_are_counted_and_taken_back(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(b"letter_goals: [{slug: winter-letters, since: '2026-11-01'}]")
    over = START + 2 * HOUR
    await at(harbour, delivery, over - timedelta(minutes=1))
    told(anna)
    await at(harbour, delivery, over)
    assert told(anna) == ["💌 How many letters did you write?"]
    await anna.press("3")
    anna.sees("💌 Thank you! 3 letters are counted")
    anna.sees("3 letters have been counted from this evening so far.")
    async with harbour.app.sessions() as session:
        assert await sent_letters.lately(session, [1], date(2026, 11, 27)) == {1: 3}
    anna.sees("3 of")
    await anna.press("Take it back")
    assert toast(anna) == "Taken back."
    await anna.press("None this time")
    anna.sees("It was good that you came.")
    await at(harbour, delivery, over + 3 * DAY)
    assert told(anna) == []


async def test_one_put_into_the_past_by_a_slip_asks_for_no_letters(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    harbour.clock.moment = START - 3 * HOUR
    await delivery.rests(harbour)
    told(anna)
    await change(harbour, delivery, "starts_at: 2026-11-27 10:00")
    assert told(anna) == []


async def test_two_taps_count_letters_once(delivery: Delivery, harbour: Town, anna: Person) -> None:
    await at(harbour, delivery, START + 3 * HOUR)
    for _ in range(2):
        await anna.press_data("wrote:1::3")
    anna.sees("3 letters have been counted from this evening so far.")
    await anna.press("Take it back")
    await anna.press("4")
    anna.sees("4 letters have been counted from this evening so far.")


async def test_letters_cannot_be_counted_before_an_evening_or_without_end(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.press_data("wrote:1::12")
    anna.sees_not("counted from this evening")
    await at(harbour, delivery, START + 3 * HOUR)
    for _ in range(2):
        await anna.send("/start")
        await anna.press_data("wrote:1::12")
    anna.sees("24 letters have been counted")
    await anna.send("/start")
    await anna.press_data("wrote:1::12")
    assert toast(anna) == "So many in one day, thank you! More are counted tomorrow."


async def test_the_clock_of_the_demo_goes_to_what_comes_next(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    async def due() -> tuple[datetime, str]:
        async with harbour.app.sessions() as session:
            found = await next_due(session, harbour.clock.now())
        assert found is not None
        return found.at, due_views.due(found)

    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    title = "Evening of letters"
    for moment, words in (
        (START - DAY, f"1 day before: {title}. 1 reminder will be sent."),
        (START - 2 * HOUR, f"2 hours before: {title}. 1 reminder will be sent."),
        (
            START + 2 * HOUR,
            f"{title} is over, and letters are counted. 1 reminder will be sent.",
        ),
    ):
        assert await due() == (moment, words)
        await at(harbour, delivery, moment)


async def test_a_reminder_that_waits_for_the_morning_swallows_no_move(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.press_data("zone:Asia/Yekaterinburg")
    await anna.press_data("setquiet:22:8")
    told(anna)
    await at(harbour, delivery, START - 20 * HOUR)  # 23:00 there
    await harbour.take_in(evening("starts_at: 2026-11-27 20:00"))
    await delivery.settles(harbour)
    await at(harbour, delivery, START - 11 * HOUR)
    assert told(anna) == ["⏩ Now later: Friday, 27 November, 20:00"]
    anna.sees("Was: Friday, 27 November, 19:00")


async def test_a_place_that_becomes_known_or_is_none_any_more_is_told(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "place: null")
    assert told(anna) == [f"📍 Another place: {MOMENT}"]
    await change(harbour, delivery, "place: Hall 5")
    assert told(anna) == [f"📍 Where we meet: {MOMENT}"]
    await change(harbour, delivery, "place: Elsewhere, place_shown: 3")
    assert told(anna) == [f"📍 Another place: {MOMENT}"]
    anna.sees("the place comes 3 hours before to those who come")
    anna.sees_not("📍 Kamensk, Elsewhere")
    await change(harbour, delivery, "place_shown: attendees")
    assert told(anna) == [f"📍 Where we meet: {MOMENT}"]


async def test_who_presses_again_after_a_move_is_told_of_it(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(evening("starts_at: 2026-11-26 19:00"))
    await anna.press_data("seat:1::2")
    told(anna)
    await delivery.settles(harbour)
    assert told(anna) == ["⏪ Now earlier: Thursday, 26 November, 19:00"]


async def test_letters_are_counted_of_evenings_that_were_and_no_number_gives_more(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await at(harbour, delivery, START + 3 * HOUR)
    for data in ("wrote:2:2020-01-01:5", "wrote:1:2026-11-20:5"):
        await anna.press_data(data)
        anna.sees_not("counted from this evening")
    await anna.press_data("wrote:1::1")
    number = next(
        button.data.rpartition(":")[2]
        for row in anna.last.buttons
        for button in row
        if button.data and button.data.startswith("unwrote")
    )
    await anna.press_data(f"unwrote:1::20:{number}")
    for _ in range(3):
        await anna.send("/start")
        await anna.press_data("wrote:1::12")
    assert toast(anna) == "So many in one day, thank you! More are counted tomorrow."


async def test_a_button_of_the_day_that_was_left_of_a_series_still_ends_it(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await change(harbour, delivery, "repeats: {every: week}")
    await change(harbour, delivery, "repeats: null")
    await anna.press_data("noseat:1:2026-11-27:0")
    assert toast(anna) == "You are off the list."
