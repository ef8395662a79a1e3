"""What `check` finds out about one part of the bot."""

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    SETTINGS = "settings"
    KEY = "key"
    DATABASE = "database"
    MIGRATIONS = "migrations"
    REDIS = "redis"
    CATALOGUES = "catalogues"
    TELEGRAM = "telegram"
    WEBHOOK = "webhook"
    BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class Finding:
    part: Part
    is_good: bool
    detail: str = ""
    """What the view adds: a variable and its problem, a bot's name, the kind of error."""
    problem: str = ""
