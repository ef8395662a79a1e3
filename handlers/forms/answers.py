"""What somebody types, presses or sends."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F
from aiogram.filters import StateFilter
from aiogram.types import CallbackQuery, Message

from bot.callbacks import (
    ClearField,
    OpenField,
    PickValue,
    ReviewThing,
    digest,
    place_of,
)
from bot.i18n import languages
from bot.services import forms
from bot.services.campaign_file import CampaignFileError
from bot.services.cities import city_named
from bot.services.errors import NotFound
from bot.services.forms import NEW_ITEM, Field, How, Known, Option, Unclear
from bot.show import Event
from bot.views import desk as desk_views
from bot.views import forms as views
from bot.views.typed_moments import vocabulary
from handlers.forms.lists import TYPED, Filling, MayKeep, asked, router
from handlers.forms.questions import (
    ask,
    ask_again,
    chosen_of,
    is_same_question,
    keep_draft,
    known_at,
    part_of,
    remember,
    said_besides,
    whole_value,
)
from handlers.forms.saving import look_through, propose
from handlers.rights import By


@router.message(StateFilter(Filling.answer), *TYPED, MayKeep())
async def typed(message: Message, by: By) -> None:
    here = await asked(by.state)
    if not isinstance(here, OpenField):
        raise NotFound
    known = await known_at(here, by)
    of, text = forms.field_of(known.form, here.field), message.text or ""
    if await is_elsewhere(message, known, of, here, by):
        return
    try:
        if of.how in (How.ONE, How.SEVERAL, How.ZONE):
            await looked_among(message, known, of, here, text, by)
        else:
            value = forms.answer(text, to_be_read(known, of, here, by.now))
            await answered(message, here, await in_language(here, of, value, by), by)
    except Unclear as error:
        await ask_again(message, here, by, views.unclear(error))


@router.message(StateFilter(Filling.answer), F.location, MayKeep())
async def place_sent(message: Message, by: By) -> None:
    here, sent = await asked(by.state), message.location
    if not isinstance(here, OpenField) or sent is None:
        raise NotFound
    if forms.field_of(forms.form_of(here.form), here.field).how != How.LOCATION:
        await ask_again(message, here, by, views.unclear(Unclear("typed")))
        return
    value = {"latitude": f"{sent.latitude:.6f}", "longitude": f"{sent.longitude:.6f}"}
    await answered(message, here, value, by)


def to_be_read(known: Known, of: Field, here: OpenField, now: datetime) -> forms.AskedOf:
    today = today_at(known, now)
    return forms.AskedOf(of, known.value(of, here.item), today, vocabulary(), languages())


def today_at(known: Known, now: datetime) -> date:
    return now.astimezone(ZoneInfo(forms.zone_of(known))).date()


async def in_language(here: OpenField, of: Field, value: Any, by: By) -> Any:
    """Beside what was typed in others, where all of them change together."""
    if of.how != How.TEXTS:
        return value
    texts = (await said_besides(here, by)).get("texts", {})
    return texts | {here.language: value}


async def looked_among(
    message: Message, known: Known, of: Field, here: OpenField, text: str, by: By
) -> None:
    """What is called so; of clocks there may be one only."""
    if of.how == How.ZONE:
        zones = list(dict.fromkeys(one.zone for one in await city_named(text)))
        if len(zones) == 1:
            await answered(message, here, zones[0], by)
            return
        found = [Option(zone, zone) for zone in zones]
    else:
        found = forms.matching(await forms.options(by.session, known, of), text)
    if not found:
        raise Unclear("zone" if of.how == How.ZONE else "nothing", text)
    besides, there = await said_besides(here, by), here.model_copy(update={"page": 0})
    await ask(message, there, by, options=found, **besides)


@router.callback_query(PickValue.filter(), MayKeep())
async def pick(query: CallbackQuery, callback_data: PickValue, by: By) -> None:
    here = OpenField(**callback_data.model_dump(exclude={"value"}))
    known = await known_at(here, by)
    of = forms.field_of(known.form, here.field)
    if of.how in (How.SEVERAL, How.LANGUAGES):
        await switch(query, known, of, here, callback_data.value, by)
    else:
        value = await picked(known, of, callback_data.value, by)
        await answered(query, here, value, by)


async def picked(known: Known, of: Field, value: str, by: By) -> Any:
    """Raises NotFound: no such button was ever there."""
    match of.how, value:
        case How.CHECKED, forms.NOW:
            return forms.NOW
        case ((How.DAY | How.PARTIAL), "today"):
            return today_at(known, by.now).isoformat()
        case How.FLAG, ("yes" | "no"):
            return value == "yes"
        case How.ZONE, _:
            return value
    return option_of(await forms.options(by.session, known, of), value).said


def option_of(found: Sequence[Option], value: str) -> Option:
    """Raises NotFound."""
    for one in found:
        if one.value == value:
            return one
    raise NotFound


async def switch(
    query: CallbackQuery, known: Known, of: Field, here: OpenField, value: str, by: By
) -> None:
    """One more or one less of several, until they are done."""
    besides = await said_besides(here, by)
    chosen = besides.get("chosen", chosen_of(known.value(of, here.item)))
    if value == views.DONE:
        await answered(query, here, chosen or None, by)
        return
    options = await forms.options(by.session, known, of)
    options = [*options, *(Option(one, one) for one in chosen if of.how == How.LANGUAGES)]
    one = option_of(options, value)
    page = options.index(one) // forms.PAGE
    there = here.model_copy(update={"page": page})
    await ask(query, there, by, chosen=switched(chosen, one.said))


def switched(chosen: Sequence[str], one: str) -> list[str]:
    rest = [each for each in chosen if each != one]
    return rest if one in chosen else [*chosen, one]


@router.callback_query(ClearField.filter(), MayKeep())
async def clear(query: CallbackQuery, callback_data: ClearField, by: By) -> None:
    here = place_of(OpenField, callback_data)
    known = await known_at(here, by)
    of = forms.field_of(known.form, here.field)
    if of.how == How.ITEMS:
        await clear_item(query, known, of, here, by)
        return
    value = known.value(of, here.item)
    several = isinstance(value, Mapping) and bool(here.language) and len(value) > 1
    gone = await in_language(here, of, None, by) if several else None
    await answered(query, here, gone, by)


async def clear_item(event: Event, known: Known, of: Field, here: OpenField, by: By) -> None:
    patch = forms.without_item(known, of, here.item)
    if known.is_new:
        await keep_draft(forms.with_patch(known.facts, patch), by)
        await ask(event, here.model_copy(update={"item": 0}), by)
    else:
        await remember(known, of, here, by, {})
        await propose(event, here, forms.change_of(known, patch), by)


async def answered(event: Event, here: OpenField, value: Any, by: By) -> None:
    """Of what is new it is noted, and the next one is asked; of what is there it is proposed."""
    known = await known_at(here, by)
    of = forms.field_of(known.form, here.field)
    if known.is_new or here.item == NEW_ITEM:
        await take_in(event, known, of, here, value, by)
        return
    if await is_elsewhere(event, known, of, here, by):
        return
    data = await by.state.get_data()
    is_asked = is_same_question(data, here)
    is_other = is_asked and data["seen"] != digest(whole_value(known, of))
    await remember(known, of, here, by, part_of(data, ("texts",)) if is_asked else {})
    change = forms.change_of(known, forms.patch(known, of, here.item, value))
    await propose(event, here, change, by, desk_views.changed_meanwhile() if is_other else None)


async def is_elsewhere(event: Event, known: Known, of: Field, here: OpenField, by: By) -> bool:
    """Whether the list has changed since an item of it was asked for: it is to be chosen anew."""
    data = await by.state.get_data()
    if known.is_new or not here.item or here.item == NEW_ITEM or not is_same_question(data, here):
        return False
    if data["seen"] == digest(whole_value(known, of)):
        return False
    up = {"field": of.within or of.name, "item": 0, "language": ""}
    await ask(event, here.model_copy(update=up), by, desk_views.changed_meanwhile())
    return True


async def take_in(
    event: Event, known: Known, of: Field, here: OpenField, value: Any, by: By
) -> None:
    patch = forms.patch(known, of, here.item, value)
    change = forms.change_of(known, patch)
    if known.is_new:
        whole = replace(change, says=forms.with_patch(known.facts, patch))
        change = await forms.named(by.session, by.vault, whole)
    try:
        await forms.look(by.session, by.vault, change, by.now)
    except CampaignFileError as error:
        await ask_again(event, here, by, views.refused(error))
        return
    if here.item == NEW_ITEM:
        await by.state.update_data(adding=forms.with_part(known, of, here.item, value))
    else:
        await keep_draft(change.says, by)
    await go_on(event, of, here, by, is_there=value is not None)


async def go_on(event: Event, of: Field, here: OpenField, by: By, *, is_there: bool) -> None:
    """To the next question; what was cleared is asked for again."""
    known = await known_at(here, by)
    if known.is_new and here.item not in (0, NEW_ITEM):
        up = here.model_copy(update={"field": of.within, "language": "", "page": 0})
        await ask(event, up, by)
        return
    way = views.way_along(known, of, here)
    match way.onward if is_there else here:
        case OpenField() as following:
            await ask(event, following, by)
        case ReviewThing() as whole:
            await look_through(event, whole, by)
        case _:
            await ask(event, here, by)
