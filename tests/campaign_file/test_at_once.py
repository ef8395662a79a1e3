"""Several imports into one database, and a disk without room: all of a file or nothing."""

import asyncio
import os
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import command_line
from models import Case, Court, Removal
from tests.campaign_file.conftest import FORMAT, Keeper
from tests.processes import BotProcess
from tests.test_command_line import bot
from tests.town import KEY

OFFICE = "organisation: {slug: harbour, name: Harbour}\n"


def many_courts(first: int, name: str) -> str:
    courts = (
        f"  - {{slug: c{n}, name: {name}, city: C, timezone: UTC}}\n"
        for n in range(first, first + 2000)
    )
    return OFFICE + "courts:\n" + "".join(courts)


async def imported(file: Path, url: str) -> tuple[int, str]:
    """In a process of its own."""
    process = BotProcess("import", str(file), environment=environment(url), folder=file.parent)
    try:
        return await process.wait(), process.told()
    finally:
        await process.end()


async def at_once(folder: Path, url: str, *texts: str) -> None:
    files = [folder / f"{number}.yaml" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    assert await asyncio.gather(*(imported(file, url) for file in files)) == [(0, "")] * len(texts)


async def test_two_files_at_once_are_both_taken(
    keeper: Keeper, database_url: str, tmp_path: Path
) -> None:
    version = await keeper.version()
    await at_once(tmp_path, database_url, many_courts(0, "A"), many_courts(1000, "B"))
    assert await keeper.one(select(func.count()).select_from(Court)) == 3000
    async with keeper.sessions() as session:
        names = [name["*"] for name in await session.scalars(select(Court.name))]
    assert sorted((names.count("A"), names.count("B"))) == [1000, 2000]
    assert await keeper.version() == version + 2
    assert await keeper.takes(await keeper.export()) == []


async def test_one_file_twice_at_once_is_taken_once(
    keeper: Keeper, database_url: str, tmp_path: Path
) -> None:
    await keeper.takes(FORMAT)
    version = await keeper.version()
    changed = "hearings: [{slug: port-strike-1, remove: true}]\n" + many_courts(0, "A").replace(
        "name: Harbour", "about: We"
    )
    await at_once(tmp_path, database_url, changed, changed)
    assert await keeper.version() == version + 1
    assert await keeper.one(select(func.count()).select_from(Removal)) == 1


async def test_two_at_once_into_a_new_sqlite_file(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new/bot.db"
    await at_once(tmp_path, url, many_courts(0, "A"), many_courts(0, "B"))


def environment(url: str) -> dict[str, str]:
    own = {"DATABASE_URL": url, "DATA_KEY": KEY, "LANG": "en_GB.UTF-8", "LC_ALL": ""}
    return {**os.environ, **own}


def test_whoever_waits_too_long_is_told_why(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bot.db"
    file.write_bytes(sqlite_template.read_bytes())
    (tmp_path / "x.yaml").write_text(FORMAT)
    with_pragma(monkeypatch, "busy_timeout=50")
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        done = bot("import", "x.yaml", env=environment(f"sqlite+aiosqlite:///{file}"), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "Somebody else is writing to the database. Nothing was changed; try again later.\n"
    )


def with_pragma(monkeypatch: pytest.MonkeyPatch, pragma: str) -> None:
    """Every connection of the command line gets the pragma, too."""
    made = command_line.make_engine

    def make(url: str) -> AsyncEngine:
        engine = made(url)
        event.listen(
            engine.sync_engine,
            "connect",
            lambda connection, _record: connection.execute(f"PRAGMA {pragma}").close(),
        )
        return engine

    monkeypatch.setattr(command_line, "make_engine", make)


def test_a_full_disk_is_told_and_changes_nothing(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bot.db"
    file.write_bytes(sqlite_template.read_bytes())
    with sqlite3.connect(file) as there:
        pages = there.execute("PRAGMA page_count").fetchone()[0]
    (tmp_path / "large.yaml").write_text(many_courts(0, "A" * 90))
    env = environment(f"sqlite+aiosqlite:///{file}")
    with monkeypatch.context() as patch:
        with_pragma(patch, f"max_page_count={pages + 10}")
        done = bot("import", "large.yaml", env=env, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The disk of the database is full. Nothing was changed.\n"
    with sqlite3.connect(file) as there:
        for table in (Case, Court, Removal):
            assert there.execute(f"SELECT count(*) FROM {table.__tablename__}").fetchone() == (0,)
        assert there.execute("SELECT version FROM campaign_versions").fetchone() == (0,)
    assert bot("import", "large.yaml", env=env, cwd=tmp_path).returncode == 0
