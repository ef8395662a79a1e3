"""What people call the things that differences speak of; a file calls them by their slugs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.campaign_file.merge import Change, Difference
from bot.services.campaign_file.schema import Thing
from bot.services.campaign_file.times import written
from models import Case, Court, Defendant, DonationRoute, Facility, Fundraiser, Hearing

Names = Mapping[tuple[str, str], Any]
"""By kind and slug: texts by language; of a hearing its "case" and "starts_at"."""

CALLED = {
    "case": (Case.slug, Case.title),
    "court": (Court.slug, Court.name),
    "defendant": (Defendant.slug, Defendant.name),
    "facility": (Facility.slug, Facility.name),
    "donation_route": (DonationRoute.slug, DonationRoute.method),
    "fundraiser": (Fundraiser.slug, Fundraiser.title),
}
REFER = {"case", "court", "facility", "fundraiser"}
"""Keys that say the slug of a thing of that kind."""


async def names_in(
    session: AsyncSession, found: Iterable[Difference], gone: Mapping[str, Thing] | None = None
) -> Names:
    """`gone`: hearings by slug that are not there any more, as they were."""
    found = list(found)
    there = await hearings_of(session, [one.slug for one in found if one.kind == "hearing"])
    hearings = {**(gone or {}), **there}
    wanted = {("case", str(one.get("case"))) for one in hearings.values()}
    for one in found:
        if one.kind in CALLED and not one.name:
            wanted.add((one.kind, one.slug))
        wanted |= {each for change in one.changes for each in references_of(change)}
    names = {(one.kind, one.slug): one.name for one in found if one.name}
    names |= {("hearing", slug): hearings[slug] for slug in hearings}
    for kind, (slug, name) in CALLED.items():
        slugs = [each for of, each in wanted if of == kind]
        rows = await session.execute(select(slug, name).where(slug.in_(slugs))) if slugs else ()
        names |= {(kind, row[0]): row[1] for row in rows}
    return names


async def hearings_of(session: AsyncSession, slugs: list[str]) -> dict[str, Thing]:
    if not slugs:
        return {}
    query = select(Hearing.slug, Case.slug, Hearing.starts_at, Court.timezone)
    query = query.join(Hearing.case).join(Hearing.court).where(Hearing.slug.in_(slugs))
    return {
        slug: {"case": case, "starts_at": written(at, ZoneInfo(zone), clock=True)}
        for slug, case, at, zone in await session.execute(query)
    }


def references_of(change: Change) -> Iterator[tuple[str, str]]:
    key = change.key.rpartition(".")[2]
    yield from references(key, change.before)
    yield from references(key, change.after)


def references(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Kinds and slugs."""
    if isinstance(value, Mapping):
        for part in value:
            yield from references(part, value[part])
    elif isinstance(value, list):
        for one in value:
            yield from references(key, one)
    elif isinstance(value, str) and (meant := reference(key, value)):
        yield meant


def reference(key: str, value: str) -> tuple[str, str] | None:
    """Kind and slug that such a key says; of a cause "case:harbour", or a person by the slug."""
    if key == "for":
        kind, _, slug = value.rpartition(":")
        return kind or "defendant", slug
    return (key, value) if key in REFER else None
