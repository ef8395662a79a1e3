"""Days and hours as people type them: "10:00", "tomorrow 9:30, room 4", "1 Dec 10", "завтра 9.30",
"в пятницу в 10", "01.12 10:00", "2026-12-01 10:00".

Names of months and weekdays are those of CLDR in every language of the bot; the other words come
with the vocabulary. What is left over is not guessed at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product
from typing import Literal

from babel import Locale

SHORTEST = 3
"""Letters of a month or weekday that is cut: "Dec", "пят"."""
LONGEST = 80
"""Characters; nobody types more of a day and an hour."""
ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b")
DOTTED = re.compile(
    r"(?<![\d.:])(?P<day>\d{1,2})[./](?P<month>\d{1,2})(?:[./](?P<year>\d{4}|\d\d))?(?![\d:])"
)
DAY_AND_NAME = re.compile(r"\b(?P<day>\d{1,2})\.? ?(?P<name>[^\W\d_]+)\.?(?: (?P<year>\d{4})\b)?")
NAME_AND_DAY = re.compile(
    r"\b(?P<name>[^\W\d_]+)\.? (?P<day>\d{1,2})\b(?![:.]\d)(?:,? (?P<year>\d{4})\b)?"
)
CLOCK = re.compile(r"(?<![\d.:])(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?![\d.:])")
HOUR = re.compile(r"(?<![\d.:])(?P<hour>\d{1,2})(?![\d.:])")
WORD = re.compile(r"[^\W\d_]+")


class NotUnderstood(ValueError):
    """Carries the words that are not."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """In every language; each a list of words in small letters."""

    relative: tuple[tuple[str, int], ...]
    """Words and days from today: ("tomorrow", 1)."""
    room: tuple[str, ...]
    filler: tuple[str, ...]
    """ "at", "on"."""


@dataclass(frozen=True, slots=True)
class Typed:
    day: date | None
    hour: time | None
    room: str | None


def typed(text: str, today: date, words: Vocabulary, languages: Sequence[str]) -> Typed:
    """Raises NotUnderstood. A day without a year is the next one that comes."""
    left = " ".join(text.casefold().replace("ё", "е").split())
    if len(left) > LONGEST:
        raise NotUnderstood(text)
    left, room = taken_room(left, words)
    left, day = taken_day(left, today, words, languages)
    left, hour = taken_hour(left)
    fillers = {*words.filler}
    strange = [word for word in re.findall(r"[^\W_]+", left) if word not in fillers]
    if strange or (day, hour, room) == (None, None, None):
        raise NotUnderstood(" ".join(strange) or text)
    return Typed(day, hour, room)


def taken_room(text: str, words: Vocabulary) -> tuple[str, str | None]:
    named = "|".join(re.escape(word) for word in words.room)
    match = re.search(rf"[,;]? *\b(?:{named})(?!\w)\.? *(?:№|#)? *(\d[\w/-]{{0,19}})", text)
    return (text, None) if match is None else (without(text, match), match[1])


def taken_day(
    text: str, today: date, words: Vocabulary, languages: Sequence[str]
) -> tuple[str, date | None]:
    for take in (taken_number, taken_month, taken_word):
        left, day = take(text, today, words, languages)
        if day is not None:
            return left, day
    return text, None


Taken = tuple[str, date | None]


def taken_number(text: str, today: date, words: Vocabulary, languages: Sequence[str]) -> Taken:
    """ "9.30" by itself is an hour; with another one beside it, a day."""
    if match := ISO.search(text):
        return without(text, match), made(*(int(match[part]) for part in ("year", "month", "day")))
    for match in DOTTED.finditer(text):
        left = without(text, match)
        is_day = match["year"] or CLOCK.search(left) or HOUR.search(left)
        if is_day or (int(match["month"]) <= 12 and not CLOCK.fullmatch(match[0])):
            return left, in_year(match["year"], int(match["month"]), int(match["day"]), today)
    return text, None


def taken_month(text: str, today: date, words: Vocabulary, languages: Sequence[str]) -> Taken:
    for pattern in (DAY_AND_NAME, NAME_AND_DAY):
        for match in pattern.finditer(text):
            month = named(match["name"], months(tuple(languages)))
            if month is not None:
                left = without(text, match)
                return left, in_year(match["year"], month, int(match["day"]), today)
    return text, None


def taken_word(text: str, today: date, words: Vocabulary, languages: Sequence[str]) -> Taken:
    """ "Tomorrow", "Friday": the next one, and never today."""
    relative = dict(words.relative)
    for match in WORD.finditer(text):
        if match[0] in relative:
            return without(text, match), today + timedelta(days=relative[match[0]])
        weekday = named(match[0], weekdays(tuple(languages)))
        if weekday is not None and match[0] not in words.filler:
            ahead = (weekday - today.weekday() - 1) % 7 + 1
            return without(text, match), today + timedelta(days=ahead)
    return text, None


def taken_hour(text: str) -> tuple[str, time | None]:
    match = CLOCK.search(text) or HOUR.search(text)
    if match is None:
        return text, None
    minute = match.groupdict().get("minute")
    try:
        return without(text, match), time(int(match["hour"]), int(minute or 0))
    except ValueError:
        raise NotUnderstood(match[0]) from None


def without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"


def in_year(year: str | None, month: int, day: int, today: date) -> date:
    if year is not None:
        return made(int(year) if len(year) == 4 else 2000 + int(year), month, day)
    this = made(today.year, month, day) if (month, day) != (2, 29) else None
    if this is not None and this >= today:
        return this
    return made(today.year + 1, month, day)


def made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NotUnderstood(f"{day}.{month}") from None


def named(word: str, names: dict[str, int]) -> int | None:
    """Whole, in any case ending, or cut to three letters."""
    if word in names:
        return names[word]
    if len(word) < SHORTEST:
        return None
    cut = {number for name, number in names.items() if name.startswith(word)}
    return cut.pop() if len(cut) == 1 else None


@cache
def months(languages: tuple[str, ...]) -> dict[str, int]:
    return names_of(languages, "months")


@cache
def weekdays(languages: tuple[str, ...]) -> dict[str, int]:
    """Monday is 0. With the accusative of Slavic languages: "в пятницу", "в среду"."""
    found = names_of(languages, "days")
    return found | {name[:-1] + "у": day for name, day in found.items() if name.endswith("а")}


def names_of(languages: tuple[str, ...], kind: Literal["months", "days"]) -> dict[str, int]:
    """Those in a sentence and those by themselves, whole and cut."""
    found: dict[str, int] = {}
    for language in languages:
        for form, width in product(("format", "stand-alone"), ("wide", "abbreviated")):
            for number, name in getattr(Locale.parse(language), kind)[form][width].items():
                found.setdefault(name.casefold().replace("ё", "е").strip("."), number)
    return found


def at(found: Typed, before: datetime) -> datetime:
    """What is not said is as it was before; a local time, without a zone."""
    day, hour = found.day or before.date(), found.hour or before.time()
    return datetime.combine(day, hour.replace(second=0))
