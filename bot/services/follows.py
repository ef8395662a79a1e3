"""Who follows what, and whom a notice concerns."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.crypto import Vault
from bot.db import insert_new, writing
from bot.services.errors import NotFound
from bot.services.pages import Page, page_of
from bot.services.subscribers import enrolled
from models import (
    ALERTS,
    LEADS,
    Case,
    Court,
    Defendant,
    Follow,
    Hearing,
    Kind,
    Notice,
    Subject,
    Subscriber,
)
from models.base import Moment
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
class Following:
    """How somebody hears of a person or a case."""

    itself: bool = False
    within: Subject | None = None
    """Followed, and not muted: the whole case, or everything."""

    @property
    def will_be_told(self) -> bool:
        return self.itself or self.within is not None


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


async def following(
    session: AsyncSession, follower: Subscriber, thing: Defendant | Case
) -> Following:
    if follower.id is None:
        return Following()
    targets = [followable(thing), *wider(thing)]
    any_of = (
        and_(Follow.subject == one.subject, Follow.thing_id == one.thing_id) for one in targets
    )
    query = select(Follow.subject, Follow.muted).where(Follow.subscriber_id == follower.id)
    muted = {subject: muted for subject, muted in await session.execute(query.where(or_(*any_of)))}
    around = (one.subject for one in targets[1:] if muted.get(one.subject) is False)
    return Following(targets[0].subject in muted, next(around, None))


def wider(thing: Defendant | Case) -> list[Target]:
    """What it is a part of, the most particular first."""
    if isinstance(thing, Defendant):
        return [Target(Subject.CASE, thing.case_id), EVERYTHING]
    return [EVERYTHING]


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


# Whom a notice concerns. As text: it is put together for every few thousand of them anew.

Reached = Select[int, int | None]
CASES = {
    "hearing": "SELECT case_id AS id FROM hearings WHERE id = :thing",
    "defendant": "SELECT case_id AS id FROM defendants WHERE id = :thing",
    "case": "SELECT id FROM cases WHERE id = :thing",
    "removed": "SELECT id FROM cases WHERE id = :thing",
}
"""Of what a notice is about."""
CITY = "SELECT id FROM courts WHERE city_key IN (SELECT city_key FROM courts WHERE id IN ({court}))"
CITIES = {
    "hearing": CITY.format(
        court="SELECT court_id FROM hearings WHERE id = :thing UNION SELECT :court"
    ),
    "removed": CITY.format(court=":court"),
}
"""Where it was to be, as people know it, counts as well: they would wait there."""
THROUGH = """
SELECT f.subscriber_id, f.id AS follow_id FROM follows f JOIN subscribers s
  ON s.id = f.subscriber_id
WHERE f.subject = '{subject}' AND f.thing_id IN ({things}) AND NOT f.muted AND {listens}
  AND f.subscriber_id > :after AND f.subscriber_id <= :until
  AND NOT EXISTS (SELECT 1 FROM follows g
    WHERE g.subscriber_id = f.subscriber_id AND NOT g.muted AND ({better}))
"""
COMING = """
SELECT a.subscriber_id, CAST(NULL AS INTEGER) AS follow_id FROM attendances a JOIN subscribers s
  ON s.id = a.subscriber_id
WHERE a.hearing_id = :hearing AND {listens}
  AND a.subscriber_id > :after AND a.subscriber_id <= :until
  AND NOT EXISTS (SELECT 1 FROM follows g
    WHERE g.subscriber_id = a.subscriber_id AND NOT g.muted AND ({better}))
"""
WANTS = "(s.silent_until IS NULL OR s.silent_until <= :now) AND (s.{column} & :bit) <> 0"
NOT_LATER = """ AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.subscriber_id = s.id
    AND d.notice_id IN (SELECT id FROM notices WHERE subject = 'hearing' AND thing_id = :thing
      AND lead < :lead AND substr(key, 1, :long) = :same))"""
"""Of this state of the hearing a reminder of a shorter lead is there: this one would be late."""
FURTHEST = """
SELECT (SELECT subscriber_id FROM follows
  WHERE subject = '{subject}' AND thing_id = t.id AND subscriber_id > :after
  ORDER BY subscriber_id LIMIT 1 OFFSET :size) AS reached FROM ({things}) AS t
"""
FURTHEST_COMING = """
SELECT (SELECT subscriber_id FROM attendances WHERE hearing_id = :hearing AND subscriber_id > :after
  ORDER BY subscriber_id LIMIT 1 OFFSET :size) AS reached
"""
EVERYBODY = 2**31 - 1


def audience(notice: Notice, now: datetime, after: int = 0, until: int = EVERYBODY) -> Reached:
    """(subscriber id, follow id), once a subscriber: the most particular of their follows.

    Of subscribers with numbers above `after` and up to `until`. NULL is the follow of whoever said
    "I will come" and follows nothing of it.
    """
    is_reminder = notice.kind == Kind.REMINDER
    values: dict[str, object] = {**about(notice), "bit": bit_of(notice)}
    values |= {"after": after, "until": until}
    if is_reminder:
        same = notice.key.rpartition(":")[0] + ":"
        values |= {"lead": notice.lead, "same": same, "long": len(same)}
    reached = text(reached_by(subject_of(notice), is_reminder))
    bound = reached.bindparams(bindparam("now", now, Moment()), **values)
    found = bound.columns(subscriber_id=Integer, follow_id=Integer).subquery("audience")
    return select(found.c.subscriber_id, found.c.follow_id)


async def window(session: AsyncSession, notice: Notice, after: int, size: int) -> int:
    """Up to which subscriber about `size` of the audience are; EVERYBODY: those are the last.

    Found by steps along indexes: what is behind costs nothing, and neither does what is ahead.
    """
    furthest = text(furthest_of(subject_of(notice))).bindparams(
        **about(notice), after=after, size=size - 1
    )
    return await session.scalar(furthest) or EVERYBODY


def subject_of(notice: Notice) -> str:
    """A hearing that was removed stands under its case, and concerns the same people as before."""
    return "removed" if notice.is_removal else notice.subject


def about(notice: Notice) -> dict[str, object]:
    thing: dict[str, object] = {"thing": notice.thing_id}
    if subject_of(notice) in CITIES:
        thing |= {"hearing": notice.hearing_id}
        thing |= {"court": (notice.before or {}).get("court", 0)}
    return thing


@cache
def furthest_of(subject: str) -> str:
    parts = [FURTHEST.format(subject=of, things=things) for of, things in concerned(subject)]
    if subject in CITIES:
        parts.append(FURTHEST_COMING)
    return f"SELECT min(reached) FROM ({'UNION ALL'.join(parts)}) AS every"


def bit_of(notice: Notice) -> int:
    """Any of these will do: that a hearing is on after all is for whoever heard that it is off."""
    if notice.kind == Kind.REMINDER:
        return LEADS[notice.lead or 0]
    is_on_after_all = notice.kind == Kind.SET and notice.before is not None
    return ALERTS[Kind(notice.kind)] | (ALERTS[Kind.CANCELLED] if is_on_after_all else 0)


@cache
def reached_by(subject: str, is_reminder: bool) -> str:
    listens = WANTS.format(column="leads" if is_reminder else "alerts")
    listens += NOT_LATER if is_reminder else ""
    groups = concerned(subject)
    parts = [
        THROUGH.format(subject=of, things=things, listens=listens, better=better(groups, rank))
        for rank, (of, things) in enumerate(groups)
    ]
    if subject in CITIES:
        parts.append(COMING.format(listens=listens, better=better(groups, len(groups))))
    return "UNION ALL".join(parts)


def concerned(subject: str) -> list[tuple[Subject, str]]:
    """What may be followed, the most particular first, with the numbers of the things."""
    case = CASES[subject]
    people = f"SELECT id FROM defendants WHERE case_id = ({case})"
    self = "SELECT id FROM defendants WHERE id = :thing"
    return [
        (Subject.DEFENDANT, self if subject == "defendant" else people),
        (Subject.CASE, case),
        *([(Subject.CITY, CITIES[subject])] if subject in CITIES else []),
        (Subject.ALL, "SELECT 0 AS id"),
    ]


def better(groups: list[tuple[Subject, str]], rank: int) -> str:
    """A more particular follow, or the same person's older one of the same kind."""
    found = [f"(g.subject = '{of}' AND g.thing_id IN ({things}))" for of, things in groups[:rank]]
    if rank < len(groups):
        of, things = groups[rank]
        found.append(f"(g.subject = '{of}' AND g.thing_id IN ({things}) AND g.id < f.id)")
    return " OR ".join(found)


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
