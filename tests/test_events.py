"""Evenings of letters: list and card; the place only when it may be told."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar, Component

from sandbox import Person
from tests.town import Town

pytestmark = pytest.mark.either_database

NO_OTHER = b"events: [{slug: tea-and-letters, remove: true}]"
"""No evening but the one in five days."""


async def test_the_evening_is_listed_and_its_place_is_not_told_to_everybody(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/evenings")
    anna.sees("Evening of letters")
    await anna.press("Evening of letters")
    anna.sees("Friday, 27 November, 19:00")
    anna.sees("2 hours")
    anna.sees("Kamensk; you see the place once you have a seat")
    anna.sees_not("Mayak")
    anna.sees("Paper and stamps are there")
    await anna.press("Ivan Lodkin")
    anna.sees("A letter to Ivan Lodkin")


async def test_a_public_place_is_shown(harbour: Town) -> None:
    await harbour.take_in(b"events: [{slug: letters-in-may, place_shown: public}]")
    anna = harbour.person()
    await anna.send("/start e-1")
    anna.sees("Cafe Mayak")


async def test_a_place_told_hours_before_appears_then_to_those_who_come(harbour: Town) -> None:
    await harbour.take_in(b"events: [{slug: letters-in-may, place_shown: 3}]")
    anna, oleg = harbour.person("Anna"), harbour.person("Oleg")
    await anna.send("/start e-1")
    anna.sees("the place comes 3 hours before to those who come")
    await anna.press("I will come")
    anna.sees_not("Mayak")
    harbour.clock.forward(days=5, hours=2)
    await anna.send("/start e-1")
    anna.sees("Cafe Mayak")
    await oleg.send("/start e-1")
    oleg.sees("you see the place once you have a seat")
    oleg.sees_not("Mayak")


async def test_a_past_evening_is_not_listed(harbour: Town) -> None:
    await harbour.take_in(NO_OTHER)
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
    await harbour.take_in(NO_OTHER)
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


async def calendar_of(person: Person, *, comes: bool = False) -> Component:
    await person.send("/start e-1")
    if comes:
        await person.press("I will come")
    await person.press("To my calendar")
    document = person.last.document
    assert document is not None
    assert document.name == "letters-in-may.ics"
    [event] = Calendar.from_ical(document.content).walk("VEVENT")
    return event


async def test_an_evening_comes_into_the_calendar(harbour: Town) -> None:
    event = await calendar_of(harbour.person(language="en"))
    assert event["UID"] == "event-letters-in-may@harbour"
    assert event["SUMMARY"] == "Evening of letters"
    assert event["DTSTART"].dt == datetime(2026, 11, 27, 14, tzinfo=UTC)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=120)
    rings = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert rings == [timedelta(days=-1), timedelta(hours=-2)]
    assert "Paper and stamps are there." in event["DESCRIPTION"]


async def test_a_place_that_not_everybody_may_know_is_in_no_file(harbour: Town) -> None:
    """A file goes from hand to hand."""
    anna, secret = harbour.person(language="en"), "https://meet.example.org/x"
    await harbour.take_in(f"events: [{{slug: letters-in-may, online_url: '{secret}'}}]".encode())
    event = await calendar_of(anna)
    assert event["LOCATION"] == "Kamensk"
    assert "you see the place once you have a seat" in event["DESCRIPTION"]
    assert b"Mayak" not in event.to_ical()
    assert b"meet" not in event.to_ical()
    await harbour.take_in(b"events: [{slug: letters-in-may, place_shown: 3}]")
    assert b"Mayak" not in (await calendar_of(anna)).to_ical()
    harbour.clock.forward(days=5, hours=1)
    assert b"Mayak" not in (await calendar_of(anna)).to_ical()
    event = await calendar_of(anna, comes=True)
    assert event["LOCATION"] == "Kamensk, Cafe Mayak, 7 Rechnaya St"
    assert secret in event["DESCRIPTION"]


async def test_an_evening_that_is_over_is_for_no_calendar(harbour: Town) -> None:
    anna = harbour.person(language="en")
    harbour.clock.forward(days=6)
    await anna.send("/start e-1")
    assert "🗓 To my calendar" not in anna.last.labels


@pytest.mark.parametrize(
    ("change", "grows"),
    [
        ("starts_at: 2026-11-28 18:00", True),
        ("minutes: 90", True),
        ("place_shown: public", True),
        ("place: Somewhere else", True),
        ("title: Letters", True),
        ("timezone: Europe/Moscow", True),
        ("status: cancelled", True),
        ("capacity: 30", False),
        ("about: Bring a pen.", False),
    ],
)
async def test_an_entry_is_revised_when_time_or_place_change(
    harbour: Town, change: str, grows: bool
) -> None:
    anna = harbour.person(language="en")
    before = await calendar_of(anna)
    await harbour.take_in(f"events: [{{slug: letters-in-may, {change}}}]".encode())
    after = await calendar_of(anna)
    assert after["UID"] == before["UID"]
    assert (after["SEQUENCE"] > before["SEQUENCE"]) == grows


MORE = """
events:
  - {slug: riga, title: Riga writes, starts_at: "2026-11-29 18:00", timezone: Europe/Riga, city: {en: Riga, ru: Рига}, place_shown: public, place: Brivibas 1}
  - {slug: online, title: Online talk, kind: talk, starts_at: "2026-11-30 18:00", timezone: Europe/Riga, online_url: "https://meet.example.org/x", place_shown: public}
"""  # noqa: E501


async def test_evenings_are_listed_by_city_and_online(harbour: Town) -> None:
    anna = harbour.person(language="ru")
    await anna.send("/evenings")
    assert "📍 По городам" not in anna.last.labels
    await harbour.take_in(MORE.encode())
    await anna.send("/evenings")
    await anna.press("По городам")
    assert anna.last.labels[:3] == ["Каменск · 2", "Рига · 1", "💻 Онлайн"]
    await anna.press("Рига")
    anna.sees("Riga writes")
    anna.sees_not("Вечер писем\n🕐")
    await anna.press("Все вечера")
    await anna.press("По городам")
    await anna.press("Онлайн")
    anna.sees("Online talk")
    anna.sees_not("Riga writes")
    await anna.press_data("evenings:0:99:0")
    await anna.press_data("evenings:7:0:0")
    anna.sees("Вечер писем")


async def test_a_series_that_has_ended_is_shown_by_its_last_day(harbour: Town) -> None:
    await harbour.take_in(
        b"events: [{slug: letters-in-may, repeats: {every: week, until: 2026-12-11}}]"
    )
    anna = harbour.person(language="en")
    harbour.clock.moment = datetime(2027, 3, 1, tzinfo=UTC)
    await anna.send("/start e-1")
    anna.sees("Friday, 11 December 2026, 19:00")
    assert "🙋 I will come" not in anna.last.labels


@pytest.mark.parametrize(
    ("facts", "english", "russian"),
    [
        ("every: week", "🔁 Every week, on Fridays", "🔁 Каждую неделю, по пятницам"),
        ("every: month", "🔁 The 4th Friday of each month", "🔁 4-я пятница каждого месяца"),
        (
            "every: 2 weeks, except: [2026-12-11]",
            "🔁 Every 2 weeks, on Fridays, but not on 11 December 2026",
            "🔁 Каждые 2 недели, по пятницам, но не 11 декабря 2026",
        ),
    ],
)
async def test_the_card_says_how_it_repeats(
    harbour: Town, facts: str, english: str, russian: str
) -> None:
    await harbour.take_in(f"events: [{{slug: letters-in-may, repeats: {{{facts}}}}}]".encode())
    for language, told in (("en", english), ("ru", russian)):
        person = harbour.person(language=language)
        await person.send("/start e-1")
        person.sees(told)


async def test_evenings_of_one_name_are_told_apart(harbour: Town) -> None:
    await harbour.take_in(
        b"events: [{slug: other, title: {en: Evening of letters, ru: x}, timezone: Europe/Moscow,"
        b" starts_at: 2026-11-27 20:00, city: Moscow}]"
    )
    anna = harbour.person(language="en")
    await anna.send("/evenings")
    assert anna.last.labels[:2] == [
        "27.11 Kamensk · Evening of letters",
        "27.11 Moscow · Evening of letters",
    ]


async def test_an_evening_names_only_those_to_whom_one_can_write(harbour: Town) -> None:
    await harbour.take_in(
        b"events: [{slug: letters-in-may, write_to: [ivan-lodkin, marta-vetrova]}]"
    )
    anna = harbour.person(language="en")
    await anna.send("/start e-1")
    anna.sees("We write to: Ivan Lodkin")
    anna.sees_not("Vetrova")
    assert [label for label in anna.last.labels if "Vetrova" in label] == []


async def test_days_that_nobody_was_shown_lead_nowhere(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start e-2")
    for data in (
        *(f"{what}:2:0001-01-01" for what in ("event", "icsevent")),
        *(f"event:2:{day}" for day in ("9999-12-31", "1999-01-01", "2031-01-01")),
        *("seat:2:0001-01-01:1", "noseat:2:9999-12-31:0", "wrote:2:0001-01-01:3"),
    ):
        await anna.press_data(data)
        anna.sees("out of date")
    assert harbour.telegram.violations == []


async def test_many_cities_have_pages(harbour: Town) -> None:
    lines = (
        f"{{slug: in-{n}, title: Here, starts_at: 2026-12-01 10:00, timezone: Europe/Moscow,"
        f" city: City {n}}}"
        for n in range(150)
    )
    await harbour.take_in(f"events: [{', '.join(lines)}]".encode())
    anna = harbour.person(language="en")
    await anna.send("/evenings")
    await anna.press("By city")
    assert anna.last.labels[0] == "Kamensk · 2"
    await anna.press("›")
    await anna.press_data("places:99")
    assert "City 149 · 1" in anna.last.labels
    assert harbour.telegram.violations == []
