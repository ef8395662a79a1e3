"""Where a letter reaches somebody today, or why it cannot."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import ORMOption

from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from bot.services.sent_letters import LATELY
from models import (
    Custody,
    Defendant,
    FacilityKind,
    Follow,
    Letter,
    Status,
    Subject,
    Texts,
)

PAGE = 7
SOON = timedelta(days=21)
"""Before a birthday: the post needs two weeks."""
CROWD = 100
"""Followers; of more nobody asks how many there are."""
FRESH = timedelta(days=30)
"""After that an address is given with a warning, unless the facility has a term of its own …"""
KNOWN = timedelta(days=90)
"""… and after that not at all."""

FREE = frozenset({Status.RELEASED, Status.ABROAD})
HOME = FREE | {Status.AT_LIBERTY, Status.RESTRICTED, Status.HOUSE_ARREST}
"""Where we give out no address, and there will be none."""
HELD = frozenset(
    {
        Status.PRE_TRIAL_DETENTION,
        Status.COLONY,
        Status.SETTLEMENT_COLONY,
        Status.PRISON,
        Status.FORCED_LABOUR,
        Status.MEDICAL,
    }
)
"""Only who is held in a facility has an address that we may give."""


class Reason(StrEnum):
    TOLD = "told"
    """The campaign says why, in its own words."""
    FORBIDDEN = "forbidden"
    TRANSFER = "transfer"
    FREE = "free"
    AT_HOME = "at_home"
    WHEREABOUTS = "whereabouts"
    NO_ADDRESS = "no_address"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class CannotWrite:
    reason: Reason
    words: Texts | None = None


@dataclass(frozen=True, slots=True)
class Address:
    custody: Custody
    confirmed_at: datetime
    is_fresh: bool


Mailing = Address | CannotWrite


def mailing(defendant: Defendant, now: datetime) -> Mailing:
    """The one place that decides whether an address may be shown. Needs custody loaded.

    `now` is the organisers' (`campaign.local`), by whose days the campaign file says who was
    where; a stay ends with the day of its place, where that is known.
    """
    place = vouched(defendant, now)
    if isinstance(place, CannotWrite):
        return place
    assert place.confirmed_at is not None
    age = now - place.confirmed_at
    if age > KNOWN:
        return CannotWrite(Reason.STALE)
    if not place.addressee:  # no change of the facts: only what is shown
        set_committed_value(place, "addressee", full_name(defendant.name))
    return Address(place, place.confirmed_at, age <= term(place))


def term(place: Custody) -> timedelta:
    days = place.facility.letter_term
    return timedelta(days=days) if days else FRESH


def vouched(defendant: Defendant, now: datetime) -> Custody | CannotWrite:
    """Where somebody has confirmed that they are, however long ago."""
    if defendant.letters_allowed is False:
        return forbidden(defendant)
    if defendant.status not in HELD:
        return CannotWrite(without_address(Status(defendant.status)))
    custody = current(defendant, now)
    if custody is None or custody.confirmed_at is None or not is_place_of(custody, defendant):
        return CannotWrite(Reason.NO_ADDRESS)
    confirmed_on = custody.confirmed_at.astimezone(now.tzinfo).date()
    if custody.since and confirmed_on < custody.since:  # of another stay
        return CannotWrite(Reason.NO_ADDRESS)
    return custody


def full_name(name: Texts) -> Texts:
    """As documents have it, where that is known: a letter to a place alone reaches nobody."""
    return {key: name.get(f"{key}_full", name[key]) for key in name if not key.endswith("_full")}


def is_place_of(custody: Custody, defendant: Defendant) -> bool:
    """A colony's prisoner is not in yesterday's remand prison, though nobody noted the move."""
    facility = custody.facility
    return bool(facility.address) and facility.kind in (defendant.status, FacilityKind.OTHER)


def forbidden(defendant: Defendant) -> CannotWrite:
    """Why it was forbidden once is no reason any more for somebody free."""
    if defendant.status in FREE:
        return CannotWrite(Reason.FREE)
    reason = Reason.TOLD if defendant.letters_reason else Reason.FORBIDDEN
    return CannotWrite(reason, defendant.letters_reason)


def without_address(status: Status) -> Reason:
    match status:
        case Status.TRANSFER:
            return Reason.TRANSFER
        case Status.RELEASED | Status.ABROAD:
            return Reason.FREE
        case Status.AT_LIBERTY | Status.RESTRICTED | Status.HOUSE_ARREST:
            return Reason.AT_HOME
        case _:
            return Reason.WHEREABOUTS


def current(defendant: Defendant, now: datetime) -> Custody | None:
    """The last stay, unless it has ended: an earlier place is never where somebody is."""
    if not defendant.custody:
        return None
    last = defendant.custody[-1]
    today = day_there(last, now)
    ended = last.until is not None and last.until <= today
    to_come = last.since is not None and last.since > today
    return None if ended or to_come else last


def clock_there(custody: Custody, now: datetime) -> datetime:
    """Now on the clock of the place, where its zone is known."""
    zone = custody.facility.timezone
    return now.astimezone(ZoneInfo(zone)) if zone else now


def day_there(custody: Custody, now: datetime) -> date:
    return clock_there(custody, now).date()


def with_place() -> tuple[ORMOption, ...]:
    """What `mailing` and a line about somebody need of them."""
    custody = selectinload(Defendant.custody).joinedload(Custody.facility)
    return joinedload(Defendant.case), custody


def confirmed(now: datetime) -> ColumnElement[bool]:
    """Somebody said not too long ago where they are."""
    return Defendant.custody.any(Custody.confirmed_at >= now - KNOWN)


def perhaps_reached(now: datetime) -> ColumnElement[bool]:
    """Of whom it is worth while to ask `mailing`."""
    may = Defendant.letters_allowed.is_not(False)
    return and_(Defendant.status.in_(HELD), may, confirmed(now))


async def listed(session: AsyncSession, now: datetime, page: int) -> Page[Defendant]:
    """Those held in a facility: who can be written to first, and of them who needs it most; then
    who may get no letters.

    That is for the order only: whether there is an address, or why not, is for `mailing` to say.
    """
    may_not = Defendant.letters_allowed.is_(False)
    is_held, is_free = Defendant.status.in_(HELD), Defendant.status.in_(FREE)
    query = (
        select(Defendant)
        .where(or_(is_held, may_not & ~is_free))
        .options(*with_place())
        .order_by(may_not, confirmed(now).desc(), *needs_most(now.date()), Defendant.id)
    )
    return await page_of(session, query, page, PAGE)


def needs_most(today: date) -> tuple[ColumnElement[Any], ...]:
    """Whose birthday comes, to whom the fewest wrote lately, whom the fewest follow."""
    wrote = Letter.defendant_id == Defendant.id, Letter.day > today - LATELY
    follow = Follow.subject == Subject.DEFENDANT, Follow.thing_id == Defendant.id
    some = select(Follow.id).where(*follow).limit(CROWD).correlate(Defendant).subquery()
    return (
        Defendant.birthday.in_(birthdays(today)).is_not(True),
        select(func.count()).select_from(Letter).where(*wrote).scalar_subquery(),
        select(func.count()).select_from(some).scalar_subquery(),
    )


def birthdays(today: date) -> list[str]:
    """The days on which a letter of today arrives in time for one: "03-14". Who was born on the
    29th of February has their day on the 28th in other years."""
    days = [today + timedelta(days=number) for number in range(int(SOON / timedelta(days=1)) + 1)]
    said = [f"{day:%m-%d}" for day in days]
    return [*said, "02-29"] if "02-28" in said else said


def has_birthday_soon(defendant: Defendant, today: date) -> bool:
    return defendant.birthday in birthdays(today)


async def addressee(session: AsyncSession, defendant_id: int) -> Defendant:
    query = select(Defendant).where(Defendant.id == defendant_id).options(*with_place())
    found = await session.scalar(query)
    if found is None:
        raise NotFound
    return found
