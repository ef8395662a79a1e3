from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Slug, Texts, Word

if TYPE_CHECKING:
    from models.court import Court
    from models.defendant import Defendant


class Stage(StrEnum):
    INVESTIGATION = "investigation"
    READING_THE_FILE = "reading_the_file"
    TRIAL = "trial"
    APPEAL = "appeal"
    CASSATION = "cassation"
    SENTENCED = "sentenced"
    SERVED = "served"
    EXTRADITION = "extradition"
    UNKNOWN = "unknown"


class Case(Base):
    __tablename__ = "cases"

    id: Mapped[Id]
    slug: Mapped[Slug]
    title: Mapped[Texts]
    also: Mapped[Texts | None]
    summary: Mapped[Texts | None]
    articles: Mapped[list[dict[str, Any]] | None]
    """[{"code": "UK RF", "article": "205.2", "part": "1", "since": …, <language>: meaning}]."""
    stage: Mapped[Word] = mapped_column(index=True)
    people_in_case: Mapped[int | None]
    volumes: Mapped[int | None]
    version: Mapped[int] = mapped_column(index=True)
    """The campaign's version at the last change: how the search notices a new title."""

    defendants: Mapped[list["Defendant"]] = relationship(
        back_populates="case", order_by="Defendant.position", lazy="raise"
    )
    timeline: Mapped[list["TimelineEntry"]] = relationship(
        order_by="TimelineEntry.position", lazy="raise", cascade="all, delete-orphan"
    )


class TimelineEntry(Base):
    __tablename__ = "timeline_entries"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    position: Mapped[int]
    date: Mapped[str | None] = mapped_column(String(10))
    """As far as it is known: "2018", "2024-04", "2024-04-30" or nothing."""
    kind: Mapped[Word]
    hearing_kind: Mapped[Word | None]
    court_id: Mapped[int | None] = mapped_column(ForeignKey("courts.id"))
    defendant_id: Mapped[int | None] = mapped_column(ForeignKey("defendants.id"))
    judge: Mapped[Texts | None]
    text: Mapped[Texts]

    court: Mapped["Court | None"] = relationship(lazy="raise")
