""" "I will come", on a hearing's card. Everybody answers for themselves, in a group too."""

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import Attend
from bot.clock import Clock
from bot.crypto import Vault
from bot.i18n import guess, speaking
from bot.services import attendance
from bot.services.facts import Facts
from bot.show import chat_of, is_private
from bot.views import hearings as views
from handlers import hearings
from models import Subscriber

router = Router(name="attendance")


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
    chat_of(query)
    comes, person = callback_data.comes, query.from_user.id
    # What they are told later is in their own language, whatever a group's screen speaks.
    with speaking(subscriber.language or guess(query.from_user.language_code)):
        noted = await attendance.answer(
            session, vault, subscriber, person, callback_data.id, comes, clock.now()
        )
    toast = views.answered(comes, noted, is_private(query))
    await hearings.card(query, callback_data, session, subscriber, follower, facts, clock, toast)
