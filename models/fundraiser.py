from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, Slug, Texts, Word


class Purpose(StrEnum):
    LAWYER = "lawyer"
    PARCELS = "parcels"
    FINE = "fine"
    MEDICAL = "medical"
    FAMILY = "family"
    COMMON = "common"


class PayFrom(StrEnum):
    RUSSIA = "russia"
    ELSEWHERE = "elsewhere"
    ANYWHERE = "anywhere"


class FundraiserStatus(StrEnum):
    OPEN = "open"
    CANCELLED = "cancelled"


class DetailKind(StrEnum):
    """What people type in or copy where they pay."""

    RECIPIENT = "recipient"
    CARD = "card"
    PHONE = "phone"
    BANK = "bank"
    BIK = "bik"
    """Of a bank in Russia: nine digits."""
    ACCOUNT = "account"
    """In Russia: twenty digits."""
    CORRESPONDENT = "correspondent"
    """The bank's own account, which a transfer's code names."""
    INN = "inn"
    IBAN = "iban"
    BIC = "bic"
    BITCOIN = "bitcoin"
    ETHEREUM = "ethereum"
    TRON = "tron"
    COMMENT = "comment"
    """To be written to the transfer."""


class Closing(StrEnum):
    """Why nothing more is asked for."""

    REACHED = "reached"
    OVER = "over"
    CANCELLED = "cancelled"


class Fundraiser(Base):
    __tablename__ = "fundraisers"

    id: Mapped[Id]
    slug: Mapped[Slug]
    title: Mapped[Texts]
    purpose: Mapped[Word]
    defendant_id: Mapped[int | None] = mapped_column(ForeignKey("defendants.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    goal: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    raised: Mapped[Decimal | None]
    closes: Mapped[date | None]
    """The last day, the organisers'."""
    status: Mapped[Word] = mapped_column(default=FundraiserStatus.OPEN)

    routes: Mapped[list["DonationRoute"]] = relationship(order_by="DonationRoute.id", lazy="raise")

    def closing(self, today: date) -> Closing | None:
        """`today`: the organisers'."""
        if self.status == FundraiserStatus.CANCELLED:
            return Closing.CANCELLED
        if self.goal and self.raised is not None and self.raised >= self.goal:
            return Closing.REACHED
        return Closing.OVER if self.closes and self.closes < today else None


class FundraiserFigure(Base):
    """How much had been raised at the end of a day."""

    __tablename__ = "fundraiser_figures"
    __table_args__ = (UniqueConstraint("fundraiser_id", "day"),)

    id: Mapped[Id]
    fundraiser_id: Mapped[int] = mapped_column(ForeignKey("fundraisers.id", ondelete="CASCADE"))
    day: Mapped[date]
    """The organisers'."""
    raised: Mapped[Decimal]


class DonationRoute(Base):
    """One way to pay. It lapses by itself when nobody has checked it for `valid_days`."""

    __tablename__ = "donation_routes"

    id: Mapped[Id]
    slug: Mapped[Slug]
    fundraiser_id: Mapped[int] = mapped_column(ForeignKey("fundraisers.id"), index=True)
    pay_from: Mapped[Word]
    method: Mapped[Texts]
    url: Mapped[str | None] = mapped_column(String(500))
    details: Mapped[list[dict[str, Any]] | None]
    """[{"kind": DetailKind, "value": …}]; a link, details, or both."""
    legal_status: Mapped[Texts]
    warning: Mapped[Texts | None]
    not_for: Mapped[Texts | None]
    checked_at: Mapped[datetime]
    valid_days: Mapped[int]

    @property
    def wording(self) -> str:
        """All that whoever pays relies on, and what for."""
        said = self.method, self.legal_status, self.warning, self.not_for
        return repr((self.fundraiser_id, self.pay_from, self.url, self.details, *said))

    @property
    def lapses_at(self) -> datetime:
        return self.checked_at + timedelta(days=self.valid_days)

    def is_valid(self, now: datetime) -> bool:
        return self.checked_at <= now < self.lapses_at
