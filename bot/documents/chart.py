"""Numbers as a small picture (PNG, by Typst): an amount over time with its goal, several numbers
over time, or some beside each other.

The words come ready, the look is in chart.typ, and the press makes it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from bot.documents.press import PRESS, breakable, compiled
from bot.markup import clean

DOTS = 144
"""An inch: two of the picture's dots are a point in chart.typ."""
TITLE = 250
"""More characters than two lines can hold; where they end, the look says."""
STEPS = tuple(map(Decimal, ("0.5", "1", "2", "2.5", "5")))
"""Between two amounts of the axis, in units of the highest one's first digit."""
LEAST_STEP = Decimal("0.01")
NAME = 60
"""More characters than a line beside a line, or a bar, can hold."""
# Without a glyph there would be an empty box: of emoji, say, or of Hebrew. See fonts/README.md.
WITHOUT_GLYPH = re.compile(
    "[^ -~\u00a0-\u0377\u037a-\u037f\u0384-\u03e1\u03f0-\u052f\u1c80-\u1c88\u1e00-\u1ffe"
    "\u2010-\u2027\u202f-\u205e\u2070-\u209c\u20a0-\u20bf\u2100-\u215f\u2212\u221e\u2248"
    "\u2260\u2264\u2265\u2c60-\u2c7f\u2de0-\u2e52\ua640-\ua69f]"
)


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    points: Sequence[tuple[date, Decimal]]
    """By day, the oldest first; at least one."""
    goal: Decimal | None
    money: Callable[[Decimal], str]
    day: Callable[[date], str]


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    points: Sequence[tuple[date, int]]
    """By day, the oldest first; at least one."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Several numbers over time: as many as can be told apart, six."""

    title: str
    lines: Sequence[Line]
    number: Callable[[int], str]
    day: Callable[[date], str]


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    number: float
    words: str
    """The number as it is said."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Some numbers beside each other, each of at most `whole`."""

    title: str
    bars: Sequence[Bar]
    whole: float


async def draw(chart: Chart | Lines | Bars) -> bytes:
    """A PNG, made beside the event loop. Raises `Busy` when many kits and charts are made."""
    with PRESS.place():
        words = drawing(chart)  # here, for a thread knows nothing of the language spoken
        work = partial(compiled, "chart.typ", {"chart": words}, format="png", ppi=DOTS)
        return await PRESS.made(work)


def drawing(chart: Chart | Lines | Bars) -> dict[str, Any]:
    """What chart.typ asks for: words, and places from 0 to 1."""
    title = {"title": breakable(clean(legible(" ".join(chart.title.split())), TITLE))}
    match chart:
        case Lines():
            return title | lines_drawn(chart)
        case Bars():
            return title | {"bars": [bar_drawn(one, chart.whole) for one in chart.bars]}
        case Chart():
            return title | amount_drawn(chart)


def amount_drawn(chart: Chart) -> dict[str, Any]:
    goal = chart.goal or Decimal(0)
    top = max(goal, *(amount for _, amount in chart.points))

    def mark(amount: Decimal) -> dict[str, Any]:
        return {"at": share(amount, top), "words": legible(chart.money(amount))}

    return {
        "line": line(chart.points, top),
        "ticks": [mark(amount) for amount in ticks(top)],
        "goal": mark(goal) if goal > 0 else None,
        "last": legible(chart.money(chart.points[-1][1])),
        "days": [legible(chart.day(day)) for day in ends(chart.points)],
    }


def lines_drawn(chart: Lines) -> dict[str, Any]:
    points = sorted(point for one in chart.lines for point in one.points)
    span, top = (points[0][0], points[-1][0]), max(1, *(number for _, number in points))
    whole_ones = [int(number) for number in ticks(Decimal(top)) if number == int(number)]
    return {
        "lines": [
            {
                "name": name(one.name),
                "last": legible(chart.number(one.points[-1][1])),
                "points": [(along(day, *span), n / top) for day, n in one.points],
            }
            for one in chart.lines
        ],
        "ticks": [{"at": n / top, "words": legible(chart.number(n))} for n in whole_ones],
        "days": [legible(chart.day(day)) for day in ends(points)],
    }


def bar_drawn(one: Bar, whole: float) -> dict[str, Any]:
    part = min(one.number / whole, 1) if whole else 0
    return {"name": name(one.name), "share": part, "words": legible(one.words)}


def name(words: str) -> str:
    return str(breakable(clean(legible(" ".join(words.split())), NAME)))


def line(points: Sequence[tuple[date, Decimal]], top: Decimal) -> list[tuple[float, float]]:
    """From the left and from below; of a single day only the last amount."""
    first, last = points[0][0], points[-1][0]
    if first == last:
        return [(1, share(points[-1][1], top))]
    return [(along(day, first, last), share(amount, top)) for day, amount in points]


def along(day: date, first: date, last: date) -> float:
    return (day - first).days / max((last - first).days, 1)


def share(amount: Decimal, top: Decimal) -> float:
    return float(amount / top) if top else 0


def ticks(top: Decimal) -> list[Decimal]:
    """Nought and two or three round amounts above it, none above `top`."""
    steps = (Decimal(f"{step.scaleb(top.adjusted()):f}") for step in STEPS)  # never "2.5E+3"
    step = max(next(step for step in steps if 4 * step > top), LEAST_STEP)
    return [number * step for number in range(4) if number * step <= top]


def ends(points: Sequence[tuple[date, Decimal | int]]) -> list[date]:
    """The first and the last day, or the only one."""
    return sorted({points[0][0], points[-1][0]})


def legible(words: str) -> str:
    return WITHOUT_GLYPH.sub("", words)
