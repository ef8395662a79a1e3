"""Days and hours as people type them: "10:00", "tomorrow 9:30, room 4", "1 Dec 10", "завтра 14-00",
"в пятницу в 10 утра", "01.12 10:00", "через неделю", "2026-12-01 10:00".

A text is cut into tokens, each of a kind, and phrases are patterns of kinds. Every way in which
phrases make up the whole text is a reading. Where there are several, none is guessed at.

Names of months, weekdays and parts of the day are those of CLDR in every language of the bot; the
other words come with the vocabulary.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product
from typing import Any, Literal, NamedTuple

from babel import Locale

SHORTEST = 3
"""Letters of a month or weekday that is cut: "Dec", "пят"."""
LONGEST = 80
"""Characters; nobody types more of a day and an hour."""
LATELY = timedelta(days=183)
"""A day without a year that was less than this ago was meant to be that one: it is past, and of
next year's nobody has spoken."""
YEARS_AHEAD = 5
"""So far "1 Dec 31" has a year at its end."""
EITHER_HALF = range(1, 8)
"""Hours that may be of the morning or of the afternoon, typed as one digit."""
PARTS_OF_DAY = {
    "am": (*range(12),),
    "pm": (*range(12, 24),),
    "morning1": (*range(1, 12),),
    "afternoon1": (*range(10, 18),),
    "evening1": (*range(16, 24),),
    "night1": (*range(21, 24), *range(6)),
}
"""Hours of each, by the names of CLDR."""
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
SHAPES = {
    "I": re.compile(r"(\d{4})-(\d\d)-(\d\d)"),
    "T": re.compile(r"(\d{1,2}):(\d\d)"),
    "P": re.compile(r"(\d{1,2})[.-](\d\d)"),
    "D": re.compile(r"(\d{1,2})[.-](\d{1,2})(?:[.-](\d{4}|\d\d))?"),
    "S": re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d\d))?"),
    "Y": re.compile(r"(\d{4})"),
    "N": re.compile(r"(\d{1,2})"),
}
"""Kinds of what has digits: "2026-12-01", "10:00", "10.12" that is a day or an hour, other days,
those with slashes, which are not written in the same order everywhere, a year, a number."""
NUMBER = r"\d+(?:[.:/-]\d+)*"
INITIALS = r"[^\W\d_](?:\.[^\W\d_](?![^\W\d_]))+"
""" "p.m."""
WORD = r"[^\W\d_]+"
SIGN = r"[№#]"


class NotUnderstood(ValueError):
    """Carries the words that are not."""


class Ambiguous(NotUnderstood):
    """Carries what it may mean."""

    def __init__(self, ways: "Sequence[Typed]") -> None:
        self.ways = ways


class OtherWeekday(NotUnderstood):
    """That day is not on the weekday that was typed with it."""

    def __init__(self, day: date, typed: date) -> None:
        self.day, self.typed = day, typed


class PastDay(NotUnderstood):
    def __init__(self, day: date) -> None:
        self.day = day


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """In every language; each a list of words in small letters."""

    relative: tuple[tuple[str, int], ...]
    """Words and days from today: ("tomorrow", 1)."""
    next: tuple[str, ...]
    """Before a weekday."""
    ordinal: tuple[str, ...]
    """After the number of a day: "1st", "1-го"."""
    room: tuple[str, ...]
    filler: tuple[str, ...]
    """ "at", "on"."""


class Typed(NamedTuple):
    day: date | None
    hour: time | None
    room: str | None


class Token(NamedTuple):
    """Kinds of words: M month, W weekday, R relative day, H part of the day, C noon, x next,
    o ordinal, f filler; ? is not known. Those of numbers stand in SHAPES."""

    kind: str
    text: str
    value: tuple[int, ...] = ()


class Reading(NamedTuple):
    """Of some phrases, what they mean together."""

    day: date | None = None
    weekday: date | None = None
    """The day that it is, if none was said."""
    hour: time | None = None

    def joined(self, other: "Reading") -> "Reading | None":
        """Nothing: both say the same kind of thing."""
        if any(None not in both for both in zip(self, other, strict=True)):
            return None
        return Reading(
            self.day or other.day, self.weekday or other.weekday, self.hour or other.hour
        )


def typed(
    text: str,
    today: date,
    words: Vocabulary,
    languages: Sequence[str],
    *,
    hour_asked: bool = False,
    day_asked: bool = False,
    past_too: bool = False,
) -> Typed:
    """Raises NotUnderstood. `hour_asked`, `day_asked`: what may be a day or an hour is that.
    `past_too`: also a day that has been."""
    text = " ".join(text.translate(DASHES).split())
    if len(text) > LONGEST:
        raise NotUnderstood(text)
    left, room = taken_room(text, words)
    found = tokens(left, lexicon(words, tuple(languages)))
    ways = {Typed(one.day or one.weekday, one.hour, room): one for one in readings(found, today)}
    if not ways or (None, None, None) in ways:
        raise NotUnderstood(" ".join(one.text for one in found if one.kind == "?") or text)
    meant = likely(fitting([*ways], hour_asked, day_asked), today, past_too)
    if len(meant) > 1:
        raise Ambiguous(meant)
    check_day(ways[meant[0]], today, past_too)
    return meant[0]


def fitting(ways: Sequence[Typed], hour_asked: bool, day_asked: bool) -> Sequence[Typed]:
    """What was asked for, if it can be that."""
    hours = [way for way in ways if way.day is None] if hour_asked else []
    days = [way for way in ways if way.hour is None] if day_asked else []
    return hours or days or ways


def likely(ways: Sequence[Typed], today: date, past_too: bool) -> Sequence[Typed]:
    """Of two days one that is past is not meant; but a day is no less likely than an hour."""
    if past_too or any(way.day is None for way in ways):
        return ways
    return [way for way in ways if way.day and way.day >= today] or ways


def taken_room(text: str, words: Vocabulary) -> tuple[str, str | None]:
    named = "|".join(map(re.escape, words.room))
    pattern = rf"\b(?:{named})(?!\w)\.? *[№#]? *(\d[\w/-]{{0,19}})(?!\w|[.:]\d)"
    match = re.search(pattern, text, re.IGNORECASE)
    if match is None:
        return text, None
    return f"{text[: match.start()]} {text[match.end() :]}", match[1]


def check_day(found: Reading, today: date, past_too: bool) -> None:
    day = found.day or found.weekday
    if day and day < today and not past_too:
        raise PastDay(day)
    if found.day and found.weekday and found.day.weekday() != found.weekday.weekday():
        raise OtherWeekday(found.day, found.weekday)


# Tokens.


@dataclass(frozen=True, slots=True)
class Lexicon:
    known: dict[str, Token]
    cut: dict[str, Token]
    """Of which the beginning is enough."""
    chunk: re.Pattern[str]


@cache
def lexicon(words: Vocabulary, languages: tuple[str, ...]) -> Lexicon:
    cut = {
        name: Token(kind, name, (number,))
        for kind, names in (("M", months(languages)), ("W", weekdays(languages)))
        for name, number in names.items()
    }
    own = (Token(kind, text, value) for kind, text, value in vocabulary(words))
    known = cut | parts_of_day(languages) | {one.text: one for one in own}
    several = sorted((text for text in known if not text.isalpha()), key=len, reverse=True)
    phrases = rf"(?<!\w)(?:{'|'.join(map(re.escape, several))})(?!\w)"
    chunk = re.compile("|".join([phrases, NUMBER, INITIALS, WORD, SIGN]), re.IGNORECASE)
    return Lexicon(known, cut, chunk)


def vocabulary(words: Vocabulary) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    for kind, each in (("x", words.next), ("o", words.ordinal), ("f", words.filler)):
        for text in each:
            yield kind, folded(text), ()
    for text, days in words.relative:
        yield "R", folded(text), (days,)


def tokens(text: str, known: Lexicon) -> list[Token]:
    return [token(chunk, known) for chunk in known.chunk.findall(text)]


def token(text: str, words: Lexicon) -> Token:
    for kind, shape in SHAPES.items():
        if match := shape.fullmatch(text):
            return Token(kind, text, tuple(int(part) for part in match.groups() if part))
    word = folded(text)
    if word in words.known:
        return words.known[word]
    begun = {one for name, one in words.cut.items() if name.startswith(word)}
    meant = {(one.kind, one.value) for one in begun} if len(word) >= SHORTEST else ()
    return next(iter(begun)) if len(meant) == 1 else Token("?", text)


def folded(word: str) -> str:
    word = word.casefold().replace("ё", "е")
    return word.replace(".", "") if re.fullmatch(INITIALS, word) else word


# Phrases: each gives what its tokens may mean.


def readings(found: Sequence[Token], today: date) -> list[Reading]:
    """Of the whole, from its end on; nothing: some token is in no phrase."""
    kinds = "".join(one.kind for one in found)
    onward = {len(found): [Reading()]}
    for start in reversed(range(len(found))):
        onward[start] = [
            joined
            for pattern, meant in PHRASES
            if (match := pattern.match(kinds, start))
            for first in meant(found[start : match.end()], today)
            for rest in onward[match.end()]
            if (joined := first.joined(rest))
        ]
    return onward[0]


Meanings = Iterable[Reading]


def nothing(_found: Sequence[Token], _today: date) -> Meanings:
    return [Reading()]


def written_out(found: Sequence[Token], today: date) -> Meanings:
    year, month, day = found[0].value
    return on(today, day, month, year)


def day_and_month(found: Sequence[Token], today: date) -> Meanings:
    return on(today, *found[0].value)


def either_order(found: Sequence[Token], today: date) -> Meanings:
    """ "10/12": Americans write the month first."""
    one, other, *year = found[0].value
    return [*on(today, one, other, *year), *on(today, other, one, *year)]


def named_month(found: Sequence[Token], today: date) -> Meanings:
    """Two digits after it are an hour, unless they are a year that is near."""
    [month] = next(one.value for one in found if one.kind == "M")
    day, *year = (one for one in found if one.kind in "NY")
    near = range(today.year, today.year + YEARS_AHEAD + 1)
    if any(one.kind == "N" and whole_year(*one.value) not in near for one in year):
        return []
    return on(today, day.value[0], month, *(one.value[0] for one in year))


def day_of_month(found: Sequence[Token], today: date) -> Meanings:
    coming = (today + timedelta(days=ahead) for ahead in range(62))
    day = next((one for one in coming if (one.day,) == found[0].value), None)
    return [Reading(day=day)] if day else []


def from_today(found: Sequence[Token], today: date) -> Meanings:
    return [Reading(day=today + timedelta(days=found[0].value[0]))]


def weekday(found: Sequence[Token], today: date) -> Meanings:
    """The next one, and never today."""
    ahead = (found[0].value[0] - today.weekday() - 1) % 7 + 1
    return [Reading(weekday=today + timedelta(days=ahead))]


def next_weekday(found: Sequence[Token], today: date) -> Meanings:
    """ "Next Friday": some mean that of this week, others that of the next one."""
    monday = timedelta(days=7 - today.weekday())
    of_next_week = today + monday + timedelta(days=found[-1].value[0])
    return [*weekday(found[-1:], today), Reading(weekday=of_next_week)]


def clock(found: Sequence[Token], _today: date) -> Meanings:
    hour, minute = found[0].value
    return at_hours([hour], minute)


def bare_hour(found: Sequence[Token], _today: date) -> Meanings:
    [hour] = found[0].value
    is_either = len(found[0].text) == 1 and hour in EITHER_HALF
    return at_hours([hour, hour + 12] if is_either else [hour])


def in_part_of_day(found: Sequence[Token], _today: date) -> Meanings:
    """ "5 pm", "10 утра", "tomorrow morning at 10"."""
    part = next(one.value for one in found if one.kind == "H")
    hour, *minute = next(one.value for one in found if one.kind in "TPN")
    twelve = range(1, 13)
    fits = [each for each in part if each == hour or (hour in twelve and (each - hour) % 12 == 0)]
    return at_hours(fits, *minute)


def noon(_found: Sequence[Token], _today: date) -> Meanings:
    return at_hours([12])


def at_hours(hours: Sequence[int], minute: int = 0) -> Meanings:
    return [Reading(hour=time(hour, minute)) for hour in hours if hour < 24 and minute < 60]


Meant = Callable[[Sequence[Token], date], Meanings]
PHRASES: list[tuple[re.Pattern[str], Meant]] = [
    (re.compile(pattern), meant)
    for pattern, meant in (
        ("f", nothing),
        ("I", written_out),
        ("[PD]", day_and_month),
        ("S", either_order),
        ("No*M", named_month),
        ("No*M[NY]", named_month),
        ("(?<![No])MNo*", named_month),
        ("(?<![No])MNo*[NY]", named_month),
        ("No+|^N$", day_of_month),
        ("R", from_today),
        ("W", weekday),
        ("xW", next_weekday),
        ("[TP]", clock),
        ("N", bare_hour),
        ("[TPN]f*H|Hf*[TPN]", in_part_of_day),
        ("C", noon),
    )
]


# Days.


def on(today: date, day: int, month: int, year: int | None = None) -> Meanings:
    """Without a year the next one that there is, unless it was lately: then that."""
    if year is not None:
        dates = made([whole_year(year)], month, day)
    else:
        near = made(range(today.year - 1, today.year + 9), month, day)
        dates = [one for one in near if one > today - LATELY][:1]
    return [Reading(day=one) for one in dates]


def made(years: Iterable[int], month: int, day: int) -> list[date]:
    """29 February is not in each of them."""
    found = []
    for year in years:
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    return found


def whole_year(year: int) -> int:
    return year if year > 99 else 2000 + year


# Names.


def months(languages: tuple[str, ...]) -> dict[str, int]:
    return names_of(languages, "months")


def weekdays(languages: tuple[str, ...]) -> dict[str, int]:
    """Monday is 0. With the accusative of Slavic languages: "в пятницу", "в среду"."""
    found: dict[str, int] = names_of(languages, "days")
    return found | {name[:-1] + "у": day for name, day in found.items() if name.endswith("а")}


def parts_of_day(languages: tuple[str, ...]) -> dict[str, Token]:
    found = names_of(languages, "day_periods")
    parts = {
        name: Token("H", name, PARTS_OF_DAY[part])
        for name, part in found.items()
        if part in PARTS_OF_DAY
    }
    return parts | {name: Token("C", name) for name, part in found.items() if part == "noon"}


def names_of(
    languages: tuple[str, ...], kind: Literal["months", "days", "day_periods"]
) -> dict[str, Any]:
    """Those in a sentence and those by themselves, whole and cut."""
    found: dict[str, Any] = {}
    for language in languages:
        for form, width in product(("format", "stand-alone"), ("wide", "abbreviated")):
            for meant, name in getattr(Locale.parse(language), kind)[form][width].items():
                found.setdefault(folded(name).strip("."), meant)
    return found


def at(found: Typed, before: datetime) -> datetime:
    """What is not said is as it was before; a local time, without a zone."""
    day, hour = found.day or before.date(), found.hour or before.time()
    return datetime.combine(day, hour.replace(second=0))
