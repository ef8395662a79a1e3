from datetime import date
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Slug, Texts, Word


class Organisation(Base):
    """Who runs the campaign. The first one is the bot's own."""

    __tablename__ = "organisations"

    id: Mapped[Id]
    slug: Mapped[Slug]
    name: Mapped[Texts]
    short: Mapped[Texts | None]
    about: Mapped[Texts | None]
    languages: Mapped[list[str]]
    timezone: Mapped[Word]
    help_it_gives: Mapped[list[dict[str, Any]] | None]
    raised_in_a_year: Mapped[dict[str, Any] | None]
    as_of: Mapped[date | None]


class CampaignVersion(Base):
    """One row: a number that grows with every change, so that running bots notice it."""

    __tablename__ = "campaign_versions"

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=0)
