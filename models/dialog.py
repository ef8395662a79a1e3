from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Dialog(Base):
    """What a member has begun to type at the desk, until it is done: it outlasts a restart."""

    __tablename__ = "dialogs"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    """Blind: nobody's number is in it."""
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """{"state": …, "data": …} as JSON."""
    at: Mapped[datetime]
