"""Settings: what is missing or wrong is told by the variable's name, in words."""

import os
import re
import stat
import subprocess
import sys
from contextlib import suppress
from inspect import signature
from pathlib import Path
from unittest.mock import patch

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from yarl import URL as WebAddress

from bot import config, site
from bot.app import make_bot
from bot.config import BadSettings, Settings
from bot.crypto import generate_key
from bot.db import is_sqlite, sqlite_file
from bot.delivery.limiter import Limiter
from bot.shared_dialogs import connect
from bot.views.console import setting_problem

TOKEN = "123456:ABC-def_0"

WRONG = {
    "BOT_TOKEN": ("abc", "not_a_token"),
    "OWNERS": ("1,anna", "not_ids"),
    "DATABASE_URL": ("mysql://localhost/bot", "not_a_database"),
    "DATA_KEY": ("1:short", "not_a_key"),
    "TELEGRAM_API_URL": ("http://example.org", "not_https"),
    "WEBHOOK_URL": ("example.org", "not_https"),
    "WEBHOOK_SECRET": ("with spaces", "not_a_secret"),
    "LISTEN": ("8080", "not_host_and_port"),
    "REDIS_URL": ("localhost:6379", "not_redis"),
    "SEND_RATE": ("31", "needs_paid"),
    "PAID_BROADCAST": ("perhaps", "not_allowed"),
    "FOUR_EYES": ("two", "not_allowed"),
    "LOG_FORMAT": ("xml", "not_allowed"),
    "BACKUP_PASSPHRASE": ("short", "too_short"),
    "BACKUP_RECIPIENT": ("age1x", "not_a_recipient"),
    "BACKUP_DIR": ("back\tups", "not_plain"),
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in WRONG:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def problems() -> dict[str, str]:
    with pytest.raises(BadSettings) as error:
        config.load()
    return error.value.problems


def test_every_setting_is_tried() -> None:
    assert {name.upper() for name in Settings.model_fields} == set(WRONG)


def test_nothing_is_needed_to_begin_with() -> None:
    settings = config.load()
    assert settings.database_url == "sqlite+aiosqlite:///data/bot.db"
    assert settings.telegram_api_url == "https://api.telegram.org"
    assert settings.address == ("127.0.0.1", 8080)
    assert (settings.send_rate, settings.paid_broadcast, settings.four_eyes) == (29, False, True)


@pytest.mark.parametrize("variable", WRONG)
def test_a_wrong_setting_is_named(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    value, problem = WRONG[variable]
    monkeypatch.setenv(variable, value)
    assert problems() == {variable: problem}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *(("OWNERS", "²"), ("OWNERS", "-5"), ("LISTEN", ":8080"), ("LISTEN", "localhost:²")),
        *(("LISTEN", "localhost:65536"), ("SEND_RATE", "0"), ("SEND_RATE", "fast")),
        *(("DATABASE_URL", "sqlite:///bot.db"), ("DATABASE_URL", "sqlite+aiosqlite://")),
        *(("DATABASE_URL", "sqlite+aiosqlite:///:memory:"), ("DATABASE_URL", "bot.db")),
        *(("DATABASE_URL", "postgresql+asyncpg://host:port/bot"), ("WEBHOOK_URL", "https://[")),
        *(("WEBHOOK_URL", "https://"), ("BOT_TOKEN", f"{TOKEN} "), ("WEBHOOK_SECRET", "x" * 257)),
        *(("WEBHOOK_URL", "https://example.org:port"), ("WEBHOOK_URL", "https://example.org?a")),
        *(("TELEGRAM_API_URL", "https://example.org/{x}"), ("TELEGRAM_API_URL", "https://a..b")),
        *(("REDIS_URL", "redis://:PASS/WORD@host:6379/0"), ("REDIS_URL", "redis://host:port/0")),
        *(("REDIS_URL", "redis://host/0?retry=PASSWORD"), ("REDIS_URL", "redis://host/?db=first")),
        *(("REDIS_URL", "redis://host/first"), ("REDIS_URL", "redis://h/?ssl_cert_reqs=none")),
        *(("DATABASE_URL", "postgresql+asyncpg://h/b?sslmode=require"), ("LISTEN", "a b:80")),
        *(("DATABASE_URL", "postgresql+asyncpg://h/b?ssl=PASSWORD"), ("BOT_TOKEN", "²:abc")),
        *(
            ("DATABASE_URL", "postgresql+asyncpg://h/%00"),
            ("DATABASE_URL", "sqlite+aiosqlite:////"),
        ),
        *(("DATABASE_URL", "sqlite+aiosqlite:///x.db?mode=ro"), ("BOT_TOKEN", f"{'1' * 5000}:a")),
        *(("DATABASE_URL", f"postgresql+asyncpg://{'h' * 70}/b"), ("OWNERS", "1" * 5000)),
    ],
)
def test_other_wrong_values_are_named_too(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert list(problems()) == [variable]


FRAGMENTS = [
    *("redis://", "rediss://", "unix://", "sqlite+aiosqlite://", "postgresql+asyncpg://"),
    *("https://", "http://", "127.0.0.1", "localhost", "host.example", "[::1]", "SECRETWORD"),
    *(*":/@?&=#%{}[],.;+-_ ", "//", "%00", "%2F", "db=", "ssl=", "require", "host=", "port="),
    *("0", "1", "5432", "65536", "٣", "²", "é", "\u00a0", "on", "json", "x" * 70, "9" * 5000),
]
BYTES = st.binary(max_size=20).map(os.fsdecode)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
PIECED = st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=12).map("".join)
ANYTHING = st.one_of(PIECED, PIECED, TEXTS, BYTES).filter(lambda text: "\0" not in text)


def use(given: Settings) -> None:
    """What is made of settings before anything is reached."""
    url = make_url(given.database_url)
    connected = create_async_engine(url).dialect.create_connect_args(url)[1]
    if is_sqlite(given.database_url):
        sqlite_file(given.database_url).with_suffix(".key")
        assert connected == {"check_same_thread": False}
    else:
        assert connected.keys() <= signature(asyncpg.connect).parameters.keys() | {
            "prepared_statement_cache_size"
        }
    if given.redis_url:
        connect(given.redis_url).connection_pool.make_connection()
    known = given.model_copy(update={"bot_token": given.bot_token or TOKEN})
    bot = make_bot(known, Limiter(known.send_rate))
    hosts = [url.host or "", given.address[0]]
    hosts.append(WebAddress(bot.session.api.api_url(bot.token, "getMe")).host or "")
    assert [host.encode("idna") for host in hosts]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("variable", WRONG)
@given(value=ANYTHING)
def test_any_text_is_either_used_or_told_in_one_line(variable: str, value: str) -> None:
    with patch.dict(os.environ, {variable: value}):
        try:
            use(config.load())
        except BadSettings as error:
            [(named, problem)] = error.problems.items()
            line = setting_problem(named, problem)
            assert named in (variable, "WEBHOOK_SECRET")
            assert line.startswith(f"{named} is ")
            assert "SECRETWORD" not in line
            assert "\n" not in line


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(), ANYTHING.map(lambda text: os.fsencode(f"BOT_TOKEN={text}"))))
def test_any_env_file_is_either_read_or_told(content: bytes) -> None:
    Path(".env").write_bytes(content)
    with suppress(BadSettings):
        config.load()


def test_an_env_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("BOT_TOKEN=Ключ".encode("cp1251"))
    assert problems() == {".env": "not_utf8"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REDIS_URL", "redis://:pass%2Fword@redis:6379/1"),
        ("REDIS_URL", "rediss://user:word@host?ssl_cert_reqs=required"),
        ("REDIS_URL", "unix:///run/redis.sock?db=2"),
        ("DATABASE_URL", "postgresql+asyncpg://user:p%40ss@my_host:5432/bot?ssl=require"),
        ("DATABASE_URL", "postgresql+asyncpg:///bot?host=/var/run/postgresql"),
        ("DATABASE_URL", "sqlite+aiosqlite:////var/lib/my bot/бот.db"),
        ("TELEGRAM_API_URL", "https://api.example.org:8443/telegram"),
        ("WEBHOOK_URL", "https://пример.рф/bot"),
        ("LISTEN", "0.0.0.0:8080"),
    ],
)
def test_addresses_of_many_kinds_are_taken(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", "secret")
    monkeypatch.setenv(variable, value)
    use(config.load())


def test_all_wrong_settings_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, (value, _) in WRONG.items():
        monkeypatch.setenv(variable, value)
    assert problems() == {variable: problem for variable, (_, problem) in WRONG.items()}


def test_a_secret_value_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "my secret")
    with pytest.raises(BadSettings) as error:
        config.load()
    assert "my secret" not in f"{error.value!r} {error.value} {error.value.__cause__}"


def test_a_webhook_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_URL", "https://example.org/hook/")
    assert problems() == {"WEBHOOK_SECRET": "missing"}
    monkeypatch.setenv("WEBHOOK_SECRET", "s3cret")
    assert config.load().webhook_url == "https://example.org/hook"
    assert config.load().feeds_at == "https://example.org/hook/calendar/"


def test_without_a_webhook_nobody_reaches_calendars() -> None:
    assert config.load().feeds_at is None


def test_good_values(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {
        "OWNERS": " 1, 23,",
        "LISTEN": "[::1]:80",
        "REDIS_URL": "redis://h:6379/0",
        "DATA_KEY": "",
    }
    for variable, value in {**good, "TELEGRAM_API_URL": "http://127.0.0.1:8787"}.items():
        monkeypatch.setenv(variable, value)
    settings = config.load()
    assert settings.owners == (1, 23)
    assert settings.address == ("::1", 80)
    assert settings.data_key is None


def test_the_env_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"BOT_TOKEN={TOKEN}\nSEND_RATE=5\nANOTHER=thing\n")
    monkeypatch.setenv("SEND_RATE", "7")
    settings = config.load()
    assert (config.token(settings), settings.send_rate) == (TOKEN, 7)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        config.load().send_rate = 980


def test_a_missing_token_is_told() -> None:
    with pytest.raises(BadSettings) as error:
        config.token(config.load())
    assert error.value.problems == {"BOT_TOKEN": "missing"}


def test_the_key_is_made_once_beside_the_database(tmp_path: Path) -> None:
    key = config.data_key(config.load())
    file = tmp_path / "data" / "bot.key"
    assert file.read_text() == f"{key}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert config.data_key(config.load()) == key
    assert [path.name for path in file.parent.iterdir()] == ["bot.key"]


def test_a_given_key_makes_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_KEY", key := generate_key())
    assert config.data_key(config.load()) == key
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"1:short\n", b"\xff\xfe"])
def test_a_damaged_key_file_is_told_and_kept(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.key").write_bytes(content)
    with pytest.raises(BadSettings) as error:
        config.data_key(config.load())
    assert error.value.problems == {"DATA_KEY": "bad_file"}
    assert (tmp_path / "data" / "bot.key").read_bytes() == content


def test_postgresql_keeps_no_key_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+asyncpg://localhost/bot")
    with pytest.raises(BadSettings) as error:
        config.data_key(config.load())
    assert error.value.problems == {"DATA_KEY": "missing"}


def test_a_key_made_meanwhile_by_another_process_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    theirs, link = generate_key(), os.link

    def overtaken(source: str, target: Path) -> None:
        target.write_text(theirs)
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    assert config.kept_key(tmp_path / "bot.key") == theirs
    assert [path.name for path in tmp_path.iterdir()] == ["bot.key"]


def test_two_processes_at_once_get_the_same_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from bot.config import kept_key\n"
        "sys.stdout.write('ready\\n'); sys.stdout.flush(); sys.stdin.readline()\n"
        "print(kept_key(Path(sys.argv[1])))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "bot.key")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    keys = [process.communicate()[0] for process in both]
    assert keys[0] == keys[1] == (tmp_path / "bot.key").read_text()


def every_problem() -> list[tuple[str, str]]:
    """As they can occur: the wrong values above, what is missing, the damaged file."""
    missing = [(name, "missing") for name in ("BOT_TOKEN", "DATA_KEY", "WEBHOOK_SECRET")]
    wrong = [(variable, problem) for variable, (_, problem) in WRONG.items()]
    others = [
        *(("REDIS_URL", "unknown_option"), ("BOT_TOKEN", "not_plain"), (".env", "not_utf8")),
        *(("LISTEN", "cannot_listen"), ("DATA_KEY", "bad_file")),
        *(("DATA_KEY", "two_keys"), ("DATA_KEY", "no_key_yet")),
        *(("BACKUP_RECIPIENT", "one_of_two"), ("BACKUP_DIR", "needs_passphrase")),
    ]
    return [*wrong, *missing, *others]


def test_every_problem_is_among_those_tried() -> None:
    source = "".join(Path(module.__file__ or "").read_text() for module in (config, site))
    raised = set(re.findall(r'ValueError\("(\w+)"\)', source)) | set(
        re.findall(r'": "(\w+)"\}', source)
    )
    by_pattern = set(re.findall(r'checked\(.*, "(\w+)"\)', source))
    assert raised | by_pattern | {"not_allowed"} == {problem for _, problem in every_problem()}


OF_DATABASES = [("DATA_KEY", "other_key"), ("DATA_KEY", "key_before_missing")]


@pytest.mark.parametrize(("variable", "problem"), [*every_problem(), *OF_DATABASES])
def test_every_problem_has_words(variable: str, problem: str) -> None:
    line = setting_problem(variable, problem)
    assert line.startswith(f"{variable} is ")
    assert line.endswith(".")
    assert not re.search(r"[\n{}]", line)


def test_an_unknown_problem_is_still_told() -> None:
    assert setting_problem("LISTEN", "odd") == "LISTEN cannot be used."


@pytest.mark.parametrize(
    ("python", "found", "typed"),
    [
        (".venv/bin/python", "/usr/bin/python", ".venv/bin/python -m bot keygen"),
        ("/opt/venv/bin/python", "/opt/venv/bin/python", "python -m bot keygen"),
        ("/opt/my venv/bin/python", None, "'/opt/my venv/bin/python' -m bot keygen"),
    ],
)
def test_a_command_is_told_as_it_works_here(
    python: str, found: str | None, typed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / python))
    monkeypatch.setattr("shutil.which", lambda name: found)
    assert f"“{typed}”" in setting_problem("DATA_KEY", "missing")
