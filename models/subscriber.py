from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, BigNumber, Id, Word
from models.notice import ALERTS, USUAL_LEADS


class Subscriber(Base):
    """Somebody who asked the bot to remember something. No name, no number, no picture."""

    __tablename__ = "subscribers"
    __table_args__ = (
        Index(
            "ix_subscribers_blocked",
            "blocked_on",
            sqlite_where=text("blocked_on IS NOT NULL"),
            postgresql_where=text("blocked_on IS NOT NULL"),
        ),
        ONCE,
    )

    id: Mapped[Id]
    chat_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """HMAC of the chat id: finds the row without telling whose it is."""
    chat_sealed: Mapped[bytes] = mapped_column(LargeBinary(64))
    """The chat id, encrypted."""
    language: Mapped[str | None] = mapped_column(String(8))
    """Chosen, or spoken when there was something to remember first: reminders are in it."""
    timezone: Mapped[Word | None]
    alerts: Mapped[int] = mapped_column(default=sum(ALERTS.values()))
    """Bits of ALERTS."""
    leads: Mapped[int] = mapped_column(default=USUAL_LEADS)
    """Bits of LEADS."""
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    """Hours of the person's day between which nothing is sent; their zone, or the organisers'."""
    silent_until: Mapped[datetime | None]
    pay_from: Mapped[Word | None]
    """Where they pay from, only if they chose that it is remembered."""
    created_at: Mapped[datetime]
    seen_on: Mapped[datetime]
    """The last day of use, never the hour; of a group that only listens, when that was seen."""
    blocked_on: Mapped[datetime | None]
    """The day since which Telegram takes no message to them; nothing is made for them until they
    are back."""


class HandledUpdate(Base):
    """Updates that have been answered, so that one delivered again is not answered twice."""

    __tablename__ = "handled_updates"

    update_id: Mapped[int] = mapped_column(BigNumber, primary_key=True, autoincrement=False)
    handled_at: Mapped[datetime] = mapped_column(index=True)
