"""The desk: nobody else sees that there is one."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext

from bot.callbacks import OpenDesk
from bot.services.rights import Action
from bot.show import Event, show
from bot.views import desk as views
from handlers.rights import May
from models import Role

router = Router(name="desk")


@router.message(Command("desk"), May(Action.DESK))
@router.callback_query(OpenDesk.filter(), May(Action.DESK))
async def desk(event: Event, role: Role, state: FSMContext) -> None:
    await state.clear()
    await show(event, views.desk(role))
