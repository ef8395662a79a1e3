"""A campaign file's problems and differences in words: plain text, for chat and terminal."""

from bot.views.campaign_file.changed import (
    WHOLE,
    briefly,
    called,
    change,
    counted,
    differences,
    named,
    summary,
    text_of,
)
from bot.views.campaign_file.mistakes import problem, problems, reasons

__all__ = [
    "WHOLE",
    "briefly",
    "called",
    "change",
    "counted",
    "differences",
    "named",
    "problem",
    "problems",
    "reasons",
    "summary",
    "text_of",
]
