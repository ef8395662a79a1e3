"""Any plain text is a search."""

from aiogram import F, Router
from aiogram.types import Message

from bot.clock import Clock
from bot.services import cases, defendants
from bot.services.facts import Facts
from bot.services.search import Search
from bot.show import show
from bot.views import cases as case_views
from bot.views import defendants as defendant_views
from bot.views import search as views
from models import Defendant

router = Router(name="search")


@router.message(F.text, ~F.text.startswith("/"), ~F.via_bot)
async def search(message: Message, facts: Facts, search: Search, clock: Clock) -> None:
    typed, now = message.text or "", clock.now()
    hits = await search.find(facts, typed)
    if not hits.things:
        await show(message, views.nobody(typed))
    elif not hits.certain:
        await show(message, views.hits(hits.things))
    elif isinstance(hits.things[0], Defendant):
        card = await defendants.card(facts, hits.things[0].id, now)
        await show(message, defendant_views.card(card, now))
    else:
        found = await cases.card(facts, hits.things[0].id, now)
        await show(message, case_views.card(found, 0, now))
