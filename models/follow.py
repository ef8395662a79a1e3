from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, Id, Word

ASKED = timedelta(days=60)
"""So long whoever asked where to write to somebody is told when that changes."""


class Subject(StrEnum):
    """What is followed, and what a notice is about."""

    DEFENDANT = "defendant"
    CASE = "case"
    CITY = "city"
    ALL = "all"
    ADDRESS = "address"
    """Of a defendant: by whoever asked where to write, for a while (ASKED)."""


class Follow(Base):
    __tablename__ = "follows"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "subject", "thing_id"),
        Index("ix_follows_thing", "subject", "thing_id", "subscriber_id"),
        ONCE,
    )

    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    subject: Mapped[Word]
    thing_id: Mapped[int]
    """Of the defendant or the case; of any court in the city; 0: everything."""
    muted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Attendance(Base):
    """ "I will come." Only the number of them is ever shown."""

    __tablename__ = "attendances"
    __table_args__ = (UniqueConstraint("hearing_id", "subscriber_id"),)

    id: Mapped[Id]
    hearing_id: Mapped[int]
    """No foreign key: when it is removed, whoever wanted to come has still to be told so."""
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    occasion: Mapped[str | None] = mapped_column(String(40))
    """The day and the court that they said it of: of others they are asked anew."""
