from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Slug, Texts, Word

if TYPE_CHECKING:
    from models.defendant import Defendant


STILL_ON = timedelta(hours=2)
"""What began is still among the coming events for that long: people are on their way."""
USUAL = timedelta(hours=2)
"""What an event takes of which nobody said it."""


class EventStatus(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    EVENING_OF_LETTERS = "evening_of_letters"
    TALK = "talk"
    PICKET = "picket"
    COURT_SUPPORT = "court_support"
    OTHER = "other"


event_addressees = Table(
    "event_addressees",
    Base.metadata,
    Column("event_id", ForeignKey("events.id"), primary_key=True),
    Column("defendant_id", ForeignKey("defendants.id"), primary_key=True),
)
"""Whom an evening of letters writes to."""


class Event(Base):
    __tablename__ = "events"

    id: Mapped[Id]
    slug: Mapped[Slug]
    kind: Mapped[Word]
    title: Mapped[Texts]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    """The first time, of one that repeats."""
    timezone: Mapped[Word]
    status: Mapped[Word] = mapped_column(default=EventStatus.SCHEDULED)
    repeats: Mapped[dict[str, Any] | None]
    """{"every": EVERY, "until": day, "except": [days]}, the latter two may be missing."""
    minutes: Mapped[int | None]
    city: Mapped[Texts | None]
    place: Mapped[Texts | None]
    place_shown: Mapped[Word]
    """"public", "attendees", or a number of hours before the start."""
    online_url: Mapped[str | None] = mapped_column(String(500))
    capacity: Mapped[int | None]
    about: Mapped[Texts | None]
    revision: Mapped[int] = mapped_column(default=0)
    """The campaign's version when name, time or place changed last: SEQUENCE, as of a hearing."""
    version: Mapped[int] = mapped_column(default=0, index=True)
    """The campaign's version at the last change of anything."""

    write_to: Mapped[list["Defendant"]] = relationship(
        secondary=event_addressees, order_by="Defendant.id", lazy="raise"
    )

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.timezone))

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes) if self.minutes else USUAL
