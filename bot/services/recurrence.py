"""The days of what repeats: every so many weeks, or on the same weekday of each month.

By the calendar on the wall of the place: clocks that change move no evening.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

WEEKS = {"week": 1, "2 weeks": 2, "3 weeks": 3, "4 weeks": 4}
EVERY = (*WEEKS, "month")
"""How often something may repeat: "month" means such as its second Thursday."""
LONGEST = timedelta(weeks=5)
"""From one of its days to the next one."""
Rule = dict[str, Any]
"""{"every": one of EVERY, "until": the last day, "except": [days]}, as `Event.repeats`."""


def days(first: date, rule: Rule, since: date) -> Iterator[date]:
    """From `since` on, or from the first one. Without an end there are always more."""
    skipped = set(exceptions(rule))
    for moment in series(first, rule, since).xafter(at(since), inc=True):
        if moment.date() not in skipped:
            yield moment.date()


def is_one_of(day: date, first: date, rule: Rule) -> bool:
    """Also of those that are left out."""
    found = series(first, rule, day).after(at(day), inc=True)
    return found is not None and found.date() == day


def nearest(day: date, first: date, rule: Rule) -> date:
    """The day of a series that begins before it ends; also one of those that are left out."""
    last = min(day, date.fromisoformat(rule["until"])) if "until" in rule else day
    its = series(first, rule, last - LONGEST)
    around = its.before(at(day), inc=True), its.after(at(day), inc=True)
    found: list[date] = [one.date() for one in around if one]
    return min(found, key=lambda one: abs(one - day))


def exceptions(rule: Rule) -> list[date]:
    return [date.fromisoformat(day) for day in rule.get("except", ())]


def series(first: date, rule: Rule, since: date) -> rrule:
    """From about `since` on: what lies between that and the first day costs nothing."""
    start = at(near(first, rule["every"], since))
    until = at(date.fromisoformat(rule["until"])) if "until" in rule else None
    if rule["every"] in WEEKS:
        return rrule(WEEKLY, interval=WEEKS[rule["every"]], dtstart=start, until=until)
    its = weekday(first.weekday(), nth(first))
    return rrule(MONTHLY, byweekday=its, dtstart=start, until=until)


def near(first: date, every: str, since: date) -> date:
    """Where weeks are counted from, that is one of its days: the last one until `since`."""
    if since <= first or every not in WEEKS:
        return max(first, since)
    step = 7 * WEEKS[every]
    return first + timedelta(days=(since - first).days // step * step)


def nth(first: date) -> int:
    """Which one of its weekdays of the month; the fifth is the last, for few months have five."""
    number = (first.day - 1) // 7 + 1
    return number if number < 5 else -1


def at(day: date) -> datetime:
    return datetime.combine(day, time())
