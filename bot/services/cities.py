"""A time zone found by typing a city, as people type it: any alphabet, mistakes, "спб", "+5".

The cities are those of GeoNames (CC BY 4.0) with 15,000 people or more, and capitals; see
cities.LICENSE. They are read at the first question, which takes seconds: on an event loop ask
`city_named`.
"""

import asyncio
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from sys import intern
from threading import Lock
from typing import NamedTuple
from zoneinfo import available_timezones

from babel import Locale

from bot.services.names import EXACT, Found, NameIndex, clean

DATA = Path(__file__).with_name("cities.tsv.gz")
NICKNAMES = {
    **dict.fromkeys(("питер", "спб", "с-пб", "piter", "spb"), "Санкт-Петербург"),
    **dict.fromkeys(("мск", "msk"), "Москва"),
    **dict.fromkeys(("екб", "ёбург", "ебург", "ekb"), "Екатеринбург"),
    **dict.fromkeys(("нск", "новосиб", "nsk"), "Новосибирск"),
    **dict.fromkeys(("нн", "нижний", "горький"), "Нижний Новгород"),
    **dict.fromkeys(("ростов", "рнд"), "Ростов-на-Дону"),
    **{"владик": "Владивосток", "челяба": "Челябинск", "алма-ата": "Алматы", "фрунзе": "Бишкек"},
    **{"nyc": "New York City"},
}
OFFSET = re.compile(r"(utc|gmt|мск|msk)?\s*([+\-−–])\s*(\d{1,2})(?:[:.]?(00|30|45))?")
# Zones without summer time for offsets of half an hour; for whole hours there are Etc/GMT zones.
HALF_HOURS = {
    **{"+3:30": "Asia/Tehran", "+4:30": "Asia/Kabul", "+5:30": "Asia/Kolkata"},
    **{"+5:45": "Asia/Kathmandu", "+6:30": "Asia/Yangon", "+9:30": "Australia/Darwin"},
}
CANDIDATES = 40  # of equally likely names the bigger cities are taken
LIKE = 84.0  # with less it is another city, or nonsense …
LIKE_A_BIG_ONE = 77.0  # … unless a big city is mistyped, which is likelier than a village meant
BIG = 500_000  # people


@dataclass(frozen=True, slots=True)
class City:
    """A place whose clock somebody lives by; its name is in the alphabet that was typed."""

    name: str
    country: str
    """Two letters, as RU; empty for an offset or a bare zone."""
    zone: str
    """A name of the IANA database, as Asia/Yekaterinburg."""
    population: int
    exact: bool = True
    """Whether just this name was typed."""


class _Atlas(NamedTuple):
    names: NameIndex[int]
    places: list[tuple[int, str, str]]  # people, country, zone; the biggest first


_loading = Lock()


def find_city(text: str, limit: int = 5) -> list[City]:
    """The cities meant, best first, of equals the biggest; or one UTC offset or IANA zone.

    Nonsense finds nothing. The first call reads the cities, a few seconds.
    """
    typed = clean(text).strip()
    if place := _offset(typed) or _zone(typed):
        return [place][:limit]
    atlas = _loaded()
    found = atlas.names.find(NICKNAMES.get(typed, typed), CANDIDATES)
    found.sort(key=lambda one: (-round(one.score), one.key))
    meant = [_city(one, atlas) for one in found if _is_likely(one, atlas)]
    exact = [city for city in meant if city.exact]
    if not exact and typed in _countries():
        return []
    biggest = max((city.population for city in exact), default=0)
    likely = [city for city in meant if city.exact or city.population > biggest]
    return _different(likely)[:limit]


def _is_likely(found: Found[int], atlas: _Atlas) -> bool:
    big = atlas.places[found.key][0] >= BIG
    return found.score >= (LIKE_A_BIG_ONE if big else LIKE)


def _different(found: list[City]) -> list[City]:
    """Of cities alike in name, country and zone the first: there is no telling them apart."""
    first: dict[tuple[str, str, str], City] = {}
    for city in found:
        first.setdefault((city.name, city.country, city.zone), city)
    return list(first.values())


async def city_named(text: str, limit: int = 5) -> list[City]:
    """`find_city` beside the event loop."""
    return await asyncio.to_thread(find_city, text, limit)


def known_zone(name: str) -> str | None:
    """The zone if there is one of this name, however it came here; otherwise nothing."""
    return name if name in known_zones() else None


@cache
def known_zones() -> frozenset[str]:
    """Those of places and offsets, none of the old abbreviations nor "Factory"."""
    return frozenset(zone for zone in available_timezones() if "/" in zone or zone == "UTC")


def _offset(typed: str) -> City | None:
    """UTC+3, -4, +5:30; МСК+2 counts from Moscow. Etc/GMT zones have the sign turned round."""
    if not (match := OFFSET.fullmatch(typed)):
        return None
    base, sign, hours, minutes = match.groups()
    whole = int(hours) * (1 if sign == "+" else -1) + (3 if base in ("мск", "msk") else 0)
    if minutes in (None, "00"):
        zone = known_zone(f"Etc/GMT{-whole:+d}") if whole else "Etc/GMT"
        return City(f"UTC{whole:+d}", "", zone, 0) if zone else None
    written = f"{whole:+d}:{minutes}"
    return City(f"UTC{written}", "", HALF_HOURS[written], 0) if written in HALF_HOURS else None


def _zone(typed: str) -> City | None:
    if "/" not in typed and typed not in ("utc", "gmt"):
        return None
    zone = _zones().get(typed.replace(" ", "_"))
    return City(zone, "", zone, 0) if zone else None


@cache
def _countries() -> frozenset[str]:
    """Names of countries, which are no answer: most have several zones, or a namesake elsewhere."""
    names = (Locale(language).territories for language in ("en", "ru"))
    return frozenset(clean(name) for of_one in names for name in of_one.values())


@cache
def _zones() -> dict[str, str]:
    return {zone.lower(): zone for zone in available_timezones()}


def _city(found: Found[int], atlas: _Atlas) -> City:
    population, country, zone = atlas.places[found.key]
    return City(found.name, country, zone, population, found.score == EXACT)


def _loaded() -> _Atlas:
    with _loading:  # two who ask first wait for one reading
        return _atlas()


@cache
def _atlas() -> _Atlas:
    atlas = _Atlas(NameIndex(), [])
    for number, (people, country, zone, names) in enumerate(_rows()):
        atlas.places.append((int(people), intern(country), intern(zone)))
        atlas.names.put(number, names.split("|"))
    return atlas


def _rows() -> Iterator[list[str]]:
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").split("\t")
