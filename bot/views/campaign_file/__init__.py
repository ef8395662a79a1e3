"""A campaign file's problems and differences in words: plain text, for chat and terminal."""

from bot.views.campaign_file.changed import (
    WHOLE,
    briefly,
    change,
    counted,
    differences,
    summary,
)
from bot.views.campaign_file.mistakes import problem, problems, reasons

__all__ = [
    "WHOLE",
    "briefly",
    "change",
    "counted",
    "differences",
    "problem",
    "problems",
    "reasons",
    "summary",
]
