"""Letters: whom to write to, and where."""

from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import OpenAddress, OpenAdvice, OpenLetters, OpenOtherForm, SendAddress, place_of
from bot.clock import Clock
from bot.services import campaign, follows, letters, sent_letters
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.show import Event, is_private, send_file, show
from bot.views import letter_advice
from bot.views import letters as views
from handlers.asked import Asked
from handlers.room import Room
from models import Subscriber

router = Room(name="letters")


@router.message(Asked("letters"))
@router.message(Command("letters"))
@router.callback_query(OpenLetters.filter())
async def whom(
    event: Event,
    session: AsyncSession,
    facts: Facts,
    clock: Clock,
    callback_data: OpenLetters | None = None,
) -> None:
    now = await campaign.local(facts, clock.now())
    page = await letters.listed(session, now, callback_data.page if callback_data else 0)
    lately = await sent_letters.lately(session, [one.id for one in page.items], now.date())
    goals = await sent_letters.goals(session, now.date())
    day_of = await campaign.as_of(facts)
    await show(event, views.whom(page, lately, goals, day_of, now, is_private(event)))


@router.callback_query(OpenAddress.filter())
@router.callback_query(OpenOtherForm.filter())
async def address(
    query: CallbackQuery,
    callback_data: OpenAddress,
    session: AsyncSession,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
    toast: str | None = None,
) -> None:
    defendant = await letters.addressee(session, callback_data.id)
    now = await campaign.local(facts, clock.now())
    contact = await campaign.contact(facts)
    is_asked = await follows.is_asked(session, follower, defendant.id, clock.now())
    lately = await sent_letters.lately(session, [defendant.id], now.date())
    place, number = place_of(OpenAddress, callback_data), lately.get(defendant.id, 0)
    is_other = isinstance(callback_data, OpenOtherForm)
    screen = views.details(defendant, now, place, contact, number, is_asked, is_other)
    await show(query, screen, toast)


@router.callback_query(OpenAdvice.filter())
async def advice(query: CallbackQuery, callback_data: OpenAdvice) -> None:
    await show(query, letter_advice.advice(place_of(OpenAddress, callback_data)))


@router.callback_query(SendAddress.filter())
async def to_print(
    query: CallbackQuery,
    callback_data: SendAddress,
    session: AsyncSession,
    facts: Facts,
    clock: Clock,
) -> None:
    defendant = await letters.addressee(session, callback_data.id)
    now = await campaign.local(facts, clock.now())
    mail = letters.mailing(defendant, now)
    if not isinstance(mail, letters.Address) or not isinstance(query.message, Message):
        raise NotFound
    file = views.printed(defendant, mail, now).encode("utf-8-sig")  # Windows' Notepad asks for it
    await send_file(query, file, f"letter-{defendant.slug}.txt", views.printed_caption(defendant))
