""" "I sent one": counted, and taken back."""

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import AskHowSent, CountLetter, OpenAddress, TakeLetterBack, place_of
from bot.clock import Clock
from bot.services import campaign, letters, sent_letters
from bot.services.facts import Facts
from bot.services.tally import Tally
from bot.show import acknowledge, is_private, show
from bot.views import sent_letters as views
from handlers import letters as addresses
from models import Subscriber

router = Router(name="sent_letters")


@router.callback_query(AskHowSent.filter())
async def how(query: CallbackQuery, callback_data: AskHowSent, session: AsyncSession) -> None:
    defendant = await letters.addressee(session, callback_data.id)
    await show(query, views.how(defendant, place_of(OpenAddress, callback_data)))


@router.callback_query(CountLetter.filter())
async def count(
    query: CallbackQuery,
    callback_data: CountLetter,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    tally: Tally,
    clock: Clock,
) -> None:
    today = (await campaign.local(facts, clock.now())).date()
    if not tally.may(subscriber.chat_index, today, sent_letters.MOST):
        await acknowledge(query, views.enough(), alert=True)
        return
    person, electronic = callback_data.id, callback_data.electronic
    written = await sent_letters.count(session, person, electronic, today)
    tally.counted[subscriber.chat_index] += 1
    defendant = await letters.addressee(session, person)
    lately = await sent_letters.lately(session, [person], today)
    goals = await sent_letters.goals(session, today)
    place = place_of(OpenAddress, callback_data)
    own = written if is_private(query) else None
    await show(query, views.thanks(defendant, lately[person], goals, place, own))


@router.callback_query(TakeLetterBack.filter())
async def take_back(
    query: CallbackQuery,
    callback_data: TakeLetterBack,
    session: AsyncSession,
    follower: Subscriber,
    facts: Facts,
    clock: Clock,
) -> None:
    was_there = await sent_letters.take_back(session, callback_data.number)
    toast = views.taken_back(was_there)
    await addresses.address(query, callback_data, session, follower, facts, clock, toast)
