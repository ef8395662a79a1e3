"""Donations. Who asks for which route is neither kept nor logged."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aiogram import Bot, F
from aiogram.filters import Command
from aiogram.types import CallbackQuery
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    AskPlace,
    OpenFundraiser,
    OpenFundraisers,
    OpenRoute,
    OpenRoutes,
    SendFigures,
    SendRouteCode,
    place_of,
)
from bot.clock import Clock
from bot.curtain import Curtain, bringing, shown
from bot.documents import qr
from bot.documents.chart import draw
from bot.documents.press import Busy
from bot.screen import Screen
from bot.services import campaign, donations
from bot.services.donations import PLACES, Routing
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.payment_details import scanned
from bot.services.reach import is_anybody_reached
from bot.show import (
    Event,
    Place,
    acknowledge,
    is_private,
    new_place,
    place_for,
    place_pressed,
    send_picture,
    show,
    show_at,
    show_picture_at,
)
from bot.views import donations as views
from handlers.asked import Asked
from handlers.room import Room
from models import DonationRoute, Fundraiser, PayFrom, Subscriber

router = Room(name="donations")


@dataclass(frozen=True, slots=True)
class By:
    """By what these screens are made."""

    facts: Facts
    bot: Bot
    clock: Clock
    curtain: Curtain

    async def now(self) -> datetime:
        """The organisers'."""
        return await campaign.local(self.facts, self.clock.now())


@router.message(Asked("donate"))
@router.message(Command("donate"))
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
    if not is_here and any(whose.values()):
        page = await donations.common_fund(session, now, wanted.page)
        if not page.items:
            page = await donations.fundraisers(session, now, page=wanted.page, case=0, defendant=0)
    if page.items:
        day_of = await campaign.as_of(facts)
        await show(event, views.directory(page, **whose, is_here=is_here, day_of=day_of, now=now))
        return
    is_reached = await is_anybody_reached(session, now, **whose)
    contact = await campaign.contact(facts)
    await show(event, views.nothing(**whose, is_reached=is_reached, contact=contact))


@router.callback_query(OpenFundraiser.filter())
async def open_(
    query: CallbackQuery,
    callback_data: OpenFundraiser,
    facts: Facts,
    subscriber: Subscriber,
    bot: Bot,
    clock: Clock,
    curtain: Curtain,
) -> None:
    fundraiser = await donations.fundraiser(facts.session, callback_data.id)
    await opened(query, fundraiser, callback_data, By(facts, bot, clock, curtain), subscriber)


@router.callback_query(AskPlace.filter())
async def ask_place(
    query: CallbackQuery,
    callback_data: AskPlace,
    facts: Facts,
    bot: Bot,
    clock: Clock,
    curtain: Curtain,
) -> None:
    """Though one is remembered."""
    fundraiser = await donations.fundraiser(facts.session, callback_data.id)
    here = place_of(OpenFundraiser, callback_data)
    await opened(query, fundraiser, here, By(facts, bot, clock, curtain))


async def opened(
    event: Event,
    fundraiser: Fundraiser,
    here: OpenFundraiser,
    by: By,
    subscriber: Subscriber | None = None,
) -> None:
    """`subscriber`: whose remembered place counts."""
    now = await by.now()
    if why := fundraiser.closing(now.date()):
        await show(event, views.closed(fundraiser, why))
    elif not any(donations.routing(fundraiser, place, now).routes for place in PLACES):
        nowhere = donations.routing(fundraiser, PayFrom.ANYWHERE, now)
        await routed(event, nowhere, OpenRoutes(pay_from="", **here.model_dump()), by)
    elif not is_private(event):
        me = await by.bot.me()
        await show(event, views.in_group(fundraiser, here, me.username or "", now))
    elif subscriber and subscriber.pay_from in PLACES:
        place = PayFrom(subscriber.pay_from)
        pressed = OpenRoutes(pay_from=place, **here.model_dump())
        await routed(event, donations.routing(fundraiser, place, now), pressed, by)
    else:
        figures = await donations.figures(by.facts.session, fundraiser)
        await show(event, views.ask_place(fundraiser, here, now, has_past=len(figures) > 1))


@router.callback_query(OpenRoutes.filter(F.pay_from.in_({*PLACES})))
async def routes(
    query: CallbackQuery,
    callback_data: OpenRoutes,
    facts: Facts,
    bot: Bot,
    clock: Clock,
    curtain: Curtain,
) -> None:
    by = By(facts, bot, clock, curtain)
    await routes_anew(query, await routing_of(callback_data, by), callback_data, by)


async def routed(
    event: Event,
    routing: Routing,
    here: OpenRoutes,
    by: By,
    toast: str | None = None,
) -> None:
    if routing.pay_from in PLACES:
        await unveiled(event, partial(ways, here, by), by, toast)
    else:  # nobody was asked where they are
        await show(event, await ways_screen(routing, here, by), toast)


async def ways_screen(routing: Routing, here: OpenRoutes, by: By) -> Screen:
    if routing.routes:
        return views.routes(routing, await by.now(), here)
    is_reached = await is_anybody_reached(by.facts.session, await by.now(), **routing.whose)
    return views.no_route(routing, here, await campaign.contact(by.facts), is_reached)


@dataclass(frozen=True, slots=True)
class Seen:
    """What tells where somebody pays from."""

    screen: Screen
    fundraiser: Fundraiser
    routes: Sequence[DonationRoute]


async def ways(here: OpenRoutes, by: By) -> Seen:
    routing = await routing_of(here, by)
    return Seen(await ways_screen(routing, here, by), routing.fundraiser, routing.routes)


async def way(pressed: OpenRoute, by: By) -> Seen:
    routing, here = await routing_of(pressed, by), place_of(OpenRoutes, pressed)
    if route := routing.route(pressed.route):
        screen = views.one_route(routing, route, await by.now(), here)
        return Seen(screen, routing.fundraiser, [route])
    return await ways(here, by)


async def unveiled(
    event: Event,
    look: Callable[[], Awaitable[Seen]],
    by: By,
    toast: str | None = None,
) -> None:
    """For a while, and one in a chat. What is safe is asked when it is known where it will stand:
    that may take Telegram minutes."""
    place = await place_for(event)
    if not await brought_to(place, await look(), by):
        place = await new_place(event)
        await brought_to(place, await look(), by)
    if isinstance(event, CallbackQuery):
        await acknowledge(event, toast)
    await by.curtain.close_chat(place[0], by.clock.now(), but=[place])


async def brought_to(place: Place, seen: Seen, by: By) -> bool:
    with bringing(shown(seen.routes, await by.now(), views.hidden(seen.fundraiser))):
        return await show_at(by.bot, place, seen.screen)


@router.callback_query(SendFigures.filter())
async def send_figures(
    query: CallbackQuery, callback_data: SendFigures, facts: Facts, clock: Clock
) -> None:
    now = await campaign.local(facts, clock.now())
    fundraiser = await donations.fundraiser(facts.session, callback_data.id)
    points = await donations.figures(facts.session, fundraiser)
    if len(points) < 2:
        raise NotFound
    try:
        picture = await draw(views.chart(fundraiser, points))
    except Busy:
        await acknowledge(query, views.busy(), alert=True)
        return
    await send_picture(query, picture, views.figures_caption(fundraiser, now.date()))
    await acknowledge(query)


@router.callback_query(SendRouteCode.filter(F.pay_from.in_({*PLACES})))
async def send_code(
    query: CallbackQuery,
    callback_data: SendRouteCode,
    facts: Facts,
    bot: Bot,
    clock: Clock,
    curtain: Curtain,
) -> None:
    by = By(facts, bot, clock, curtain)
    routing, now = await routing_of(callback_data, by), await by.now()
    route = await chosen(query, callback_data, routing, by)
    if route is None:
        return
    here = place_pressed(query)
    curtain.found(here, shown([route], now, views.hidden(routing.fundraiser)))
    if scanned(route.url, route.details or []) is None:
        raise NotFound
    place = await new_place(query)
    await code_brought_to(place, callback_data, by)
    await acknowledge(query)
    await curtain.close_chat(place[0], clock.now(), but=[here, place])


async def code_brought_to(place: Place, pressed: SendRouteCode, by: By) -> None:
    """Of what is safe now."""
    routing = await routing_of(pressed, by)
    route = routing.route(pressed.route)
    code = scanned(route.url, route.details or []) if route else None
    if route is None or code is None:
        await show_at(by.bot, place, Screen(Markup(views.being_checked())))
        return
    with bringing(shown([route], await by.now(), None)):
        caption = views.code_caption(routing, route, code)
        await show_picture_at(by.bot, place, qr.png(code.said), caption)


@router.callback_query(OpenRoute.filter(F.pay_from.in_({*PLACES})))
async def open_route(
    query: CallbackQuery,
    callback_data: OpenRoute,
    facts: Facts,
    bot: Bot,
    clock: Clock,
    curtain: Curtain,
) -> None:
    by = By(facts, bot, clock, curtain)
    if await chosen(query, callback_data, await routing_of(callback_data, by), by):
        await unveiled(query, partial(way, callback_data, by), by)


async def routing_of(pressed: OpenRoutes | OpenRoute, by: By) -> Routing:
    fundraiser = await donations.fundraiser(by.facts.session, pressed.id)
    return donations.routing(fundraiser, PayFrom(pressed.pay_from), await by.now())


async def chosen(
    query: CallbackQuery, pressed: OpenRoute, routing: Routing, by: By
) -> DonationRoute | None:
    """One of several; where it has lapsed since the others are shown."""
    route = routing.route(pressed.route) if is_private(query) else None
    if route is None:
        here = place_of(OpenRoutes, pressed)
        await routes_anew(query, routing, here, by, views.being_checked())
    return route


async def routes_anew(
    query: CallbackQuery,
    routing: Routing,
    here: OpenRoutes,
    by: By,
    toast: str | None = None,
) -> None:
    """What there is now."""
    now = await by.now()
    fundraiser = routing.fundraiser
    if fundraiser.closing(now.date()) or not is_private(query):
        opening = place_of(OpenFundraiser, here)
        await opened(query, fundraiser, opening, by)
    else:
        await routed(query, routing, here, by, toast)
