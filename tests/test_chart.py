"""Pictures of what a fundraiser has raised, and of what the desk counts, looked at dot by dot."""

import asyncio
import json
import sys
import threading
import unicodedata
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.chart import (
    WITHOUT_GLYPH,
    Bar,
    Bars,
    Chart,
    Line,
    Lines,
    draw,
    drawing,
    ticks,
)
from bot.documents.press import LINE, PRESS, Busy, fonts
from tests import pages
from tests.pages import DOTS, Picture

POINT = 2 / DOTS
"""Of the look (two dots), in millimetres of a `Picture`."""
WIDTH, HEIGHT, RIGHT = 500, 280, 484
"""In points; the plot ends at RIGHT."""
FIRST = date(2026, 9, 1)
AMOUNTS = st.decimals(0, 10**12, places=2)
FAR_APART = "1" + "\xa0" * 12 + "1"
"""An amount with nothing in its middle: whatever is seen there covers it."""


def chart(
    amounts: Sequence[Decimal | int], goal: Decimal | int | None = None, title: str = "",
    money: str | None = None, every: int = 1,
) -> Chart:  # fmt: skip
    points = [
        (FIRST + timedelta(days=number * every), Decimal(amount))
        for number, amount in enumerate(amounts)
    ]
    wanted = None if goal is None else Decimal(goal)
    return Chart(title, points, wanted, lambda it: money or f"{it:,} ₽", date.isoformat)


def picture(of: Chart | Lines | Bars) -> Picture:
    """The PNG as it is on a page of its size, dot for dot."""
    page = f"#set page(width: {WIDTH * POINT}mm, height: {HEIGHT * POINT}mm, margin: 0pt)\n"
    source = page + "#image(bytes(json(bytes(sys.inputs.png))), width: 100%)"
    compiler = typst.Compiler(source.encode(), font_paths=fonts(), ignore_system_fonts=True)
    drawn = json.dumps(list(asyncio.run(draw(of))))
    pdf = compiler.compile(format="pdf", sys_inputs={"png": drawn})
    assert isinstance(pdf, bytes)
    (seen,) = pages.pictures(pdf)
    return seen


def ink(seen: Picture, left: float, top: float, right: float, bottom: float) -> int:
    """In points of the look."""
    return seen.ink(left * POINT, top * POINT, right * POINT, bottom * POINT)


def runs(seen: Picture, left: float, right: float) -> list[tuple[float, float]]:
    """From where to where something stands in a column, from above."""
    rows = [n / 2 for n in range(2 * HEIGHT) if ink(seen, left, n / 2, right, (n + 1) / 2)]
    found = groupby(enumerate(rows), lambda row: row[1] - row[0] / 2)
    together = [[row for _, row in group] for _, group in found]
    return [(group[0], group[-1] + 0.5) for group in together]


def test_it_has_the_size_of_a_small_screen() -> None:
    drawn = asyncio.run(draw(chart([1, 2])))
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert [int.from_bytes(drawn[at : at + 4], "big") for at in (16, 20)] == [1000, 560]


def test_it_is_white_below_and_not_transparent() -> None:
    """The first dot of a PNG is what it is whichever filter its line has, which stands before."""
    drawn = asyncio.run(draw(chart([1, 2])))
    start = drawn.index(b"IDAT")
    length = int.from_bytes(drawn[start - 4 : start], "big")
    dots = zlib.decompressobj().decompress(drawn[start + 4 : start + 4 + length])
    assert drawn[24:26] == b"\x08\x06", "not eight bits each of red, green, blue and opacity"
    assert dots[1:5] == b"\xff\xff\xff\xff"


@given(
    st.lists(AMOUNTS, min_size=1, max_size=40), st.none() | AMOUNTS,
    st.text(max_size=500), st.integers(0, 50),
)  # fmt: skip
@settings(max_examples=15)
def test_whatever_was_raised_there_is_a_picture_with_margins(
    amounts: list[Decimal], goal: Decimal | None, title: str, every: int
) -> None:
    seen = picture(chart(amounts, goal, title, every=every))
    inside = ink(seen, 9, 6, WIDTH - 10, HEIGHT - 5)
    assert inside > 0
    assert inside == ink(seen, 0, 0, WIDTH, HEIGHT)


def test_long_words_are_small_and_stay_apart() -> None:
    long = Chart("", chart([3, 9]).points, Decimal(7), lambda it: "8 " * 60, lambda it: "8" * 60)
    seen = picture(long)
    assert ink(seen, 13, 6, WIDTH - 9, HEIGHT - 5) == ink(seen, 0, 0, WIDTH, HEIGHT)
    left = 14 + 120 + 8
    assert not ink(seen, left - 7, 0, left - 3, HEIGHT), "the axis' amounts reach the plot"
    assert ink(seen, left + 4, 6, left + 30, 40), "the last amount does not begin in the plot"
    assert ink(seen, RIGHT - 30, 6, RIGHT - 8, 40), "nor does it end there"
    middle = (left + RIGHT) / 2
    assert not ink(seen, middle - 6, HEIGHT - 30, middle + 6, HEIGHT), "the days meet"


def test_a_long_time_is_drawn_too() -> None:
    seen = picture(chart(range(2000), 10**12))
    assert ink(seen, 0, 0, WIDTH, HEIGHT)


def end_of_line(raised: int) -> float:
    """How far down the middle of the last dot is: of it alone is something right of the plot."""
    seen = picture(chart([0, raised], 100))
    ((top, bottom),) = runs(seen, RIGHT + 2, RIGHT + 6)
    return (top + bottom) / 2


def test_the_line_ends_higher_where_more_was_raised() -> None:
    ends = [end_of_line(raised) for raised in (0, 20, 40, 60)]
    steps = [before - after for before, after in pairwise(ends)]
    assert min(steps) > 20
    assert max(steps) - min(steps) <= 0.5, "the axis is not even"


def amount_is_free(seen: Picture, height: float) -> bool:
    """The first that is as high as a digit is the last amount, and its middle is empty."""
    # But for the dot, and what leads to it.
    column = runs(seen, RIGHT - 20, RIGHT - 7)
    top, bottom = next(run for run in column if run[1] - run[0] > 10)
    is_alone = abs(bottom - top - height) <= 1
    return is_alone and not ink(seen, RIGHT - 75, top - 1, RIGHT - 25, bottom + 1)


DIGIT = 21.5
"""How high a digit of the last amount is, in points."""
CROWDED = {
    "goal just above": ([0, 50, 100, 100], 101),
    "goal reached": ([0, 50, 100], 100),
    "goal just below": ([0, 50, 100], 98),
    "goal through the amount": ([0, 50, 100], 112),
    "goal on the amount's head": ([0, 50, 100], 125),
    "low, and a low goal": ([100, 2, 2], 10),
    "twice the goal": ([0, 150, 200], 100),
    "fallen from the highest": ([0, 1, 100, 0], None),
    "fallen between two": (list(range(900, -1, -1)), 30),
    "nothing": ([0, 0, 0], None),
    "nothing of much": ([0, 0], 10**12),
    "huge": ([10**12 - 1, 10**12], 10**12 - 2),
}


@pytest.mark.parametrize("case", CROWDED.values(), ids=list(CROWDED))
def test_nothing_covers_the_last_amount(case: tuple[list[int], int | None]) -> None:
    amounts, goal = case
    assert amount_is_free(picture(chart(amounts, goal, money=FAR_APART)), DIGIT)


@given(st.lists(AMOUNTS, min_size=2, max_size=40), st.none() | AMOUNTS)
@settings(max_examples=15)
def test_nothing_ever_covers_it(amounts: list[Decimal], goal: Decimal | None) -> None:
    assert amount_is_free(picture(chart(amounts, goal, money=FAR_APART)), DIGIT)


@pytest.mark.parametrize("goal", [None, 1, 50, 99, 100, 101, 110, 125, 1000])
def test_nor_on_an_only_day(goal: int | None) -> None:
    """The bar is there, and the amount stands right above it or above the goal."""
    seen = picture(chart([100], goal, money="1"))
    left = 14 + 20  # right of the axis' amounts
    column = runs(seen, (left + RIGHT) / 2 - 20, (left + RIGHT) / 2 + 20)
    high = [run for run in column if run[1] - run[0] > 10]
    assert high[0][1] - high[0][0] == pytest.approx(DIGIT, abs=1)


HOSTILE = [
    "#panic()", '#import "@preview/x:1.0.0"', "*", "$ x^2", "\"'`", "\\", "//", "/*", "]", "[#",
    "{", "<label> @reference", "=1", "- x\n+ y", "\u202eabc\u2066", "e" + "\u0301" * 90, "W" * 500,
    "слово " * 90, "Ἰωάννης Nguyễn", "\0\x1b[0m\ud800", "🌊 и 🏴‍☠️",
]  # fmt: skip
NOTHING_TO_SHOW = [
    "",
    "\n\n\t",
    "\u2028",
    "\u200d\ufe0f",
    "🌊🏴‍☠️👩‍👩‍👧",
    "שלום مرحبا",
    "\U000e0041",
]


@pytest.mark.parametrize("title", HOSTILE, ids=ascii)
def test_a_title_is_a_text_of_two_lines_at_most(title: str) -> None:
    seen = picture(chart([1, 2], 3, title))
    below = 8 + 24 * (2 if len(title) > 100 else 1)
    assert ink(seen, 14, below - 24, WIDTH - 14, below)
    assert ink(seen, 0, below + 2, WIDTH, below + 9) == 0


@pytest.mark.parametrize("title", NOTHING_TO_SHOW, ids=ascii)
def test_a_title_without_a_letter_that_can_be_shown_is_left_out(title: str) -> None:
    assert picture(chart([1, 2], 3, title)) == picture(chart([1, 2], 3, ""))


@pytest.mark.parametrize("sign", list("#*_$@<=-`\\~[]"))
def test_each_sign_of_markup_is_seen(sign: str) -> None:
    alone, between = picture(chart([0, 1], 9, "ab")), picture(chart([0, 1], 9, f"a{sign}b{sign}"))
    area = (0, 0, WIDTH, 34)
    assert ink(between, *area) > ink(alone, *area)


def test_every_letter_that_is_left_has_a_glyph() -> None:
    """PDF/A knows: it may not show what its fonts do not have."""
    letters = [
        chr(code) for code in range(0x20, sys.maxunicode) if not WITHOUT_GLYPH.match(chr(code))
    ]
    known = [one for one in letters if unicodedata.category(one)[0] in "LNPS"]
    assert len(known) > 2000
    source = b"""#set text(font: ("PT Sans", "Noto Sans"), fallback: false)
        #for one in json(bytes(sys.inputs.known)) { text(one + " ") }"""

    def archive(letters: list[str]) -> object:
        compiler = typst.Compiler(source, font_paths=fonts(), ignore_system_fonts=True)
        inputs = {"known": json.dumps(letters)}
        return compiler.compile(format="pdf", pdf_standards="a-2b", sys_inputs=inputs)

    assert archive(known)
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        archive(["🌊"])


@given(st.decimals(Decimal("0.04"), 10**12, places=2))
def test_the_axis_has_three_or_four_round_amounts(top: Decimal) -> None:
    found = ticks(top)
    assert len(found) in (3, 4)
    assert found[0] == 0
    assert found[-1] <= top < found[-1] + found[1]
    assert str(found[1]).replace(".", "").strip("0") in ("1", "2", "25", "5")


def test_of_one_day_only_the_last_amount_counts() -> None:
    same = Chart("", [(FIRST, Decimal(1)), (FIRST, Decimal(4))], Decimal(8), str, date.isoformat)
    assert drawing(same)["line"] == [(1, 0.5)]
    assert drawing(same)["days"] == ["2026-09-01"]


async def test_words_are_said_beside_the_thread_that_draws() -> None:
    said = set[str]()

    def money(amount: Decimal) -> str:
        said.add(threading.current_thread().name)
        return str(amount)

    await draw(Chart("", [(FIRST, Decimal(1))], None, money, date.isoformat))
    assert said == {threading.current_thread().name}
    assert PRESS.in_line == 0


async def test_a_long_line_at_the_press_is_not_made_longer() -> None:
    with ExitStack() as line:
        for _ in range(LINE):
            line.enter_context(PRESS.place())
        with pytest.raises(Busy):
            await draw(chart([1]))


# Several numbers over time, and some beside each other.


def lines(numbers: Sequence[Sequence[int]], names: Sequence[str] = ("",) * 6) -> Lines:
    each = [
        Line(name, [(FIRST + timedelta(days=day), n) for day, n in enumerate(some)])
        for name, some in zip(names, numbers, strict=False)
    ]
    return Lines("Followers", each, str, date.isoformat)


SOME = st.lists(st.lists(st.integers(0, 10**6), min_size=1, max_size=30), min_size=1, max_size=6)
NAMES = st.lists(st.sampled_from([*HOSTILE, *NOTHING_TO_SHOW]) | st.text(max_size=90),
                 min_size=6, max_size=6)  # fmt: skip


@given(SOME, NAMES)
@settings(max_examples=15)
def test_whatever_was_counted_there_is_a_picture_with_margins(
    numbers: list[list[int]], names: list[str]
) -> None:
    bars = [Bar(name, some[0], str(some[0])) for name, some in zip(names, numbers, strict=False)]
    for one in (lines(numbers, names), Bars("Letters", bars, max(bar.number for bar in bars))):
        seen = picture(one)
        inside = ink(seen, 9, 6, WIDTH - 10, HEIGHT - 3)
        assert 0 < inside == ink(seen, 0, 0, WIDTH, HEIGHT)


@given(SOME)
def test_the_places_of_lines_and_bars(numbers: list[list[int]]) -> None:
    drawn, top = drawing(lines(numbers)), max(map(max, numbers))
    assert all(0 <= at <= 1 for one in drawn["lines"] for point in one["points"] for at in point)
    assert [one["points"][-1][1] * max(top, 1) for one in drawn["lines"]] == pytest.approx(
        [some[-1] for some in numbers]
    )
    assert [one["last"] for one in drawn["lines"]] == [str(some[-1]) for some in numbers]
    marks = {one["words"]: one["at"] * max(top, 1) for one in drawn["ticks"]}
    assert "0" in marks
    assert all(float(words) == pytest.approx(at) for words, at in marks.items())
    bars = Bars("", [Bar("", some[0], "") for some in numbers], top)
    shares = [one["share"] * top for one in drawing(bars)["bars"]]
    assert shares == pytest.approx([some[0] for some in numbers])


NAMED_AT = 340
"""Where the names of the lines begin, in points."""


@pytest.mark.parametrize("ends", [[5] * 6, [0] * 6, [100, 99, 98, 2, 1, 0], [100] * 5 + [0], [7]])
def test_the_names_of_lines_that_end_together_stand_apart(ends: list[int]) -> None:
    """Of each there is a mark, and none touches another one."""
    seen = picture(lines([[100, end] for end in ends]))
    marks = runs(seen, 329, 331)
    assert len(marks) == len(ends)
    assert all(after[0] - before[1] >= 5 for before, after in pairwise(marks))
    assert marks[-1][1] <= HEIGHT - 5
    assert ink(seen, NAMED_AT, marks[0][0], WIDTH, marks[-1][1]) > 0


def test_bars_are_as_long_as_their_numbers() -> None:
    """Without names, so that nothing else is that dark left of the numbers."""
    seen = picture(Bars("", [Bar("", n, "1") for n in (4, 2, 1, 0)], 4))
    full, half, quarter, none = (ink(seen, 0, y, 466, y + 1) for y in (28, 68, 108, 148))
    assert none == 0
    assert full > 2 * 230 * 2
    assert (half / full, quarter / full) == pytest.approx((0.5, 0.25), abs=0.01)
