"""Where and why a file is no YAML: libyaml tells where it gave up, people need where they erred."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

# What libyaml says is wrong -> a word for it.
REASONS = {
    "mapping values are not allowed in this context": "colon",
    "could not find expected ':'": "no_colon",
    "found unexpected end of stream": "unclosed",
    "did not find expected ',' or ']'": "unclosed",
    "did not find expected ',' or '}'": "unclosed",
    "did not find expected key": "indent",
    "did not find expected '-' indicator": "indent",
    "found a tab character that violates indentation": "tab",
    "found character that cannot start any token": "start",
    "did not find expected alphabetic or numeric character": "start",
    "did not find expected comment or line break": "start",
    "mapping keys are not allowed in this context": "start",
    "found unknown escape character": "escape",
    "found invalid Unicode character escape code": "escape",
    "did not find expected hexdecimal number": "escape",
}
LOOKED_AT = 100
"""Lines before the one where libyaml gave up."""
LONGEST = 100_000
"""Characters of them; a hostile line has millions."""

TAB = re.compile(r" *\t")
NO_SPACE = re.compile(r"[\s-]*[\w-]+:(?!//)[^\s:]")
"""stage:trial"""
BARE_HYPHEN = re.compile(r"\s*-[^\W\d_]")
"""-slug: orlov"""
KEY_BEFORE = re.compile(r":\s")
OPENED = {quote: re.compile(rf"(?:^|[\s:,\[{{]){quote}[^{quote}]*$") for quote in "'\""}


@dataclass(frozen=True, slots=True)
class Place:
    """Where libyaml gave up, and the lines before."""

    lines: list[str]
    number: int
    """Of the last of the lines, from 1."""
    column: int

    @property
    def line(self) -> str:
        return self.lines[-1]

    @property
    def before(self) -> str:
        return self.line[: self.column]


def broken(error: yaml.YAMLError, text: bytes) -> dict[str, Any]:
    """{"line": …, "reason": …}: the line to be mended."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return {"line": 0, "reason": "other"}
    reason = REASONS.get(str(error.problem), "other")
    mark, opened = error.problem_mark, error.context_mark
    if reason in ("unclosed", "no_colon") and opened:
        start = opened.line + 1
    else:
        start = mark.line + 1 if mark else 0
    place = _place(text, mark)
    line, better = (_looked_at(place, start, reason) if place else None) or (start, reason)
    return {"line": line, "reason": better}


def _looked_at(place: Place, start: int, reason: str) -> tuple[int, str] | None:
    """The line and the reason, if the text tells more than libyaml."""
    if TAB.match(place.line):
        return place.number, "tab"
    match reason:
        case "no_colon" if NO_SPACE.match(_line(place, start)):
            return start, "no_space"
        case "colon":
            return _colon(place)
        case "unclosed" if place.line[place.column : place.column + 1] == ":":
            is_next = start < place.number and _is_first_colon(place)
            return None if is_next else (place.number, "colon")
        case "indent":
            return _after_quote(place) if place.before.strip(" -") else _line_before(place)
    return None


def _colon(place: Place) -> tuple[int, str] | None:
    """Either a text has a colon, or the line before was not what it seemed."""
    if not _is_first_colon(place):
        return None
    hyphen = BARE_HYPHEN.match(place.line)
    return _line_before(place) or (place.number, "hyphen" if hyphen else "indent")


def _line_before(place: Place) -> tuple[int, str] | None:
    """What was to be a key became a text, for a space is missing in it."""
    for back, line in enumerate(reversed(place.lines[:-1]), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            if NO_SPACE.match(line):
                return place.number - back, "no_space"
            return (place.number - back, "hyphen") if BARE_HYPHEN.match(line) else None
    return None


def _is_first_colon(place: Place) -> bool:
    return not KEY_BEFORE.search(place.before)


def _after_quote(place: Place) -> tuple[int, str]:
    """After a quote or bracket something else stands; a quote may be another line's."""
    quote = place.before.rstrip()[-1]
    if quote in OPENED and quote not in place.before.rstrip()[:-1]:
        for back, line in enumerate(reversed(place.lines[:-1]), 1):
            if OPENED[quote].search(line):
                return place.number - back, "unclosed"
    return place.number, "after_quote"


def _line(place: Place, number: int) -> str:
    back = place.number - number
    return place.lines[-1 - back] if 0 <= back < len(place.lines) else ""


def _place(text: bytes, mark: Any) -> Place | None:
    """None where lines are too long to be looked at, or are not counted as libyaml counts them."""
    if mark is None:
        return None
    first = max(mark.line - LOOKED_AT, 0)
    start, end = _start_of(text, first), _start_of(text, mark.line + 1)
    if start is None or (end or len(text)) - start > LONGEST:
        return None
    lines = text[start:end].decode(errors="replace").split("\n")[: mark.line - first + 1]
    return Place(lines, mark.line + 1, mark.column) if len(lines) > mark.line - first else None


def _start_of(text: bytes, line: int) -> int | None:
    """Where the line (from 0) begins: found by halves, for there may be fifty million."""
    low, high, seen = 0, len(text), 0
    while low < high and seen < line:
        middle = (low + high) // 2
        newlines = text.count(b"\n", low, middle + 1)
        if seen + newlines < line:
            low, seen = middle + 1, seen + newlines
        else:
            high = middle
            if text[middle : middle + 1] == b"\n" and seen + newlines == line:
                return middle + 1
    return low if seen == line else None
