"""Hearings: lists, card, map pin, calendar file."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Component
from sqlalchemy import event, select

from bot.services.notices import load_hearing
from models import Hearing
from sandbox import Person
from tests.town import NOW, Town

pytestmark = pytest.mark.either_database

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
    anna.sees("❌ Cancelled: 09:30 The port strike case · Riga court, Riga")
    assert "❌ 27.11 09:30 · The port strike case" in anna.last.labels
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
    anna.sees("⚠️ Not confirmed yet. Check before you go.")
    await anna.press("All hearings")
    await anna.press("27.11 09:30")
    anna.sees("Cancelled")
    anna.sees_not("passport")
    await anna.send("/hearings")
    await anna.press("Past hearings")
    await anna.press("13.11 09:30")
    anna.sees("Outcome: acquitted")
    await anna.press("‹ Past hearings")
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
    first = await calendar_of(anna)
    assert "Подтверждено 21 ноября 2026" in first["DESCRIPTION"]  # not: yesterday
    assert first["DTSTART"].dt == datetime(2026, 11, 25, 5, tzinfo=UTC)
    assert "портовой забастовке" in first["SUMMARY"]
    moved = b"hearings:\n  - {slug: port-strike-1, starts_at: '2026-11-26 09:00'}\n"
    await harbour.take_in(moved)
    second = await calendar_of(anna)
    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] == first["SEQUENCE"] + 1
    assert second["DTSTART"].dt - first["DTSTART"].dt == timedelta(hours=23)


async def calendar_of(person: Person) -> Component:
    await person.send("/start")
    await person.press_data("ics:1")
    document = person.last.document
    assert document is not None
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
    moved = b"hearings: [{slug: port-strike-1, starts_at: 2026-11-26 09:00}]"
    await harbour.take_in(moved)
    anna = harbour.person()
    await anna.send("/hearings")
    await anna.press("26.11 09:00")
    anna.sees("⚠️ Not confirmed yet. Check before you go.")
    await harbour.take_in(b"hearings: [{slug: port-strike-1, starts_at: 2026-11-27 09:00,"
                          b" confirmed_at: 2026-11-22, source: court}]")  # fmt: skip
    await anna.send("/hearings")
    await anna.press("27.11 09:00")
    anna.sees("Confirmed today by the court")


async def test_past_hearings_of_a_case_are_known_from_its_timeline(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/start c-kagarlitsky")
    await anna.press("Hearings")
    await anna.press("Past hearings")
    anna.sees("From the timeline")
    anna.sees("13 February 2024 — on the prosecutor's appeal")
    anna.sees("26 July 2023 — remanded in custody (Syktyvkar City Court)")
    anna.sees_not("foreign agents")
    anna.sees_not("cassation is the next instance")
    await anna.send("/start c-left-bloc")
    await anna.press("Hearings")
    await anna.press("Past hearings")
    anna.sees("13 December 2023 — Lev Skoryakin: a fine")
    await anna.send("/hearings")
    await anna.press("Past hearings")
    anna.sees("Each case's card tells what has been")
    await anna.press("‹ Cases")
    anna.sees("Cases · 12")


async def test_a_day_in_court_is_told_once(harbour: Town) -> None:
    await harbour.take_in(b"""
hearings: [{slug: gone, case: port-strike, court: kamensk-city, starts_at: '-12d 10:00'}]
cases: [{slug: port-strike, timeline: [{date: 2026-11-10, kind: hearing, en: the trial begins},
         {date: 2025-11-04, kind: custody, en: remanded in custody}]}]
""")
    anna = harbour.person(language="en")
    await anna.send("/start c-port-strike")
    await anna.press("Hearings")
    await anna.press("Past hearings")
    anna.sees("10:00 The port strike case")
    anna.sees("remanded in custody")
    anna.sees_not("the trial begins")


async def test_the_city_is_said_once(harbour: Town) -> None:
    await harbour.take_in(TWO_MORE.encode())
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    assert anna.last.text.count("Kamensk") == 2  # the court's name and its address
    await anna.send("/hearings")
    await anna.press("26.11 09:30")
    anna.sees("Riga court, Riga")


async def in_berlin(person: Person) -> None:
    await person.send("/start")
    await person.press_data("zone:Europe/Berlin")


async def test_who_lives_in_another_zone_sees_whose_hour_it_is(harbour: Town) -> None:
    anna, oleg = harbour.person(language="en"), harbour.person(language="ru")
    await in_berlin(anna)
    await anna.send("/hearings")
    anna.sees("10:00 UTC+5 (06:00 for you) The port strike case")
    await anna.send("/start c-port-strike")
    anna.sees("Your time: 25 November 2026, 06:00")
    await anna.send("lodkin")
    anna.sees("Your time: 25 November 2026, 06:00")
    await in_berlin(oleg)
    await oleg.send("/hearings")
    oleg.sees("10:00 UTC+5 (у вас 06:00) Дело о портовой забастовке")


async def test_the_readers_own_day_is_named_where_it_is_another(harbour: Town) -> None:
    await harbour.take_in(b"hearings: [{slug: port-strike-1, starts_at: 2026-11-25 02:00}]")
    anna = harbour.person(language="en")
    await in_berlin(anna)
    await anna.send("/hearings")
    anna.sees("02:00 UTC+5 (Tuesday, 24 November, 22:00 for you)")
    await anna.press("25.11 02:00")
    anna.sees("Your time: Tuesday, 24 November 2026, 22:00")


async def test_where_nothing_comes_one_is_led_on(harbour: Town) -> None:
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    anna.sees("Follow a case, a city or everything, and word comes as soon as one is.")
    assert anna.last.labels == ["🌍 Follow everything", "⚖️ Cases", "Past hearings", "☰ Menu"]
    await anna.press("Follow everything")
    await anna.press("Yes, everything")
    await anna.send("/hearings")
    anna.sees("You will be told as soon as one is.")
    await anna.send("Kamensk")
    anna.sees("You will be told as soon as one is.")
    await anna.press_data("follow:1:0")
    await anna.press("Unfollow")
    await anna.send("Kamensk")
    anna.sees("Follow the city, and word comes as soon as one is.")
    await anna.press_data("cities:0")
    anna.sees("No hearing is coming in any city yet.")
    assert "Kamensk" in anna.last.labels
    await anna.press("Cases")
    anna.sees("Choose a case")


async def test_a_city_is_found_and_followed_before_any_date_is_known(harbour: Town) -> None:
    """A city with two courts once, and after those where hearings come."""
    courts = "".join(
        f"""
  - {{slug: c{n}, name: Court {n}, city: City {n // 2}, timezone: UTC}}"""
        for n in range(30)
    )
    off = "{slug: off, case: port-strike, court: c9, starts_at: '+3d 10:00', status: cancelled}"
    two = ", ".join(
        f"{{slug: h{n}, case: port-strike, court: c{n}, starts_at: '+{n}d 10:00'}}" for n in (6, 7)
    )
    await harbour.take_in(f"courts:{courts}\nhearings: [{off}, {two}]".encode())
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("By city")
    assert anna.last.labels[:4] == ["City 3 · 2", "Kamensk · 1", "City 0", "City 1"]
    assert anna.last.labels[12:] == ["1/2 ›", "‹ All hearings", "☰ Menu"]
    await anna.press("1/2 ›")
    assert anna.last.labels[:3] == ["City 11", "City 12", "City 13"]
    await anna.press("City 12")
    anna.sees("No date is known yet.")
    await anna.press("Follow the city")
    await anna.send("/follows")
    anna.sees("🏙 City 12\n📅 No date is known yet.")


async def test_another_year_is_told(harbour: Town) -> None:
    await harbour.take_in(b"""hearings:
  - {slug: then, case: port-strike, court: kamensk-city, starts_at: 2025-11-25 10:00,
     kind: custody, outcome: held}
""")
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    anna.sees("Wednesday, 25 November\n")
    await anna.press("Past hearings")
    anna.sees("Tuesday, 25 November 2025")
    await anna.press("25.11.2025 10:00")
    anna.sees("Tuesday, 25 November 2025, 10:00")


async def test_a_finished_case_gives_no_false_hope(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/start c-zavalin")
    await anna.press("Hearings")
    anna.sees("No hearing is set.")
    anna.sees_not("days before")


async def test_two_hearings_of_one_hour_have_different_buttons(harbour: Town) -> None:
    await harbour.take_in(b"""hearings:
  - {slug: too, case: port-strike, court: kamensk-city, starts_at: '+3d 10:00', kind: custody}
""")
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    first, second = anna.last.labels[:2]
    assert first.startswith("25.11 10:00 · hearing on the merits")
    assert second.startswith("25.11 10:00 · custody hearing")


async def test_the_timeline_tells_the_courts_city_and_the_judge(sac: Town) -> None:
    anna, oleg = sac.person(language="en"), sac.person(language="ru")
    await anna.send("/start c-kagarlitsky")
    anna.sees("(Cassation Military Court, Novosibirsk)")
    anna.sees("(Syktyvkar City Court)")
    await anna.send("/start c-med-life")
    anna.sees("(District court in Cheboksary; judge E. Egorov)")
    await oleg.send("/start c-med-life")
    oleg.sees("(Районный суд в Чебоксарах; судья: Е. Егоров)")


async def test_of_a_long_case_the_nearest_other_hearing_alone_is_looked_up(harbour: Town) -> None:
    """A digest asks it of each of the case's hearings."""
    statuses = ("cancelled", "held", "scheduled", "scheduled", "decided", "scheduled")
    listed = (
        f"{{slug: h{day}, case: port-strike, court: kamensk-city, status: {status},"
        f" starts_at: 2026-11-{day} 10:00}}"
        for day, status in enumerate(statuses, 24)
    )
    await harbour.take_in(f"hearings: [{', '.join(listed)}]".encode())
    loaded = Counter[str]()

    def note(hearing: Hearing, _context: object) -> None:
        loaded[hearing.slug] += 1

    async def next_besides(slug: str, days: int = 0) -> str | None:
        async with harbour.app.sessions() as session:
            number = await session.scalar(select(Hearing.id).where(Hearing.slug == slug))
            about = await load_hearing(session, number or 0, NOW + timedelta(days=days))
        return about.next_hearing.slug if about and about.next_hearing else None

    event.listen(Hearing, "load", note)
    assert await next_besides("port-strike-1") == "h26"
    assert await next_besides("h26") == "port-strike-1"
    assert await next_besides("port-strike-1", days=30) is None
    event.remove(Hearing, "load", note)
    assert loaded == {"port-strike-1": 3, "h26": 2}
