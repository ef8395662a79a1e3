"""In whose time and in whose languages a file is understood."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from zoneinfo import ZoneInfo

from bot.services.campaign_file.schema import Thing


class Undo(Enum):
    """Whether a file says how things were before a change."""

    NO = auto()
    YES = auto()
    """What it brings back was there: it may lie in the past, and what it says is all of it."""
    SLIP = auto()
    """And whoever made the change takes it back at once: what was confirmed before is so still."""


@dataclass(frozen=True, slots=True)
class Setting:
    now: datetime
    zone: ZoneInfo
    """The organisation's."""
    languages: tuple[str, ...]
    """The organisation's, the first one being the fallback."""
    court_zones: dict[str, ZoneInfo]
    """Of every court, the file's ones included."""
    undo: Undo = Undo.NO

    @property
    def today(self) -> str:
        return self.now.astimezone(self.zone).date().isoformat()


def ordered(texts: dict[str, str], languages: tuple[str, ...]) -> dict[str, str]:
    """The organisation's languages first; a name's full forms ({language}_full) last."""

    def rank(key: str) -> tuple[bool, int, str]:
        language = key.removesuffix("_full")
        known = languages.index(language) if language in languages else len(languages)
        return language != key, known, language

    return {key: texts[key] for key in sorted(texts, key=rank)}


def languages_of(organisation: Thing) -> list[str]:
    """Those it says, else those of its name."""
    said: list[str] | None = organisation.get("languages")
    name = organisation.get("name")
    return said or (list(name) if isinstance(name, dict) else ["en"])


def zone_of(organisation: Thing, courts: list[Thing]) -> str:
    """The one it says, else the one that most of the file's courts have."""
    zones = Counter(zone for court in courts if (zone := court.get("timezone")))
    return organisation.get("timezone") or (zones.most_common(1)[0][0] if zones else "UTC")
