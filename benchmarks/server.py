"""The PostgreSQL server beside which benchmarks and tests make and drop databases of their own."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import make_url

SERVER = os.environ.get(
    "TEST_POSTGRES", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
)  # any database of the server


def url_of(database: str) -> str:
    return make_url(SERVER).set(database=database).render_as_string(hide_password=False)


@asynccontextmanager
async def connected(database: str | None = None) -> AsyncIterator[asyncpg.Connection]:
    """Without an engine and its pool."""
    url = make_url(SERVER).set(drivername="postgresql")
    url = url.set(database=database) if database else url
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()


async def tell_server(statement: str) -> None:
    async with connected() as server:
        await server.execute(statement)
