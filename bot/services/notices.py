"""What there is to tell of a thing: how it is, against how followers were told it is."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from bot.services import address_reports, event_news
from bot.services.address_reports import Reported
from bot.services.attendance import Yes, saying_yes, yes_to
from bot.services.attention import Attention, attention, theirs, told_to
from bot.services.campaign import local_now
from bot.services.event_news import EventFacts, EventNow
from bot.services.facts import Facts
from bot.services.hearings import next_besides
from bot.services.lapsing import Lapsing, fundraisers, lapsing
from bot.services.letters import HOME, CannotWrite, vouched, with_place
from bot.services.seats import Which
from bot.services.slips import is_another
from models import (
    LEADS,
    OF_EVENTS,
    Broadcast,
    Case,
    Court,
    Custody,
    Defendant,
    Event,
    Follow,
    Fundraiser,
    Hearing,
    HearingKind,
    HearingStatus,
    Kind,
    Member,
    Notice,
    Proposal,
    ProposalState,
    Seat,
    Subject,
    Texts,
    TimelineEntry,
)
from models.hearing import OFF

RECENT = timedelta(days=30)
"""What was longer ago is history, no news."""

# What is kept in `told`.


@dataclass(frozen=True, slots=True)
class HearingFacts:
    case: int
    court: int
    starts_at: str
    """In UTC, as ISO writes it."""
    zone: str
    room: str | None
    status: str
    outcome: Texts | None
    address: Texts | None
    """The court's."""
    city: str | None = None
    """Key of the court's: followers of the city are told though that court is removed."""
    public: bool | None = None
    """Whether people are let in."""
    people: list[int] = field(default_factory=list)
    """Whose case it is: who follows them knows of it, though they are of another case by now."""

    kind: str = ""

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.starts_at)

    @property
    def local_start(self) -> datetime:
        return self.start.astimezone(ZoneInfo(self.zone))

    def is_coming(self, now: datetime) -> bool:
        return self.status == HearingStatus.SCHEDULED and self.start > now


@dataclass(frozen=True, slots=True)
class DefendantFacts:
    status: str
    place: int | None
    """The facility that they are confirmed to be in."""
    case: int = 0
    name: str = ""
    """A mark of it."""
    post: Texts | None = None
    """Where letters reach them, {}: nowhere; none: of what was written down earlier."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    stage: str
    entries: list[list[Any]]
    """Of the timeline: date, kind, whom it is about, and a mark of the words."""


AnyFacts = HearingFacts | DefendantFacts | CaseFacts | EventFacts
KINDS: dict[str, type[HearingFacts] | type[DefendantFacts] | type[CaseFacts] | type[EventFacts]] = {
    "hearing": HearingFacts,
    "defendant": DefendantFacts,
    "case": CaseFacts,
    "event": EventFacts,
}


def written(facts: AnyFacts) -> dict[str, Any]:
    return asdict(facts)


def known(subject: str, told: dict[str, Any]) -> AnyFacts:
    return KINDS[subject](**told)


def of_hearing(hearing: Hearing) -> HearingFacts:
    """Needs its court, and the people of its case."""
    return HearingFacts(
        case=hearing.case_id,
        court=hearing.court_id,
        starts_at=hearing.starts_at.isoformat(),
        zone=hearing.court.timezone,
        room=hearing.room,
        status=str(hearing.status),
        outcome=hearing.outcome,
        address=hearing.court.address,
        city=hearing.court.city_key,
        public=hearing.public,
        people=sorted(one.id for one in hearing.case.defendants),
        kind=str(hearing.kind),
    )


def of_defendant(defendant: Defendant, now: datetime) -> DefendantFacts:
    """Needs the stays. Only where somebody vouches for it a place is told of. `now`: as for
    `letters.mailing`."""
    last = defendant.custody[-1] if defendant.custody else None
    is_there = last is not None and last.until is None and last.confirmed_at is not None
    return DefendantFacts(
        status=str(defendant.status),
        place=last.facility_id if last and is_there else None,
        case=defendant.case_id,
        name=marked(defendant.name),
        post=post_of(vouched(defendant, now)),
    )


def post_of(place: Custody | CannotWrite) -> Texts:
    """By this it is seen whether a letter goes elsewhere now."""
    if isinstance(place, CannotWrite):
        return {}
    return {"code": place.facility.postal_code or "", **(place.facility.address or {})}


def of_case(case: Case) -> CaseFacts:
    """Needs the timeline."""
    return CaseFacts(str(case.stage), [of_entry(entry) for entry in case.timeline])


def of_entry(entry: TimelineEntry) -> list[Any]:
    return [entry.date, entry.kind, entry.defendant_id, marked(entry.text)]


def marked(texts: Texts) -> str:
    words = next(iter(texts.values()), "")
    return blake2b(words.encode(), digest_size=6).hexdigest()


def learnt(before: AnyFacts | None, after: AnyFacts, now: datetime) -> AnyFacts:
    """What people know now: a room that is not said any more is still the one they would go to, and
    of a slip into the past nobody is told."""
    if isinstance(before, EventFacts) and isinstance(after, EventFacts):
        return before if event_news.is_put_into_past(before, after, now) else after
    if not isinstance(before, HearingFacts) or not isinstance(after, HearingFacts):
        return after
    after = replace(
        after,
        public=before.public if after.public is None else after.public,
        people=sorted({*before.people, *after.people}),
    )
    if before.court != after.court:
        return after
    return replace(after, room=after.room or before.room, address=after.address or before.address)


# What differs.


def news(before: AnyFacts | None, after: AnyFacts, now: datetime) -> Kind | None:
    """What kind of news it is that something is no longer as it was told; nothing: none."""
    match before, after:
        case (HearingFacts() | None, HearingFacts()):
            return news_of_hearing(before, after, now)
        case DefendantFacts(), DefendantFacts():
            if is_another_post(before, after):
                return Kind.ADDRESS
            return Kind.STATUS if is_another_state(before, after) else None
        case CaseFacts(), CaseFacts():
            new = before.stage != after.stage or fresh(before.entries, after.entries, now)
            return Kind.NEWS if new else None
    return None


def news_of_hearing(before: HearingFacts | None, after: HearingFacts, now: datetime) -> Kind | None:
    if after.is_coming(now):
        if before is None or not before.is_coming(now):
            return Kind.SET
        return Kind.MOVED if is_otherwise(before, after) else None
    if before and before.is_coming(now) and after.status in OFF:
        return Kind.CANCELLED
    if before and before.is_coming(now):  # and would be waited for in vain
        return Kind.MOVED if after.status == HearingStatus.SCHEDULED else Kind.OUTCOME
    if after.start < now - RECENT:
        return None
    if before and before.status == HearingStatus.SCHEDULED and after.status in OFF:
        return Kind.CANCELLED if after.status == HearingStatus.CANCELLED else Kind.OUTCOME
    return Kind.OUTCOME if has_new_outcome(before, after) else None


def is_otherwise(before: HearingFacts, after: HearingFacts) -> bool:
    """For whoever wants to go there."""
    return (
        is_moved(before, after)
        or before.court != after.court
        or is_another_room(before, after)
        or is_another(before.address, after.address)
        or is_another_admission(before, after)
        or becomes_verdict(before, after)
        or before.case != after.case
    )


def is_moved(before: HearingFacts, after: HearingFacts) -> bool:
    """By the clock on the court's wall, too: another zone leads people there at another hour."""
    old, new = before.local_start, after.local_start
    return old != new or old.replace(tzinfo=None) != new.replace(tzinfo=None)


def is_another_room(before: HearingFacts, after: HearingFacts) -> bool:
    """A room that becomes known is no other one."""
    return bool(before.room and after.room) and before.room != after.room


def is_another_admission(before: HearingFacts, after: HearingFacts) -> bool:
    """Where it is not known whether they are let in, people go there as if they were."""
    return after.public is not None and after.public != (before.public is not False)


def is_another_post(before: DefendantFacts, after: DefendantFacts) -> bool:
    """For whoever writes to them. Of what was written down earlier one cannot tell: perhaps."""
    if before.post is None:
        return is_another_state(before, after)
    if bool(before.post) != bool(after.post):
        return True
    if not after.post and before.status != after.status:  # nobody waits for one any more
        return after.status in HOME and before.status not in HOME
    is_elsewhere = bool(after.post) and before.place != after.place
    return is_elsewhere or is_another(before.post, after.post)


def becomes_verdict(before: HearingFacts, after: HearingFacts) -> bool:
    """To no other hearing as many want to come; what was written down earlier has no kind."""
    return after.kind == HearingKind.VERDICT and before.kind not in ("", after.kind)


def is_another_state(before: DefendantFacts, after: DefendantFacts) -> bool:
    is_elsewhere = before.status != after.status or before.place != after.place
    return is_elsewhere or is_severed(before, after.case)


def is_severed(before: DefendantFacts, case: int) -> bool:
    """Their case is another one now; of what was written down earlier it is not known."""
    return before.case not in (0, case)


def is_held(before: HearingFacts | None, after: HearingFacts) -> bool:
    """Of what was still to come that alone is news."""
    was_on = before is not None and before.status == HearingStatus.SCHEDULED
    return was_on and after.status == HearingStatus.HELD


def has_new_outcome(before: HearingFacts | None, after: HearingFacts) -> bool:
    decided = after.status == HearingStatus.DECIDED
    if decided and (before is None or before.status != HearingStatus.DECIDED):
        return True
    if not after.outcome:
        return False
    return before is None or not before.outcome or is_another(before.outcome, after.outcome)


def fresh(before: list[list[Any]], after: list[list[Any]], now: datetime) -> list[int]:
    """Places of the entries that were not there: neither the words nor date, kind and person.

    An entry with other words or with another date is the same one, corrected.
    """
    left = Counter(map(tuple, before))
    added = [place for place, entry in enumerate(after) if not taken(left, tuple(entry))]
    for part in (slice(None, 3), slice(3, None)):
        rest: Counter[tuple[Any, ...]] = Counter()
        for entry, number in left.items():
            rest[entry[part]] += number
        added = [place for place in added if not taken(rest, tuple(after[place])[part])]
    return [place for place in added if is_recent(after[place][0], now)]


def taken(left: Counter[tuple[Any, ...]], entry: tuple[Any, ...]) -> bool:
    if left[entry] <= 0:
        return False
    left[entry] -= 1
    return True


def is_recent(day: str | None, now: datetime) -> bool:
    """As far as it is known: "2026" may be today."""
    return day is None or day >= (now - RECENT).date().isoformat()[: len(day)]


# How things are now, to be compared.


async def present(
    session: AsyncSession, subject: str, ids: Iterable[int], now: datetime
) -> dict[int, AnyFacts]:
    match subject:
        case "hearing":
            hearings = select(Hearing).where(Hearing.id.in_(ids))
            case = joinedload(Hearing.case).selectinload(Case.defendants)
            found = await session.scalars(hearings.options(joinedload(Hearing.court), case))
            return {hearing.id: of_hearing(hearing) for hearing in found}
        case "defendant":
            people = select(Defendant).where(Defendant.id.in_(ids))
            kept = await session.scalars(people.options(*with_place()))
            local = await local_now(session, now)
            return {defendant.id: of_defendant(defendant, local) for defendant in kept}
        case "event":
            events = await session.scalars(select(Event).where(Event.id.in_(ids)))
            return {event.id: event_news.of_event(event) for event in events}
        case _:
            cases = select(Case).where(Case.id.in_(ids))
            told = await session.scalars(cases.options(selectinload(Case.timeline)))
            return {case.id: of_case(case) for case in told}


# What a message needs to know.


@dataclass(frozen=True, slots=True)
class HearingNow:
    hearing: Hearing
    next_hearing: Hearing | None
    """Of the case."""
    coming: int
    """People who have said that they will."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The case of a hearing that was removed, itself removed with it."""


@dataclass(frozen=True, slots=True)
class ToCheck:
    """All ways to pay that are to be checked again."""

    routes: list[Lapsing]


OfDesk = ToCheck | Proposal | Reported | Attention | Broadcast | Member
"""For those who keep the facts."""
Now = HearingNow | Defendant | Case | Gone | EventNow | Fundraiser | OfDesk


@dataclass(frozen=True, slots=True)
class News:
    """A notice, and what it is about as that is now."""

    notice: Notice
    now: Now
    old_court: Court | None = None
    old_case: Case | None = None

    @property
    def before(self) -> AnyFacts | None:
        return before(self.notice)


def before(notice: Notice) -> AnyFacts | None:
    """What people knew, of a change."""
    told = notice.before
    if told is None:
        return None
    return known("hearing" if "court" in told else notice.subject, told)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why somebody is told."""

    follow_id: int
    subject: str
    thing: Defendant | Case | Court | None


@dataclass(frozen=True, slots=True)
class Reader:
    language: str
    timezone: str | None = None
    leads: int = sum(LEADS.values())
    """Bits of LEADS."""
    is_group: bool = False
    going: frozenset[Yes] = frozenset()
    """What they have said that they will come to."""
    seats: frozenset[Which] = frozenset()
    """Of events that they come to."""

    def comes_to(self, hearing: Hearing) -> bool:
        return yes_to(hearing) in self.going

    def meant_to_come(self, hearing: Hearing) -> bool:
        """On another day, or to another court."""
        return not self.comes_to(hearing) and hearing.id in dict(self.going)


# Several changes of one thing.


def thing_of(notice: Notice) -> str:
    """What a change is about, a hearing also when it was removed; each reminder is for itself."""
    _kind, *thing, _version = notice.key.split(":")
    is_alone = notice.kind in (Kind.REMINDER, Kind.WRITTEN)
    return notice.key if is_alone else ":".join(thing) or notice.key


def matter_of(notice: Notice) -> str:
    """What goes into one message: a change of a hearing and a reminder of it."""
    return f"hearing:{notice.thing_id}" if notice.kind == Kind.REMINDER else thing_of(notice)


def joined(first: Notice, last: News, now: datetime) -> Notice | None:
    """One for both and all between, for whoever has heard of none of them; None: all is as before.

    Somebody asleep was told of none of the moves of a night: they go to where it was at first.
    """
    notice, oldest = last.notice, News(first, last.now)
    if isinstance(last.now, EventNow) and first.before is None:
        oldest = last  # a free seat and what comes near say how it was no more than how it is
    kind = kind_since(first, oldest.before, last, now)
    if kind is None:
        return None
    return Notice(
        id=notice.id,
        key=f"{first.key} {notice.key}",
        kind=kind,
        subject=notice.subject,
        thing_id=notice.thing_id,
        lead=notice.lead,
        before=oldest.notice.before,
        priority=min(first.priority, notice.priority),
        due_at=first.due_at,
        expires_at=notice.expires_at,
    )


def kind_since(first: Notice, since: AnyFacts | None, last: News, now: datetime) -> Kind | None:
    match last.now:
        case EventNow():
            known = since if isinstance(since, EventFacts) else None
            return event_news.kind_of_all(first, last.notice, known, last.now, now)
        case HearingNow(hearing=hearing):
            return news(since, of_hearing(hearing), now)
        case Defendant():
            return news(since, of_defendant(last.now, now), now)
        case Case() | Gone() if last.notice.is_removal:
            was_on = isinstance(since, HearingFacts) and since.status == HearingStatus.SCHEDULED
            return Kind.CANCELLED if was_on else None
        case Case():
            return news(since, of_case(last.now), last.notice.due_at)
        case Fundraiser() | ToCheck() | Proposal() | Reported():
            return Kind(last.notice.kind)
        case Attention() | Broadcast() | Member():
            return Kind(last.notice.kind)
        case Gone():
            return None


async def read(facts: Facts, notice: Notice, now: datetime) -> News | None:
    """Remembered with the campaign's facts, for a while; None: what it is about is gone."""
    day = event_news.which(notice)[1] if notice.kind in OF_EVENTS else ""
    key = (notice.subject, notice.thing_id, day, notice.is_removal, moment(now))
    thing = await facts.read(key, partial(load, notice, now))
    if thing is None:
        return None
    before = notice.before or {}
    old: list[Any] = [
        await facts.read(("before", table, number), partial(load_row, table, number))
        for table, number in ((Court, before.get("court", 0)), (Case, before.get("case", 0)))
    ]
    return News(notice, thing, *old)


def moment(now: datetime) -> int:
    """What is said of "in 3 hours" holds for five minutes, and so does the number of people."""
    return int(now.timestamp()) // 300


async def load(notice: Notice, now: datetime, session: AsyncSession) -> Now | None:
    if notice.subject == "hearing":
        return await load_hearing(session, notice.thing_id, now)
    if notice.kind in OF_EVENTS:
        return await load_event(session, event_news.which(notice))
    if notice.kind == Kind.CLOSED:
        return await session.get(Fundraiser, notice.thing_id)
    if notice.kind == Kind.ROUTES:
        return ToCheck(lapsing(await fundraisers(session), now))
    if notice.kind in (Kind.PROPOSED, Kind.SETTLED):
        return await session.get(Proposal, notice.thing_id)
    if notice.kind == Kind.REPORTED:
        return await address_reports.still(session, notice.thing_id, notice.key.split(":")[3])
    if notice.kind == Kind.JOINED:
        return await session.get(Member, notice.thing_id)
    if notice.kind == Kind.SUMMARY:
        return theirs(await attention(session, now), told_to(notice.thing_id))
    if notice.kind == Kind.UNSENT:
        return await session.get(Broadcast, notice.thing_id)
    if notice.subject == "defendant":
        query = select(Defendant).where(Defendant.id == notice.thing_id).options(*with_place())
        person: Defendant | None = await session.scalar(query)
        return person
    of_notice = select(Case).where(Case.id == notice.thing_id)
    timeline = selectinload(Case.timeline).joinedload(TimelineEntry.court)
    whole = of_notice.options(selectinload(Case.defendants), timeline)
    case: Case | None = await session.scalar(whole)
    return Gone() if case is None and notice.is_removal else case


async def load_hearing(session: AsyncSession, hearing_id: int, now: datetime) -> HearingNow | None:
    query = select(Hearing).where(Hearing.id == hearing_id)
    case = joinedload(Hearing.case).selectinload(Case.defendants)
    hearing = await session.scalar(query.options(joinedload(Hearing.court), case))
    if hearing is None:
        return None
    people = select(func.count()).where(*saying_yes(hearing))
    next_one = await next_besides(session, hearing, now)
    return HearingNow(hearing, next_one, await session.scalar(people) or 0)


async def load_event(session: AsyncSession, which: Which) -> EventNow:
    event_id, day = which
    event = await session.get(Event, event_id)
    come = select(func.sum(Seat.people)).where(Seat.event_id == event_id, Seat.day == day)
    return EventNow(event, day, await session.scalar(come.where(~Seat.is_waiting)) or 0)


async def load_row(
    table: type[Court] | type[Case], number: int, session: AsyncSession
) -> Court | Case | None:
    return await session.get(table, number)


async def cause(facts: Facts, follow: Follow) -> Cause:
    key = ("followed", follow.subject, follow.thing_id)
    thing = await facts.read(key, partial(load_followed, follow.subject, follow.thing_id))
    return Cause(follow.id, follow.subject, thing)


async def load_followed(
    subject: str, thing_id: int, session: AsyncSession
) -> Defendant | Case | Court | None:
    if subject == Subject.ALL:
        return None
    tables: dict[str, type[Defendant] | type[Case] | type[Court]] = {
        Subject.DEFENDANT: Defendant,
        Subject.CASE: Case,
        Subject.CITY: Court,
        Subject.ADDRESS: Defendant,
    }
    return await session.get(tables[subject], thing_id)


# What of them comes to nothing.


async def count_more(
    session: AsyncSession, counter: InstrumentedAttribute[int], more: Counter[int]
) -> None:
    """By notice, in one order: two that count wait for each other, and not in a circle."""
    for notice, number in sorted(more.items()):
        its = update(Notice).where(Notice.id == notice)
        await session.execute(its.values({counter: counter + number}))


# Whether it is still to be told.


def holds(news: News, reader: Reader, now: datetime) -> bool:
    """What is no longer so, or comes too late, is not told. `now`: the organisers'."""
    notice = news.notice
    if not notice.lasts(now):
        return False
    match news.now:
        case HearingNow(hearing=hearing) if notice.kind == Kind.REMINDER:
            return reminds(notice, hearing, reader, now)
        case HearingNow(hearing=hearing):
            return hearing_holds(news.before, of_hearing(hearing), Kind(notice.kind), now)
        case EventNow():
            known = news.before if isinstance(news.before, EventFacts) else None
            is_seated = event_news.which(notice) in reader.seats
            return event_news.holds(notice, known, news.now, is_seated, now)
        case Defendant():
            before = news.before
            return isinstance(before, DefendantFacts) and is_other(before, news.now, now)
        case Fundraiser():
            return news.now.closing(now.date()) is not None
        case ToCheck():
            return bool(news.now.routes)
        case Attention():
            return news.now.total > 0
        case Broadcast():
            return news.now.due_at is None and news.now.notice_id is None
        case Proposal():
            return (notice.kind == Kind.PROPOSED) == (news.now.state == ProposalState.OPEN)
        case Case() if notice.kind == Kind.NEWS:
            return news_of(news.before, of_case(news.now), notice)
    return True


def is_other(before: DefendantFacts, defendant: Defendant, now: datetime) -> bool:
    after = of_defendant(defendant, now)
    return is_another_state(before, after) or is_another_post(before, after)


def news_of(before: AnyFacts | None, after: CaseFacts, notice: Notice) -> bool:
    if not isinstance(before, CaseFacts):
        return False
    is_new = bool(fresh(before.entries, after.entries, notice.due_at))
    return is_new or before.stage != after.stage


def reminds(notice: Notice, hearing: Hearing, reader: Reader, now: datetime) -> bool:
    """Of the same start; and not if a shorter lead's time has come, which this person wants."""
    if hearing.status != HearingStatus.SCHEDULED or hearing.starts_at != notice.expires_at:
        return False
    left = hearing.starts_at - now
    shorter = [minutes for minutes in LEADS if minutes < (notice.lead or 0)]
    passed = [minutes for minutes in shorter if left <= timedelta(minutes=minutes)]
    return not any(reader.leads & LEADS[minutes] for minutes in passed)


def hearing_holds(before: AnyFacts | None, after: HearingFacts, kind: Kind, now: datetime) -> bool:
    assert before is None or isinstance(before, HearingFacts)
    match kind:
        case Kind.SET:
            return after.is_coming(now)
        case Kind.MOVED if before:
            return after.status == HearingStatus.SCHEDULED and is_otherwise(before, after)
        case Kind.CANCELLED:
            return after.status in OFF
        case _:
            is_over = after.status in OFF or is_held(before, after)
            return (is_over or has_new_outcome(before, after)) and not after.is_coming(now)


def news_entries(news: News) -> list[TimelineEntry]:
    """Of a case, those that the notice is about."""
    case, before = news.now, news.before
    if not isinstance(case, Case) or not isinstance(before, CaseFacts):
        return []
    places = fresh(before.entries, of_case(case).entries, news.notice.due_at)
    return [case.timeline[place] for place in places]
