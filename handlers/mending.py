"""Broadcasts that were sent: corrected, recalled."""

from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message, Update

from bot.callbacks import AskCorrection, AskReaders, AskToRecall, Correct, Recall, digest
from bot.formatted import html_of
from bot.services import mending
from bot.services.broadcasts import Card, Changed, Standing, Version
from bot.services.errors import NotFound
from bot.show import Event, show
from bot.views import broadcasts as views
from bot.views import mending as words
from handlers.broadcasts import (
    MAY,
    NO_COMMAND,
    Here,
    as_sent,
    changed,
    media_of,
    pays,
    send_examples,
    show_card,
    what_is_wrong,
    with_here,
)
from handlers.room import Room
from models import Kind

router = Room(name="mending")
router.message.middleware(with_here)
router.callback_query.middleware(with_here)


class Mending(StatesGroup):
    """With the button that was pressed in the dialog's data, and in the end the new words."""

    correction = State()


async def mendable(event: Event, pressed: AskReaders, here: Here) -> Card | None:
    """One that was sent, as it was shown; nothing: why not is shown."""
    card = await here.card(pressed.id)
    if card.one.edition != pressed.seen or card.standing is Standing.RECALLED:
        await changed(event, pressed.id, here)
        return None
    if not await mending.is_mendable(here.session, card.one):
        await show_card(event, pressed.id, here, words.too_late_to_mend())
        return None
    return card


async def correctable(event: Event, pressed: AskReaders, here: Here) -> Card | None:
    """Not while an owner has stopped all sending: with what is to go on it would go unseen."""
    card = await mendable(event, pressed, here)
    if card is None or not card.still:
        return card
    await here.state.clear()
    told = words.no_correction_now()
    is_press = isinstance(event, CallbackQuery)
    await show_card(event, pressed.id, here, told if is_press else None, None if is_press else told)
    return None


@router.callback_query(AskCorrection.filter(), MAY)
async def ask_correction(query: CallbackQuery, callback_data: AskCorrection, here: Here) -> None:
    await here.state.clear()
    card, code = await correctable(query, callback_data, here), callback_data.code
    if card is None:
        return
    only = [*card.one.versions]
    if not code and len(only) > 1:
        await show(query, words.ask_which(card))
        return
    code = code or only[0]
    if code not in only:
        raise NotFound
    await here.state.set_state(Mending.correction)
    asked = callback_data.model_copy(update={"code": code})
    await here.state.set_data({"pressed": asked.pack()})
    await show(query, words.ask_correction(card, code))


@router.message(StateFilter(Mending.correction), NO_COMMAND, MAY)
async def correction_sent(message: Message, here: Here, event_update: Update) -> None:
    """As they will see it, and then the question; it may be sent again."""
    pressed = AskCorrection.unpack((await here.state.get_data())["pressed"])
    card, said = await correctable(message, pressed, here), as_sent(message, event_update)
    if card is None:
        return
    version, why = corrected(Version.of_json(card.one.versions[pressed.code]), said)
    why = why or await pays(html_of(said), here)
    if version is None or why:
        await show(message, words.ask_correction(card, pressed.code, why))
        return
    await here.state.update_data(version=version.as_json())
    await send_examples(message.chat.id, [views.example(card, version)], here)
    proposed = digest([pressed.code, version.as_json()])
    copies = await mending.copies(here.session, card.one, Kind.CORRECTION, here.now)
    by_two = here.is_by_two(card, version)
    await show(message, words.ask_to_correct(card, copies, proposed, by_two=by_two))


def corrected(before: Version, said: Message) -> tuple[Version | None, str | None]:
    """A message stays of its kind: Telegram edits text, or what is under a picture."""
    media = media_of(said)
    if not before.has_caption and (said.text is None or media):
        return None, words.only_text()
    if before.has_caption and (said.media_group_id or (said.text is None and not media)):
        return None, words.text_or_same()
    if why := what_is_wrong(said, in_album=False, longest=views.room(before.has_caption)):
        return None, why
    return Version(html_of(said), media or before.media), None


@router.callback_query(Correct.filter(), MAY)
async def correct(query: CallbackQuery, callback_data: Correct, here: Here) -> None:
    asked = await here.state.get_data()
    if "version" not in asked or "pressed" not in asked:
        raise NotFound
    code = AskCorrection.unpack(asked["pressed"]).code
    if digest([code, asked["version"]]) != callback_data.proposed:
        raise NotFound
    await here.state.clear()
    seen, version = (callback_data.id, callback_data.seen), Version.of_json(asked["version"])
    card = await correctable(query, callback_data, here)
    if card is None:
        return
    if here.is_by_two(card, version):
        terms = {"language": code, "version": asked["version"]}
        await here.propose(query, card, callback_data, terms)
        return
    try:
        await mending.correct(here.session, seen, code, version, here.now)
    except mending.StandsStill:
        await show_card(query, callback_data.id, here, words.no_correction_now())
        return
    except Changed:
        await changed(query, callback_data.id, here)
        return
    await show_card(query, callback_data.id, here)


@router.callback_query(AskToRecall.filter(), MAY)
async def ask_to_recall(query: CallbackQuery, callback_data: AskToRecall, here: Here) -> None:
    if card := await mendable(query, callback_data, here):
        copies = await mending.copies(here.session, card.one, Kind.RECALL, here.now)
        await show(query, words.ask_to_recall(card, copies))


@router.callback_query(Recall.filter(), MAY)
async def recall(query: CallbackQuery, callback_data: Recall, here: Here) -> None:
    try:
        seen = callback_data.id, callback_data.seen
        await mending.recall(here.session, seen, here.now)
    except Changed:
        await changed(query, callback_data.id, here)
        return
    await show_card(query, callback_data.id, here)
