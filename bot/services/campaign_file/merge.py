"""What a file changes: the present facts, patched as RFC 7386 has it, and the differences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.services.campaign_file.schema import WITHDRAWN, Thing


@dataclass(frozen=True, slots=True)
class Change:
    key: str
    """"stage", "name.ru", "custody"."""
    before: Any
    """As the file writes it; None: nothing."""
    after: Any


ADDRESSES = {
    "defendant": {"custody", "letters", "status"},
    "facility": {"address", "postal_code", "region", "name", "country"},
}
"""Keys that say where a letter reaches somebody."""


@dataclass(frozen=True, slots=True)
class Difference:
    kind: str
    slug: str
    name: Any
    """What people call the thing: texts by language, one text, or nothing."""
    added: bool
    changes: tuple[Change, ...] = ()
    removed: bool = False

    @property
    def subject(self) -> str:
        """What it is to people: its kind, or an address."""
        roots = {change.key.split(".")[0] for change in self.changes}
        return "address" if roots & ADDRESSES.get(self.kind, set()) else self.kind

    @property
    def how(self) -> str:
        if self.added:
            return "added"
        return "removed" if self.removed else "changed"


def merged(present: Thing, says: Thing) -> Thing:
    """Mappings merge key by key, None removes, lists are replaced; nothing empty is left."""
    whole: Thing = pruned(_patched(present, says))
    return whole


def _patched(present: Any, says: Any) -> Any:
    if not isinstance(says, Mapping):
        return says
    result = dict(present) if isinstance(present, Mapping) else {}
    for key, value in says.items():
        result[key] = _patched(result.get(key), value)
    return result


def pruned(value: Any) -> Any:
    """An empty list or mapping says as little as no list."""
    if isinstance(value, Mapping):
        parts = ((key, pruned(part)) for key, part in value.items())
        return {key: part for key, part in parts if part is not None and part not in ([], {})}
    if isinstance(value, list):
        return [pruned(item) for item in value]
    return value


def changes(before: Any, after: Any, key: str = "") -> Iterator[Change]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for part in dict.fromkeys((*before, *after)):
            path = f"{key}.{part}" if key else part
            yield from changes(before.get(part), after.get(part), path)
    elif before != after:
        yield Change(key, before, after)


def name_of(thing: Thing) -> Any:
    return thing.get("name") or thing.get("title") or thing.get("method")


def shown(thing: Thing) -> Thing:
    """Without what no file says."""
    return {key: thing[key] for key in thing if key != WITHDRAWN}


def kept(stays: list[Thing], says: list[Thing]) -> list[Thing]:
    """A stay that the file names again merges with the one there is: what it omits is not lost.

    The nth stay in a facility is the nth one there; of fewer, the last ones.
    """
    found: list[Thing] = []
    for position, stay in enumerate(says):
        old = same_stay(stays, says, position)
        found.append(stay if old is None or is_return(old, stay) else _patched(old, stay))
    return found


def same_stay(stays: list[Thing], says: list[Thing], position: int) -> Thing | None:
    facility = says[position]["facility"]
    there = [stay for stay in stays if stay["facility"] == facility]
    places = [number for number, stay in enumerate(says) if stay["facility"] == facility]
    number = places.index(position) + max(len(there) - len(places), 0)
    return there[number] if number < len(there) else None


def is_return(old: Thing, stay: Thing) -> bool:
    """Another stay in the same place, after the earlier one."""
    return "until" in old and str(stay.get("since") or "") >= old["until"]
