"""The desk: nobody else sees that there is one."""

from aiogram import Router
from aiogram.filters import Command

from bot.callbacks import OpenDesk
from bot.services import panic
from bot.services.attention import attention
from bot.services.rights import Action
from bot.show import Event, show
from bot.views import desk as views
from bot.views.attention import number_for
from handlers.rights import By, May

router = Router(name="desk")


@router.message(Command("desk"), May(Action.DESK))
@router.callback_query(OpenDesk.filter(), May(Action.DESK))
async def desk(event: Event, by: By) -> None:
    await by.state.clear()
    now = await by.local()
    found = await attention(by.session, now, by.member)
    numbers = {
        "attention": number_for(by.role, found),
        "proposed": found.proposals,
        "unanswered": found.questions,
    }
    since = await panic.stopped_since(by.session)
    still = views.stands_still(since, now) if since else None
    await show(event, views.desk(by.role, **numbers, still=still))
