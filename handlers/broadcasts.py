"""Broadcasts at the desk: written, looked at, sent, stopped, corrected, recalled."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import Bot, F
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message, TelegramObject, Update
from markupsafe import Markup

from bot.callbacks import (
    AskAudience,
    AskPace,
    AskReaders,
    AskToDropDraft,
    AskToSend,
    AskToStop,
    AskWhen,
    DropDraft,
    DropVersion,
    OpenBroadcast,
    OpenBroadcasts,
    PauseBroadcast,
    Preview,
    SendBroadcast,
    SetAudience,
    SetPace,
    SetReaders,
    StopBroadcast,
    Unplan,
    WriteVersion,
)
from bot.formatted import entities_of, html_of
from bot.i18n import languages
from bot.markup import plain, visible_length
from bot.progress import Progress
from bot.screen import Screen
from bot.services import broadcasts, leading, proposals
from bot.services.broadcasts import (
    AHEAD,
    MOST_ENTITIES,
    Card,
    Changed,
    Standing,
    Target,
    Version,
)
from bot.services.donations import way_among
from bot.services.errors import NotFound
from bot.services.rights import Action, may
from bot.services.typed_moments import NotUnderstood, Typed, typed
from bot.show import Event, Place, acknowledge, chat_of, post, show, show_at
from bot.views import broadcasts as views
from bot.views import desk as desk_views
from bot.views import pace
from bot.views.typed_moments import not_understood, vocabulary
from handlers.proposals import screen_of, show_proposal
from handlers.rights import By, May
from handlers.room import Room
from models import To

router = Room(name="broadcasts")
MAY = May(Action.BROADCAST)
NO_COMMAND = ~F.text.startswith("/")


class Broadcasting(StatesGroup):
    """With the number of the draft in the dialog's data."""

    words = State()
    album = State()
    """Its further parts come each as a message."""
    when = State()


@dataclass(frozen=True, slots=True)
class Here(By):
    """By what a broadcast is kept."""

    bot: Bot
    progress: Progress
    always_paid: bool
    """Telegram is, for every message: a setting says so."""

    def is_by_two(self, card: Card, *more: Version) -> bool:
        return self.four_eyes and broadcasts.needs_second(card.one, *more)

    async def propose(
        self, query: CallbackQuery, card: Card, pressed: AskReaders, terms: dict[str, Any]
    ) -> None:
        """What its screen showed."""
        about = pressed.id, terms | {"edition": pressed.seen, "to": card.one.to}
        made = await proposals.propose_broadcast(self.session, self.actor, self.now, *about)
        await show_proposal(query, made, self)

    async def card(self, number: int) -> Card:
        return await broadcasts.card(self.session, number, self.now)


async def with_here(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """After the filters: the role has been asked for."""
    known = {each.name: getattr(data["by"], each.name) for each in fields(By)}
    here = Here(
        **known, bot=data["bot"], progress=data["progress"], always_paid=data["always_paid"]
    )
    return await handler(event, data | {"here": here})


router.message.middleware(with_here)
router.callback_query.middleware(with_here)


# The list and the card.


@router.callback_query(OpenBroadcasts.filter(), MAY)
async def listed(query: CallbackQuery, callback_data: OpenBroadcasts, here: Here) -> None:
    await here.state.clear()
    page = await broadcasts.listed(here.session, callback_data.page, here.now)
    await show(query, views.broadcasts(page, await here.local()))


@router.callback_query(OpenBroadcast.filter(), MAY)
async def opened(query: CallbackQuery, callback_data: OpenBroadcast, here: Here) -> None:
    await here.state.clear()
    await show_card(query, callback_data.id, here)


async def show_card(
    event: Event, number: int, here: Here, toast: str | None = None, note: str | None = None
) -> Place | None:
    card = await here.card(number)
    place = await show(event, views.card(card, await here.local(), toast, note))
    if place and card.is_live(here.now):
        await here.progress.watch(here.session, here.vault, place, number)
    return place


async def changed(event: Event, number: int, here: Here) -> None:
    """Somebody else was quicker: how it is now is shown."""
    await here.state.clear()
    told = desk_views.changed_meanwhile()
    is_press = isinstance(event, CallbackQuery)
    await show_card(event, number, here, told if is_press else None, None if is_press else told)


async def typed_of(message: Message, number: int, here: Here) -> Card | None:
    """What an answer is about; nothing: somebody deleted it meanwhile, and that is told."""
    try:
        return await here.card(number)
    except NotFound:
        await here.state.clear()
        await show(message, views.is_gone())
        return None


async def draft(event: Event, pressed: AskReaders, here: Here) -> Card | None:
    """As it was shown; nothing: it is otherwise now, and that is shown."""
    card = await here.card(pressed.id)
    if card.standing is Standing.DRAFT and card.one.edition == pressed.seen:
        return card
    await changed(event, pressed.id, here)
    return None


# Whom it is for.


@router.callback_query(AskAudience.filter(F.to != To.ALL), MAY)
async def ask_audience(query: CallbackQuery, callback_data: AskAudience, here: Here) -> None:
    await here.state.clear()
    session, page = here.session, callback_data.page
    match callback_data.to:
        case To.CASE:
            screen = views.things(await broadcasts.cases(session, page), callback_data)
        case To.DEFENDANT:
            screen = views.things(await broadcasts.defendants(session, page), callback_data)
        case To.CITY:
            screen = views.things(await broadcasts.cities(session, page), callback_data)
        case To.EVENT:
            days = await broadcasts.events(session, here.now, page)
            screen = views.things(days, callback_data)
        case _:
            screen = views.ask_audience(callback_data)
    await show(query, screen)


@router.callback_query(SetAudience.filter(), MAY)
async def set_audience(query: CallbackQuery, callback_data: SetAudience, here: Here) -> None:
    target = Target(callback_data.to, callback_data.thing, callback_data.day)
    number = callback_data.id
    if not number:
        number = await broadcasts.begin(here.session, here.actor, target, here.now)
    else:
        try:
            await broadcasts.address(here.session, (number, callback_data.seen), target)
        except Changed:
            await changed(query, number, here)
            return
    await show_card(query, number, here)


@router.callback_query(AskReaders.filter(), MAY)
async def ask_readers(query: CallbackQuery, callback_data: AskReaders, here: Here) -> None:
    if card := await draft(query, callback_data, here):
        await show(query, views.ask_readers(card))


@router.callback_query(SetReaders.filter(), MAY)
async def set_readers(query: CallbackQuery, callback_data: SetReaders, here: Here) -> None:
    code = "" if callback_data.code == views.ALL else callback_data.code
    if code and code not in languages():
        raise NotFound
    try:
        seen = callback_data.id, callback_data.seen
        await broadcasts.change(here.session, seen, language=code)
    except Changed:
        await changed(query, callback_data.id, here)
        return
    await show_card(query, callback_data.id, here)


# What it says.


@router.callback_query(WriteVersion.filter(), MAY)
async def ask_words(query: CallbackQuery, callback_data: WriteVersion, here: Here) -> None:
    card, code = await here.card(callback_data.id), callback_data.code
    if code not in (*languages(), *card.one.versions):
        raise NotFound
    if card.standing is not Standing.DRAFT:
        await changed(query, callback_data.id, here)
        return
    await here.state.set_state(Broadcasting.words)
    was = card.one.versions.get(code)
    await here.state.set_data({"id": card.one.id, "code": code, "was": was})
    await show(query, views.ask_words(card, code))


@router.callback_query(DropVersion.filter(), MAY)
async def drop_version(query: CallbackQuery, callback_data: DropVersion, here: Here) -> None:
    card = await draft(query, callback_data, here)
    if card is None:
        return
    await here.state.clear()
    was = card.one.versions.get(callback_data.code)
    try:
        await broadcasts.write(here.session, card.one.id, callback_data.code, was, None)
    except Changed:
        await changed(query, card.one.id, here)
        return
    await show_card(query, card.one.id, here)


@router.message(StateFilter(Broadcasting.words), NO_COMMAND, MAY)
async def words_sent(message: Message, here: Here, event_update: Update) -> None:
    asked = await here.state.get_data()
    card, code = await typed_of(message, asked["id"], here), asked["code"]
    if card is None:
        return
    said = as_sent(message, event_update)
    why = what_is_wrong(said, in_album=message.media_group_id is not None)
    if why := why or await pays(html_of(said), here):
        await show(message, views.ask_words(card, code, why))
        return
    version = Version(html_of(said), media_of(said))
    try:
        await broadcasts.write(here.session, asked["id"], code, asked["was"], version)
    except Changed:
        await changed(message, asked["id"], here)
        return
    await here.state.clear()
    place = await show_card(message, asked["id"], here)
    if message.media_group_id:
        await here.state.set_state(Broadcasting.album)
        rest = {"group": message.media_group_id, "was": version.as_json(), "place": place}
        await here.state.set_data(asked | rest)


@router.message(StateFilter(Broadcasting.album), F.media_group_id, MAY)
async def album_sent(message: Message, here: Here, event_update: Update) -> None:
    """The card that answered its first part is kept up."""
    asked = await here.state.get_data()
    if message.media_group_id != asked["group"]:
        await here.state.clear()
        raise SkipHandler
    said, known = as_sent(message, event_update), Version.of_json(asked["was"])
    version, note = joined(known, said)
    if version and (why := await pays(version.text, here)):
        version, note = None, why
    try:
        await broadcasts.write(
            here.session, asked["id"], asked["code"], asked["was"], version or known
        )
    except Changed:
        await changed(message, asked["id"], here)
        return
    await here.state.update_data(was=(version or known).as_json())
    screen = views.card(await here.card(asked["id"]), await here.local(), note=note)
    if not await show_at(here.bot, tuple(asked["place"]), screen):
        await show(message, screen)


def joined(known: Version, said: Message) -> tuple[Version | None, str | None]:
    """An album with one part more; or why not."""
    more = media_of(said)
    if not more or not known.media or more[0][0] != known.media[0][0]:
        return None, views.wrong_in_album()
    text = "\n\n".join(filter(None, [known.text, html_of(said)]))
    limit = views.room(False)
    if (length := visible_length(Markup(text))) > limit:
        return None, views.too_long(length, limit)
    if why := views.leads_astray(text):
        return None, why
    return Version(text, (*known.media, *more)[: broadcasts.MOST_MEDIA]), None


def as_sent(message: Message, update: Update) -> Message:
    """With the text as it was typed: elsewhere the bot's own name is taken out of it."""
    return update.message or message


def media_of(message: Message) -> tuple[tuple[str, str], ...]:
    if message.photo:
        return (("photo", message.photo[-1].file_id),)
    if message.document and not message.animation:
        return (("document", message.document.file_id),)
    return ()


def what_is_wrong(message: Message, *, in_album: bool, longest: int | None = None) -> str | None:
    media = media_of(message)
    if message.text is None and not media:
        return views.wrong_kind()
    if len(entities_of(message)) > MOST_ENTITIES:
        return views.too_much_formatting()
    limit = longest or views.room(bool(media) and not in_album)
    length = visible_length(Markup(html_of(message)))
    if not media and not length:
        return views.wrong_kind()
    if length > limit:
        return views.too_long(length, limit)
    return views.leads_astray(html_of(message))


async def pays(text: str, here: Here) -> str | None:
    """It would stand in all chats when it has lapsed."""
    links = " ".join(leading.addresses(text))
    found = await way_among(here.session, plain(Markup(text)), links)
    return desk_views.way_to_pay(found) if found else None


@router.callback_query(Preview.filter(), MAY)
async def preview(query: CallbackQuery, callback_data: Preview, here: Here) -> None:
    """As messages of their own; then the card again, below them."""
    if callback_data.proposal:
        await preview_of_proposal(query, callback_data, here)
        return
    card = await here.card(callback_data.id)
    if not await are_sent(query, views.examples(card), here):
        await show_card(query, callback_data.id, here, views.not_taken())
        return
    await acknowledge(query)
    if query.message:
        await here.progress.let_go(here.session, here.vault, place_of(query))
        await show_card_below(query, callback_data.id, here)


async def preview_of_proposal(query: CallbackQuery, pressed: Preview, here: Here) -> None:
    """As it would be; then the proposal again."""
    made = await proposals.proposal(here.session, pressed.proposal)
    card, again = await here.card(made.broadcast_id or 0), await screen_of(made, here)
    version = (made.terms or {}).get("version")
    shown = [views.example(card, Version.of_json(version))] if version else views.examples(card)
    if await are_sent(query, shown, here):
        await acknowledge(query)
        await post(here.bot, chat_of(query), again)
    else:
        await acknowledge(query, views.not_taken(), alert=True)


async def are_sent(query: CallbackQuery, screens: list[Screen], here: Here) -> bool:
    """Telegram may know a picture no more: of another bot, say."""
    try:
        await send_examples(chat_of(query), screens, here)
    except TelegramBadRequest:
        return False
    return True


async def send_examples(chat: int, screens: list[Screen], here: Here) -> None:
    for screen in screens:
        await post(here.bot, chat, screen)


def place_of(query: CallbackQuery) -> Place:
    assert query.message is not None
    return query.message.chat.id, query.message.message_id


async def show_card_below(query: CallbackQuery, number: int, here: Here) -> None:
    card = await here.card(number)
    screen = views.card(card, await here.local())
    sent = await here.bot.send_message(chat_of(query), screen.text, reply_markup=screen.keyboard)
    if card.is_live(here.now):
        place = sent.chat.id, sent.message_id
        await here.progress.watch(here.session, here.vault, place, number)


@router.callback_query(AskToDropDraft.filter(), MAY)
async def ask_to_drop(query: CallbackQuery, callback_data: AskToDropDraft, here: Here) -> None:
    if card := await draft(query, callback_data, here):
        await show(query, views.ask_to_drop(card))


@router.callback_query(DropDraft.filter(), MAY)
async def drop_draft(query: CallbackQuery, callback_data: DropDraft, here: Here) -> None:
    try:
        await broadcasts.drop(here.session, (callback_data.id, callback_data.seen))
    except Changed:
        await changed(query, callback_data.id, here)
        return
    await listed(query, OpenBroadcasts(), here)


# Sending.


@router.callback_query(AskToSend.filter(), MAY)
async def ask_to_send(query: CallbackQuery, callback_data: AskToSend, here: Here) -> None:
    await here.state.clear()
    if card := await ready(query, callback_data, here):
        await show(
            query, views.ask_to_send(card, callback_data.urgent, by_two=here.is_by_two(card))
        )


async def ready(query: CallbackQuery, pressed: AskReaders, here: Here) -> Card | None:
    """A draft that may go; nothing: why not is shown."""
    card = await draft(query, pressed, here)
    if card and not views.is_sendable(card.one):
        await show_card(query, pressed.id, here, views.not_ready())
        return None
    return card


@router.callback_query(AskWhen.filter(), MAY)
async def ask_when(query: CallbackQuery, callback_data: AskWhen, here: Here) -> None:
    if card := await ready(query, callback_data, here):
        await here.state.set_state(Broadcasting.when)
        await here.state.set_data({"pressed": callback_data.pack()})
        await show(query, views.ask_when(card, await here.local()))


@router.message(StateFilter(Broadcasting.when), F.text, NO_COMMAND, MAY)
async def when_typed(message: Message, here: Here) -> None:
    """It may be typed again: the button below carries what was understood."""
    pressed = AskWhen.unpack((await here.state.get_data())["pressed"])
    if await typed_of(message, pressed.id, here) is None:
        return
    card = await draft(message, pressed, here)
    if card is None:
        return
    now = await here.local()
    at, why = moment_of(message.text or "", now)
    if at is None:
        await show(message, views.ask_when(card, now, why))
    else:
        await show(message, views.ask_to_plan(card, at, now, by_two=here.is_by_two(card)))


def moment_of(text: str, now: datetime) -> tuple[datetime | None, str | None]:
    """By the organisers' clock; or what is wrong with it."""
    try:
        found = typed(text, now.date(), vocabulary(), languages())
    except NotUnderstood as error:
        return None, not_understood(error)
    if found.room:
        return None, views.not_understood(text)
    if found.hour is None:
        return None, views.both_wanted()
    at = on_clock(found, now)
    if at <= now:
        return None, views.has_passed() if found.day else views.both_wanted()
    return (None, views.too_far()) if at > now + AHEAD else (at, None)


def on_clock(found: Typed, now: datetime) -> datetime:
    """Without a day: today."""
    assert found.hour is not None
    zone = now.tzinfo or ZoneInfo("UTC")
    return datetime.combine(found.day or now.date(), found.hour, zone)


@router.callback_query(SendBroadcast.filter(), MAY)
async def send(query: CallbackQuery, callback_data: SendBroadcast, here: Here) -> None:
    card = await ready(query, callback_data, here)
    if card is None:
        return
    await here.state.clear()
    at = datetime.fromtimestamp(callback_data.at * 60, UTC) if callback_data.at else here.now
    if at > here.now + AHEAD:
        raise NotFound
    at, urgent = max(at, here.now), callback_data.urgent
    if here.is_by_two(card):
        terms = {"at": int(at.timestamp()), "urgent": urgent}
        await here.propose(query, card, callback_data, terms)
        return
    try:
        seen = callback_data.id, callback_data.seen
        await broadcasts.send(here.session, seen, here.actor, at, urgent=urgent)
    except Changed:
        await changed(query, callback_data.id, here)
        return
    await show_card(query, callback_data.id, here)


@router.callback_query(Unplan.filter(), MAY)
async def unplan(query: CallbackQuery, callback_data: Unplan, here: Here) -> None:
    try:
        await broadcasts.unplan(here.session, (callback_data.id, callback_data.seen))
    except Changed:
        await changed(query, callback_data.id, here)
        return
    await show_card(query, callback_data.id, here)


@router.callback_query(PauseBroadcast.filter(), MAY)
async def pause(query: CallbackQuery, callback_data: PauseBroadcast, here: Here) -> None:
    turn = broadcasts.pause if callback_data.on else broadcasts.resume
    await turn(here.session, callback_data.id)
    card = await here.card(callback_data.id)
    is_refused = card.still and not callback_data.on
    await show_card(query, callback_data.id, here, desk_views.is_stopped() if is_refused else None)


@router.callback_query(AskPace.filter(), MAY)
async def ask_pace(query: CallbackQuery, callback_data: AskPace, here: Here) -> None:
    await show_pace(query, callback_data.id, here)


async def show_pace(
    query: CallbackQuery, number: int, here: Here, toast: str | None = None
) -> None:
    card = await here.card(number)
    if not card.to_go:
        await show_card(query, number, here, toast)
        return
    may_pay = may(here.role, Action.SETTINGS)
    await show(query, pace.ask_pace(card, toast, may_pay=may_pay, always=here.always_paid))


@router.callback_query(SetPace.filter(), May(Action.SETTINGS))
async def set_pace(query: CallbackQuery, callback_data: SetPace, here: Here) -> None:
    """For the price that was shown, or a smaller one."""
    number, stars = callback_data.id, callback_data.stars
    card = await here.card(number)
    try:
        if stars and not is_worth(card, stars, here):
            raise Changed
        await broadcasts.set_pace(here.session, (number, callback_data.seen), paid=stars > 0)
    except Changed:
        await show_pace(query, number, here, desk_views.changed_meanwhile())
        return
    await show_card(query, number, here, pace.is_set(paid=stars > 0))


def is_worth(card: Card, stars: int, here: Here) -> bool:
    return 0 < card.stars <= stars and card.is_known and not here.always_paid


@router.callback_query(AskToStop.filter(), MAY)
async def ask_to_stop(query: CallbackQuery, callback_data: AskToStop, here: Here) -> None:
    card = await here.card(callback_data.id)
    if card.standing in (Standing.GOING, Standing.PAUSED):
        await show(query, views.ask_to_stop(card))
    else:
        await show_card(query, callback_data.id, here)


@router.callback_query(StopBroadcast.filter(), MAY)
async def stop(query: CallbackQuery, callback_data: StopBroadcast, here: Here) -> None:
    card = await here.card(callback_data.id)
    if card.standing in (Standing.GOING, Standing.PAUSED):
        await broadcasts.stop(here.session, callback_data.id, here.now)
    await show_card(query, callback_data.id, here)
