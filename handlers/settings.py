"""Settings, privacy, forgetting: only in a private chat."""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    AskCity,
    AskToForget,
    Forget,
    OpenPrivacy,
    OpenSettings,
    SetLanguage,
    SetTimezone,
)
from bot.clock import Clock
from bot.crypto import Vault
from bot.i18n import languages, speaking
from bot.services import cities, subscribers
from bot.services.errors import NotFound
from bot.show import Event, show
from bot.views import settings as views
from models import Subscriber

router = Router(name="settings")
router.message.filter(F.chat.type == "private")
router.callback_query.filter(F.message.chat.type == "private")


class Asking(StatesGroup):
    city = State()


@router.message(CommandStart(deep_link=True, magic=F.args == "settings"))
@router.message(Command("settings"))
@router.callback_query(OpenSettings.filter())
async def settings(event: Event, subscriber: Subscriber, state: FSMContext, clock: Clock) -> None:
    await state.clear()
    await show(event, views.settings(subscriber, clock.now()))


@router.callback_query(SetLanguage.filter(F.code.in_({*languages()})))
async def set_language(
    query: CallbackQuery,
    callback_data: SetLanguage,
    session: AsyncSession,
    subscriber: Subscriber,
    vault: Vault,
    clock: Clock,
) -> None:
    chosen = {"language": callback_data.code}
    await subscribers.remember(session, vault, subscriber, query.from_user.id, **chosen)
    with speaking(callback_data.code):
        await show(query, views.settings(subscriber, clock.now(), toast=views.saved()))


@router.callback_query(AskCity.filter())
async def ask_city(query: CallbackQuery, subscriber: Subscriber, state: FSMContext) -> None:
    await state.set_state(Asking.city)
    await show(query, views.ask_city(has_zone=subscriber.timezone is not None))


@router.message(StateFilter(Asking.city), F.text, ~F.text.startswith("/"))
async def city_typed(message: Message, clock: Clock) -> None:
    typed = message.text or ""
    found = await cities.city_named(typed)
    await show(message, views.cities(found, typed, clock.now()))


@router.callback_query(SetTimezone.filter())
async def set_timezone(
    query: CallbackQuery,
    callback_data: SetTimezone,
    session: AsyncSession,
    subscriber: Subscriber,
    vault: Vault,
    state: FSMContext,
    clock: Clock,
) -> None:
    await state.clear()
    zone = None if callback_data.name == views.NO_ZONE else cities.known_zone(callback_data.name)
    if zone is None and callback_data.name != views.NO_ZONE:
        raise NotFound
    await subscribers.remember(session, vault, subscriber, query.from_user.id, timezone=zone)
    await show(query, views.settings(subscriber, clock.now(), toast=views.saved()))


@router.message(Command("privacy"))
@router.callback_query(OpenPrivacy.filter())
async def privacy(event: Event, subscriber: Subscriber) -> None:
    await show(event, views.privacy(subscriber))


@router.message(Command("forget"))
@router.callback_query(AskToForget.filter())
async def ask_to_forget(event: Event, subscriber: Subscriber) -> None:
    await show(event, views.ask_to_forget(subscriber))


@router.callback_query(Forget.filter())
async def forget(
    query: CallbackQuery, session: AsyncSession, subscriber: Subscriber, state: FSMContext
) -> None:
    await state.clear()
    await subscribers.forget(session, subscriber)
    await show(query, views.forgotten())
