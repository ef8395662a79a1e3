"""A letter kit to print: cards, labels and envelopes as PDF (by Typst).

The PDF's words come ready, its look is in letter_kit.typ. Nothing is loaded from anywhere: neither
the system's fonts nor packages of Typst.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice

from bot.documents.press import breakable, compiled
from bot.documents.qr import png


@dataclass(frozen=True, slots=True)
class Sheet:
    """Of labels on A4, as they are sold; in millimetres."""

    columns: int
    rows: int
    width: float
    height: float
    left: float
    top: float
    gap: float = 0
    """Between two columns; between rows there is none."""

    @property
    def places(self) -> int:
        return self.columns * self.rows


# The makers' data sheets; the sheets are symmetrical, which gives the margins.
SHEETS = {
    "3x8": Sheet(3, 8, 70, 37, left=0, top=0.5),  # Avery Zweckform 3474, Herma 4464
    "3x7": Sheet(3, 7, 63.5, 38.1, left=7.25, top=15.15, gap=2.5),  # Avery L7160, Herma 4677
    "2x8": Sheet(2, 8, 105, 37, left=0, top=0.5),  # Avery Zweckform 3484, Herma 4462
    "2x7": Sheet(2, 7, 99.1, 38.1, left=4.65, top=15.15, gap=2.5),  # Avery L7163, Herma 4678
    "2x4": Sheet(2, 4, 99.1, 67.7, left=4.65, top=13.1, gap=2.5),  # Avery L7165, Herma 4269
}


@dataclass(frozen=True, slots=True)
class Format:
    """Of an envelope (ISO 269), in millimetres."""

    width: float
    height: float


ENVELOPES = {"C6": Format(162, 114), "DL": Format(220, 110)}


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cover:
    heading: str
    title: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]
    people: Section
    left_out: Section


@dataclass(frozen=True, slots=True)
class Card:
    name: str
    who: str
    sections: tuple[Section, ...]
    address_heading: str
    address: tuple[str, ...]
    notes: tuple[str, ...]
    link: str
    caption: str
    """Beside the link's QR code."""


@dataclass(frozen=True, slots=True)
class Envelope:
    address: tuple[str, ...]
    code: str = ""
    """Six digits, where the post wants them in boxes."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What is asked for is there, the rest is empty."""

    language: str
    title: str
    footer: str = ""
    sender: str = ""
    cover: Cover | None = None
    cards: tuple[Card, ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()
    sheet: Sheet = SHEETS["3x8"]
    envelopes: tuple[Envelope, ...] = ()
    envelope: Format = ENVELOPES["C6"]


def pdf(kit: Kit) -> bytes:
    """Up to a second of work, in which Python's other threads go on (Typst lets go of the GIL)."""
    words = asdict(kit) | {
        "cards": [asdict(one) | {"code": qr(one.link)} for one in kit.cards],
        "labels": sheets(kit.labels, kit.sheet.places),
    }
    return compiled("letter_kit.typ", {"kit": breakable(words)}, format="pdf")


def sheets(labels: Sequence[Sequence[str]], places: int) -> list[list[Sequence[str]]]:
    """The last sheet is filled up from the beginning: its empty labels would be thrown away."""
    wanted = -(-len(labels) // places) * places
    filled = list(islice(cycle(labels), wanted))
    return [filled[start : start + places] for start in range(0, wanted, places)]


def qr(link: str) -> list[int]:
    """The bytes of a PNG, 8 dots a module (else printers blur it), with the quiet zone around."""
    return list(png(link))
