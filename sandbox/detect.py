"""Entities Telegram finds by itself in plain text: commands, mentions, links, hashtags, mail."""

from __future__ import annotations

import re
from typing import Any

from .utf16 import units

Entity = dict[str, Any]

TOP_LEVEL = "com|org|net|info|ru|su|by|ua|kz|de|fr|uk|eu|me|io|it|pl|cz|tv|app|dev|news|рф"
PATTERNS = (
    ("url", re.compile(
        r"(?<![\w@/.])(?:(?:https?|ftp|tg|ton)://[^\s<>\"]+[^\s<>\".,;:!?)'»\]]"
        rf"|(?:[\w\-]+\.)+(?:{TOP_LEVEL})(?![\w@])(?:[/?#][^\s<>\"]*[^\s<>\".,;:!?)'»\]])?)",
        re.IGNORECASE)),
    ("email", re.compile(r"(?<![\w.+\-])[\w.+\-]+@(?:[\w\-]+\.)+[A-Za-z]{2,}(?!\w)")),
    ("mention", re.compile(r"(?<![\w@.])@[A-Za-z]\w{3,31}(?!\w)", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/<])/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/])")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}(?!\w)")),
)  # fmt: skip
NOTHING = re.compile(r"[/@#.:]")
CLOSED = {"pre", "code", "text_link", "text_mention", "custom_emoji", "date_time"} | {
    name for name, _ in PATTERNS
}


def entities(text: str, known: list[Entity]) -> list[Entity]:
    """What is found outside code and links; offsets in UTF-16 units."""
    if not NOTHING.search(text):
        return []
    taken = [(e["offset"], e["offset"] + e["length"]) for e in known if e["type"] in CLOSED]
    found: list[Entity] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            start, end = units(text[: match.start()]), units(text[: match.end()])
            if all(end <= left or start >= right for left, right in taken):
                taken.append((start, end))
                found.append({"type": kind, "offset": start, "length": end - start})
    return found
