from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Word


class Removal(Base):
    """Something that was taken out: the search forgets it, and nothing else gets its number."""

    __tablename__ = "removals"

    id: Mapped[Id]
    kind: Mapped[Word] = mapped_column(index=True)
    thing_id: Mapped[int]
    mark: Mapped[str] = mapped_column(String(66), index=True)
    """Tells that a slug was removed before; without DATA_KEY it names nobody."""
    withdrawn_at: Mapped[datetime | None]
    """The last word for it that was known: an old file must not bring it back."""
    version: Mapped[int] = mapped_column(index=True)
    """The campaign's version that is the first one without it."""
    heir_id: Mapped[int | None]
    """The number of what came again under its slug; of a court, also of the same one under another.
    """
    heir_since: Mapped[int | None]
    """The campaign's version that is the first one with that."""
