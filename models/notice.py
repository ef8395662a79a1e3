from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    String,
    UniqueConstraint,
    false,
    or_,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, BigNumber, Id, Word


class Priority(IntEnum):
    """The smaller one is sent first."""

    URGENT = 0
    REPLY = 1
    REMINDER = 2
    MENDING = 3
    """What was wrong in a message to many, before more of them go out."""
    BULK = 4


class Kind(StrEnum):
    """Of notices."""

    SET = "set"
    MOVED = "moved"
    CANCELLED = "cancelled"
    OUTCOME = "outcome"
    STATUS = "status"
    NEWS = "news"
    ADDRESS = "address"
    """Of a defendant, as STATUS: and letters reach them elsewhere, or not any more."""
    CLOSED = "closed"
    """A fundraiser: with thanks."""
    REMINDER = "reminder"
    ROUTES = "routes"
    """To pay by, that lapse: for those who keep the facts."""
    PROPOSED = "proposed"
    """To those who may accept it."""
    SETTLED = "settled"
    """What somebody proposed: to them."""
    REPORTED = "reported"
    """An address that is said to be wrong."""
    JOINED = "joined"
    """Those who keep the facts: to owners."""
    SUMMARY = "summary"
    """Of a day: what needs a hand at the desk."""
    SEAT = "seat"
    """At an event, for whoever waited for one."""
    EVENT_MOVED = "event_moved"
    EVENT_OFF = "event_off"
    EVENT_SOON = "event_soon"
    WRITTEN = "written"
    """After an evening: how many letters were written?"""
    QUESTIONS = "questions"
    """From people, that nobody has taken yet: for those who keep the facts."""
    ANSWER = "answer"
    """To a question, for whoever asked."""
    BROADCAST = "broadcast"
    CORRECTION = "correction"
    """Every copy of a broadcast is edited."""
    RECALL = "recall"
    """Every copy is deleted."""
    UNSENT = "unsent"
    """A broadcast that came too late to go out: to whoever planned it."""


OF_EVENTS = frozenset({Kind.SEAT, Kind.EVENT_MOVED, Kind.EVENT_OFF, Kind.EVENT_SOON, Kind.WRITTEN})
"""Told to those who come there, and to nobody else."""
OF_MEMBERS = frozenset(
    {
        *(Kind.ROUTES, Kind.PROPOSED, Kind.SETTLED, Kind.REPORTED, Kind.SUMMARY, Kind.UNSENT),
        Kind.JOINED,
    }
)
"""Told to those who keep the facts, and to nobody else."""
OF_QUESTIONS = frozenset({Kind.QUESTIONS, Kind.ANSWER})
"""Between people and those who keep the facts."""
MENDING = frozenset({Kind.CORRECTION, Kind.RECALL})
"""Done to the messages of a broadcast that are there."""
OF_BROADCASTS = MENDING | {Kind.BROADCAST}
SWITCHED = (
    *(Kind.SET, Kind.MOVED, Kind.CANCELLED, Kind.OUTCOME, Kind.STATUS, Kind.NEWS, Kind.CLOSED),
    Kind.BROADCAST,
)
ALERTS = {kind: 1 << place for place, kind in enumerate(SWITCHED)}
"""What can be switched off, as bits of `Subscriber.alerts`. Reminders are so by lead time."""
LEADS = {7 * 24 * 60: 1, 3 * 24 * 60: 2, 24 * 60: 4, 3 * 60: 8, 60: 16}
"""Minutes before a hearing, and the bit of `Subscriber.leads`."""
USUAL_LEADS = 2 | 4 | 8
PACES = (3, 10, 30, 60, 300, 900, 3600, 10_800, 43_200)
"""Seconds from the moment at which a notice is due: within each of them so many were told."""


class Hold(IntEnum):
    """Whether a notice waits for somebody's word."""

    NONE = 0
    PAUSED = 1
    RELEASED = 2
    """Some of its deliveries are still held."""


class Notice(Base):
    """Something to tell many."""

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "ix_notices_hold",
            "hold",
            sqlite_where=text("hold <> 0"),
            postgresql_where=text("hold <> 0"),
        ),
        Index(
            "ix_notices_paid",
            "id",
            sqlite_where=text("is_paid = 1"),
            postgresql_where=text("is_paid"),
        ),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(100), unique=True)
    """Names what is told, so that it is told once: "reminder:<hearing>:<revision>:<minutes>", of an
    event "<kind>:event:<number>:<day>:<…>"."""
    kind: Mapped[Word]
    subject: Mapped[Word]
    """"hearing", "defendant", "case", "event", "fundraiser", "routes", "proposal", "settled",
    "report", "summary", "question", "unsent", "unplanned", "member" or
    "broadcast"."""
    thing_id: Mapped[int] = mapped_column(index=True)
    lead: Mapped[int | None]
    """Minutes before the hearing, of a reminder."""
    before: Mapped[dict[str, Any] | None]
    """What people knew until now, of a change. Of a broadcast, whom it is for; of what mends one,
    the number of its notice."""
    priority: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(index=True)
    """Since when it is to be told."""
    expires_at: Mapped[datetime | None]
    """From then on nobody is told any more."""
    batch: Mapped[int | None]
    """Notices of one change of the campaign: several of them make one message to a person."""
    cursor: Mapped[int] = mapped_column(default=0)
    """The last subscriber for whom a delivery was made."""
    expanded_at: Mapped[datetime | None] = mapped_column(index=True)
    """Since then there is a delivery for everybody concerned."""
    hold: Mapped[int] = mapped_column(default=Hold.NONE)
    is_paid: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Telegram is paid to take it faster: an owner's word, until it is over or Telegram refuses."""
    total: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    dropped: Mapped[int] = mapped_column(default=0)
    """Too late, told already with another one, or not wanted any more."""
    # Of those that were sent, how many within so many seconds (PACES).
    within_3: Mapped[int] = mapped_column(default=0)
    within_10: Mapped[int] = mapped_column(default=0)
    within_30: Mapped[int] = mapped_column(default=0)
    within_60: Mapped[int] = mapped_column(default=0)
    within_300: Mapped[int] = mapped_column(default=0)
    within_900: Mapped[int] = mapped_column(default=0)
    within_3600: Mapped[int] = mapped_column(default=0)
    within_10800: Mapped[int] = mapped_column(default=0)
    within_43200: Mapped[int] = mapped_column(default=0)

    @hybrid_property
    def ended(self) -> int:
        return self.sent + self.blocked + self.failed + self.dropped

    def lasts(self, now: datetime) -> bool:
        """It is not too late to tell it."""
        return self.expires_at is None or self.expires_at > now

    @property
    def is_removal(self) -> bool:
        """Of a hearing; its case stands for it."""
        return self.kind == Kind.CANCELLED and self.subject == "case"

    @property
    def hearing_id(self) -> int:
        """Of what is about one."""
        return int(self.key.split(":")[2]) if self.is_removal else self.thing_id


IS_LEFT = or_(Notice.expanded_at.is_(None), Notice.total > Notice.ended)
"""Somebody is still to get it, or may yet be added."""


def lasting(now: datetime) -> ColumnElement[bool]:
    """As `Notice.lasts`."""
    return or_(Notice.expires_at.is_(None), Notice.expires_at > now)


class State(IntEnum):
    """Of a delivery."""

    READY = 0
    LEASED = 1
    SENT = 2
    BLOCKED = 3
    FAILED = 4
    DROPPED = 5
    WAITING = 6
    """Put off until `not_before`; without one, until its whole batch is there."""
    HELD = 7
    """Until its notice goes on."""


OPEN = (State.READY, State.LEASED, State.WAITING, State.HELD)
"""Not settled yet."""


class Delivery(Base):
    """One notice to one chat. Its message may also tell of other notices of the batch."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "notice_id"),
        Index(
            "ix_deliveries_ready",
            "priority",
            "id",
            sqlite_where=text("state = 0"),
            postgresql_where=text("state = 0"),
        ),
        Index(
            "ix_deliveries_waiting",
            "not_before",
            sqlite_where=text("state = 6"),
            postgresql_where=text("state = 6"),
        ),
        Index(
            "ix_deliveries_leased",
            "leased_until",
            sqlite_where=text("state = 1"),
            postgresql_where=text("state = 1"),
        ),
        Index(
            "ix_deliveries_held",
            "notice_id",
            sqlite_where=text("state = 7"),
            postgresql_where=text("state = 7"),
        ),
        ONCE,
    )

    id: Mapped[int] = mapped_column(BigNumber, primary_key=True)
    notice_id: Mapped[int]
    subscriber_id: Mapped[int]
    """No foreign keys: each would be looked up a million times. Whoever is forgotten takes theirs
    along (`subscribers.drop`), and what comes to nobody is dropped."""
    follow_id: Mapped[int | None]
    """Why it came: the most particular of the follows that meet in it. It may be gone."""
    state: Mapped[int] = mapped_column(default=State.READY)
    priority: Mapped[int]
    not_before: Mapped[datetime | None]
    """Of one that waits: quiet hours, or Telegram said so."""
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    album: Mapped[str | None] = mapped_column(String(160))
    """Numbers of the messages that went before that one: pictures or documents of a broadcast."""

    @property
    def messages(self) -> tuple[int, ...]:
        return (*numbers_in(self.album), *([self.message_id] if self.message_id else []))


def numbers_in(album: str | None) -> tuple[int, ...]:
    return tuple(map(int, album.split(","))) if album else ()


class Told(Base):
    """What followers have been told of a thing: news is what differs from it."""

    __tablename__ = "told"

    subject: Mapped[str] = mapped_column(String(32), primary_key=True)
    thing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    """The campaign's when it was looked at last."""
    facts: Mapped[dict[str, Any]]
