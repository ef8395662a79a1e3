"""What a file changes: the present facts, patched as RFC 7386 has it, and the differences."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.services.campaign_file.schema import WITHDRAWN, Thing
from bot.services.campaign_file.tree import Path
from models import PayFrom


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
    changes: tuple[Change, ...] = ()
    removed: bool = False


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


# What was confirmed, and the keys of the word that it was: a changed fact is not confirmed by the
# old word.
CONFIRMED = {
    "hearing": (("starts_at", "court", "room"), ("confirmed_at", "source")),
    "donation_route": (("url", "legal_status", "fundraiser"), ("checked_at",)),
}
ADDRESS = ("postal_code", "address", "name")
"""What of a facility stands on an envelope."""
WAY = ("city", "address", "location", "timezone")
"""What of a court brings people there in time. Something added to it changes nothing."""


def is_elsewhere(kind: str, before: Thing, after: Thing) -> bool:
    """Whether a court's or facility's address has changed."""
    if kind == "facility":
        return any(before.get(key) != after.get(key) for key in ADDRESS)
    return kind == "court" and not all(_keeps(after.get(key), before.get(key)) for key in WAY)


def drop_location(says: Thing, before: Thing, after: Thing) -> None:
    """The pin of the old address would lead people there."""
    if "location" not in says and not _keeps(after.get("address"), before.get("address")):
        after.pop("location", None)


def unconfirm(
    kind: str, says: Thing, before: Thing, after: Thing, *, is_readdressed: bool
) -> Iterator[Path]:
    """Takes away the confirmation of what has changed; yields where the file repeats an old one.

    `is_readdressed`: the address of the court or facility changes.
    """
    if kind == "defendant":
        yield from _unconfirm_stay(says, before, after, is_readdressed=is_readdressed)
    elif kind in CONFIRMED:
        words = CONFIRMED[kind][1]
        has_changed = is_readdressed or _has_changed(kind, before, after)
        if _unconfirm(words, says, before, after, has_changed=has_changed):
            yield (words[0],)


def _unconfirm(
    words: tuple[str, ...], says: Thing, before: Thing, after: Thing, *, has_changed: bool
) -> bool:
    """Whether the file repeats an old word; what is withdrawn is noted, for the next file."""
    at, earlier = words[0], _latest(before.get(words[0]), before.get(WITHDRAWN))
    if has_changed and at not in says:
        for word in words:
            if word not in says:
                after.pop(word, None)
    gone = _latest(before.get(WITHDRAWN), None if at in after else before.get(at))
    if gone is not None:
        after[WITHDRAWN] = gone
    said = after.get(at)
    if has_changed:
        return _is_old(said, earlier)
    return said != before.get(at) and _is_old(said, before.get(WITHDRAWN))


def _latest(*moments: str | None) -> str | None:
    """Moments of one zone, as the file writes them, are in the order of their letters."""
    return max((each for each in moments if each is not None), default=None)


def _is_old(at: str | None, earlier: str | None) -> bool:
    return at is not None and earlier is not None and at <= earlier


def _has_changed(kind: str, before: Thing, after: Thing) -> bool:
    changed = any(before.get(fact) != after.get(fact) for fact in CONFIRMED[kind][0])
    return changed or (kind == "donation_route" and _is_looser(before, after))


def _is_looser(before: Thing, after: Thing) -> bool:
    """Somebody may pay who was not to. To forbid more needs nobody's word."""
    wider = before.get("pay_from") not in (after.get("pay_from"), PayFrom.ANYWHERE)
    return wider or not _keeps(after.get("not_for"), before.get("not_for"))


def _keeps(texts: Any, earlier: Any) -> bool:
    """All that was said is said still, be it in more languages."""
    if isinstance(texts, Mapping) and isinstance(earlier, Mapping):
        return earlier.items() <= texts.items()
    return earlier is None or texts == earlier


def _unconfirm_stay(
    says: Thing, before: Thing, after: Thing, *, is_readdressed: bool
) -> Iterator[Path]:
    """Whoever was moved or freed meanwhile is not confirmed to be where they were before.

    Nor is an address that was changed. Only the last stay is ever shown.
    """
    *earlier, last = after.get("custody") or [{}]
    if not last:
        return
    old = (before.get("custody") or [{}])[-1]
    has_moved = bool(old) and old["facility"] != last["facility"]
    is_other = before.get("status") != after.get("status") and "until" not in last
    said = says["custody"][-1] if "custody" in says else {}
    words = ("confirmed_at", "source") if is_readdressed else ("confirmed_at",)
    now = dict(last)
    changes_there = is_readdressed or has_moved or is_other
    if _unconfirm(words, said, old, now, has_changed=changes_there):
        yield ("custody", len(earlier), "confirmed_at")
    after["custody"] = [*earlier, now]


def shown(thing: Thing) -> Thing:
    """Without what no file says."""
    plain = {key: thing[key] for key in thing if key != WITHDRAWN}
    if "custody" in plain:
        plain["custody"] = [shown(stay) for stay in plain["custody"]]
    return plain


def kept(stays: list[Thing], says: list[Thing]) -> list[Thing]:
    """A stay that the file names again merges with the one there is: what it omits is not lost.

    The nth stay in a facility is the nth one there; of fewer, the last ones.
    """
    found: list[Thing] = []
    for position, stay in enumerate(says):
        old = same_stay(stays, says, position)
        found.append(stay if old is None or _is_return(old, stay) else _patched(old, stay))
    return found


def same_stay(stays: list[Thing], says: list[Thing], position: int) -> Thing | None:
    facility = says[position]["facility"]
    there = [stay for stay in stays if stay["facility"] == facility]
    places = [number for number, stay in enumerate(says) if stay["facility"] == facility]
    number = places.index(position) + max(len(there) - len(places), 0)
    return there[number] if number < len(there) else None


def _is_return(old: Thing, stay: Thing) -> bool:
    """Another stay in the same place, after the earlier one."""
    return "until" in old and str(stay.get("since") or "") >= old["until"]
