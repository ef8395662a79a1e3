"""Calendar files say the right instant to every calendar, whatever the texts are."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar, Component, Timezone

from bot.documents.calendar import hearing_calendar
from models import Court, Hearing, HearingStatus

NOW = datetime(2026, 11, 22, 17, 10, tzinfo=UTC)
ZONES = [
    *("Asia/Yekaterinburg", "Europe/Berlin", "Europe/Moscow", "Asia/Novosibirsk", "Asia/Kolkata"),
    *("America/St_Johns", "Europe/Dublin", "Africa/Casablanca", "Australia/Lord_Howe", "UTC"),
]
# Germany's clocks go back at 01:00 UTC: 02:00 to 03:00 comes twice. And forward in March.
TWICE = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
NEVER = datetime(2027, 3, 28, 0, 30, tzinfo=UTC)

hostile = st.lists(
    st.one_of(
        st.text(st.characters()),
        st.sampled_from(["\n", "\r\n", ",", ";", "\\", "\\n", ":", '"', "\nBEGIN:VEVENT\n", "суд"]),
        st.sampled_from(
            ["END:VCALENDAR", "\u2028", "\x85", "\x00", "\ud83d", "😀" * 40, "…" * 9000]
        ),
    ),
    max_size=8,
).map("".join)
moments = st.integers(
    int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) // 60,
    int(datetime(2036, 1, 1, tzinfo=UTC).timestamp()) // 60,
).map(lambda minutes: datetime.fromtimestamp(60 * minutes, UTC))


def a_hearing(zone: str = "Asia/Yekaterinburg", starts_at: datetime = NOW) -> Hearing:
    return Hearing(
        slug="orlov-2026-12-01",
        court=Court(slug="court", timezone=zone),
        starts_at=starts_at,
        status=HearingStatus.SCHEDULED,
        revision=3,
    )


def file_of(hearing: Hearing, text: str = "Verdict") -> bytes:
    return hearing_calendar(
        hearing, organisation_slug="sac", now=NOW, title=text, description=text, location=text
    )


def entry(file: bytes) -> Component:
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    return event


def instant(event: Component, name: str, rules: Timezone | None) -> datetime:
    """By RFC 5545 alone: the local time as written, and the zone's rules in the file."""
    local = event[name].dt.replace(tzinfo=None)
    in_utc = "TZID" not in event[name].params
    offset = timedelta() if in_utc else offset_by_rules(rules, local)
    return (local - offset).replace(tzinfo=UTC)


def offset_by_rules(zone: Timezone, local: datetime) -> timedelta:
    """The offset of the last onset before."""
    past = [rule for rule in zone.subcomponents if first_moment(rule) <= local]
    return max(past, key=lambda rule: rule.DTSTART).TZOFFSETTO


def first_moment(rule: Component) -> datetime:
    """The first local time of a rule. When the clocks go back, a time means the first of two."""
    return rule.DTSTART + max(timedelta(), rule.TZOFFSETTO - rule.TZOFFSETFROM)


@given(st.sampled_from(ZONES), moments)
@example("Europe/Berlin", TWICE)
@example("Europe/Berlin", TWICE - timedelta(minutes=30))
@example("Europe/Berlin", TWICE + timedelta(minutes=30))
@example("Europe/Berlin", TWICE + timedelta(minutes=60))
@example("Europe/Berlin", TWICE + timedelta(minutes=90))
@example("Europe/Berlin", TWICE + timedelta(minutes=120))
@example("Europe/Berlin", NEVER)
@example("Europe/Berlin", NEVER + timedelta(minutes=30))
def test_the_instants_are_right(zone: str, starts_at: datetime) -> None:
    file = file_of(a_hearing(zone, starts_at))
    event = entry(file)
    rules = next(iter(Calendar.from_ical(file).walk("VTIMEZONE")), None)
    assert event["DTSTART"].dt.astimezone(UTC) == starts_at
    assert event["DTEND"].dt.astimezone(UTC) == starts_at + timedelta(hours=1)
    assert instant(event, "DTSTART", rules) == starts_at
    assert instant(event, "DTEND", rules) == starts_at + timedelta(hours=1)


@given(st.sampled_from(ZONES), moments)
def test_the_rules_agree_with_the_zone_around_the_day(zone: str, starts_at: datetime) -> None:
    for rules in Calendar.from_ical(file_of(a_hearing(zone, starts_at))).walk("VTIMEZONE"):
        for days in range(-300, 301, 20):
            local = (starts_at + timedelta(days=days)).astimezone(ZoneInfo(zone))
            if local.fold == 0:
                expected = local.utcoffset()
                assert offset_by_rules(rules, local.replace(tzinfo=None)) == expected


@pytest.mark.parametrize("zone", ["Asia/Yekaterinburg", "Asia/Novosibirsk", "Europe/Moscow"])
def test_a_zone_without_changes_has_one_rule(zone: str) -> None:
    file = file_of(a_hearing(zone))
    (rules,) = Calendar.from_ical(file).walk("VTIMEZONE")
    (rule,) = rules.subcomponents
    assert rule.name == "STANDARD"
    assert rule.TZOFFSETTO == rule.TZOFFSETFROM == NOW.astimezone(ZoneInfo(zone)).utcoffset()
    assert f"DTSTART;TZID={zone}:".encode() in file


def test_clocks_change_in_berlin_at_two_and_at_three() -> None:
    file = file_of(a_hearing("Europe/Berlin"))
    assert b"BEGIN:DAYLIGHT\r\nDTSTART:20270328T020000\r\n" in file
    assert b"BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\n" in file


def test_an_entry_keeps_its_identity() -> None:
    event = entry(file_of(a_hearing()))
    assert event["UID"] == "hearing-orlov-2026-12-01@sac"
    assert event["SEQUENCE"] == 3
    assert event["DTSTAMP"].dt == NOW
    assert file_of(a_hearing()) == file_of(a_hearing())


def test_a_scheduled_hearing_rings_twice() -> None:
    file = file_of(a_hearing())
    alarms = entry(file).walk("VALARM")
    assert Calendar.from_ical(file)["METHOD"] == "PUBLISH"
    assert entry(file)["STATUS"] == "CONFIRMED"
    assert [alarm["TRIGGER"].dt for alarm in alarms] == [timedelta(days=-1), timedelta(hours=-3)]
    assert {alarm["ACTION"] for alarm in alarms} == {"DISPLAY"}
    assert {alarm["DESCRIPTION"] for alarm in alarms} == {"Verdict"}


@pytest.mark.parametrize("status", [HearingStatus.CANCELLED, HearingStatus.ADJOURNED])
def test_a_hearing_that_is_off_is_taken_out(status: HearingStatus) -> None:
    hearing = a_hearing()
    hearing.status = status
    file = file_of(hearing)
    assert Calendar.from_ical(file)["METHOD"] == "CANCEL"
    assert entry(file)["STATUS"] == "CANCELLED"
    assert entry(file).walk("VALARM") == []


def test_the_place_is_given_when_it_is_known() -> None:
    hearing = a_hearing()
    assert "GEO" not in entry(file_of(hearing))
    hearing.court.latitude, hearing.court.longitude = 56.8389, 0.0
    assert entry(file_of(hearing))["GEO"].to_ical() == "56.8389;0.0"


@given(hostile)
def test_hostile_texts_stay_texts(text: str) -> None:
    file = file_of(a_hearing("Europe/Berlin"), text)
    assert len(file) <= 10_000
    assert file.endswith(b"\r\nEND:VCALENDAR\r\n")
    assert file.count(b"\n") == file.count(b"\r\n") == file.count(b"\r")
    assert max(map(len, file.split(b"\r\n"))) <= 75
    event = entry(file)
    assert sorted(part.name for part in event.walk()) == ["VALARM", "VALARM", "VEVENT"]
    assert event["DTSTART"].dt == NOW


def test_texts_come_back_as_they_were() -> None:
    event = entry(file_of(a_hearing(), "Суд; Орлов, а\\n б: «в»\nBEGIN:VEVENT"))
    assert event["DESCRIPTION"] == "Суд; Орлов, а\\n б: «в»\nBEGIN:VEVENT"
    assert event["SUMMARY"] == event["LOCATION"] == "Суд; Орлов, а\\n б: «в» BEGIN:VEVENT"
