"""Lengths and cuts of texts, as Telegram counts them: UTF-16 units after entity parsing.

A screen's text is a `Markup` with the tags of Telegram's HTML style, balanced, and everything
else escaped. Nothing here knows what the tags mean.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from html import unescape
from itertools import accumulate

from markupsafe import Markup

LIMIT = 4096
"""The longest message (Bot API, sendMessage)."""
CAPTION = 1024
"""The longest text under a picture or a document (Bot API, sendPhoto)."""
ELLIPSIS = "…"
LONGEST_WORD = 64
"""A text whose last word is longer than this is cut inside the word."""

TAG = r"</?[a-z][^<>]*>"
# The named references that Telegram knows; any other "&" is text to it.
REFERENCE = r"&(?:lt|gt|amp|quot|#[0-9]+|#x[0-9a-fA-F]+);"
PIECE = re.compile(f"{TAG}|{REFERENCE}|[^<&]+|.", re.DOTALL)
TAG_NAME = re.compile(r"[a-z][a-z0-9-]*")

ZERO_WIDTH_JOINER = "\u200d"
FLAG_HALVES = "".join(map(chr, range(0x1F1E6, 0x1F200)))
# Embeddings, overrides and isolates turn the text around them; the rest is invisible padding.
UNWANTED = "\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff"
CONTROL = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # but for those that are white space
HARMFUL = re.compile(f"[{CONTROL}\ud800-\udfff{UNWANTED}]+")


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(text: Markup) -> str:
    """What a person reads: no tags, and references resolved."""
    return "".join(visible(piece) for piece in pieces(text))


def visible_length(text: Markup) -> int:
    """UTF-16 units after entity parsing."""
    return utf16(plain(text))


def cut(text: Markup, limit: int = LIMIT) -> Markup:
    """The text itself when it fits, else its beginning up to a word's end, with "…"."""
    read = plain(text)
    if utf16(read) <= limit:
        return text
    return beginning(text, cutting_place(read, limit - 1))


def clean(text: str, limit: int) -> str:
    """What anybody typed, as one harmless line of at most `limit` UTF-16 units.

    Control characters, lone surrogates and what turns the writing direction are left out.
    It is still a plain text: Markup escapes it.
    """
    return shortened(" ".join(HARMFUL.sub("", text).split()), limit)


def harmless(text: str) -> str:
    """Likewise, but with its lines, and whole: of empty ones at most one stands between others."""
    read = [" ".join(HARMFUL.sub("", line).split()) for line in text.splitlines()]
    return re.sub("\n{3,}", "\n\n", "\n".join(read)).strip()


def shortened(text: str, limit: int) -> str:
    """A plain text, cut as `cut` does it."""
    if utf16(text) <= limit:
        return text
    return text[: cutting_place(text, limit - 1)] + ELLIPSIS


def pieces(text: Markup) -> Iterator[str]:
    """Tags, references, and what stands between them."""
    return (match.group() for match in PIECE.finditer(str(text)))


def visible(piece: str) -> str:
    if re.fullmatch(TAG, piece):
        return ""
    return unescape(piece) if re.fullmatch(REFERENCE, piece) else piece


def beginning(text: Markup, length: int) -> Markup:
    """The first `length` visible characters and "…", with every open tag closed."""
    taken, opened = [], list[str]()
    for piece in pieces(text):
        if length <= 0:
            break
        shown = visible(piece)
        if not shown:
            follow(piece, opened)
        taken.append(piece[:length] if shown == piece else piece)
        length -= len(shown)
    closing = (f"</{name}>" for name in reversed(opened))
    return Markup("".join([*taken, ELLIPSIS, *closing]))


def follow(tag: str, opened: list[str]) -> None:
    """Keeps the names of the open tags, the innermost last."""
    if tag.startswith("</"):
        opened.pop()
    elif name := TAG_NAME.match(tag, 1):
        opened.append(name.group())


def cutting_place(text: str, room: int) -> int:
    """How many characters to keep of a text that is longer than `room` UTF-16 units."""
    end = characters(text, room)
    for place in range(end, max(0, end - LONGEST_WORD), -1):
        if text[place].isspace() and (whole := len(text[:place].rstrip())):
            return whole
    while end > 0 and belong_together(text, end):
        end -= 1
    return end


def characters(text: str, units: int) -> int:
    """How many whole characters there are in that many UTF-16 units."""
    ends = list(accumulate(utf16(character) for character in text[:units]))
    return bisect_right(ends, units)


def belong_together(text: str, place: int) -> bool:
    """Whether the characters before and at `place` make one sign (roughly UAX 29)."""
    before, after = text[place - 1], text[place]
    if after in FLAG_HALVES:
        return (place - len(text[:place].rstrip(FLAG_HALVES))) % 2 == 1
    return ZERO_WIDTH_JOINER in (before, after) or extends(after)


def extends(character: str) -> bool:
    """Accents, variation selectors, skin tones, and the letters inside of a region's flag."""
    return (
        unicodedata.category(character).startswith("M")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )
