""" "I sent one": counted, and taken back."""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial

from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    AskHowSent,
    CountLetter,
    CountWritten,
    OpenAddress,
    TakeLetterBack,
    TakeWrittenBack,
    place_of,
)
from bot.clock import Clock
from bot.services import campaign, event_news, events, letters, sent_letters
from bot.services.facts import Facts
from bot.services.tally import Tally
from bot.show import acknowledge, is_private, place_pressed, show
from bot.views import sent_letters as views
from handlers import letters as addresses
from handlers.room import Room
from models import Event as Evening
from models import Subscriber

router = Room(name="sent_letters")


@router.callback_query(AskHowSent.filter())
async def how(
    query: CallbackQuery,
    callback_data: AskHowSent,
    session: AsyncSession,
    facts: Facts,
    tally: Tally,
    clock: Clock,
) -> None:
    today = (await campaign.local(facts, clock.now())).date()
    await tally.ask_again(place_pressed(query), today)
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
    person, electronic = callback_data.id, callback_data.electronic
    counting = partial(sent_letters.count, session, person, electronic, today)
    written = await once(query, tally, subscriber.chat_index, today, 1, counting)
    if written is None:
        return
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


@router.callback_query(CountWritten.filter())
async def count_written(
    query: CallbackQuery,
    callback_data: CountWritten,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    tally: Tally,
    clock: Clock,
) -> None:
    """After an evening, under the question."""
    now, letters = clock.now(), callback_data.letters
    one = await events.on_day(session, callback_data.id, callback_data.day, now)
    if not letters or not event_news.was_lately(one, now):
        await show(query, views.none_written())
        return
    today = (await campaign.local(facts, now)).date()
    evening = one.event.id, one.local_start.date()
    counting = partial(sent_letters.count_at, session, *evening, letters, only_one(one.event))
    first = await once(query, tally, subscriber.chat_index, today, letters, counting)
    if first is None:
        return
    together = await sent_letters.written_at(session, *evening)
    goals = await sent_letters.goals(session, today)
    await show(query, views.thanks_for_all(callback_data, first, together, goals))


@router.callback_query(TakeWrittenBack.filter())
async def take_written_back(
    query: CallbackQuery,
    callback_data: TakeWrittenBack,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    tally: Tally,
    clock: Clock,
) -> None:
    pressed, now = callback_data, clock.now()
    one = await events.on_day(session, pressed.id, pressed.day, now)
    which = pressed.id, pressed.number, pressed.letters
    gone = await sent_letters.take_back_at(session, *which)
    today = (await campaign.local(facts, now)).date()
    await tally.add(subscriber.chat_index, today, -gone)
    await tally.ask_again(place_pressed(query), today)
    await show(query, views.how_many(one, toast=views.taken_back(gone > 0)))


async def once(
    query: CallbackQuery,
    tally: Tally,
    who: bytes,
    today: date,
    letters: int,
    count: Callable[[], Awaitable[int]],
) -> int | None:
    """What counting returns; nothing: it was the second tap of two, or too many on one day."""
    question = place_pressed(query)
    async with tally.answering(who, question, today) as is_first:
        if is_first:
            async with tally.counting(who, today, sent_letters.MOST, letters) as is_room:
                if is_room:
                    return await count()
    if is_first:
        await tally.ask_again(question, today)
        await acknowledge(query, views.enough(), alert=True)
    else:
        await acknowledge(query)
    return None


def only_one(evening: Evening) -> int | None:
    """To whom all of them were, if the evening writes to nobody else."""
    people = [one.id for one in evening.write_to]
    return people[0] if len(people) == 1 else None
