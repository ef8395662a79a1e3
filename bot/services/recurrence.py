"""The days of what repeats: every so many weeks, or on the same weekday of each month.

By the calendar on the wall of the place: clocks that change move no evening.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

WEEKS = {"week": 1, "2 weeks": 2, "3 weeks": 3, "4 weeks": 4}
EVERY = (*WEEKS, "month")
"""How often something may repeat: "month" means such as its second Thursday."""
Rule = dict[str, Any]
"""{"every": one of EVERY, "until": the last day, "except": [days]}, as `Event.repeats`."""


def days(first: date, rule: Rule, since: date) -> Iterator[date]:
    """From `since` on, or from the first one. Without an end there are always more."""
    skipped = set(exceptions(rule))
    start = max(first, since)
    for moment in series(first, rule).xafter(at(start), inc=True):
        if moment.date() not in skipped:
            yield moment.date()


def is_one_of(day: date, first: date, rule: Rule) -> bool:
    """Also of those that are left out."""
    found = series(first, rule).after(at(day), inc=True)
    return found is not None and found.date() == day


def nearest(day: date, first: date, rule: Rule) -> date:
    """The day of a series that begins before it ends; also one of those that are left out."""
    its = series(first, rule)
    around = its.before(at(day), inc=True), its.after(at(day), inc=True)
    return min((one for one in around if one), key=lambda one: abs(one - at(day))).date()


def exceptions(rule: Rule) -> list[date]:
    return [date.fromisoformat(day) for day in rule.get("except", ())]


def series(first: date, rule: Rule) -> rrule:
    until = at(date.fromisoformat(rule["until"])) if "until" in rule else None
    if rule["every"] in WEEKS:
        weeks = WEEKS[rule["every"]]
        return rrule(WEEKLY, interval=weeks, dtstart=at(first), until=until)
    its = weekday(first.weekday(), nth(first))
    return rrule(MONTHLY, byweekday=its, dtstart=at(first), until=until)


def nth(first: date) -> int:
    """Which one of its weekdays of the month; the fifth is the last, for few months have five."""
    number = (first.day - 1) // 7 + 1
    return number if number < 5 else -1


def at(day: date) -> datetime:
    return datetime.combine(day, time())
