"""A campaign file's problems and differences in words: plain text, for chat and terminal."""

from bot.views.campaign_file.changed import differences, summary
from bot.views.campaign_file.mistakes import problem, problems

__all__ = ["differences", "problem", "problems", "summary"]
