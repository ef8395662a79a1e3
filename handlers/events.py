"""Evenings of letters and other events."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenEvent, OpenEvents
from bot.clock import Clock
from bot.services import events
from bot.show import Event, show
from bot.views import events as views
from models import Subscriber

router = Router(name="events")


@router.message(Command("evenings"))
@router.callback_query(OpenEvents.filter())
async def upcoming(
    event: Event, session: AsyncSession, clock: Clock, callback_data: OpenEvents | None = None
) -> None:
    page = await events.upcoming(session, clock.now(), callback_data.page if callback_data else 0)
    await show(event, views.upcoming(page))


@router.callback_query(OpenEvent.filter())
async def card(
    query: CallbackQuery,
    callback_data: OpenEvent,
    session: AsyncSession,
    subscriber: Subscriber,
    clock: Clock,
) -> None:
    found = await events.event(session, callback_data.id)
    await show(query, views.card(found, subscriber.timezone, clock.now()))
