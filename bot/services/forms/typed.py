"""What somebody typed, as the campaign file has it. What is no such thing is told; whether it may
stand there is for the rules of the file to say."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from babel import Locale

from bot.services import typed_moments
from bot.services.campaign_file import times, values
from bot.services.forms.fields import Field, How
from bot.services.typed_moments import NotUnderstood, Typed, Vocabulary

BLANKS = re.compile(r"[\s\u00a0\u202f'’]")
DIGITS = re.compile(r"\d[\d\s\u00a0\u202f'’.,]*")
GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
"""Thousands to some, thousandths to others."""
SYMBOLS = {
    **dict.fromkeys(("₽", "руб", "рублей", "рубля", "рубль", "р"), "RUB"),
    **dict.fromkeys(("€", "евро", "euro", "euros", "eur."), "EUR"),
    **dict.fromkeys(("$", "долларов", "доллара", "доллар", "dollars"), "USD"),
    **{"£": "GBP", "₴": "UAH", "₾": "GEL", "₸": "KZT", "֏": "AMD", "zł": "PLN", "злотых": "PLN"},
}
COORDINATE = re.compile(r"[+-]?\d{1,3}(?:\.\d+)?")
MONTH_AND_YEAR = re.compile(r"(\d{1,2})[./](\d{4})")
YEAR = re.compile(r"\d{4}|\b\d{1,2}[./]\d{1,2}[./]\d\d\b")
DAY_AND_MONTH = re.compile(r"\d{1,2}[./]\d{1,2}")
MOMENTS = (How.DAY, How.DAYS, How.PARTIAL, How.BIRTHDAY, How.START)


class Unclear(ValueError):
    """It cannot be that."""

    def __init__(self, what: str, text: str = "") -> None:
        super().__init__(what)
        self.what = what
        """Under which the views have words for it."""
        self.text = text


@dataclass(frozen=True, slots=True)
class Asked:
    """What typed words are to be read by."""

    field: Field
    present: Any
    today: date
    """Where it takes place."""
    words: Vocabulary
    languages: Sequence[str]
    """Those that people may type in."""


def answer(text: str, asked: Asked) -> Any:
    """Raises Unclear."""
    read = READERS.get(asked.field.how)
    if read is None:
        return text.strip()
    try:
        return read(text.strip(), asked)
    except NotUnderstood as error:
        raise Unclear("moment", str(error)) from error


def chosen_only(text: str, asked: Asked) -> Any:
    raise Unclear("choose")


def lines(text: str, asked: Asked) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


# Numbers.


def number(text: str, asked: Asked) -> str:
    if not DIGITS.fullmatch(text):
        raise Unclear("number", text)
    return plain_number(text)


def plain_number(text: str) -> str:
    """ "1 200,50" and "1,200.50" are 1200.50."""
    digits = BLANKS.sub("", text).rstrip(".,")
    if GROUPED.fullmatch(digits):
        raise Unclear("grouped", digits)
    whole, mark, rest = digits.rpartition(max(".,", key=digits.rfind))
    return re.sub("[.,]", "", whole) + "." + rest if mark else digits


def money(text: str, asked: Asked) -> dict[str, str | None]:
    """The currency alone says in which one what comes in is counted."""
    match = DIGITS.search(text)
    rest = text.replace(match[0], " ") if match else text
    currency = currency_of(rest) or (asked.present or {}).get("currency")
    if currency is None or (match is None and asked.field.key != "goal"):
        raise Unclear("money", text)
    return {"amount": plain_number(match[0]) if match else None, "currency": currency}


def currency_of(text: str) -> str | None:
    word = text.strip().rstrip(".").casefold()
    if not word:
        return None
    if word in SYMBOLS:
        return SYMBOLS[word]
    if word.upper() in values.currencies():
        return word.upper()
    raise Unclear("currency", text.strip())


def location(text: str, asked: Asked) -> dict[str, str]:
    found = COORDINATE.findall(text)
    if len(found) != 2 or re.search(r"[^\W\d_]", text):
        raise Unclear("location", text)
    north, east = (f"{float(one):.6f}" for one in found)
    return {"latitude": north, "longitude": east}


# Languages and countries, by their names or codes.


def language_list(text: str, asked: Asked) -> list[str]:
    return [language(word.strip(), asked) for word in re.split(r"[,;\n]", text) if word.strip()]


def language(word: str, asked: Asked) -> str:
    if word.casefold() in values.languages():
        return word.casefold()
    code = language_names(tuple(asked.languages)).get(word.casefold())
    if code is None:
        raise Unclear("language", word)
    return code


@cache
def language_names(languages: tuple[str, ...]) -> dict[str, str]:
    every = [Locale.parse(one).languages.items() for one in languages]
    return {
        name.casefold(): code for one in every for code, name in one if code in values.languages()
    }


def country(text: str, asked: Asked) -> str:
    if text.upper() in values.countries():
        return text.upper()
    code = country_names(tuple(asked.languages)).get(text.casefold())
    if code is None:
        raise Unclear("country", text)
    return code


@cache
def country_names(languages: tuple[str, ...]) -> dict[str, str]:
    every = [Locale.parse(one).territories.items() for one in languages]
    return {
        name.casefold(): code for one in every for code, name in one if code in values.countries()
    }


# Days and moments.


def day(text: str, asked: Asked) -> str:
    found = typed(text, asked, day_asked=True)
    if found.day is None or found.hour is not None or found.room:
        raise Unclear("day", text)
    return found.day.isoformat()


def days(text: str, asked: Asked) -> list[str]:
    return [day(line, asked) for line in lines(text, asked)]


def partial(text: str, asked: Asked) -> str:
    """Of what has been nobody can tell the year from a day alone."""
    if times.PARTIAL.fullmatch(text):
        return text
    if match := MONTH_AND_YEAR.fullmatch(text):
        return f"{match[2]}-{int(match[1]):02}"
    if (month := month_and_year(text, asked)) is not None:
        return month
    found = day(text, asked)
    if not YEAR.search(text) and found > asked.today.isoformat():
        raise Unclear("year", text)
    return found


def month_and_year(text: str, asked: Asked) -> str | None:
    """ "April 2024"."""
    name, _, year = text.rpartition(" ")
    names = typed_moments.months(tuple(asked.languages))
    word = typed_moments.folded(name).strip(".")
    begun = {month for each, month in names.items() if each.startswith(word)}
    meant = {names[word]} if word in names else begun
    is_known = len(meant) == 1 and len(word) >= typed_moments.SHORTEST
    return f"{year}-{meant.pop():02}" if is_known and re.fullmatch(r"\d{4}", year) else None


def birthday(text: str, asked: Asked) -> str:
    """In a year that has a 29 February."""
    if re.fullmatch(r"\d\d-\d\d", text):
        return text
    year = ".2000" if DAY_AND_MONTH.fullmatch(text) else " 2000"
    return day(text + year, asked)[len("2000-") :]


def start(text: str, asked: Asked) -> str:
    """What is not said is as it was."""
    found = typed(text, asked)
    before = datetime.fromisoformat(asked.present) if asked.present else None
    if found.room or (before is None and (found.day is None or found.hour is None)):
        raise Unclear("both", text)
    if before is None:
        before = datetime.combine(found.day or asked.today, found.hour or datetime.min.time())
    return f"{typed_moments.at(found, before):%Y-%m-%d %H:%M}"


def typed(text: str, asked: Asked, *, day_asked: bool = False) -> Typed:
    """Also of what has been: the rules say where that may not be."""
    told = asked.today, asked.words, asked.languages
    return typed_moments.typed(text, *told, day_asked=day_asked, past_too=True)


READERS: dict[How, Callable[[str, Asked], Any]] = {
    How.WORD: chosen_only,
    How.FLAG: chosen_only,
    How.CHECKED: chosen_only,
    How.ITEMS: chosen_only,
    How.LINES: lines,
    How.WHOLE: number,
    How.NUMBER: number,
    How.MONEY: money,
    How.LOCATION: location,
    How.LANGUAGES: language_list,
    How.COUNTRY: country,
    How.DAY: day,
    How.DAYS: days,
    How.PARTIAL: partial,
    How.BIRTHDAY: birthday,
    How.START: start,
}
