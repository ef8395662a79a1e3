"""The desk: nobody else sees that there is one."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenDesk
from bot.clock import Clock
from bot.services import campaign, questions
from bot.services.attention import attention
from bot.services.facts import Facts
from bot.services.rights import Action
from bot.show import Event, show
from bot.views import desk as views
from bot.views.attention import number_for
from handlers.rights import May
from models import Role, Subscriber

router = Router(name="desk")


@router.message(Command("desk"), May(Action.DESK))
@router.callback_query(OpenDesk.filter(), May(Action.DESK))
async def desk(
    event: Event,
    role: Role,
    state: FSMContext,
    session: AsyncSession,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
) -> None:
    await state.clear()
    now = await campaign.local(facts, clock.now())
    found = await attention(session, now, subscriber.id)
    asked = await questions.unanswered(session)
    await show(event, views.desk(role, number_for(role, found), found.proposals, asked))
