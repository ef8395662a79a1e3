"""The days of what repeats, against days looked at one by one."""

from calendar import Calendar
from datetime import date, timedelta
from itertools import islice, takewhile
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.services import recurrence
from bot.services.recurrence import EVERY, WEEKS, Rule

DAY = timedelta(days=1)
YEARS = Calendar()
FIRST = st.dates(date(2000, 1, 1), date(2090, 12, 31))
SOON = st.integers(-40, 500).map(timedelta)
LATER = st.one_of(SOON, st.integers(500, 5000).map(timedelta))


@st.composite
def series(draw: st.DrawFn) -> tuple[date, Rule]:
    """With or without an end; some of its days are left out, and some that are none of its days."""
    first = draw(FIRST)
    rule: dict[str, Any] = {"every": draw(st.sampled_from(EVERY))}
    if draw(st.booleans()):
        rule["until"] = str(first + draw(SOON))
    its = [day for day in days_from(first, 300) if is_day(day, first, rule)] or [first]
    left_out = draw(st.lists(st.sampled_from(its) | st.just(first + 3 * DAY), max_size=4))
    return first, rule | ({"except": [str(day) for day in left_out]} if left_out else {})


def days_from(start: date, number: int) -> list[date]:
    return [start + n * DAY for n in range(number)]


def is_day(day: date, first: date, rule: Rule) -> bool:
    """As people count; whether or not it is left out."""
    if day < first or str(day) > rule.get("until", "9"):
        return False
    if rule["every"] in WEEKS:
        return (day - first).days % (7 * WEEKS[rule["every"]]) == 0
    return day == of_month(first, day.year, day.month)


def of_month(first: date, year: int, month: int) -> date:
    """Such as its second Thursday; the last one, of which most months have no fifth."""
    alike = [
        day
        for day in YEARS.itermonthdates(year, month)
        if day.month == month and day.weekday() == first.weekday()
    ]
    number = [day.day for day in same_weekday(first)].index(first.day)
    return alike[number] if number < 4 else alike[-1]


def same_weekday(first: date) -> list[date]:
    of_its_month = YEARS.itermonthdates(first.year, first.month)
    return [
        day for day in of_its_month if (day.month, day.weekday()) == (first.month, first.weekday())
    ]


@given(series(), LATER)
def test_its_days_are_those_that_people_count(of: tuple[date, Rule], later: timedelta) -> None:
    first, rule = of
    since = first + later
    end = since + 400 * DAY
    found = list(takewhile(lambda day: day < end, recurrence.days(first, rule, since)))
    left_out = rule.get("except", ())
    counted = [day for day in days_from(since, 400) if is_day(day, first, rule)]
    assert found == [day for day in counted if str(day) not in left_out]


@given(series(), LATER)
def test_each_of_its_days_is_one_of_them(of: tuple[date, Rule], later: timedelta) -> None:
    first, rule = of
    for day in days_from(first + later, 40):
        assert recurrence.is_one_of(day, first, rule) == is_day(day, first, rule)


@given(series(), SOON)
@example((date(2027, 1, 14), {"every": "month", "until": "2027-05-12"}), timedelta(days=126))
def test_no_day_is_nearer_than_the_nearest(of: tuple[date, Rule], later: timedelta) -> None:
    first, rule = of
    if not is_day(first, first, rule):
        return
    day = first + later
    nearest = recurrence.nearest(day, first, rule)
    away = abs(nearest - day)
    assert is_day(nearest, first, rule)
    nearer = days_from(day - away + DAY, max(2 * away.days - 1, 0))
    assert not any(is_day(each, first, rule) for each in nearer)


@given(series())
def test_without_an_end_there_are_always_more(of: tuple[date, Rule]) -> None:
    first, rule = of
    endless = {key: rule[key] for key in rule if key != "until"}
    found = list(islice(recurrence.days(first, endless, first + 3650 * DAY), 3))
    assert len(found) == 3
    assert {day.weekday() for day in found} == {first.weekday()}


# The first day, how often, and the days after it.
CALENDAR = [
    ("2026-12-10", "2 weeks", ["2026-12-24", "2027-01-07", "2027-01-21"]),
    ("2026-12-10", "month", ["2027-01-14", "2027-02-11", "2027-03-11"]),  # the second Thursday
    ("2027-01-29", "month", ["2027-02-26", "2027-03-26", "2027-04-30"]),  # the fifth: the last
    ("2027-01-22", "month", ["2027-02-26", "2027-03-26", "2027-04-23"]),  # the fourth stays it
    ("2028-02-29", "month", ["2028-03-28", "2028-04-25", "2028-05-30"]),
    ("2026-10-22", "week", ["2026-10-29", "2026-11-05", "2026-11-12"]),
]


@pytest.mark.parametrize(("first", "every", "later"), CALENDAR)
def test_as_a_calendar_on_the_wall_has_them(first: str, every: str, later: list[str]) -> None:
    start = date.fromisoformat(first)
    found = islice(recurrence.days(start, {"every": every}, start), 4)
    assert [str(day) for day in found] == [first, *later]
