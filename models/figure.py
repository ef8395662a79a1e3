from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Figures(StrEnum):
    """What the desk's figures are about."""

    FOLLOWERS = "followers"
    LETTERS = "letters"
    ATTENDANCE = "attendance"
    DELIVERY = "delivery"


class FollowerFigure(Base):
    """How many would have been told of a hearing of the case at the beginning of a day. A number,
    and never who."""

    __tablename__ = "follower_figures"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    """The organisers'."""
    followers: Mapped[int]
