"""Donations. Who asks for which route is neither kept nor logged."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenFundraiser, OpenFundraisers, OpenRoutes
from bot.clock import Clock
from bot.services import donations
from bot.show import Event, show
from bot.views import donations as views
from models import PayFrom

router = Router(name="donations")


@router.message(Command("donate"))
@router.callback_query(OpenFundraisers.filter())
async def directory(
    event: Event, session: AsyncSession, clock: Clock, callback_data: OpenFundraisers | None = None
) -> None:
    wanted = callback_data or OpenFundraisers()
    page = await donations.fundraisers(session, clock.now(), **wanted.model_dump())
    await show(event, views.directory(page, wanted.case, wanted.defendant))


@router.callback_query(OpenFundraiser.filter())
async def ask_place(
    query: CallbackQuery, callback_data: OpenFundraiser, session: AsyncSession, clock: Clock
) -> None:
    fundraiser = await donations.fundraiser(session, callback_data.id, clock.now())
    await show(query, views.ask_place(fundraiser))


@router.callback_query(OpenRoutes.filter(F.pay_from.in_({*views.PLACES})))
async def routes(
    query: CallbackQuery, callback_data: OpenRoutes, session: AsyncSession, clock: Clock
) -> None:
    place = PayFrom(callback_data.pay_from)
    routing = await donations.routing(session, callback_data.id, place, clock.now())
    await show(query, views.routes(routing, clock.now()))
