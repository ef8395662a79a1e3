"""What a bot tells about itself: commands, names, descriptions, menu buttons, by language."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]


class Profile:
    """Texts by language code; "" is the default language."""

    def __init__(self, name: str) -> None:
        self.names: dict[str, str] = {"": name}
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.menu_buttons: dict[int | None, Json] = {}

    def commands_for(self, scope: Json | None, language: str | None) -> list[Json]:
        return self.commands.get((scope_key(scope), language or ""), [])

    def default_commands(self) -> dict[str, list[Json]]:
        """By language, for chats that have no commands of their own."""
        scope = scope_key(None)
        return {language: said for (key, language), said in self.commands.items() if key == scope}


def scope_key(scope: Json | None) -> str:
    return json.dumps(scope or {"type": "default"}, sort_keys=True)
