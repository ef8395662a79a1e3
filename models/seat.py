from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, Day, Id


class Seat(Base):
    """ "I will come" to an event. Only the numbers of people are ever shown."""

    __tablename__ = "seats"
    __table_args__ = (UniqueConstraint("event_id", "day", "subscriber_id"), ONCE)

    id: Mapped[Id]
    """In the order in which they came."""
    event_id: Mapped[int]
    """No foreign key: when it is removed, whoever wanted to come has still to be told so."""
    day: Mapped[Day]
    """Which of an event's days, as `Occurrence.day`."""
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    people: Mapped[int]
    """They, and whom they bring along."""
    is_waiting: Mapped[bool]
    """For a seat to come free."""
    version: Mapped[int]
    """The event's, when they said so first: they saw the card as it was then."""
    taken_at: Mapped[datetime]
    """When they said so, or got the seat: of what was due before they need no reminder."""
