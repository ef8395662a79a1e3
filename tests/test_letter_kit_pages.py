"""What a letter kit prints, looked at as a picture and read as a text."""

import csv
import io
from dataclasses import replace
from itertools import product

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.documents.letter_kit import (
    ENVELOPES,
    SHEETS,
    Card,
    Cover,
    Envelope,
    Format,
    Kit,
    Section,
    Sheet,
    pdf,
    sheets,
)
from bot.documents.press import HEAPED, NO_SPACE, breakable
from bot.documents.table import table
from tests import pages
from tests.pages import DOTS, Picture

USUAL = (
    "620999 Каменская область, г. Каменск, ул. Заводская, д. 4",
    "ФКУ СИЗО-1 УФСИН России по Каменской области",
    "Лодкину Ивану Петровичу, 1988 г. р.",
)
WORST = (
    "620999 " + "Очень длинная область имени первооткрывателей, " * 4,
    "Ш" * 80,
    "W" * 80,
    "И" + "\u0301\u0308\u0302" * 20 + "ван" + "\u0310" * 30,
    "Республика Саха (Якутия), Федеральное казённое учреждение, Remand prison, корпус 7",
    "Константинопольскому-Преображенскому Александру Вениаминовичу, 1988 г. р.",
)
ABROAD = ("Lodkin Ivan Petrovich, born 1988", "4 Zavodskaya St, Kamensk", "620999", "RUSSIA")
LINK = "https://t.me/solidarity_bot?start=d-ivan-lodkin"
PADDING = (5, 4)
SLACK = 0.25
"""Millimetres: two dots, for a letter's edge."""


def cells(sheet: Sheet) -> list[tuple[float, float, float, float]]:
    """Where the text of each label may be: left, top, right, bottom."""
    found = []
    for row, column in product(range(sheet.rows), range(sheet.columns)):
        left = sheet.left + column * (sheet.width + sheet.gap)
        top = sheet.top + row * sheet.height
        x, y = PADDING
        found.append((left + x, top + y, left + sheet.width - x, top + sheet.height - y))
    return found


def around(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return left - SLACK, top - SLACK, right + SLACK, bottom + SLACK


@pytest.mark.parametrize("name", SHEETS)
def test_a_label_sheet_lies_on_its_grid(name: str) -> None:
    sheet = SHEETS[name]
    labels = (USUAL, WORST, ABROAD, ("И",), WORST[3:5])
    (page,) = pages.pictures(pdf(Kit("ru", "Письма", labels=labels, sheet=sheet)))
    inked = [page.ink(*around(cell)) for cell in cells(sheet)]
    assert page.size == (210, 297)
    assert all(inked)
    assert sum(inked) == page.ink(0, 0, 210, 297), "something is printed between the labels"


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_fits_its_paper_and_is_symmetrical(name: str) -> None:
    sheet = SHEETS[name]
    right = sheet.left + sheet.columns * sheet.width + (sheet.columns - 1) * sheet.gap
    bottom = sheet.top + sheet.rows * sheet.height
    assert right + sheet.left == pytest.approx(210)
    assert bottom + sheet.top == pytest.approx(297)


def test_the_last_sheet_is_filled_up() -> None:
    labels = [(str(number),) for number in range(25)]
    first, second = sheets(labels, 24)
    assert first == labels[:24]
    assert second == [labels[24], *labels[:23]]
    assert sheets([], 24) == []


# The nine elements of a digit, by the middle of each; and of what each digit is made
# (GOST R 51506-99, annex Д), as seen on envelopes.
ELEMENTS = {
    "top": (2.5, 0), "middle": (2.5, 5), "bottom": (2.5, 10),
    "upper left": (0, 2.5), "lower left": (0, 7.5),
    "upper right": (5, 2.5), "lower right": (5, 7.5),
    "upper stroke": (2.5, 2.5), "lower stroke": (2.5, 7.5),
}  # fmt: skip
LEFT, RIGHT = {"upper left", "lower left"}, {"upper right", "lower right"}
DIGITS = [
    {"top", "bottom"} | LEFT | RIGHT,
    {"upper stroke"} | RIGHT,
    {"top", "upper right", "lower stroke", "bottom"},
    {"top", "upper stroke", "middle", "lower stroke"},
    {"upper left", "middle"} | RIGHT,
    {"top", "upper left", "middle", "lower right", "bottom"},
    {"upper stroke", "middle", "lower left", "lower right", "bottom"},
    {"top", "upper stroke", "lower left"},
    set(ELEMENTS) - {"upper stroke", "lower stroke"},
    {"top", "upper left", "upper right", "middle", "lower stroke"},
]


def read_code(page: Picture, height: float) -> str:
    """As a sorting machine does; the mark begins 12 mm from the left, 25 mm from the bottom."""
    read = ""
    for number in range(1, 7):
        x, y = 12 + 9 * number + 1, height - 25 + 4
        dark = {
            name for name, (dx, dy) in ELEMENTS.items() if page.ink(*dot(x + dx, y + dy)) > DOTS
        }
        read += str(DIGITS.index(dark))
    return read


def dot(x: float, y: float) -> tuple[float, float, float, float]:
    return x - 0.4, y - 0.4, x + 0.4, y + 0.4


@pytest.mark.parametrize("size", ENVELOPES.values(), ids=list(ENVELOPES))
@pytest.mark.parametrize("code", ["123456", "789012", "620999"])
def test_a_postal_code_is_read_in_its_boxes(size: Format, code: str) -> None:
    kit = Kit("ru", "Письма", envelopes=(Envelope(USUAL, code),), envelope=size)
    (page,) = pages.pictures(pdf(kit))
    assert page.size == (size.width, size.height)
    assert read_code(page, size.height) == code
    assert page.ink(12, size.height - 25, 19, size.height - 23) > 50 * DOTS  # its mark


@pytest.mark.parametrize("size", ENVELOPES.values(), ids=list(ENVELOPES))
@pytest.mark.parametrize("address", [USUAL, WORST, ABROAD])
@pytest.mark.parametrize("code", ["620999", ""])
def test_an_envelope_has_all_in_its_place(
    size: Format, address: tuple[str, ...], code: str
) -> None:
    envelope = Envelope(address, code)
    (page,) = pages.pictures(
        pdf(Kit("en", "x", sender="From", envelopes=(envelope,), envelope=size))
    )
    width, height = size.width, size.height
    sender = page.ink(11, 9, 13 + width * 0.36, 40)
    boxes = page.ink(11, height - 26, 74 if code else 67, height - 10)
    addressee = page.ink(max(width * 0.42, 68) - 1 if not code else 79, 41, width - 14, height - 14)
    assert page.ink(width - 55, 0, width, 40) == 0, "the stamp's place"
    assert sender
    assert addressee
    assert bool(boxes) is bool(code)
    assert sender + boxes + addressee == page.ink(0, 0, width, height)


def card(name: str = "Иван Лодкин", address: tuple[str, ...] = USUAL, words: int = 5) -> Card:
    told = Section("За что", ("слово " * words,))
    return Card(name, name, (told,) * 4, "Адрес", address, (name,), LINK, "Наведите камеру")


COVER = Cover(
    "Фонд солидарности", "Вечер писем " * 12, ("пятница",), (Section("Программа", ("о " * 300,)),),
    Section("Кому пишем", (WORST[1], "Иван Лодкин") * 30),
    Section("Нельзя", (f"Марта: {'слово ' * 50}",) * 30),
)  # fmt: skip


def test_cover_and_cards_keep_their_margins() -> None:
    worst = card(f"{WORST[1]} {WORST[2]}", WORST, words=100)
    *covers, usual, crowded = pages.pictures(
        pdf(Kit("ru", "Письма", "Напечатано", cover=COVER, cards=(card(), worst)))
    )
    assert len(covers) > 1  # it goes on, and nothing is cut
    for page in [*covers, usual, crowded]:
        assert page.size == (210, 297)
        assert page.ink(19, 18, 191, 290) == page.ink(0, 0, 210, 297) > 0
    for page in (usual, crowded):
        assert page.ink(60, 227, 210, 238) == 0, "the text reaches the QR code's place"


def test_a_card_can_be_read_at_arms_length() -> None:
    """A letter of the name is over 7 mm high: the band of "Иван Лодкин" is."""
    (page,) = pages.pictures(pdf(Kit("ru", "Письма", cards=(card(),))))
    rows = [page.ink(0, y / DOTS, 210, (y + 1) / DOTS) > 0 for y in range(page.height)]
    start = rows.index(True)
    assert rows.index(False, start) - start > 7 * DOTS


def test_the_qr_code_is_the_link() -> None:
    (page,) = pages.pictures(pdf(Kit("ru", "Письма", cards=(card(),))))
    modules = [list(map(bool, row)) for row in segno.make(LINK, error="m", micro=False).matrix]
    size = 38 / (len(modules) + 8)  # millimetres of a module; four of white around
    left, top = 20 - 3.5 + 4 * size, 297 - 20 - 38 + 4 * size
    seen = [
        [page.is_dark(left + (x + 0.5) * size, top + (y + 0.5) * size) for x in range(len(modules))]
        for y in range(len(modules))
    ]
    assert seen == modules


def test_a_reader_finds_the_link_of_each_card() -> None:
    people = tuple(replace(card(), link=f"{LINK}-{number}") for number in range(3))
    for one in people:
        assert pages.codes(pdf(Kit("ru", "Письма", cards=(one,)))) == [one.link]


def test_every_addressee_is_found_in_the_text() -> None:
    people = [
        (f"62{number:04} г. Каменск, ул. Ёлочная, д. {number}", f"Щукину Фёдору {number}-му")
        for number in range(50)
    ]
    kits = (
        Kit("ru", "Письма", cards=tuple(card(address=one) for one in people)),
        Kit("ru", "Письма", labels=tuple(people)),
        Kit("ru", "Письма", envelopes=tuple(Envelope(one, one[0][:6]) for one in people)),
    )
    for kit in kits:
        document = pdf(kit)
        found = pages.text(document)
        assert all(" ".join(one) in found for one in people)
        assert pages.families(document) <= {"PTSans"}


def test_what_the_first_letters_lack_the_second_have() -> None:
    document = pdf(Kit("en", "Letters", labels=(("Ἰωάννης Nguyễn", "Ђорђе, Қайрат"),)))
    assert pages.families(document) == {"PTSans", "NotoSans"}
    assert "Nguyễn" in pages.text(document)


@given(st.lists(st.text(min_size=1, max_size=90), min_size=1, max_size=6))
@settings(max_examples=15)
def test_whatever_an_address_says_stays_on_its_label(lines: list[str]) -> None:
    labels = (tuple(lines),)
    (page,) = pages.pictures(pdf(Kit("en", "Letters", labels=labels, sheet=SHEETS["2x4"])))
    inked = sum(page.ink(*around(cell)) for cell in cells(SHEETS["2x4"]))
    assert inked == page.ink(0, 0, 210, 297)


@given(st.text())
def test_a_long_word_only_gets_places_to_break(text: str) -> None:
    lean = HEAPED.sub(r"\1", text)
    assert breakable(text).replace(NO_SPACE, "") == lean.replace(NO_SPACE, "")


def test_a_usual_word_is_never_broken() -> None:
    words = "Константинопольскому-Преображенскому, Нижнеколымскому"
    assert breakable({"name": words, "link": "x" * 99}) == {"name": words, "link": "x" * 99}
    assert breakable("e\u0301" * 30) == NO_SPACE.join(["e\u0301"] * 30)


FORMULAS = ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1"]


@given(st.lists(st.lists(st.text() | st.sampled_from(FORMULAS), min_size=1), min_size=1))
def test_a_table_is_read_as_it_was_and_calculates_nothing(rows: list[list[str]]) -> None:
    written = table(rows, ";")
    assert written.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(
        cell.lstrip().startswith(("=", "+", "-", "@", "＝")) for row in read for cell in row
    )
