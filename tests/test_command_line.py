"""The command line as it is typed: exits, words, and README's way from nothing to an answer."""

import asyncio
import errno
import gc
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import check, turn
from bot.__main__ import start
from bot.command_line import cli, explained, main, replace
from bot.crypto import make_vault
from bot.db import make_engine, make_sessions
from bot.dispatcher import ROUTERS
from bot.services import subscribers
from bot.views import console
from sandbox import Limits, Sandbox
from tests.town import EXAMPLES, KEY, TOKEN

pytestmark = pytest.mark.either_database

ROOT = Path(__file__).parent.parent
SETTINGS = ("BOT_TOKEN", "OWNERS", "DATA_KEY", "WEBHOOK_URL", "REDIS_URL", "TELEGRAM_API_URL")


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return clean | {"DATABASE_URL": database_url, "LANG": "en_GB.UTF-8", "LC_ALL": ""}


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def bot(*words: str, env: dict[str, str], cwd: Path, by: Callable[[], int] = main) -> Done:
    """`python -m bot …` without the second that a new process takes to start."""
    out, err = StringIO(), StringIO()
    for router in ROUTERS:  # those of a bot that ran before in this process
        router._parent_router = None
    with (
        patch.dict(os.environ, env, clear=True),
        patch.object(sys, "argv", ["bot", *words]),
        chdir(cwd),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        code = by()
    return Done(code, out.getvalue(), err.getvalue())


def test_import_tells_what_changes_and_twice_changes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = str(EXAMPLES / "sac-2024.yaml")
    looked = bot("import", file, "--dry-run", env=environment, cwd=tmp_path)
    assert looked.returncode == 0, looked.stderr
    assert "12 cases added" in looked.stdout
    assert "changed nothing" in looked.stdout
    done = bot("import", file, env=environment, cwd=tmp_path)
    assert "17 defendants added" in done.stdout
    assert done.stderr == ""
    again = bot("import", file, env=environment, cwd=tmp_path)
    assert "Nothing changes" in again.stdout


def test_a_removal_is_marked_with_the_key(
    environment: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    """The one beside the SQLite file, or DATA_KEY; and only then is one needed."""
    (tmp_path / "gone.yaml").write_text("hearings: [{slug: port-strike-1, remove: true}]")
    bot("import", str(EXAMPLES / "format.yaml"), env=environment, cwd=tmp_path)
    done = bot("import", "gone.yaml", env=environment, cwd=tmp_path)
    if database_url.startswith("postgresql"):
        assert (done.returncode, done.stderr[:20]) == (1, "DATA_KEY is missing.")
        environment["DATA_KEY"] = KEY
        done = bot("import", "gone.yaml", env=environment, cwd=tmp_path)
    assert "1 hearing removed" in done.stdout
    again = bot("import", "gone.yaml", env=environment, cwd=tmp_path)
    assert "Nothing changes" in again.stdout
    (tmp_path / "typo.yaml").write_text("hearings: [{slug: port-strike-7, remove: true}]")
    assert "port-strike-7" in bot("import", "typo.yaml", env=environment, cwd=tmp_path).stderr


@pytest.mark.parametrize("words", [["--dry-run"], []])
def test_an_import_with_another_key_changes_nothing(
    environment: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    first, other = (bot("keygen", env=environment, cwd=tmp_path).stdout.strip() for _ in "ab")
    typed = ["import", str(EXAMPLES / "format.yaml"), *words]
    mine, others = environment | {"DATA_KEY": first}, environment | {"DATA_KEY": other}
    looked = bot(*typed, "--dry-run", env=others, cwd=tmp_path)  # which claims nothing
    (tmp_path / "court.yaml").write_text("courts: [{slug: a, name: A, city: A, timezone: UTC}]")
    bad = bot("import", "court.yaml", env=others, cwd=tmp_path)  # nor does a file that is refused
    assert (looked.returncode, bad.returncode) == (0, 1)
    assert bot("import", typed[1], env=mine, cwd=tmp_path).returncode == 0
    done = bot("import", "court.yaml", *words, env=others, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("DATA_KEY is not the key that this database")
    assert "1 court added" in bot("import", "court.yaml", env=mine, cwd=tmp_path).stdout


def test_an_import_makes_no_second_key_beside_a_database(tmp_path: Path) -> None:
    env = {"LANG": "en_GB.UTF-8"}
    typed = ["import", str(EXAMPLES / "format.yaml")]
    assert bot(*typed, env=env, cwd=tmp_path).returncode == 0
    (tmp_path / "data" / "bot.key").unlink()
    assert "DATA_KEY is not the key" in bot(*typed, env=env, cwd=tmp_path).stderr
    assert not (tmp_path / "data" / "bot.key").exists()


def test_a_dry_run_makes_no_database(tmp_path: Path) -> None:
    done = bot(
        "import",
        str(EXAMPLES / "format.yaml"),
        "--dry-run",
        env={"LANG": "en_GB.UTF-8"},
        cwd=tmp_path,
    )
    assert "1 court added" in done.stdout
    assert "changed nothing" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_migrates_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    async def revision(statement: str) -> object:
        engine = make_engine(environment["DATABASE_URL"])
        async with engine.begin() as connection:
            await connection.execute(text(statement))
            found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        await engine.dispose()
        return found

    asyncio.run(revision("UPDATE alembic_version SET version_num = '0001'"))
    typed = ["import", str(EXAMPLES / "format.yaml"), "--dry-run"]
    done = bot(*typed, env=environment, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the tables there are of another version. Run “" in done.stderr
    assert asyncio.run(revision("SELECT 1")) == "0001"


def test_a_bad_file_is_told_with_lines_and_changes_nothing(
    environment: dict[str, str], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text((EXAMPLES / "format.yaml").read_text().replace("stage: trial", "stage: trail"))
    told = bot("import", str(bad), env=environment, cwd=tmp_path)
    assert told.returncode == 1
    assert re.search(r"bad\.yaml:\d+: .*stage.*trail.*trial", told.stderr)
    fine = bot("export", "out.yaml", env=environment, cwd=tmp_path)
    assert fine.returncode == 0, fine.stderr
    assert "cases" not in (yaml.safe_load((tmp_path / "out.yaml").read_text()) or {})


def test_export_and_import_again_give_the_same_bytes(
    environment: dict[str, str], tmp_path: Path
) -> None:
    bot("import", str(EXAMPLES / "format.yaml"), env=environment, cwd=tmp_path)
    assert bot("export", "one.yaml", env=environment, cwd=tmp_path).returncode == 0
    other = environment | {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/other.db"}
    imported = bot("import", "one.yaml", env=other, cwd=tmp_path)
    assert imported.returncode == 0, imported.stderr
    assert bot("export", "two.yaml", env=other, cwd=tmp_path).returncode == 0
    assert (tmp_path / "one.yaml").read_bytes() == (tmp_path / "two.yaml").read_bytes()


def test_what_never_ends_is_no_campaign_file(environment: dict[str, str], tmp_path: Path) -> None:
    endless = bot("import", "/dev/zero", env=environment, cwd=tmp_path)
    assert endless.returncode == 1
    assert "too big: at most 50 MB" in endless.stderr


def test_an_export_onto_a_full_disk_leaves_the_old_file(
    environment: dict[str, str], tmp_path: Path
) -> None:
    bot("import", str(EXAMPLES / "format.yaml"), env=environment, cwd=tmp_path)
    old = tmp_path / "out.yaml"
    old.write_text("what was there")
    # The system's limit of a file's size stands for the disk's end: both stop in the middle.
    before, handler = getrlimit(RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    data = b"x" * 100_000
    try:
        setrlimit(RLIMIT_FSIZE, (50_000, before[1]))
        with pytest.raises(OSError):  # noqa: PT011 - EFBIG
            replace(old, data)
        with pytest.raises(OSError):  # noqa: PT011 - EFBIG
            replace(tmp_path / "new.yaml", data)
    finally:
        setrlimit(RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert old.read_text() == "what was there"
    assert not (tmp_path / "new.yaml").exists()
    assert [file.name for file in tmp_path.glob("*") if file.name.startswith("tmp")] == []
    assert bot("export", "out.yaml", env=environment, cwd=tmp_path).returncode == 0
    assert old.read_text().startswith("# The campaign file")


def test_an_export_follows_no_planted_link_and_keeps_ones_own(tmp_path: Path) -> None:
    victim, real, link = tmp_path / "victim", tmp_path / "real.yaml", tmp_path / "x.yaml"
    victim.write_text("precious")
    real.write_text("old")
    link.symlink_to(real)
    (tmp_path / ".x.yaml.new").symlink_to(victim)
    replace(link, b"new")
    assert victim.read_text() == "precious"
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_errors_are_told_in_one_line_and_in_the_languages_of_the_shell(
    environment: dict[str, str], tmp_path: Path
) -> None:
    russian = environment | {"LANG": "ru_RU.UTF-8"}
    for words, env, code, said in (
        (["run"], environment, 1, "BOT_TOKEN is missing. Ask @BotFather"),
        (["run"], russian, 1, "BOT_TOKEN не задан"),
        (["import", "nowhere.yaml"], environment, 1, "nowhere.yaml cannot be used: there is no"),
        (["import", "nowhere.yaml"], russian, 1, "недоступен: такого файла или папки нет"),
        (["import", "."], environment, 1, "The file . cannot be used: it is a folder."),
        (["export", "."], environment, 1, "The file . cannot be used: it is a folder."),
        (["import", f"{ROOT}/README.md/x"], environment, 1, "a part of its path is a file"),
        (["export", "/dev/full"], environment, 1, "The file /dev/full cannot be used: the disk is"),
        (["export", "/proc/x.yaml"], environment, 1, "The file /proc/x.yaml cannot be used: "),
        (["export", f"{'x' * 300}.yaml"], environment, 1, "its name is too long"),
        (["export", "no/such/folder.yaml"], environment, 1, "cannot be used"),
        (["import"], environment, 2, "file"),
        (["fly"], environment, 2, "fly"),
        (["migrate"], environment | {"DATABASE_URL": "mysql://x/y"}, 1, "DATABASE_URL is not"),
        (["run"], environment | {"BOT_TOKEN": "abc"}, 1, "BOT_TOKEN is not a bot's token"),
    ):
        done = bot(*words, env=env, cwd=tmp_path)
        assert done.returncode == code, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("language", "said"), [("en_GB.UTF-8", "campaign file"), ("ru_RU.UTF-8", "файл")]
)
def test_help_is_in_the_language_of_the_shell(
    environment: dict[str, str], tmp_path: Path, language: str, said: str
) -> None:
    env = environment | {"LANG": language}
    told = bot("import", "--help", env=env, cwd=tmp_path)
    assert told.returncode == 0
    assert said in told.stdout.casefold()
    assert ("Take a campaign" in told.stdout) == (language == "en_GB.UTF-8")


def test_every_command_and_parameter_has_help() -> None:
    group = explained(cli)
    assert group.help
    for name, command in group.commands.items():
        assert command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_an_unreachable_database_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    away = environment | {"DATABASE_URL": "postgresql+asyncpg://nobody@127.0.0.1:1/none"}
    for words in (["migrate"], ["export", "x.yaml"]):
        done = bot(*words, env=away, cwd=tmp_path)
        assert done.returncode == 1
        assert "The database cannot be used" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_new_key_for_which_there_is_no_room_leaves_the_one_there_was(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (own := tmp_path / "own").mkdir()
    env = environment | {"DATABASE_URL": f"sqlite+aiosqlite:///{own}/bot.db"}
    (own / "bot.key").write_text(KEY)
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as it comes of a write: no name
    with patch("bot.config.os.fsync", side_effect=full):
        done = bot("keygen", "--rotate", env=env, cwd=own)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "That did not work: the disk is full.\n"
    assert [file.name for file in own.iterdir()] == ["bot.key"]
    assert (own / "bot.key").read_text() == KEY


def test_keygen_makes_keys_that_differ(environment: dict[str, str], tmp_path: Path) -> None:
    one, two = (bot("keygen", env=environment, cwd=tmp_path).stdout for _ in "ab")
    assert re.fullmatch(r"1:[\w-]{43}=\n", one)
    assert one != two


async def test_check_says_of_each_part_whether_it_is_ready(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        key = bot("keygen", env=environment, cwd=tmp_path).stdout.strip()
        ready = environment | {
            "BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "DATA_KEY": key,
        }  # fmt: skip
        good = await in_thread("check", env=ready, cwd=tmp_path)
        assert good.returncode == 0, good.stdout
        assert good.stdout.count("✓") == 6
        assert "@solidarity_bot" in good.stdout
        refused = await in_thread("check", env=ready | {"BOT_TOKEN": "43:OTHER"}, cwd=tmp_path)
        assert refused.returncode == 1
        assert "refuses BOT_TOKEN" in refused.stdout
        bare = ready | {"DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/new.db"}
        new = await in_thread("check", env=bare, cwd=tmp_path)
        assert new.returncode == 0, new.stdout
        assert "✓ Tables: ready; the bot brings them up to date when it starts" in new.stdout
        wrong = await in_thread("check", env=ready | {"LISTEN": "x", "OWNERS": "y"}, cwd=tmp_path)
        assert wrong.stdout.count("✗") == 2


async def test_who_has_to_bring_the_tables_up_to_date_is_told_so(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite the bot does so by itself."""
    monkeypatch.setattr("bot.migrate.heads", lambda: frozenset({"later"}))
    found = await check.tables(engine)
    assert found.is_good == (engine.dialect.name == "sqlite")
    assert ("python -m bot migrate" in console.finding(found)) != found.is_good


async def test_check_tells_whether_redis_answers(
    environment: dict[str, str], redis_url: str, tmp_path: Path
) -> None:
    there = await in_thread("check", env=environment | {"REDIS_URL": redis_url}, cwd=tmp_path)
    assert "✓ Redis: ready" in there.stdout
    gone = environment | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    away = await in_thread("check", env=gone, cwd=tmp_path)
    assert away.returncode == 1
    assert "✗ Redis: cannot be reached (ConnectionError). Is REDIS_URL right" in away.stdout


async def in_thread(*words: str, env: dict[str, str], cwd: Path) -> Done:
    return await asyncio.to_thread(bot, *words, env=env, cwd=cwd)


async def test_check_tells_whether_telegram_reaches_the_webhook(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        way = {"WEBHOOK_URL": "http://127.0.0.1:1", "WEBHOOK_SECRET": "secret"}
        env = environment | {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url} | way
        assert "✓ Webhook: ready" in (await in_thread("check", env=env, cwd=tmp_path)).stdout
        await telegram.world.webhook.set("http://127.0.0.1:1/telegram", "secret", 40)
        await telegram.person().send("/help", wait=False)
        while not telegram.world.webhook.error:
            await telegram.world.webhook.next_attempt()
        done = await in_thread("check", env=env, cwd=tmp_path)
    assert done.returncode == 1
    assert "✗ Webhook: Telegram does not reach it (Connection refused). Does the" in done.stdout


def test_check_without_telegram_says_so(environment: dict[str, str], tmp_path: Path) -> None:
    away = environment | {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:1"}
    done = bot("check", env=away, cwd=tmp_path)
    assert done.returncode == 1
    assert "Telegram: cannot be reached" in done.stdout
    assert "repeating a request" not in done.stdout


async def test_readmes_way_from_nothing_to_an_answer(tmp_path: Path) -> None:
    """The commands of README's "Start it" after `make setup`, in an empty folder."""
    section = (ROOT / "README.md").read_text().partition("## Start it")[2].partition("\n## ")[0]
    typed = re.findall(r"^\.venv/bin/python -m bot (.+?)(?:\s+#.*)?$", section, re.MULTILINE)
    assert typed == ["import examples/sac-2024.yaml", "run"]
    (tmp_path / "examples").symlink_to(EXAMPLES)
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    clean.pop("DATABASE_URL", None)
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nTELEGRAM_API_URL={telegram.url}\n")
        imported = await in_thread(*typed[0].split(), env=clean, cwd=tmp_path)
        assert imported.returncode == 0, imported.stderr
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            typed[1],
            env=clean | {"PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
        )
        try:
            anna = telegram.person("Anna", language="ru")
            await anna.send("Доктор Правда")
            anna.sees("психотерапевт из Брянска")
        finally:
            running.send_signal(signal.SIGTERM)
            assert await running.wait() == 0
    assert oct((tmp_path / "data" / "bot.key").stat().st_mode)[-3:] == "600"


def as_nobody() -> int:
    """`main` by somebody who is not root; others are not anyway."""
    if os.geteuid() != 0:
        return main()
    os.setresuid(65534, 65534, 0)
    try:
        return main()
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def roots() -> Iterator[Path]:
    """A folder on the way to which nothing is barred, where somebody forgot `runuser`."""
    with TemporaryDirectory() as folder:
        here = Path(folder)
        here.chmod(0o755)
        done = bot("import", str(EXAMPLES / "format.yaml"), env=IN_FOLDER, cwd=here)
        assert done.returncode == 0, done.stderr
        bot("check", env=IN_FOLDER, cwd=here)  # what it brings in is there
        yield here
        (here / "data").chmod(0o700)


IN_FOLDER = {
    "LANG": "en_GB.UTF-8",
    "BOT_TOKEN": TOKEN,
    "TELEGRAM_API_URL": "http://127.0.0.1:1",
    "DATA_KEY": KEY,
    "BACKUP_DIR": "data/backups",
    "BACKUP_PASSPHRASE": "seven dockers carry crates",
}


@pytest.mark.parametrize(("path", "mode"), [("data/bot.db", 0), ("data", 0)])
def test_a_database_made_by_somebody_else_is_told_by_its_name(
    roots: Path, path: str, mode: int
) -> None:
    (roots / "data").chmod(0o777)
    (roots / path).chmod(mode)
    told = f"The file {path} cannot be used: its permissions forbid it."
    for words in (["run"], ["import", str(EXAMPLES / "format.yaml")]):
        done = bot(*words, env=IN_FOLDER, cwd=roots, by=as_nobody)
        assert (done.returncode, done.stderr) == (1, told + "\n")
    found = bot("check", env=IN_FOLDER, cwd=roots, by=as_nobody)
    assert f"✗ Database: {told}" in found.stdout
    assert "Backups: " in found.stdout
    assert "Telegram: " in found.stdout


@pytest.mark.parametrize("work", turn.WORKS, ids=lambda work: work.name)
def test_a_turn_of_somebody_else_is_told_before_it_is_missed(roots: Path, work: turn.Work) -> None:
    (roots / "data").chmod(0o777)
    (roots / "data" / "bot.db").chmod(0o666)
    file = roots / "data" / f"bot.{work.name}"
    file.touch(0o600)
    found = bot("check", env=IN_FOLDER, cwd=roots, by=as_nobody)
    told = f"✗ Database: The file data/{file.name} cannot be used: its permissions forbid it."
    assert told in found.stdout
    file.chmod(0o666)
    assert "✓ Database" in bot("check", env=IN_FOLDER, cwd=roots, by=as_nobody).stdout


def test_a_key_made_by_somebody_else_is_told_by_its_name(roots: Path) -> None:
    (roots / "data").chmod(0o777)
    (roots / "data" / "bot.db").chmod(0o666)
    (roots / "data" / "bot.key").write_text(KEY)
    (roots / "data" / "bot.key").chmod(0)
    env = {name: value for name, value in IN_FOLDER.items() if name != "DATA_KEY"}
    found = bot("check", env=env, cwd=roots, by=as_nobody)
    assert "✗ Data key: The file data/bot.key cannot be used: its perm" in found.stdout
    assert "✓ Database" in found.stdout


def test_what_root_does_in_between_does_not_bar_the_bot(roots: Path) -> None:
    """A new key, and a restore, which makes files to lock."""
    data, env = roots / "data", IN_FOLDER | {"DATA_KEY": ""}
    (data / "bot.key").write_text(KEY)
    for file in (data, data / "bot.db", data / "bot.key"):
        os.chown(file, 65534, 65534)
    for words in (["backup", "x.age"], ["restore", "x.age", "--yes"], ["keygen", "--rotate"]):
        done = bot(*words, env=env, cwd=roots)
        assert done.returncode == 0, done.stderr
    assert {file.owner() for file in data.glob("bot.serving")} == {"root"}
    (roots / "x.age").chmod(0o644)
    done = bot("restore", "x.age", "--yes", env=env, cwd=roots, by=as_nobody)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["restore", "backup", "import"])
def test_a_file_of_somebody_else_is_no_wrong_call(roots: Path, command: str) -> None:
    (roots / "x").write_text("")
    (roots / "x").chmod(0)
    (roots / "data").chmod(0o777)
    (roots / "data" / "bot.db").chmod(0o666)
    done = bot(command, "x", env=IN_FOLDER, cwd=roots, by=as_nobody)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "cannot be used: its permissions forbid it" in done.stderr


LACKING = """
import runpy, sys
sys.modules["typer"] = None
runpy.run_module("bot", run_name="__main__")
"""


def test_packages_that_are_not_there_are_told_with_what_to_do() -> None:
    words = [sys.executable, "-c", LACKING]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "“typer” is not there. Type “make setup”" in done.stderr


INTERRUPTED = """
import os, runpy, signal, sys
class Interrupting:
    def find_spec(self, name, path, target=None):
        if name == "bot.command_line":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
runpy.run_module("bot", run_name="__main__")
"""


def test_ctrl_c_before_anything_began_is_no_error_to_tell() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_ctrl_c_later_is_no_traceback_either(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> int:
        signal.raise_signal(signal.SIGINT)
        return 0

    monkeypatch.setattr("bot.command_line.main", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert start() == 130
    finally:
        signal.signal(signal.SIGINT, before)
        gc.unfreeze()


def test_another_key_than_the_databases_is_refused(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Nobody would be found with it: the bot would say that nothing is kept, which is not so."""
    first, other = (bot("keygen", env=environment, cwd=tmp_path).stdout.strip() for _ in "ab")
    env = environment | {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:1"}

    async def used() -> None:
        engine = make_engine(env["DATABASE_URL"])
        async with make_sessions(engine)() as session:
            await subscribers.claim(session, make_vault(first))
        await engine.dispose()

    asyncio.run(used())
    assert "✓ Data key" in bot("check", env=env | {"DATA_KEY": first}, cwd=tmp_path).stdout
    for words in ("check", "run"):
        done = bot(words, env=env | {"DATA_KEY": other}, cwd=tmp_path)
        assert done.returncode == 1
        assert "DATA_KEY is not the key that this database" in done.stdout + done.stderr


def test_the_tables_of_a_newer_bot_are_told(environment: dict[str, str], tmp_path: Path) -> None:
    async def newer() -> None:
        engine = make_engine(environment["DATABASE_URL"])
        async with engine.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999_new'"))
        await engine.dispose()

    asyncio.run(newer())
    key = bot("keygen", env=environment, cwd=tmp_path).stdout.strip()
    env = environment | {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": "http://127.0.0.1:1"}
    for words in (["check"], ["run"], ["migrate"], ["export", "x.yaml"]):
        done = bot(*words, env=env | {"DATA_KEY": key}, cwd=tmp_path)
        assert done.returncode == 1
        assert "made by a newer bot" in done.stdout + done.stderr
        assert "-m bot migrate" not in done.stdout + done.stderr


@pytest.mark.parametrize("words", [["run"], ["import", "x.yaml"], ["migrate"]])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REDIS_URL", "redis://:SECRET/WORD@127.0.0.1:6379/0"),
        ("REDIS_URL", "redis://127.0.0.1/0?retry=SECRET"),
        ("DATABASE_URL", "postgresql+asyncpg://a:SECRET@h/b?sslmode=SECRET"),
        ("TELEGRAM_API_URL", "https://h/{SECRET}"),
        (".env", "BOT_TOKEN=SECRETключ"),
    ],
)
def test_a_wrong_setting_is_one_line_without_its_value(
    variable: str, value: str, words: list[str], tmp_path: Path
) -> None:
    env = {"LANG": "en_GB.UTF-8", "BOT_TOKEN": TOKEN}
    (tmp_path / "x.yaml").write_text("cases: []")
    if variable == ".env":
        (tmp_path / ".env").write_text(value, encoding="cp1251")
    else:
        env[variable] = value
    done = bot(*words, env=env, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{variable} is ")
    assert done.stderr.count("\n") == 1
    assert "SECRET" not in done.stderr
