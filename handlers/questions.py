"""Questions to the organisers: people ask them, the desk answers, and nobody there learns who."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot, F
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.enums import MessageEntityType
from aiogram.filters import Command, CommandObject, CommandStart, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    LAST_ID,
    AskQuestion,
    ChangeQuestion,
    LeaveQuestion,
    OpenCase,
    OpenDefendant,
    OpenQuestion,
    OpenQuestions,
    SendAnswer,
    SendQuestion,
    SwitchQuestions,
    digest,
    place_of,
)
from bot.clock import Clock
from bot.crypto import Vault
from bot.markup import harmless, utf16
from bot.services import campaign, questions
from bot.services.donations import way_among
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.questions import (
    A_DAY,
    ANSWER,
    BLOCKED_FOR,
    LONGEST,
    LONGEST_ANSWER,
    About,
    NotTaken,
    Opened,
    Thing,
)
from bot.services.rights import Action
from bot.services.search import Search
from bot.services.tally import Tally
from bot.show import Event, is_private, show
from bot.views import desk as desk_views
from bot.views import questions as views
from handlers import cases, defendants, start
from handlers.asked import Asked
from handlers.fallback import MEDIA
from handlers.rights import By, May
from handlers.room import Room
from models import Subject, Subscriber

router = Room(name="questions")
desk = Room(name="questions at the desk")
router.include_router(desk)
LINK = r"^ask(-[dc]\d{1,10})?$"
TYPED = F.text, ~F.text.startswith("/")
Data = dict[str, Any]
A_NAME = 2
"""Words at the most: more of them are no name that somebody is looking for."""


class Questioning(StatesGroup):
    text = State()
    """With what it is about in the dialog's data."""


class Answering(StatesGroup):
    text = State()
    """With the question in the dialog's data, and in the end the answer."""


# Asking.


@router.message(CommandStart(deep_link=True, magic=F.args.regexp(LINK)))
@router.message(Asked("ask"))
@router.message(Command("ask"))
@router.callback_query(AskQuestion.filter())
async def ask(
    event: Event,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    state: FSMContext,
    bot: Bot,
    clock: Clock,
    asked: Tally,
    callback_data: AskQuestion | None = None,
    command: CommandObject | None = None,
) -> None:
    here = callback_data or linked(command)
    thing = await questions.asked_of(session, about_of(here))
    if not is_private(event):
        url = views.private_link((await bot.me()).username or "", here)
        await show(event, views.in_private(url, here))
    elif await is_heard(event, session, subscriber, facts, clock, asked, here):
        await state.set_state(Questioning.text)
        await state.set_data(here.model_dump())
        await show(event, views.ask(thing, here))


def linked(command: CommandObject | None) -> AskQuestion:
    """What a link is about: "ask-d12"."""
    about = (command.args or "") if command and command.command == "start" else ""
    number = about[len("ask-d") :]
    if not number:
        return AskQuestion()
    if not 0 < int(number) <= LAST_ID:
        raise NotFound
    is_case = about.startswith("ask-c")
    return AskQuestion(case=int(number)) if is_case else AskQuestion(defendant=int(number))


def about_of(here: AskQuestion) -> About:
    if here.defendant:
        return About(Subject.DEFENDANT, here.defendant)
    return About(Subject.CASE, here.case) if here.case else About()


async def is_heard(
    event: Event,
    session: AsyncSession,
    subscriber: Subscriber,
    facts: Facts,
    clock: Clock,
    asked: Tally,
    here: AskQuestion,
) -> bool:
    """Or they read why nothing more is taken from them now."""
    now = await campaign.local(facts, clock.now())
    try:
        await questions.look(session, subscriber, now)
    except NotTaken as error:
        await show(event, views.not_taken(error, here, await campaign.contact(facts), now))
        return False
    if not await asked.may(subscriber.chat_index, now.date(), A_DAY):
        await show(event, views.enough(here))
        return False
    return True


@router.callback_query(LeaveQuestion.filter())
async def leave(
    query: CallbackQuery,
    callback_data: LeaveQuestion,
    facts: Facts,
    state: FSMContext,
    clock: Clock,
    subscriber: Subscriber,
    follower: Subscriber,
) -> None:
    if await state.get_state() == Questioning.text.state:
        await state.clear()
    by = facts, clock, subscriber, follower
    if callback_data.defendant:
        await defendants.card(query, OpenDefendant(id=callback_data.defendant), *by)
    elif callback_data.case:
        await cases.card(query, OpenCase(id=callback_data.case), *by)
    else:
        await start.help_(query, facts)


@router.message(StateFilter(Questioning.text), *TYPED, ~Asked())
async def typed(
    message: Message, session: AsyncSession, facts: Facts, state: FSMContext, search: Search
) -> None:
    """Who has left the question meanwhile and types a name gets the person."""
    text = harmless(message.text or "")
    if await is_name(text, facts, search):
        await state.clear()
        raise SkipHandler
    here, thing = await subject(session, state)
    why = why_not(text, LONGEST)
    await show(message, views.ask(thing, here, why) if why else views.preview(thing, here, text))


async def subject(session: AsyncSession, state: FSMContext) -> tuple[AskQuestion, Thing | None]:
    """Of the dialog; it ends where that is gone."""
    here = AskQuestion(**await state.get_data())
    try:
        return here, await questions.asked_of(session, about_of(here))
    except NotFound:
        await state.clear()
        raise


async def is_name(text: str, facts: Facts, search: Search) -> bool:
    if len(text.split()) > A_NAME or "?" in text:
        return False
    return bool((await search.find(facts, text)).things)


def why_not(text: str, longest: int) -> str | None:
    """Why it is not passed on."""
    if not text:
        return views.no_words()
    return views.too_long(utf16(text), longest) if utf16(text) > longest else None


@router.message(StateFilter(Questioning.text), MEDIA)
async def not_passed_on(message: Message, session: AsyncSession, state: FSMContext) -> None:
    here, thing = await subject(session, state)
    await show(message, views.ask(thing, here, views.only_text()))


@router.callback_query(SendQuestion.filter())
async def send(
    query: CallbackQuery,
    callback_data: SendQuestion,
    session: AsyncSession,
    subscriber: Subscriber,
    vault: Vault,
    facts: Facts,
    state: FSMContext,
    clock: Clock,
    asked: Tally,
) -> None:
    """What they read above the button, also after a restart: of them nothing half-typed is kept."""
    text, about = previewed(query), about_of(callback_data)
    await questions.asked_of(session, about)
    now = await campaign.local(facts, clock.now())
    who, today = subscriber.chat_index, now.date()
    try:
        async with asked.counting(who, today, A_DAY) as is_room:
            if not is_room:
                await show(query, views.enough(callback_data))
                return
            sent = session, vault, subscriber, query.from_user.id, about, text, now
            is_new = await questions.ask(*sent)
    except NotTaken as error:
        contact = await campaign.contact(facts)
        await show(query, views.not_taken(error, callback_data, contact, now))
        return
    if not is_new:
        await asked.add(who, today, -1)
    await state.clear()
    await show(query, views.sent(callback_data))


def previewed(query: CallbackQuery) -> str:
    """The text of the quotation in the bot's own message, which nobody can forge."""
    message = query.message
    if not isinstance(message, Message) or not is_private(query):
        raise NotFound
    kinds = MessageEntityType.BLOCKQUOTE, MessageEntityType.EXPANDABLE_BLOCKQUOTE
    quotes = [one for one in message.entities or () if one.type in kinds]
    if len(quotes) != 1:
        raise NotFound
    text = harmless(quotes[0].extract_from(message.text or ""))
    if why_not(text, LONGEST):
        raise NotFound
    return text


# The desk: what waits.


@desk.callback_query(OpenQuestions.filter(), May(Action.QUESTIONS))
async def listed(query: CallbackQuery, callback_data: OpenQuestions, by: By) -> None:
    await by.state.clear()
    await show_list(query, callback_data, by)


async def show_list(
    query: CallbackQuery, here: OpenQuestions, by: By, toast: str | None = None
) -> None:
    page = await questions.listed(by.session, by.vault, here.page, here.settled)
    hears = await questions.hears(by.session, by.member)
    shown = here.model_copy(update={"page": page.number})
    await show(query, views.listed(page, shown, by.member, hears, await by.local()), toast)


@desk.callback_query(SwitchQuestions.filter(), May(Action.QUESTIONS))
async def switch(query: CallbackQuery, callback_data: SwitchQuestions, by: By) -> None:
    await questions.switch(by.session, by.member, callback_data.on)
    await show_list(query, OpenQuestions(), by, views.switched(callback_data.on))


# One question.


@desk.callback_query(OpenQuestion.filter(), May(Action.QUESTIONS))
async def open_(query: CallbackQuery, callback_data: OpenQuestion, by: By) -> None:
    await show_question(query, callback_data, by)


async def show_question(
    event: Event,
    here: OpenQuestion,
    by: By,
    toast: str | None = None,
    why: str | None = None,
) -> None:
    await by.state.clear()
    if found := await opened(event, here, by):
        await show(event, views.question(found, here, by.member, await by.local(), toast, why))


async def opened(event: Event, here: OpenQuestion, by: By) -> Opened | None:
    """Nothing: whoever asked it was forgotten, and it with them; that it is gone is shown."""
    try:
        return await questions.opened(by.session, by.vault, here.id)
    except NotFound:
        await by.state.clear()
        await show(event, views.gone(here))
        return None


Step = Callable[[By, ChangeQuestion], Awaitable[bool]]
STEPS: dict[str, Step] = {
    "take": lambda by, on: questions.take(by.session, on.id, on.seen, by.member),
    "close": lambda by, on: questions.close(by.session, on.id, on.seen, by.now),
    "reopen": lambda by, on: questions.reopen(by.session, on.id, on.seen, by.member),
    "block": lambda by, on: questions.block(by.session, on.id, on.seen, by.now),
    "lift": lambda by, on: questions.lift(by.session, on.id, on.seen),
}
ASKED = ("answer", "ask_block")
"""What asks something first."""


@desk.callback_query(ChangeQuestion.filter(F.what.in_({*STEPS})), May(Action.QUESTIONS))
async def change(query: CallbackQuery, callback_data: ChangeQuestion, by: By) -> None:
    """Somebody may have done something with it meanwhile: then how it is now is shown."""
    is_done = await STEPS[callback_data.what](by, callback_data)
    toast = views.done(callback_data.what) if is_done else desk_views.changed_meanwhile()
    await show_question(query, place_of(OpenQuestion, callback_data), by, toast)


@desk.callback_query(ChangeQuestion.filter(F.what.in_({*ASKED})), May(Action.QUESTIONS))
async def ask_first(query: CallbackQuery, callback_data: ChangeQuestion, by: By) -> None:
    here = place_of(OpenQuestion, callback_data)
    found = await opened(query, here, by)
    if found is None:
        return
    if found.question.version != callback_data.seen:
        await show_question(query, here, by, desk_views.changed_meanwhile())
    elif callback_data.what == "answer":
        await begin_answer(query, callback_data, by)
    else:
        await show(query, views.ask_block(found, here, BLOCKED_FOR.days, await by.local()))


# Answering.


async def begin_answer(query: CallbackQuery, pressed: ChangeQuestion, by: By) -> None:
    """Whoever begins an answer takes the question, if nobody has it."""
    here = place_of(OpenQuestion, pressed)
    await questions.take_if_free(by.session, pressed.id, pressed.seen, by.member)
    await by.state.set_state(Answering.text)
    await by.state.set_data({"pressed": here.pack()})
    await ask_answer(query, here, by)


async def ask_answer(event: Event, here: OpenQuestion, by: By, why: str | None = None) -> None:
    if found := await still_open(event, here, by):
        await show(event, views.ask_answer(found, here, by.member, await by.local(), why))


async def still_open(event: Event, here: OpenQuestion, by: By) -> Opened | None:
    """Nothing: somebody answered or closed it meanwhile, and that is shown."""
    found = await opened(event, here, by)
    if found is None or found.is_open:
        return found
    await show_question(event, here, by, why=views.answered_meanwhile())
    return None


async def asked_place(state: FSMContext) -> OpenQuestion:
    """The question that the dialog is about."""
    packed = (await state.get_data()).get("pressed")
    if packed is None:
        raise NotFound
    return OpenQuestion.unpack(packed)


@desk.message(StateFilter(Answering.text), *TYPED, May(Action.QUESTIONS))
async def answer_typed(message: Message, by: By) -> None:
    here, text = await asked_place(by.state), harmless(message.text or "")
    why, pays = why_not(text, LONGEST_ANSWER), await way_among(by.session, text)
    if why or pays:
        await ask_answer(message, here, by, why or desk_views.way_to_pay(pays or ""))
    elif found := await still_open(message, here, by):
        await by.state.update_data(answer=by.vault.seal_text(text, ANSWER).hex())
        await show(message, views.proposal(found, here, text, by.member, await by.local()))


async def typed_answer(by: By) -> str | None:
    """Sealed also where dialogs lie in Redis."""
    sealed = (await by.state.get_data()).get("answer")
    return by.vault.open_text(bytes.fromhex(sealed), ANSWER) if sealed else None


@desk.message(StateFilter(Answering.text), MEDIA, May(Action.QUESTIONS))
async def answer_not_text(message: Message, by: By) -> None:
    await ask_answer(message, await asked_place(by.state), by, views.only_text())


@desk.callback_query(SendAnswer.filter(), May(Action.QUESTIONS))
async def send_answer(query: CallbackQuery, callback_data: SendAnswer, by: By) -> None:
    """What its screen shows. Where another coordinator has only taken it over, one is asked anew;
    where it is settled, nothing is sent."""
    here, text = place_of(OpenQuestion, callback_data), await typed_answer(by)
    if text is None:  # the second tap of two, say
        await show_question(query, here, by)
        return
    if digest(text) != callback_data.proposed:
        raise NotFound
    seen = callback_data.seen
    if await questions.answer(by.session, by.vault, here.id, seen, by.member, text, by.now):
        toast = views.was_sent(still=await by.stands_still())
        await show_question(query, here, by, toast)
    elif found := await still_open(query, here, by):
        again = desk_views.changed_meanwhile()
        await show(query, views.proposal(found, here, text, by.member, await by.local(), again))
