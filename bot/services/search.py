"""Finding people and cases by what somebody typed.

The names of a campaign stand in memory (`names.NameIndex`). The campaign's version tells when they
changed: a few are put in place, many are indexed anew beside the old ones.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from bot.services.facts import NONE, Facts, Version
from bot.services.letters import with_place
from bot.services.names import EXACT, Found, NameIndex, roots
from models import Case, Court, Defendant, Removal, Texts

Key = tuple[str, int]
"""("defendant", id) or ("case", id)."""
LIMIT = 5
NAMESAKES = 50
"""Looked through for the one of whom more than the name was typed."""
OFFERED = 20
"""Cases to share, before anything is typed."""
HYPHEN = re.compile(r"(?<=\w)[-‐‑](?=\w)")
FEW = 200
"""So many changed names are put in place between two messages."""
AT_ONCE = 10
"""Names put before everybody else gets a turn: less than a millisecond."""
PAGE = 500
"""Rows read at a time."""
CLEARLY_BETTER = 12
"""Points (of 100) that the best hit is ahead of the next, to be opened at once."""
LIKE_A_CITY = 82.0
"""With less another place is meant, or nobody's."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found, best first; `certain` when the first is clearly meant."""

    things: list[Defendant | Case]
    certain: bool
    exact: bool = False
    """The first one's very name was typed."""


@dataclass(frozen=True, slots=True)
class CityHit:
    court: Court
    """The first one there."""
    exact: bool


@dataclass
class Search:
    index: NameIndex[Key] = field(default_factory=NameIndex)
    version: Version = NONE
    loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def find(self, facts: Facts, text: str) -> Hits:
        await self.refresh(facts.session, facts.version)
        found = self.index.find(text, NAMESAKES)
        if told := besides_name(text, found):
            found = await narrowed(facts.session, found, told)
        found = found[:LIMIT]
        things = await load(facts.session, found)
        gap = found[0].score - found[1].score if len(found) > 1 else CLEARLY_BETTER
        distinct = without_repeats(things)
        return Hits(
            distinct,
            certain=len(distinct) == 1 or gap >= CLEARLY_BETTER,
            exact=bool(distinct) and found[0].score == EXACT,
        )

    async def offered(self, facts: Facts, text: str) -> list[Defendant | Case]:
        """To somebody who is still typing: what they may mean, and the first cases before that."""
        if not text.strip():
            return await first_cases(facts.session)
        found = (await self.find(facts, text)).things
        return found or await self.begun(facts, text)

    async def begun(self, facts: Facts, text: str) -> list[Defendant | Case]:
        """Of whose name no more was typed than the first letters."""
        await self.refresh(facts.session, facts.version)
        keys = self.index.beginning(text, LIMIT)
        return without_repeats(await rows_of(facts.session, keys))

    async def refresh(self, session: AsyncSession, version: Version) -> None:
        """Takes in what changed since the last time; with very many, beside the old names."""
        if self.is_as_of(version):
            return
        async with self.loading:
            if self.is_as_of(version):
                return
            since = self.version.number
            afresh = not version.follows(self.version) or await changed(session, since) > FEW
            index = NameIndex[Key]() if afresh else self.index
            for kind, number in await removed_since(session, since):
                index.remove((kind, number))
            async for names in names_since(session, -1 if afresh else since):
                await put(index, names)
            self.index, self.version = index, version

    def is_as_of(self, version: Version) -> bool:
        return version == self.version or version.read < self.version.read


async def city(facts: Facts, text: str) -> CityHit | None:
    """The city of courts that was named, whether anything comes there or not."""
    found = (await facts.read("cities by name", cities_by_name)).find(text, 1)
    if not found or found[0].score < LIKE_A_CITY:
        return None
    court = await facts.session.get(Court, found[0].key)
    return CityHit(court, found[0].score == EXACT) if court else None


async def cities_by_name(session: AsyncSession) -> NameIndex[int]:
    first, names = dict[str, int](), dict[int, list[str]]()
    courts = select(Court.id, Court.city_key, Court.city).order_by(Court.id)
    for number, key, of_court in await session.execute(courts):
        names.setdefault(first.setdefault(key, number), []).extend(of_court.values())
    index = NameIndex[int]()
    for place, (number, known) in enumerate(names.items()):
        index.put(number, list(dict.fromkeys(known)))
        if place % AT_ONCE == 0:
            await asyncio.sleep(0)
    return index


def besides_name(text: str, found: Sequence[Found[Key]]) -> frozenset[str]:
    """What tells namesakes apart, where there are any: “Дмитриев из Уфы”."""
    people = [hit for hit in found if hit.key[0] == "defendant"]
    return roots([text]) - roots([people[0].name]) if len(people) > 1 else frozenset()


async def narrowed(
    session: AsyncSession, found: list[Found[Key]], told: frozenset[str]
) -> list[Found[Key]]:
    """The people of whom most of it is true; everything, if nothing is true of anybody."""
    people = [thing for thing in await load(session, found) if isinstance(thing, Defendant)]
    fitting = {("defendant", one.id): len(told & roots(about(one))) for one in people}
    most = max(fitting.values(), default=0)
    return [hit for hit in found if fitting.get(hit.key) == most] if most else found


def about(person: Defendant) -> Iterator[str]:
    """Who somebody is, what their case is called, where they were held."""
    texts = [person.who, person.case.title, person.case.also]
    for stay in person.custody:
        texts += [stay.facility.name, stay.facility.region] if stay.facility else []
    return (text for of in texts for text in (of or {}).values())


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


async def removed_since(session: AsyncSession, since: int) -> list[Key]:
    query = select(Removal.kind, Removal.thing_id).where(Removal.version > since)
    return [(kind, number) for kind, number in await session.execute(query)]


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
    """Words joined by a hyphen are typed as one, too: Мед-Лайф, медлайф."""
    names = [*texts.values(), *others]
    joined = [HYPHEN.sub("", name) for name in names]
    return list(dict.fromkeys([*names, *joined]))


async def first_cases(session: AsyncSession) -> list[Defendant | Case]:
    query = select(Case).options(selectinload(Case.defendants)).order_by(Case.id).limit(OFFERED)
    return list(await session.scalars(query))


async def load(session: AsyncSession, found: Sequence[Found[Key]]) -> list[Defendant | Case]:
    return await rows_of(session, [hit.key for hit in found])


async def rows_of(session: AsyncSession, keys: Sequence[Key]) -> list[Defendant | Case]:
    """The rows of what was found, in its order; what is gone meanwhile is left out."""
    rows = dict[Key, Defendant | Case]()
    if people := [row for kind, row in keys if kind == "defendant"]:
        query = select(Defendant).where(Defendant.id.in_(people)).options(*with_place())
        rows |= {("defendant", row.id): row for row in await session.scalars(query)}
    if cases := [row for kind, row in keys if kind == "case"]:
        of_case = select(Case).where(Case.id.in_(cases)).options(selectinload(Case.defendants))
        rows |= {("case", row.id): row for row in await session.scalars(of_case)}
    return [rows[key] for key in keys if key in rows]


def without_repeats(things: Sequence[Defendant | Case]) -> list[Defendant | Case]:
    """A case of one person adds nothing to that person."""
    people = {thing.id for thing in things if isinstance(thing, Defendant)}
    return [
        thing
        for thing in things
        if isinstance(thing, Defendant)
        or not (len(thing.defendants) == 1 and thing.defendants[0].id in people)
    ]
