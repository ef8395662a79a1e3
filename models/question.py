from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, Id, Word


class QuestionState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    """Without an answer."""


class Question(Base):
    """What somebody asks the organisers. Who asked is there for the answer to find them; the desk
    never learns it."""

    __tablename__ = "questions"
    __table_args__ = ONCE

    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    subject: Mapped[Word | None]
    thing_id: Mapped[int]
    """Of the defendant or the case that it is about. No foreign key: what is removed may come again
    under its number."""
    language: Mapped[str] = mapped_column(String(8))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    state: Mapped[Word] = mapped_column(default=QuestionState.OPEN, index=True)
    version: Mapped[int] = mapped_column(default=1)
    """Raised by every step of it: of two at once the second is told."""
    taken_by: Mapped[int | None] = mapped_column(
        ForeignKey("members.subscriber_id", ondelete="SET NULL"), index=True
    )
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The last one."""
    settled_at: Mapped[datetime | None]
    """When it was answered or closed."""
    blocked_until: Mapped[datetime | None]
    """Until then nothing more is taken from whoever asked this. It stands here and not beside the
    person, so that the desk does not see which questions are of the same one."""
