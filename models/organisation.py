from datetime import date
from typing import Any

from sqlalchemy import LargeBinary, String
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
    contact: Mapped[str | None] = mapped_column(String(500))
    """Where people ask: "@name", "mailto:…" or "https://…"."""
    help_it_gives: Mapped[list[dict[str, Any]] | None]
    raised_in_a_year: Mapped[dict[str, Any] | None]
    as_of: Mapped[date | None]


class CampaignVersion(Base):
    """One row: a number that grows with every change, so that running bots notice it.

    The number repeats when an old copy of the database is put back; `tokens` do not.
    """

    __tablename__ = "campaign_versions"

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[str] = mapped_column(String(170), default="")
    """Random, one for each of the last ten changes, the newest first, each with a blank."""
    key_mark: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """Tells which DATA_KEY the rows of people are found with; the first bot that ran left it."""
