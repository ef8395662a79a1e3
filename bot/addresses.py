"""Whether an address in the settings can be used, found out before anything is reached.

Libraries look at the parts of an address late, when they connect, and may quote what is wrong with
one: a piece of a password, as when it has a slash.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from yarl import URL as WebAddress

from bot.db import is_sqlite, sqlite_file

DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
LOCAL = ("127.0.0.1", "localhost", "::1")
POSTGRES = {  # what asyncpg takes as a text (asyncpg, "connect")
    "host": "/.*|[A-Za-z0-9._-]{1,253}",  # a socket's folder, too
    "ssl": "disable|allow|prefer|require|verify-ca|verify-full",
    "target_session_attrs": "any|primary|standby|read-write|read-only|prefer-standby",
    "prepared_statement_cache_size": "[0-9]{1,6}",  # 0 behind PgBouncer
}
REDIS = {"db": "[0-9]{1,9}", "username": ".+", "password": ".+"}
REDIS_BY_TLS = REDIS | {
    "ssl_ca_certs": ".+",
    "ssl_certfile": ".+",
    "ssl_keyfile": ".+",
    "ssl_cert_reqs": "none|optional|required",
    "ssl_check_hostname": "true|false",
}


def is_host(name: str) -> bool:
    """Whether it can be looked up at all: the encoding of names refuses some by a ValueError."""
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return bool(re.fullmatch(r"[\w.:-]{1,253}", name))


def is_web(value: str) -> bool:
    """https, or http on this machine; a path may follow, and nothing after it."""
    try:
        url = WebAddress(value)
    except ValueError:
        return False
    is_safe = url.scheme == "https" or (url.scheme == "http" and url.host in LOCAL)
    is_whole = is_host(url.host or "") and not re.search(r"[\s{}?#]", value)
    return is_safe and is_whole and url.port != 0


def is_database(value: str) -> bool:
    try:
        url = make_url(value)
        if url.drivername not in DRIVERS:
            return False
        url.get_dialect()().create_connect_args(url.set(query={}))
    except (ArgumentError, ValueError):
        return False
    return is_file(value) if is_sqlite(value) else is_server(url)


def is_file(url: str) -> bool:
    """The key is kept beside it, under the same name."""
    file = sqlite_file(url)
    return str(file).isprintable() and file.name not in ("", "..", ":memory:")


def is_server(url: URL) -> bool:
    is_named = url.host is None or is_host(url.host)
    texts = [url.username or "", url.password or "", url.database or ""]
    return is_named and 0 <= (url.port or 0) <= 65535 and bool(url.database) and printable(texts)


def printable(texts: Iterable[str]) -> bool:
    """Also what stands there as %00."""
    return all(text.isprintable() for text in texts)


def knows_options_of_database(value: str) -> bool:
    given = make_url(value).query
    once = {name: text for name, text in given.items() if isinstance(text, str)}
    return len(once) == len(given) and known(once, {} if is_sqlite(value) else POSTGRES)


def is_redis(value: str) -> bool:
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.fragment or re.search(r"\s", value):
        return False
    if parts.scheme == "unix":
        return not host and bool(parts.path.strip("/"))
    is_server = parts.scheme in ("redis", "rediss") and is_host(host or "localhost") and port != 0
    return is_server and bool(re.fullmatch("/?|/[0-9]{1,9}", parts.path))


def knows_options_of_redis(value: str) -> bool:
    parts = urlsplit(value)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    return known(given, REDIS_BY_TLS if parts.scheme == "rediss" else REDIS)


def known(given: Mapping[str, str], patterns: Mapping[str, str]) -> bool:
    """Any other option would be refused by the driver, as soon as it connects."""
    matching = (re.fullmatch(patterns.get(name, "(?!)"), text) for name, text in given.items())
    return all(matching) and printable(given.values())
