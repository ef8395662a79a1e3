"""What owners are told of the bot itself, for it needs a hand."""

from enum import StrEnum


class Trouble(StrEnum):
    NOBODY_SENDS = "nobody_sends"
    STUCK = "stuck"
    """Somebody has the turn to send, and nothing goes."""
    DATABASE = "database"
    FULL = "full"
    """The database says that its disk is."""
    DISK = "disk"
    """It will soon be."""
    REDIS = "redis"
    WEBHOOK = "webhook"
    """Telegram does not reach the bot."""
    BACKUP = "backup"
    """The last one failed, or is old."""
    CLOCK = "clock"
    """The machine's is wrong."""
    TOKEN = "token"
    """Refused by Telegram, where nobody can be told any more."""


CALM = frozenset({Trouble.DISK, Trouble.BACKUP})
"""Can wait until the morning: all still works."""
