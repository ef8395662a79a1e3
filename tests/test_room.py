"""A room passes over only what no handler of it would have taken."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiogram import Bot, F
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.filters import Command, StateFilter
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Chat, Message, User
from hypothesis import given
from hypothesis import strategies as st

from bot.dispatcher import ROUTERS
from bot.views import menu
from handlers.asked import Asked, command_meant
from handlers.room import Needs, Room, handlers, needed
from tests.town import NOW, TOKEN

USER = User(id=1, is_bot=False, first_name="A")
BOT = Bot(TOKEN)
BOT._me = User(id=42, is_bot=True, first_name="B", username="solidarity_bot")
ROOMS = [room for room in ROUTERS if isinstance(room, Room)]


def names_of(state: Any) -> tuple[str, ...]:
    """Of one, or of a group of them."""
    return (state.state,) if isinstance(state, State) else state.__all_states_names__


def all_of(kind: str) -> Iterator[HandlerObject]:
    return (one for room in ROOMS for one in handlers(room, kind))


def filters(kind: str, wanted: type) -> Iterator[Any]:
    found = (one.callback for each in all_of(kind) for one in each.filters or ())
    return (one for one in found if isinstance(one, wanted))


PREFIXES = sorted(
    {one.callback_data.__prefix__ for one in filters("callback_query", CallbackQueryFilter)}
)
COMMANDS = sorted({word for one in filters("message", Command) for word in one.commands})
GIVEN = {each for one in filters("message", StateFilter) for each in one.states}
STATES = sorted(name for each in GIVEN for name in names_of(each))
WORDS = sorted(menu.commands_by_word())


def press(data: str) -> CallbackQuery:
    return CallbackQuery(id="1", from_user=USER, chat_instance="1", data=data)


def message(**said: Any) -> Message:
    return Message(message_id=1, date=NOW, chat=Chat(id=1, type="private"), from_user=USER, **said)


async def agrees(handler: HandlerObject, event: Any, state: str | None) -> bool:
    """All of what tells beforehand whether it may; the rest of its filters may ask more."""
    for one in handler.filters or ():
        match one.callback:
            case Command() as told:
                is_so = bool(await told(event, BOT))
            case CallbackQueryFilter() as told:
                is_so = bool(await told(event))
            case StateFilter() as told:
                is_so = bool(await told(event, state))
            case Asked(command=word):
                is_so = command_meant(event.text or "") == word or not word
            case _:
                continue
        if not is_so:
            return False
    return True


async def passes_over_nothing(kind: str, event: Any, state: str | None) -> None:
    for room in ROOMS:
        if not room.may_take(event, state):
            for handler in handlers(room, kind):
                assert not await agrees(handler, event, state), (room, handler.callback)


@given(
    st.sampled_from(PREFIXES) | st.text(max_size=5),
    st.lists(st.text("01aя:", max_size=3), max_size=5),
)
async def test_no_press_is_passed_over_that_somebody_takes(prefix: str, parts: list[str]) -> None:
    await passes_over_nothing("callback_query", press(":".join([prefix, *parts])), None)


SAID = st.one_of(
    st.builds(
        "{}/{}{}{}".format,
        st.sampled_from(["", " ", "\n"]),
        st.sampled_from(COMMANDS),
        st.sampled_from(["", "@solidarity_bot", "@SOLIDARITY_BOT", "@other", "x"]),
        st.sampled_from(["", " ", " d-person-1", "\nmore"]),
    ),
    st.sampled_from(WORDS),
    st.builds("/{}".format, st.sampled_from(WORDS)),
    st.sampled_from(COMMANDS).map(str.upper).map("/{}".format),
    st.text(max_size=20),
)


@given(SAID, st.sampled_from(["text", "caption"]), st.none() | st.sampled_from(STATES))
async def test_no_message_is_passed_over_that_somebody_takes(
    said: str, where: str, state: str | None
) -> None:
    await passes_over_nothing("message", message(**{where: said}), state)


def test_most_rooms_pass_over_a_press() -> None:
    event = press(PREFIXES[0] + ":1")
    assert sum(room.may_take(event, None) for room in ROOMS) <= 3


def test_a_command_is_known_before_a_name_like_it_is_looked_for() -> None:
    places: dict[type, dict[Any, int]] = {Command: {}, Asked: {}}
    for place, each in enumerate(all_of("message")):
        for one in each.filters or ():
            places.get(type(one.callback), {}).setdefault(each.callback, place)
    both = places[Command].keys() & places[Asked].keys()
    assert len(both) >= 14
    assert all(places[Command][one] < places[Asked][one] for one in both)


def test_every_router_is_a_room() -> None:
    assert len(ROOMS) == len(ROUTERS)


class Button(CallbackData, prefix="b"):
    id: int


class Odd(CallbackData, prefix="o", sep="-"):
    id: int


class Asking(StatesGroup):
    name = State()


@pytest.mark.parametrize(
    ("given", "needs"),
    [
        ((), Needs(is_open=True)),
        ((F.text,), Needs(is_open=True)),
        ((Button.filter(), F.x), Needs(signs=frozenset({"b"}))),
        ((Odd.filter(),), Needs(is_open=True)),
        ((Command("Help"),), Needs(signs=frozenset({"help"}))),
        ((F.text, StateFilter(Asking.name)), Needs(states=frozenset({"Asking:name"}))),
        ((StateFilter("*"),), Needs(is_open=True)),
        ((StateFilter(None),), Needs(is_open=True)),
        ((Asked("help"),), Needs(words=frozenset({"help"}))),
        ((Asked(),), Needs(is_open=True)),
        ((~Asked("help"),), Needs(is_open=True)),
    ],
)
def test_what_a_handler_needs(given: tuple[Any, ...], needs: Needs) -> None:
    room = Room()
    room.message(*given)(noted)
    assert needed(next(handlers(room, "message"))) == needs


async def noted(_event: Any) -> str:
    return "taken"


async def test_an_inner_room_opens_the_outer_one() -> None:
    outer, inner = Room(), Room()
    inner.callback_query(Button.filter())(noted)
    outer.include_router(inner)
    assert await outer.propagate_event("callback_query", press("b:1")) == "taken"
    assert await outer.propagate_event("callback_query", press("c:1")) is UNHANDLED
