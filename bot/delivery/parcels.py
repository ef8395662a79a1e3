"""What goes in one message, to whom, and when. Without a database."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.quiet import quiet_until
from bot.screen import Act, Screen
from bot.services.attendance import Yes
from bot.services.audience import HEARD_AT_EVENTS, PROMISED, bit_of
from bot.services.event_news import EventFacts, which
from bot.services.notices import HearingFacts, before, matter_of, thing_of
from bot.services.seats import Which
from models import (
    MENDING,
    OF_BROADCASTS,
    OF_EVENTS,
    OF_MEMBERS,
    Follow,
    Kind,
    Notice,
    Priority,
    State,
    Subject,
)

LEASE = timedelta(seconds=30)
"""What is claimed goes within five seconds, and a request takes fifteen at the most."""
TIME_TO_ACT = timedelta(hours=3)
"""Before a hearing: who would learn only later than that where to go is woken."""
TIME_TO_STAY = timedelta(minutes=90)
"""Before a start that is none any more: so long before people may have left home."""
SOON = timedelta(seconds=2)
"""Until then word of what has just changed again may be there."""
NOWHERE = frozenset[Yes]()
NO_SEATS = frozenset[Which]()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for a while."""

    id: int
    notice: Notice
    follow: Follow | None
    """Through which it comes; none: it ended meanwhile, or there was none."""
    priority: int
    tries: int
    messages: tuple[int, ...] = ()
    """That are there: of an album whose text is still to come, or of what is edited or deleted."""


@dataclass(frozen=True, slots=True)
class Recipient:
    id: int
    chat_sealed: bytes
    language: str | None
    timezone: str | None
    """Their own."""
    home: str
    """The organisers' zone."""
    alerts: int
    leads: int
    quiet_from: int | None
    quiet_until: int | None
    silent_until: datetime | None
    is_blocked: bool
    going: frozenset[Yes] = NOWHERE
    """Of the hearings that are told of, those to which they said that they will come."""
    seats: frozenset[Which] = NO_SEATS
    """Of the events that are told of, those to which they come."""

    def wants(self, notice: Notice, follow: Follow | None, now: datetime) -> bool:
        if self.is_blocked:
            return False
        if notice.kind in MENDING or (follow and follow.subject == Subject.ADDRESS):
            return True
        if self.going and notice.kind in PROMISED and notice.hearing_id in dict(self.going):
            return True
        is_silent = self.silent_until is not None and self.silent_until > now
        if notice.kind in OF_EVENTS:
            return not is_silent or not HEARD_AT_EVENTS[Kind(notice.kind)][1]
        if notice.kind in OF_MEMBERS or notice.kind == Kind.ANSWER:
            return True  # who keeps the facts is told of them, silence or not; so is who asked
        if is_silent or notice.kind == Kind.QUESTIONS:
            return not is_silent
        column = self.leads if notice.kind == Kind.REMINDER else self.alerts
        return bool(column & bit_of(notice))


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one message tells: a delivery, or several of one batch."""

    deliveries: tuple[Claimed, ...]
    recipient: Recipient
    leased_until: datetime

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(item.id for item in self.deliveries)

    @property
    def tries(self) -> int:
        """How often it may have arrived: what came to it since has all its tries."""
        return min(item.tries for item in self.deliveries)

    @property
    def due_at(self) -> datetime:
        return max(item.notice.due_at for item in self.deliveries)

    @property
    def expires(self) -> bool:
        return any(item.notice.expires_at for item in self.deliveries)

    def aimed(self, screen: Screen) -> Screen:
        """At the messages that are there."""
        first, *others = self.deliveries
        if others or first.notice.kind not in OF_BROADCASTS:
            return screen
        acts = {Kind.CORRECTION: Act.EDIT, Kind.RECALL: Act.DELETE}
        act = acts.get(Kind(first.notice.kind), Act.SEND)
        return replace(screen, act=act, messages=first.messages)

    @property
    def unheard(self) -> list[Claimed]:
        """What went out already may have arrived though no answer came: it is not taken as unheard,
        and where that thing has changed again, the newest change alone is told."""
        if len(self.deliveries) == 1:
            return list(self.deliveries)
        by_age = sorted(self.deliveries, key=lambda item: item.notice.id)
        newest = {thing_of(item.notice): item for item in by_age}
        sent = {thing_of(item.notice) for item in self.deliveries if item.tries}
        return [
            item
            for item in self.deliveries
            if (thing := thing_of(item.notice)) not in sent or item is newest[thing]
        ]

    @property
    def rank(self) -> tuple[int, int]:
        """The smaller one goes first."""
        return min((item.priority, item.id) for item in self.deliveries)


@dataclass(frozen=True, slots=True)
class Outcome:
    ids: tuple[int, ...]
    state: State
    not_before: datetime | None = None
    message_id: int | None = None
    tried: bool = False
    """Whether it may have arrived."""
    album: tuple[int, ...] = ()
    """Messages that are there already: the text is still to come."""


def sorted_out(
    items: Sequence[tuple[Recipient, Claimed]],
    recipients: dict[int, Recipient],
    now: datetime,
    untold: Collection[str] = (),
) -> tuple[list[Parcel], list[Outcome]]:
    """What is to be sent now, at most one message a chat, and what is not."""
    parcels, outcomes, taken = list[Parcel](), list[Outcome](), set[int]()
    for number, some in together(items):
        parcel = Parcel(tuple(some), recipients[number], now + LEASE)
        outcome = put_off(parcel, number in taken, now, untold)
        if outcome:
            outcomes.append(outcome)
        else:
            parcels.append(parcel)
            taken.add(number)
    return parcels, outcomes


def together(items: Sequence[tuple[Recipient, Claimed]]) -> list[tuple[int, list[Claimed]]]:
    """By recipient, and by what may share a message; the foremost first.

    What there is of one thing goes with the first of it.
    """
    groups = defaultdict[tuple[int, int | None, int], list[Claimed]](list)
    of_thing: dict[tuple[int, str], tuple[int, int | None, int]] = {}
    notices = {item.notice.id: item.notice for _, item in items}  # few, and many items
    matters = {number: matter_of(notice) for number, notice in notices.items()}
    for recipient, item in items:
        batch = item.notice.batch
        group = recipient.id, batch, item.id if batch is None else 0
        groups[of_thing.setdefault((recipient.id, matters[item.notice.id]), group)].append(item)
    return [(number, some) for (number, _, _), some in groups.items()]


def put_off(
    parcel: Parcel, busy: bool, now: datetime, untold: Collection[str] = ()
) -> Outcome | None:
    recipient = parcel.recipient
    zone = ZoneInfo(recipient.timezone or recipient.home)
    quiet = quiet_until(now, zone, recipient.quiet_from, recipient.quiet_until)
    if quiet and not any(
        cannot_wait(one.notice, quiet) or one.messages for one in parcel.deliveries
    ):
        return Outcome(parcel.ids, State.WAITING, not_before=quiet)
    if untold and any(is_untold(item.notice, untold) for item in parcel.deliveries):
        return Outcome(parcel.ids, State.WAITING, not_before=now + SOON)
    if busy:
        return Outcome(parcel.ids, State.READY)
    return None


def is_untold(notice: Notice, untold: Collection[str]) -> bool:
    """Days of an event change with it."""
    waits = notice.kind in (Kind.EVENT_MOVED, Kind.EVENT_OFF)
    return thing_of(notice) in untold or (waits and f"event:{notice.thing_id}" in untold)


def cannot_wait(notice: Notice, until: datetime) -> bool:
    """Told then, there would be no time left to act on it: a change wants more of it. Coordinators
    say what breaks quiet hours; what mends a message makes no sound. Who came in by a link that
    was stolen is not left alone till the morning."""
    if notice.kind == Kind.JOINED:
        return True
    if notice.kind in OF_BROADCASTS:
        return notice.kind in MENDING or notice.priority == Priority.URGENT
    if notice.expires_at is None:
        return False
    is_reminder = notice.kind in (Kind.REMINDER, Kind.EVENT_SOON, Kind.WRITTEN)
    needs = timedelta() if is_reminder else TIME_TO_ACT
    return notice.expires_at - needs <= until or goes_in_vain(notice, until)


def goes_in_vain(notice: Notice, until: datetime) -> bool:
    """Who is told only then may have left for where it was to be. What is over needs no hurry."""
    start = known_start(notice)
    return start is not None and notice.due_at < start <= until + TIME_TO_STAY


def known_start(notice: Notice) -> datetime | None:
    """When people would be there who have not heard of the change."""
    match before(notice):
        case HearingFacts() as hearing:
            return hearing.start
        case EventFacts() as event:
            return event.on(which(notice)[1]).starts_at
    return None
