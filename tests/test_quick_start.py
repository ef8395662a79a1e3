"""aiogram's types are built when they are first used, and as well as by aiogram itself."""

import gc
import subprocess
import sys
import weakref
from typing import Any

from aiogram import Bot, methods, types
from pydantic import BaseModel

from bot.quick_start import keep_answer

AT_THE_START = """
import bot.quick_start
from aiogram import types
print(*(name for name in types.__all__
        if getattr(getattr(types, name), "__pydantic_complete__", False)))
"""
MODELS = [
    found
    for module in (types, methods)
    for name in module.__all__
    if isinstance(found := getattr(module, name), type) and issubclass(found, BaseModel)
]


def test_few_are_built_at_the_start() -> None:
    start = [sys.executable, "-c", AT_THE_START]
    told = subprocess.run(start, capture_output=True, text=True, check=True).stdout
    assert set(told.split()) == {"Chat", "Message", "Update"}


def test_each_can_be_built() -> None:
    assert len(MODELS) > 500
    for model in MODELS:
        model.model_rebuild()  # raises what is missing
    assert [model.__name__ for model in MODELS if not model.__pydantic_complete__] == []


async def test_what_answers_are_read_by_is_not_built_again() -> None:
    method = methods.GetForumTopicIconStickers()  # nothing else here asks for them

    async def asked(bot: Bot, method: methods.TelegramMethod[Any]) -> methods.Response[Any]:
        return methods.Response[method.__returning__](ok=True)

    await keep_answer(asked, Bot("42:TEST"), method)
    built = weakref.ref(methods.Response[method.__returning__])
    gc.collect()
    assert built() is not None
