"""A row of a benchmark: what was measured, and what it should be."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    figure: str
    target: str = ""
    reached: bool | None = None


def at_most(what: str, value: float, limit: float, unit: str = "") -> Row:
    return Row(what, f"{value:.3g}{unit}", f"≤ {limit:g}{unit}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str = "") -> Row:
    return Row(what, f"{value:.3g}{unit}", f"≥ {limit:g}{unit}", value >= limit)


def show(title: str, rows: Iterable[Row]) -> bool:
    """Prints the rows; whether every target was reached."""
    print(f"\n{title}")
    good = True
    for row in rows:
        mark = {None: " ", True: "✓", False: "✗"}[row.reached]
        print(f"  {mark} {row.what:<58} {row.figure:>12}  {row.target}", flush=True)
        good = good and row.reached is not False
    return good
