"""Settings, privacy, forgetting: only in a private chat."""

from aiogram import F
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, CommandStart, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    AskCity,
    AskRemembered,
    AskToForget,
    Forget,
    OpenPrivacy,
    OpenSettings,
    SendCopy,
    SetLanguage,
    SetRemembered,
    SetTimezone,
)
from bot.clock import Clock
from bot.crypto import Vault
from bot.curtain import Curtain
from bot.i18n import languages, speaking
from bot.services import cities, members, planned, subscribers
from bot.services import privacy as keeping
from bot.services.donations import PLACES
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.search import Search
from bot.show import Event, is_private, send_file, show
from bot.views import donations
from bot.views import settings as views
from handlers import alerts
from handlers.asked import Asked
from handlers.room import Room
from models import Subscriber

router = Room(name="settings")


async def alone(event: Event) -> bool:
    """Not an `F`: aiogram gives those to a thread, and this one is asked at every update."""
    return is_private(event)


router.message.filter(alone)
router.callback_query.filter(alone)


class Asking(StatesGroup):
    city = State()
    city_by_night = State()
    """From quiet hours, to which one comes back."""


@router.message(CommandStart(deep_link=True, magic=F.args == "settings"))
@router.message(Asked("settings"))
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
    kept = await subscribers.remember(session, vault, subscriber, query.from_user.id, **chosen)
    with speaking(callback_data.code):
        await show(query, views.settings(kept, clock.now(), toast=views.saved()))


@router.callback_query(AskRemembered.filter())
async def ask_remembered(query: CallbackQuery, subscriber: Subscriber) -> None:
    await show(query, donations.ask_remembered(subscriber))


@router.callback_query(SetRemembered.filter(F.pay_from.in_({"", *PLACES})))
async def set_remembered(
    query: CallbackQuery,
    callback_data: SetRemembered,
    session: AsyncSession,
    subscriber: Subscriber,
    vault: Vault,
    clock: Clock,
) -> None:
    """Nothing is kept of whoever chooses that nothing is."""
    chosen = {"pay_from": callback_data.pay_from or None}
    if subscriber.id is not None or callback_data.pay_from:
        chat = query.from_user.id
        subscriber = await subscribers.remember(session, vault, subscriber, chat, **chosen)
    await show(query, views.settings(subscriber, clock.now(), toast=views.saved()))


@router.callback_query(AskCity.filter())
async def ask_city(
    query: CallbackQuery, callback_data: AskCity, subscriber: Subscriber, state: FSMContext
) -> None:
    night = callback_data.night
    await state.set_state(Asking.city_by_night if night else Asking.city)
    await show(query, views.ask_city(subscriber.timezone is not None, night))


@router.message(StateFilter(Asking), F.text, ~F.text.startswith("/"), ~Asked())
async def city_typed(
    message: Message, state: FSMContext, facts: Facts, search: Search, clock: Clock
) -> None:
    """Who has left the question meanwhile and types a person's name gets the person."""
    typed = message.text or ""
    found = await cities.city_named(typed)
    is_city = any(city.exact for city in found)
    if not is_city and (await search.find(facts, typed)).things:
        await state.clear()
        raise SkipHandler
    night = await state.get_state() == Asking.city_by_night.state
    await show(message, views.cities(found, typed, clock.now(), night))


@router.callback_query(SetTimezone.filter())
async def set_timezone(
    query: CallbackQuery,
    callback_data: SetTimezone,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    vault: Vault,
    state: FSMContext,
    clock: Clock,
) -> None:
    await state.clear()
    zone = None if callback_data.name == views.NO_ZONE else cities.known_zone(callback_data.name)
    if zone is None and callback_data.name != views.NO_ZONE:
        raise NotFound
    chat = query.from_user.id
    kept = await subscribers.remember(session, vault, subscriber, chat, timezone=zone)
    if callback_data.night:
        await alerts.quiet(query, kept, facts, clock, views.saved())
        return
    await show(query, views.settings(kept, clock.now(), toast=views.saved()))


@router.message(CommandStart(deep_link=True, magic=F.args == "privacy"))
@router.message(Asked("privacy"))
@router.message(Command("privacy"))
@router.callback_query(OpenPrivacy.filter())
async def privacy(
    event: Event, session: AsyncSession, subscriber: Subscriber, vault: Vault, clock: Clock
) -> None:
    kept = await keeping.kept(session, vault, subscriber, clock.now())
    await show(event, views.privacy(kept, clock.now()))


@router.callback_query(SendCopy.filter())
async def copy(
    query: CallbackQuery,
    session: AsyncSession,
    subscriber: Subscriber,
    vault: Vault,
    clock: Clock,
) -> None:
    if subscriber.id is None or not isinstance(query.message, Message):
        raise NotFound
    file = keeping.copy(await keeping.kept(session, vault, subscriber, clock.now()))
    await send_file(query, file, "kept-about-you.json", views.copy_caption())


@router.message(CommandStart(deep_link=True, magic=F.args == "forget"))
@router.message(Asked("forget"))
@router.message(Command("forget"))
@router.callback_query(AskToForget.filter())
async def ask_to_forget(
    event: Event,
    session: AsyncSession,
    subscriber: Subscriber,
    clock: Clock,
    curtain: Curtain,
) -> None:
    """What stands open in the chat is hidden before anything is said, whatever they answer."""
    await close_curtain(event, curtain, clock)
    role = await members.role_of(session, subscriber, clock.now())
    has_planned = role is not None and await planned.has_planned(session, subscriber.id)
    await show(event, views.ask_to_forget(subscriber, role, has_planned=has_planned))


async def close_curtain(event: Event, curtain: Curtain, clock: Clock) -> None:
    if event.from_user:
        await curtain.close_chat(event.from_user.id, clock.now())


@router.callback_query(Forget.filter())
async def forget(
    query: CallbackQuery,
    session: AsyncSession,
    subscriber: Subscriber,
    state: FSMContext,
    clock: Clock,
    curtain: Curtain,
) -> None:
    """What was opened since they were asked is hidden, too."""
    await close_curtain(query, curtain, clock)
    await state.clear()
    await subscribers.forget(session, subscriber, clock.now())
    await show(query, views.forgotten())
