"""Questions: what is asked of one field."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiogram.types import CallbackQuery

from bot.callbacks import (
    OpenField,
    OpenThing,
    StartThing,
    digest,
)
from bot.i18n import language
from bot.services import forms
from bot.services.errors import NotFound
from bot.services.forms import NEW_ITEM, Field, How, Known, Option
from bot.show import Event, show
from bot.views import forms as views
from handlers.forms.lists import ADDED, NEW, Filling, MayKeep, router
from handlers.rights import By


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


async def keep_draft(draft: dict[str, Any], by: By) -> None:
    await by.state.update_data(draft=draft)


async def ask_again(event: Event, here: OpenField, by: By, why: str) -> None:
    await ask(event, here, by, why, **await said_besides(here, by))


async def said_besides(here: OpenField, by: By) -> dict[str, Any]:
    """Of this question, not of another one that the dialog may be at."""
    data = await by.state.get_data()
    return part_of(data, ("texts", "chosen")) if is_same_question(data, here) else {}


def is_same_question(data: Mapping[str, Any], here: OpenField) -> bool:
    """Whether the dialog is at it, on whatever page and in whatever language."""
    packed = data.get("pressed", "")
    if not packed.startswith(f"{OpenField.__prefix__}:"):
        return False
    known, same = OpenField.unpack(packed), {"form", "id", "field", "item"}
    return known.model_dump(include=same) == here.model_dump(include=same)
