"""The PostgreSQL server beside which benchmarks and tests make and drop databases of their own."""

import os

import asyncpg
from sqlalchemy import make_url

SERVER = os.environ.get(
    "TEST_POSTGRES", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
)  # any database of the server


def url_of(database: str) -> str:
    return make_url(SERVER).set(database=database).render_as_string(hide_password=False)


async def tell_server(statement: str) -> None:
    plain = make_url(SERVER).set(drivername="postgresql")
    server = await asyncpg.connect(plain.render_as_string(hide_password=False))
    try:
        await server.execute(statement)
    finally:
        await server.close()
