"""What needs a hand at the desk, and whether it is told each day."""

from aiogram.types import CallbackQuery

from bot.callbacks import OpenAttention, OpenReported, SetSummary
from bot.services import address_reports
from bot.services import attention as service
from bot.services.rights import Action
from bot.show import show
from bot.views import address_reports as report_views
from bot.views import attention as views
from handlers.rights import By, May
from handlers.room import Room

router = Room(name="attention")


@router.callback_query(OpenAttention.filter(), May(Action.DESK))
async def attention(query: CallbackQuery, by: By) -> None:
    now = await by.local()
    found = await service.attention(by.session, now, by.member)
    wanted = await service.wants_summary(by.session, by.member)
    await show(query, views.attention(found, by.role, wanted))


@router.callback_query(SetSummary.filter(), May(Action.DESK))
async def set_summary(query: CallbackQuery, callback_data: SetSummary, by: By) -> None:
    await service.set_summary(by.session, by.member, callback_data.on)
    await attention(query, by)


@router.callback_query(OpenReported.filter(), May(Action.CUSTODY))
async def reported(query: CallbackQuery, by: By) -> None:
    """Addresses of which somebody says that they are wrong."""
    await show(query, report_views.unsettled(await address_reports.unsettled(by.session)))
