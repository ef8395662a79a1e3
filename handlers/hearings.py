"""Hearings: lists, card, map pin, calendar file."""

from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    OpenCities,
    OpenHearing,
    OpenHearings,
    SendCalendar,
    SendPlace,
    place_of,
)
from bot.clock import Clock
from bot.services import attendance, campaign, follows, hearings
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.show import Event, acknowledge, is_private, own_zone, send_file, show
from bot.views import hearings as views
from bot.views.calendar import of_hearing
from bot.views.hearings import Reader
from handlers.asked import Asked
from handlers.room import Room
from models import Subscriber

router = Room(name="hearings")


@router.message(Asked("hearings"))
@router.message(Command("hearings"))
@router.callback_query(OpenHearings.filter())
async def agenda(
    event: Event,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
    callback_data: OpenHearings | None = None,
    toast: str | None = None,
) -> None:
    wanted = callback_data or OpenHearings()
    which = wanted.model_dump(include={"past", "case", "city", "page"})
    found = await hearings.agenda(session, clock.now(), **which)
    following = await follows.following(session, follower, found.court)
    day_of, zone = await campaign.as_of(facts), own_zone(event, subscriber)
    screen = views.agenda(found, wanted.defendant, day_of, clock.now(), zone, following)
    await show(event, screen, toast)


@router.callback_query(OpenCities.filter())
async def cities(
    query: CallbackQuery, callback_data: OpenCities, session: AsyncSession, clock: Clock
) -> None:
    found = await hearings.cities(session, clock.now())
    await show(query, views.cities(found, callback_data.page))


@router.callback_query(OpenHearing.filter())
async def card(
    query: CallbackQuery,
    callback_data: OpenHearing,
    session: AsyncSession,
    subscriber: Subscriber,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
    toast: str | None = None,
) -> None:
    try:
        hearing = await hearings.hearing(session, callback_data.id)
    except NotFound:
        await show(query, views.removed(), toast)
        return
    here = place_of(OpenHearing, callback_data)
    contact, zone = await campaign.contact(facts), own_zone(query, subscriber)
    reader = Reader(
        zone=zone,
        is_private=is_private(query),
        following=await follows.following(session, follower, hearing.case),
        attending=await attendance.at(session, hearing, subscriber),
    )
    await show(query, views.card(hearing, reader, clock.now(), here, contact), toast)


@router.callback_query(SendPlace.filter())
async def place(query: CallbackQuery, callback_data: SendPlace, session: AsyncSession) -> None:
    court = (await hearings.hearing(session, callback_data.id)).court
    if court.latitude is None or court.longitude is None:
        raise NotFound
    title, address = views.pin_title(court)
    if isinstance(query.message, Message):
        await query.message.answer_venue(court.latitude, court.longitude, title, address)
    await acknowledge(query)


@router.callback_query(SendCalendar.filter())
async def calendar(
    query: CallbackQuery,
    callback_data: SendCalendar,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    clock: Clock,
) -> None:
    from bot.documents.calendar import file_of_one  # what the start can spare

    hearing, zone = await hearings.hearing(session, callback_data.id), own_zone(query, subscriber)
    organisation = (await campaign.campaign(facts)).organisation
    file = file_of_one(of_hearing(hearing, organisation, zone), clock.now())
    await send_file(query, file, f"{hearing.slug}.ics", views.calendar_caption(hearing))
