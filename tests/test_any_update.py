"""Any update of any kind gets an answer or a deliberate silence, never an unhandled error."""

import random
import types
import typing
from datetime import datetime
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from aiogram.types import Update
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bot import logs
from tests.town import Town

pytestmark = pytest.mark.either_database

TEXTS = (
    "", " ", "/start", "/start d-ivan-lodkin", "/start \u202e", "/cases",
    "/settings@solidarity_bot",
    "/" * 50, "lodkin", "Лодкин", "x" * 4096, "🕯" * 500, "<b>&amp;", "\x00\x07", "😀", "@",
    "menu", "case:1:0", "who:1", "lang:ru", "forgetall", "zone:Asia/Tokyo", "hearings:1:0:0:0",
)  # fmt: skip
UPDATES = 1000


def anything(kind: Any, chance: random.Random, depth: int = 0) -> Any:
    """A random value of an aiogram type's annotation."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is typing.Annotated:
        return anything(arguments[0], chance, depth)
    if origin in (Union, types.UnionType):
        return anything(chance.choice([a for a in arguments if a is not type(None)]), chance, depth)
    if origin is list:
        return [anything(arguments[0], chance, depth + 1) for _ in range(chance.randint(0, 2))]
    if origin is Literal:
        return chance.choice(arguments)
    if isinstance(kind, type):
        return of_class(kind, chance, depth)
    return None


def of_class(kind: type, chance: random.Random, depth: int) -> Any:
    if issubclass(kind, BaseModel):
        return model(kind, chance, depth + 1)
    if issubclass(kind, Enum):
        return chance.choice(list(kind)).value
    if issubclass(kind, bool):
        return chance.random() < 0.5
    if issubclass(kind, int):
        return chance.choice((0, 1, 42, -1, 2**31, 2**52, -(2**52), chance.randint(1, 10**6)))
    if issubclass(kind, float):
        return chance.uniform(-90, 90)
    if issubclass(kind, datetime):
        return chance.randint(0, 2**31)
    return chance.choice(TEXTS)


def model(kind: type[BaseModel], chance: random.Random, depth: int) -> dict[str, Any]:
    """Its required fields, what tells its kind, and some of the others, fewer the deeper it is."""
    kind.model_rebuild()  # before, its fields need not know of what type they are
    values = {}
    for name, field in kind.model_fields.items():
        required = field.is_required() and field.default is PydanticUndefined
        required = required or get_origin(field.annotation) is Literal
        if required or chance.random() < 0.35 / depth**2:
            value = anything(field.annotation, chance, depth)
            if value is not None:
                values[field.alias or name] = value
    return values


def updates(chance: random.Random) -> typing.Iterator[Update]:
    """So many valid ones, all kinds in turn; what aiogram itself refuses never reaches a bot."""
    kinds = [name for name in Update.model_fields if name != "update_id"]
    made = 0
    while made < UPDATES:
        kind = kinds[made % len(kinds)]
        content = anything(Update.model_fields[kind].annotation, chance, 1)
        try:
            yield Update.model_validate({"update_id": 10**6 + made, kind: content})
        except ValueError:
            continue
        made += 1


async def test_a_thousand_random_updates_of_every_kind(harbour: Town, capsys: typing.Any) -> None:
    logs.configure("json")
    chance = random.Random(20261122)
    kinds = set()
    for update in updates(chance):
        await harbour.app.dispatcher.feed_update(harbour.app.bot, update)
        kinds.add(update.event_type)
    assert len(kinds) > 20
    failed = [line for line in capsys.readouterr().err.splitlines() if "an update failed" in line]
    assert not failed, failed[:3]


@pytest.mark.parametrize(
    "forged",
    ["cases:\x00:0", "cases:nowhere:0", f"case:1:99999:{'я' * 20}:5", "zone:\x00", "lang:\x00"],
)
async def test_forged_buttons_are_old_buttons(harbour: Town, forged: str) -> None:
    anna = harbour.person()
    await anna.send("/start")
    await anna.press_data(forged)
    anna.sees("out of date")


@pytest.mark.parametrize("kind", ["d", "c", "e"])
@pytest.mark.parametrize("name", ["a\x00b", "\x00", "\ud800", "я", "\u202e", "٣"])
async def test_forged_links_lead_nowhere(harbour: Town, kind: str, name: str) -> None:
    """Past Telegram, which takes such signs out: a webhook's secret may be known to somebody."""
    anna = harbour.person()
    await anna.send("/help")
    message = {
        "message_id": 1,
        "date": 1,
        "from": anna.user.as_json(),
        "chat": anna.chat.brief,
        "text": f"/start {kind}-{name}",
    }
    update = Update.model_validate({"update_id": 10**6, "message": message})
    await harbour.app.dispatcher.feed_update(harbour.app.bot, update)
    anna.sees("This link is out of date")


async def test_numbers_that_nobody_can_have_are_passed_over(
    harbour: Town, capsys: typing.Any
) -> None:
    logs.configure("json")
    for number in (2**63, -(2**63), 10**30):
        user = {"id": number, "is_bot": False, "first_name": "x"}
        chat = {"id": number, "type": "private"}
        message = {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": "/help"}
        update = Update.model_validate({"update_id": 10**6, "message": message})
        await harbour.app.dispatcher.feed_update(harbour.app.bot, update)
    assert "an update failed" not in capsys.readouterr().err
