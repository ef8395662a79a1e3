"""aiogram's types are built when they are first used, and as well as by aiogram itself."""

import subprocess
import sys

from aiogram import methods, types
from pydantic import BaseModel

AT_THE_START = """
import bot.quick_start
from aiogram import types
print([name for name in types.__all__
       if getattr(getattr(types, name), "__pydantic_complete__", False)])
"""
MODELS = [
    found
    for module in (types, methods)
    for name in module.__all__
    if isinstance(found := getattr(module, name), type) and issubclass(found, BaseModel)
]


def test_none_is_built_at_the_start() -> None:
    start = [sys.executable, "-c", AT_THE_START]
    assert subprocess.run(start, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_each_can_be_built() -> None:
    assert len(MODELS) > 500
    for model in MODELS:
        model.model_rebuild()  # raises what is missing
    assert [model.__name__ for model in MODELS if not model.__pydantic_complete__] == []
