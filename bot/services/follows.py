"""Who follows what, and whom a notice concerns."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Exists,
    Integer,
    ScalarSelect,
    Select,
    and_,
    cast,
    delete,
    exists,
    false,
    func,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, joinedload

from bot.crypto import Vault
from bot.db import insert_new, writing
from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from bot.services.subscribers import enrolled
from models import (
    ALERTS,
    LEADS,
    Attendance,
    Case,
    Court,
    Defendant,
    Delivery,
    Follow,
    Hearing,
    Kind,
    Notice,
    Subject,
    Subscriber,
)
from models.hearing import OFF, STILL_ON

PAGE = 6
Thing = Defendant | Case | Court
TABLES: dict[Subject, type[Defendant] | type[Case] | type[Court]] = {
    Subject.DEFENDANT: Defendant,
    Subject.CASE: Case,
    Subject.CITY: Court,
}


@dataclass(frozen=True, slots=True)
class Target:
    """What can be followed."""

    subject: Subject
    thing_id: int = 0
    """Of a defendant or a case; of any court in the city; 0: everything."""


def followable(thing: Thing) -> Target:
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
class Outlook:
    """What somebody who follows now may expect."""

    hearings: int
    """That are coming."""
    stage: str | None
    """Of the case, where it is about one."""


async def follow(
    session: AsyncSession,
    vault: Vault,
    follower: Subscriber,
    chat_id: int,
    target: Target,
    now: datetime,
) -> None:
    """Following again changes nothing."""
    async with writing(session):
        thing_id = await chosen(session, target)
        kept = await enrolled(session, vault, follower, chat_id)
        if await session.scalar(select(exists(which(kept, target)))):
            return
        new = {"subscriber_id": kept.id, "subject": target.subject, "thing_id": thing_id}
        row = insert_new(session, Follow).values(**new, muted=False, created_at=day_of(now))
        await session.execute(row)


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


async def is_followed(session: AsyncSession, follower: Subscriber, target: Target) -> bool:
    if follower.id is None:
        return False
    return bool(await session.scalar(select(exists(which(follower, target)))))


def which(follower: Subscriber, target: Target) -> Select[int]:
    """A city is followed through any of its courts."""
    mine = select(Follow.id).where(
        Follow.subscriber_id == follower.id, Follow.subject == target.subject
    )
    if target.subject != Subject.CITY:
        return mine.where(Follow.thing_id == target.thing_id)
    return mine.where(Follow.thing_id.in_(courts_beside(target.thing_id)))


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
        (await mine(session, follower, follow_id)).muted = muted


async def end(session: AsyncSession, follower: Subscriber, follow_id: int) -> None:
    """Nothing, if it has ended already."""
    async with writing(session):
        own = Follow.id == follow_id, Follow.subscriber_id == follower.id
        await session.execute(delete(Follow).where(*own))


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


async def outlook(session: AsyncSession, target: Target, now: datetime) -> Outlook:
    thing = await thing_of(session, target)
    case = thing
    if isinstance(thing, Defendant):
        case = await session.get(Case, thing.case_id)
    stage = case.stage if isinstance(case, Case) else None
    return Outlook(await hearings_ahead(session, target, now), stage)


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


async def thing_of(session: AsyncSession, target: Target) -> Thing | None:
    """Nothing of everything."""
    if target.subject == Subject.ALL:
        return None
    thing: Thing | None = await session.get(TABLES[target.subject], target.thing_id)
    if thing is None:
        raise NotFound
    return thing


# Whom a notice concerns.

Reached = Select[int, int | None]


def audience(notice: Notice, now: datetime) -> Reached:
    """(subscriber id, follow id), once a subscriber: the most particular of their follows.

    NULL is the follow of whoever said "I will come" and follows nothing of it. Each kind of follow
    is read along an index in the order of subscribers and passes over whom a more particular one
    has reached: a part of the audience costs no more than its rows.
    """
    ranks = range(len(concerned(notice, Follow)))
    reached = [following(notice, rank, now) for rank in ranks]
    if notice.subject == "hearing":
        reached.append(coming(notice, now))
    everybody = union_all(*reached).subquery("audience")
    return select(everybody.c.subscriber_id, everybody.c.follow_id)


def concerned(notice: Notice, one: type[Follow]) -> list[ColumnElement[bool]]:
    """What a follow may be of, the most particular first."""
    return [
        and_(one.subject == Subject.DEFENDANT, people_of(notice, one)),
        and_(one.subject == Subject.CASE, one.thing_id == case_of(notice)),
        *([in_city_of(notice, one)] if notice.subject == "hearing" else []),
        and_(one.subject == Subject.ALL, one.thing_id == 0),
    ]


def people_of(notice: Notice, one: type[Follow]) -> ColumnElement[bool]:
    if notice.subject == "defendant":
        return one.thing_id == notice.thing_id
    return one.thing_id.in_(select(Defendant.id).where(Defendant.case_id == case_of(notice)))


def case_of(notice: Notice) -> int | ScalarSelect[int]:
    if notice.subject == "case":
        return notice.thing_id
    table = Hearing if notice.subject == "hearing" else Defendant
    return select(table.case_id).where(table.id == notice.thing_id).scalar_subquery()


def in_city_of(notice: Notice, one: type[Follow]) -> ColumnElement[bool]:
    court = select(Hearing.court_id).where(Hearing.id == notice.thing_id).scalar_subquery()
    return and_(one.subject == Subject.CITY, one.thing_id.in_(courts_beside(court)))


def following(notice: Notice, rank: int, now: datetime) -> Reached:
    """Through follows of this rank, unless a more particular one reaches them."""
    other = aliased(Follow)
    theirs = concerned(notice, other)
    rather = or_(false(), *theirs[:rank], and_(theirs[rank], other.id < Follow.id))
    better = exists().where(other.subscriber_id == Follow.subscriber_id, ~other.muted, rather)
    return (
        select(Follow.subscriber_id.label("subscriber_id"), Follow.id.label("follow_id"))
        .join(Subscriber, Subscriber.id == Follow.subscriber_id)
        .where(concerned(notice, Follow)[rank], ~Follow.muted, ~better, listens(notice, now))
    )


def coming(notice: Notice, now: datetime) -> Reached:
    """Whoever said "I will come" has to know, also without following anything."""
    here = Attendance.subscriber_id
    follows = exists().where(
        Follow.subscriber_id == here, ~Follow.muted, or_(*concerned(notice, Follow))
    )
    return (
        select(here.label("subscriber_id"), cast(null(), Integer).label("follow_id"))
        .join(Subscriber, Subscriber.id == here)
        .where(Attendance.hearing_id == notice.thing_id, ~follows, listens(notice, now))
    )


def listens(notice: Notice, now: datetime) -> ColumnElement[bool]:
    awake = or_(Subscriber.silent_until.is_(None), Subscriber.silent_until <= now)
    if notice.kind != Kind.REMINDER:
        return and_(awake, Subscriber.alerts.bitwise_and(ALERTS[Kind(notice.kind)]) != 0)
    wanted = Subscriber.leads.bitwise_and(LEADS[notice.lead or 0]) != 0
    return and_(awake, wanted, ~reminded_later(notice))


def reminded_later(notice: Notice) -> Exists:
    """A reminder of a shorter lead is there already: this one would come after it."""
    of_hearing, _, _lead = notice.key.rpartition(":")
    later = select(Notice.id).where(
        Notice.subject == notice.subject,
        Notice.thing_id == notice.thing_id,
        Notice.key.startswith(f"{of_hearing}:", autoescape=True),
        Notice.lead < notice.lead,
    )
    return exists().where(Delivery.subscriber_id == Subscriber.id, Delivery.notice_id.in_(later))


# Courts that go.


async def leave_courts(session: AsyncSession, courts: list[int]) -> None:
    """Before these are removed: who follows their city goes on with another court of it."""
    for court in courts:
        heir = await session.scalar(
            select(func.min(Court.id)).where(
                Court.id.in_(courts_beside(court)), Court.id.not_in(courts)
            )
        )
        here = Follow.subject == Subject.CITY, Follow.thing_id == court
        if heir:
            known = select(Follow.subscriber_id).where(
                Follow.subject == Subject.CITY, Follow.thing_id == heir
            )
            movable = update(Follow).where(*here, Follow.subscriber_id.not_in(known))
            await session.execute(movable.values(thing_id=heir))
        await session.execute(delete(Follow).where(*here))


async def drop(session: AsyncSession, subject: Subject, things: list[int]) -> None:
    """Before these are removed."""
    if subject == Subject.CITY:
        await leave_courts(session, things)
        return
    gone = delete(Follow).where(Follow.subject == subject, Follow.thing_id.in_(things))
    await session.execute(gone)
