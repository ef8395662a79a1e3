"""The desk: nobody else sees that there is one."""

from datetime import datetime

from aiogram.filters import Command
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenDesk
from bot.screen import Screen
from bot.services.attention import attention
from bot.services.rights import Action
from bot.services.standstill import stopped_since
from bot.show import Event, show
from bot.views import desk as views
from bot.views.attention import number_for
from handlers.rights import By, May
from handlers.room import Room
from models import Role

router = Room(name="desk")


@router.message(Command("desk"), May(Action.DESK))
@router.callback_query(OpenDesk.filter(), May(Action.DESK))
async def desk(event: Event, by: By) -> None:
    await by.state.clear()
    await show(event, await as_seen(by.session, by.role, by.member, await by.local()))


async def as_seen(session: AsyncSession, role: Role, member: int, now: datetime) -> Screen:
    """`now`: on the organisers' clock."""
    found = await attention(session, now, member)
    numbers = {
        "attention": number_for(role, found),
        "proposed": found.proposals,
        "unanswered": found.questions,
    }
    since = await stopped_since(session)
    still = views.stands_still(since, now) if since else None
    return views.desk(role, **numbers, still=still)
