"""What coordinators write to many: drafts, whom they reach, sending, correcting, recalling.

Nothing goes out from here: what is decided stands in the row, and `delivery/broadcasts.py` makes
notices of it. Everything typed lies in the row, too, so a restart loses no draft.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from math import ceil
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.db import writing
from bot.services import leading
from bot.services.audience import audience
from bot.services.errors import NotFound
from bot.services.events import Occurrence, all_coming, coming, occurrence
from bot.services.members import Actor
from bot.services.pages import Page, page_of, sliced
from bot.services.standstill import STANDS_STILL, stopped_since
from models import (
    Broadcast,
    Case,
    Court,
    Defendant,
    Event,
    Hold,
    Kind,
    Notice,
    Priority,
    Subscriber,
    To,
    Via,
)

PAGE = 6
MOST_MEDIA = 10
"""Of an album (Bot API, sendMediaGroup)."""
A_STAR = 10
"""Messages at the paid pace are sent for it (Bot API, sendMessage, allow_paid_broadcast)."""
MOST_ENTITIES = 95
"""Telegram keeps a hundred, and the line that says why it came has some."""
KEPT = timedelta(days=30)
"""So long it is known which messages were sent."""
AHEAD = timedelta(days=365)
LATEST, LATEST_URGENT = timedelta(hours=6), timedelta(hours=2)
"""After its moment; what nobody could send until then may be wrong by now."""
READS_ENGLISH = "en"
"""Whoever never chose a language (`sender.reader_of`)."""
WATCHED = "broadcasts.watched_sealed"
Seen = tuple[int, int]
"""Of a broadcast its number, and its edition when it was shown."""
Thing = Case | Defendant | Court | Event


class Changed(Exception):
    """Somebody else was quicker."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom it is for."""

    to: To
    thing_id: int = 0
    day: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """In one language."""

    text: str
    """HTML, as Telegram gives it; of an album a message of its own."""
    media: tuple[tuple[str, str], ...] = ()
    """"photo" or "document", and how Telegram calls the file."""

    @property
    def has_caption(self) -> bool:
        """A short text, under the one picture or document."""
        return len(self.media) == 1

    @property
    def messages(self) -> int:
        """That Telegram counts: each of an album, and the text below it."""
        return len(self.media) + 1 if len(self.media) > 1 else 1

    @property
    def leads_elsewhere(self) -> bool:
        """Or may: what is in a picture or a document is not read here."""
        return bool(self.media) or leading.leads(self.text)

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text, "media": [list(one) for one in self.media]}

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Version":
        return cls(kept["text"], tuple((kind, file) for kind, file in kept["media"]))


class Standing(Enum):
    DRAFT = auto()
    PLANNED = auto()
    GOING = auto()
    PAUSED = auto()
    DONE = auto()
    STOPPED = auto()
    RECALLED = auto()


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of the messages so far."""

    total: int = 0
    sent: int = 0
    blocked: int = 0
    failed: int = 0
    dropped: int = 0
    is_whole: bool = True
    """Nobody is added any more."""

    @property
    def ended(self) -> int:
        return self.sent + self.blocked + self.failed + self.dropped

    @property
    def left(self) -> int:
        return max(0, self.total - self.ended)

    @property
    def is_over(self) -> bool:
        return self.is_whole and self.left == 0

    def as_json(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTERS}


@dataclass(frozen=True, slots=True)
class Watched:
    """A screen that keeps up with a broadcast."""

    number: int
    place: tuple[int, int]
    """A chat, and a message in it."""
    language: str
    drawn: str = ""
    """What was drawn last."""


COUNTERS = ("total", "sent", "blocked", "failed", "dropped")


@dataclass(frozen=True, slots=True)
class Card:
    """One broadcast, as those see it who keep them."""

    one: Broadcast
    standing: Standing
    thing: Thing | None
    """Nothing: it is for everybody, or what it was about is gone."""
    counted: Counted
    mended: Counted | None
    """Of a correction or the recall; nothing: it has still to begin, or is long ago."""
    is_paid: bool = False
    """Telegram is paid to take it faster, and takes it so."""
    copies: int = 0
    """That there were when the correction or the recall began."""
    is_held: bool = False
    """Its correction waits for somebody's word."""
    still: bool = False
    """Nothing is sent, because an owner said so."""
    readers: dict[str, int] = field(default_factory=dict)
    """Of a draft, whom it would reach now, by language."""

    @property
    def people(self) -> int:
        return sum(self.readers.values())

    @property
    def to_go(self) -> int:
        """Messages that are still to be sent, as far as it is known."""
        if self.standing in (Standing.DRAFT, Standing.PLANNED):
            return self.people
        return self.counted.left if self.standing in (Standing.GOING, Standing.PAUSED) else 0

    @property
    def messages(self) -> int:
        """At most: the largest version to each."""
        return self.to_go * max((one.messages for one in versions(self.one).values()), default=1)

    @property
    def stars(self) -> int:
        """At most, at the paid pace."""
        return ceil(self.messages / A_STAR)

    @property
    def is_known(self) -> bool:
        """How many it reaches: it has not begun, or nobody is added any more."""
        return self.one.notice_id is None or self.counted.is_whole

    @property
    def is_mending(self) -> bool:
        """A correction or a recall goes on."""
        asked = self.one.recalled_at or self.one.corrected_at
        if asked is None or (self.one.mending_id and self.mended is None):
            return False
        return self.mended is None or not self.mended.is_over

    def is_live(self, now: datetime) -> bool:
        """Its numbers change by themselves."""
        if self.standing is Standing.PLANNED:
            return self.one.due_at is not None and self.one.due_at <= now
        return self.standing in (Standing.GOING, Standing.PAUSED) or self.is_mending

    @property
    def unreached(self) -> int:
        """Copies that stay as they were."""
        return max(0, self.copies - self.mended.sent) if self.mended else 0


def needs_second(one: Broadcast, *more: Version) -> bool:
    """Whether another coordinator has to accept it, and what corrects it. Whoever has taken one
    account shall send nobody to where they would pay, or what nothing here can read."""
    return one.to == To.ALL or any(
        version.leads_elsewhere for version in (*versions(one).values(), *more)
    )


# What there is.


async def listed(session: AsyncSession, page: int, now: datetime) -> Page[Card]:
    found = await page_of(session, select(Broadcast).order_by(Broadcast.id.desc()), page, PAGE)
    still = await stopped_since(session) is not None
    cards = [await described(session, one, now, still=still) for one in found.items]
    return Page(cards, found.number, found.total, found.size)


async def broadcast(session: AsyncSession, number: int) -> Broadcast:
    fresh = select(Broadcast).where(Broadcast.id == number)
    found = await session.scalar(fresh.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


async def card(session: AsyncSession, number: int, now: datetime) -> Card:
    one = await broadcast(session, number)
    is_to_come = one.notice_id is None
    read_by = await readers(session, one, now) if is_to_come else {}
    still = await stopped_since(session) is not None
    return await described(session, one, now, read_by, still=still)


async def described(
    session: AsyncSession,
    one: Broadcast,
    now: datetime,
    read_by: dict[str, int] | None = None,
    *,
    still: bool,
) -> Card:
    notice = await notice_of(session, one.notice_id)
    mending = await notice_of(session, one.mending_id)
    kept = Counted(**one.result) if one.result else Counted()
    counts = counted(notice) if notice else kept
    mended = counted(mending) if mending else None
    return Card(
        one,
        standing_of(one, notice, counts, now),
        await thing_of(session, one),
        counts,
        mended,
        is_paid=notice.is_paid if notice else one.is_paid,
        copies=(mending.before or {})["copies"] if mending else 0,
        is_held=is_held(mending, mended),
        still=still,
        readers=read_by or {},
    )


def is_held(mending: Notice | None, mended: Counted | None) -> bool:
    is_open = mended is not None and not mended.is_over
    return mending is not None and mending.hold == Hold.PAUSED and is_open


async def notice_of(session: AsyncSession, number: int | None) -> Notice | None:
    if number is None:
        return None
    fresh = select(Notice).where(Notice.id == number)
    found: Notice | None = await session.scalar(fresh.execution_options(populate_existing=True))
    return found


def counted(notice: Notice) -> Counted:
    numbers = {name: getattr(notice, name) for name in COUNTERS}
    return Counted(**numbers, is_whole=notice.expanded_at is not None)


def standing_of(one: Broadcast, notice: Notice | None, counts: Counted, now: datetime) -> Standing:
    if one.recalled_at:
        return Standing.RECALLED
    if one.notice_id is None:
        return Standing.DRAFT if one.due_at is None else Standing.PLANNED
    if one.stopped_at:
        return Standing.STOPPED
    if notice is None or counts.is_over or not notice.lasts(now):
        return Standing.DONE
    return Standing.PAUSED if notice.hold == Hold.PAUSED else Standing.GOING


TABLES: dict[To, type[Case] | type[Defendant] | type[Court] | type[Event]] = {
    To.CASE: Case,
    To.DEFENDANT: Defendant,
    To.CITY: Court,
    To.EVENT: Event,
}


async def thing_of(session: AsyncSession, one: Broadcast | Target) -> Thing | None:
    table = TABLES.get(To(one.to))
    return await session.get(table, one.thing_id) if table else None


# Whom one may be for.


async def cases(session: AsyncSession, page: int) -> Page[Case]:
    return await page_of(session, select(Case).order_by(Case.id), page, PAGE)


async def defendants(session: AsyncSession, page: int) -> Page[Defendant]:
    return await page_of(session, select(Defendant).order_by(Defendant.id), page, PAGE)


async def cities(session: AsyncSession, page: int) -> Page[Court]:
    """One court of each."""
    firsts = select(func.min(Court.id)).group_by(Court.city_key)
    query: Select[Court] = select(Court).where(Court.id.in_(firsts)).order_by(Court.city_key)
    return await page_of(session, query, page, PAGE)


async def events(session: AsyncSession, now: datetime, page: int) -> Page[Occurrence]:
    """Days that come, the nearest first; of one that repeats the next few."""
    found = [day for one in await all_coming(session, now) for day in coming(one.event, now, DAYS)]
    return sliced(sorted(found, key=lambda one: (one.starts_at, one.event.id)), page, PAGE)


DAYS = 3


async def check(session: AsyncSession, target: Target) -> None:
    """Raises NotFound: there is no such thing."""
    if target.to == To.ALL:
        return
    thing = await thing_of(session, target)
    if thing is None or (isinstance(thing, Event) and occurrence(thing, target.day).is_off):
        raise NotFound


# Whom one reaches.


def notice_for(one: Broadcast, now: datetime) -> Notice:
    """As it will be, to be counted by."""
    return Notice(**notice_row(one, now))


def notice_row(one: Broadcast, now: datetime) -> dict[str, Any]:
    lasts = timedelta(days=1) if one.is_urgent else timedelta(days=7)
    meant = {"to": one.to, "thing": one.thing_id, "day": one.day, "language": one.language}
    return {
        "key": f"{Kind.BROADCAST}:{one.id}",
        "kind": Kind.BROADCAST,
        "subject": "broadcast",
        "thing_id": one.id,
        "lead": None,
        "before": meant,
        "priority": Priority.URGENT if one.is_urgent else Priority.BULK,
        "is_paid": one.is_paid,
        "due_at": now,
        "expires_at": now + lasts,
        "batch": None,
    }


async def readers(session: AsyncSession, one: Broadcast, now: datetime) -> dict[str, int]:
    """By language: whom the same statement reaches that makes the deliveries."""
    reached = (await audience(session, notice_for(one, now), now)).subquery()
    language = func.coalesce(Subscriber.language, READS_ENGLISH)
    query = (
        select(language, func.count())
        .select_from(reached)
        .join(Subscriber, Subscriber.id == reached.c.subscriber_id)
        .group_by(language)
        .order_by(func.count().desc(), language)
    )
    return {code: number for code, number in await session.execute(query)}


def versions(one: Broadcast) -> dict[str, Version]:
    return {code: Version.of_json(kept) for code, kept in one.versions.items()}


def version_for(one: Broadcast, language: str) -> Version | None:
    known = versions(one)
    return known.get(language) or next(iter(known.values()), None)


def misread(one: Broadcast, read_by: dict[str, int]) -> dict[str, int]:
    """By language, how many would get it in another one."""
    return {code: n for code, n in read_by.items() if one.versions and code not in one.versions}


# Drafts.


async def begin(session: AsyncSession, by: Actor, target: Target, now: datetime) -> int:
    await check(session, target)
    async with writing(session):
        one = Broadcast(
            author_id=by.id, role=by.role, via=Via.DESK, created_at=now, **columns(target)
        )
        session.add(one)
        await session.flush()
        return one.id


def columns(target: Target) -> dict[str, Any]:
    return {"to": target.to, "thing_id": target.thing_id, "day": target.day}


async def address(session: AsyncSession, seen: Seen, target: Target) -> None:
    await check(session, target)
    await change(session, seen, **columns(target))


async def change(session: AsyncSession, seen: Seen, **values: Any) -> None:
    """Whom it is for: an owner paid for others. Raises Changed; of what is no draft any more,
    too."""
    async with writing(session):
        await changed_to(session, seen, is_paid=False, **values)


async def changed_to(session: AsyncSession, seen: Seen, **values: Any) -> None:
    """Inside of `writing`."""
    number, edition = seen
    named = {getattr(Broadcast, name): value for name, value in values.items()}
    draft = Broadcast.due_at.is_(None), Broadcast.notice_id.is_(None)
    query = update(Broadcast).where(Broadcast.id == number, Broadcast.edition == edition)
    found = await session.execute(
        query.where(*draft)
        .values({**named, Broadcast.edition: edition + 1})
        .returning(Broadcast.id)
    )
    if found.one_or_none() is None:
        raise Changed


async def write(
    session: AsyncSession,
    number: int,
    language: str,
    was: dict[str, Any] | None,
    version: Version | None,
) -> None:
    """Into a draft: what others changed besides does no harm. `was`: how that version was when the
    writing began; nothing: it was not there. Raises Changed."""
    async with writing(session):
        one = await locked(session, number)
        if one.due_at or one.notice_id or one.versions.get(language) != was:
            raise Changed
        others = {code: kept for code, kept in one.versions.items() if code != language}
        order = [*one.versions, language]
        known = others | ({language: version.as_json()} if version else {})
        one.versions = {code: known[code] for code in dict.fromkeys(order) if code in known}
        one.is_paid = False
        one.edition += 1


async def locked(session: AsyncSession, number: int) -> Broadcast:
    """Inside of `writing`. Raises NotFound."""
    query = select(Broadcast).where(Broadcast.id == number).with_for_update()
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


async def drop(session: AsyncSession, seen: Seen) -> None:
    """A draft. Raises Changed."""
    number, edition = seen
    async with writing(session):
        one = await locked(session, number)
        if one.edition != edition or one.due_at or one.notice_id:
            raise Changed
        await session.delete(one)


# Sending.


async def send(session: AsyncSession, seen: Seen, by: Actor, at: datetime, *, urgent: bool) -> None:
    """From that moment on. Raises Changed."""
    async with writing(session):
        await begun(session, seen, by, at, urgent=urgent)


async def begun(
    session: AsyncSession, seen: Seen, by: Actor, at: datetime, *, urgent: bool
) -> None:
    """Inside of `writing`."""
    author = {"author_id": by.id, "role": by.role, "via": Via.DESK}
    await changed_to(session, seen, due_at=at, is_urgent=urgent, **author)


async def is_as_seen(session: AsyncSession, number: int | None, terms: Any) -> bool:
    """Whether it is still what was proposed."""
    edition = select(Broadcast.edition).where(Broadcast.id == number)
    return bool(await session.scalar(edition) == terms["edition"])


async def unplan(session: AsyncSession, seen: Seen) -> None:
    """It is a draft again, if it has not begun. Raises Changed."""
    number, edition = seen
    async with writing(session):
        one = await locked(session, number)
        if one.edition != edition or one.notice_id:
            raise Changed
        back_to_draft(one)


def back_to_draft(one: Broadcast) -> None:
    """Inside of `writing`."""
    one.due_at, one.is_urgent, one.is_paid = None, False, False
    one.edition += 1


def is_too_late(one: Broadcast, now: datetime) -> bool:
    assert one.due_at is not None
    return now - one.due_at > (LATEST_URGENT if one.is_urgent else LATEST)


async def set_pace(session: AsyncSession, seen: Seen, *, paid: bool) -> None:
    """From the next look of the sender on; also before it begins. Raises Changed: to be paid for
    it must be what was seen."""
    number, edition = seen
    async with writing(session):
        one = await locked(session, number)
        if paid and one.edition != edition:
            raise Changed
        one.is_paid = paid
        its = update(Notice).where(Notice.id == one.notice_id)
        await session.execute(its.values(is_paid=paid))


async def pause(session: AsyncSession, number: int) -> None:
    """Pressed twice it is one pause; what is over cannot be paused."""
    async with writing(session):
        one = await locked(session, number)
        its = update(Notice).where(Notice.id == one.notice_id)
        await session.execute(its.values(hold=Hold.PAUSED))


async def resume(session: AsyncSession, number: int) -> None:
    """With its correction; neither, while an owner has stopped all sending."""
    async with writing(session):
        one = await locked(session, number)
        its = Notice.id.in_((one.notice_id, one.mending_id)), Notice.hold == Hold.PAUSED
        on = update(Notice).where(*its, ~STANDS_STILL)
        await session.execute(on.values(hold=Hold.RELEASED))


async def stop(session: AsyncSession, number: int, now: datetime) -> None:
    """For good: whoever has not got it gets none."""
    async with writing(session):
        one = await locked(session, number)
        if one.notice_id and not one.stopped_at:
            one.stopped_at = now
            one.edition += 1
            await end(session, one.notice_id, now)


async def end(session: AsyncSession, notice: int, now: datetime) -> None:
    """Inside of `writing`. What is late is not told (`parcels.is_past`); what was held is let go,
    to be dropped."""
    its = update(Notice).where(Notice.id == notice)
    await session.execute(its.values(expires_at=now))
    await session.execute(its.where(Notice.hold != Hold.NONE).values(hold=Hold.RELEASED))


# Who looks.


async def watched(session: AsyncSession, vault: Vault) -> list[Watched]:
    query = select(Broadcast.id, Broadcast.watched_sealed)
    found = await session.execute(query.where(Broadcast.watched_sealed.is_not(None)))
    return [
        Watched(number, (chat, message), language)
        for number, sealed in found
        if sealed
        for chat, message, language in json.loads(vault.open_text(sealed, WATCHED))
    ]


async def keep_watched(
    session: AsyncSession, vault: Vault, number: int, those: Sequence[Watched]
) -> None:
    whole = json.dumps([[*one.place, one.language] for one in those])
    sealed = vault.seal_text(whole, WATCHED) if those else None
    async with writing(session):
        its = update(Broadcast).where(Broadcast.id == number)
        await session.execute(its.values(watched_sealed=sealed))


async def keep_results(session: AsyncSession) -> None:
    """Notices are forgotten after a month, and with them their counters."""
    query = select(Broadcast, Notice).join(Notice, Notice.id == Broadcast.notice_id)
    changed = [
        (one.id, now)
        for one, notice in (await session.execute(query)).all()
        if one.result != (now := counted(notice).as_json())
    ]
    if changed:
        async with writing(session):
            for number, now in changed:
                its = update(Broadcast).where(Broadcast.id == number)
                await session.execute(its.values(result=now))
