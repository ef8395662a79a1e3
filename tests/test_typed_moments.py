"""Days and hours as people type them."""

from datetime import date, time, timedelta
from itertools import product

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speaking
from bot.services.typed_moments import (
    Ambiguous,
    NotUnderstood,
    OtherWeekday,
    PastDay,
    Typed,
    typed,
)
from bot.views.typed_moments import as_typed, vocabulary

TODAY = date(2026, 11, 22)  # a Sunday
LANGUAGES = ("en", "ru")
TYPED = [
    ("10:00", None, time(10), None),
    ("9.30", None, time(9, 30), None),
    ("tomorrow 9:30, room 4", date(2026, 11, 23), time(9, 30), "4"),
    ("завтра 9:30 зал 4", date(2026, 11, 23), time(9, 30), "4"),
    ("Завтра в 9.30, каб. 12а", date(2026, 11, 23), time(9, 30), "12а"),
    ("послезавтра в 10", date(2026, 11, 24), time(10), None),
    ("сегодня 18:00", TODAY, time(18), None),
    ("1 Dec 10", date(2026, 12, 1), time(10), None),
    ("Dec 1, 10:00", date(2026, 12, 1), time(10), None),
    ("1 декабря 10:00", date(2026, 12, 1), time(10), None),
    ("1 дек. в 10", date(2026, 12, 1), time(10), None),
    ("01.12 10:00", date(2026, 12, 1), time(10), None),
    ("1.12.2026 10.00", date(2026, 12, 1), time(10), None),
    ("01.12.27", date(2027, 12, 1), None, None),
    ("2026-12-01 10:00", date(2026, 12, 1), time(10), None),
    ("15 Jan 9:00", date(2027, 1, 15), time(9), None),
    ("Friday at 10", date(2026, 11, 27), time(10), None),
    ("в пятницу в 10", date(2026, 11, 27), time(10), None),
    ("в среду 9:15", date(2026, 11, 25), time(9, 15), None),
    ("on Sunday 10:00", date(2026, 11, 29), time(10), None),
    ("room 205", None, None, "205"),
    ("завтра в зале 4", date(2026, 11, 23), None, "4"),
    ("завтра 9:30 кабинет 205", date(2026, 11, 23), time(9, 30), "205"),
    ("5 мая 2027 12:00", date(2027, 5, 5), time(12), None),
    ("10 дек 10.30", date(2026, 12, 10), time(10, 30), None),
    ("25 November at 10.30, courtroom 3", date(2026, 11, 25), time(10, 30), "3"),
    ("10.12 10.30", date(2026, 12, 10), time(10, 30), None),
    ("01.12 10.10", date(2026, 12, 1), time(10, 10), None),  # the other day is past
    ("25/11 9:00", date(2026, 11, 25), time(9), None),
    ("пятница 27.11 10:00", date(2026, 11, 27), time(10), None),
    ("завтра, понедельник, 10:00", date(2026, 11, 23), time(10), None),
    ("завтра 14-00", date(2026, 11, 23), time(14), None),
    ("завтра 14–00", date(2026, 11, 23), time(14), None),
    ("5pm", None, time(17), None),
    ("tomorrow 5:30 p.m.", date(2026, 11, 23), time(17, 30), None),
    ("12 pm", None, time(12), None),
    ("12 am", None, time(0), None),
    ("tomorrow morning at 10", date(2026, 11, 23), time(10), None),
    ("10 утра", None, time(10), None),
    ("3 часа дня", None, time(15), None),
    ("7 вечера", None, time(19), None),
    ("полдень", None, time(12), None),
    ("tomorrow at noon", date(2026, 11, 23), time(12), None),
    ("в 10", None, time(10), None),
    ("1st dec", date(2026, 12, 1), None, None),
    ("1st of December at 10", date(2026, 12, 1), time(10), None),
    ("at 10 on Dec 11", date(2026, 12, 11), time(10), None),
    ("10-го в 11:00", date(2026, 12, 10), time(11), None),
    ("через неделю", date(2026, 11, 29), None, None),
    ("in a week", date(2026, 11, 29), None, None),
    ("через 2 недели в 10 часов", date(2026, 12, 6), time(10), None),
    ("the day after tomorrow at 10", date(2026, 11, 24), time(10), None),
    ("next friday", date(2026, 11, 27), None, None),
    ("в следующую пятницу", date(2026, 11, 27), None, None),
    ("в эту пятницу в 10", date(2026, 11, 27), time(10), None),
    ("1 Dec 26 10:00", date(2026, 12, 1), time(10), None),
    ("1 Dec 27", date(2027, 12, 1), None, None),
    ("Dec 1, 2026 10:00", date(2026, 12, 1), time(10), None),
    ("29.02", date(2028, 2, 29), None, None),
    ("каб. 12А", None, None, "12А"),
]


@pytest.mark.parametrize(("text", "day", "hour", "room"), TYPED)
def test_what_people_type(text: str, day: date | None, hour: time | None, room: str | None) -> None:
    assert read(text) == Typed(day, hour, room)


def read(text: str, today: date = TODAY, *, hour_asked: bool = False) -> Typed:
    return typed(text, today, vocabulary(), LANGUAGES, hour_asked=hour_asked)


STRANGE = ["", "soon", "25:00", "10:60", "31.02 10:00", "tomorrow morning", "30 Feb 10:00",
           "10:00 11:00", "когда-нибудь", "9:30 Judge Ivanov", "x" * 200, "room 10.12", "№4",
           "12 утра", "10:00-12:00", "1 Dec 10 11:00", "in May", "next week", "2027", "24:00",
           "room 4 room 5"]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_what_is_strange_is_not_guessed_at(text: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(text)
    assert caught.type is NotUnderstood


WEDNESDAY = date(2026, 11, 25)
SEVERAL = [
    ("10.12", TODAY, {"10 December 2026", "10:12"}),
    ("10-12", TODAY, {"10 December 2026", "10:12"}),
    ("21.11", TODAY, {"21 November 2026", "21:11"}),
    ("10", TODAY, {"10 December 2026", "10:00"}),
    ("5", TODAY, {"5 December 2026", "05:00", "17:00"}),
    ("завтра в 3", TODAY, {"23 November 2026, 03:00", "23 November 2026, 15:00"}),
    ("пятница 10.12", TODAY, {"10 December 2026", "27 November 2026, 10:12"}),
    ("10.12 11.12", TODAY, {"10 December 2026, 11:12", "11 December 2026, 10:12"}),
    ("1/12/2027 9:00", TODAY, {"1 December 2027, 09:00", "12 January 2027, 09:00"}),
    ("10.12, room 4", TODAY, {"10 December 2026, room 4", "10:12, room 4"}),
    ("next friday", WEDNESDAY, {"27 November 2026", "4 December 2026"}),
    ("в следующую пятницу", WEDNESDAY, {"27 November 2026", "4 December 2026"}),
]


@pytest.mark.parametrize(("text", "today", "ways"), SEVERAL)
def test_what_may_mean_several_things_is_asked(text: str, today: date, ways: set[str]) -> None:
    with pytest.raises(Ambiguous) as caught:
        read(text, today)
    assert {as_typed(way) for way in caught.value.ways} == ways


def test_where_an_hour_was_asked_it_is_one() -> None:
    assert read("10.12", hour_asked=True) == Typed(None, time(10, 12), None)
    assert read("10", hour_asked=True) == Typed(None, time(10), None)
    assert read("10.12 9:00", hour_asked=True) == Typed(date(2026, 12, 10), time(9), None)
    with pytest.raises(Ambiguous) as caught:
        read("5", hour_asked=True)
    assert [way.hour for way in caught.value.ways] == [time(5), time(17)]


PAST = [
    ("21.11 10:00", TODAY, date(2026, 11, 21)),
    ("21 ноября", TODAY, date(2026, 11, 21)),
    ("20 Dec", date(2027, 1, 10), date(2026, 12, 20)),
    ("29.02", date(2028, 3, 1), date(2028, 2, 29)),
    ("2026-11-01 10:00", TODAY, date(2026, 11, 1)),
    ("01.12.10", TODAY, date(2010, 12, 1)),
]


@pytest.mark.parametrize(("text", "today", "day"), PAST)
def test_a_day_that_is_past_is_not_next_year_s(text: str, today: date, day: date) -> None:
    with pytest.raises(PastDay) as caught:
        read(text, today)
    assert caught.value.day == day


@pytest.mark.parametrize("text", ["пятница 28.11", "Friday, 28 Nov 10:00", "tomorrow, Friday"])
def test_another_weekday_is_noticed(text: str) -> None:
    with pytest.raises(OtherWeekday) as caught:
        read(text)
    assert caught.value.typed.weekday() == 4
    assert caught.value.day.weekday() != 4


WITH_YEAR = ("long", "medium", "d MMMM y", "EEEE, d MMMM y")
WITHOUT = ("d MMMM", "d MMM", "EEE, d MMM")
PATTERNS = [*product(WITH_YEAR, [3000]), *product(WITHOUT, [182])]
"""And how many days ahead they are understood: without a year for half of one."""


@given(st.dates(TODAY, date(2031, 12, 31)), st.integers(0, 3000), st.times())
def test_what_the_bot_writes_it_reads(today: date, ahead: int, hour: time) -> None:
    for language, (pattern, most) in product(LANGUAGES, PATTERNS):
        day = today + timedelta(days=ahead % most)
        text = f"{format_date(day, pattern, locale=language)} {hour:%H:%M}"
        found = read(text, today)
        assert (found.day, found.hour) == (day, hour.replace(second=0, microsecond=0))


PIECES = [
    "10", "5", "1st", "10:00", "10.12", "14-00", "25.11", "1/12", "2027", "26", "dec", "ноября",
    "friday", "в пятницу", "следующую", "next", "tomorrow", "через неделю", "in", "at", "утра",
    "pm", "noon", "29.02", "room 4", "каб. 12а", "зал № 3/1", ",", "-", "the", "of", "2026-12-01",
]  # fmt: skip
ANYTHING = st.text(max_size=90) | st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join)


@given(ANYTHING, st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.sampled_from(LANGUAGES))
def test_anything_is_understood_or_not_and_its_echo_too(
    text: str, today: date, language: str
) -> None:
    ways = ways_of(text, today)
    assert (None, None, None) not in ways
    with speaking(language):
        for way in ways:
            if way.day is None or way.day >= today:
                assert read(as_typed(way), today) == way


def ways_of(text: str, today: date) -> list[Typed]:
    try:
        return [read(text, today)]
    except Ambiguous as error:
        return [*error.ways]
    except NotUnderstood:
        return []
