"""Roles × all that the desk has: every button that an owner was ever shown, forged by everybody."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.filters.callback_data import CallbackData, CallbackQueryFilter
from sqlalchemy import select

from bot import callbacks
from bot.callbacks import OpenDesk, Wipe
from bot.services.rights import RIGHTS, Action, may
from handlers.rights import May
from models import Base, Role
from sandbox import Person
from tests.test_house import actions, largest
from tests.test_members import at_the_desk, joined
from tests.town import Town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
OF_EACH = 5
"""Buttons of one kind."""
BY_ITSELF = {"handled_updates", "dialogs"}
"""Tables that change at every update."""


def kinds() -> dict[str, type[CallbackData]]:
    return {one.__prefix__: one for one in actions()}


def rights_of(handler: HandlerObject) -> Iterator[tuple[str, May]]:
    """The prefix of the button that it answers, and the right that it asks for."""
    filters = [each.callback for each in handler.filters or []]
    rights = [one for one in filters if isinstance(one, May)]
    for one in filters:
        if isinstance(one, CallbackQueryFilter) and rights:
            yield one.callback_data.__prefix__, rights[0]


ASKED: dict[str, May] = dict(pair for handler in at_the_desk() for pair in rights_of(handler))


async def shown(here: Town, owner: Person) -> dict[str, list[str]]:
    """By kind, what buttons carried that an owner saw who pressed all there is at the desk."""
    found: dict[str, list[str]] = {}
    line = deque([OpenDesk().pack()])
    while line:
        here.clock.forward(seconds=1)  # else most of it would only be told to be slower
        await owner.press_data(line.popleft())
        for data in carried(owner):
            prefix = data.partition(":")[0].lstrip(callbacks.BELOW)
            some = found.setdefault(prefix, [])
            if prefix in ASKED and data not in some and len(some) < OF_EACH:
                some.append(data)
                if prefix != Wipe.__prefix__:
                    line.append(data)
    walked = {prefix: some for prefix, some in found.items() if prefix in ASKED}
    return {prefix: [made_up(prefix)] for prefix in ASKED} | walked


def made_up(prefix: str) -> str:
    """Of a kind that is shown only after something was typed; about the first of such things."""
    values = largest(kinds()[prefix])
    first = {name: 1 for name, value in values.items() if type(value) is int}
    return kinds()[prefix](**values | first).pack()


def carried(person: Person) -> list[str]:
    return [
        one.data
        for message in person.messages
        for row in message.buttons
        for one in row
        if one.data
    ]


async def everything(here: Town) -> dict[str, list[Any]]:
    async with here.app.sessions() as session:
        tables = [one for one in Base.metadata.sorted_tables if one.name not in BY_ITSELF]
        return {one.name: sorted(map(repr, await session.execute(select(one)))) for one in tables}


def test_most_kinds_of_buttons_ask_for_a_right() -> None:
    assert len(ASKED) > 60
    by_form = {Action.EVENTS, Action.ROUTES, Action.SETTINGS}
    assert {one.action for one in ASKED.values()} >= {*Action} - by_form


@pytest.mark.parametrize("role", [None, Role.EDITOR, Role.COORDINATOR])
async def test_a_forged_press_does_nothing_that_the_role_may_not(
    owned: Town, owner: Person, role: Role | None
) -> None:
    mole = owned.person("Mole")
    if role:
        mole = await joined(owned, owner, role=role.title())
    known = await shown(owned, owner)
    await mole.send("/help")
    before = await everything(owned)
    forbidden = [
        data
        for prefix, some in known.items()
        for data in some
        if not may(role, ASKED[prefix].action) and type(ASKED[prefix]) is May
    ]
    assert len(forbidden) > (80 if role is None else 10)
    for data in forbidden:
        owned.clock.forward(seconds=1)
        await mole.press_data(data)
        assert "This button is out of date" in mole.last.text, data
    assert await everything(owned) == before


def test_the_table_is_of_all_actions() -> None:
    assert RIGHTS.keys() == {*Action}
