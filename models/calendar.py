from datetime import date

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class CalendarFeed(Base):
    """A private address at which calendar programs look for what somebody follows."""

    __tablename__ = "calendar_feeds"

    id: Mapped[Id]
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), unique=True
    )
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """HMAC of the address's last part, which is kept nowhere: whoever has a copy of the database
    can read nobody's calendar."""
    created_on: Mapped[date]
