"""Things, read from the database in few statements."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Column, Select, Table, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.services.campaign_file.merge import pruned
from bot.services.campaign_file.rows import Row, Translator
from bot.services.campaign_file.schema import Thing
from models import (
    CampaignVersion,
    Case,
    Court,
    Custody,
    Defendant,
    DonationRoute,
    Event,
    Facility,
    Fundraiser,
    Hearing,
    LetterGoal,
    Organisation,
    Removal,
    TimelineEntry,
    event_addressees,
)
from models.base import Base

Mark = Callable[[str, str], str]
"""Kind and slug -> what is kept of something that was removed (`Vault.mark_of`)."""

BATCH = 500
"""Rows per statement: large enough to be fast, small enough for the event loop to breathe."""


def table_of(model: type[Base]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__


TABLES = {
    "organisation": table_of(Organisation),
    "court": table_of(Court),
    "facility": table_of(Facility),
    "case": table_of(Case),
    "defendant": table_of(Defendant),
    "hearing": table_of(Hearing),
    "event": table_of(Event),
    "letter_goal": table_of(LetterGoal),
    "fundraiser": table_of(Fundraiser),
    "donation_route": table_of(DonationRoute),
}


@dataclass(slots=True)
class Index:
    """Which things there are."""

    ids: dict[str, dict[str, int]]
    """By kind and slug, in the order of the ids."""
    court_zones: dict[str, str]
    facility_kinds: dict[str, str]
    version: int


@dataclass(frozen=True, slots=True)
class Gone:
    """What is kept of something that is removed."""

    mark: str
    withdrawn_at: datetime | None
    """The last word for it, be it withdrawn or not."""
    before: Thing


@dataclass(frozen=True, slots=True)
class Parts:
    """A list of a thing that has a table of its own: rows by owner and position."""

    key: str
    table: Table
    owner: str
    row: Callable[[Translator, Thing], dict[str, Any]]
    item: Callable[[Translator, Row], Thing]


PARTS = {
    "case": Parts(
        "timeline",
        table_of(TimelineEntry),
        "case_id",
        Translator.timeline_entry,
        Translator.entry,
    ),
    "defendant": Parts(
        "custody", table_of(Custody), "defendant_id", Translator.custody, Translator.stay
    ),
}


# Which column of which rows refers to a thing of this kind, and to whom those rows belong.
_stays, _entries = table_of(Custody), table_of(TimelineEntry)
_funds, _hearings = TABLES["fundraiser"], TABLES["hearing"]
_people, _routes = TABLES["defendant"], TABLES["donation_route"]
REFERRING: dict[str, tuple[tuple[str, Column[Any], Column[Any]], ...]] = {
    "court": (
        ("hearing", _hearings.c.court_id, _hearings.c.id),
        ("case", _entries.c.court_id, _entries.c.case_id),
    ),
    "facility": (("defendant", _stays.c.facility_id, _stays.c.defendant_id),),
    "case": (
        ("defendant", _people.c.case_id, _people.c.id),
        ("hearing", _hearings.c.case_id, _hearings.c.id),
        ("fundraiser", _funds.c.case_id, _funds.c.id),
    ),
    "defendant": (
        ("case", _entries.c.defendant_id, _entries.c.case_id),
        ("event", event_addressees.c.defendant_id, event_addressees.c.event_id),
        ("fundraiser", _funds.c.defendant_id, _funds.c.id),
    ),
    "fundraiser": (("donation_route", _routes.c.fundraiser_id, _routes.c.id),),
}


def batches(items: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


async def read_index(session: AsyncSession) -> Index:
    ids: dict[str, dict[str, int]] = {}
    for kind, table in TABLES.items():
        rows = await session.execute(select(table.c.slug, table.c.id).order_by(table.c.id))
        ids[kind] = {slug: number for slug, number in rows}
    zones = await session.execute(select(Court.slug, Court.timezone))
    kinds = await session.execute(select(Facility.slug, Facility.kind))
    version = await session.scalar(select(CampaignVersion.version))
    return Index(
        ids,
        court_zones={slug: zone for slug, zone in zones},
        facility_kinds={slug: kind for slug, kind in kinds},
        version=version or 0,
    )


async def hearings_in(session: AsyncSession, courts: Iterable[str]) -> list[str]:
    """Slugs of the hearings in these courts."""
    query = select(Hearing.slug).join(Court).where(Court.slug.in_(list(courts)))
    return list(await session.scalars(query.order_by(Hearing.id)))


async def people_at(session: AsyncSession, facilities: Iterable[str]) -> list[str]:
    """Slugs of those whose last stay is in one of them, and confirmed."""
    later = aliased(Custody)
    is_last = ~exists().where(
        later.defendant_id == Custody.defendant_id, later.position > Custody.position
    )
    query = select(Defendant.slug).join(Custody).join(Facility)
    there = query.where(is_last, Custody.confirmed_at.is_not(None))
    found: list[str] = []
    for some in batches(facilities):
        found += await session.scalars(there.where(Facility.slug.in_(some)).order_by(Defendant.id))
    return found


async def routes_of(session: AsyncSession, fundraisers: Iterable[str]) -> list[str]:
    """Slugs of the ways to pay into them."""
    query = select(DonationRoute.slug).join(Fundraiser).order_by(DonationRoute.id)
    found: list[str] = []
    for some in batches(fundraisers):
        found += await session.scalars(query.where(Fundraiser.slug.in_(some)))
    return found


async def referring(session: AsyncSession, kind: str, ids: Iterable[int]) -> list[tuple[str, str]]:
    """Kinds and slugs of the things that refer to these."""
    found: list[tuple[str, str]] = []
    for some in batches(ids):
        for referring_kind, column, owner in REFERRING.get(kind, ()):
            table = TABLES[referring_kind]
            owners = select(owner).where(column.in_(some))
            query = select(table.c.slug).where(table.c.id.in_(owners)).order_by(table.c.id)
            found += [(referring_kind, slug) for slug in await session.scalars(query)]
    return found


async def removed_before(
    session: AsyncSession, mark: Mark, kind: str, slugs: Iterable[str]
) -> dict[str, str]:
    """The marks of those of the slugs that were removed once.

    None are made while nothing of the kind was: who never removes anything needs no key.
    """
    if await session.scalar(select(Removal.id).where(Removal.kind == kind).limit(1)) is None:
        return {}
    marks = {mark(kind, slug): slug for slug in slugs}
    found: dict[str, str] = {}
    for some in batches(marks):
        query = select(Removal.mark).where(Removal.mark.in_(some))
        found |= {marks[each]: each for each in await session.scalars(query)}
    return found


async def words_of_removed(
    session: AsyncSession, mark: Mark, kind: str, slugs: Iterable[str]
) -> dict[str, datetime]:
    """The last words for those of the slugs that were removed once.

    Marks are made only if there are such words: who never removes anything needs no key.
    """
    has_words = (Removal.kind == kind) & Removal.withdrawn_at.is_not(None)
    if await session.scalar(select(Removal.id).where(has_words).limit(1)) is None:
        return {}
    marks = {mark(kind, slug): slug for slug in slugs}
    found: dict[str, datetime] = {}
    for some in batches(marks):
        query = select(Removal.mark, func.max(Removal.withdrawn_at)).group_by(Removal.mark)
        for each, word in await session.execute(query.where(has_words, Removal.mark.in_(some))):
            assert word is not None
            found[marks[each]] = word
    return found


async def read_things(
    session: AsyncSession, kind: str, translator: Translator, slugs: Iterable[str] | None = None
) -> dict[str, Thing]:
    """Things by slug, in the order of their ids (people of a case: in theirs); None: all."""
    things: dict[int, Thing] = {}
    for query in _queries(kind, slugs):
        stream = await session.stream(query, execution_options={"yield_per": BATCH})
        async for row in stream.mappings():
            things[row["id"]] = translator.thing(kind, row)
    if kind in PARTS:
        await _read_parts(session, PARTS[kind], things, translator)
    if kind == "event":
        await _read_addressees(session, things, translator)
    return {thing["slug"]: thing for thing in things.values()}


def _queries(kind: str, slugs: Iterable[str] | None) -> Iterator[Select[Any]]:
    table = TABLES[kind]
    query = select(table)
    if kind == "hearing":
        query = query.add_columns(Court.timezone.label("court_zone")).join(Court)
    query = query.order_by(*([table.c.position] if kind == "defendant" else []), table.c.id)
    if slugs is None:
        yield query
    else:
        yield from (query.where(table.c.slug.in_(some)) for some in batches(slugs))


async def _read_parts(
    session: AsyncSession, parts: Parts, things: dict[int, Thing], translator: Translator
) -> None:
    owner = parts.table.c[parts.owner]
    query = select(parts.table).order_by(owner, parts.table.c.position, parts.table.c.id)
    for some in batches(things):
        for row in (await session.execute(query.where(owner.in_(some)))).mappings():
            item = pruned(parts.item(translator, row))
            things[row[parts.owner]].setdefault(parts.key, []).append(item)


async def _read_addressees(
    session: AsyncSession, things: dict[int, Thing], translator: Translator
) -> None:
    for some in batches(things):
        query = select(event_addressees).where(event_addressees.c.event_id.in_(some))
        for event, defendant in await session.execute(query):
            slug = translator.links.slug("defendant", defendant)
            things[event].setdefault("write_to", []).append(slug)
    for thing in things.values():
        thing.get("write_to", []).sort()
