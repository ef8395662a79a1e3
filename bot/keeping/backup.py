"""A backup: one file, the same from SQLite and from PostgreSQL, encrypted by age.

Inside is gzip, and in that lines of JSON: a header; of each table its columns and then a row a
line; at the end how many rows there were and their checksums. DATA_KEY is never in it, so whoever
opens it learns the facts of the campaign and nobody's chat.
"""

import gzip
import json
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import AwareDatetime, BaseModel, ValidationError
from pyrage.x25519 import Identity
from sqlalchemy import exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.copying import (
    CHUNK,
    Checksums,
    Part,
    counted,
    names_in,
    numbers,
    read_all,
    tables_of,
    to_line,
)
from bot.crypto import Vault
from bot.db import BACKUP, snapshot, wiped
from bot.keeping.refused import Refused, refusing
from bot.keeping.remains import draft_in
from bot.migrate import present_revisions
from bot.passphrase import VERSION
from bot.sealing import Seal, needs_passphrase, opening, sealing
from models import CampaignVersion, HistoryEntry, Subscriber

FORMAT = 1
LEFT_OUT = frozenset({"handled_updates", "dialogs"})
"""Of no use later: Telegram never sends such updates again, and nobody goes on typing what they had
begun a week ago."""
Tell = Callable[[int, int], None]
"""How many rows are done, of how many."""
Key = str | Sequence[Identity]


class Header(BaseModel):
    format: int
    made_at: AwareDatetime
    revision: str
    """Of the tables."""
    key_version: int | None
    key_mark: str | None
    """Of the DATA_KEY by which people are found in it; none: no bot has run yet."""
    changed_at: AwareDatetime | None
    """When the facts changed last."""
    rows: dict[str, int]
    numbers: dict[str, int]
    """That were given last, by table."""

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def refuse_other_file(file: Path) -> None:
    """An older backup may be replaced, and nothing else: some take FILE for what is to be copied,
    and name the database itself."""
    if not file.is_file():
        return
    with file.open("rb") as there:
        start = there.read(len(VERSION))
    if start and start != VERSION:
        raise Refused("in_the_way", file=str(file))


async def write(
    session: AsyncSession,
    file: Path,
    seal: Seal,
    vault: Vault | None,
    now: datetime,
    tell: Tell,
    try_out: Callable[[BinaryIO], Awaitable[None]] | None = None,
) -> Header:
    """As the database is at this moment, whatever is written to it meanwhile."""
    await snapshot(session)
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SET LOCAL application_name = '{BACKUP}'"))
    header = await header_of(connection, vault, now)
    last = await session.scalar(select(func.max(Subscriber.id)))
    with drafted(file) as draft, refusing():
        with sealing(draft, seal) as plain, packed(plain) as lines:
            await write_rows(connection, lines, header, tell)
        await wiped(session)  # nothing is held back any longer
        if try_out:
            draft.seek(0)
            await try_out(draft)
        await refuse_wiped(session, last)
    return header


async def refuse_wiped(session: AsyncSession, last: int | None) -> None:
    """Nobody is left of those who are in it, up to the `last` of them: they were to be gone."""
    if last is None:  # there was nobody
        return
    if not await session.scalar(select(exists().where(Subscriber.id <= last))):
        raise Refused("changed_meanwhile")


async def header_of(connection: AsyncConnection, vault: Vault | None, now: datetime) -> Header:
    names = await connection.run_sync(names_in) - LEFT_OUT
    tables = await tables_of(connection, names)
    [revision] = await connection.run_sync(present_revisions)
    mark = await connection.scalar(select(CampaignVersion.key_mark))
    return Header(
        format=FORMAT,
        made_at=now,
        revision=revision,
        key_version=vault.version if vault and vault.mark == mark else None,
        key_mark=mark.hex() if mark else None,
        changed_at=await connection.scalar(select(func.max(HistoryEntry.at))),
        rows=await counted(connection, tables),
        numbers=await numbers(connection, tables),
    )


async def write_rows(
    connection: AsyncConnection, out: BinaryIO, header: Header, tell: Tell
) -> None:
    out.write(f"{header.model_dump_json()}\n".encode())
    sums, last = Checksums(), ""
    async for part in read_all(connection, await tables_of(connection, header.rows)):
        if part.table != last:
            last = part.table
            out.write(f"{to_line({'table': last, 'columns': part.columns})}\n".encode())
        out.write("".join(f"{line}\n" for line in sums.add(part)).encode())
        tell(sums.rows, header.total)
    if sums.rows != header.total:  # PostgreSQL shows a table that was emptied to everybody at once
        raise Refused("changed_meanwhile")
    out.write(f"{to_line({'end': sums.written()})}\n".encode())


@contextmanager
def packed(plain: BinaryIO) -> Iterator[BinaryIO]:
    with gzip.GzipFile(fileobj=plain, mode="wb", compresslevel=6, mtime=0) as lines:
        yield lines  # type: ignore[misc]  # as good as a BinaryIO


@contextmanager
def drafted(file: Path) -> Iterator[BinaryIO]:
    """All or nothing, and nobody else's to read. A link stays a link."""
    target = file.resolve()
    try:
        if file.exists() and not file.is_file():  # a device such as /dev/stdout
            with file.open("wb") as opened:
                yield opened
            return
        with draft_in(target.parent) as (descriptor, draft), open(descriptor, "w+b") as opened:
            yield opened
            opened.flush()
            os.fsync(descriptor)
            draft.replace(target)
    except OSError as error:
        if isinstance(error, ConnectionError) or error.errno is None:
            raise  # of the database
        raise OSError(error.errno, error.strerror, str(file)) from None


# Reading.


@contextmanager
def opened(file: BinaryIO, key: Key) -> Iterator[tuple[Header, Iterator[Part]]]:
    """The parts tell at their end whether all of it came as it was written."""
    with refusing(), opening(file, key) as plain, gzip.GzipFile(fileobj=plain) as lines:
        with damaged():
            header = header_in(lines.readline())
        yield header, parts_in(lines, header)


def header_in(line: bytes) -> Header:
    if json.loads(line)["format"] != FORMAT:
        raise Refused("newer_backup")
    return Header.model_validate_json(line)


@contextmanager
def damaged() -> Iterator[None]:
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error, ValidationError):
        raise Refused("damaged") from None
    except (ValueError, KeyError, TypeError, RecursionError):  # no JSON, or not ours
        raise Refused("damaged") from None


def parts_in(lines: gzip.GzipFile, header: Header) -> Iterator[Part]:
    sums, part = Checksums(), Part("", [], [])
    with damaged():
        for line in lines:
            found = json.loads(line)
            if isinstance(found, list):
                part.rows.append(found)
            if part.rows and (len(part.rows) == CHUNK or isinstance(found, dict)):
                sums.add(part)
                yield part
                part = Part(part.table, part.columns, [])
            if isinstance(found, dict) and "table" in found:
                part = Part(found["table"], found["columns"], [])
            elif isinstance(found, dict):
                whole = found["end"] == sums.written() and sums.rows == header.total
                if whole and not lines.read():
                    return
                break
    raise Refused("damaged")


async def looked_through(file: Path, key: Key, tell: Tell) -> Header:
    """All of it, before anything is asked or changed."""
    with file.open("rb") as sealed, opened(sealed, key) as (header, parts):
        done = 0
        for part in parts:
            done += len(part.rows)
            tell(done, header.total)
    return header


def wants_passphrase(file: Path) -> bool:
    with refusing(), file.open("rb") as sealed:
        return needs_passphrase(sealed)


async def each(parts: Iterator[Part]) -> AsyncIterator[Part]:
    for part in parts:
        yield part
