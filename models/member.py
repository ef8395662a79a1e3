from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, Id, Word


class Role(StrEnum):
    EDITOR = "editor"
    COORDINATOR = "coordinator"
    OWNER = "owner"


class Member(Base):
    """Somebody who keeps the facts, and is told what they need."""

    __tablename__ = "members"

    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    role: Mapped[Word]
    called_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What whoever invited them calls them; none: an owner, whom a setting names."""
    joined_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """Nothing: until somebody ends it."""
    summary: Mapped[bool] = mapped_column(default=False)
    """Whether they are told each day what needs a hand."""
    hears_of_questions: Mapped[bool] = mapped_column(default=True)
    """Whether a message says that there are new ones."""


class Invitation(Base):
    """For one person, once; the link itself is not kept."""

    __tablename__ = "invitations"
    __table_args__ = ONCE

    id: Mapped[Id]
    secret_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    role: Mapped[Word]
    called_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    waits: Mapped[bool] = mapped_column(default=False)
    """For a second person to accept it."""
    days: Mapped[int | None]
    """Of the role, from the day on which they join; nothing: until somebody ends it."""
    expires_at: Mapped[datetime]
