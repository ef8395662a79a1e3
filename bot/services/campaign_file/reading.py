"""Bytes -> a tree of mappings, lists, texts and nothings that know their lines.

Values are not interpreted: `no`, `1`, `020999`, `10:30` and `2024-04` stay the texts that stand in
the file; the schema decides what they mean. Only a plain `null`, `~` or nothing at all is None.
"""

import codecs
import re
import sys
from collections.abc import Callable
from functools import cached_property
from io import BytesIO
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from bot.services.campaign_file.broken import broken
from bot.services.campaign_file.problems import Problems, What
from bot.services.campaign_file.tree import Mapping, Sequence, Value

MAX_BYTES = 50 * 1024 * 1024
MAX_DEPTH = 20
MAX_KEYS = 500
"""Of one mapping: no thing has so many, and looking for a key's line takes time."""
MAX_JOINED = 10_000
"""Characters of a text that commas have cut; no text may be so long."""
MAX_TEXT = 2 * MAX_JOINED
"""Of any text, so much is read: that it is too long can be told by that, and quickly."""
MAX_ITEMS = 100_000
"""Of one list."""
MAX_GROUPS = 600_000
"""Mappings and lists; each takes some 300 bytes of memory. 10,000 people need 200,000."""
MAX_VALUES = 3_000_000
"""Single ones, of some 100 bytes. 10,000 people and 20,000 hearings need 1,200,000."""

JOINED_KEY = re.compile(r"[a-z_]{2,}:(?!//)\S")
"""{en: Harbour, ru:Гавань}: no text goes on like that."""

Progress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""

# What may not stand in a text file at all; U+FEFF is welcome as its first character only.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
DIRECTIVE = re.compile(r"^%(TAG|YAML)\b", re.MULTILINE)
"""libyaml's time for them grows with the square of their number; others it refuses itself."""
PIECE = 100_000
OVERLAP = 8
"""More than a sign that stands in two pieces is long."""
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


class Unreadable(Exception):
    """Reading cannot go on; the reason is among the problems."""


def read(data: bytes, problems: Problems, progress: Progress) -> Mapping:
    """The file's tree. Raises CampaignFileError if there is none to judge any further."""
    text = b""
    try:
        text = decoded(data, problems)
        return _Reader(text, problems, progress).document()
    except Unreadable:
        raise problems.error() from None
    except yaml.YAMLError as error:
        problems.add(What.NOT_YAML, **broken(error, text))
        raise problems.error() from None


def decoded(data: bytes, problems: Problems) -> bytes:
    """The file as UTF-8 without a mark of its byte order."""
    if len(data) > MAX_BYTES:
        problems.add(What.TOO_BIG, line=0, limit=MAX_BYTES)
        raise Unreadable
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(What.NOT_UTF8, line=line, byte=error.start + 1)
        raise Unreadable from error
    if directive := first(DIRECTIVE, text):
        problems.add(What.TAG, line=text.count("\n", 0, directive.start()) + 1)
        raise Unreadable
    if strange := first(FORBIDDEN, text):
        line = text.count("\n", 0, strange.start()) + 1
        problems.add(What.BINARY, line=line, code=f"U+{ord(strange.group()):04X}")
        raise Unreadable
    return text.encode() if utf16 else data.removeprefix(codecs.BOM_UTF8)


def first(sign: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Searched in pieces, between which other threads get their turn."""
    starts = range(0, len(text), PIECE)
    found = (sign.search(text, start, start + PIECE + OVERLAP) for start in starts)
    return next((match for match in found if match), None)


class InParts:
    """What libyaml reads part by part: other threads get their turn between them, which they do not
    while it looks through all of a text that is there at once."""

    def __init__(self, text: bytes) -> None:
        self.text = BytesIO(text)

    def read(self, size: int = -1, /) -> bytes:
        return self.text.read(size)


class _Reader:
    """Builds the tree from libyaml's events, one by one: nothing is ever built twice."""

    def __init__(self, text: bytes, problems: Problems, progress: Progress) -> None:
        self._events = yaml.CSafeLoader(InParts(text))
        self._text = text
        self._size = len(text)
        self._problems = problems
        self._progress = progress
        self._values = 0
        self._groups = 0

    def document(self) -> Mapping:
        self._next()  # the stream begins
        if not isinstance(self._next(), DocumentStartEvent):
            raise self._gave_up(What.EMPTY, 1)
        top = self._value(self._next(), 1)
        self._next()  # the document ends
        if not isinstance(extra := self._next(), StreamEndEvent):
            raise self._gave_up(What.SEVERAL_DOCUMENTS, extra.start_mark.line + 1)
        if isinstance(top, Mapping):
            return top
        if top is None:
            raise self._gave_up(What.EMPTY, 1)
        raise self._gave_up(What.WRONG_TYPE, 1, expected="mapping")

    def _next(self) -> Any:
        return self._events.get_event()

    def _value(self, event: Any, depth: int) -> Value:
        kind = type(event)
        if kind is AliasEvent:
            self._problems.add(What.ANCHOR, line=event.start_mark.line + 1)
            return None
        self._check(event, depth)
        if kind is ScalarEvent:
            value: str = event.value[:MAX_TEXT]
            return None if not event.style and value in NOTHING else value
        self._groups += 1
        if self._groups > MAX_GROUPS:
            raise self._gave_up(What.TOO_MANY_VALUES, event.start_mark.line + 1)
        if kind is MappingStartEvent:
            return self._mapping(event, depth)
        assert kind is SequenceStartEvent
        return self._sequence(event, depth)

    def _check(self, event: Any, depth: int) -> None:
        self._values += 1
        if not self._values % 20_000:
            self._progress(min(event.start_mark.index, self._size), self._size)
            if self._problems.is_full:
                raise Unreadable
        if event.anchor is not None:
            self._problems.add(What.ANCHOR, line=event.start_mark.line + 1)
        if event.tag is not None:
            self._problems.add(What.TAG, line=event.start_mark.line + 1)
        if depth > MAX_DEPTH:
            raise self._gave_up(What.TOO_DEEP, event.start_mark.line + 1, limit=MAX_DEPTH)
        if self._values > MAX_VALUES:
            raise self._gave_up(What.TOO_MANY_VALUES, event.start_mark.line + 1)

    def _mapping(self, start: Any, depth: int) -> Mapping:
        mapping = Mapping(start.start_mark.line + 1)
        last: str | None = None  # the key of a plain text, which a comma may have cut
        while type(event := self._next()) is not MappingEndEvent:
            line = event.start_mark.line + 1
            key = self._value(event, depth + 1)
            value_event = self._next()
            value = self._value(value_event, depth + 1)
            if start.flow_style and value is None and self._is_bare(event, value_event):
                self._join(mapping, last, key, line)
                continue
            self._put(mapping, key, value, line)
            is_plain = type(value_event) is ScalarEvent and not value_event.style
            last = key if is_plain and value is not None and isinstance(key, str) else None
        return mapping

    def _put(self, mapping: Mapping, key: Value, value: Value, line: int) -> None:
        if not isinstance(key, str):
            self._problems.add(What.BAD_KEY, line=line)
        elif key[:1].isspace():  # no-break spaces, which a messenger has put there
            self._problems.add(What.CHARACTER, line=line, code=f"U+{ord(key[0]):04X}")
        elif key in mapping:
            first = mapping.line_of(key)
            self._problems.add(What.DUPLICATE_KEY, line=line, value=key, first=first)
        elif len(mapping) == MAX_KEYS:
            raise self._gave_up(What.TOO_MANY_ITEMS, line, limit=MAX_KEYS)
        else:
            mapping[sys.intern(key)] = value
            mapping.lines.append(line)

    def _is_bare(self, key: Any, value: Any) -> bool:
        """{en: free, in Germany}: to YAML, "in Germany" is a key with neither colon nor value."""
        if {type(key), type(value)} != {ScalarEvent} or key.style:
            return False
        between = slice(key.end_mark.index, value.start_mark.index)
        return not value.value and ":" not in self._characters[between]

    def _join(self, mapping: Mapping, last: str | None, rest: Value, line: int) -> None:
        """People do not quote a text with a comma in it; what follows the comma is its rest."""
        is_key = JOINED_KEY.match(str(rest or ""))
        if is_key or last is None or last not in mapping or len(mapping[last]) > MAX_JOINED:
            self._problems.add(What.BARE_TEXT, line=line, value=rest)
        else:
            mapping[last] = f"{mapping[last]}, {rest or 'null'}"

    @cached_property
    def _characters(self) -> str:
        return self._text.decode()

    def _sequence(self, start: Any, depth: int) -> Sequence:
        sequence = Sequence(start.start_mark.line + 1)
        while type(event := self._next()) is not SequenceEndEvent:
            if len(sequence) == MAX_ITEMS:
                line = event.start_mark.line + 1
                raise self._gave_up(What.TOO_MANY_ITEMS, line, limit=MAX_ITEMS)
            sequence.lines.append(event.start_mark.line + 1)
            sequence.append(self._value(event, depth + 1))
        return sequence

    def _gave_up(self, what: What, line: int, **facts: Any) -> Unreadable:
        self._problems.add(what, line=line, **facts)
        return Unreadable()
