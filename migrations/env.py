"""How Alembic reaches the database: by the connection it is given, or by the settings."""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from bot import config
from bot.db import make_engine
from bot.migrate import run_alone
from models import Base


def plain_type(kind: str, thing: Any, _context: object) -> str | Literal[False]:
    """A migration must not change when the models' own types do: it names those below them."""
    if kind == "type" and isinstance(thing, TypeDecorator):
        return f"sa.{thing.impl_instance!r}"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=plain_type,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,  # SQLite too can, now that its driver does not commit by itself
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_by_settings() -> None:
    """As the bot does: a table that SQLite builds anew must not take along what points to it."""
    engine = make_engine(config.load().database_url)
    await run_alone(engine, run)
    await engine.dispose()


if given := context.config.attributes.get("connection"):
    run(given)
else:
    asyncio.run(run_by_settings())
