"""The card of one person."""

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenDefendant
from bot.clock import Clock
from bot.services import defendants
from bot.show import show
from bot.views import defendants as views

router = Router(name="defendants")


@router.callback_query(OpenDefendant.filter())
async def card(
    query: CallbackQuery, callback_data: OpenDefendant, session: AsyncSession, clock: Clock
) -> None:
    card = await defendants.card(session, callback_data.id, clock.now())
    await show(query, views.card(card, clock.now()))
