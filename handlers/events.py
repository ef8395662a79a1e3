"""Evenings of letters and other events."""

from aiogram.filters import Command
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenEvent, OpenEvents, OpenPlaces
from bot.clock import Clock
from bot.services import campaign, events, seats
from bot.services.events import Occurrence
from bot.services.facts import Facts
from bot.services.reach import is_anybody_reached
from bot.show import Event, is_private, own_zone, show
from bot.views import events as views
from handlers.asked import Asked
from handlers.room import Room
from models import Subscriber

router = Room(name="events")


@router.message(Asked("evenings"))
@router.message(Command("evenings"))
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
    found, at = await events.all_coming(session, now), callback_data or OpenEvents()
    if not found:
        await show(event, views.nothing(await is_anybody_reached(session, now)))
        return
    page = events.page_of(found, at.page, at.city, online=at.online)
    mine = await seats.promised(session, subscriber) if is_private(event) else {}
    ways = events.places(found).total + int(events.is_online(found))
    listed = views.Listed(mine, ways)
    await show(event, views.upcoming(page, listed, own_zone(event, subscriber), now, at))


@router.callback_query(OpenPlaces.filter())
async def places(
    query: CallbackQuery, callback_data: OpenPlaces, session: AsyncSession, clock: Clock
) -> None:
    found = await events.all_coming(session, clock.now())
    there = events.places(found, callback_data.page)
    await show(query, views.places(there, events.is_online(found)))


@router.callback_query(OpenEvent.filter())
async def open_(
    query: CallbackQuery,
    callback_data: OpenEvent,
    session: AsyncSession,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
) -> None:
    now = clock.now()
    one = await events.on_day(session, callback_data.id, callback_data.day, now)
    await card(query, one, facts, subscriber, clock)


async def card(
    event: Event,
    one: Occurrence,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    toast: str | None = None,
) -> None:
    now = await campaign.local(facts, clock.now())
    found = await seats.at(facts.session, one, subscriber, now)
    others, zone = events.others(one, now), own_zone(event, subscriber)
    await show(
        event,
        views.card(one, found, others, zone, now, is_private=is_private(event), toast=toast),
    )
