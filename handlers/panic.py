"""Owners stop all sending, end all other roles, or wipe everybody."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from aiogram import Router
from aiogram.types import CallbackQuery

from bot.callbacks import EndRoles, OpenPanic, SendAgain, StopSending, Wipe
from bot.services import panic as service
from bot.services.pages import count
from bot.services.rights import Action
from bot.show import show
from bot.views import panic as views
from handlers.rights import By, May
from models import Subscriber

router = Router(name="panic")
TIMES = 3
"""That one is asked before everybody is wiped …"""
ASKED_FOR = timedelta(minutes=5)
"""… and within which: a button of an old message asks anew."""
log = structlog.get_logger()


@router.callback_query(OpenPanic.filter(), May(Action.PANIC))
async def panic(query: CallbackQuery, by: By, toast: str | None = None) -> None:
    await by.state.clear()
    since = await service.stopped_since(by.session)
    await show(query, views.panic(since, await by.local(), toast))


@router.callback_query(StopSending.filter(), May(Action.PANIC))
async def stop(query: CallbackQuery, callback_data: StopSending, by: By) -> None:
    if not callback_data.sure:
        await show(query, views.ask_to_stop())
        return
    await service.stop(by.session, by.now)
    log.warning("an owner stopped all sending")
    await panic(query, by, views.stopped())


@router.callback_query(SendAgain.filter(), May(Action.PANIC))
async def go_on(query: CallbackQuery, callback_data: SendAgain, by: By) -> None:
    if not callback_data.sure:
        await show(query, views.ask_to_go_on())
        return
    await service.go_on(by.session)
    log.warning("an owner let messages go out again")
    await panic(query, by, views.goes_on())


@router.callback_query(EndRoles.filter(), May(Action.PANIC))
async def end_roles(query: CallbackQuery, callback_data: EndRoles, by: By) -> None:
    if not callback_data.sure:
        await show(query, views.ask_to_end_roles(await service.roles(by.session, by.now)))
        return
    await service.end_roles(by.session, by.now)
    log.warning("an owner ended all other roles")
    await panic(query, by, views.ended())


@router.callback_query(Wipe.filter(), May(Action.PANIC))
async def wipe(
    query: CallbackQuery,
    callback_data: Wipe,
    subscriber: Subscriber,
    owners: Sequence[int],
    by: By,
) -> None:
    asked = callback_data.asked if is_fresh(callback_data, by.now) else 0
    if asked < TIMES:
        since = callback_data.since if asked else int(by.now.timestamp())
        yes = Wipe(asked=asked + 1, since=since)
        await show(query, views.ask_to_wipe(await count(by.session, Subscriber), yes))
        return
    chat = query.from_user.id
    await service.wipe(by.session, by.vault, subscriber, chat, owners, by.now)
    log.warning("an owner wiped all subscribers")
    await show(query, views.wiped())


def is_fresh(pressed: Wipe, now: datetime) -> bool:
    since = datetime.fromtimestamp(pressed.since, UTC)
    return timedelta(0) <= now.replace(microsecond=0) - since <= ASKED_FOR
