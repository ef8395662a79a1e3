"""Who follows what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.crypto import Vault
from bot.db import dropped, insert_new, writing
from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from bot.services.subscribers import enrolled
from models import (
    ALERTS,
    ASKED,
    LEADS,
    Attendance,
    Case,
    Court,
    Defendant,
    Follow,
    Hearing,
    HearingStatus,
    Kind,
    Notice,
    Removal,
    Subject,
    Subscriber,
    Told,
)
from models.hearing import OFF, STILL_ON

PAGE = 6
Thing = Defendant | Case | Court
TABLES: dict[Subject, type[Defendant] | type[Case] | type[Court]] = {
    Subject.DEFENDANT: Defendant,
    Subject.CASE: Case,
    Subject.CITY: Court,
    Subject.ADDRESS: Defendant,
}


@dataclass(frozen=True, slots=True)
class Target:
    """What can be followed."""

    subject: Subject
    thing_id: int = 0
    """Of a defendant or a case; of any court in the city; 0: everything."""


def followable(thing: Thing | None) -> Target:
    if thing is None:
        return EVERYTHING
    if isinstance(thing, Defendant):
        return Target(Subject.DEFENDANT, thing.id)
    return Target(Subject.CASE if isinstance(thing, Case) else Subject.CITY, thing.id)


EVERYTHING = Target(Subject.ALL)


@dataclass(frozen=True, slots=True)
class Followed:
    follow: Follow
    thing: Thing | None
    """Nothing: everything is followed."""
    next_hearing: Hearing | None
    hearings: int
    """That are coming."""


@dataclass(frozen=True, slots=True)
class Following:
    """How somebody hears of a thing."""

    itself: bool = False
    within: Subject | None = None
    """Followed, and not muted: the whole case, or everything."""
    muted: bool = False
    """Itself."""
    hears_of_dates: bool = True

    @property
    def is_on(self) -> bool:
        """By itself."""
        return self.itself and not self.muted

    @property
    def will_be_told(self) -> bool:
        """Of a date, as soon as one is known."""
        return self.hears_of_dates and (self.is_on or self.within is not None)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What somebody who follows now may expect."""

    hearings: int
    """That are coming."""
    stage: str | None
    """Of the case, where it is about one."""
    too_soon: timedelta | None
    """Until the nearest hearing, if no reminder of it will come any more."""


async def follow(
    session: AsyncSession,
    vault: Vault,
    follower: Subscriber,
    chat_id: int,
    target: Target,
    now: datetime,
) -> None:
    """Following again changes nothing, but what was muted is heard again."""
    async with writing(session):
        thing_id = await chosen(session, target)
        kept = await enrolled(session, vault, follower, chat_id)
        if ids := list(await session.scalars(which(kept, target))):
            again = update(Follow).where(Follow.id.in_(ids))
            await session.execute(again.values(muted=False, **since(target, now)))
            return
        new = {"subscriber_id": kept.id, "subject": target.subject, "thing_id": thing_id}
        row = insert_new(session, Follow).values(**new, muted=False, created_at=day_of(now))
        await session.execute(row)


def since(target: Target, now: datetime) -> dict[str, datetime]:
    """Whoever asks for an address again is told of it for so long from now."""
    return {"created_at": day_of(now)} if target.subject == Subject.ADDRESS else {}


def day_of(now: datetime) -> datetime:
    """Nobody needs to know the hour."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


async def chosen(session: AsyncSession, target: Target) -> int:
    """Its number; a city's is that of its first court."""
    thing = await thing_of(session, target)
    if thing is None:
        return 0
    if not isinstance(thing, Court):
        return thing.id
    first = select(func.min(Court.id)).where(Court.city_key == thing.city_key)
    return await session.scalar(first) or thing.id


async def unfollow(session: AsyncSession, follower: Subscriber, target: Target) -> None:
    if follower.id is None:
        return
    async with writing(session):
        ids = list(await session.scalars(which(follower, target)))
        await session.execute(delete(Follow).where(Follow.id.in_(ids)))


async def is_asked(session: AsyncSession, follower: Subscriber, person: int, now: datetime) -> bool:
    """Whether they are told when the address of that person changes."""
    if follower.id is None:
        return False
    mine = which(follower, Target(Subject.ADDRESS, person))
    return bool(await session.scalar(select(exists(mine.where(Follow.created_at > now - ASKED)))))


async def is_followed(session: AsyncSession, follower: Subscriber, target: Target) -> bool:
    if follower.id is None:
        return False
    return bool(await session.scalar(select(exists(which(follower, target)))))


async def following(session: AsyncSession, follower: Subscriber, thing: Thing | None) -> Following:
    """Nothing: of everything."""
    if follower.id is None:
        return Following()
    own, *around = followable(thing), *wider(thing)
    any_of = or_(*(is_of(one) for one in (own, *around)))
    query = select(Follow.subject, Follow.muted).where(Follow.subscriber_id == follower.id, any_of)
    muted = {subject: muted for subject, muted in await session.execute(query)}
    return Following(
        itself=own.subject in muted,
        within=next((one.subject for one in around if muted.get(one.subject) is False), None),
        muted=muted.get(own.subject, False),
        hears_of_dates=bool(follower.alerts & ALERTS[Kind.SET]),
    )


def wider(thing: Thing | None) -> list[Target]:
    """What it is a part of, the most particular first."""
    if thing is None:
        return []
    if isinstance(thing, Defendant):
        return [Target(Subject.CASE, thing.case_id), EVERYTHING]
    return [EVERYTHING]


def which(follower: Subscriber, target: Target) -> Select[int]:
    return select(Follow.id).where(Follow.subscriber_id == follower.id, is_of(target))


def is_of(target: Target) -> ColumnElement[bool]:
    """A city is followed through any of its courts."""
    if target.subject == Subject.CITY:
        here = Follow.thing_id.in_(courts_beside(target.thing_id))
        return and_(Follow.subject == target.subject, here)
    return and_(Follow.subject == target.subject, Follow.thing_id == target.thing_id)


def courts_beside(court_id: int | ScalarSelect[int]) -> Select[int]:
    """All courts of that court's city."""
    key = select(Court.city_key).where(Court.id == court_id).scalar_subquery()
    return select(Court.id).where(Court.city_key == key)


async def mine(session: AsyncSession, follower: Subscriber, follow_id: int) -> Follow:
    """One's own follow; a number that somebody else's has is as good as none."""
    found = await session.get(Follow, follow_id)
    if found is None or found.subscriber_id != follower.id:
        raise NotFound
    return found


async def mute(session: AsyncSession, follower: Subscriber, follow_id: int, muted: bool) -> None:
    async with writing(session):
        own = Follow.id == follow_id, Follow.subscriber_id == follower.id
        muting = update(Follow).where(*own).values(muted=muted)
        if await session.scalar(muting.returning(Follow.id)) is None:
            raise NotFound


async def end(session: AsyncSession, follower: Subscriber, follow_id: int) -> bool:
    """Whether there was one: it may have ended already."""
    async with writing(session):
        own = Follow.id == follow_id, Follow.subscriber_id == follower.id
        ended = await session.scalar(delete(Follow).where(*own).returning(Follow.id))
    return ended is not None


async def page(
    session: AsyncSession, follower: Subscriber, number: int, now: datetime
) -> Page[Followed]:
    """What somebody follows, in the order in which it came."""
    found = await page_of(session, of_follower(follower), number, PAGE)
    items = [await followed(session, follow, now) for follow in found.items]
    return Page(items, found.number, found.total, found.size)


def of_follower(follower: Subscriber) -> Select[Follow]:
    """Without what was removed in the very moment when it was followed."""
    known = [
        and_(Follow.subject == subject, Follow.thing_id.in_(select(table.id)))
        for subject, table in TABLES.items()
    ]
    query = select(Follow).where(Follow.subscriber_id == (follower.id or 0))
    return query.where(or_(Follow.subject == Subject.ALL, *known)).order_by(Follow.id)


async def one(
    session: AsyncSession, follower: Subscriber, follow_id: int, now: datetime
) -> Followed:
    return await followed(session, await mine(session, follower, follow_id), now)


async def followed(session: AsyncSession, follow: Follow, now: datetime) -> Followed:
    target = Target(Subject(follow.subject), follow.thing_id)
    coming = select(Hearing).where(*ahead(target, now))
    whole = coming.options(joinedload(Hearing.court), joinedload(Hearing.case))
    return Followed(
        follow,
        await thing_of(session, target),
        await session.scalar(whole.order_by(Hearing.starts_at, Hearing.id).limit(1)),
        await hearings_ahead(session, target, now),
    )


async def outlook(
    session: AsyncSession, follower: Subscriber, target: Target, now: datetime
) -> Outlook:
    thing = await thing_of(session, target)
    case = thing
    if isinstance(thing, Defendant):
        case = await session.get(Case, thing.case_id)
    stage = case.stage if isinstance(case, Case) else None
    left = await until_nearest(session, target, now)
    too_soon = left if left and not is_to_be_reminded(follower, left) else None
    return Outlook(await hearings_ahead(session, target, now), stage, too_soon)


async def until_nearest(session: AsyncSession, target: Target, now: datetime) -> timedelta | None:
    """Of those that have not begun."""
    to_begin = Hearing.starts_at > now, Hearing.status == HearingStatus.SCHEDULED
    query = select(Hearing.starts_at).where(hearings_of(target), *to_begin)
    start = await session.scalar(query.order_by(Hearing.starts_at).limit(1))
    return start - now if start else None


def is_to_be_reminded(follower: Subscriber, left: timedelta) -> bool:
    """Whether one of the reminders that they want is still to come."""
    return any(
        follower.leads & bit and timedelta(minutes=minutes) < left for minutes, bit in LEADS.items()
    )


async def hearings_ahead(session: AsyncSession, target: Target, now: datetime) -> int:
    counted = select(func.count()).select_from(Hearing).where(*ahead(target, now))
    return await session.scalar(counted) or 0


def ahead(target: Target, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Its hearings that are still to take place."""
    return (
        hearings_of(target),
        Hearing.starts_at >= now - STILL_ON,
        Hearing.status.not_in(OFF),
    )


def hearings_of(target: Target) -> ColumnElement[bool]:
    match target.subject:
        case Subject.DEFENDANT:
            theirs = select(Defendant.case_id).where(Defendant.id == target.thing_id)
            return Hearing.case_id.in_(theirs)
        case Subject.CASE:
            return Hearing.case_id == target.thing_id
        case Subject.CITY:
            return Hearing.court_id.in_(courts_beside(target.thing_id))
        case Subject.ALL:
            return true()
        case Subject.ADDRESS:
            return false()


def known_to(subscriber: int) -> list[ColumnElement[bool]]:
    """The ways in which a hearing may concern somebody, muted or not."""
    theirs = Follow.subscriber_id == subscriber

    def followed(subject: Subject) -> ColumnElement[bool]:
        return and_(theirs, Follow.subject == subject)

    cases = select(Follow.thing_id).where(followed(Subject.CASE))
    people = select(Follow.thing_id).where(followed(Subject.DEFENDANT))
    courts = select(Follow.thing_id).where(followed(Subject.CITY))
    cities = select(Court.city_key).where(Court.id.in_(courts))
    promised = select(Attendance.hearing_id).where(Attendance.subscriber_id == subscriber)
    return [
        select(Follow.id).where(followed(Subject.ALL)).exists(),
        Hearing.case_id.in_(cases),
        Hearing.case_id.in_(select(Defendant.case_id).where(Defendant.id.in_(people))),
        Hearing.court_id.in_(select(Court.id).where(Court.city_key.in_(cities))),
        Hearing.id.in_(promised),
    ]


async def thing_of(session: AsyncSession, target: Target) -> Thing | None:
    """Nothing of everything."""
    if target.subject == Subject.ALL:
        return None
    thing: Thing | None = await session.get(TABLES[target.subject], target.thing_id)
    if thing is None:
        raise NotFound
    return thing


# Who asked where to write to somebody.


async def keep_asking(session: AsyncSession, people: Sequence[int], now: datetime) -> None:
    """Of whom the address is lost: whoever asked for it is told of the new one, though a transfer
    takes weeks."""
    if not people:
        return
    their = Follow.subject == Subject.ADDRESS, Follow.thing_id.in_(people)
    asked = update(Follow).where(*their, Follow.created_at > now - ASKED)
    await session.execute(asked.values(created_at=day_of(now)))


async def forget_asked(session: AsyncSession, now: datetime) -> int:
    """Of long ago."""
    over = Follow.subject == Subject.ADDRESS, Follow.created_at <= now - ASKED
    return await dropped(session, Follow, *over)


# What goes, and courts that go to another city.


REMOVED = {
    Subject.DEFENDANT: "defendant",
    Subject.CASE: "case",
    Subject.CITY: "court",
    Subject.ADDRESS: "defendant",
}


async def leave_courts(session: AsyncSession, courts: list[int]) -> None:
    """Before these are removed: who follows their city goes on with another court of it."""
    for court in courts:
        heir = await session.scalar(
            select(func.min(Court.id)).where(
                Court.id.in_(courts_beside(court)), Court.id.not_in(courts)
            )
        )
        if heir:
            await share_out(session, Subject.CITY, court, [heir])


async def share_out(
    session: AsyncSession, subject: Subject, gone: int, heirs: Collection[int]
) -> None:
    """Whoever followed the one follows all of these, and that one no more."""
    first, *others = sorted(heirs)
    for heir in others:
        await copy(session, subject, gone, heir)
    await hand_on(session, subject, gone, first)
    await session.execute(delete(Follow).where(*of(subject, gone)))


async def copy(session: AsyncSession, subject: Subject, gone: int, heir: int) -> None:
    await unmute(session, subject, gone, heir)
    kept = Follow.muted, Follow.created_at
    again = select(Follow.subscriber_id, Follow.subject, literal(heir), *kept)
    columns = ["subscriber_id", "subject", "thing_id", "muted", "created_at"]
    row = insert_new(session, Follow).from_select(columns, again.where(*of(subject, gone)))
    await session.execute(row)


async def hand_on(session: AsyncSession, subject: Subject, gone: int, heir: int) -> None:
    """From one to another; whoever follows both keeps both."""
    await unmute(session, subject, gone, heir)
    theirs = select(Follow.subscriber_id).where(*of(subject, heir))
    movable = update(Follow).where(*of(subject, gone), Follow.subscriber_id.not_in(theirs))
    await session.execute(movable.values(thing_id=heir))


async def unmute(session: AsyncSession, subject: Subject, gone: int, heir: int) -> None:
    """Who hears of the one hears of the other."""
    hear = select(Follow.subscriber_id).where(*of(subject, gone), ~Follow.muted)
    its = *of(subject, heir), Follow.muted, Follow.subscriber_id.in_(hear)
    await session.execute(update(Follow).where(*its).values(muted=False))


def of(subject: Subject, thing_id: int) -> tuple[ColumnElement[bool], ...]:
    return Follow.subject == subject, Follow.thing_id == thing_id


async def cities(session: AsyncSession) -> dict[int, str]:
    """By court."""
    rows = await session.execute(select(Court.id, Court.city_key))
    return {court: city for court, city in rows}


async def keep_cities(session: AsyncSession, before: dict[int, str]) -> None:
    """Who follows a city that a court has left goes on with one that is there.

    Where none is, the city has only got another name.
    """
    after = await cities(session)
    last_first = sorted(after.items(), reverse=True)
    there = {city: court for court, city in last_first if before.get(court, city) == city}
    for court, city in before.items():
        if after.get(court, city) != city and city in there:
            await hand_on(session, Subject.CITY, court, there[city])


async def forget_removed(session: AsyncSession, version: int, now: datetime) -> None:
    """What was removed up to this version is followed no more, as soon as nobody waits for a
    hearing that they know of through it."""
    for subject, kind in REMOVED.items():
        removed = select(Removal.thing_id).where(Removal.kind == kind, Removal.version <= version)
        left = select(Follow.thing_id).where(
            Follow.subject == subject, Follow.thing_id.in_(removed)
        )
        if gone := set(await session.scalars(left.distinct())):
            gone -= await waited_for(session, subject, now)
            its = Follow.subject == subject, Follow.thing_id.in_(gone)
            await session.execute(delete(Follow).where(*its))


async def waited_for(session: AsyncSession, subject: Subject, now: datetime) -> set[int]:
    """Of the hearings to come, as followers know them."""
    if subject == Subject.ADDRESS:
        return set()
    told = select(Told.facts).where(Told.subject == "hearing")
    of_hearings = Notice.kind.in_((Kind.SET, Kind.MOVED, Kind.CANCELLED, Kind.OUTCOME))
    before = select(Notice.before).where(of_hearings, Notice.expires_at > now)
    known = [*await session.scalars(told), *await session.scalars(before)]
    coming = [facts for facts in known if facts and is_to_come(facts, now)]
    if subject == Subject.DEFENDANT:
        return {number for facts in coming for number in facts.get("people", [])}
    return {facts["case" if subject == Subject.CASE else "court"] for facts in coming}


def is_to_come(facts: dict[str, Any], now: datetime) -> bool:
    return datetime.fromisoformat(facts["starts_at"]) > now
