"""Methods of the Bot API by their lower-case names; each module says `@method` of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..files import Upload
from ..world import World

Json = dict[str, Any]


class Params(dict[str, Any]):
    """Parsed parameters of one call, its uploads by part name, and rules it broke in silence."""

    def __init__(self, values: Json, uploads: dict[str, Upload]) -> None:
        super().__init__(values)
        self.uploads = uploads
        self.violations: list[str] = []


Implementation = Callable[[World, Params], Any]
METHODS: dict[str, Implementation] = {}


def method(function: Implementation) -> Implementation:
    """Registers `send_message` as sendMessage."""
    METHODS[function.__name__.replace("_", "")] = function
    return function
