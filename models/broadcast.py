from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, Day, Id, Word


class To(StrEnum):
    """Whom a broadcast is for."""

    ALL = "all"
    CASE = "case"
    DEFENDANT = "defendant"
    CITY = "city"
    """Whoever would go to any court there."""
    EVENT = "event"
    """Whoever comes there."""


class Broadcast(Base):
    """What coordinators write to many: a draft, until it has a moment. Who sent what when is kept
    here, for good; neither what it came to for anybody, nor a name."""

    __tablename__ = "broadcasts"
    __table_args__ = (
        Index(
            "ix_broadcasts_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL AND notice_id IS NULL"),
            postgresql_where=text("due_at IS NOT NULL AND notice_id IS NULL"),
        ),
        ONCE,
    )

    id: Mapped[Id]
    edition: Mapped[int] = mapped_column(default=0)
    """Raised by every change: a button acts on what its screen showed."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="SET NULL"))
    """Who sent it, or began it. Nothing: somebody who was forgotten."""
    role: Mapped[Word]
    via: Mapped[Word]
    created_at: Mapped[datetime]
    to: Mapped[Word] = mapped_column("audience")
    thing_id: Mapped[int] = mapped_column(default=0)
    """Of a case, a defendant or an event; of any court in a city."""
    day: Mapped[Day] = mapped_column(default="")
    """Of an event that repeats."""
    language: Mapped[str] = mapped_column(String(8), default="")
    """Only for those who read it; "": for all."""
    versions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By language {"text": HTML, "media": [[kind, file], …]}; the first is for the others, too."""
    is_urgent: Mapped[bool] = mapped_column(default=False)
    is_paid: Mapped[bool] = mapped_column(default=False, server_default=false())
    """An owner pays Telegram to take it faster."""
    due_at: Mapped[datetime | None]
    """Nothing: a draft."""
    notice_id: Mapped[int | None] = mapped_column(index=True)
    """Since it goes out. Notices are forgotten after a month."""
    stopped_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    recalled_at: Mapped[datetime | None]
    mending_id: Mapped[int | None]
    """The notice of the last correction, or of the recall; nothing: it is still to be made."""
    result: Mapped[dict[str, Any] | None]
    """Counters as they were last."""
    watched_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Where its progress is being looked at: chats, messages, languages."""
