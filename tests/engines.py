"""Engines of one process share what SQLAlchemy made of its statements: each test has its own.

To put forty statements into words takes longer than most tests do.
"""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

KEPT = 10_000
"""Statements of all tests."""
first: dict[str, Engine] = {}


def sharing(url: Any, **more: Any) -> AsyncEngine:
    """In the place of `create_async_engine`."""
    made = create_async_engine(url, query_cache_size=KEPT, **more)
    engine = made.sync_engine
    known = first.get(engine.dialect.name)
    if known is None or not is_connected(known):
        first[engine.dialect.name] = engine
    else:
        engine.dialect = engine.pool._dialect = known.dialect
        engine._compiled_cache = known._compiled_cache
    return made


def is_connected(engine: Engine) -> bool:
    """Only then a dialect knows its server."""
    return getattr(engine.dialect, "server_version_info", None) is not None
