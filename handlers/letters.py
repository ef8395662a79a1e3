"""Letters: whom to write to, and where."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenAddress, OpenLetters
from bot.clock import Clock
from bot.services import campaign, letters
from bot.services.facts import Facts
from bot.show import Event, is_private, show
from bot.views import letters as views
from handlers.asked import Asked

router = Router(name="letters")


@router.message(Command("letters"))
@router.message(Asked("letters"))
@router.callback_query(OpenLetters.filter())
async def whom(
    event: Event,
    session: AsyncSession,
    facts: Facts,
    clock: Clock,
    callback_data: OpenLetters | None = None,
) -> None:
    now = await campaign.local(facts, clock.now())
    page = await letters.listed(session, now, callback_data.page if callback_data else 0)
    day_of = await campaign.as_of(facts)
    await show(event, views.whom(page, day_of, now, is_private(event)))


@router.callback_query(OpenAddress.filter())
async def address(
    query: CallbackQuery,
    callback_data: OpenAddress,
    session: AsyncSession,
    facts: Facts,
    clock: Clock,
) -> None:
    defendant = await letters.addressee(session, callback_data.id)
    now = await campaign.local(facts, clock.now())
    contact = await campaign.contact(facts)
    await show(query, views.details(defendant, now, callback_data, contact))
