"""Evenings of letters and other events."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenEvent, OpenEvents
from bot.clock import Clock
from bot.services import campaign, events
from bot.services.facts import Facts
from bot.services.reach import is_anybody_reached
from bot.show import Event, own_zone, show
from bot.views import events as views
from handlers.asked import Asked
from models import Subscriber

router = Router(name="events")


@router.message(Command("evenings"))
@router.message(Asked("evenings"))
@router.callback_query(OpenEvents.filter())
async def upcoming(
    event: Event,
    session: AsyncSession,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    callback_data: OpenEvents | None = None,
) -> None:
    now = await campaign.local(facts, clock.now())
    page = await events.upcoming(session, now, callback_data.page if callback_data else 0)
    if page.items:
        await show(event, views.upcoming(page, own_zone(event, subscriber), now))
        return
    await show(event, views.nothing(await is_anybody_reached(session, now)))


@router.callback_query(OpenEvent.filter())
async def card(
    query: CallbackQuery,
    callback_data: OpenEvent,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    clock: Clock,
) -> None:
    found = await events.event(session, callback_data.id)
    contact, zone = await campaign.contact(facts), own_zone(query, subscriber)
    await show(query, views.card(found, zone, clock.now(), contact))
