"""Hearings at the desk: moved, called off, confirmed; what came of them, and the next date."""

import calendar
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from aiogram import F
from aiogram.filters import StateFilter
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from markupsafe import Markup

from bot.callbacks import (
    ChangeHearing,
    OpenDocket,
    OpenDocketHearing,
    PickDay,
    SaveHearing,
    SayIn,
    digest,
    place_of,
)
from bot.i18n import language, languages
from bot.keyboards import Row
from bot.screen import Screen
from bot.services import campaign, docket, hearings
from bot.services.campaign_file import CampaignFileError, PlanOutdated
from bot.services.errors import NotFound
from bot.services.rights import Action
from bot.services.typed_moments import NotUnderstood, Typed, at, typed
from bot.show import Event, show
from bot.views import desk as desk_views
from bot.views import docket as views
from bot.views.typed_moments import not_understood, vocabulary
from handlers.rights import By, May
from handlers.room import Room
from models import Hearing, HearingStatus, Source

router = Room(name="docket")
LONGEST_OUTCOME = 300
WHENS = ("move", "next")
STATUS = {
    "off": HearingStatus.CANCELLED,
    "on": HearingStatus.SCHEDULED,
    "held": HearingStatus.HELD,
    "put_off": HearingStatus.ADJOURNED,
    "decided": HearingStatus.DECIDED,
}
"""What a hearing is after each change."""
TYPED = F.text, ~F.text.startswith("/")


class Changing(StatesGroup):
    """With the button that was pressed in the dialog's data, and in the end the facts."""

    when = State()
    room = State()
    outcome = State()
    word = State()


QUESTIONS = {
    "move": Changing.when,
    "next": Changing.when,
    "room": Changing.room,
    "decided": Changing.outcome,
}


@router.callback_query(OpenDocket.filter(), May(Action.HEARINGS))
async def listed(query: CallbackQuery, callback_data: OpenDocket, by: By) -> None:
    await by.state.clear()
    now = await by.local()
    await show(query, views.docket(await docket.docket(by.session, now, callback_data.page), now))


@router.callback_query(OpenDocketHearing.filter(), May(Action.HEARINGS))
async def open_(query: CallbackQuery, callback_data: OpenDocketHearing, by: By) -> None:
    await by.state.clear()
    one = await hearings.hearing(by.session, callback_data.id)
    await show(query, views.hearing(one, callback_data, by.now))


@router.callback_query(ChangeHearing.filter(F.what.in_({*views.CHANGES})), May(Action.HEARINGS))
async def change(query: CallbackQuery, callback_data: ChangeHearing, by: By) -> None:
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    if callback_data.what in QUESTIONS:
        await by.state.set_state(QUESTIONS[callback_data.what])
        await by.state.set_data({"pressed": callback_data.pack()})
        await show(query, question(one, callback_data, by.now))
    else:
        facts = {"slug": one.slug, "status": STATUS[callback_data.what]}
        await propose(query, one, callback_data, facts, by)


def question(one: Hearing, pressed: ChangeHearing, now: datetime, why: str | None = None) -> Screen:
    if pressed.what == "room":
        return views.ask_room(pressed, why)
    if pressed.what == "decided":
        return views.ask_outcome(pressed, why)
    return views.ask_when(one, pressed, today_there(one, now), why)


def today_there(one: Hearing, now: datetime) -> date:
    return now.astimezone(one.local_start.tzinfo).date()


async def as_seen(event: Event, pressed: ChangeHearing | SaveHearing, by: By) -> Hearing | None:
    """Nothing: somebody changed it meanwhile, and how it is now is shown."""
    one = await hearings.hearing(by.session, pressed.id)
    if one.version == pressed.seen:
        return one
    await by.state.clear()
    here = place_of(OpenDocketHearing, pressed)
    await show(event, views.hearing(one, here, by.now, toast=desk_views.changed_meanwhile()))
    return None


# When.


@router.callback_query(PickDay.filter(F.what.in_({*WHENS})), May(Action.HEARINGS))
async def pick_day(query: CallbackQuery, callback_data: PickDay, by: By) -> None:
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    if len(callback_data.day) == len("2026-12"):
        today = today_there(one, by.now)
        await show(query, month(callback_data, today, views.cancel(callback_data)))
        return
    await by.state.set_state(Changing.when)
    await by.state.set_data({"pressed": callback_data.pack()})
    await show(query, ask_hour(callback_data))


def ask_hour(pressed: PickDay, why: str | None = None) -> Screen:
    return views.ask_hour(date.fromisoformat(pressed.day), views.cancel(pressed), why)


def month(pressed: views.Choosing, today: date, cancelled: Row) -> Screen:
    first = date.fromisoformat(f"{pressed.day}-01")
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    days = [[one if one.month == first.month else None for one in week] for week in weeks]
    return views.calendar(pressed, days, first, today, cancelled)


@router.message(StateFilter(Changing.when), *TYPED, May(Action.HEARINGS))
async def when_typed(message: Message, by: By) -> None:
    pressed = await asked(by)
    one = await as_seen(message, pressed, by)
    if one is None:
        return
    today, words = today_there(one, by.now), vocabulary()
    hour_asked = isinstance(pressed, PickDay)
    try:
        found = typed(message.text or "", today, words, languages(), hour_asked=hour_asked)
    except NotUnderstood as error:
        await show(message, again(one, pressed, by.now, not_understood(error)))
        return
    facts = await facts_of(one, pressed, found, by)
    if facts is None:
        await show(message, again(one, pressed, by.now, views.both_wanted()))
    else:
        await propose(message, one, pressed, facts, by)


async def asked(by: By) -> ChangeHearing:
    """The button that the question came from."""
    packed = (await by.state.get_data()).get("pressed")
    if packed is None:
        raise NotFound
    kinds = {kind.__prefix__: kind for kind in (ChangeHearing, PickDay, SayIn)}
    return kinds[packed.partition(":")[0]].unpack(packed)


def again(one: Hearing, pressed: ChangeHearing, now: datetime, why: str) -> Screen:
    if pressed.what not in QUESTIONS:
        return views.hearing(one, place_of(OpenDocketHearing, pressed), now, why=why)
    if isinstance(pressed, PickDay):
        return ask_hour(pressed, why)
    return question(one, pressed, now, why)


async def facts_of(
    one: Hearing, pressed: ChangeHearing, found: Typed, by: By
) -> dict[str, Any] | None:
    """Nothing: of a new hearing the day and the hour must be said."""
    day = found.day or (date.fromisoformat(pressed.day) if isinstance(pressed, PickDay) else None)
    if pressed.what == "next" and (day is None or found.hour is None):
        return None
    moved = {"room": found.room} if found.room else {}
    if day or found.hour:
        start = at(Typed(day, found.hour, None), one.local_start)
        moved["starts_at"] = f"{start:%Y-%m-%d %H:%M}"
    if pressed.what == "move":
        return {"slug": one.slug, "status": HearingStatus.SCHEDULED, **moved}
    same = {"case": one.case.slug, "court": one.court.slug, "kind": one.kind}
    return {"slug": await docket.next_slug(by.session, one.slug), **same, **moved}


# Room, and what was decided.


@router.message(StateFilter(Changing.room), *TYPED, May(Action.HEARINGS))
async def room_typed(message: Message, by: By) -> None:
    await text_typed(message, by, lambda _one, text: {"room": text})


@router.message(StateFilter(Changing.outcome), *TYPED, May(Action.HEARINGS))
async def outcome_typed(message: Message, by: By) -> None:
    pressed = await asked(by)
    spoken = pressed.language if isinstance(pressed, SayIn) else language()
    said = (await by.state.get_data()).get("facts", {}).get("outcome", {})

    def decided(one: Hearing, text: str) -> dict[str, Any]:
        """What stood there before in another language would contradict it."""
        outcome = dict.fromkeys(one.outcome or {}) | said | {spoken: text}
        return {"status": HearingStatus.DECIDED, "outcome": outcome}

    await text_typed(message, by, decided)


@router.callback_query(SayIn.filter(F.what == "decided"), May(Action.HEARINGS))
async def say_in(query: CallbackQuery, callback_data: SayIn, by: By) -> None:
    """The same in another language of the campaign."""
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    if callback_data.language not in await campaign.languages(by.session):
        raise NotFound
    await by.state.set_state(Changing.outcome)
    await by.state.update_data(pressed=callback_data.pack())
    await show(query, views.ask_outcome(callback_data))


async def text_typed(
    message: Message, by: By, facts: Callable[[Hearing, str], dict[str, Any]]
) -> None:
    pressed, text = await asked(by), " ".join((message.text or "").split())
    one = await as_seen(message, pressed, by)
    if one is None:
        return
    if len(text) > LONGEST_OUTCOME:
        why = desk_views.too_long(LONGEST_OUTCOME)
        await show(message, again(one, pressed, by.now, why))
        return
    await propose(message, one, pressed, {"slug": one.slug, **facts(one, text)}, by)


# What would change is shown, then done.


async def propose(
    event: Event,
    one: Hearing,
    pressed: ChangeHearing,
    facts: dict[str, Any],
    by: By,
    why: str | None = None,
) -> None:
    now = by.now
    try:
        made = await docket.plan(by.session, by.vault, facts, now)
    except CampaignFileError as error:
        await show(event, again(one, pressed, now, views.refused(error)))
        return
    people = await docket.how_many_are_told(by.session, one, now)
    if pressed.what not in QUESTIONS:
        await by.state.set_state(Changing.word)
    # what was typed may be typed anew
    await by.state.update_data(pressed=pressed.pack(), facts=facts)
    known = pressed.model_dump(include={"id", "page", "seen"})
    here = SaveHearing(**known, proposed=digest(facts))
    moment = moment_of(one, facts, now)
    missing = await unsaid(facts, by)
    told = (one, made.differences, here, people, moment, missing, why)
    await show(event, views.proposal(*told, still=await by.stands_still()))


async def unsaid(facts: dict[str, Any], by: By) -> list[str]:
    """Languages of the campaign in which nobody has said what came of it."""
    if "outcome" not in facts:
        return []
    return [each for each in await campaign.languages(by.session) if not facts["outcome"].get(each)]


def moment_of(one: Hearing, facts: dict[str, Any], now: datetime) -> Markup:
    if "starts_at" not in facts:
        return views.moment_of(one.local_start)
    start = datetime.fromisoformat(facts["starts_at"])
    return views.new_moment(start, now.astimezone(one.local_start.tzinfo))


@router.callback_query(SaveHearing.filter(), May(Action.HEARINGS))
async def save(query: CallbackQuery, callback_data: SaveHearing, by: By) -> None:
    proposed = (await by.state.get_data()).get("facts")
    if proposed is None or digest(proposed) != callback_data.proposed:
        raise NotFound
    one = await as_seen(query, callback_data, by)
    if one is None:
        return
    now, facts = by.now, {**proposed}
    if facts["slug"] != one.slug:  # somebody may have entered a next date meanwhile
        facts["slug"] = await docket.next_slug(by.session, one.slug)
    if callback_data.source:
        facts |= await campaign.confirmed(by.session, Source(callback_data.source), now)
    try:
        made = await docket.plan(by.session, by.vault, facts, now)
        await by.carry_out(made)
    except PlanOutdated:  # somebody changed something: whether it was this one is looked at again
        await save(query, callback_data, by)
        return
    except CampaignFileError as error:  # such as somebody's word after the hour has come
        why = views.refused(error)
        await propose(query, one, await asked(by), proposed, by, why)
        return
    await by.state.clear()
    done = (one, made.differences, callback_data, made.version + 1)
    await show(query, views.saved(*done, still=await by.stands_still()))
