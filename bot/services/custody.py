"""Where people are, as those keep it who keep the facts: confirmed, moved, on the way, free.

Every change is a campaign file of a few lines: the same rules hold, and the same people are told.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.services.audience import how_many
from bot.services.campaign_file import Plan, plan_things
from bot.services.errors import NotFound
from bot.services.letters import FRESH, HELD, HOME, full_name, with_place
from bot.services.pages import Page, page_of
from models import Custody, Defendant, Facility, FacilityKind, Kind, Notice, Status, Texts

PAGE = 7
Facts = Mapping[str, Any]
"""Keys of a defendant in a campaign file."""


async def people(session: AsyncSession, now: datetime, page: int) -> Page[Defendant]:
    """Whose address is to be confirmed, then of whom it is not known where they are, then all
    others; at last those at home."""
    rank = case(
        (Defendant.status.in_(HOME), 3),
        (Defendant.status.not_in(HELD), 1),
        (confirmed_lately(now), 2),
        else_=0,
    )
    query = select(Defendant).options(*with_place()).order_by(rank, Defendant.id)
    return await page_of(session, query, page, PAGE)


def confirmed_lately(now: datetime) -> ColumnElement[bool]:
    goes_on = Custody.until.is_(None) | (Custody.until > now.date())
    return Defendant.custody.any((Custody.confirmed_at >= now - FRESH) & goes_on)


async def places(session: AsyncSession, one: Defendant, page: int) -> Page[Facility]:
    """To which somebody may have been moved: those of the region where they were come first."""
    here = one.custody[-1].facility if one.custody else None
    near = Facility.country == here.country if here else Facility.country.is_not(None)
    query = select(Facility).order_by(near.desc(), Facility.id)
    return await page_of(session, query, page, PAGE)


async def places_named(session: AsyncSession, text: str) -> list[Facility]:
    """By any part of a name, an address or a number; as many as fit a screen."""
    found = await session.scalars(select(Facility).order_by(Facility.id))
    words = text.casefold().split()
    return [one for one in found if all(word in written(one) for word in words)][:PAGE]


def written(one: Facility) -> str:
    texts = [one.name, one.address or {}, one.region or {}]
    parts = [part for some in texts for part in some.values()]
    return " ".join([*parts, one.number or "", one.postal_code or "", one.slug]).casefold()


async def place(session: AsyncSession, number: int) -> Facility:
    found = await session.get(Facility, number)
    if found is None:
        raise NotFound
    return found


async def place_of_slug(session: AsyncSession, slug: str) -> Facility:
    return (await session.scalars(select(Facility).where(Facility.slug == slug))).one()


def last_place(one: Defendant) -> Custody | None:
    """Where they are, as far as it is known, be it confirmed or not."""
    if one.status not in HELD or not one.custody:
        return None
    last = one.custody[-1]
    return last if last.facility.kind in (one.status, FacilityKind.OTHER) else None


def tongues(stay: Custody) -> list[str]:
    """In which letters may be addressed there: the post's own first."""
    return list(dict.fromkeys([*(stay.facility.address or {}), *(stay.addressee or {})]))


def whom(one: Defendant, stay: Custody) -> Texts:
    """Letters are addressed to."""
    return stay.addressee or full_name(one.name)


# What a change says in a campaign file.


def stays(one: Defendant) -> list[dict[str, Any]]:
    """What is not said of them stays as it is."""
    return [{"facility": each.facility.slug} for each in one.custody]


def last_stay(one: Defendant, **said: Any) -> Facts:
    *earlier, last = stays(one)
    return {"custody": [*earlier, last | said]}


def doubted(one: Defendant) -> Facts:
    return last_stay(one, confirmed_at=None, source=None)


def going_on(one: Defendant, now: datetime) -> Facts:
    """Whoever is there today has not left."""
    until = one.custody[-1].until
    return last_stay(one, until=None) if until and until <= now.date() else last_stay(one)


def moved(one: Defendant, to: Facility, since: date | None, today: date) -> Facts:
    """The stay before ends with the day on which this one begins, or on which that is known. Who is
    back in a place is so since a day."""
    earlier = stays(one)
    if to.id in {each.facility_id for each in one.custody}:
        since = since or today
    if earlier and one.custody[-1].until is None:
        earlier[-1]["until"] = (since or today).isoformat()
    new = {"facility": to.slug} | ({"since": since.isoformat()} if since else {})
    return {"custody": [*earlier, new], "status": status_at(to, one)}


def status_at(to: Facility, one: Defendant) -> Status | None:
    """Nothing: it is to be asked."""
    if to.kind != FacilityKind.OTHER:
        return Status(to.kind)
    return Status(one.status) if one.status in HELD else None


def with_word(facts: Facts, confirmed: Facts) -> Facts:
    *earlier, last = facts["custody"]
    return {**facts, "custody": [*earlier, last | confirmed]}


async def plan(
    session: AsyncSession, vault: Vault, one: Defendant, facts: Facts, now: datetime
) -> Plan:
    """Raises CampaignFileError."""
    case = {"slug": one.case.slug, "defendants": [{"slug": one.slug, **facts}]}
    return await plan_things(session, {"cases": [case]}, "custody", now, vault.mark_of)


async def how_many_are_told(session: AsyncSession, one: Defendant, now: datetime) -> int:
    """Whoever follows them, and whoever asked for their address."""
    before = {"case": one.case_id}
    notice = Notice(key="", kind=Kind.ADDRESS, subject="defendant", thing_id=one.id, before=before)
    return await how_many(session, notice, now)


# What needs a hand.


async def how_many_to_confirm(session: AsyncSession, now: datetime) -> int:
    """Held somewhere, and nobody has confirmed lately where."""
    may = Defendant.letters_allowed.is_not(False)
    query = select(func.count()).where(Defendant.status.in_(HELD), ~confirmed_lately(now), may)
    return await session.scalar(query) or 0
