from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Slug, Texts, Word


class Court(Base):
    __tablename__ = "courts"

    id: Mapped[Id]
    slug: Mapped[Slug]
    name: Mapped[Texts]
    city: Mapped[Texts]
    city_key: Mapped[str] = mapped_column(String(100), index=True)
    """The city's name in the campaign's first language, folded: courts of one city share it."""
    timezone: Mapped[Word]
    address: Mapped[Texts | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
