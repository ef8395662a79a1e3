"""The dispatcher: middlewares in order, routers in order."""

from aiogram import Dispatcher
from aiogram.fsm.storage.base import BaseEventIsolation, BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage, SimpleEventIsolation

from bot import middlewares
from bot.addressed import addressed
from handlers import (
    cases,
    defendants,
    donations,
    events,
    fallback,
    hearings,
    letters,
    search,
    settings,
    share,
    start,
)

ROUTERS = [
    module.router
    for module in (
        start,
        cases,
        defendants,
        hearings,
        letters,
        donations,
        events,
        settings,
        share,
        search,
        fallback,
    )
]


def make_dispatcher(
    storage: BaseStorage | None = None, isolation: BaseEventIsolation | None = None
) -> Dispatcher:
    """Event isolation: a person's updates are handled one after the other."""
    dispatcher = Dispatcher(
        storage=storage or MemoryStorage(), events_isolation=isolation or SimpleEventIsolation()
    )
    for layer in (
        middlewares.failures,
        middlewares.once,
        middlewares.subscriber,
        middlewares.locale,
        middlewares.Throttle(),
    ):
        dispatcher.update.outer_middleware(layer)
    dispatcher.message.outer_middleware(addressed)
    dispatcher.include_routers(*ROUTERS)
    return dispatcher
