"""How much a fundraiser has raised over time, as a small picture (PNG, by Typst).

The words come ready, the look is in fundraiser_chart.typ, and the press makes it.
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
"""An inch: two of the picture's dots are a point in fundraiser_chart.typ."""
TITLE = 250
"""More characters than two lines can hold; where they end, the look says."""
STEPS = tuple(map(Decimal, ("0.5", "1", "2", "2.5", "5")))
"""Between two amounts of the axis, in units of the highest one's first digit."""
LEAST_STEP = Decimal("0.01")
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


async def draw(chart: Chart) -> bytes:
    """A PNG, made beside the event loop. Raises `Busy` when many kits and charts are made."""
    with PRESS.place():
        words = drawing(chart)  # here, for a thread knows nothing of the language spoken
        work = partial(compiled, "fundraiser_chart.typ", {"chart": words}, format="png", ppi=DOTS)
        return await PRESS.made(work)


def drawing(chart: Chart) -> dict[str, Any]:
    """What fundraiser_chart.typ asks for: words, and places from 0 to 1."""
    goal = chart.goal or Decimal(0)
    top = max(goal, *(amount for _, amount in chart.points))

    def mark(amount: Decimal) -> dict[str, Any]:
        return {"at": share(amount, top), "words": legible(chart.money(amount))}

    return {
        "title": breakable(clean(legible(" ".join(chart.title.split())), TITLE)),
        "line": line(chart.points, top),
        "ticks": [mark(amount) for amount in ticks(top)],
        "goal": mark(goal) if goal > 0 else None,
        "last": legible(chart.money(chart.points[-1][1])),
        "days": [legible(chart.day(day)) for day in ends(chart.points)],
    }


def line(points: Sequence[tuple[date, Decimal]], top: Decimal) -> list[tuple[float, float]]:
    """From the left and from below; of a single day only the last amount."""
    first, last = points[0][0], points[-1][0]
    if first == last:
        return [(1, share(points[-1][1], top))]
    days = (last - first).days
    return [((day - first).days / days, share(amount, top)) for day, amount in points]


def share(amount: Decimal, top: Decimal) -> float:
    return float(amount / top) if top else 0


def ticks(top: Decimal) -> list[Decimal]:
    """Nought and two or three round amounts above it, none above `top`."""
    steps = (Decimal(f"{step.scaleb(top.adjusted()):f}") for step in STEPS)  # never "2.5E+3"
    step = max(next(step for step in steps if 4 * step > top), LEAST_STEP)
    return [number * step for number in range(4) if number * step <= top]


def ends(points: Sequence[tuple[date, Decimal]]) -> list[date]:
    """The first and the last day, or the only one."""
    return sorted({points[0][0], points[-1][0]})


def legible(words: str) -> str:
    return WITHOUT_GLYPH.sub("", words)
