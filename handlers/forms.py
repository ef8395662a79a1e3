"""The facts at the desk: every kind of thing, field by field; new ones, and what goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import (
    AskToRemoveThing,
    ClearField,
    OpenFacts,
    OpenField,
    OpenThing,
    OpenThings,
    PickValue,
    RemoveThing,
    ReviewThing,
    SaveThing,
    StartThing,
    digest,
    place_of,
)
from bot.i18n import language, languages
from bot.screen import Screen
from bot.services import campaign_file, forms
from bot.services.campaign_file import CampaignFileError, Plan, PlanOutdated
from bot.services.cities import city_named
from bot.services.errors import NotFound
from bot.services.forms import NEW_ITEM, Change, Field, How, Known, Option, Unclear
from bot.services.rights import Action, action_for, actions_of, may
from bot.services.search import Search
from bot.show import Event, show
from bot.views import desk as desk_views
from bot.views import forms as views
from bot.views.typed_moments import vocabulary
from handlers.proposals import show_proposal
from handlers.rights import By, May

router = Router(name="forms")
TYPED = F.text, ~F.text.startswith("/")
NEW = ("form", "of", "draft")
"""What the dialog has of a new thing."""
ADDED = ("added_to", "adding")
"""And of a new item of a list."""


class Filling(StatesGroup):
    """With the question in the dialog's data; then what is to be saved."""

    search = State()
    answer = State()


@dataclass(frozen=True)
class MayKeep(May):
    """What a button, or the question in the dialog, is about."""

    action: Action = Action.DESK

    async def needed(self, data: dict[str, Any]) -> Action | None:
        place = data.get("callback_data") or await asked(data["state"])
        form = forms.FORMS.get(getattr(place, "form", ""))
        if form is None:
            return None
        if isinstance(place, AskToRemoveThing | RemoveThing):
            return action_for(form.kind, {"status"})  # all of it goes
        of = form.find(getattr(place, "field", ""))
        return action_for(form.kind, {of.root} if of and not of.within else ())


async def asked(state: FSMContext) -> OpenField | OpenThings | None:
    """What the dialog is at."""
    packed = (await state.get_data()).get("pressed", "")
    kind = OpenThings if packed.startswith(OpenThings.__prefix__) else OpenField
    return kind.unpack(packed) if packed else None


# Lists.


@router.callback_query(OpenFacts.filter(), May(Action.TEXTS))
async def facts(query: CallbackQuery, by: By) -> None:
    await by.state.clear()
    mine = [form for form in forms.FORMS.values() if may(by.role, action_for(form.kind, ()))]
    await show(query, views.facts(await forms.counts(by.session), mine))


@router.callback_query(OpenThings.filter(), MayKeep())
async def listed(query: CallbackQuery, callback_data: OpenThings, by: By) -> None:
    form = forms.form_of(callback_data.form)
    found = await forms.things(by.session, form, callback_data.of, callback_data.page)
    if form.code == "org":
        await open_thing(query, form.code, [one.id for one in found.items][:1], by)
        return
    await by.state.set_state(Filling.search)
    await by.state.set_data({"pressed": callback_data.pack()})
    await show(query, views.things(form, found, callback_data, await owner(callback_data, by)))


async def open_thing(query: CallbackQuery, code: str, ids: Sequence[int], by: By) -> None:
    for number in ids:
        await thing(query, OpenThing(form=code, id=number), by)
        return
    raise NotFound


async def owner(here: OpenThings, by: By) -> str | None:
    """The name of what they belong to."""
    form = forms.form_of(here.form)
    if not here.of or not form.of:
        return None
    kind = form.known[form.of].kinds[0]
    of = next(each for each in forms.FORMS.values() if each.kind == kind)
    return views.name_of(await forms.known(by.session, of, here.of))


@router.message(StateFilter(Filling.search), *TYPED, MayKeep())
async def looked_for(message: Message, search: Search, by: By) -> None:
    here, text = await asked(by.state), message.text or ""
    form = forms.form_of(here.form if here else "")
    hits = await forms.looked_for(by.session, by.facts, search, form, text)
    await show(message, views.found(form, text, hits))


@router.callback_query(OpenThing.filter(), MayKeep())
async def open_(query: CallbackQuery, callback_data: OpenThing, by: By) -> None:
    await thing(query, callback_data, by)


async def thing(
    event: Event, here: OpenThing, by: By, why: str | None = None, toast: str | None = None
) -> None:
    await by.state.clear()
    form = forms.form_of(here.form)
    known = await forms.known(by.session, form, here.id)
    page = await forms.page_with(by.session, form, known.id)
    owner_ = await forms.owner_of(by.session, known)
    shown = views.Shown(known, may_remove(known, by), page, await inner(known, by), owner_)
    await show(event, views.thing(shown, why, toast))


async def inner(known: Known, by: By) -> int:
    """How many people a case has, or ways to pay a fundraiser."""
    code = views.OF.get(known.form.code)
    if code is None:
        return 0
    return (await forms.things(by.session, forms.form_of(code), known.id, 0)).total


def may_remove(known: Known, by: By) -> bool:
    return known.form.code != "org" and may(by.role, action_for(known.form.kind, {"status"}))


# Questions.


@router.callback_query(StartThing.filter(), MayKeep())
async def start(query: CallbackQuery, callback_data: StartThing, by: By) -> None:
    form, of = forms.form_of(callback_data.form), callback_data.of
    if not form.asked:
        raise NotFound
    draft = await forms.belongs(by.session, form, of)
    await by.state.set_state(Filling.answer)
    await by.state.set_data({"form": form.code, "of": of, "draft": draft})
    known = await forms.draft(by.session, form, draft)
    first = forms.first_open(known, forms.steps(known, language()))
    await ask(query, views.place_at(known, first), by)


@router.callback_query(OpenField.filter(), MayKeep())
async def open_field(query: CallbackQuery, callback_data: OpenField, by: By) -> None:
    form = forms.form_of(callback_data.form)
    of = forms.field_of(form, callback_data.field)
    if of.how == How.ITEMS and callback_data.item == NEW_ITEM:
        await begin_item(query, callback_data, of, by)
    else:
        await ask(query, callback_data, by)


async def begin_item(query: CallbackQuery, here: OpenField, of: Field, by: By) -> None:
    known = await known_at(here.model_copy(update={"item": 0}), by)
    kept = part_of(await by.state.get_data(), NEW if known.is_new else ())
    await by.state.set_state(Filling.answer)
    await by.state.set_data(kept | {"added_to": [here.form, here.id, of.name], "adding": {}})
    first = forms.steps(known, language(), of.name)[0]
    await ask(query, views.place_at(known, first), by)


def part_of(data: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: data[key] for key in keys if key in data}


async def known_at(here: OpenThing, by: By) -> Known:
    """As it is in the database, or in the dialog; raises NotFound: the dialog is another one."""
    form, data = forms.form_of(here.form), await by.state.get_data()
    if here.id:
        known = await forms.known(by.session, form, here.id)
    elif data.get("form") == form.code:
        known = await forms.draft(by.session, form, data["draft"])
    else:
        raise NotFound
    if getattr(here, "item", 0) != NEW_ITEM:
        return known
    of = forms.field_of(form, getattr(here, "field", ""))
    if data.get("added_to") != [form.code, here.id, of.within or of.name]:
        raise NotFound
    return replace(known, adding=data["adding"])


async def ask(
    event: Event,
    here: OpenField,
    by: By,
    why: str | None = None,
    toast: str | None = None,
    options: Sequence[Option] | None = None,
    **more: Any,
) -> None:
    """`more`: what the dialog has to know besides."""
    known = await known_at(here, by)
    of = forms.field_of(known.form, here.field)
    here = views.with_language(known, of, here)
    known.value(of, here.item)  # raises NotFound
    await remember(known, of, here, by, more)
    way = views.way_of(known, of, here)
    if options is None:
        options = await forms.options(by.session, known, of)
    chosen = more.get("chosen", chosen_of(known.value(of, here.item)))
    screen = views.Asked(known, of, here, way, options, chosen, forms.zone_of(known))
    if of.how != How.ITEMS:
        await show(event, views.ask(screen, why, toast))
    elif here.item:
        await show(event, views.item(screen, toast))
    else:
        await show(event, views.items(screen, why, toast))


async def remember(known: Known, of: Field, here: OpenField, by: By, more: dict[str, Any]) -> None:
    keys = (*(NEW if known.is_new else ()), *(ADDED if here.item == NEW_ITEM else ()))
    kept = part_of(await by.state.get_data(), keys)
    seen = digest(whole_value(known, of))
    await by.state.set_state(Filling.answer)
    await by.state.set_data(kept | {"pressed": here.pack(), "seen": seen} | more)


def whole_value(known: Known, of: Field) -> Any:
    """Of a part of an item the list: another one may stand at its place by now."""
    return known.value(known.list_of(of))


def chosen_of(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [] if value is None else [str(value)]


# Answers.


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


async def said_besides(here: OpenField, by: By) -> dict[str, Any]:
    """Of this question, not of another one that the dialog may be at."""
    data = await by.state.get_data()
    return part_of(data, ("texts", "chosen")) if is_same_question(data, here) else {}


async def ask_again(event: Event, here: OpenField, by: By, why: str) -> None:
    await ask(event, here, by, why, **await said_besides(here, by))


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


def is_same_question(data: Mapping[str, Any], here: OpenField) -> bool:
    """Whether the dialog is at it, on whatever page and in whatever language."""
    packed = data.get("pressed", "")
    if not packed.startswith(f"{OpenField.__prefix__}:"):
        return False
    known, same = OpenField.unpack(packed), {"form", "id", "field", "item"}
    return known.model_dump(include=same) == here.model_dump(include=same)


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


async def keep_draft(draft: dict[str, Any], by: By) -> None:
    await by.state.update_data(draft=draft)


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


# All of it, before it is saved.


@router.callback_query(ReviewThing.filter(), MayKeep())
async def review(query: CallbackQuery, callback_data: ReviewThing, by: By) -> None:
    await look_through(query, callback_data, by)


async def look_through(event: Event, here: ReviewThing, by: By) -> None:
    known = await known_at(here, by)
    within = here.field if here.item == NEW_ITEM else ""
    last = views.place_at(known, forms.steps(known, language(), within)[-1])
    if not within:
        whole = forms.change_of(known, known.facts)
        await propose(event, last, await forms.named(by.session, by.vault, whole), by)
        return
    of = forms.field_of(known.form, within)
    patch = forms.nested(of.key, forms.in_order(of, known.items(of), known.adding))
    if known.is_new:
        await keep_draft(forms.with_patch(known.facts, patch), by)
        await ask(event, last.model_copy(update={"field": within, "item": 0, "language": ""}), by)
    else:
        await propose(event, last, forms.change_of(known, patch), by)


async def propose(
    event: Event, here: OpenField, change: Change, by: By, note: str | None = None
) -> None:
    """`here`: the question that it came from."""
    known = await known_at(here, by)
    try:
        change, plan = await forms.planned(by.session, by.vault, change, by.now)
    except CampaignFileError as error:
        await ask_for_the_rest(event, known, here, change, error, by)
        return
    if not plan.differences:
        said = {"why" if isinstance(event, Message) else "toast": views.as_it_was()}
        await thing(event, place_of(OpenThing, here), by, **said)
        return
    proposed = digest(forms.outline(change, plan.differences))
    await by.state.update_data(change=change.packed(), proposed=proposed)
    save_ = SaveThing(**here.model_dump(include={"form", "id", "field", "item"}), proposed=proposed)
    names = await campaign_file.names_in(by.session, plan.differences)
    told = views.Told(plan.differences, names)
    await show(event, views.proposal(known, change, told, save_, here, note))


async def ask_for_the_rest(
    event: Event,
    known: Known,
    here: OpenField,
    change: Change,
    error: CampaignFileError,
    by: By,
) -> None:
    """An address changes in all its languages; what else is wrong is told."""
    other, of = forms.left_behind(error), forms.field_of(known.form, here.field)
    texts = change.says.get(of.root)
    if other is None or of.within or not isinstance(texts, dict):
        await ask_again(event, here, by, views.refused(error))
        return
    there = here.model_copy(update={"language": other})
    await ask(event, there, by, views.also_in(texts, other), texts=texts)


@router.callback_query(SaveThing.filter(), MayKeep())
async def save(query: CallbackQuery, callback_data: SaveThing, by: By) -> None:
    data = await by.state.get_data()
    if "change" not in data or data.get("proposed") != callback_data.proposed:
        raise NotFound
    known = await known_at(callback_data, by)
    change, here = forms.unpacked(data["change"]), OpenField.unpack(data["pressed"])
    if not is_of(change, known, by) or change.is_removal:
        raise NotFound
    if known.is_new:
        change = await forms.named(by.session, by.vault, change)
    try:
        change, plan = await forms.planned(by.session, by.vault, change, by.now)
        if digest(forms.outline(change, plan.differences)) != callback_data.proposed:
            await propose(query, here, change, by, desk_views.changed_meanwhile())
            return
        made = await by.carry_out(plan)
    except CampaignFileError as error:
        await ask_again(query, here, by, views.refused(error))
    except PlanOutdated:  # somebody changed something: whether it was this is looked at again
        await save(query, callback_data, by)
    else:
        if made is None:
            await show(query, await saved(change, plan, here, known, data.get("of", 0), by))
        else:
            await by.state.clear()
            await show_proposal(query, made, by)


def is_of(change: Change, known: Known, by: By) -> bool:
    """Whether the button is of what the dialog has, and they may do it."""
    is_same = change.kind == known.form.kind and (known.is_new or change.slug == known.slug)
    return is_same and may(by.role, action_for(change.kind, change.says))


async def saved(
    change: Change, plan: Plan, here: OpenField, before: Known, of: int, by: By
) -> Screen:
    await by.state.clear()
    form = before.form
    number = await forms.number_of(by.session, form.kind, change.slug)
    known = await forms.known(by.session, form, number)
    field = forms.field_of(form, here.field)
    gap = forms.next_gap(known, "" if before.is_new else field.within or field.name)
    done = views.Saved(known, plan.version + 1, may_undo(plan, by), gap, before.is_new, of)
    return views.saved(done)


def may_undo(plan: Plan, by: By) -> bool:
    return all(may(by.role, each) for each in actions_of(plan))


# What goes.


@router.callback_query(AskToRemoveThing.filter(), MayKeep())
async def ask_to_remove(query: CallbackQuery, callback_data: AskToRemoveThing, by: By) -> None:
    known = await known_to_remove(callback_data, by)
    plan = await planned_removal(query, known, by)
    if plan is None:
        return
    if callback_data.sure:
        await ask_again_to_remove(query, known, plan, callback_data, by)
    else:
        await show(query, views.ask_to_remove(known))


async def known_to_remove(here: OpenThing, by: By) -> Known:
    """Raises NotFound; the organisation stays."""
    known = await forms.known(by.session, forms.form_of(here.form), here.id)
    if known.form.code == "org":
        raise NotFound
    return known


async def planned_removal(event: Event, known: Known, by: By) -> Plan | None:
    """Nothing: why it has to stay is shown."""
    try:
        return (await forms.planned(by.session, by.vault, forms.removal(known), by.now))[1]
    except CampaignFileError as error:
        here = OpenThing(form=known.form.code, id=known.id)
        await thing(event, here, by, views.refused(error))
        return None


async def ask_again_to_remove(
    query: CallbackQuery,
    known: Known,
    plan: Plan,
    here: OpenThing,
    by: By,
    note: str | None = None,
) -> None:
    change, place = forms.removal(known), {"form": here.form, "id": here.id}
    proposed = RemoveThing(**place, proposed=digest_of_removal(known, plan))
    names = await campaign_file.names_in(by.session, plan.differences)
    told = views.Told(plan.differences, names)
    await show(query, views.ask_again_to_remove(known, change, told, proposed), note)


def digest_of_removal(known: Known, plan: Plan) -> str:
    """Of all that goes: somebody may have changed it meanwhile."""
    return digest([known.facts, forms.outline(forms.removal(known), plan.differences)])


@router.callback_query(RemoveThing.filter(), MayKeep())
async def remove(query: CallbackQuery, callback_data: RemoveThing, by: By) -> None:
    known = await known_to_remove(callback_data, by)
    plan = await planned_removal(query, known, by)
    if plan is None:
        return
    if digest_of_removal(known, plan) != callback_data.proposed:
        note = desk_views.changed_meanwhile()
        await ask_again_to_remove(query, known, plan, callback_data, by, note)
        return
    try:
        made = await by.carry_out(plan)
    except PlanOutdated:
        await remove(query, callback_data, by)
        return
    await by.state.clear()
    if made is not None:
        await show_proposal(query, made, by)
        return
    await show(query, views.removed(known.form, views.name_of(known), plan.version + 1))
