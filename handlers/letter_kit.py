"""Letter kits: choose people, choose what to print, get a file."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from aiogram import Bot
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import (
    OpenKitLabels,
    OpenKitPeople,
    OpenLetterKit,
    PrintKit,
    SwitchKitPeople,
    SwitchKitPerson,
)
from bot.clock import Clock
from bot.documents.letter_kit import ENVELOPES, SHEETS, pdf
from bot.documents.press import PRESS, Busy
from bot.documents.table import table
from bot.i18n import pick
from bot.services import campaign, letter_kit
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.letter_kit import Full, Kit
from bot.show import chat_of, edit, show
from bot.views import letter_kit as views
from bot.views import letter_kit_pages as pages
from bot.views.parts import separator
from handlers.room import Room

router = Room(name="letter_kit")
CHOICE = "letter_kit"
"""In the dialog's data: {"event": id, "chosen": [ids]}. It may be gone: then nobody has chosen."""


async def kit_of(session: AsyncSession, state: FSMContext, event_id: int, now: datetime) -> Kit:
    kept = (await state.get_data()).get(CHOICE)
    chosen = kept["chosen"] if kept and kept["event"] == event_id else None
    return await letter_kit.kit(session, now, event_id, chosen)


async def choose(state: FSMContext, event_id: int, chosen: list[int] | None) -> None:
    kept = None if chosen is None else {"event": event_id, "chosen": chosen}
    await state.update_data({CHOICE: kept})


@router.callback_query(OpenLetterKit.filter())
async def kit(
    query: CallbackQuery,
    callback_data: OpenLetterKit,
    session: AsyncSession,
    state: FSMContext,
    facts: Facts,
    clock: Clock,
) -> None:
    now = await campaign.local(facts, clock.now())
    await show(query, views.kit(await kit_of(session, state, callback_data.event, now)))


@router.callback_query(OpenKitLabels.filter())
async def labels(
    query: CallbackQuery,
    callback_data: OpenKitLabels,
    session: AsyncSession,
    state: FSMContext,
    facts: Facts,
    clock: Clock,
) -> None:
    now = await campaign.local(facts, clock.now())
    await show(query, views.sheets(await kit_of(session, state, callback_data.event, now)))


@router.callback_query(OpenKitPeople.filter())
async def people(
    query: CallbackQuery,
    callback_data: OpenKitPeople,
    session: AsyncSession,
    state: FSMContext,
    facts: Facts,
    clock: Clock,
    toast: str | None = None,
) -> None:
    now = await campaign.local(facts, clock.now())
    chosen = await kit_of(session, state, callback_data.event, now)
    page = await letter_kit.offered(session, now, chosen.event, callback_data.page)
    writable = letter_kit.writable(page.items, now)
    await show(query, views.choice(page, chosen, writable, toast))


@router.callback_query(SwitchKitPerson.filter())
async def switch(
    query: CallbackQuery,
    callback_data: SwitchKitPerson,
    session: AsyncSession,
    state: FSMContext,
    facts: Facts,
    clock: Clock,
) -> None:
    now, toast = await campaign.local(facts, clock.now()), None
    before = await kit_of(session, state, callback_data.event, now)
    person, on = callback_data.id, callback_data.on
    try:
        chosen = await letter_kit.switched(session, now, before, person, on)
        await choose(state, callback_data.event, chosen)
    except Full:
        toast = views.full()
    except NotFound:
        toast = views.cannot_choose()
    await people(query, callback_data, session, state, facts, clock, toast)


@router.callback_query(SwitchKitPeople.filter())
async def switch_all(
    query: CallbackQuery,
    callback_data: SwitchKitPeople,
    session: AsyncSession,
    state: FSMContext,
    facts: Facts,
    clock: Clock,
) -> None:
    await choose(state, callback_data.event, None if callback_data.on else [])
    await people(query, callback_data, session, state, facts, clock)


@router.callback_query(PrintKit.filter())
async def print_kit(
    query: CallbackQuery,
    callback_data: PrintKit,
    session: AsyncSession,
    state: FSMContext,
    facts: Facts,
    clock: Clock,
    bot: Bot,
) -> None:
    now = await campaign.local(facts, clock.now())
    chosen = await kit_of(session, state, callback_data.event, now)
    if not chosen.people or chosen.mark != callback_data.seen:
        await show(query, views.kit(chosen, views.others_meanwhile()))
        return
    found = (await campaign.campaign(facts)).organisation
    organisers, username = pick(found.name) if found else "", (await bot.me()).username or ""
    work = printed(chosen, callback_data.what, username, organisers, now)
    try:
        await hand_over(query, bot, chosen, callback_data.what, work)
    except Busy:
        await show(query, views.kit(chosen, views.busy()))


def printed(
    kit: Kit, what: str, username: str, organisers: str, now: datetime
) -> Callable[[], bytes]:
    """All words are said here, in the language spoken; what is left is to be done in a thread."""
    if what == views.TABLE:
        return partial(table, pages.rows(kit, username, now), separator())
    if what == views.CARDS:
        return partial(pdf, pages.cards(kit, username, organisers, now))
    if what in SHEETS:
        return partial(pdf, pages.labels(kit, what))
    if what in ENVELOPES:
        return partial(pdf, pages.envelopes(kit, what))
    raise NotFound


async def hand_over(
    query: CallbackQuery, bot: Bot, kit: Kit, what: str, work: Callable[[], bytes]
) -> None:
    """The screen says that it is being made, then is what it was, with the file below it."""
    with PRESS.place() as before:
        await show(query, views.making(kit, is_in_line=before > 0))
        await bot.send_chat_action(chat_of(query), "upload_document")
        try:
            document = BufferedInputFile(await PRESS.made(work), views.file_name(kit, what))
            if isinstance(query.message, Message):
                await query.message.answer_document(document, caption=views.caption(kit, what))
        finally:
            await edit(query, views.kit(kit))
