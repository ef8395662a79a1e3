from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, Id, Word


class Via(StrEnum):
    """How a change came about."""

    COMMAND_LINE = "command_line"
    FILE = "file"
    """Sent to the bot."""
    DESK = "desk"
    UNDO = "undo"


class HistoryEntry(Base):
    """One thing that changed; all that changed together has one version. Kept for good."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_kind_slug", "kind", "slug", "version"), ONCE)

    id: Mapped[Id]
    version: Mapped[int] = mapped_column(index=True)
    """The campaign's, from then on."""
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("subscribers.id", ondelete="SET NULL"))
    """Nothing: the command line, or somebody who was forgotten."""
    role: Mapped[Word | None]
    via: Mapped[Word]
    second_role: Mapped[Word | None]
    """Of whoever accepted what the author proposed."""
    alone: Mapped[bool] = mapped_column(default=False)
    """Nobody did, for four eyes were switched off."""
    kind: Mapped[Word]
    slug: Mapped[str] = mapped_column(String(64))
    within: Mapped[str | None] = mapped_column(String(64))
    """Of a defendant, the case."""
    name: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    """What people call it: texts by language, or one text."""
    before: Mapped[dict[str, Any] | None]
    """Of its keys those that change, as a campaign file writes them; nothing: it was not there."""
    after: Mapped[dict[str, Any] | None]
    """Nothing: it is not there any more."""
