"""Rows that the key before has sealed, sealed anew, a few at a time.

Each value says with which key it was made, so that nothing else need be remembered: a process that
is killed leaves rows that are done, and rows that are not.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    Dialect,
    Row,
    Table,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.crypto import WHOLE, Vault
from bot.db import Sessions, vacuumed, wiped, writing
from bot.renewal import renewed_data, renewed_name
from models import Dialog, OldKey, Removal
from models.sealed import FEW, SECRETS, Secret

SOME = 200
"""Rows of one transaction: a few milliseconds, in which nobody else can write to SQLite."""
PATIENCE = "3s"
"""That a table may be waited for which PostgreSQL is to write anew."""
log = structlog.get_logger()


@dataclass
class Rotation:
    """One process's way through the tables."""

    vault: Vault
    table: int = 0
    last: Any = None
    """The last row that was looked at in it."""
    done: int = 0

    async def step(self, session: AsyncSession) -> bool:
        """Some rows more; whether this was the end of the last table."""
        secret = SECRETS[self.table]
        async with writing(session):
            rows = await some(session, self.vault, secret, self.last)
            self.done += await renew(session, self.vault, secret, rows)
        if rows:
            self.last = rows[-1][0]
            return False
        self.table, self.last = (self.table + 1) % len(SECRETS), None
        return self.table == 0


async def renew_few(session: AsyncSession, vault: Vault) -> None:
    """Inside of `writing`, and of all tables that are small: there nobody need look twice."""
    for secret in FEW:
        last = None
        while rows := await some(session, vault, secret, last):
            await renew(session, vault, secret, rows)
            last = rows[-1][0]


async def some(
    session: AsyncSession, vault: Vault, secret: Secret, last: Any
) -> Sequence[Row[Any]]:
    """Its key first. Rows that somebody else has locked come later: whoever waited for them here,
    with others locked, might be waited for as well."""
    table = table_of(secret)
    [key] = table.primary_key
    query = select(key, *columns(secret)).where(is_behind(vault, secret))
    if last is not None:
        query = query.where(key > last)
    query = query.order_by(key).limit(SOME).with_for_update(skip_locked=True)
    return (await session.execute(query)).all()


async def renew(
    session: AsyncSession, vault: Vault, secret: Secret, rows: Sequence[Row[Any]]
) -> int:
    if not rows:
        return 0
    table = table_of(secret)
    [key] = table.primary_key
    names = [column.name for column in columns(secret)]
    its = update(table).where(key == bindparam("its_key"))
    anew = its.values({name: bindparam(f"new_{name}") for name in names})
    await session.execute(anew, [renewed(vault, secret, row, names) for row in rows])
    return len(rows)


def renewed(vault: Vault, secret: Secret, row: Row[Any], names: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = dict(zip(names, row[1:], strict=True))
    new = {
        name: value and renewed_value(vault, secret, name, value) for name, value in values.items()
    }
    return {"its_key": row[0]} | {f"new_{name}": value for name, value in new.items()}


def renewed_value(vault: Vault, secret: Secret, name: str, value: Any) -> Any:
    if name == secret.index:
        return INDEX.get(secret.table, Vault.renewed)(vault, value)
    if secret.table is Dialog:
        return renewed_dialog(vault, value, secret.sealed[name])
    return vault.resealed(value, secret.sealed[name])


def renewed_mark(vault: Vault, mark: str) -> str:
    return vault.renewed(bytes.fromhex(mark)).hex()


INDEX: Mapping[type, Callable[[Vault, Any], Any]] = {Removal: renewed_mark, Dialog: renewed_name}
"""Those that are no bytes."""


def renewed_dialog(vault: Vault, sealed: bytes, column: str) -> bytes:
    whole = json.loads(vault.open_text(sealed, column))
    whole["data"] = renewed_data(vault, whole["data"])
    return vault.seal_text(json.dumps(whole), column)


# Which rows are left.


def table_of(secret: Secret) -> Table:
    table = secret.table.__table__
    assert isinstance(table, Table)
    return table


def columns(secret: Secret) -> list[Column[Any]]:
    names = [*secret.sealed, *([secret.index] if secret.index else [])]
    return [table_of(secret).c[name] for name in names]


def is_behind(vault: Vault, secret: Secret) -> ColumnElement[bool]:
    """What is sealed begins with its key's version; where nothing is, the index tells."""
    table, version = table_of(secret), bytes([vault.version])
    if secret.sealed:
        return or_(*(func.substr(table.c[name], 1, 1) != version for name in secret.sealed))
    index = table.c[secret.index]
    if secret.table is Removal:
        return or_(func.length(index) == 2 * WHOLE, func.substr(index, 1, 2) != version.hex())
    return or_(func.length(index) == WHOLE, func.substr(index, 1, 1) != version)


async def is_left(session: AsyncSession, vault: Vault) -> bool:
    for secret in SECRETS:
        if await session.scalar(select(exists().where(is_behind(vault, secret)))):
            return True
    return False


async def left(session: AsyncSession, vault: Vault) -> tuple[int, int]:
    """Rows that are still to be sealed anew, of how many."""
    behind = all_of_them = 0
    for secret in SECRETS:
        number = select(func.count()).select_from(table_of(secret))
        behind += await session.scalar(number.where(is_behind(vault, secret))) or 0
        all_of_them += await session.scalar(number) or 0
    return behind, all_of_them


# The end.


async def end(engine: AsyncEngine, sessions: Sessions, vault: Vault) -> None:
    """First the databases' own remains: whoever is killed before the last line begins them anew."""
    if engine.dialect.name == "postgresql":
        await written_anew(engine)
    async with sessions() as session:
        await vacuumed(session)
        await wiped(session)
        async with writing(session):
            await session.execute(update(OldKey).values(is_done=True))
    vault.is_rotating = False


async def written_anew(engine: AsyncEngine) -> None:
    """PostgreSQL keeps what rows were before in the files of their tables (“Routine Vacuuming”). To
    change a column's type to the same one copies what is there now, and nothing else: VACUUM FULL
    also copies what somebody who began earlier might still look at."""
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        try:
            await connection.execute(text(f"SET lock_timeout = '{PATIENCE}'"))
            for secret in SECRETS:
                await connection.execute(text(same_again(secret, engine.dialect)))
        finally:
            await connection.invalidate()


def same_again(secret: Secret, dialect: Dialect) -> str:
    """An expression, though of no effect: a mere name would let PostgreSQL leave all as it is."""
    one = columns(secret)[0]
    kind = one.type.compile(dialect)
    return (
        f"ALTER TABLE {one.table.name} ALTER COLUMN {one.name} TYPE {kind} "
        f"USING {one.name} || CAST('' AS {kind})"
    )
