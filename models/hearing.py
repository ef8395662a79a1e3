from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Slug, Texts, Word

if TYPE_CHECKING:
    from models.case import Case
    from models.court import Court


class HearingKind(StrEnum):
    CUSTODY = "custody"
    PRELIMINARY = "preliminary"
    MERITS = "merits"
    VERDICT = "verdict"
    APPEAL = "appeal"
    CASSATION = "cassation"
    OTHER = "other"


class HearingStatus(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"
    HELD = "held"
    ADJOURNED = "adjourned"
    DECIDED = "decided"


OFF = frozenset({HearingStatus.CANCELLED, HearingStatus.ADJOURNED})
STILL_ON = timedelta(hours=3)
"""A hearing that began is still among the coming ones for that long: people are on their way."""


class Hearing(Base):
    __tablename__ = "hearings"
    __table_args__ = (
        Index("ix_hearings_court_starts", "court_id", "starts_at"),
        Index("ix_hearings_case_starts", "case_id", "starts_at"),
    )

    id: Mapped[Id]
    slug: Mapped[Slug]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    court_id: Mapped[int] = mapped_column(ForeignKey("courts.id"))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[Word]
    room: Mapped[str | None] = mapped_column(String(64))
    judge: Mapped[Texts | None]
    public: Mapped[bool | None]
    status: Mapped[Word]
    outcome: Mapped[Texts | None]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    """The last confirmation that was taken away: an old file must not bring it back."""
    source: Mapped[Word | None]
    revision: Mapped[int] = mapped_column(default=0)
    """The campaign's version when time, place or status changed last, the court's included.

    SEQUENCE of its calendar entry (RFC 5545): who removes a hearing and adds it again goes on.
    """

    version: Mapped[int] = mapped_column(default=0, index=True)
    """The campaign's version at the last change of anything, its court's included."""

    case: Mapped["Case"] = relationship(lazy="raise")
    court: Mapped["Court"] = relationship(lazy="raise")

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.court.timezone))

    @property
    def is_off(self) -> bool:
        return self.status in OFF

    def takes_place(self, now: datetime) -> bool:
        """Whether one can still go there."""
        return self.status == HearingStatus.SCHEDULED and not self.is_past(now)

    def is_past(self, now: datetime) -> bool:
        return self.starts_at < now - STILL_ON
