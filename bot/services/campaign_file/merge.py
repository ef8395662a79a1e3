"""What a file changes: the present facts, patched as RFC 7386 has it, and the differences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.services.campaign_file.schema import Thing


@dataclass(frozen=True, slots=True)
class Change:
    key: str
    """"stage", "name.ru", "custody"."""
    before: Any
    """As the file writes it; None: nothing."""
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    kind: str
    slug: str
    name: Any
    """What people call the thing: texts by language, one text, or nothing."""
    added: bool
    changes: tuple[Change, ...]


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
    return thing.get("name") or thing.get("title")


# What was confirmed, and the word that it was: a changed fact is not confirmed by the old word.
CONFIRMED = {
    "hearing": (("starts_at", "court", "room"), ("confirmed_at", "source")),
    "donation_route": (("url", "pay_from", "legal_status", "fundraiser"), ("checked_at",)),
}


def unconfirm(kind: str, says: Thing, before: Thing, after: Thing) -> None:
    """Takes away a confirmation of what has changed, unless the file gives a new one."""
    if kind == "defendant" and before.get("status") != after.get("status"):
        unconfirm_stay(says, after)
    facts, words = CONFIRMED.get(kind, ((), ()))
    if (
        any(before.get(fact) != after.get(fact) for fact in facts)
        and words
        and words[0] not in says
    ):
        for word in words:
            if word not in says:
                after.pop(word, None)


def unconfirm_stay(says: Thing, after: Thing) -> None:
    """Whoever was moved or freed meanwhile is not confirmed to be where they were before."""
    if "custody" not in says and after.get("custody"):
        *earlier, last = after["custody"]
        still = {key: value for key, value in last.items() if key != "confirmed_at"}
        after["custody"] = [*earlier, still]
