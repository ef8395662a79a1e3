"""The card of one person."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.callbacks import OpenDefendant
from bot.clock import Clock
from bot.services import defendants
from bot.services.facts import Facts
from bot.show import show
from bot.views import defendants as views

router = Router(name="defendants")


@router.callback_query(OpenDefendant.filter())
async def card(
    query: CallbackQuery, callback_data: OpenDefendant, facts: Facts, clock: Clock
) -> None:
    card = await defendants.card(facts, callback_data.id, clock.now())
    await show(query, views.card(card, clock.now()))
