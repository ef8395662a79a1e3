"""The card of one person."""

from aiogram.types import CallbackQuery

from bot.callbacks import OpenDefendant
from bot.clock import Clock
from bot.services import campaign, defendants, follows
from bot.services.facts import Facts
from bot.show import own_zone, show
from bot.views import defendants as views
from handlers.room import Room
from models import Subscriber

router = Room(name="defendants")


@router.callback_query(OpenDefendant.filter())
async def card(
    query: CallbackQuery,
    callback_data: OpenDefendant,
    facts: Facts,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
    toast: str | None = None,
) -> None:
    now = await campaign.local(facts, clock.now())
    card = await defendants.card(facts, callback_data.id, now)
    following = await follows.following(facts.session, follower, card.defendant)
    await show(query, views.card(card, now, own_zone(query, subscriber), following), toast)
