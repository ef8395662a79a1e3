"""Inline mode: @bot orlov in any chat offers cards to send there."""

from aiogram import Bot, Router
from aiogram.types import InlineQuery, InlineQueryResultArticle, InputTextMessageContent

from bot.services.facts import Facts
from bot.services.search import Search
from bot.show import NO_PREVIEW
from bot.views import share as views
from models import Case, Defendant

router = Router(name="share")
CACHED = 30
"""Seconds that Telegram may answer the same person's same query by itself."""


@router.inline_query()
async def share(query: InlineQuery, bot: Bot, facts: Facts, search: Search) -> None:
    me = await bot.me()
    hits = await search.find(facts, query.query)
    found = [result(thing, me.username or "") for thing in hits.things]
    await query.answer(list(found), cache_time=CACHED, is_personal=True)


def result(thing: Defendant | Case, username: str) -> InlineQueryResultArticle:
    screen = views.card(thing, username)
    return InlineQueryResultArticle(
        id=f"{type(thing).__name__}-{thing.id}",
        title=views.name(thing),
        description=views.description(thing),
        input_message_content=InputTextMessageContent(
            message_text=screen.text, link_preview_options=NO_PREVIEW
        ),
        reply_markup=screen.keyboard,
    )
