"""A calendar of all that one follows: as a file, or at a private address."""

import asyncio

from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    AskForAddress,
    AskToEndAddress,
    EndAddress,
    MakeAddress,
    OpenCalendar,
    SendEventCalendar,
    SendFollowed,
)
from bot.clock import Clock
from bot.crypto import Vault
from bot.services import calendar, campaign, events, seats
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.show import acknowledge, is_private, own_zone, send_file, show
from bot.views import calendar as views
from handlers.room import Room
from handlers.settings import alone
from models import Subscriber

router = Room(name="calendar")
private = Room(name="calendar.private")
private.callback_query.filter(alone)
router.include_router(private)


@router.callback_query(OpenCalendar.filter())
async def own(
    query: CallbackQuery,
    session: AsyncSession,
    follower: Subscriber,
    feeds_at: str | None,
    toast: str | None = None,
) -> None:
    since = await calendar.since(session, follower)
    await show(query, views.own(is_private(query), feeds_at is not None, since), toast)


@router.callback_query(SendFollowed.filter())
async def followed(
    query: CallbackQuery,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
) -> None:
    from bot.documents.calendar import calendar_of  # what the start can spare

    now = clock.now()
    found = await calendar.dates(session, follower, now)
    if not found.number:
        await acknowledge(query, views.no_dates())
        return
    organisation, zone = (await campaign.campaign(facts)).organisation, own_zone(query, subscriber)
    file = await asyncio.to_thread(calendar_of, found, organisation, zone, now)
    caption = views.file_caption(found.number, found.more)
    await send_file(query, file, "dates.ics", caption)


@router.callback_query(SendEventCalendar.filter())
async def event(
    query: CallbackQuery,
    callback_data: SendEventCalendar,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    clock: Clock,
) -> None:
    from bot.documents.calendar import file_of_one

    now, zone = clock.now(), own_zone(query, subscriber)
    one = await events.on_day(session, callback_data.id, callback_data.day, now)
    comes = is_private(query) and (await seats.at(session, one, subscriber, now)).is_seated
    organisation = (await campaign.campaign(facts)).organisation
    entry = views.of_event(one, organisation, zone, now, is_seated=comes)
    await send_file(query, file_of_one(entry, now), f"{one.event.slug}.ics", views.event_caption())


@private.callback_query(AskForAddress.filter())
async def ask_for_address(
    query: CallbackQuery, session: AsyncSession, subscriber: Subscriber, feeds_at: str | None
) -> None:
    if feeds_at is None:
        raise NotFound
    since = await calendar.since(session, subscriber)
    await show(query, views.ask_for_address(is_new=since is None))


@private.callback_query(MakeAddress.filter())
async def make_address(
    query: CallbackQuery,
    session: AsyncSession,
    subscriber: Subscriber,
    vault: Vault,
    clock: Clock,
    feeds_at: str | None,
) -> None:
    if feeds_at is None:
        raise NotFound
    chat, now = query.from_user.id, clock.now()
    name = await calendar.make_address(session, vault, subscriber, chat, now)
    await show(query, views.address(feeds_at + name))


@private.callback_query(AskToEndAddress.filter())
async def ask_to_end_address(query: CallbackQuery) -> None:
    await show(query, views.ask_to_end_address())


@private.callback_query(EndAddress.filter())
async def end_address(
    query: CallbackQuery, session: AsyncSession, subscriber: Subscriber, feeds_at: str | None
) -> None:
    await calendar.end_address(session, subscriber)
    await own(query, session, subscriber, feeds_at, views.ended())
