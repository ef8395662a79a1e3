"""Logs for whoever runs the bot: causes, never people: no id, name or text of anybody."""

import logging
import re
import sys
import traceback
from typing import Any

import structlog
from aiogram.exceptions import TelegramBadRequest

Entry = structlog.typing.EventDict


def configure(log_format: str) -> None:
    """ "console" for a person at a terminal, "json" for a machine; both to standard error."""
    readable = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            without_people,
            in_one_line,
            structlog.processors.JSONRenderer() if log_format == "json" else readable,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    # What libraries log may hold what people wrote: of theirs, only that something failed.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Kinds())
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)


class Kinds(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        cause = f": {kind(error)} {places(error)}" if error else ""
        return f"{record.levelname} in {record.name}{cause}"


def without_people(_logger: Any, _method: str, entry: Entry) -> Entry:
    """An exception as its kind and the places it came through: messages and values name people."""
    given = entry.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    if error is not None:
        entry["error"] = kind(error)
        entry["places"] = places(error)
    return entry


def in_one_line(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Nothing that comes from outside begins a line of its own, or moves a terminal's cursor."""
    return {key: plain(one) if isinstance(one, str) else one for key, one in entry.items()}


def plain(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def kind(error: BaseException) -> str:
    name = type(error).__name__
    # Telegram's own words on a bad request name a rule; what it quotes may be a person's.
    return f"{name}: {without_quotes(error)}" if isinstance(error, TelegramBadRequest) else name


QUOTED = re.compile(r"""(?<!\w)["'`«“].*["'`»”]|@\w+|\w+://\S+|-?\d{5,}""", re.DOTALL)
"""Also names, addresses and numbers that may be of somebody."""


def without_quotes(error: TelegramBadRequest) -> str:
    return QUOTED.sub("…", plain(error.message))


def places(error: BaseException) -> list[str]:
    """The innermost of our own lines last: "bot/show.py:41 edit"."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    return [f"{short(frame.filename)}:{frame.lineno} {frame.name}" for frame in own[-5:]]


def short(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-2:])
