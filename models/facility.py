from enum import StrEnum
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Slug, Texts, Word


class FacilityKind(StrEnum):
    PRE_TRIAL_DETENTION = "pre_trial_detention"
    COLONY = "colony"
    SETTLEMENT_COLONY = "settlement_colony"
    PRISON = "prison"
    FORCED_LABOUR = "forced_labour"
    MEDICAL = "medical"
    OTHER = "other"


class Facility(Base):
    """Where people are held: known by country, region, kind and number, for numbers repeat."""

    __tablename__ = "facilities"

    id: Mapped[Id]
    slug: Mapped[Slug]
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[Texts | None]
    kind: Mapped[Word]
    number: Mapped[str | None] = mapped_column(String(16))
    name: Mapped[Texts]
    postal_code: Mapped[str | None] = mapped_column(String(12))
    address: Mapped[Texts | None]
    timezone: Mapped[Word | None]
    letter_languages: Mapped[list[str] | None]
    letter_rules: Mapped[Texts | None]
    letter_services: Mapped[list[dict[str, Any]] | None]
    """[{"name": …, "url": …}]: electronic letters."""
    letter_days: Mapped[int | None]
    """That a letter is on its way there."""
    letter_term: Mapped[int | None]
    """Days after which an address has to be confirmed anew; none: 30."""
