"""The campaign's facts as of one version: read once, and remembered until they change.

Facts change a few times a day and are read at every press. The version of an update is read
together with its subscriber, so a fact shown is never older than the moment of the press.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

Fact = TypeVar("Fact")
REMEMBERED = 1000
"""Cards, of about 25 kB each."""


@dataclass
class Memory:
    """Of one process. What is in it is only ever read: it belongs to no session."""

    version: int = -1
    facts: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)

    def renew(self, version: int) -> None:
        if version > self.version:
            self.version = version
            self.facts.clear()

    def keep(self, key: Hashable, fact: Any) -> None:
        self.facts[key] = fact
        if len(self.facts) > REMEMBERED:
            self.facts.popitem(last=False)


@dataclass(frozen=True)
class Facts:
    """What one update sees."""

    session: AsyncSession
    version: int
    memory: Memory

    async def read(self, key: Hashable, load: Callable[[AsyncSession], Awaitable[Fact]]) -> Fact:
        """Remembered, or loaded: never from before this update's version."""
        self.memory.renew(self.version)
        if self.version < self.memory.version:
            return await load(self.session)
        if key in self.memory.facts:
            self.memory.facts.move_to_end(key)
            found: Fact = self.memory.facts[key]
            return found
        fact = await load(self.session)
        if self.version == self.memory.version:
            self.memory.keep(key, fact)
        return fact
