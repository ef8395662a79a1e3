"""What a drill says while it runs: each thing that has to hold, and whether it did."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any


class Failed(Exception):
    """Something did not hold."""


@dataclass
class Story:
    failures: list[str] = field(default_factory=list)

    def begins(self, what: str) -> None:
        print(f"\n{what}", flush=True)

    def holds(self, what: str, is_so: bool) -> None:
        print(f"  {'✓' if is_so else '✗'} {what}", flush=True)
        if not is_so:
            self.failures.append(what)

    def ends(self) -> int:
        for what in self.failures:
            print(f"failed: {what}", file=sys.stderr)
        print("\nAll of it holds." if not self.failures else "\nNot all of it holds.")
        return min(len(self.failures), 1)


def played(play: Callable[[Story], Coroutine[Any, Any, None]]) -> int:
    """What the process ends with."""
    story = Story()
    asyncio.run(play(story))
    return story.ends()
