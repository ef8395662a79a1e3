from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Slug, Texts, Word


class Letter(Base):
    """One that somebody says they have sent. Never who: only they know its number."""

    __tablename__ = "letters"
    __table_args__ = (
        Index("ix_letters_defendant_day", "defendant_id", "day"),
        Index("ix_letters_event_day", "event_id", "day"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Drawn by lot, so that nobody else can take it back."""
    defendant_id: Mapped[int | None] = mapped_column(
        ForeignKey("defendants.id", ondelete="SET NULL")
    )
    """Nobody: it was written at an evening, or to somebody who is no longer on our list."""
    day: Mapped[date] = mapped_column(index=True)
    """The organisers', never the hour; of an evening, the evening's."""
    electronic: Mapped[bool]
    event_id: Mapped[int | None]
    """The evening at which it was written; it may be gone."""


class LetterGoal(Base):
    """So many letters together, such as "1001 and one letter"."""

    __tablename__ = "letter_goals"

    id: Mapped[Id]
    slug: Mapped[Slug]
    title: Mapped[Texts]
    letters: Mapped[int]
    since: Mapped[date]
    until: Mapped[date | None]
    """The last day that counts."""


class Trouble(StrEnum):
    """What somebody says of an address."""

    CAME_BACK = "came_back"
    MOVED = "moved"
    MISTAKE = "mistake"


class AddressReport(Base):
    """For the coordinators: something may be wrong with an address. Never who said so."""

    __tablename__ = "address_reports"

    id: Mapped[Id]
    defendant_id: Mapped[int] = mapped_column(
        ForeignKey("defendants.id", ondelete="CASCADE"), index=True
    )
    trouble: Mapped[Word]
    day: Mapped[date]
    confirmed_at: Mapped[datetime]
    """Of the address as it was then: a later word settles it."""
