"""Backups: made while the bot runs, opened by nobody else, put back whole or not at all."""

import asyncio
import base64
import fcntl
import gzip
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from typing import Any, BinaryIO

import pyrage
import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from pyrage.x25519 import Identity
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.kills import webhook as by_webhook
from bot import copying, passphrase
from bot.config import BadSettings, load
from bot.db import TROUBLE, dispose, emptied, make_engine, make_sessions, sqlite_file, wiped
from bot.keeping import backup as copies
from bot.keeping import restore
from bot.keeping.backup import LEFT_OUT, looked_through
from bot.keeping.filling import Rows, alone_with, fill
from bot.keeping.refused import Refused
from bot.migrate import pending, run
from bot.services import panic, subscribers
from bot.turn import POLLING, SENDING, Work, turn_of
from models import (
    Base,
    Broadcast,
    Delivery,
    Follow,
    HandledUpdate,
    Kind,
    Notice,
    Question,
    Standstill,
    State,
    Subscriber,
)
from sandbox import Person, Sandbox
from tests import delivery as tools
from tests.conftest import DATABASES
from tests.databases import Databases, at_once
from tests.processes import BotProcess, bot_process
from tests.rows import fill_tables
from tests.test_away import until
from tests.test_command_line import ROOT, Done, bot, environment, in_thread
from tests.test_telling import START, at, hearing, told
from tests.town import KEY, NOW, VAULT, Town, town

__all__ = ["environment"]
PASSPHRASE = "five birds over the harbour"
SEALED = {"DATA_KEY": KEY, "BACKUP_PASSPHRASE": PASSPHRASE}
CHAT = 7_123_456_789_012
"""Of somebody who follows."""
IDENTITY = Identity.generate()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guess costs nothing here."""
    monkeypatch.setattr(passphrase, "WORK", 4)


def silent(_done: int, _total: int) -> None: ...


@pytest.fixture
def url(harbour_url: str) -> str:
    """Of a database with a campaign, people, and what they were told."""

    async def lived_in() -> None:
        engine = make_engine(harbour_url)
        async with make_sessions(engine)() as session:
            await subscribers.claim(session, VAULT)
            await session.execute(insert(Subscriber), [person(n) for n in range(1, 6)])
            await session.execute(insert(Follow), [follow(n) for n in range(1, 6)])
            await session.execute(insert(Notice), [notice(n) for n in range(1, 3)])
            sent = {"state": State.SENT, "priority": 2, "sent_at": NOW}
            rows = [
                {"notice_id": 1, "subscriber_id": n, "message_id": 2**40 + n, **sent}
                for n in range(1, 6)
            ]
            await session.execute(insert(Delivery), rows)
            await session.execute(insert(HandledUpdate), [{"update_id": 1, "handled_at": NOW}])
            await session.commit()
        await dispose(engine)

    at_once(lived_in())
    return harbour_url


def person(n: int) -> dict[str, Any]:
    return {
        "chat_index": VAULT.index(CHAT + n),
        "chat_sealed": VAULT.seal(CHAT + n, subscribers.SEALED),
        "language": "ru",
        "created_at": NOW,
        "seen_on": NOW,
    }


def follow(n: int) -> dict[str, Any]:
    return {"subscriber_id": n, "subject": "all", "thing_id": 0, "created_at": NOW}


def question() -> dict[str, Any]:
    about = {"subscriber_id": 1, "thing_id": 0, "language": "ru", "text_sealed": b"?"}
    return {**about, "asked_at": NOW, "state": "open"}


def notice(n: int) -> dict[str, Any]:
    about = {"key": f"news:case:1:{n}", "kind": "news", "subject": "case", "thing_id": 1}
    return {**about, "priority": 2, "due_at": NOW, "expanded_at": NOW, "total": 5, "sent": 5}


@pytest.fixture
def env(url: str, environment: dict[str, str]) -> dict[str, str]:
    return environment | {"DATABASE_URL": url} | SEALED


@pytest.fixture
def other_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> str:
    """Where nothing is yet."""
    return databases.fresh(request.param, tmp_path / "other.db")


def contents(url: str, *left_out: str) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}

    async def look() -> None:
        engine = make_engine(url)
        async with engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                if table.name not in left_out:
                    query = select(table).order_by(*table.primary_key)
                    found[table.name] = list((await connection.execute(query)).all())
        await dispose(engine)

    at_once(look())
    return found


def changed(url: str, statement: Any) -> None:
    async def change() -> None:
        engine = make_engine(url)
        async with engine.begin() as connection:
            await connection.execute(statement)
        await dispose(engine)

    at_once(change())


def refused(done: Done, said: str) -> None:
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# There and back.


@pytest.mark.parametrize(
    ("database_url", "other_url"),
    [(one, other) for one in DATABASES for other in DATABASES],
    indirect=True,
)
def test_all_that_is_in_a_backup_is_there_again(
    env: dict[str, str], url: str, other_url: str, tmp_path: Path
) -> None:
    made = bot("backup", "x.age", env=env, cwd=tmp_path)
    assert (made.returncode, made.stdout) == (0, "Written to x.age.\n"), made.stderr
    assert oct((tmp_path / "x.age").stat().st_mode)[-3:] == "600"
    done = bot("restore", "x.age", env=env | {"DATABASE_URL": other_url}, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (0, 2), done.stderr
    assert "The backup is put back and was compared." in done.stdout
    assert contents(other_url, *LEFT_OUT, "told") == contents(url, *LEFT_OUT, "told")
    assert contents(other_url)["handled_updates"] == []


@pytest.mark.parametrize("other_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_from_postgresql_to_postgresql_every_row_comes_and_every_number_goes_on(
    harbour_url: str, other_url: str, tmp_path: Path
) -> None:
    """With rows of every kind in each table, of whose numbers some were given and are gone."""
    engine, other = make_engine(harbour_url), make_engine(other_url)
    assert harbour_url != other_url
    async with engine.begin() as connection:
        await fill_tables(connection, 7)
        tables = await copying.tables_of(connection, Base.metadata.tables)
        await copying.go_on_from(connection, tables, dict.fromkeys(Base.metadata.tables, 20))
        wanted = (await copying.checksums(connection, tables)).written()
        given = await copying.numbers(connection, tables)
    await sealed_for_identity(harbour_url, tmp_path / "x.age")
    with (tmp_path / "x.age").open("rb") as sealed, copies.opened(sealed, [IDENTITY]) as opened:
        header, parts = opened
        rows = Rows(header.revision, header.rows, header.numbers, copies.each(parts))
        await fill(other, rows, silent, gap=restore.GAP)
    async with other.connect() as connection:
        tables = await copying.tables_of(connection, Base.metadata.tables)
        found = (await copying.checksums(connection, tables)).written()
        goes_on = await copying.numbers(connection, tables)
    assert found == {name: sum for name, sum in wanted.items() if name not in LEFT_OUT}
    assert len(given) > 20
    assert set(given.values()) == {20}
    assert goes_on == dict.fromkeys(given, 20 + restore.GAP) | {
        name: 0 for name in LEFT_OUT & given.keys()
    }
    await dispose(engine)
    await dispose(other)


def test_a_restore_takes_back_what_came_since_and_makes_no_number_twice(
    env: dict[str, str], url: str, tmp_path: Path
) -> None:
    bot("backup", "x.age", env=env, cwd=tmp_path)
    before = contents(url, *LEFT_OUT, "told")
    changed(url, update(Subscriber).values(language="en"))
    changed(url, insert(Subscriber).values(person(6)))
    changed(url, insert(HandledUpdate).values(update_id=2, handled_at=NOW))
    done = bot("restore", "x.age", "--yes", env=env, cwd=tmp_path)
    now, then = done.stderr.splitlines()
    assert re.fullmatch(r"In the database now: 1 case, 6 subscribers, facts last changed .*\.", now)
    assert re.fullmatch(r"In the backup of .* UTC: 1 case, 5 subscribers, facts last .*\.", then)
    assert contents(url, *LEFT_OUT, "told") == before
    assert len(contents(url)["handled_updates"]) == 2, "what was answered stays known"
    changed(url, insert(Subscriber).values(person(7)))
    assert contents(url)["subscribers"][-1][0] == 5 + restore.GAP + 1  # type: ignore[index]


def test_an_empty_folder_needs_the_key_and_the_file_alone(
    env: dict[str, str], url: str, tmp_path: Path
) -> None:
    bot("backup", "x.age", env=env, cwd=tmp_path)
    (empty := tmp_path / "empty").mkdir()
    alone = {"LANG": "en_GB.UTF-8"} | SEALED
    done = bot("restore", "../x.age", env=alone, cwd=empty)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("In the database now: nothing.\n")
    there = contents(f"sqlite+aiosqlite:///{empty}/data/bot.db", *LEFT_OUT, "told")
    assert there == contents(url, *LEFT_OUT, "told")


@pytest.mark.parametrize(("file", "code"), [("x.age", 0), ("empty", 1)])
def test_it_comes_through_a_pipe(
    env: dict[str, str], url: str, tmp_path: Path, file: str, code: int
) -> None:
    """As with Docker, whose container sees no folder of ours."""
    bot("backup", "x.age", env=env, cwd=tmp_path)
    (tmp_path / "empty").touch()
    before = contents(url, *LEFT_OUT, "told")
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["cp", file, "pipe"], cwd=tmp_path):
        done = bot("restore", "pipe", "--yes", env=env, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert contents(url, *LEFT_OUT, "told") == before


@pytest.mark.either_database
def test_a_public_key_makes_what_the_secret_one_opens(
    env: dict[str, str], url: str, tmp_path: Path
) -> None:
    del env["BACKUP_PASSPHRASE"]
    keys = f"# created: today\n# public key: {IDENTITY.to_public()}\n{IDENTITY}\n"
    (tmp_path / "key.txt").write_text(keys)
    made = bot("backup", "x.age", "--recipient", str(IDENTITY.to_public()), "--try",
               env=env, cwd=tmp_path)  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert sorted(file.name for file in tmp_path.glob(".*")) == [], "the trial leaves nothing"
    refused(bot("restore", "x.age", env=env, cwd=tmp_path), "Name the file with it: --identity")
    done = bot("restore", "x.age", "--identity", "key.txt", "--yes", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (tmp_path / "other.txt").write_text(f"{Identity.generate()}\n")
    done = bot("restore", "x.age", "--identity", "other.txt", env=env, cwd=tmp_path)
    refused(done, "made for another key than the one given")
    (tmp_path / "none.txt").write_text("AGE-SECRET-KEY-1NONE\n")
    done = bot("restore", "x.age", "--identity", "none.txt", env=env, cwd=tmp_path)
    refused(done, "none.txt holds no secret key of age")


def lines_of(file: Path) -> list[bytes]:
    return gzip.decompress(pyrage.passphrase.decrypt(file.read_bytes(), PASSPHRASE)).splitlines()


def test_a_backup_holds_no_secret_and_shows_nothing(
    env: dict[str, str], url: str, tmp_path: Path
) -> None:
    bot("backup", "x.age", env=env, cwd=tmp_path)
    lines = lines_of(tmp_path / "x.age")
    inside, outside = b"\n".join(lines), (tmp_path / "x.age").read_bytes()
    secret = base64.urlsafe_b64decode(KEY.partition(":")[2])
    for key in (KEY.encode(), KEY.encode()[2:-1], base64.b64encode(secret), secret.hex().encode()):
        assert key not in inside
    for n in range(1, 6):
        chat = CHAT + n
        packed = chat.to_bytes(8)
        for shown in (str(chat).encode(), packed, base64.b64encode(packed)[:10]):
            assert shown not in inside
            assert shown not in outside
    assert b"port-strike" in inside
    for word in (b"port-strike", b"Lodkin", b"subscribers", b"revision"):
        assert word not in outside
    named = {table["table"] for table in map(json.loads, lines[1:]) if "table" in table}
    assert "subscribers" in named
    assert not named & LEFT_OUT


async def test_a_backup_is_of_one_moment(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though people come and go while it is made."""
    monkeypatch.setattr(copying, "CHUNK", 2)
    engine = make_engine(url)
    sessions, coming = make_sessions(engine), list[asyncio.Task[None]]()

    async def comes(n: int) -> None:
        async with engine.begin() as connection:
            await connection.execute(insert(Subscriber).values(person(n)))

    parts = copies.read_all

    async def slowly(*given: Any) -> AsyncIterator[copying.Part]:
        async for part in parts(*given):
            await comes(100 + len(coming))
            coming.append(asyncio.current_task())  # type: ignore[arg-type]
            yield part

    monkeypatch.setattr(copies, "read_all", slowly)
    async with sessions() as session:
        header = await copies.write(session, tmp_path / "x.age", PASSPHRASE, VAULT, NOW, silent)
        there = await session.scalar(select(func.count()).select_from(Subscriber))
    await dispose(engine)
    assert header.rows["subscribers"] == 5
    assert there == 5 + len(coming) > 10
    await looked_through(tmp_path / "x.age", PASSPHRASE, silent)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_wipe_does_not_wait_for_a_backup(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which has read everybody already, and must not go on with them."""
    engine, begun, parts = make_engine(url), asyncio.Event(), copies.read_all

    async def slowly(*given: Any) -> AsyncIterator[copying.Part]:
        async for part in parts(*given):
            yield part
            if part.table == "subscribers":
                begun.set()
                await asyncio.Event().wait()

    monkeypatch.setattr(copies, "read_all", slowly)
    making = asyncio.create_task(sealed_for_identity(url, tmp_path / "x.age"))
    await begun.wait()
    async with make_sessions(engine)() as session:
        tables = [Base.metadata.tables[name] for name in ("follows", "deliveries")]
        await asyncio.wait_for(emptied(session, tables, []), 20)
        assert await session.scalar(select(func.count()).select_from(Follow)) == 0
    making.cancel()
    with suppress(*TROUBLE, asyncio.CancelledError):
        await making
    await dispose(engine)


async def everybody_is_wiped(url: str) -> None:
    engine = make_engine(url)
    async with make_sessions(engine)() as session:
        [owner] = await session.scalars(select(Subscriber).where(Subscriber.id == 1))
        await panic.wipe(session, VAULT, owner, CHAT + 1, [CHAT + 1], NOW)
    await dispose(engine)


@pytest.mark.parametrize("moment", ["read", "tried"])
async def test_no_backup_of_those_is_made_who_are_wiped_meanwhile(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whoever wipes everybody deletes the backups that are there, and means this one, too."""
    engine, parts = make_engine(url), copies.read_all

    async def slowly(*given: Any) -> AsyncIterator[copying.Part]:
        async for part in parts(*given):
            yield part
            if moment == "read" and part.table == "subscribers":
                await everybody_is_wiped(url)

    async def try_out(_draft: BinaryIO) -> None:
        if moment == "tried":
            await everybody_is_wiped(url)

    (tmp_path / "x.age").write_text("what was there")
    given = PASSPHRASE, VAULT, NOW, silent
    with monkeypatch.context() as patch:
        patch.setattr(copies, "read_all", slowly)
        async with make_sessions(engine)() as session:
            with pytest.raises(TROUBLE if ends_it(engine, moment) else Refused):
                await copies.write(session, tmp_path / "x.age", *given, try_out)
    assert (tmp_path / "x.age").read_text() == "what was there"
    assert not any(name.startswith(".draft-") for name in os.listdir(tmp_path))
    await dispose(engine)
    await sealed_for_identity(url, tmp_path / "x.age")
    header = await looked_through(tmp_path / "x.age", [IDENTITY], silent)
    assert header.rows["subscribers"] == 1, "the owner is known anew, and a backup is made again"


def ends_it(engine: AsyncEngine, moment: str) -> bool:
    """PostgreSQL's connection that reads is ended by the wipe itself, which would wait for it."""
    return moment == "read" and engine.dialect.name == "postgresql"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_deleted_while_a_backup_read_is_gone_from_the_log_at_its_end(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody waits for the backup: neither whoever deletes, nor who writes then."""
    monkeypatch.setattr("bot.sqlite.PATIENCE", 3600)
    engine, parts = make_engine(url), copies.read_all

    def log() -> int:
        return os.path.getsize(f"{url.partition('///')[2]}-wal")

    async def slowly(*given: Any) -> AsyncIterator[copying.Part]:
        async for part in parts(*given):
            yield part
            if part.table == "subscribers":
                async with make_sessions(engine)() as session:
                    await session.execute(delete(Follow).where(Follow.subscriber_id == 2))
                    await session.commit()
                    await wiped(session)
                assert log() > 0, "somebody reads what was before"

    monkeypatch.setattr(copies, "read_all", slowly)
    async with make_sessions(engine)() as session:
        await copies.write(session, tmp_path / "x.age", PASSPHRASE, VAULT, NOW, silent)
        assert log() == 0
    await dispose(engine)


# What cannot be put back changes nothing.


async def sealed_for_identity(url: str, file: Path) -> None:
    engine = make_engine(url)
    async with make_sessions(engine)() as session:
        await copies.write(session, file, [IDENTITY.to_public()], VAULT, NOW, silent)
    await dispose(engine)


@pytest.mark.either_database
def test_wherever_it_is_cut_or_changed_a_backup_is_refused(url: str, tmp_path: Path) -> None:
    file = tmp_path / "x.age"
    asyncio.run(sealed_for_identity(url, file))
    whole = file.read_bytes()

    def is_refused(data: bytes) -> bool:
        file.write_bytes(data)
        try:
            if copies.wants_passphrase(file):
                return False
            asyncio.run(looked_through(file, [IDENTITY], silent))
        except Refused as error:
            return error.problem in ("damaged", "not_a_backup", "wrong_identity")
        return False

    @given(st.integers(0, len(whole) - 1), st.integers(1, 255))
    def cut_or_changed(place: int, change: int) -> None:
        assert is_refused(whole[:place])
        changed = whole[:place] + bytes([whole[place] ^ change]) + whole[place + 1 :]
        assert is_refused(changed)

    cut_or_changed()
    assert is_refused(whole + b"x")
    assert not is_refused(whole)


def resealed(file: Path, lines: list[bytes]) -> None:
    packed = gzip.compress(b"".join(line + b"\n" for line in lines))
    file.write_bytes(pyrage.encrypt(packed, [IDENTITY.to_public()]))


def header_with(lines: list[bytes], **more: object) -> list[bytes]:
    return [json.dumps(json.loads(lines[0]) | more).encode(), *lines[1:]]


def test_what_is_no_whole_backup_inside_is_refused_before_anything_is_asked(
    env: dict[str, str], url: str, tmp_path: Path
) -> None:
    bot("backup", "x.age", env=env, cwd=tmp_path)
    whole, before = lines_of(tmp_path / "x.age"), contents(url)
    (tmp_path / "key.txt").write_text(str(IDENTITY))
    rows = [place for place, line in enumerate(whole) if line.startswith(b"[")]
    damaged = "damaged or cut off"
    for said, lines in (
        (damaged, whole[:-1]),
        (damaged, whole[:5]),
        (damaged, [*whole[: rows[3]], *whole[rows[3] + 1 :]]),
        (damaged, [*whole[: rows[3]], whole[rows[3]], *whole[rows[3] :]]),
        (damaged, [*whole, b"[1]"]),
        (damaged, [b"{}", *whole[1:]]),
        (damaged, [b"[]", *whole[1:]]),
        (damaged, [b"[" * 100_000]),
        (damaged, [whole[0], b"\xff\xfe", *whole[1:]]),
        (damaged, header_with(whole, made_at="yesterday")),
        ("made by a newer bot", header_with(whole, format=2)),
        ("made by a newer bot", header_with(whole, revision="9999")),
    ):
        resealed(tmp_path / "bad.age", lines)
        done = bot("restore", "bad.age", "--identity", "key.txt", "--yes", env=env, cwd=tmp_path)
        told_last = Done(done.returncode, "", done.stderr.splitlines()[-1] + "\n")
        refused(told_last, said)
        assert contents(url) == before


def test_another_passphrase_key_or_file_is_told(
    env: dict[str, str], url: str, tmp_path: Path
) -> None:
    bot("backup", "x.age", env=env, cwd=tmp_path)
    other = bot("keygen", env=env, cwd=tmp_path).stdout.strip()
    (tmp_path / "key.txt").write_text(str(IDENTITY))
    (tmp_path / "plain.age").write_text("hello")
    none = {name: value for name, value in env.items() if name not in SEALED}
    elsewhere = {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/new/bot.db"}
    before = contents(url)
    for words, now, said in (
        (["x.age"], {**env, "BACKUP_PASSPHRASE": "x" * 12}, "not the passphrase of this backup"),
        (["x.age"], {**env, "DATA_KEY": other}, "Set that one (version 1): with another nobody"),
        (
            ["x.age"],
            {**env, **elsewhere, "DATA_KEY": ""},
            "Set the one that these rows are of (version 1)",
        ),
        (["x.age"], none, "Give it in BACKUP_PASSPHRASE."),
        (["x.age"], env, "Say --yes if it may be replaced."),
        (["plain.age"], env, "no backup of the bot"),
        (["nowhere.age"], env, "nowhere.age cannot be used: there is no such file"),
        (["."], env, "cannot be used: it is a folder"),
    ):
        done = bot("restore", *words, env=now, cwd=tmp_path)
        assert done.returncode == 1
        assert said in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
    assert contents(url) == before
    assert not (tmp_path / "new").exists()
    for words, now, said in (
        (["x.age"], none, "No backup is written unencrypted. Give a passphrase"),
        (["x.age", "--recipient", "age1x"], env, "--recipient is not a public key of age"),
        (["x.age"], {**env, "BACKUP_PASSPHRASE": "short"}, "BACKUP_PASSPHRASE is too short"),
        (["no/such/x.age"], env, "no/such/x.age cannot be used: there is no such file or folder"),
        (["."], env, "The file . cannot be used: it is a folder"),
        (["/proc/x.age"], env, "The file /proc/x.age cannot be used: "),
        (["/dev/full"], env, "The file /dev/full cannot be used: the disk is full"),
    ):
        refused(bot("backup", *words, env=now, cwd=tmp_path), said)


@pytest.mark.parametrize("command", ["backup", "export"])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_takes_the_file_for_the_source_loses_nothing(
    env: dict[str, str], url: str, tmp_path: Path, command: str
) -> None:
    """“backup data/bot.db” would put the backup in the database's place, under a running bot."""
    database = sqlite_file(url)
    database.with_suffix(".key").write_text(KEY)
    (tmp_path / "link.age").symlink_to(database)
    for file in (database, database.with_suffix(".key"), tmp_path / "link.age"):
        before = file.read_bytes()
        done = bot(command, str(file), env=env, cwd=tmp_path)
        refused(done, f"The file {file} is there already, and is something else. Name another one.")
        assert file.read_bytes() == before


@pytest.mark.either_database
def test_only_a_backup_is_replaced_by_one(env: dict[str, str], url: str, tmp_path: Path) -> None:
    for name, said in (("notes", "precious"), ("short", "age"), ("other", "age-encryption.org/v2")):
        (tmp_path / name).write_text(said)
        refused(bot("backup", name, env=env, cwd=tmp_path), f"The file {name} is there already")
        assert (tmp_path / name).read_text() == said
    (tmp_path / "empty").touch()
    for name in ("empty", "new", "new"):
        assert bot("backup", name, env=env, cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("subscribers", "seen_on = '2026-11-2Q'"),
        ("subscribers", "created_at = '2026-13-45 00:00:00.000000'"),
        ("deliveries", "sent_at = 12"),
        ("cases", "title = '{'"),
        ("subscribers", "chat_sealed = 'text'"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_of_a_damaged_database_the_backup_that_was_there_stays(
    env: dict[str, str], url: str, tmp_path: Path, table: str, change: str
) -> None:
    """A single byte is enough, and SQLite does not look."""
    bot("backup", "x.age", env=env, cwd=tmp_path)
    before = (tmp_path / "x.age").read_bytes()
    changed(url, text(f"UPDATE {table} SET {change}"))
    told = f"The table “{table}” has rows that cannot be read: the database is damaged."
    refused(bot("backup", "x.age", env=env, cwd=tmp_path), told)
    assert (tmp_path / "x.age").read_bytes() == before
    target = env | {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/new/bot.db"}
    refused(bot("move", str(sqlite_file(url)), env=target, cwd=tmp_path), told)


@pytest.mark.parametrize("words", [["backup", "x"], ["export", "x"], ["forget-old"]])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_in_the_wrong_folder_nothing_is_made(
    env: dict[str, str], url: str, tmp_path: Path, words: list[str]
) -> None:
    """It would be an empty database, and its backup one that looks as good as any."""
    bot("backup", "x", env=env, cwd=tmp_path)
    before = (tmp_path / "x").read_bytes()
    wrong = {name: value for name, value in env.items() if name != "DATABASE_URL"}
    done = bot(*words, env=wrong, cwd=tmp_path)
    refused(done, "The file data/bot.db cannot be used: there is no such file or folder.")
    assert (tmp_path / "x").read_bytes() == before
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("work", [POLLING, SENDING], ids=lambda work: work.name)
async def test_nothing_is_put_back_under_a_running_bot(
    env: dict[str, str], url: str, tmp_path: Path, work: Work
) -> None:
    await in_thread("backup", "x.age", env=env, cwd=tmp_path)
    engine = make_engine(url)
    async with turn_of(engine, work) as turn:
        assert await turn.take()
        done = await in_thread("restore", "x.age", "--yes", env=env, cwd=tmp_path)
        refused(done, "A bot is running with this database.")
    await dispose(engine)
    done = await in_thread("restore", "x.age", "--yes", env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("only", ["web", "sender"])
async def test_nothing_is_put_back_under_any_process_of_a_bot(
    env: dict[str, str], url: str, tmp_path: Path, only: str
) -> None:
    """Also one that answers by a webhook, and has nobody's turn but the one of all."""
    await in_thread("backup", "x.age", env=env, cwd=tmp_path)
    await asyncio.to_thread(changed, url, update(Subscriber).values(language="en"))
    put_back = partial(in_thread, "restore", "x.age", "--yes", env=env, cwd=tmp_path)
    async with Sandbox() as telegram, serving(telegram, url, only) as process:
        refused(await put_back(), "A bot is running with this database.")
        there = await asyncio.to_thread(contents, url)
        assert {row[3] for row in there["subscribers"]} == {"en"}  # type: ignore[index]
        process.send_signal(signal.SIGKILL)
        await process.wait()
    done = await put_back()
    assert done.returncode == 0, done.stderr


@asynccontextmanager
async def serving(telegram: Sandbox, url: str, only: str) -> AsyncIterator[BotProcess]:
    own = {"DATABASE_URL": url, "DATA_KEY": KEY} | by_webhook()
    async with bot_process(telegram, "--only", only, **own) as process:
        await until(lambda: telegram.calls.total > 0)
        yield process


async def test_a_bot_that_comes_while_rows_are_put_back_waits(url: str) -> None:
    """It would remember cards that are others a moment later."""
    engine, waits = make_engine(url), "serving is another process's turn"
    own = {"DATABASE_URL": url, "DATA_KEY": KEY} | by_webhook()
    async with Sandbox() as telegram, AsyncExitStack() as bots:
        async with alone_with(engine):
            stopped, waiting = [
                await bots.enter_async_context(bot_process(telegram, "--only", "web", **own))
                for _ in range(2)
            ]
            await until(lambda: waits in stopped.told() and waits in waiting.told())
            stopped.send_signal(signal.SIGTERM)
            assert await stopped.wait() == 0
            assert telegram.calls.total == 0
        await until(lambda: telegram.calls.total > 0)
    await dispose(engine)


async def test_whoever_comes_meanwhile_ends_it(url: str, tmp_path: Path) -> None:
    """The turn of a connection can be lost."""
    await sealed_for_identity(url, tmp_path / "x.age")
    engine = make_engine(url)
    lost = asyncio.Event()
    lost.set()
    with pytest.raises(Refused, match="running"):
        await restore.put_back(engine, tmp_path / "x.age", [IDENTITY], NOW, silent, lost)
    async with engine.connect() as connection:
        assert await connection.scalar(select(Standstill.id)) is None
    await dispose(engine)


@contextmanager
def disk_of(size: int) -> Any:
    """The system's limit of a file's size stands for the disk's end."""
    before, handler = getrlimit(RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        setrlimit(RLIMIT_FSIZE, (size, before[1]))
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("sealed", [{}, {"BACKUP_RECIPIENT": str(IDENTITY.to_public())}])
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_full_disk_leaves_the_backup_that_was_there(
    env: dict[str, str], url: str, tmp_path: Path, sealed: dict[str, str]
) -> None:
    if sealed:
        env = {**env, "BACKUP_PASSPHRASE": ""} | sealed
    (tmp_path / "x.age").write_text(was := "age-encryption.org/v1\nwhat was there")
    with disk_of(1_000):
        done = bot("backup", "x.age", env=env, cwd=tmp_path)
    refused(done, "The file x.age cannot be used: the system says EFBIG.")
    assert (tmp_path / "x.age").read_text() == was
    assert [file.name for file in tmp_path.iterdir()] == ["x.age"]


# At a terminal.


class Terminal:
    """Of somebody who types."""

    def __init__(self, *words: str, env: dict[str, str], cwd: Path) -> None:
        self.shown, (self.ours, theirs) = "", pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            **{"stdin": theirs, "stdout": theirs, "stderr": theirs, "cwd": cwd},
            env=env | {"PYTHONPATH": str(ROOT), "TERM": "dumb"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)

    def reads(self, words: str) -> None:
        while words not in self.shown:
            self.shown += os.read(self.ours, 1000).decode()
        self.shown = self.shown.partition(words)[2]

    def types(self, words: str) -> None:
        os.write(self.ours, f"{words}\n".encode())

    def ends(self) -> int:
        with suppress(OSError):  # the other end is closed
            while more := os.read(self.ours, 1000):
                self.shown += more.decode()
        os.close(self.ours)
        return self.process.wait()


@pytest.mark.either_database
def test_at_a_terminal_it_asks(env: dict[str, str], url: str, tmp_path: Path) -> None:
    del env["BACKUP_PASSPHRASE"]
    here = partial(Terminal, env=env, cwd=tmp_path)
    making = here("backup", "x.age")
    making.reads("A passphrase for the backup: ")
    making.types(PASSPHRASE)
    making.reads("Once more: ")
    making.types(PASSPHRASE)
    assert making.ends() == 0
    assert "Written to x.age." in making.shown
    assert PASSPHRASE not in making.shown
    changed(url, update(Subscriber).values(language="en"))
    before = contents(url)
    for answer, code, said in (("n", 1, "Nothing was changed."), ("y", 0, "is put back")):
        assert contents(url) == before
        putting = here("restore", "x.age")
        putting.reads("The backup's passphrase: ")
        putting.types(PASSPHRASE)
        putting.reads("Replace what is in the database? [y/N]: ")
        putting.types(answer)
        assert putting.ends() == code
        assert said in putting.shown
    assert {row[3] for row in contents(url)["subscribers"]} == {"ru"}  # type: ignore[index]


@pytest.mark.either_database
def test_another_passphrase_the_second_time_writes_nothing(
    env: dict[str, str], url: str, tmp_path: Path
) -> None:
    del env["BACKUP_PASSPHRASE"]
    making = Terminal("backup", "x.age", env=env, cwd=tmp_path)
    making.reads("A passphrase for the backup: ")
    making.types(PASSPHRASE)
    making.reads("Once more: ")
    making.types(PASSPHRASE.upper())
    assert making.ends() == 1
    assert "That was not the same passphrase. Nothing was written." in making.shown
    assert not (tmp_path / "x.age").exists()


# Older tables.


@pytest.mark.parametrize("other_url", ["sqlite"], indirect=True)
async def test_a_backup_of_older_tables_is_brought_up_to_date(
    url: str, other_url: str, tmp_path: Path
) -> None:
    engine, other = make_engine(url), make_engine(other_url)
    await run(engine, partial(command.downgrade, revision="0016"))
    await sealed_for_identity(url, tmp_path / "x.age")
    async with alone_with(other) as lost:
        await restore.put_back(other, tmp_path / "x.age", [IDENTITY], NOW, silent, lost)
    assert not await pending(other)
    async with other.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(Follow)) == 5
        assert not any((await connection.scalars(select(Notice.is_paid))).all())
    await dispose(engine)
    await dispose(other)


# Nothing is told.


@pytest.fixture
async def anna(delivery: tools.Delivery, harbour: Town) -> Person:
    await delivery.rests(harbour)
    anna = harbour.person("Anna", language="en")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    return anna


@pytest.mark.parametrize(
    ("before", "last"),
    [
        (timedelta(days=2), "⏩ Moved later: Wednesday, 25 November, 11:00"),
        (timedelta(hours=22), "⏰ Tomorrow: Wednesday, 25 November, 11:00"),
    ],
)
async def test_a_backup_that_is_put_back_tells_nothing_anew(
    delivery: tools.Delivery,
    harbour: Town,
    anna: Person,
    database_url: str,
    tmp_path: Path,
    before: timedelta,
    last: str,
) -> None:
    """Neither a change that was settling when it was made, nor a reminder that was due since."""
    file = tmp_path / "x.age"
    await at(harbour, delivery, START - timedelta(days=2, hours=20))
    await harbour.take_in(hearing("starts_at: 2026-11-25 11:00"))
    await sealed_for_identity(database_url, file)
    await delivery.settles(harbour)
    await at(harbour, delivery, START - before)
    assert told(anna)[-1] == last
    await harbour.halt()
    engine, now = harbour.app.engine, harbour.clock.now()
    async with alone_with(engine) as lost:
        await restore.put_back(engine, file, [IDENTITY], now, silent, lost)
    async with town(database_url, telegram=harbour.telegram, clock=harbour.clock) as again:
        await delivery.settles(again)
        assert told(anna) == []
        await at(again, delivery, START - timedelta(hours=2))
        assert told(anna)[-1] == "⏰ In 3 hours: Wednesday, 25 November, 11:00"


async def test_what_was_on_its_way_is_dropped_and_what_was_planned_is_a_draft(
    url: str, tmp_path: Path
) -> None:
    engine = make_engine(url)
    written = {"role": "owner", "via": "desk", "created_at": NOW, "to": "all", "versions": {}}
    async with engine.begin() as connection:
        await connection.execute(update(Notice).values(sent=0, hold=1))
        await connection.execute(update(Notice).where(Notice.id == 2).values(expanded_at=None))
        for n, state in enumerate((State.READY, State.LEASED, State.WAITING, State.HELD), 1):
            one = update(Delivery).where(Delivery.subscriber_id == n)
            await connection.execute(one.values(state=state, leased_until=NOW, not_before=NOW))
        for days in (-1, 1):
            due = insert(Broadcast).values(due_at=NOW + timedelta(days=days), **written)
            await connection.execute(due)
        await connection.execute(insert(Question).values(**question()))
    await sealed_for_identity(url, tmp_path / "x.age")
    async with alone_with(engine) as lost:
        await restore.put_back(engine, tmp_path / "x.age", [IDENTITY], NOW, silent, lost)
    async with make_sessions(engine)() as session:
        kinds = list(await session.scalars(select(Notice.kind)))
        assert Kind.QUESTIONS in kinds, "the desk may have been told of it"
        states = list(await session.scalars(select(Delivery.state).order_by(Delivery.id)))
        assert states == [State.DROPPED] * 4 + [State.SENT]
        first, second, *_ = await session.scalars(select(Notice).order_by(Notice.id))
        assert (first.dropped, first.hold, second.hold) == (4, 0, 0)
        assert all(await session.scalars(select(Notice.expanded_at)))
        planned = list(await session.scalars(select(Broadcast.due_at).order_by(Broadcast.id)))
        assert planned == [None, NOW + timedelta(days=1)]
        assert await session.scalar(select(Standstill.id)) is None
    await dispose(engine)


async def test_what_stood_still_stands_still(url: str, tmp_path: Path) -> None:
    engine = make_engine(url)
    long_ago = NOW - timedelta(days=1)
    async with engine.begin() as connection:
        await connection.execute(insert(Standstill).values(id=1, since=long_ago))
    await sealed_for_identity(url, tmp_path / "x.age")
    async with alone_with(engine) as lost:
        await restore.put_back(engine, tmp_path / "x.age", [IDENTITY], NOW, silent, lost)
    async with make_sessions(engine)() as session:
        assert await session.scalar(select(Standstill.since)) == long_ago
    await dispose(engine)


async def test_killed_before_all_is_written_down_nothing_is_sent(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(_engine: AsyncEngine, _now: datetime) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(restore, "write_down", killed)
    await sealed_for_identity(url, tmp_path / "x.age")
    engine = make_engine(url)
    async with alone_with(engine) as lost:
        with pytest.raises(KeyboardInterrupt):
            await restore.put_back(engine, tmp_path / "x.age", [IDENTITY], NOW, silent, lost)
    async with make_sessions(engine)() as session:
        assert await session.scalar(select(Standstill.since)) == NOW
    await dispose(engine)


# Settings.


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"backup_dir": "x"}, {"BACKUP_DIR": "needs_passphrase"}),
        ({"backup_dir": "x", "backup_passphrase": "short"}, {"BACKUP_PASSPHRASE": "too_short"}),
        ({"backup_recipient": "age1abc"}, {"BACKUP_RECIPIENT": "not_a_recipient"}),
        (
            {"backup_recipient": str(IDENTITY.to_public()), "backup_passphrase": PASSPHRASE},
            {"BACKUP_RECIPIENT": "one_of_two"},
        ),
        ({"backup_dir": "x", "backup_recipient": str(IDENTITY.to_public())}, {}),
        ({"backup_dir": "x", "backup_passphrase": PASSPHRASE}, {}),
    ],
)
def test_settings_of_backups(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, str], problems: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(name.upper(), value)
    if problems:
        with pytest.raises(BadSettings) as refused:
            load()
        assert refused.value.problems == problems
    else:
        assert load().backup_dir == Path("x")
