"""Settings, read once from the environment (and `.env`) and never changed."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import addresses
from bot.crypto import SEPARATOR, BadKey, following, generate_key, make_vault
from bot.db import is_sqlite, sqlite_file

FREE_RATE, PAID_RATE = 30, 1000
"""Messages a second that Telegram takes (core.telegram.org/bots/faq#broadcasting-to-users)."""
USUAL_RATE, FASTEST_RATE = 29, 980
"""A little below."""
SHORTEST_PASSPHRASE = 12
"""Characters: whoever has a backup may try as many as they like."""
CALENDARS = "/calendar/"
"""Below it are the private ones, on the webhook's server."""


class Duty(StrEnum):
    """What a process does; many share the work of one bot (docs/growing.md)."""

    WEB = "web"
    """Answers people."""
    SENDER = "sender"
    """Tells followers what is due."""


ALL = frozenset(Duty)


class BadSettings(Exception):
    """What is missing or wrong, by variable: {"BOT_TOKEN": "missing", …}."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """What each variable is: README, "Settings"."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    bot_token: str | None = None
    owners: Annotated[tuple[int, ...], NoDecode] = ()
    database_url: str = "sqlite+aiosqlite:///data/bot.db"
    data_key: str | None = None
    telegram_api_url: str = "https://api.telegram.org"
    webhook_url: str | None = None
    webhook_secret: Annotated[str | None, Field(validate_default=True)] = None
    listen: str = "127.0.0.1:8080"
    redis_url: str | None = None
    paid_broadcast: bool = False
    send_rate: Annotated[int, Field(ge=1, le=FASTEST_RATE)] = USUAL_RATE
    four_eyes: bool = True
    log_format: Literal["console", "json"] = "console"
    backup_passphrase: str | None = None
    backup_recipient: str | None = None
    backup_dir: Path | None = None

    @field_validator("*", mode="before")
    @classmethod
    def plain_text(cls, value: object) -> object:
        """Nothing that was pasted along unseen, and no bytes of another encoding than UTF-8."""
        if isinstance(value, str) and not value.isprintable():
            raise ValueError("not_plain")
        return value

    @field_validator("bot_token")
    @classmethod
    def token_of_botfather(cls, value: str | None) -> str | None:
        return checked(value, r"[0-9]{1,19}:[A-Za-z0-9_-]+", "not_a_token")

    @field_validator("webhook_secret")
    @classmethod
    def secret_for_telegram(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("webhook_url"):
            raise ValueError("missing")
        return checked(value, r"[A-Za-z0-9_-]{1,256}", "not_a_secret")

    @field_validator("listen")
    @classmethod
    def host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        known = addresses.is_host(host.strip("[]")) and re.fullmatch("[0-9]{1,5}", port)
        if not known or int(port) > 65535:
            raise ValueError("not_host_and_port")
        return value

    @field_validator("owners", mode="before")
    @classmethod
    def ids_by_comma(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ids = [part.strip() for part in value.split(",") if part.strip()]
        if not all(re.fullmatch("[0-9]{1,19}", part) for part in ids):
            raise ValueError("not_ids")
        return tuple(int(part) for part in ids)

    @field_validator("database_url")
    @classmethod
    def known_database(cls, value: str) -> str:
        if not addresses.is_database(value):
            raise ValueError("not_a_database")
        if not addresses.knows_options_of_database(value):
            raise ValueError("unknown_option")
        return value

    @field_validator("telegram_api_url", "webhook_url")
    @classmethod
    def web_address(cls, value: str | None) -> str | None:
        if value is not None and not addresses.is_web(value):
            raise ValueError("not_https")
        return value and value.rstrip("/")

    @field_validator("redis_url")
    @classmethod
    def redis_address(cls, value: str | None) -> str | None:
        if value is not None and not addresses.is_redis(value):
            raise ValueError("not_redis")
        if value is not None and not addresses.knows_options_of_redis(value):
            raise ValueError("unknown_option")
        return value

    @field_validator("send_rate")
    @classmethod
    def within_what_is_free(cls, value: int, info: ValidationInfo) -> int:
        """Telegram sends 30 messages a second for nothing (Bot API FAQ, "Broadcasting")."""
        if value > FREE_RATE and not info.data.get("paid_broadcast"):
            raise ValueError("needs_paid")
        return value

    @field_validator("data_key")
    @classmethod
    def key_of_keygen(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                make_vault(value)
        except BadKey:
            raise ValueError("not_a_key") from None
        return value

    @field_validator("backup_passphrase")
    @classmethod
    def long_enough(cls, value: str | None) -> str | None:
        if value is not None and len(value) < SHORTEST_PASSPHRASE:
            raise ValueError("too_short")
        return value

    @field_validator("backup_recipient")
    @classmethod
    def key_of_age(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and info.data.get("backup_passphrase"):
            raise ValueError("one_of_two")
        if value is not None:
            from bot.sealing import recipient  # which few need

            try:
                recipient(value)
            except ValueError:
                raise ValueError("not_a_recipient") from None
        return value

    @field_validator("backup_dir")
    @classmethod
    def can_be_encrypted(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        ways = [info.data.get(name, "wrong") for name in ("backup_passphrase", "backup_recipient")]
        if value is not None and not any(ways):
            raise ValueError("needs_passphrase")
        return value

    @property
    def feeds_at(self) -> str | None:
        """Before the last part of a calendar's address; nothing: nobody reaches the bot."""
        return self.webhook_url + CALENDARS if self.webhook_url else None

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


def checked(value: str | None, pattern: str, problem: str) -> str | None:
    if value is not None and not re.fullmatch(pattern, value):
        raise ValueError(problem)
    return value


def load() -> Settings:
    """Raises BadSettings with every variable that is wrong."""
    try:
        return Settings()
    except UnicodeDecodeError:
        raise BadSettings({".env": "not_utf8"}) from None
    except ValidationError as error:
        raise BadSettings(
            dict(problem(item["loc"], item["msg"]) for item in error.errors())
        ) from None


def problem(loc: tuple[int | str, ...], message: str) -> tuple[str, str]:
    """The variable and what is wrong with it, as a word that the console's view knows."""
    text = message.removeprefix("Value error, ")
    known = re.fullmatch(r"[a-z_]+", text)
    return str(loc[0]).upper(), text if known else "not_allowed"


def secrets(settings: Settings) -> tuple[str, str]:
    """Token and key: what running needs. All that is missing is told at once."""
    found, missing = [], dict[str, str]()
    for secret in (token, data_key):
        try:
            found.append(secret(settings))
        except BadSettings as error:
            missing |= error.problems
    if missing:
        raise BadSettings(missing)
    return found[0], found[1]


def token(settings: Settings) -> str:
    if settings.bot_token is None:
        raise BadSettings({"BOT_TOKEN": "missing"})
    return settings.bot_token


def data_key(settings: Settings) -> str:
    """DATA_KEY, or the key beside the SQLite file, which is made when there is none yet."""
    if settings.data_key:
        return settings.data_key
    if not is_sqlite(settings.database_url):
        raise BadSettings({"DATA_KEY": "missing"})
    return kept_key(key_file(settings))


def has_key(settings: Settings) -> bool:
    """Without one being made."""
    is_kept = is_sqlite(settings.database_url) and key_file(settings).exists()
    return bool(settings.data_key) or is_kept


def key_file(settings: Settings) -> Path:
    return sqlite_file(settings.database_url).with_suffix(".key")


def kept_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        make_key_file(path)
    key = path.read_text(errors="replace").strip()
    try:
        make_vault(key)
    except BadKey:
        raise BadSettings({"DATA_KEY": "bad_file"}) from None
    return key


def make_key_file(path: Path) -> None:
    with draft(path, generate_key()) as made, suppress(FileExistsError):
        os.link(made, path)


@contextmanager
def draft(path: Path, key: str) -> Iterator[str]:
    """Readable for nobody else, and never seen half-written: another process may start just now."""
    descriptor, made = mkstemp(dir=path.parent)
    try:
        with open(descriptor, "w") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(descriptor)
        yield made
    finally:
        with suppress(FileNotFoundError):
            os.unlink(made)


def rotate(settings: Settings) -> tuple[str, Path | None]:
    """A newer key before the one there is; and the file beside SQLite, where that holds it."""
    if not has_key(settings):
        raise BadSettings({"DATA_KEY": "no_key_yet"})
    old = data_key(settings)
    if SEPARATOR in old:
        raise BadSettings({"DATA_KEY": "two_keys"})
    new = generate_key(following(make_vault(old).version)) + SEPARATOR + old
    if settings.data_key:
        return new, None
    replace_key(key_file(settings), new)
    return new, key_file(settings)


def put_away(settings: Settings) -> bool:
    """The older of two keys, in the file beside SQLite: it is needed no more. Else somebody has to
    take it out of DATA_KEY."""
    key = data_key(settings)
    if settings.data_key or SEPARATOR not in key:
        return not settings.data_key
    replace_key(key_file(settings), key.split(SEPARATOR)[0])
    return True


def replace_key(path: Path, key: str) -> None:
    with draft(path, key) as made:
        if os.geteuid() == 0:  # where somebody forgot `runuser` it stays the bot's all the same
            shutil.chown(made, path.stat().st_uid, path.stat().st_gid)
        os.replace(made, path)
