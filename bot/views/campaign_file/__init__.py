"""A campaign file's problems and differences in words: plain text, for chat and terminal."""

from bot.views.campaign_file.changed import (
    WHOLE,
    Manner,
    briefly,
    called,
    change,
    counted,
    differences,
    kind,
    named,
    summary,
    text_of,
)
from bot.views.campaign_file.mistakes import problem, problems, reasons

__all__ = [
    "WHOLE",
    "Manner",
    "briefly",
    "called",
    "change",
    "counted",
    "differences",
    "kind",
    "named",
    "problem",
    "problems",
    "reasons",
    "summary",
    "text_of",
]
