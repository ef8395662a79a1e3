"""What all tables share: naming of constraints, moments in UTC, texts in several languages."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Dialect, Integer, MetaData, String, types
from sqlalchemy.orm import DeclarativeBase, mapped_column

Texts = dict[str, str]
"""{language: text}; the campaign's first language stands first and is the fallback."""

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(types.TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. SQLite forgets zones, so they are put back on reading."""

    impl = types.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Money(types.TypeDecorator[Decimal]):
    """An amount of money, kept as whole hundredths: exact in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((value * 100).to_integral_value())

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 100


# SQLite numbers only INTEGER primary keys by itself.
BigNumber = BigInteger().with_variant(Integer, "sqlite")

ONCE = {"sqlite_autoincrement": True}
"""The number of a row that is gone is never given again, as PostgreSQL has it anyway: it stands in
buttons, and with what is on its way."""

Id = Annotated[int, mapped_column(Integer, primary_key=True)]
Slug = Annotated[str, mapped_column(String(64), unique=True)]
Word = Annotated[str, mapped_column(String(32))]
Day = Annotated[str, mapped_column(String(10))]
"""As ISO writes it; "": the only one."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to say it
        datetime: Moment,
        Decimal: Money,
        Texts: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        dict[str, Any]: JSON(none_as_null=True),
        list[dict[str, Any]]: JSON(none_as_null=True),
    }
