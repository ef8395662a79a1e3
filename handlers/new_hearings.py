"""A new hearing at the desk, that is no next date of another one."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import NewHearing, SaveNewHearing, digest
from bot.i18n import languages
from bot.keyboards import Row
from bot.screen import Screen
from bot.services import campaign, docket, forms
from bot.services import new_hearings as service
from bot.services.campaign_file import CampaignFileError, PlanOutdated
from bot.services.errors import NotFound
from bot.services.pages import sliced
from bot.services.rights import Action
from bot.services.search import Search
from bot.services.typed_moments import NotUnderstood, at, typed
from bot.show import Event, show
from bot.views import docket as docket_views
from bot.views import new_hearings as views
from bot.views.typed_moments import not_understood, vocabulary
from handlers.docket import month
from handlers.rights import By, May
from handlers.room import Room
from models import Case, Court, HearingKind, Source

router = Room(name="new_hearings")
KINDS = {"", *HearingKind}
TYPED = F.text, ~F.text.startswith("/")


class Setting(StatesGroup):
    """With the answers until now in the dialog's data, and in the end the facts, and the hearings
    of that day that were shown with them."""

    case = State()
    court = State()
    kind = State()
    when = State()


@router.callback_query(NewHearing.filter(F.kind.in_(KINDS)), May(Action.HEARINGS))
async def answered(query: CallbackQuery, callback_data: NewHearing, by: By) -> None:
    """What is still open is asked: of which case, in which court, of which kind, when."""
    await by.state.clear()
    if not callback_data.case:
        await by.state.set_state(Setting.case)
        found = await service.cases(by.session, callback_data.page)
        await show(query, views.ask_case(found, callback_data))
    elif not callback_data.court:
        await remember(Setting.court, callback_data, by)
        case = await service.case_of(by.session, callback_data.case)
        places = await service.courts(by.session, case, callback_data.page)
        await show(query, views.ask_court(places, callback_data, case))
    else:
        await ask_the_rest(query, callback_data, by)


async def ask_the_rest(event: Event, here: NewHearing, by: By) -> None:
    if here.kind:
        await remember(Setting.when, here, by)
        await show(event, await ask_when(here, by))
    else:
        await remember(Setting.kind, here, by)
        await show(event, views.ask_kind(here, *await place_of(here, by)))


async def remember(question: State, here: NewHearing, by: By) -> None:
    await by.state.set_state(question)
    await by.state.set_data({"asked": here.pack()})


async def place_of(here: NewHearing, by: By) -> tuple[Case, Court]:
    """Raises NotFound: one of them is gone."""
    case = await service.case_of(by.session, here.case)
    return case, await service.court_of(by.session, here.court)


def now_in(court: Court, by: By) -> datetime:
    return by.now.astimezone(ZoneInfo(court.timezone))


async def ask_when(here: NewHearing, by: By, why: str | None = None) -> Screen:
    case, court = await place_of(here, by)
    today = now_in(court, by).date()
    if len(here.day) == len("2026-12"):
        return month(here, today, before(here))
    if here.day:
        return docket_views.ask_hour(date.fromisoformat(here.day), before(here), why)
    return views.ask_when(here, case, court, today, why)


@router.message(StateFilter(Setting.case), *TYPED, May(Action.HEARINGS))
async def case_typed(message: Message, search: Search, by: By) -> None:
    here, text = NewHearing(), message.text or ""
    found = await service.cases_named(by.facts, search, text)
    why = None if found else views.nobody(text)
    page = sliced(found, 0, service.PAGE) if found else await service.cases(by.session, 0)
    await show(message, views.ask_case(page, here, why))


def before(here: NewHearing) -> Row:
    return views.back_or_cancel(views.with_(here, day=""))


@router.message(StateFilter(Setting.court), *TYPED, May(Action.HEARINGS))
async def court_typed(message: Message, by: By) -> None:
    here, text = await asked(by), message.text or ""
    case = await service.case_of(by.session, here.case)
    found = await service.courts_named(by.session, case, text)
    why = None if found else views.nobody(text)
    page = sliced(found, 0, service.PAGE) if found else await service.courts(by.session, case, 0)
    await show(message, views.ask_court(page, views.with_(here, page=0), case, why))


@router.message(StateFilter(Setting.kind), *TYPED, May(Action.HEARINGS))
async def kind_typed(message: Message, by: By) -> None:
    here, found = await asked(by), views.kinds_called(message.text or "")
    if len(found) == 1:
        await ask_the_rest(message, views.with_(here, kind=found[0]), by)
    else:
        case, court = await place_of(here, by)
        await show(message, views.ask_kind(here, case, court, views.choose_kind()))


@router.message(StateFilter(Setting.when), *TYPED, May(Action.HEARINGS))
async def when_typed(message: Message, by: By) -> None:
    here = await asked(by)
    case, court = await place_of(here, by)
    now = now_in(court, by)
    chosen = date.fromisoformat(here.day) if len(here.day) == len("2026-12-01") else None
    text, words = message.text or "", vocabulary()
    try:
        found = typed(text, now.date(), words, languages(), hour_asked=chosen is not None)
    except NotUnderstood as error:
        await show(message, await ask_when(here, by, not_understood(error)))
        return
    found = found._replace(day=found.day or chosen)
    if found.day is None or found.hour is None:
        await show(message, await ask_when(here, by, docket_views.both_wanted()))
        return
    start = at(found, now)
    facts = await service.facts_of(by.session, case, court, HearingKind(here.kind), start)
    await propose(message, here, facts | ({"room": found.room} if found.room else {}), by)


async def asked(by: By) -> NewHearing:
    packed = (await by.state.get_data()).get("asked")
    if packed is None:
        raise NotFound
    return NewHearing.unpack(packed)


async def propose(
    event: Event, here: NewHearing, facts: dict[str, Any], by: By, why: str | None = None
) -> None:
    case, court = await place_of(here, by)
    try:
        await docket.plan(by.session, by.vault, facts, by.now)
    except CampaignFileError as error:
        await show(event, await ask_when(here, by, docket_views.refused(error)))
        return
    start = datetime.fromisoformat(facts["starts_at"])
    moment = docket_views.new_moment(start, now_in(court, by))
    people = await service.how_many_are_told(by.session, case, court, by.now)
    that_day = await service.known_on(by.session, case, court, start.date())
    seen = [one.id for one in that_day]
    await by.state.update_data(asked=here.pack(), facts=facts, seen=seen)
    save, last = SaveNewHearing(proposed=digest(facts)), views.with_(here, day="")
    told = (case, court, here.kind, moment, facts.get("room"), save, last, people, that_day, why)
    await show(event, views.proposal(*told, still=await by.stands_still()))


@router.callback_query(SaveNewHearing.filter(), May(Action.HEARINGS))
async def save(query: CallbackQuery, callback_data: SaveNewHearing, by: By) -> None:
    data = await by.state.get_data()
    proposed = data.get("facts")
    if proposed is None or digest(proposed) != callback_data.proposed:
        raise NotFound
    here = await asked(by)
    case, court = await place_of(here, by)
    start = datetime.fromisoformat(proposed["starts_at"])
    # somebody may have entered another one meanwhile
    slug = await service.free_slug(by.session, case)
    facts = {**proposed, "slug": slug}
    if callback_data.source:
        facts |= await campaign.confirmed(by.session, Source(callback_data.source), by.now)
    try:
        made = await docket.plan(by.session, by.vault, facts, by.now)
        that_day = await service.known_on(by.session, case, court, start.date())
        if not {one.id for one in that_day} <= {*data.get("seen", [])}:
            await propose(query, here, proposed, by, views.entered_meanwhile())
            return
        await by.carry_out(made)
    except PlanOutdated:  # another change came between: it is looked at again
        await save(query, callback_data, by)
        return
    except CampaignFileError as error:
        await propose(query, here, proposed, by, docket_views.refused(error))
        return
    await by.state.clear()
    number = await forms.number_of(by.session, "hearing", slug)
    said = here.kind, docket_views.moment_of(start), facts.get("room")
    done = (case, court, *said, number, made.version + 1)
    await show(query, views.saved(*done, still=await by.stands_still()))
