"""The dispatcher: middlewares in order, routers in order."""

from aiogram import Dispatcher
from aiogram.fsm.storage.base import BaseEventIsolation, BaseStorage

from bot import middlewares
from bot.addressed import addressed
from bot.show import keep_news
from handlers import (
    address_reports,
    alerts,
    attendance,
    attention,
    broadcasts,
    calendar,
    campaign_file,
    cases,
    custody,
    defendants,
    desk,
    docket,
    donations,
    events,
    fallback,
    figures,
    follows,
    forms,
    groups,
    hearings,
    history,
    letter_kit,
    letters,
    members,
    membership,
    mending,
    new_hearings,
    panic,
    proposals,
    questions,
    search,
    seats,
    sent_letters,
    settings,
    share,
    start,
)

ROUTERS = [
    module.router
    for module in (
        settings,  # these before "start", which takes every deep link that is left
        members,
        mending,
        desk,
        attention,
        panic,
        figures,
        docket,
        new_hearings,
        custody,
        forms,
        broadcasts,
        history,
        proposals,
        campaign_file,
        questions,
        start,
        cases,
        defendants,
        hearings,
        attendance,
        follows,
        alerts,
        letters,
        sent_letters,
        address_reports,
        letter_kit,
        donations,
        events,
        seats,
        calendar,
        share,
        groups,
        membership,
        search,
        fallback,
    )
]


def make_dispatcher(storage: BaseStorage, isolation: BaseEventIsolation) -> Dispatcher:
    """Whoever is too fast is held back before they could stand in the line of their own updates."""
    dispatcher = Dispatcher(storage=storage, events_isolation=isolation, disable_fsm=True)
    for layer in (
        middlewares.tell_failures,
        middlewares.count,
        middlewares.Throttle(),
        dispatcher.fsm,
        middlewares.outlast_database,
        middlewares.open_session,
        middlewares.find_subscriber,
        middlewares.speak_their_language,
    ):
        dispatcher.update.outer_middleware(layer)
    dispatcher.message.outer_middleware(addressed)
    dispatcher.callback_query.outer_middleware(keep_news)
    dispatcher.callback_query.outer_middleware(middlewares.lift_progress)
    for name, observer in dispatcher.observers.items():
        if name not in ("update", "error"):
            observer.middleware(middlewares.name_feature)
    for observer in (dispatcher.message, dispatcher.callback_query):
        observer.middleware(middlewares.find_follower)
    dispatcher.include_routers(*ROUTERS)
    return dispatcher
