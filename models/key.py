from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import ONCE, Base, Id


class OldKey(Base):
    """A key that was followed by another one. What it sealed is sealed anew; what is only found
    again (marks of what was removed, addresses, chats) is found through it for ever."""

    __tablename__ = "old_keys"
    __table_args__ = ONCE

    id: Mapped[Id]
    version: Mapped[int]
    lookup_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """The key derived from it that looks up, never the one that opens; sealed with the newest."""
    is_done: Mapped[bool] = mapped_column(default=False)
    """Whether nothing is left that only it opens."""
