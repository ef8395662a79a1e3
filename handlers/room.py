"""A router that is asked only for what it may take.

aiogram asks the filters of every handler in turn, nearly two hundred of them for one press, which
takes longer than many an answer. What a room's handlers need without fail, as the prefix of a
button, a command, or a dialog that somebody is in, is known beforehand; what has none of it is
passed over as a whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackQueryFilter
from aiogram.fsm.state import State
from aiogram.types import CallbackQuery, Message, TelegramObject

from handlers.asked import Asked, command_meant

SEPARATOR = ":"
"""Of a button's data (`CallbackData`)."""
NO_COMMAND = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """What somebody's update has to have, one of these at least."""

    signs: frozenset[str] = frozenset()
    """Prefixes of buttons, or commands."""
    words: frozenset[str] = frozenset()
    """Commands that may be asked for by a menu word."""
    states: frozenset[str | None] = frozenset()
    is_open: bool = False
    """Nothing of the kind."""

    def are_met(self, sign: str, state: str | None, typed: str = "") -> bool:
        if self.is_open or sign in self.signs or state in self.states:
            return True
        return bool(self.words) and command_meant(typed) in self.words


class Room(Router):
    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        if not self.may_take(event, kwargs.get("raw_state")):
            return UNHANDLED
        return await super().propagate_event(update_type, event, **kwargs)

    def may_take(self, event: TelegramObject, state: str | None) -> bool:
        match event:
            case CallbackQuery(data=str(data)):
                return self.of_presses.are_met(data.partition(SEPARATOR)[0], state)
            case Message(text=text, caption=caption):
                command = command_in(text or caption or "")
                return self.of_messages.are_met(command, state, text or "")
        return True

    @cached_property
    def of_presses(self) -> Needs:
        return together(map(needed, handlers(self, "callback_query")))

    @cached_property
    def of_messages(self) -> Needs:
        return together(map(needed, handlers(self, "message")))


def handlers(router: Router, kind: str) -> Iterator[HandlerObject]:
    yield from router.observers[kind].handlers
    for inner in router.sub_routers:
        yield from handlers(inner, kind)


def needed(handler: HandlerObject) -> Needs:
    """By one of its filters, for all of them have to agree."""
    for one in handler.filters or ():
        match one.callback:
            case CallbackQueryFilter(callback_data=data) if data.__separator__ == SEPARATOR:
                return Needs(signs=frozenset({data.__prefix__}))
            case Command(commands=words) if all(isinstance(word, str) for word in words):
                return Needs(signs=frozenset(str(word).casefold() for word in words))
            case Asked(command=str(word)) if word:
                return Needs(words=frozenset({word}))
            case StateFilter(states=states) if all(isinstance(each, State) for each in states):
                named = (each for each in states if isinstance(each, State))
                return Needs(states=frozenset(each.state for each in named))
    return Needs(is_open=True)


def together(those: Iterable[Needs]) -> Needs:
    each = list(those)
    signs = frozenset[str]().union(*(one.signs for one in each))
    words = frozenset[str]().union(*(one.words for one in each))
    states = frozenset[str | None]().union(*(one.states for one in each))
    return Needs(signs, words, states, any(one.is_open for one in each))


def command_in(text: str) -> str:
    """As `Command` reads it."""
    first = next(iter(text.split(maxsplit=1)), "")
    return first[1:].partition("@")[0].casefold() if first.startswith("/") else NO_COMMAND
