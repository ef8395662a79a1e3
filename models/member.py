from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Word


class Role(StrEnum):
    OWNER = "owner"


class Member(Base):
    """Somebody who keeps the facts, and is told what they need."""

    __tablename__ = "members"

    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    role: Mapped[Word]
