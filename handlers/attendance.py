""" "I will come", on a card or under a notice. Everybody answers for themselves, in a group too."""

from aiogram import F
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import Attend
from bot.clock import Clock
from bot.crypto import Vault
from bot.i18n import guess, speaking
from bot.services import attendance
from bot.services.attendance import Answered
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.show import chat_of, is_private, relabel
from bot.views import hearings as views
from bot.views import notices as notice_views
from handlers import hearings
from handlers.room import Room
from models import Subscriber

router = Room(name="attendance")


@router.callback_query(Attend.filter(F.notice))
async def answer_notice(
    query: CallbackQuery,
    callback_data: Attend,
    session: AsyncSession,
    subscriber: Subscriber,
    vault: Vault,
    clock: Clock,
) -> None:
    try:
        found = await note(query, callback_data, session, subscriber, vault, clock)
    except NotFound:  # it was removed
        found = None
    is_noted = found is not None and found.is_noted
    swaps = notice_views.after_answer(callback_data, is_noted, is_private(query))
    toast = views.answered(callback_data, found, is_private(query), clock.now())
    await relabel(query, swaps, toast, alert=not is_noted)


@router.callback_query(Attend.filter())
async def answer(
    query: CallbackQuery,
    callback_data: Attend,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    found = await note(query, callback_data, session, subscriber, vault, clock)
    toast = views.answered(callback_data, found, is_private(query), clock.now())
    await hearings.card(query, callback_data, session, subscriber, follower, facts, clock, toast)


async def note(
    query: CallbackQuery,
    pressed: Attend,
    session: AsyncSession,
    person: Subscriber,
    vault: Vault,
    clock: Clock,
) -> Answered:
    chat_of(query)
    chat, now = query.from_user.id, clock.now()
    # What they are told later is in their own language, whatever a group's screen speaks.
    with speaking(person.language or guess(query.from_user.language_code)):
        which = pressed.id, pressed.comes, now, pressed.of
        return await attendance.answer(session, vault, person, chat, *which)
