""" "I will come" to an event. Everybody answers for themselves, in a group too."""

from aiogram import F
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import LeaveSeat, TakeSeat
from bot.clock import Clock
from bot.crypto import Vault
from bot.i18n import guess, speaking
from bot.services import seats
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.show import chat_of, is_private, relabel
from bot.views import events as views
from handlers import events
from handlers.room import Room
from models import Subscriber

router = Room(name="seats")


@router.callback_query(TakeSeat.filter())
async def take(
    query: CallbackQuery,
    callback_data: TakeSeat,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    chat_of(query)
    which = callback_data.id, callback_data.day
    # What they are told later is in their own language, whatever a group's screen speaks.
    with speaking(subscriber.language or guess(query.from_user.language_code)):
        answer = await seats.take(
            session,
            vault,
            subscriber,
            query.from_user.id,
            which,
            callback_data.people,
            clock.now(),
            seen=is_private(query),
        )
    toast = views.answered(answer, is_private(query))
    await events.card(query, answer.occurrence, facts, subscriber, clock, toast)


@router.callback_query(LeaveSeat.filter(F.notice))
async def leave_from_notice(
    query: CallbackQuery,
    callback_data: LeaveSeat,
    session: AsyncSession,
    subscriber: Subscriber,
    clock: Clock,
) -> None:
    which = callback_data.id, callback_data.day
    try:
        toast = views.answered(await seats.leave(session, subscriber, which, clock.now()), True)
    except NotFound:  # it was removed
        toast = views.off_the_list()
    await relabel(query, {callback_data.pack(): None}, toast, alert=True)


@router.callback_query(LeaveSeat.filter())
async def leave(
    query: CallbackQuery,
    callback_data: LeaveSeat,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    clock: Clock,
) -> None:
    which = callback_data.id, callback_data.day
    answer = await seats.leave(session, subscriber, which, clock.now())
    toast = views.answered(answer, is_private(query))
    await events.card(query, answer.occurrence, facts, subscriber, clock, toast)
