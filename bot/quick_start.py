"""aiogram, imported so that its types are built when they are first used. To be imported before it.

aiogram has pydantic build all of its 400 types at once, most of which contain most of the others:
five of the eight seconds of a start on a small server, and 100 MB that stay. So that is left out
here. pydantic, which is told to defer, builds what is needed when it is needed, from the names that
stand in its module; aiogram imports them for checkers of types only, and gets them here. What every
message needs is built at once.
"""

import sys
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

rebuild = BaseModel.__dict__["model_rebuild"]
names: dict[str, Any] = {}


def keep_names(
    model: type[BaseModel], /, _types_namespace: Mapping[str, Any] | None = None, **more: Any
) -> Any:
    if not _types_namespace:
        return rebuild.__func__(model, **more)
    names.update(_types_namespace)
    return None


BaseModel.model_rebuild = classmethod(keep_names)  # type: ignore[method-assign, assignment]
try:
    from aiogram import Bot
    from aiogram.client.session.middlewares.base import NextRequestMiddlewareType
    from aiogram.methods import Response, TelegramMethod
    from aiogram.methods.base import TelegramType
    from aiogram.types import Chat, Message, Update
finally:
    BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]

for model in names.values():
    if isinstance(model, type) and issubclass(model, BaseModel):
        module = vars(sys.modules[model.__module__])
        module.update(names | module)

for common in (Chat, Message, Update):
    common.model_rebuild()

kept: set[type[BaseModel]] = set()


async def keep_answer(
    make_request: NextRequestMiddlewareType[TelegramType],
    bot: Bot,
    method: TelegramMethod[TelegramType],
) -> Response[TelegramType]:
    """What `Response[…]` was built to is forgotten with the garbage; to build it anew would hold
    up everybody for some hundredths of a second, again and again."""
    kept.add(Response[method.__returning__])  # type: ignore[name-defined]
    return await make_request(bot, method)
