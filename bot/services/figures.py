"""Figures for those who keep the facts: numbers, and never who."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ScalarSelect, Select, case, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import dropped, insert_new, writing
from bot.services import attendance, hearings, sent_letters
from bot.services.audience import followers
from bot.services.campaign import local_now
from bot.services.letters import HELD
from bot.services.pages import Page, last_at_most, page_of, sliced
from bot.services.sent_letters import LATELY, Progress
from models import (
    MENDING,
    PACES,
    Case,
    Defendant,
    FollowerFigure,
    Hearing,
    Kind,
    Letter,
    Notice,
    Priority,
    State,
)
from models.hearing import OFF

PAGE = 6
"""Lines of a picture that can be told apart."""
KEPT = timedelta(days=3 * 365)
SHOWN = timedelta(days=90)
"""Of a picture."""
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
GAP = timedelta(days=3)
"""So much older a figure may be than that, where the bot stood still."""
MOST = 3
"""Notices that are named, the largest."""
FEW = 20_000
"""Follows that are counted while somebody waits: in some fifty milliseconds."""
Points = list[tuple[date, int]]
People = dict[int, int]
"""By case."""


# Followers, counted once a day.


async def keep_followers(session: AsyncSession, now: datetime) -> None:
    """Of today, unless that is done. Counted before anything is written, so nobody waits for it; of
    two that count at once the first one counts."""
    today = (await local_now(session, now)).date()
    if await session.scalar(select(exists().where(FollowerFigure.day == today))):
        return
    counted = await followers(session, list(await session.scalars(select(Case.id))), now)
    if not counted:
        return
    async with writing(session):
        there = set(await session.scalars(select(Case.id)))
        rows = [
            {"case_id": number, "day": today, "followers": people}
            for number, people in counted.items()
            if number in there
        ]
        if rows:
            await session.execute(insert_new(session, FollowerFigure), rows)


async def forget_old(session: AsyncSession, now: datetime) -> int:
    """Days of which nobody draws a line any more."""
    today = (await local_now(session, now)).date()
    return await dropped(session, FollowerFigure, FollowerFigure.day < today - KEPT)


async def people_of(session: AsyncSession, cases: Sequence[int], now: datetime) -> People:
    """Now; of very many, at the beginning of the day."""
    its = FollowerFigure.case_id.in_(cases), FollowerFigure.day == now.date()
    query = select(FollowerFigure.case_id, FollowerFigure.followers).where(*its)
    today = {number: people for number, people in await session.execute(query)}
    is_known = all(number in today for number in cases)
    if is_known and sum(today.values()) > FEW:
        return today
    return await followers(session, cases, now)


@dataclass(frozen=True, slots=True)
class Followed:
    case: Case
    people: int
    week: int | None
    """How many more than a week ago; nothing: it is not known how many there were."""
    month: int | None


async def by_case(session: AsyncSession, now: datetime, page: int) -> Page[Followed]:
    """Those whom the most follow first."""
    found = await page_of(session, by_followers(), page, PAGE)
    numbers = [one.id for one in found.items]
    people = await people_of(session, numbers, now)
    past = await kept(session, numbers, now.date() - MONTH - GAP)
    items = [
        Followed(
            one,
            people[one.id],
            *(since(past[one.id], people[one.id], now.date() - ago) for ago in (WEEK, MONTH)),
        )
        for one in found.items
    ]
    return Page(items, found.number, found.total, found.size)


def by_followers() -> Select[Case]:
    last = select(func.max(FollowerFigure.day)).scalar_subquery()
    its = (FollowerFigure.case_id == Case.id) & (FollowerFigure.day == last)
    ordered = func.coalesce(FollowerFigure.followers, -1).desc(), Case.id
    query: Select[Case] = select(Case).outerjoin(FollowerFigure, its).order_by(*ordered)
    return query


async def kept(session: AsyncSession, cases: Sequence[int], first: date) -> dict[int, Points]:
    """By case, the oldest day first."""
    found = dict[int, Points]({number: [] for number in cases})
    its = FollowerFigure.case_id.in_(cases), FollowerFigure.day >= first
    columns = FollowerFigure.case_id, FollowerFigure.day, FollowerFigure.followers
    for number, day, people in await session.execute(
        select(*columns).where(*its).order_by(FollowerFigure.day)
    ):
        found[number].append((day, people))
    return found


def since(points: Points, people: int, then: date) -> int | None:
    """How many more than on that day, or shortly before."""
    known = [number for day, number in points if then - GAP <= day <= then]
    return people - known[-1] if known else None


async def over_time(
    session: AsyncSession, found: Page[Followed], today: date
) -> list[tuple[Case, Points]]:
    """With how many there are now."""
    past = await kept(session, [one.case.id for one in found.items], today - SHOWN)
    return [
        (
            one.case,
            [*((day, n) for day, n in past[one.case.id] if day < today), (today, one.people)],
        )
        for one in found.items
    ]


# Letters.


@dataclass(frozen=True, slots=True)
class Written:
    """To one person."""

    person: Defendant
    lately: int
    ever: int
    last: date | None


@dataclass(frozen=True, slots=True)
class Letters:
    page: Page[Written]
    lately: int
    ever: int
    """To anybody, and to nobody in particular."""
    goals: Sequence[Progress]


async def letters(session: AsyncSession, now: datetime, page: int) -> Letters:
    """Those who may get letters, and to whom the fewest were written first."""
    today = now.date()
    may = Defendant.status.in_(HELD), Defendant.letters_allowed.is_not(False)
    total = await session.scalar(select(func.count()).select_from(Defendant).where(*may)) or 0
    number = last_at_most(page, total, PAGE)
    theirs, is_late = Letter.defendant_id == Defendant.id, Letter.day > today - LATELY
    lately, ever = how_many(theirs, is_late), how_many(theirs)
    last = select(func.max(Letter.day)).where(theirs).correlate(Defendant).scalar_subquery()
    query = select(Defendant, lately, ever, last).where(*may).order_by(lately, ever, Defendant.id)
    found = await session.execute(query.limit(PAGE).offset(number * PAGE))
    people = [Written(*row) for row in found]
    whole = (await session.execute(select(how_many(is_late), how_many()))).one()
    goals = await sent_letters.goals(session, today)
    return Letters(Page(people, number, total, PAGE), *whole, goals)


def how_many(*which: ColumnElement[bool]) -> ScalarSelect[int]:
    """Letters: by a query for each number, as each is found by an index alone."""
    counted = select(func.count()).select_from(Letter).where(*which)
    return counted.correlate(Defendant).scalar_subquery()


# Who comes.


@dataclass(frozen=True, slots=True)
class Attended:
    hearing: Hearing
    people: int
    """Who said that they will come."""
    followers: int
    """Of the case."""


async def attended(session: AsyncSession, now: datetime, past: bool, page: int) -> Page[Attended]:
    """Those to which nobody comes first, the nearest of them before. Of the past as long as it is
    known."""
    query = hearings.listed(select(Hearing), now, past).where(
        Hearing.status.not_in(OFF), Hearing.starts_at >= now - attendance.KEPT
    )
    every = list(await session.scalars(query))
    coming = await attendance.counts(session, every)
    found = sliced(sorted(every, key=lambda one: coming.get(one.id, 0)), page, PAGE)
    people = await people_of(session, list({one.case_id for one in found.items}), now)
    items = [Attended(one, coming.get(one.id, 0), people[one.case_id]) for one in found.items]
    return Page(items, found.number, found.total, found.size)


# Delivery.


class Lane(StrEnum):
    URGENT = "urgent"
    NEWS = "news"
    """And reminders."""
    MANY = "many"
    """Broadcasts, which take their time."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of messages."""

    sent: int = 0
    blocked: int = 0
    failed: int = 0
    dropped: int = 0
    within: tuple[int, ...] = (0,) * len(PACES)
    """As PACES has it."""

    def __add__(self, other: "Told") -> "Told":
        within = tuple(map(sum, zip(self.within, other.within, strict=True)))
        mine = self.sent + other.sent, self.blocked + other.blocked
        return Told(*mine, self.failed + other.failed, self.dropped + other.dropped, within)

    def pace(self, percent: int) -> int | None:
        """Seconds within which so many of a hundred were told; nothing: longer than the longest."""
        told = zip(PACES, self.within, strict=True)
        return next((pace for pace, n in told if n * 100 >= self.sent * percent), None)


@dataclass(frozen=True, slots=True)
class Large:
    """One notice."""

    kind: Kind
    due_at: datetime
    told: Told


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages, now."""

    going: int
    """As soon as it is their turn."""
    quiet: int
    """Until quiet hours end, or Telegram takes more."""
    paused: int

    @property
    def is_any(self) -> bool:
        return bool(self.going or self.quiet or self.paused)


@dataclass(frozen=True, slots=True)
class Delivered:
    lanes: Mapping[Lane, Told]
    largest: Sequence[Large]
    waiting: Waiting

    @property
    def whole(self) -> Told:
        return sum(self.lanes.values(), Told())


PARTS = (Notice.sent, Notice.blocked, Notice.failed, Notice.dropped)
WITHIN = tuple(getattr(Notice, f"within_{pace}") for pace in PACES)
LANE = case(
    (Notice.priority == Priority.URGENT, Lane.URGENT),
    (Notice.kind == Kind.BROADCAST, Lane.MANY),
    else_=Lane.NEWS,
)
OPEN_NOW = text(
    "SELECT "
    + ", ".join(
        f"(SELECT count(*) FROM deliveries WHERE state = {int(state)})"
        for state in (State.READY, State.LEASED, State.WAITING, State.HELD)
    )
)
"""Each is found by an index of that state alone."""


async def delivered(session: AsyncSession, now: datetime) -> Delivered:
    """By the counters of notices, which are kept for so long (`waiting.KEPT`)."""
    sums = (func.sum(one) for one in (*PARTS, *WITHIN))
    query = select(LANE, *sums).where(*lately(now)).group_by(LANE)
    lanes = {Lane(row[0]): told(row[1:]) for row in await session.execute(query)}
    ready, leased, quiet, paused = (await session.execute(OPEN_NOW)).one()
    waiting = Waiting(ready + leased, quiet, paused)
    return Delivered(lanes, await largest(session, now), waiting)


async def largest(session: AsyncSession, now: datetime) -> list[Large]:
    query = select(Notice.kind, Notice.due_at, *PARTS, *WITHIN).where(*lately(now), Notice.sent > 0)
    found = await session.execute(query.order_by(Notice.sent.desc(), Notice.id).limit(MOST))
    return [Large(Kind(row[0]), row[1], told(row[2:])) for row in found]


def lately(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What mends messages is none."""
    return Notice.due_at >= now - MONTH, Notice.kind.not_in(MENDING)


def told(numbers: Iterable[int]) -> Told:
    sent, blocked, failed, dropped, *within = map(int, numbers)
    return Told(sent, blocked, failed, dropped, tuple(within))
