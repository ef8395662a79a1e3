"""The campaign's facts as of one version: read once, and remembered until they change.

Facts change a few times a day and are read at every press. The version of an update is read
together with its subscriber, so a fact shown is never older than the moment of the press.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

Fact = TypeVar("Fact")
REMEMBERED = 1000
"""Cards, of about 25 kB each."""


@dataclass(frozen=True, slots=True)
class Version:
    """As read from the database. Put back from a copy, it has an older number and other tokens."""

    number: int
    tokens: str = ""
    read: int = field(default_factory=partial(next, count()), compare=False)
    """The order in which versions were read: of two, the one read later is the one that holds."""

    def follows(self, other: "Version") -> bool:
        """Whether the changes since `other` lead here; not, if a copy was put back between."""
        if other == self or (other.number == 0 and not other.tokens):
            return True
        return bool(other.tokens) and other.tokens.split()[0] in self.tokens.split()


NONE = Version(-1)


@dataclass
class Memory:
    """Of one process. What is in it is only ever read: it belongs to no session."""

    version: Version = NONE
    facts: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)

    def renew(self, version: Version) -> None:
        if version.read < self.version.read:
            return
        if version != self.version:
            self.facts.clear()
        self.version = version

    def keep(self, key: Hashable, fact: Any) -> None:
        self.facts[key] = fact
        if len(self.facts) > REMEMBERED:
            self.facts.popitem(last=False)


@dataclass(frozen=True)
class Facts:
    """What one update sees."""

    session: AsyncSession
    version: Version
    memory: Memory
    made: dict[Hashable, Any] = field(default_factory=dict, compare=False)
    """Out of them, and for this one use."""

    async def read(self, key: Hashable, load: Callable[[AsyncSession], Awaitable[Fact]]) -> Fact:
        """Remembered, or loaded: never from before this update's version."""
        self.memory.renew(self.version)
        if self.version != self.memory.version:
            return await load(self.session)
        if key in self.memory.facts:
            self.memory.facts.move_to_end(key)
            found: Fact = self.memory.facts[key]
            return found
        fact = await load(self.session)
        if self.version == self.memory.version:
            self.memory.keep(key, fact)
        return fact
