"""Lists of things, and one of them with a button for each of its fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiogram import F
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.callbacks import (
    AskToRemoveThing,
    OpenFacts,
    OpenField,
    OpenThing,
    OpenThings,
    RemoveThing,
)
from bot.services import forms
from bot.services.errors import NotFound
from bot.services.forms import Known
from bot.services.rights import Action, action_for, may
from bot.services.search import Search
from bot.show import Event, show
from bot.views import forms as views
from handlers.rights import By, May
from handlers.room import Room

router = Room(name="forms")
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
