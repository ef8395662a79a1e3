"""Formatted text as Telegram understands it (core.telegram.org/bots/api#formatting-options).

Offsets and lengths are UTF-16 code units; byte offsets in error texts are UTF-8 bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from . import detect, html, markdown
from .errors import broken
from .utf16 import units

Entity = dict[str, Any]

MAX_ENTITIES = 100
CODE = {"pre", "code"}
QUOTES = {"blockquote", "expandable_blockquote"}
STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
# which of two entities over the same characters is told first
ORDER = {
    "blockquote": 0, "expandable_blockquote": 0, "pre": 11, "code": 20, "text_link": 49,
    "text_mention": 49, "bold": 90, "italic": 91, "underline": 92, "strikethrough": 93,
    "spoiler": 94, "custom_emoji": 99,
}  # fmt: skip
# removed or replaced by Telegram: control characters, line separators, bidi overrides
CLEAN: dict[int, str | None] = {
    **dict.fromkeys(range(32), " "),
    ord("\n"): "\n",
    ord("\r"): None,
    **dict.fromkeys(range(0x2028, 0x202F)),
}


@dataclass(slots=True)
class Formatted:
    """Text, its entities, and rules broken which Telegram lets pass in silence."""

    text: str
    entities: list[Entity] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return units(self.text)


def parse(source: str, parse_mode: str | None = None, given: Iterable[Entity] = ()) -> Formatted:
    """Text of a call into text and entities; `RuleBroken` with "can't parse entities: …"."""
    mode = (parse_mode or "").lower()
    if not mode:
        source = source.translate(CLEAN)
        return finish(source, _given(source, given))
    known = _parsed(source, mode)
    copied = [dict(entity) for entity in known.entities]
    return Formatted(known.text, copied, list(known.violations))


@lru_cache(100)
def _parsed(source: str, mode: str) -> Formatted:
    """Remembered, for a message to thousands reads the same to most of them."""
    source = source.translate(CLEAN)
    if mode == "html":
        text, entities = html.parse(source)
        text = text.translate(CLEAN) if "&#" in source else text
    elif mode == "markdownv2":
        text, entities = markdown.parse_v2(source)
    elif mode == "markdown":
        text, entities = markdown.parse_legacy(source)
    else:
        raise broken("unsupported parse_mode")
    return finish(text, entities)


def finish(text: str, entities: list[Entity]) -> Formatted:
    """Trims, settles nesting, finds links and commands, keeps the first hundred entities."""
    result = Formatted(*_trim(text, entities))
    result.entities = _nest(result.entities, result.violations)
    result.entities += detect.entities(result.text, result.entities)
    result.entities.sort(key=_order)
    if len(result.entities) > MAX_ENTITIES:
        result.violations.append(f"{len(result.entities)} entities: at most {MAX_ENTITIES} count")
        del result.entities[MAX_ENTITIES:]
    return result


def _given(text: str, entities: Iterable[Entity]) -> list[Entity]:
    length = units(text)
    kept = [dict(entity) for entity in entities]
    for entity in kept:
        start, size = int(entity["offset"]), int(entity["length"])
        if start < 0 or size <= 0 or start + size > length:
            raise broken("ENTITY_BOUNDS_INVALID")
    return kept


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Trailing space goes; leading space only as far as no entity covers it, as in Telegram."""
    text = text.rstrip()
    end = units(text)
    first = min((entity["offset"] for entity in entities), default=end)
    cut = 0
    while cut < min(first, len(text)) and text[cut] in " \n":
        cut += 1
    fitted = [fitted for entity in entities if (fitted := _fit(entity, cut, end))]
    return text[cut:], fitted


def _fit(entity: Entity, cut: int, end: int) -> Entity | None:
    length = min(entity["offset"] + entity["length"], end) - entity["offset"]
    return {**entity, "offset": entity["offset"] - cut, "length": length} if length > 0 else None


def _nest(entities: list[Entity], violations: list[str]) -> list[Entity]:
    entities = sorted(entities, key=_order)
    quotes = _outermost([e for e in entities if e["type"] in QUOTES])
    if len(quotes) < sum(e["type"] in QUOTES for e in entities):
        violations.append("nested blockquote: Telegram keeps the outer one only")
    code = _outermost([e for e in entities if e["type"] in CODE])
    holes = [_span(e) for e in code]
    others = [e for e in entities if e["type"] not in CODE | QUOTES | set(STYLES)]
    if any(_overlaps(_span(e), holes) for e in entities if e["type"] not in CODE | QUOTES):
        violations.append("entities inside pre or code: Telegram drops them")
    styled = [e for style in STYLES for e in _style(style, entities, holes)]
    return [*quotes, *code, *(e for e in others if not _overlaps(_span(e), holes)), *styled]


def _order(entity: Entity) -> tuple[int, int, int]:
    return entity["offset"], -entity["length"], ORDER.get(entity["type"], 50)


def _span(entity: Entity) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _overlaps(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _outermost(entities: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    reached = 0
    for entity in entities:
        if entity["offset"] >= reached:
            kept.append(entity)
            reached = entity["offset"] + entity["length"]
    return kept


def _style(style: str, entities: list[Entity], holes: list[tuple[int, int]]) -> list[Entity]:
    """Bold and its like: neighbours are joined, and code inside cuts them."""
    spans: list[tuple[int, int]] = []
    for start, end in (_span(e) for e in entities if e["type"] == style):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    for hole in holes:
        spans = [piece for span in spans for piece in _without(span, hole)]
    return [{"type": style, "offset": start, "length": end - start} for start, end in spans]


def _without(span: tuple[int, int], hole: tuple[int, int]) -> list[tuple[int, int]]:
    if not _overlaps(span, [hole]):
        return [span]
    pieces = [(span[0], min(span[1], hole[0])), (max(span[0], hole[1]), span[1])]
    return [(start, end) for start, end in pieces if start < end]
