"""Calendar files say the right instant to every calendar, whatever the texts are."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar, Component, Timezone

from bot.documents.calendar import LOCATION, TITLE, file_of_many, file_of_one, paragraphs
from bot.markup import clean
from bot.views.calendar import Entry, of_hearing
from models import Case, Court, Hearing, HearingKind, HearingStatus, Organisation

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
        case=Case(title={"en": "Orlov"}),
        court=Court(slug="court", name={"en": "Court"}, city={"en": "City"}, timezone=zone),
        kind=HearingKind.VERDICT,
        starts_at=starts_at,
        status=HearingStatus.SCHEDULED,
        revision=3,
    )


def entry_of(hearing: Hearing, text: str = "Verdict") -> Entry:
    entry = of_hearing(hearing, Organisation(slug="sac"), None)
    return replace(entry, title=text, text=text, place=text)


def file_of(hearing: Hearing, text: str = "Verdict") -> bytes:
    return file_of_one(entry_of(hearing, text), NOW)


def file_of_all(hearings: Sequence[Hearing], text: str = "Verdict") -> bytes:
    entries = [
        replace(entry_of(one, text), uid=f"{number}@sac") for number, one in enumerate(hearings)
    ]
    return file_of_many(entries, text, NOW)


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


@given(st.lists(st.tuples(st.sampled_from(ZONES), moments), max_size=6))
@example([("Europe/Berlin", TWICE), ("Europe/Berlin", TWICE + timedelta(hours=1))])
@example([("Europe/Berlin", TWICE - timedelta(days=700)), ("Europe/Berlin", NEVER)])
def test_in_a_calendar_of_many_all_the_instants_are_right(
    hearings: list[tuple[str, datetime]],
) -> None:
    """Each zone is there once, with all the changes of its clocks that the entries need."""
    calendar = Calendar.from_ical(file_of_all([a_hearing(*one) for one in hearings]))
    zones = {str(zone["TZID"]): zone for zone in calendar.walk("VTIMEZONE")}
    assert len(zones) == len(calendar.walk("VTIMEZONE"))
    assert len(calendar.walk("VEVENT")) == len(hearings)
    for (_zone, starts_at), event in zip(hearings, calendar.walk("VEVENT"), strict=True):
        rules = zones.get(event["DTSTART"].params.get("TZID", ""))
        assert instant(event, "DTSTART", rules) == starts_at
        assert instant(event, "DTEND", rules) == starts_at + timedelta(hours=1)


def test_a_calendar_of_many_is_looked_at_every_hour_and_is_no_list_of_changes() -> None:
    hearing = a_hearing()
    hearing.status = HearingStatus.CANCELLED
    file = file_of_all([a_hearing(), hearing], "Суды")
    lines = file.decode().split("\r\n")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert "X-PUBLISHED-TTL:PT1H" in lines
    assert {"NAME:Суды", "X-WR-CALNAME:Суды"} <= set(lines)
    assert not any(line.startswith("METHOD") for line in lines)
    assert [line for line in lines if "STATUS" in line] == ["STATUS:CONFIRMED", "STATUS:CANCELLED"]


# Read by other code than wrote it.


@given(hostile, st.sampled_from(ZONES), moments)
@example("Суд; Орлов, а\\n б: «в»\nBEGIN:VEVENT", "Europe/Berlin", NEVER)
def test_an_independent_parser_reads_the_same(text: str, zone: str, starts_at: datetime) -> None:
    vars(vobject.icalendar)["__tzidMap"].pop(zone, None)  # it would go by another file's rules
    file = file_of_all([a_hearing(zone, starts_at)] * 2, text)
    calendar = vobject.readOne(file.decode())
    assert len(calendar.vevent_list) == 2
    for number, event in enumerate(calendar.vevent_list):
        assert event.uid.value == f"{number}@sac"
        assert event.dtstart.value.astimezone(UTC) == starts_at
        assert event.dtend.value.astimezone(UTC) == starts_at + timedelta(hours=1)
        assert value(event, "summary") == clean(text, TITLE)
        assert value(event, "location") == clean(text, LOCATION)
        assert value(event, "description") == paragraphs(text)


def value(event: vobject.base.Component, name: str) -> str:
    return str(event.contents[name][0].value) if name in event.contents else ""


KHAL = """
[calendars]
[[hearings]]
path = {folder}/hearings
[sqlite]
path = {folder}/khal.db
[locale]
local_timezone = {zone}
default_timezone = {zone}
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
timeformat = %H:%M
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
"""
SHOWN = "{start-date-long} {start-time} {end-time} {title}{status}"


class Khal:
    """A calendar program, with a calendar of its own."""

    def __init__(self, folder: Path, zone: str) -> None:
        self.folder = folder
        (folder / "hearings").mkdir()
        (folder / "config").write_text(KHAL.format(folder=folder, zone=zone))

    def says(self, *words: str) -> list[str]:
        command = [sys.executable, "-m", "khal", "-c", str(self.folder / "config"), *words]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
        return [line.strip() for line in done.stdout.splitlines() if line.strip()]

    def takes(self, file: bytes) -> list[str]:
        """What it shows of a year then."""
        (self.folder / "taken.ics").write_bytes(file)
        self.says("import", "--batch", "-a", "hearings", str(self.folder / "taken.ics"))
        shown = ("--day-format", "", "--format", SHOWN)
        return self.says("list", "-a", "hearings", *shown, "2026-10-01", "300d")


BERLIN = [datetime(2026, 10, 23, 7, 0, tzinfo=UTC), datetime(2026, 10, 26, 8, 0, tzinfo=UTC)]
"""Nine in the morning, before the clocks go back and after."""


@pytest.mark.parametrize(
    ("zone", "first", "second"),
    [("Europe/Berlin", "09:00", "09:00"), ("Asia/Yekaterinburg", "12:00", "13:00")],
)
def test_a_calendar_program_shows_what_was_moved_and_cancelled(
    tmp_path: Path, zone: str, first: str, second: str
) -> None:
    """By the wall clock of the court, and by that of somebody who is elsewhere."""
    khal = Khal(tmp_path, zone)
    before = [a_hearing("Europe/Berlin", moment) for moment in BERLIN]
    shown = khal.takes(file_of_all(before))
    assert [line.split()[:2] for line in shown] == [["2026-10-23", first], ["2026-10-26", second]]
    moved, cancelled = (a_hearing("Europe/Berlin", moment) for moment in reversed(BERLIN))
    moved.revision = cancelled.revision = 4
    cancelled.status = HearingStatus.CANCELLED
    moved.starts_at += timedelta(days=150, hours=-1)
    shown = khal.takes(file_of_all([moved, cancelled], "Суд"))
    there = (moved.starts_at.astimezone(ZoneInfo(zone))).strftime("%Y-%m-%d %H:%M")
    assert [line for line in shown if "CANCELLED" in line] == [shown[0]]
    assert shown[0].startswith(f"2026-10-23 {first}")
    assert shown[1].startswith(there)
    assert len(shown) == 2
    assert all("Суд" in line for line in shown)


def test_a_calendar_program_takes_the_file_of_one_hearing_again(tmp_path: Path) -> None:
    khal, hearing = Khal(tmp_path, "Europe/Berlin"), a_hearing("Europe/Berlin", BERLIN[0])
    assert [line[:16] for line in khal.takes(file_of(hearing))] == ["2026-10-23 09:00"]
    hearing.starts_at, hearing.revision = BERLIN[1], 4
    assert [line[:16] for line in khal.takes(file_of(hearing))] == ["2026-10-26 09:00"]
    hearing.status, hearing.revision = HearingStatus.CANCELLED, 5
    [line] = khal.takes(file_of(hearing))
    assert "CANCELLED" in line
