"""Everything goes from an SQLite file to another database, or nothing does."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from bot.copying import Part
from bot.db import dispose, make_engine
from bot.keeping import filling
from bot.turn import POLLING, SENDING, Work, turn_of
from models import Case, Subscriber
from tests.databases import Databases, at_once
from tests.rows import fill_tables
from tests.test_backup import changed, contents, person, refused
from tests.test_command_line import bot, environment, in_thread
from tests.town import KEY, VAULT

__all__ = ["environment"]
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def source(databases: Databases, tmp_path: Path) -> Path:
    """With rows of every kind in each table, and a key beside."""
    file = tmp_path / "data" / "bot.db"
    file.parent.mkdir()
    url = databases.fresh("sqlite", file)

    async def fill() -> None:
        engine = make_engine(url)
        async with engine.begin() as connection:
            await fill_tables(connection, 7)
        await dispose(engine)

    at_once(fill())
    connection = sqlite3.connect(file)
    connection.execute("UPDATE campaign_versions SET key_mark = ?", [VAULT.mark])
    connection.commit()
    connection.close()
    (file.parent / "bot.key").write_text(f"{KEY}\n")
    return file


@pytest.fixture
def env(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"DATA_KEY": KEY}


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


def test_all_rows_are_there_and_numbers_go_on(
    env: dict[str, str], database_url: str, source: Path, tmp_path: Path
) -> None:
    before = contents(url_of(source))
    tables = len(before)
    done = bot("move", "data/bot.db", env=env, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    said = f"{tables * 7} rows of {tables} tables are moved; counts and checksums agree"
    assert done.stdout.startswith(said)
    assert contents(database_url) == contents(url_of(source)) == before
    changed(database_url, insert(Subscriber).values(person(8)))
    assert contents(database_url)["subscribers"][-1][0] == 8  # type: ignore[index]


def test_tables_are_made_where_there_are_none(
    env: dict[str, str], source: Path, tmp_path: Path
) -> None:
    target = url_of(tmp_path / "new" / "bot.db")
    done = bot("move", "data/bot.db", env=env | {"DATABASE_URL": target}, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert contents(target) == contents(url_of(source))


def test_what_cannot_be_moved_is_told_and_moves_nothing(
    env: dict[str, str], database_url: str, source: Path, tmp_path: Path
) -> None:
    before = contents(database_url)
    (tmp_path / "text.db").write_text("no database at all, but long enough to be one " * 30)
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE somebodys (id)").connection.close()
    other = bot("keygen", env=env, cwd=tmp_path).stdout.strip()
    same = env | {"DATABASE_URL": url_of(tmp_path / "data" / ".." / "data" / "bot.db")}
    for file, now, said in (
        ("nowhere.db", env, "nowhere.db cannot be used: there is no such file"),
        ("data", env, "cannot be used: it is a folder"),
        ("text.db", env, "This file is no SQLite database."),
        ("other.db", env, "This file has no tables of the bot."),
        ("data/bot.db", same, "DATABASE_URL names this very file."),
        ("data/bot.db", env | {"DATA_KEY": ""}, "Put the line of data/bot.key into DATA_KEY."),
        ("data/bot.db", env | {"DATA_KEY": other}, "Put the line of data/bot.key into DATA_KEY."),
    ):
        refused(bot("move", file, env=now, cwd=tmp_path), said)
        assert contents(database_url) == before
    assert not (tmp_path / "nowhere.db").exists()
    (source.parent / "bot.key").unlink()
    done = bot("move", "data/bot.db", env=env | {"DATA_KEY": other}, cwd=tmp_path)
    refused(done, "DATA_KEY is not the key that these rows are of.")
    changed(database_url, insert(Subscriber).values(person(1)))
    refused(bot("move", "data/bot.db", env=env, cwd=tmp_path), "DATABASE_URL is not empty.")


@pytest.mark.parametrize("work", [POLLING, SENDING], ids=lambda work: work.name)
@pytest.mark.parametrize("where", ["source", "target"])
async def test_a_bot_that_runs_is_not_moved_away_from(
    env: dict[str, str], database_url: str, source: Path, tmp_path: Path, work: Work, where: str
) -> None:
    engine = make_engine(url_of(source) if where == "source" else database_url)
    async with turn_of(engine, work) as turn:
        assert await turn.take()
        done = await in_thread("move", "data/bot.db", env=env, cwd=tmp_path)
        refused(done, "A bot is running with this database.")
    await dispose(engine)


def test_a_target_that_keeps_something_else_stays_empty(
    env: dict[str, str],
    database_url: str,
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, write = contents(database_url), filling.write

    async def wrong(connection: object, table: object, part: Part) -> None:
        await write(connection, table, part)  # type: ignore[arg-type]
        if part.table == "cases":
            await connection.execute(update(Case).values(stage="x"))  # type: ignore[attr-defined]

    monkeypatch.setattr(filling, "write", wrong)
    done = bot("move", "data/bot.db", env=env, cwd=tmp_path)
    refused(done, "What was read back from the table “cases” is not what was written.")
    assert contents(database_url) == before
