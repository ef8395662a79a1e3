"""In which order a new thing, or a new item of a list, is asked for; and what is still empty."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.services.forms.fields import NEW_ITEM, Field, How
from bot.services.forms.present import Known, is_required


@dataclass(frozen=True, slots=True)
class Step:
    field: Field
    item: int = 0
    language: str = ""


def steps(known: Known, spoken: str, within: str = "") -> list[Step]:
    """`within`: of a new item of that list."""
    names = known.form.known[within].asked if within else known.form.asked
    item = NEW_ITEM if within else 0
    found = [known.form.known[name] for name in names]
    return [step for each in found for step in steps_of(known, each, item, spoken)]


def steps_of(known: Known, of: Field, item: int, spoken: str) -> Iterator[Step]:
    """A text that may be missing is asked for in other languages only if it is there in one."""
    if of.unless and known.has(of.unless):
        return
    if of.how != How.TEXTS:
        yield Step(of, item)
        return
    first, *others = in_turn(known, spoken)
    yield Step(of, item, first)
    if is_required(known.form, of) or known.value(of, item):
        yield from (Step(of, item, language) for language in others)


def in_turn(known: Known, spoken: str) -> list[str]:
    """The campaign's languages, first the one that is spoken."""
    return sorted(known.languages, key=lambda one: one != spoken)


def place_of(found: list[Step], now: Step) -> int:
    """Among them; one that is gone by now is followed by the first."""
    return found.index(now) if now in found else -1


def first_open(known: Known, found: list[Step]) -> Step:
    """What is known from where it was begun is not asked for."""
    return next((one for one in found if known.value(one.field, one.item) is None), found[0])


# What is still empty.


def missing(known: Known, of: Field, item: int = 0) -> list[str]:
    """Languages in which a text is not there that is there in others."""
    value = known.value(of, item)
    if of.how != How.TEXTS or not isinstance(value, Mapping):
        return []
    return [language for language in known.languages if language not in value]


def is_filled(value: Any) -> bool:
    return value not in (None, "", [], {})


def mark(known: Known, of: Field, item: int = 0) -> str:
    if not is_filled(known.value(of, item)):
        return "○"
    return "⚠" if lacks(known, of, item) else "✓"


def lacks(known: Known, of: Field, item: int = 0) -> bool:
    """A language, be it in an item of a list."""
    if of.how != How.ITEMS:
        return bool(missing(known, of, item))
    places = range(1, len(known.items(of)) + 1)
    return any(missing(known, part, place) for part in of.parts for place in places)


def is_open_now(known: Known, of: Field) -> bool:
    """Whether it says anything, beside what else is there."""
    return not of.needs or known.has(of.needs)


def is_wanted(known: Known, of: Field) -> bool:
    """Whether it is missed where it is empty."""
    return is_open_now(known, of) and not (of.unless and known.has(of.unless))


def next_gap(known: Known, after: str) -> Step | None:
    """The next one that is empty, or lacks a language, in the order of the form."""
    fields = [each for each in known.form.fields if is_wanted(known, each)]
    names = [each.name for each in fields]
    start = names.index(after) if after in names else 0
    for each in (*fields[start:], *fields[:start]):
        if languages := missing(known, each):
            return Step(each, 0, languages[0])
        if not is_filled(known.value(each)):
            return Step(each)
    return None
