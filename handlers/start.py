"""Start with its deep links, the menu, help."""

from aiogram import Bot, F
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenAbout, OpenFundraiser, OpenHelp, OpenMenu
from bot.clock import Clock
from bot.crypto import Vault
from bot.curtain import Curtain
from bot.services import campaign, cases, defendants, donations, events, follows, members
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.show import Event, is_private, own_zone, show
from bot.views import cases as case_views
from bot.views import defendants as defendant_views
from bot.views import menu
from handlers import donations as donation_handlers
from handlers import events as event_handlers
from handlers.asked import Asked
from handlers.room import Room
from models import Subscriber

router = Room(name="start")


@router.message(CommandStart(deep_link=True, magic=F.args.startswith("d-")))
async def defendant(
    message: Message,
    command: CommandObject,
    facts: Facts,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
) -> None:
    now = await campaign.local(facts, clock.now())
    card = await defendants.card_of(facts, payload(command), now)
    following = await follows.following(facts.session, follower, card.defendant)
    zone = own_zone(message, subscriber)
    await show(message, defendant_views.card(card, now, zone, following))


@router.message(CommandStart(deep_link=True, magic=F.args.startswith("c-")))
async def case(
    message: Message,
    command: CommandObject,
    facts: Facts,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
) -> None:
    now = await campaign.local(facts, clock.now())
    card = await cases.card_of(facts, payload(command), now)
    following = await follows.following(facts.session, follower, card.case)
    zone = own_zone(message, subscriber)
    await show(message, case_views.card(card, case_views.opened(card), now, zone, following))


@router.message(CommandStart(deep_link=True, magic=F.args.startswith("e-")))
async def event(
    message: Message,
    command: CommandObject,
    session: AsyncSession,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
) -> None:
    number = payload(command)
    if not number.isdecimal() or int(number) >= 2**31:
        raise NotFound
    one = await events.on_day(session, int(number), "", clock.now())
    await event_handlers.card(message, one, facts, subscriber, clock)


@router.message(CommandStart(deep_link=True, magic=F.args.startswith("f-")))
async def fundraiser(
    message: Message,
    command: CommandObject,
    facts: Facts,
    subscriber: Subscriber,
    bot: Bot,
    clock: Clock,
    curtain: Curtain,
) -> None:
    found = await donations.fundraiser(facts.session, payload(command))
    here = OpenFundraiser(id=found.id)
    by = donation_handlers.By(facts, bot, clock, curtain)
    await donation_handlers.opened(message, found, here, by, subscriber)


@router.message(CommandStart())
@router.message(Asked("start"))
@router.message(Command("menu"))
@router.callback_query(OpenMenu.filter())
async def start(
    event: Event,
    facts: Facts,
    state: FSMContext,
    clock: Clock,
    subscriber: Subscriber,
    vault: Vault,
    owners: tuple[int, ...],
) -> None:
    await state.clear()
    if event.from_user and is_private(event):
        chat = event.from_user.id
        await members.welcome(facts.session, vault, subscriber, chat, owners, clock.now())
    told = await campaign.campaign(facts)
    await show(event, menu.start(told, clock.now(), is_private(event)))


@router.message(Asked("help"))
@router.message(Command("help"))
@router.callback_query(OpenHelp.filter())
async def help_(event: Event, facts: Facts) -> None:
    organisation = (await campaign.campaign(facts)).organisation
    await show(event, menu.help_(organisation, is_private(event)))


@router.message(Asked("about"))
@router.message(Command("about"))
@router.callback_query(OpenAbout.filter())
async def about(event: Event, facts: Facts) -> None:
    await show(event, menu.about(await campaign.campaign(facts)))


@router.message(Asked("cancel"))
@router.message(Command("cancel"))
async def cancel(message: Message, state: FSMContext) -> None:
    was_under_way = await state.get_state() is not None
    await state.clear()
    await show(message, menu.cancelled(was_under_way, is_private(message)))


@router.message(Asked("thanks"))
async def thanks(message: Message) -> None:
    await show(message, menu.welcome())


def payload(command: CommandObject) -> str:
    return (command.args or "").partition("-")[2]
