"""Cases: directory, stages, card."""

from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenCase, OpenCases, OpenStages, place_of
from bot.clock import Clock
from bot.services import campaign, cases, follows
from bot.services.facts import Facts
from bot.show import Event, is_private, own_zone, show
from bot.views import cases as views
from handlers.asked import Asked
from handlers.room import Room
from models import Subscriber

router = Room(name="cases")


@router.message(Asked("cases"))
@router.message(Command("cases"))
@router.callback_query(OpenCases.filter())
async def directory(
    event: Event, session: AsyncSession, callback_data: OpenCases | None = None
) -> None:
    wanted = callback_data or OpenCases()
    page = await cases.directory(session, wanted.stage, wanted.page)
    await show(event, views.directory(page, wanted.stage, is_private(event)))


@router.callback_query(OpenStages.filter())
async def stages(query: CallbackQuery, session: AsyncSession) -> None:
    await show(query, views.stages(await cases.stages(session)))


@router.callback_query(OpenCase.filter())
async def card(
    query: CallbackQuery,
    callback_data: OpenCase,
    facts: Facts,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
    toast: str | None = None,
) -> None:
    now = await campaign.local(facts, clock.now())
    card = await cases.card(facts, callback_data.id, now)
    following = await follows.following(facts.session, follower, card.case)
    here = place_of(OpenCase, callback_data)
    zone = own_zone(query, subscriber)
    await show(query, views.card(card, here, now, zone, following), toast)
