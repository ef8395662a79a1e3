"""What a file says, before anybody understands it: mappings and lists that know their lines."""

from array import array
from typing import Any

Path = tuple[str | int, ...]

SHOWN = 60
"""So many characters of somebody's text are repeated."""


class Mapping(dict[str, Any]):
    """Keys in the file's order; `lines` has the line of each."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines = array("I")

    def line_of(self, wanted: object) -> int:
        return next((line for key, line in zip(self, self.lines, strict=True) if key == wanted), 0)


class Sequence(list[Any]):
    """Items; `lines` has the line of each."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines = array("I")


Value = Mapping | Sequence | str | None


def line_of(tree: Value, path: Path) -> int:
    """The line of the deepest part of the path that there is."""
    line = tree.line if isinstance(tree, Mapping | Sequence) else 0
    for part in path:
        if isinstance(tree, Mapping) and part in tree:
            line, tree = tree.line_of(part), tree[str(part)]
        elif isinstance(tree, Sequence) and isinstance(part, int) and part < len(tree):
            line, tree = tree.lines[part], tree[part]
    return line


def spelled(tree: Value, path: Path, *, whole: bool = False) -> str:
    """("cases", 0, "stage") -> "cases[orlov].stage"; items without a slug are counted from 1.

    Parts that the file does not have are left out, but for the last one of a `whole` path.
    """
    words = []
    for number, part in enumerate(path, 1):
        if isinstance(tree, Mapping) and part in tree:
            tree = tree[str(part)]
            words.append(f".{shortened(str(part))}")
        elif isinstance(tree, Sequence) and isinstance(part, int) and part < len(tree):
            tree = tree[part]
            words.append(f"[{shortened(name_of(tree) or str(part + 1))}]")
        elif whole and number == len(path):
            words.append(f".{shortened(str(part))}")
    return "".join(words).removeprefix(".")


def name_of(item: Value) -> str | None:
    slug = item.get("slug") if isinstance(item, Mapping) else None
    return slug if isinstance(slug, str) else None


def shortened(text: str) -> str:
    """At most `SHOWN` characters, on one line, none of them able to play tricks."""
    line = "".join(
        sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:SHOWN]
    )
    return line if len(text) <= SHOWN else line[: SHOWN - 1] + "…"
