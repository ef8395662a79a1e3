""" "I will come", on a card or under a notice. Everybody answers for themselves, in a group too."""

from aiogram import F, Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import Attend
from bot.clock import Clock
from bot.crypto import Vault
from bot.i18n import guess, speaking
from bot.services import attendance
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.show import chat_of, is_private, relabel
from bot.views import hearings as views
from bot.views import notices as notice_views
from handlers import hearings
from models import Subscriber

router = Router(name="attendance")


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
        noted = await note(query, callback_data, session, subscriber, vault, clock)
    except NotFound:  # the hearing was removed
        noted = False
    swaps = notice_views.after_answer(callback_data, noted, is_private(query))
    await relabel(query, swaps, views.answered(callback_data.comes, noted, is_private(query)))


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
    noted = await note(query, callback_data, session, subscriber, vault, clock)
    toast = views.answered(callback_data.comes, noted, is_private(query))
    await hearings.card(query, callback_data, session, subscriber, follower, facts, clock, toast)


async def note(
    query: CallbackQuery,
    pressed: Attend,
    session: AsyncSession,
    person: Subscriber,
    vault: Vault,
    clock: Clock,
) -> bool:
    chat_of(query)
    chat, now = query.from_user.id, clock.now()
    # What they are told later is in their own language, whatever a group's screen speaks.
    with speaking(person.language or guess(query.from_user.language_code)):
        return await attendance.answer(session, vault, person, chat, pressed.id, pressed.comes, now)
