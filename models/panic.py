from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Standstill(Base):
    """One row as long as nothing is sent, because an owner said so."""

    __tablename__ = "standstills"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime]
