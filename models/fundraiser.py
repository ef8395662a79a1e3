from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, String
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

    routes: Mapped[list["DonationRoute"]] = relationship(order_by="DonationRoute.id", lazy="raise")


class DonationRoute(Base):
    """One way to pay. It lapses by itself when nobody has checked it for `valid_days`."""

    __tablename__ = "donation_routes"

    id: Mapped[Id]
    slug: Mapped[Slug]
    fundraiser_id: Mapped[int] = mapped_column(ForeignKey("fundraisers.id"), index=True)
    pay_from: Mapped[Word]
    method: Mapped[Texts]
    url: Mapped[str] = mapped_column(String(500))
    legal_status: Mapped[Texts]
    warning: Mapped[Texts | None]
    not_for: Mapped[Texts | None]
    checked_at: Mapped[datetime]
    valid_days: Mapped[int]

    def is_valid(self, now: datetime) -> bool:
        return self.checked_at <= now < self.checked_at + timedelta(days=self.valid_days)
