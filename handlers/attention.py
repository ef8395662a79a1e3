"""What needs a hand at the desk, and whether it is told each day."""

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenAttention, OpenReported, SetSummary
from bot.clock import Clock
from bot.services import address_reports, campaign
from bot.services import attention as service
from bot.services.facts import Facts
from bot.services.rights import Action
from bot.show import show
from bot.views import address_reports as report_views
from bot.views import attention as views
from handlers.rights import May
from models import Role, Subscriber

router = Router(name="attention")


@router.callback_query(OpenAttention.filter(), May(Action.DESK))
async def attention(
    query: CallbackQuery,
    session: AsyncSession,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    role: Role,
) -> None:
    now = await campaign.local(facts, clock.now())
    found = await service.attention(session, now, subscriber.id)
    wanted = await service.wants_summary(session, subscriber.id)
    await show(query, views.attention(found, role, wanted))


@router.callback_query(SetSummary.filter(), May(Action.DESK))
async def set_summary(
    query: CallbackQuery,
    callback_data: SetSummary,
    session: AsyncSession,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    role: Role,
) -> None:
    await service.set_summary(session, subscriber.id, callback_data.on)
    await attention(query, session, facts, subscriber, clock, role)


@router.callback_query(OpenReported.filter(), May(Action.CUSTODY))
async def reported(query: CallbackQuery, session: AsyncSession) -> None:
    """Addresses of which somebody says that they are wrong."""
    await show(query, report_views.unsettled(await address_reports.unsettled(session)))
