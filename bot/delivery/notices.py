"""What is due: reminders by their lead times, and changes by what followers were told before.

Nobody announces anything. A tick looks at what there is, so it can be missed, repeated and killed:
each notice has a key that exists once, and what was told is written down with it.

A change is told when nothing else has changed in that thing for two minutes; then people get one
message about where it ended. Versions of the campaign tell which things those are: everything
carries the number of the change that touched it last.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db import writing
from bot.delivery import event_notices
from bot.delivery.notice_rows import add, add_each, next_batch
from bot.delivery.successors import succeed
from bot.services import attendance, follows, seats
from bot.services.event_news import EventFacts
from bot.services.events import nearest
from bot.services.facts import Version
from bot.services.notices import (
    AnyFacts,
    DefendantFacts,
    HearingFacts,
    known,
    learnt,
    news,
    present,
    thing_of,
    written,
)
from models import (
    LEADS,
    CampaignVersion,
    Case,
    Defendant,
    Event,
    Hearing,
    HearingStatus,
    Kind,
    Notice,
    Priority,
    Removal,
    Seat,
    Told,
)
from models.base import Moment

SETTLE = timedelta(minutes=2)
AT_ONCE = timedelta(days=1)
"""What concerns a hearing as near as that is not kept back."""
URGENT = timedelta(days=3)
STILL_NEWS = timedelta(days=7)
STILL_WRITTEN_TO = timedelta(days=30)
"""An old address: so long whoever blocked the bot may come back and write to it."""
ON_THE_WAY = timedelta(hours=3)
"""After the start some are still to be told that it does not take place."""
TOKENS = 10
"""So many changes back the campaign's tokens go."""
READ = 100
WRITTEN = 500
"""Things at a time: the event loop breathes between."""
SUBJECTS: dict[str, type[Hearing] | type[Defendant] | type[Case] | type[Event]] = {
    "hearing": Hearing,
    "defendant": Defendant,
    "case": Case,
    "event": Event,
}
PRESSING = ("hearing", "event")
"""What may take place within a day."""
LAST = 2**31 - 1
"""The version that all others come before."""
CAMPAIGN = "campaign"
"""The row of `told` that says up to which version all was told."""


async def tick(session: AsyncSession, now: datetime) -> list[Notice]:
    """Makes the notices that are due; returns those that are new."""
    version, mark = await read_mark(session)
    if mark is None or is_other_history(version, mark):
        await write_down(session, version, now)
        is_first = mark is None or mark.told == 0
        made = await reminders(session, now, version.number, silently=is_first)
        return [*made, *await event_notices.due(session, now, version.number)]
    made = await changes(session, version, mark, now)
    made += await reminders(session, now, mark.told)
    return [*made, *await event_notices.due(session, now, mark.told)]


# Changes.


@dataclass(slots=True)
class Mark:
    told: int
    """Of all versions up to this one everything is told."""
    token: str
    seen: list[tuple[int, datetime]]
    """Later ones, and when they were seen first."""

    @property
    def last_seen(self) -> int:
        return self.seen[-1][0] if self.seen else self.told

    def see(self, version: Version, now: datetime) -> None:
        self.seen.append((version.number, now))
        self.token = token_of(version)

    def settled(self, now: datetime) -> int:
        """A clock that was set back lets nobody wait."""
        waited = [number for number, at in self.seen if not at <= now < at + SETTLE]
        return max(waited, default=self.told)

    def tell(self, number: int) -> None:
        self.told = number
        self.seen = [(later, at) for later, at in self.seen if later > number]

    def facts(self) -> dict[str, Any]:
        seen = [[number, at.isoformat()] for number, at in self.seen]
        return {"token": self.token, "seen": seen}


def token_of(version: Version) -> str:
    return (version.tokens.split() or [""])[0]


async def read_mark(session: AsyncSession) -> tuple[Version, Mark | None]:
    """In one query: it is asked every few seconds."""
    campaign = CampaignVersion
    query = select(campaign.version, campaign.tokens, Told.version, Told.facts)
    number, tokens, told, facts = (
        await session.execute(query.outerjoin(Told, Told.subject == CAMPAIGN))
    ).one()
    if told is None:
        return Version(number, tokens), None
    seen = [(later, datetime.fromisoformat(at)) for later, at in facts["seen"]]
    return Version(number, tokens), Mark(told, facts["token"], seen)


async def is_seen(session: AsyncSession) -> bool:
    """Whether a tick has looked at all that has changed."""
    version, mark = await read_mark(session)
    return mark is not None and version.number <= mark.last_seen


async def next_change(session: AsyncSession, now: datetime) -> datetime | None:
    """When all is told that ticks have seen; None: it is."""
    version, mark = await read_mark(session)
    if mark is None or not mark.seen:
        return None
    if not await gathered(session, mark.told, version.number, now):
        return None
    return max(at for _, at in mark.seen) + SETTLE


def is_other_history(version: Version, mark: Mark) -> bool:
    """A first campaign, or one that was put back from a copy: it is written down, not told.

    After more changes than there are tokens one cannot tell, and what changed is told.
    """
    if version.number < mark.last_seen or (mark.told == 0 and version.number > 0):
        return True
    near = version.number - mark.last_seen < TOKENS
    return near and bool(mark.token) and mark.token not in version.tokens.split()


async def write_down(session: AsyncSession, version: Version, now: datetime) -> None:
    """All that is there, as if it had been told."""
    async with writing(session):
        await session.execute(delete(Told))
    for subject in SUBJECTS:
        async for found in differences(session, subject, -1, LAST, now):
            async with writing(session):
                await keep(session, found, now)
    async with writing(session):
        await keep_mark(session, Mark(version.number, token_of(version), []))


async def changes(
    session: AsyncSession, version: Version, mark: Mark, now: datetime
) -> list[Notice]:
    made: list[Notice] = []
    if version.number > mark.last_seen:
        await succeed(session, mark.told, version.number, now)
        found = await gathered(session, mark.last_seen, version.number, now, PRESSING)
        made += await tell(session, pressing(found, now), now)
        async with writing(session):
            await keep_equal(session, mark.last_seen, version.number, found)
            mark.see(version, now)
            await keep_mark(session, mark)
    if mark.seen:
        made += await tell(session, await relied_on(session, mark, now), now)
    settled = mark.settled(now)
    if settled > mark.told:
        found = await gathered(session, mark.told, settled, now)
        made += await tell(session, found, now)
        mark.tell(settled)
        async with writing(session):
            await attendance.forget_removed(session, settled, now)
            await seats.forget_removed(session, settled, now)
            await follows.forget_removed(session, settled, now)
            await keep_mark(session, mark)
    return made


async def relied_on(session: AsyncSession, mark: Mark, now: datetime) -> list["Difference"]:
    """Events to which somebody said "I will come" while a change was kept back: they saw it, and
    would not hear of it if it were taken back unsaid."""
    told = and_(Told.subject == "event", Told.thing_id == Seat.event_id)
    is_newer = Seat.version > mark.told, Seat.version > func.coalesce(Told.version, 0)
    events = set(
        await session.scalars(select(Seat.event_id).outerjoin(Told, told).where(*is_newer))
    )
    if not events:
        return []
    found = await gathered(session, mark.told, mark.last_seen, now, ("event",))
    return [one for one in found if one.subject == "event" and one.thing_id in events]


@dataclass(frozen=True, slots=True)
class Difference:
    """Between what was told of a thing and what is."""

    subject: str
    thing_id: int
    version: int
    before: AnyFacts | None
    after: AnyFacts | None
    """Nothing: it was removed."""

    @property
    def sides(self) -> list[HearingFacts]:
        """Of a hearing: what was told, and what is."""
        return [side for side in (self.before, self.after) if isinstance(side, HearingFacts)]

    @property
    def cases(self) -> set[int]:
        return {side.case for side in self.sides}

    def starts(self) -> list[datetime]:
        return [side.start for side in self.sides]

    def is_near(self, now: datetime) -> bool:
        events = [side for side in (self.before, self.after) if isinstance(side, EventFacts)]
        days = [day for side in events if (day := nearest(side.event, now))]
        starts = [*self.starts(), *(day.starts_at for day in days)]
        return any(abs(start - now) <= AT_ONCE for start in starts)

    def is_urgent(self, now: datetime) -> bool:
        return any(now < start <= now + URGENT for start in self.starts())

    def kind(self, now: datetime) -> Kind | None:
        if self.after is not None:
            return news(self.before, self.after, now)
        before = self.before
        is_gone = isinstance(before, HearingFacts) and before.is_coming(now)
        return Kind.CANCELLED if is_gone else None


def pressing(found: Sequence[Difference], now: datetime) -> list[Difference]:
    """What is near, and what else there is of these cases: "adjourned" brings its next date."""
    near = [one for one in found if one.is_near(now)]
    cases = {case for one in near for case in one.cases}
    return [one for one in found if one.cases & cases or (one in near and not one.cases)]


async def gathered(
    session: AsyncSession,
    after: int,
    until: int,
    now: datetime,
    subjects: Iterable[str] = SUBJECTS,
) -> list[Difference]:
    """What changed in these versions, hearings first."""
    changed = [
        one
        for subject in subjects
        async for some in differences(session, subject, after, until, now)
        for one in some
    ]
    return [*changed, *await removed(session, after, until)]


async def differences(
    session: AsyncSession, subject: str, after: int, until: int, now: datetime
) -> AsyncIterator[list[Difference]]:
    """In portions; without those that are as they were told."""
    last = 0
    while versions := await changed_in(session, subject, after, until, last):
        last = max(versions)
        now_so = await present(session, subject, versions, now)
        told = await told_of(session, subject, list(versions))
        session.expunge_all()
        yield [
            Difference(subject, number, versions[number], told.get(number), facts)
            for number, facts in now_so.items()
            if told.get(number) != facts
        ]


async def changed_in(
    session: AsyncSession, subject: str, after: int, until: int, last: int
) -> dict[int, int]:
    """Numbers and versions, from the one after `last` on."""
    table = SUBJECTS[subject]
    query = select(table.id, table.version).where(table.version > after, table.version <= until)
    page = query.where(table.id > last).order_by(table.id).limit(READ)
    return {number: version for number, version in await session.execute(page)}


async def told_of(session: AsyncSession, subject: str, ids: list[int]) -> dict[int, AnyFacts]:
    query = select(Told.thing_id, Told.facts).where(Told.subject == subject, Told.thing_id.in_(ids))
    return {number: known(subject, facts) for number, facts in await session.execute(query)}


async def untold(session: AsyncSession) -> set[str]:
    """Things that have changed again and of which word is on its way: `thing_of` the notices.

    Whoever has not heard of the last change yet hears of both at once, a little later.
    """
    version, mark = await read_mark(session)
    things = set[str]()
    if mark is not None and version.number > mark.told:
        things = {f"{subject}:{number}" for subject, number in await unsettled(session, mark.told)}
    # Only now: what has been settled since has its notice already.
    expanding = select(Notice).where(Notice.expanded_at.is_(None))
    changes = expanding.where(Notice.kind != Kind.REMINDER, Notice.batch.is_not(None))
    return things | {thing_of(notice) for notice in await session.scalars(changes)}


async def unsettled(session: AsyncSession, told: int) -> list[tuple[str, int]]:
    parts = [
        select(literal(subject).label("subject"), table.id.label("number"))
        .outerjoin(Told, and_(Told.subject == subject, Told.thing_id == table.id))
        .where(table.version > told, func.coalesce(Told.version, 0) < table.version)
        for subject, table in SUBJECTS.items()
    ]
    gone = select(Removal.kind, Removal.thing_id).where(Removal.version > told)
    still_told = exists().where(Told.subject == Removal.kind, Told.thing_id == Removal.thing_id)
    query = union_all(*parts, gone.where(still_told))
    return [(subject, number) for subject, number in await session.execute(query)]


async def removed(session: AsyncSession, after: int, until: int) -> list[Difference]:
    query = (
        select(Told.subject, Told.thing_id, Told.facts, Removal.version)
        .join(Removal, and_(Removal.kind == Told.subject, Removal.thing_id == Told.thing_id))
        .where(Removal.version > after, Removal.version <= until)
    )
    return [
        Difference(subject, number, version, known(subject, facts), None)
        for subject, number, facts, version in await session.execute(query)
    ]


async def tell(session: AsyncSession, found: Sequence[Difference], now: datetime) -> list[Notice]:
    """Notices and what is told from now on, in one transaction."""
    made: list[Notice] = []
    batch = await next_batch(session) if found else 0
    for some in portions(found):
        rows = [row for one in some if (row := notice_of(one, now))]
        async with writing(session):
            made += await add(session, [row | {"batch": batch} for row in rows])
            made += await add_each(session, await at_events(session, some, now))
            await follows.keep_asking(session, lost(some), now)
            await keep(session, some, now)
    return made


async def at_events(
    session: AsyncSession, found: Sequence[Difference], now: datetime
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for one in found:
        match one.before, one.after:
            case EventFacts() as before, (EventFacts() | None) as after:
                which = one.thing_id, one.version
                rows += await event_notices.of_change(session, *which, before, after, now)
    return rows


def lost(found: Sequence[Difference]) -> list[int]:
    """People to whom nobody can write any more."""
    return [
        one.thing_id
        for one in found
        if isinstance(one.after, DefendantFacts) and not one.after.post
    ]


def notice_of(one: Difference, now: datetime) -> dict[str, Any] | None:
    kind = one.kind(now)
    if kind is None:
        return None
    return {
        "key": f"{kind}:{one.subject}:{one.thing_id}:{one.version}",
        "kind": kind,
        **about(one),
        "lead": None,
        "before": written(one.before) if one.before else None,
        "priority": Priority.URGENT if one.is_urgent(now) else Priority.REMINDER,
        "due_at": now,
        "expires_at": expiry(one, kind, now),
    }


def about(one: Difference) -> dict[str, Any]:
    """Whoever follows the case has to learn of a hearing that was removed."""
    if one.after is None and isinstance(one.before, HearingFacts):
        return {"subject": "case", "thing_id": one.before.case}
    return {"subject": one.subject, "thing_id": one.thing_id}


def expiry(one: Difference, kind: Kind, now: datetime) -> datetime:
    """Nobody is told of a change when it is too late to act on it."""
    coming = [start for start in one.starts() if start > now]
    if kind in (Kind.SET, Kind.MOVED) and isinstance(one.after, HearingFacts):
        return one.after.start if one.after.start in coming else max(coming)
    if kind == Kind.CANCELLED and coming:
        return max(coming) + ON_THE_WAY
    return now + (STILL_NEWS if kind != Kind.ADDRESS else STILL_WRITTEN_TO)


async def keep(session: AsyncSession, found: Sequence[Difference], now: datetime) -> None:
    """What people know from now on."""
    for subject in {one.subject for one in found}:
        ids = [one.thing_id for one in found if one.subject == subject]
        await session.execute(delete(Told).where(Told.subject == subject, Told.thing_id.in_(ids)))
    rows = [
        {
            "subject": one.subject,
            "thing_id": one.thing_id,
            "version": one.version,
            "facts": written(learnt(one.before, one.after, now)),
        }
        for one in found
        if one.after
    ]
    if rows:
        await session.execute(insert(Told), rows)


async def keep_equal(
    session: AsyncSession, after: int, until: int, different: Sequence[Difference]
) -> None:
    """Those of which nothing changed that people are told of, such as who confirmed a hearing and
    when: nobody waits for word of them, however often it is said again."""
    for subject in PRESSING:
        table = SUBJECTS[subject]
        changed = select(table.id).where(table.version > after, table.version <= until)
        others = {one.thing_id for one in different if one.subject == subject}
        equal = [number for number in await session.scalars(changed) if number not in others]
        its = select(table.version).where(table.id == Told.thing_id).scalar_subquery()
        of_them = update(Told).where(Told.subject == subject, Told.thing_id.in_(changed))
        for some in portions(equal):
            await session.execute(of_them.where(Told.thing_id.in_(some)).values(version=its))


async def keep_mark(session: AsyncSession, mark: Mark) -> None:
    await session.execute(delete(Told).where(Told.subject == CAMPAIGN))
    row = {"subject": CAMPAIGN, "thing_id": 0, "version": mark.told, "facts": mark.facts()}
    await session.execute(insert(Told), [row])


# Reminders.


async def reminders(
    session: AsyncSession, now: datetime, told: int, *, silently: bool = False
) -> list[Notice]:
    """The shortest lead first: whoever gets that one gets none of the longer ones.

    `told`: a hearing that changed after this version may not yet be told as it is now. `silently`:
    of a first campaign, lead times that are over are written down without a word.
    """
    due = {f"within_{minutes}": now + timedelta(minutes=minutes) for minutes in LEADS}
    rows = (await session.execute(LACKING, {"now": now, "told": told, **due})).all()
    if not rows:
        return []
    batch, made = await next_batch(session), list[Notice]()
    for some in portions(sorted(rows, key=lambda row: row.minutes)):
        async with writing(session):
            made += await add(session, [reminder(row, batch, now, silently) for row in some])
    return [] if silently else made


def lacking(minutes: int) -> Select[*tuple[Any, ...]]:
    """Hearings whose lead time has come; not twice for the same start, unless people have been
    reminded of another one since.

    Whoever is told of a change since then needs no reminder (`audience`), whoever switched such
    changes off does.
    """
    key = literal("reminder:") + cast(Hearing.id, String) + ":"
    key += cast(Hearing.revision, String) + f":{minutes}"
    of_it = Notice.subject == "hearing", Notice.thing_id == Hearing.id
    is_reminder = Notice.kind == Kind.REMINDER, Notice.lead == minutes
    later = aliased(Notice)
    of_another_start = exists().where(
        later.subject == "hearing",
        later.thing_id == Hearing.id,
        later.kind == Kind.REMINDER,
        later.id > Notice.id,
        later.expires_at != Hearing.starts_at,
    )
    as_told = exists().where(
        Told.subject == "hearing", Told.thing_id == Hearing.id, Told.version == Hearing.version
    )
    return select(
        literal(minutes).label("minutes"), Hearing.id, Hearing.starts_at, key.label("key")
    ).where(
        Hearing.status == HearingStatus.SCHEDULED,
        Hearing.starts_at > bindparam("now", type_=Moment),
        Hearing.starts_at <= bindparam(f"within_{minutes}", type_=Moment),
        or_(Hearing.version <= bindparam("told", type_=Integer), as_told),
        ~exists().where(
            *of_it, *is_reminder, Notice.expires_at == Hearing.starts_at, ~of_another_start
        ),
    )


LACKING = union_all(*map(lacking, sorted(LEADS)))
"""Made once: it is asked every two seconds."""


def reminder(row: Any, batch: int, now: datetime, silently: bool) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": Kind.REMINDER,
        "subject": "hearing",
        "thing_id": row.id,
        "lead": row.minutes,
        "before": None,
        "priority": Priority.REMINDER,
        "due_at": now,
        "expires_at": row.starts_at,
        "batch": batch,
        "expanded_at": now if silently else None,
    }


def portions(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), WRITTEN):
        yield items[start : start + WRITTEN]
