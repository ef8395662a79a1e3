"""Letters: whom to write to, and where."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenAddress, OpenLetters
from bot.clock import Clock
from bot.services import letters
from bot.show import Event, show
from bot.views import letters as views

router = Router(name="letters")


@router.message(Command("letters"))
@router.callback_query(OpenLetters.filter())
async def whom(
    event: Event, session: AsyncSession, clock: Clock, callback_data: OpenLetters | None = None
) -> None:
    page = await letters.writable(session, clock.now(), callback_data.page if callback_data else 0)
    await show(event, views.whom(page, clock.now()))


@router.callback_query(OpenAddress.filter())
async def address(
    query: CallbackQuery, callback_data: OpenAddress, session: AsyncSession, clock: Clock
) -> None:
    defendant = await letters.addressee(session, callback_data.id)
    await show(query, views.details(defendant, clock.now()))
