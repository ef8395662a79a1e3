from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Slug, Texts, Word

if TYPE_CHECKING:
    from models.case import Case
    from models.facility import Facility


class Status(StrEnum):
    AT_LIBERTY = "at_liberty"
    RESTRICTED = "restricted"
    HOUSE_ARREST = "house_arrest"
    PRE_TRIAL_DETENTION = "pre_trial_detention"
    TRANSFER = "transfer"
    COLONY = "colony"
    SETTLEMENT_COLONY = "settlement_colony"
    PRISON = "prison"
    FORCED_LABOUR = "forced_labour"
    MEDICAL = "medical"
    RELEASED = "released"
    ABROAD = "abroad"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Who vouches for a fact: a role, never a name."""

    LAWYER = "lawyer"
    RELATIVE = "relative"
    COURT = "court"
    FACILITY = "facility"
    COORDINATOR = "coordinator"
    SUPPORTER = "supporter"
    MEDIA = "media"
    OTHER = "other"


class Defendant(Base):
    __tablename__ = "defendants"

    id: Mapped[Id]
    slug: Mapped[Slug]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    position: Mapped[int]
    name: Mapped[Texts]
    """{language: name}, and {language}_full: the name as documents have it."""
    aliases: Mapped[list[str] | None]
    who: Mapped[Texts | None]
    birth_year: Mapped[int | None]
    birthday: Mapped[str | None] = mapped_column(String(5))
    languages: Mapped[list[str] | None]
    status: Mapped[Word] = mapped_column(index=True)
    country: Mapped[str | None] = mapped_column(String(2))
    sentence: Mapped[dict[str, Any] | None]
    """{"years": 6.25, "regime": texts, "since": partial date}."""
    lawyer: Mapped[Texts | None]
    campaigns: Mapped[list[dict[str, Any]] | None]
    write_about: Mapped[Texts | None]
    letters_allowed: Mapped[bool | None]
    letters_reason: Mapped[Texts | None]
    withdrawn_at: Mapped[datetime | None]
    """The last confirmation of a place that was taken away: an old file must not bring it back."""
    version: Mapped[int] = mapped_column(index=True)
    """The campaign's version at the last change: how the search notices a new name."""

    case: Mapped["Case"] = relationship(back_populates="defendants", lazy="raise")
    custody: Mapped[list["Custody"]] = relationship(
        order_by="Custody.position", lazy="raise", cascade="all, delete-orphan"
    )


class Custody(Base):
    """A stay in one facility. Only the last one without an end is where the person is."""

    __tablename__ = "custodies"

    id: Mapped[Id]
    defendant_id: Mapped[int] = mapped_column(ForeignKey("defendants.id"), index=True)
    position: Mapped[int]
    facility_id: Mapped[int] = mapped_column(ForeignKey("facilities.id"))
    since: Mapped[date | None]
    until: Mapped[date | None]
    addressee: Mapped[Texts | None]
    confirmed_at: Mapped[datetime | None]
    source: Mapped[Word | None]

    facility: Mapped["Facility"] = relationship(lazy="raise")
