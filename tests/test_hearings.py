"""Hearings: lists, card, map pin, calendar file."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar

from tests.town import Town

TWO_MORE = """
courts:
  - {slug: riga, name: {en: Riga court, ru: Рижский суд}, city: {en: Riga, ru: Рига},
     timezone: Europe/Riga}
hearings:
  - {slug: closed, case: port-strike, court: riga, starts_at: "+4d 09:30", kind: appeal,
     public: false, status: scheduled}
  - {slug: off, case: port-strike, court: riga, starts_at: "+5d 09:30", kind: appeal,
     status: cancelled}
  - {slug: gone, case: port-strike, court: riga, starts_at: "-9d 09:30", kind: verdict,
     status: decided, outcome: {en: acquitted, ru: оправданы}}
  - {slug: silent, case: port-strike, court: riga, starts_at: "-8d 09:30", kind: merits,
     status: scheduled}
"""


async def test_coming_hearings_by_day_and_city(harbour: Town) -> None:
    await harbour.take_in(TWO_MORE.encode())
    anna = harbour.person()
    await anna.send("/hearings")
    anna.sees("Coming hearings")
    anna.sees("Wednesday, 25 November")
    anna.sees("10:00 The port strike case · Kamensk City Court, Kamensk")
    anna.sees("cancelled")
    await anna.press("By city")
    await anna.press("Riga · 1")
    anna.sees("Coming hearings: Riga")
    anna.sees_not("Kamensk City Court")
    await anna.press("Past hearings")
    anna.sees("Past hearings: Riga")


async def test_the_card_shows_court_time_zone_and_what_is_certain(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    anna.sees("Hearing on the merits")
    anna.sees("Wednesday, 25 November, 10:00")
    anna.sees("UTC+5")
    anna.sees("Room 12")
    anna.sees("S. Orlova")
    anna.sees("Open to the public")
    anna.sees("Confirmed yesterday by the lawyer")
    anna.sees("2 Sadovaya St, Kamensk")
    anna.sees("passport")
    anna.sees_not("Your time")
    [moment] = [entity for entity in anna.last.entities if entity.type == "date_time"]
    local = datetime(2026, 11, 25, 10, tzinfo=ZoneInfo("Asia/Yekaterinburg"))
    assert moment.unix_time == int(local.timestamp())


async def test_your_time_is_shown_where_it_differs(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press("time zone")
    await anna.send("Berlin")
    await anna.press("Berlin")
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    anna.sees("Your time: 25 November 2026, 06:00")


async def test_closed_cancelled_and_past_hearings_say_so(harbour: Town) -> None:
    await harbour.take_in(TWO_MORE.encode())
    anna = harbour.person()
    await anna.send("/hearings")
    await anna.press("26.11 09:30")
    anna.sees("Behind closed doors")
    anna.sees("Nobody has confirmed this date yet")
    await anna.press("All hearings")
    await anna.press("27.11 09:30")
    anna.sees("Cancelled")
    anna.sees_not("passport")
    await anna.send("/hearings")
    await anna.press("Past hearings")
    await anna.press("13.11 09:30")
    anna.sees("Outcome: acquitted")
    await anna.press("All hearings")
    await anna.press("Past hearings")
    await anna.press("14.11 09:30")
    anna.sees("outcome is not known to us yet")
    assert "calendar" not in " ".join(anna.last.labels)


async def test_map_pin(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    await anna.press("On the map")
    venue = anna.last.venue
    assert venue is not None
    assert venue["title"] == "Kamensk City Court"
    assert (venue["location"]["latitude"], venue["location"]["longitude"]) == (56.4, 61.9)
    assert not harbour.telegram.unanswered


async def test_a_court_without_a_location_has_no_pin(harbour: Town) -> None:
    await harbour.take_in(TWO_MORE.encode())
    anna = harbour.person()
    await anna.send("/hearings")
    await anna.press("26.11 09:30")
    assert "📍 On the map" not in anna.last.labels
    await anna.press_data("place:2")
    anna.sees("out of date")


async def test_the_calendar_file_follows_the_hearing(harbour: Town) -> None:
    anna = harbour.person(language="ru")
    first = await calendar_of(harbour, anna)
    assert first["DTSTART"].dt == datetime(2026, 11, 25, 5, tzinfo=UTC)
    assert "портовой забастовке" in first["SUMMARY"]
    moved = b"hearings:\n  - {slug: port-strike-1, starts_at: '2026-11-26 09:00'}\n"
    await harbour.take_in(moved)
    second = await calendar_of(harbour, anna)
    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] == first["SEQUENCE"] + 1
    assert second["DTSTART"].dt - first["DTSTART"].dt == timedelta(hours=23)


async def calendar_of(town: Town, person: object) -> object:
    await person.send("/start")  # type: ignore[attr-defined]
    await person.press_data("ics:1")  # type: ignore[attr-defined]
    document = person.last.document  # type: ignore[attr-defined]
    assert document.name == "port-strike-1.ics"
    assert len(document.content) < 10_000
    [event] = Calendar.from_ical(document.content).walk("VEVENT")
    return event


async def test_the_next_hearing_stands_on_the_cards(harbour: Town) -> None:
    anna = harbour.person()
    for link in ("c-port-strike", "d-ivan-lodkin"):
        await anna.send(f"/start {link}")
        anna.sees("Next hearing: Wednesday, 25 November, 10:00")
    harbour.clock.forward(days=4)
    await anna.send("/start d-ivan-lodkin")
    anna.sees("no date is known yet")


async def test_a_hearing_is_listed_while_people_are_on_their_way(harbour: Town) -> None:
    anna = harbour.person()
    harbour.clock.moment = datetime(2026, 11, 25, 7, 59, tzinfo=UTC)
    await anna.send("/hearings")
    anna.sees("port strike")
    harbour.clock.forward(minutes=2)
    await anna.send("/hearings")
    anna.sees("No date is known yet")


async def test_a_moved_hearing_is_not_confirmed_by_the_old_word(harbour: Town) -> None:
    moved = b"hearings: [{slug: port-strike-1, starts_at: '+4d 09:00'}]"
    await harbour.take_in(moved)
    anna = harbour.person()
    await anna.send("/hearings")
    await anna.press("26.11 09:00")
    anna.sees("Nobody has confirmed this date yet")
    await harbour.take_in(b"hearings: [{slug: port-strike-1, starts_at: '+5d 09:00',"
                          b" confirmed_at: '-0d', source: court}]")  # fmt: skip
    await anna.send("/hearings")
    await anna.press("27.11 09:00")
    anna.sees("Confirmed today by the court")
