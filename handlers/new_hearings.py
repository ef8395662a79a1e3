"""A new hearing at the desk, that is no next date of another one."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import NewHearing, SaveNewHearing, digest
from bot.i18n import languages
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
from models import Case, Court, HearingKind, Source

router = Router(name="new_hearings")
KINDS = {"", *HearingKind}
TYPED = F.text, ~F.text.startswith("/")


class Setting(StatesGroup):
    """With the answers until now in the dialog's data, and in the end the facts."""

    case = State()
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
        case = await service.case_of(by.session, callback_data.case)
        places = await service.courts(by.session, case, callback_data.page)
        await show(query, views.ask_court(places, callback_data, case))
    elif not callback_data.kind:
        await show(query, views.ask_kind(callback_data, *await place_of(callback_data, by)))
    else:
        await by.state.set_state(Setting.when)
        await by.state.set_data({"asked": callback_data.pack()})
        await show(query, await ask_when(callback_data, by))


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
        return month(here, today, views.cancel())
    if here.day:
        return docket_views.ask_hour(date.fromisoformat(here.day), views.cancel(), why)
    return views.ask_when(here, case, court, today, why)


@router.message(StateFilter(Setting.case), *TYPED, May(Action.HEARINGS))
async def case_typed(message: Message, search: Search, by: By) -> None:
    here, text = NewHearing(), message.text or ""
    found = await service.cases_named(by.facts, search, text)
    why = None if found else views.nobody(text)
    page = sliced(found, 0, service.PAGE) if found else await service.cases(by.session, 0)
    await show(message, views.ask_case(page, here, why))


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
    await by.state.update_data(asked=here.pack(), facts=facts)
    start = datetime.fromisoformat(facts["starts_at"])
    moment = docket_views.new_moment(start, now_in(court, by).date())
    people = await service.how_many_are_told(by.session, case, court, by.now)
    that_day = await service.known_on(by.session, case, court, start.date())
    save = SaveNewHearing(proposed=digest(facts))
    told = (case, court, here.kind, moment, facts.get("room"), save, people, that_day, why)
    await show(event, views.proposal(*told))


@router.callback_query(SaveNewHearing.filter(), May(Action.HEARINGS))
async def save(query: CallbackQuery, callback_data: SaveNewHearing, by: By) -> None:
    proposed = (await by.state.get_data()).get("facts")
    if proposed is None or digest(proposed) != callback_data.proposed:
        raise NotFound
    here = await asked(by)
    case, court = await place_of(here, by)
    # somebody may have entered another one meanwhile
    slug = await service.free_slug(by.session, case)
    facts = {**proposed, "slug": slug}
    if callback_data.source:
        facts |= await campaign.confirmed(by.session, Source(callback_data.source), by.now)
    try:
        made = await docket.plan(by.session, by.vault, facts, by.now)
        await by.carry_out(made)
    except PlanOutdated:  # another change came between: it is looked at again
        await save(query, callback_data, by)
        return
    except CampaignFileError as error:
        await propose(query, here, proposed, by, docket_views.refused(error))
        return
    await by.state.clear()
    number = await forms.number_of(by.session, "hearing", slug)
    moment = docket_views.moment_of(datetime.fromisoformat(facts["starts_at"]))
    await show(query, views.saved(case, court, moment, number, made.version + 1))
