"""What is on the pages of a PDF, by poppler and zbar: pictures, text, codes."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

DOTS = 8
"""Of a picture, in a millimetre."""
DARK = 128


@dataclass(frozen=True)
class Picture:
    """Grey, a byte a dot, line by line."""

    width: int
    height: int
    dots: bytes

    @property
    def size(self) -> tuple[int, int]:
        """In whole millimetres."""
        return round(self.width / DOTS), round(self.height / DOTS)

    def ink(self, left: float, top: float, right: float, bottom: float) -> int:
        """How many dark dots there are in a rectangle, in millimetres from the upper left."""
        start, end = max(round(left * DOTS), 0), min(round(right * DOTS), self.width)
        lines = range(max(round(top * DOTS), 0), min(round(bottom * DOTS), self.height))
        return sum(dark(self.dots[y * self.width + start : y * self.width + end]) for y in lines)

    def is_dark(self, x: float, y: float) -> bool:
        return self.dots[int(y * DOTS) * self.width + int(x * DOTS)] < DARK


BLACK = bytes(1 if value < DARK else 0 for value in range(256))


def dark(dots: bytes) -> int:
    return dots.translate(BLACK).count(1)


def pictures(pdf: bytes) -> list[Picture]:
    drawn = run("pdftoppm", "-gray", "-r", str(25.4 * DOTS), pdf=pdf)
    return list(split(drawn))


def split(drawn: bytes) -> Iterator[Picture]:
    """PGM files, one after the other."""
    place = 0
    while place < len(drawn):
        head = re.compile(rb"P5\s+(\d+)\s+(\d+)\s+255\s").match(drawn, place)
        assert head
        width, height = int(head[1]), int(head[2])
        place = head.end() + width * height
        yield Picture(width, height, drawn[head.end() : place])


def text(pdf: bytes) -> str:
    """With single spaces: lines are broken where the page wants it."""
    read = run("pdftotext", "-enc", "UTF-8", "-raw", pdf=pdf, to=["-"]).decode()
    return " ".join(read.replace("\u200b", "").split())


def families(pdf: bytes) -> set[str]:
    """Of the fonts in it."""
    table = run("pdffonts", pdf=pdf).decode().splitlines()[2:]
    return {line.split()[0].partition("+")[2].partition("-")[0] for line in table}


def run(*command: str, pdf: bytes, to: list[str] | None = None) -> bytes:
    done = subprocess.run([*command, "-", *(to or [])], input=pdf, capture_output=True, check=True)
    return done.stdout


def code(picture: bytes) -> str:
    """What the one QR code of a picture says."""
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-"], input=picture, capture_output=True, check=True
    )
    return read.stdout.decode().removesuffix("\n")


def codes(pdf: bytes) -> list[str]:
    """What a reader of QR codes (zbar) finds on its pages."""
    drawn = run("pdftoppm", "-gray", "-r", "150", pdf=pdf)
    read = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-"], input=drawn, capture_output=True, check=True
    )
    return read.stdout.decode().split()
