"""What is told and when: kinds of alert, lead times, quiet hours, silence."""

from aiogram import F
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    OpenAlerts,
    OpenQuietHours,
    OpenSilence,
    SetLanguage,
    SetQuietHours,
    SetSilence,
    SwitchAlert,
    SwitchLead,
)
from bot.clock import Clock
from bot.crypto import Vault
from bot.i18n import languages, speaking
from bot.services import alerts, campaign, subscribers
from bot.services.facts import Facts
from bot.show import chat_of, is_private, show
from bot.views import alerts as views
from handlers.rights import for_the_group
from handlers.room import Room
from models import Subscriber

router = Room(name="alerts")
deciding = Room(name="alerts.deciding")
deciding.callback_query.middleware(for_the_group)
router.include_router(deciding)


@router.callback_query(OpenAlerts.filter())
async def opened(
    query: CallbackQuery,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
    toast: str | None = None,
) -> None:
    zone = await campaign.zone_of(facts, follower)
    await show(query, views.alerts(follower, clock.now(), zone, is_private(query)), toast)


@router.callback_query(OpenQuietHours.filter())
async def quiet(
    query: CallbackQuery,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
    toast: str | None = None,
) -> None:
    zone = await campaign.zone_of(facts, follower)
    await show(query, views.quiet(follower, clock.now(), zone, is_private(query)), toast)


@router.callback_query(OpenSilence.filter())
async def silence(
    query: CallbackQuery,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
    toast: str | None = None,
) -> None:
    zone = await campaign.zone_of(facts, follower)
    await show(query, views.silence(follower, clock.now(), zone, is_private(query)), toast)


@deciding.callback_query(SwitchAlert.filter())
async def switch_alert(
    query: CallbackQuery,
    callback_data: SwitchAlert,
    session: AsyncSession,
    follower: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    switch, chat = alerts.alert(callback_data.kind), chat_of(query)
    kept = await alerts.turn(session, vault, follower, chat, switch, callback_data.on)
    await opened(query, kept, facts, clock, views.saved())


@deciding.callback_query(SwitchLead.filter())
async def switch_lead(
    query: CallbackQuery,
    callback_data: SwitchLead,
    session: AsyncSession,
    follower: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    switch, chat = alerts.lead(callback_data.minutes), chat_of(query)
    kept = await alerts.turn(session, vault, follower, chat, switch, callback_data.on)
    await opened(query, kept, facts, clock, views.saved())


@deciding.callback_query(SetQuietHours.filter())
async def set_quiet(
    query: CallbackQuery,
    callback_data: SetQuietHours,
    session: AsyncSession,
    follower: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    since, until = callback_data.since, callback_data.until
    kept = await alerts.quiet(session, vault, follower, chat_of(query), since, until)
    await quiet(query, kept, facts, clock, views.saved())


@deciding.callback_query(SetSilence.filter())
async def set_silence(
    query: CallbackQuery,
    callback_data: SetSilence,
    session: AsyncSession,
    follower: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    days, now = callback_data.days, clock.now()
    kept = await alerts.silence(session, vault, follower, chat_of(query), days, now)
    await silence(query, kept, facts, clock, views.saved())


@deciding.callback_query(
    SetLanguage.filter(F.code.in_({*languages()})), F.message.chat.type != "private"
)
async def set_language(
    query: CallbackQuery,
    callback_data: SetLanguage,
    session: AsyncSession,
    follower: Subscriber,
    facts: Facts,
    vault: Vault,
    clock: Clock,
) -> None:
    """A group's; everybody's own is among their settings."""
    chosen, chat = {"language": callback_data.code}, chat_of(query)
    kept = await subscribers.remember(session, vault, follower, chat, **chosen)
    with speaking(callback_data.code):
        await opened(query, kept, facts, clock, views.saved())
