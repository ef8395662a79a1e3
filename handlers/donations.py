"""Donations. Who asks for which route is neither kept nor logged."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenFundraiser, OpenFundraisers, OpenRoutes
from bot.clock import Clock
from bot.services import campaign, donations
from bot.services.facts import Facts
from bot.services.reach import is_anybody_reached
from bot.show import Event, show
from bot.views import donations as views
from handlers.asked import Asked
from models import PayFrom

router = Router(name="donations")


@router.message(Command("donate"))
@router.message(Asked("donate"))
@router.callback_query(OpenFundraisers.filter())
async def directory(
    event: Event,
    session: AsyncSession,
    facts: Facts,
    clock: Clock,
    callback_data: OpenFundraisers | None = None,
) -> None:
    wanted = callback_data or OpenFundraisers()
    whose = wanted.model_dump(include={"case", "defendant"})
    now = await campaign.local(facts, clock.now())
    page = await donations.fundraisers(session, now, page=wanted.page, **whose)
    is_here = bool(page.items)
    if not is_here:
        page = await donations.fundraisers(session, now, page=wanted.page, case=0, defendant=0)
    if page.items:
        day_of = await campaign.as_of(facts)
        await show(event, views.directory(page, **whose, is_here=is_here, day_of=day_of, now=now))
        return
    is_reached = await is_anybody_reached(session, now, **whose)
    contact = await campaign.contact(facts)
    await show(event, views.nothing(**whose, is_reached=is_reached, contact=contact))


@router.callback_query(OpenFundraiser.filter())
async def ask_place(
    query: CallbackQuery,
    callback_data: OpenFundraiser,
    session: AsyncSession,
    facts: Facts,
    clock: Clock,
) -> None:
    now = await campaign.local(facts, clock.now())
    fundraiser = await donations.fundraiser(session, callback_data.id, now)
    await show(query, views.ask_place(fundraiser, callback_data))


@router.callback_query(OpenRoutes.filter(F.pay_from.in_({*views.PLACES})))
async def routes(
    query: CallbackQuery,
    callback_data: OpenRoutes,
    session: AsyncSession,
    facts: Facts,
    clock: Clock,
) -> None:
    place = PayFrom(callback_data.pay_from)
    now = await campaign.local(facts, clock.now())
    routing = await donations.routing(session, callback_data.id, place, now)
    contact = await campaign.contact(facts)
    is_reached = bool(routing.routes) or await is_anybody_reached(session, now)
    await show(query, views.routes(routing, now, callback_data, contact, is_reached))
