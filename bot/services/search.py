"""Finding people and cases by what somebody typed.

The names of a campaign stand in memory (`names.NameIndex`). The campaign's version tells when they
changed: a few are put in place, many are indexed anew beside the old ones.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from bot.services.facts import Facts
from bot.services.names import Found, NameIndex
from models import Case, Custody, Defendant, Texts

Key = tuple[str, int]
"""("defendant", id) or ("case", id)."""
LIMIT = 5
FEW = 200
"""So many changed names are put in place between two messages."""
AT_ONCE = 10
"""Names put before everybody else gets a turn: less than a millisecond."""
PAGE = 500
"""Rows read at a time."""
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

    async def find(self, facts: Facts, text: str) -> Hits:
        await self.refresh(facts.session, facts.version)
        found = self.index.find(text, LIMIT)
        things = await load(facts.session, found)
        gap = found[0].score - found[1].score if len(found) > 1 else CLEARLY_BETTER
        distinct = without_repeats(things)
        return Hits(distinct, certain=len(distinct) == 1 or gap >= CLEARLY_BETTER)

    async def refresh(self, session: AsyncSession, version: int) -> None:
        """Takes in what changed since the last time; with very many, beside the old names."""
        if version <= self.version:
            return
        async with self.loading:
            if version <= self.version:
                return
            afresh = self.version < 0 or await changed(session, self.version) > FEW
            index = NameIndex[Key]() if afresh else self.index
            async for names in names_since(session, -1 if afresh else self.version):
                await put(index, names)
            self.index, self.version = index, version


async def put(index: NameIndex[Key], names: Sequence[tuple[Key, list[str]]]) -> None:
    """On the event loop, a little at a time: a busy thread would stall every query."""
    for number, (key, of_key) in enumerate(names):
        index.put(key, of_key)
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)


async def changed(session: AsyncSession, since: int) -> int:
    counts = [
        select(func.count()).select_from(table).where(table.version > since)
        for table in (Defendant, Case)
    ]
    return sum([await session.scalar(count) or 0 for count in counts])


async def names_since(
    session: AsyncSession, since: int
) -> AsyncIterator[list[tuple[Key, list[str]]]]:
    """Page by page, so that reading them stalls nobody either."""
    people = select(Defendant.id, Defendant.name, Defendant.aliases)
    async for rows in pages(session, people.where(Defendant.version > since), Defendant.id):
        yield [(("defendant", id), names_of(name, aliases or ())) for id, name, aliases in rows]
    cases = select(Case.id, Case.title, Case.also)
    async for rows in pages(session, cases.where(Case.version > since), Case.id):
        yield [(("case", id), names_of(title, (also or {}).values())) for id, title, also in rows]


async def pages(
    session: AsyncSession, query: Select[*tuple[Any, ...]], key: InstrumentedAttribute[int]
) -> AsyncIterator[Sequence[Any]]:
    last = 0
    while rows := (await session.execute(query.where(key > last).order_by(key).limit(PAGE))).all():
        yield rows
        last = rows[-1].id


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
