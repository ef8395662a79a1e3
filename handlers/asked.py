"""Menu words typed as text: "help" opens what /help opens, unless somebody has just that name."""

from dataclasses import dataclass

from aiogram.filters import Filter
from aiogram.types import Message

from bot.services.facts import Facts
from bot.services.names import other_keyboard
from bot.services.search import Search
from bot.views import menu

LONGEST = 60
"""Characters of a menu word; longer texts are not even looked up."""


@dataclass(frozen=True)
class Asked(Filter):
    """For the command of this name; of none: for any of them. Stands above `Command`, which is
    asked before it then: a name is looked for here."""

    command: str = ""

    async def __call__(self, message: Message, facts: Facts, search: Search) -> bool:
        meant = command_meant(message.text or "")
        if meant is None or self.command not in ("", meant):
            return False
        return not (await search.find(facts, message.text or "")).exact


def command_meant(typed: str) -> str | None:
    if len(typed) > LONGEST:
        return None
    known = menu.commands_by_word()
    return known.get(menu.plain_word(typed)) or known.get(menu.plain_word(other_keyboard(typed)))
