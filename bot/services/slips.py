"""Slips of the pen: what was corrected, and what is another thing."""

import re

from rapidfuzz.distance import OSA

SLIP = 2
"""So many letters may be wrong in a text that is only corrected."""
NUMBER = re.compile(r"\w*\d\w*")


def is_corrected(old: str, new: str) -> bool:
    """A slip of the pen, no other place."""
    return NUMBER.findall(old) == NUMBER.findall(new) and OSA.distance(old, new) <= SLIP
