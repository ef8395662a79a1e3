"""Inline mode: @bot orlov in any chat offers cards to send there."""

from datetime import date, datetime

from aiogram import Bot
from aiogram.types import InlineQuery, InlineQueryResultArticle, InputTextMessageContent

from bot.clock import Clock
from bot.services import campaign
from bot.services.facts import Facts
from bot.services.search import Search
from bot.show import NO_PREVIEW
from bot.views import share as views
from handlers.room import Room
from models import Case, Defendant

router = Room(name="share")
CACHED = 30
"""Seconds that Telegram may answer the same person's same query by itself."""


@router.inline_query()
async def share(query: InlineQuery, bot: Bot, facts: Facts, search: Search, clock: Clock) -> None:
    day_of, now = await campaign.as_of(facts), await campaign.local(facts, clock.now())
    me = await bot.me()
    things = await search.offered(facts, query.query)
    found = [result(thing, me.username or "", day_of, now) for thing in things]
    await query.answer(list(found), cache_time=CACHED, is_personal=True)


def result(
    thing: Defendant | Case, username: str, day_of: date | None, now: datetime
) -> InlineQueryResultArticle:
    screen = views.card(thing, username, day_of, now)
    return InlineQueryResultArticle(
        id=f"{type(thing).__name__}-{thing.id}",
        title=views.name(thing),
        description=views.description(thing),
        input_message_content=InputTextMessageContent(
            message_text=screen.text, link_preview_options=NO_PREVIEW
        ),
        reply_markup=screen.keyboard,
    )
