"""Pages and pictures by Typst: one at a time, beside the event loop.

Nothing is loaded from anywhere: neither the system's fonts nor packages of Typst.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bot.markup import belong_together

if TYPE_CHECKING:
    import typst

HERE = Path(__file__).parent
LONGEST_WORD = 24
"""Characters: a word, or a part of one with hyphens, that is longer may be broken anywhere."""
NO_SPACE = "\u200b"
"""Where a line may end within a word (ZERO WIDTH SPACE)."""
HEAPED = re.compile("([\u0300-\u036f]{2})[\u0300-\u036f]+")
"""Accents on accents, which would cover the lines around."""
KEPT_FOR = 10
"""Compilations (python-typst, `comemo::evict`)."""
LINE = 4
"""Kits that are made or wait; more would keep everybody else's updates waiting."""


def compiled(
    template: str,
    words: Mapping[str, Any],
    *,
    format: Literal["pdf", "png"],
    ppi: float | None = None,
) -> bytes:
    """`words`: by name, as JSON; `ppi`: dots an inch of a picture."""
    import typst  # what the start can spare

    compiler = typst.Compiler(
        HERE / template, root=HERE, font_paths=fonts(), ignore_system_fonts=True
    )
    inputs = {name: json.dumps(said, ensure_ascii=False) for name, said in words.items()}
    made = compiler.compile(format=format, ppi=ppi, sys_inputs=inputs)
    forget()
    assert isinstance(made, bytes)
    return made


def forget() -> None:
    """Typst keeps what it laid out until so many documents later: 650 MB after some kits."""
    import typst

    for _ in range(KEPT_FOR + 1):
        empty = typst.Compiler(b" ", font_paths=fonts(), ignore_system_fonts=True)
        empty.compile(format="pdf")


@cache
def fonts() -> "typst.Fonts":
    """The same letters everywhere: those beside this file, and none of the system's."""
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[HERE / "fonts"]
    )


def breakable(words: Any) -> Any:
    """The same, with places to break in words that no line could hold, and two accents at most."""
    if isinstance(words, str):
        lean = HEAPED.sub(r"\1", words)
        return re.sub(rf"[^\s-]{{{LONGEST_WORD},}}", lambda found: broken(found[0]), lean)
    if isinstance(words, dict):
        kept = ("code", "link")
        return {key: one if key in kept else breakable(one) for key, one in words.items()}
    return [breakable(one) for one in words] if isinstance(words, list | tuple) else words


def broken(word: str) -> str:
    places = (place for place in range(1, len(word)) if not belong_together(word, place))
    return NO_SPACE.join(word[start:end] for start, end in pairwise([0, *places, len(word)]))


class Busy(Exception):
    """So many kits are being made that one more has to come later."""


@dataclass
class Press:
    """One at a time, in a thread of its own; whoever comes meanwhile stands in a short line."""

    in_line: int = 0
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "press"))

    @contextmanager
    def place(self) -> Iterator[int]:
        """In the line, with the number of those before."""
        if self.in_line >= LINE:
            raise Busy
        self.in_line += 1
        try:
            yield self.in_line - 1
        finally:
            self.in_line -= 1

    async def made(self, work: Callable[[], bytes]) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self.thread, work)


PRESS = Press()
