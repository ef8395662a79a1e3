"""Finding people and cases by what somebody typed.

The names of a campaign stand in memory (`names.NameIndex`). The campaign's version tells when they
changed: a few are put in place, many are indexed anew in a thread, beside the old ones.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from bot.services.campaign import version
from bot.services.names import Found, NameIndex
from models import Case, Custody, Defendant, Texts

Key = tuple[str, int]
"""("defendant", id) or ("case", id)."""
LIMIT = 5
FEW = 200
"""So many changed names are put in place between two messages."""
CLEARLY_BETTER = 12
"""Points (of 100) that the best hit is ahead of the next, to be opened at once."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found, best first; `certain` when the first is clearly meant."""

    things: list[Defendant | Case]
    certain: bool


@dataclass
class Search:
    index: NameIndex[Key] = field(default_factory=NameIndex)
    version: int = -1
    loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, session: AsyncSession, text: str) -> Hits:
        await self.refresh(session)
        found = self.index.find(text, LIMIT)
        things = await load(session, found)
        gap = found[0].score - found[1].score if len(found) > 1 else CLEARLY_BETTER
        distinct = without_repeats(things)
        return Hits(distinct, certain=len(distinct) == 1 or gap >= CLEARLY_BETTER)

    async def refresh(self, session: AsyncSession) -> None:
        """Takes in what changed since the last time."""
        if await version(session) == self.version:
            return
        async with self.loading:
            now = await version(session)
            if now == self.version:
                return
            changed = await names_since(session, self.version)
            if len(changed) <= FEW:
                put(self.index, changed)
            else:
                self.index = await asyncio.to_thread(built, await names_since(session, -1))
            self.version = now


def built(names: Sequence[tuple[Key, list[str]]]) -> NameIndex[Key]:
    index = NameIndex[Key]()
    put(index, names)
    return index


def put(index: NameIndex[Key], names: Sequence[tuple[Key, list[str]]]) -> None:
    for key, of_key in names:
        index.put(key, of_key)


async def names_since(session: AsyncSession, since: int) -> list[tuple[Key, list[str]]]:
    people = await session.execute(
        select(Defendant.id, Defendant.name, Defendant.aliases).where(Defendant.version > since)
    )
    cases = await session.execute(
        select(Case.id, Case.title, Case.also).where(Case.version > since)
    )
    return [
        *((("defendant", row.id), names_of(row.name, row.aliases or ())) for row in people),
        *((("case", row.id), names_of(row.title, (row.also or {}).values())) for row in cases),
    ]


def names_of(texts: Texts, others: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*texts.values(), *others]))


async def load(session: AsyncSession, found: Sequence[Found[Key]]) -> list[Defendant | Case]:
    """The rows of what was found, in its order; what is gone meanwhile is left out."""
    ids = {kind: [f.key[1] for f in found if f.key[0] == kind] for kind in ("defendant", "case")}
    people = await session.scalars(
        select(Defendant)
        .where(Defendant.id.in_(ids["defendant"]))
        .options(
            joinedload(Defendant.case),
            selectinload(Defendant.custody).joinedload(Custody.facility),
        )
    )
    cases = await session.scalars(
        select(Case).where(Case.id.in_(ids["case"])).options(selectinload(Case.defendants))
    )
    rows: dict[Key, Defendant | Case] = {("defendant", row.id): row for row in people}
    rows.update({("case", row.id): row for row in cases})
    return [rows[f.key] for f in found if f.key in rows]


def without_repeats(things: Sequence[Defendant | Case]) -> list[Defendant | Case]:
    """A case of one person adds nothing to that person."""
    people = {thing.id for thing in things if isinstance(thing, Defendant)}
    return [
        thing
        for thing in things
        if isinstance(thing, Defendant)
        or not (len(thing.defendants) == 1 and thing.defendants[0].id in people)
    ]
