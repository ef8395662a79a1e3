"""Deep links to a bot: `https://t.me/<bot>?start=<payload>` (core.telegram.org/bots/features)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
DOMAINS = {"t.me", "telegram.me", "telegram.dog"}


def payload_of(link: str, username: str) -> str | None:
    """The payload if this is a deep link to this bot, else None."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    if parts.hostname not in DOMAINS or parts.path.strip("/").lower() != username.lower():
        return None
    query = parse_qs(parts.query, keep_blank_values=True)
    return next((query[name][0] for name in ("start", "startgroup") if name in query), None)


def is_payload(payload: str) -> bool:
    """1-64 characters of A-Z a-z 0-9 _ -."""
    plain = payload.replace("_", "").replace("-", "")
    return 1 <= len(payload) <= 64 and payload.isascii() and (plain.isalnum() or not plain)


def broken_payloads(username: str, content: Json, markup: Json) -> list[str]:
    """Deep links in a message which Telegram would not follow; sending them is no error there."""
    entities = [*content.get("entities", ()), *content.get("caption_entities", ())]
    buttons = [button for row in markup.get("inline_keyboard", ()) for button in row]
    links = [thing["url"] for thing in (*entities, *buttons) if thing.get("url")]
    found = [payload for link in links if (payload := payload_of(link, username))]
    return [f"deep link payload {p!r} is not 1-64 of A-Z a-z 0-9 _ -" for p in found
            if not is_payload(p)]  # fmt: skip
