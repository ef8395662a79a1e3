"""The facts, kept with forms: one question at a time.

`lists` shows what there is, `questions` ask, `answers` are read, `saving` and `removing` change the
facts; all of them share one router, in this order.
"""

from handlers.forms import answers, questions, removing, saving
from handlers.forms.lists import router

__all__ = ["answers", "questions", "removing", "router", "saving"]
