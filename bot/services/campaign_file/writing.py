"""The campaign file as text: always the same for the same facts.

Block style, keys in the schema's order, texts readable. A text stands plain where no reader of YAML
takes it for anything else, in quotes otherwise.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.services.campaign_file.schema import Thing

INDENT = "  "
PLAIN = re.compile(r"[^\W\d_][\w«»„“”.,;()/№–—’!?%+ -]*(?<! )")
FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d")
# Plain, these mean something else to many readers of YAML.
RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
ESCAPED = re.compile(
    '["\\\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
)


def write(top: Thing, *, heading: str) -> bytes:
    lines = [f"# {heading}", *_mapping(top, "")]
    return "\n".join([*lines, ""]).encode()


def _mapping(mapping: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        yield from _entry(f"{indent}{scalar(key)}:", value, indent)


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield start
        yield from _mapping(value, indent + INDENT)
    elif isinstance(value, list):
        yield start
        yield from _list(value, indent + INDENT)
    else:
        yield f"{start} {scalar(value)}"


def _list(items: Iterable[Any], indent: str) -> Iterator[str]:
    for item in items:
        if isinstance(item, dict):
            first, *rest = _mapping(item, indent + INDENT)
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{indent}- {scalar(item)}"


def scalar(value: Any) -> str:
    if value is None:
        return "null"  # in a file that takes something back
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    if not isinstance(value, str):
        return str(value)
    if FULL_DATE.fullmatch(value):
        return value
    if PLAIN.fullmatch(value) and value.lower() not in RESERVED:
        return value
    return '"' + ESCAPED.sub(_escape, value) + '"'


def _escape(match: re.Match[str]) -> str:
    sign = match.group()
    if sign in '"\\':
        return f"\\{sign}"
    return "\\n" if sign == "\n" else f"\\u{ord(sign):04x}"
