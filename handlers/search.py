"""Any plain text is a search."""

from datetime import datetime

from aiogram import F
from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenHearings
from bot.clock import Clock
from bot.screen import Screen
from bot.services import campaign, cases, defendants, follows
from bot.services.facts import Facts
from bot.services.search import Search, city
from bot.show import is_private, own_zone, show
from bot.views import cases as case_views
from bot.views import defendants as defendant_views
from bot.views import search as views
from handlers import hearings
from handlers.asked import Asked
from handlers.room import Room
from models import Case, Defendant, Subscriber

router = Room(name="search")


@router.message(F.text, ~F.text.startswith("/"), ~F.via_bot, ~Asked())
async def search(
    message: Message,
    session: AsyncSession,
    facts: Facts,
    search: Search,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
) -> None:
    typed, zone = message.text or "", own_zone(message, subscriber)
    now = await campaign.local(facts, clock.now())
    hits, named = await search.find(facts, typed), await city(facts, typed)
    if named and not hits.things:
        there = OpenHearings(city=named.court.id)
        await hearings.agenda(message, session, subscriber, follower, facts, clock, there)
    elif named and named.exact and not hits.exact:
        await show(message, views.hits(hits.things, named.court))
    elif not hits.things and is_private(message) and (begun := await search.begun(facts, typed)):
        await show(message, views.hits(begun))
    elif not hits.things:
        await show(message, views.nobody(typed, await campaign.contact(facts)))
    elif not hits.certain:
        await show(message, views.hits(hits.things))
    else:
        await show(message, await card(facts, hits.things[0], now, zone, follower))


async def card(
    facts: Facts, thing: Defendant | Case, now: datetime, zone: str | None, follower: Subscriber
) -> Screen:
    following = await follows.following(facts.session, follower, thing)
    if isinstance(thing, Defendant):
        return defendant_views.card(
            await defendants.card(facts, thing.id, now), now, zone, following
        )
    found = await cases.card(facts, thing.id, now)
    return case_views.card(found, case_views.opened(found), now, zone, following)
