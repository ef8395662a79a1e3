"""Owners stop all sending, end all other roles, or wipe everybody."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import CallbackQuery

from bot.callbacks import EndRoles, OpenPanic, SendAgain, StopSending, Wipe
from bot.fsm import Dialogs
from bot.i18n import speaking
from bot.progress import Progress
from bot.screen import Screen
from bot.services import members
from bot.services import panic as service
from bot.services.rights import Action
from bot.services.standstill import stopped_since
from bot.show import post, show
from bot.views import panic as views
from handlers.rights import By, May
from handlers.room import Room
from models import Subscriber

router = Room(name="panic")
TELLING = 10.0
"""Seconds for a word to another owner: whoever pressed waits no longer for it."""
TIMES = 3
"""That one is asked before everybody is wiped …"""
ASKED_FOR = timedelta(minutes=5)
"""… and within which: a button of an old message asks anew."""
log = structlog.get_logger()


@router.callback_query(OpenPanic.filter(), May(Action.PANIC))
async def panic(query: CallbackQuery, by: By, toast: str | None = None) -> None:
    await by.state.clear()
    since = await stopped_since(by.session)
    others = await service.roles(by.session, by.now)
    await show(query, views.panic(since, await by.local(), toast, is_anybody=others > 0))


@router.callback_query(StopSending.filter(), May(Action.PANIC))
async def stop(
    query: CallbackQuery, callback_data: StopSending, owners: Sequence[int], by: By
) -> None:
    if not callback_data.sure:
        await show(query, views.ask_to_stop())
        return
    await service.stop(by.session, by.now)
    log.warning("an owner stopped all sending")
    await panic(query, by, views.stopped())
    await tell_others(query, owners, by, views.other_stopped)


@router.callback_query(SendAgain.filter(), May(Action.PANIC))
async def go_on(
    query: CallbackQuery, callback_data: SendAgain, owners: Sequence[int], by: By
) -> None:
    if not callback_data.sure:
        held = await service.corrections(by.session, by.now)
        due = await service.sent_meanwhile(by.session, by.now)
        await show(query, views.ask_to_go_on(held, due))
        return
    await service.go_on(by.session, by.now)
    log.warning("an owner let messages go out again")
    await panic(query, by, views.goes_on())
    await tell_others(query, owners, by, views.other_let_go_on)


@router.callback_query(EndRoles.filter(), May(Action.PANIC))
async def end_roles(
    query: CallbackQuery, callback_data: EndRoles, owners: Sequence[int], by: By
) -> None:
    if not callback_data.sure:
        await show(query, views.ask_to_end_roles(await service.roles(by.session, by.now)))
        return
    await service.end_roles(by.session, by.now)
    log.warning("an owner ended all other roles")
    await panic(query, by, views.ended())
    await tell_others(query, owners, by, views.other_ended_roles)


@router.callback_query(Wipe.filter(), May(Action.PANIC))
async def wipe(
    query: CallbackQuery,
    callback_data: Wipe,
    subscriber: Subscriber,
    owners: Sequence[int],
    progress: Progress,
    fsm_storage: Dialogs,
    by: By,
) -> None:
    asked = callback_data.asked if is_fresh(callback_data, by.now) else 0
    if asked < TIMES:
        since = callback_data.since if asked else int(by.now.timestamp())
        yes = Wipe(asked=asked + 1, since=since)
        await show(query, views.ask_to_wipe(await service.people(by.session), yes))
        return
    chat = query.from_user.id
    progress.forget_all()  # nor is anybody written down anew meanwhile
    await service.wipe(by.session, by.vault, subscriber, chat, owners, by.now)
    progress.forget_all()
    await fsm_storage.forget_all()
    log.warning("an owner wiped all subscribers")
    await show(query, views.wiped())
    await tell_others(query, owners, by, views.other_wiped)


# The other owners.


async def tell_others(
    query: CallbackQuery, owners: Sequence[int], by: By, words: Callable[[], Screen]
) -> None:
    """At once, and by no notice, for those may stand still; each in the language they speak."""
    assert query.bot is not None
    spoken = await members.spoken(by.session, by.vault, owners)
    others = {chat: code for chat, code in spoken.items() if chat != query.from_user.id}
    await by.session.commit()
    each = [told(query.bot, chat, code, words) for chat, code in others.items()]
    await asyncio.gather(*each)


async def told(bot: Bot, chat: int, language: str, words: Callable[[], Screen]) -> None:
    """Whoever cannot be reached keeps nobody else from being told."""
    with speaking(language):
        screen = words()
    try:
        async with asyncio.timeout(TELLING):
            await post(bot, chat, screen)
    except (AiogramError, OSError, TimeoutError) as error:
        log.warning("an owner could not be told of it", why=type(error).__name__)


def is_fresh(pressed: Wipe, now: datetime) -> bool:
    since = datetime.fromtimestamp(pressed.since, UTC)
    return timedelta(0) <= now.replace(microsecond=0) - since <= ASKED_FOR
