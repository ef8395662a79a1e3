"""Days and hours as people type them: the words they use, and what is said of what is not clear."""

from collections.abc import Callable
from functools import cache

from bot.i18n import _, day, either, in_each, name_of_weekday
from bot.services.typed_moments import (
    Ambiguous,
    NotUnderstood,
    OtherWeekday,
    PastDay,
    Typed,
    Vocabulary,
)
from bot.views.parts import clipped

LONGEST_QUOTE = 80


def not_understood(error: NotUnderstood) -> str:
    match error:
        case Ambiguous(ways=ways):
            each = either([_("“{words}”").format(words=as_typed(way)) for way in ways])
            return _("Which do you mean? Type it so: {ways}.").format(ways=each)
        case OtherWeekday(day=meant, typed=other):
            told = _("{day} is a {right}, not a {wrong}. Which is it?")
            names = {"right": name_of_weekday(meant), "wrong": name_of_weekday(other)}
            return told.format(day=day(meant), **names)
        case PastDay(day=meant):
            told = _("{day} is past. If you mean another year, type it, too.")
            return told.format(day=day(meant))
    told = _("I do not understand “{words}”.")
    return told.format(words=clipped(str(error), LONGEST_QUOTE))


def as_typed(way: Typed) -> str:
    """So that it can be read in one way only."""
    room = f"{listed_words(room_words())[0]} {way.room}" if way.room else None
    said = [way.day and day(way.day), way.hour and f"{way.hour:%H:%M}", room]
    return ", ".join(part for part in said if part)


@cache
def vocabulary() -> Vocabulary:
    """Of all languages at once."""
    return Vocabulary(
        relative=tuple(
            (each, ahead) for ahead, told in days_ahead().items() for each in of_all(told)
        ),
        next=of_all(next_words),
        ordinal=of_all(ordinal_words),
        room=of_all(room_words),
        filler=of_all(filler_words),
    )


def days_ahead() -> dict[int, Callable[[], str]]:
    return {
        -1: yesterday_words,
        0: today_words,
        1: tomorrow_words,
        2: day_after_words,
        7: week_words,
        14: two_weeks_words,
    }


def of_all(told: Callable[[], str]) -> tuple[str, ...]:
    return tuple(word for text in in_each(told).values() for word in listed_words(text))


def listed_words(text: str) -> list[str]:
    return [word.strip() for word in text.casefold().split(",")]


def yesterday_words() -> str:
    """Between commas, as people type them; so are those below."""
    return _("yesterday")


def today_words() -> str:
    return _("today, tonight")


def tomorrow_words() -> str:
    return _("tomorrow, tmrw")


def day_after_words() -> str:
    return _("day after tomorrow, overmorrow")


def week_words() -> str:
    return _("in a week, in one week, in 1 week")


def two_weeks_words() -> str:
    return _("in two weeks, in 2 weeks, in a fortnight")


def next_words() -> str:
    """Before a weekday."""
    return _("next, following")


def ordinal_words() -> str:
    """Between the number of a day and its month."""
    return _("st, nd, rd, th, of")


def room_words() -> str:
    """The first one is how a room is written."""
    return _("room, hall, courtroom, office")


def filler_words() -> str:
    return _("at, on, in, the, this, to, o, clock, h")
