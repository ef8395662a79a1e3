"""Slips of the pen: what was corrected, and what is another thing."""

import re

from rapidfuzz.distance import OSA

from models import Texts

SLIP = 2
"""So many letters may be wrong in a text that is only corrected."""
NUMBER = re.compile(r"\w*\d\w*")


def is_corrected(old: str, new: str) -> bool:
    """A slip of the pen, no other place."""
    return NUMBER.findall(old) == NUMBER.findall(new) and OSA.distance(old, new) <= SLIP


def is_another(before: Texts | None, after: Texts | None) -> bool:
    """Not where a language is added, or a slip of the pen corrected. Without a language that is in
    both the words tell."""
    old, new = before or {}, after or {}
    if both := old.keys() & new.keys():
        return any(not is_corrected(old[each], new[each]) for each in both)
    same = any(is_corrected(one, other) for one in old.values() for other in new.values())
    return bool(old and new) and not same
