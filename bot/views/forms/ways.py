"""Where a question was come from, and where one goes on to."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.filters.callback_data import CallbackData

from bot.callbacks import OpenField, OpenThing, OpenThings, ReviewThing, place_of
from bot.i18n import language
from bot.services import forms
from bot.services.forms import NEW_ITEM, Field, How, Known, Step


@dataclass(frozen=True, slots=True)
class Way:
    back: CallbackData
    cancel: CallbackData
    onward: CallbackData | None = None
    number: int = 0
    """In a row of so many questions; 0: there is no row."""
    total: int = 0


def place_at(known: Known, step: Step) -> OpenField:
    here = {"form": known.form.code, "id": known.id, "item": step.item}
    return OpenField(**here, field=step.field.name, language=step.language)


def with_language(known: Known, of: Field, here: OpenField) -> OpenField:
    """The one that is missing, else the one that is spoken."""
    if of.how != How.TEXTS or here.language:
        return here
    gaps, mine = forms.missing(known, of, here.item), forms.in_turn(known, language())
    return here.model_copy(update={"language": [*gaps, *mine][0]})


def way_of(known: Known, of: Field, here: OpenField) -> Way:
    """In a row of questions, or from a thing that is there."""
    if here.item == NEW_ITEM or (known.is_new and not here.item):
        return way_along(known, of, here)
    to_list = OpenThings(form=here.form) if known.is_new else place_of(OpenThing, here)
    up = here.model_copy(update={"field": of.within, "language": "", "page": 0})
    return Way(up if of.within else to_list, to_list)


def way_along(known: Known, of: Field, here: OpenField) -> Way:
    within = of.within if here.item == NEW_ITEM else ""
    found = forms.steps(known, language(), within)
    number = forms.place_of(found, Step(of, here.item, here.language))
    out = beginning_of(known, within)
    back = place_at(known, found[number - 1]) if number > 0 else out
    is_needed = forms.is_required(known.form, of) and not forms.is_filled(
        known.value(of, here.item)
    )
    onward = None if is_needed else after(known, found, number, within)
    return Way(back, out, onward, number + 1, len(found))


def beginning_of(known: Known, within: str) -> CallbackData:
    """Where a row of questions is left."""
    if within:
        return OpenField(form=known.form.code, id=known.id, field=within)
    return OpenThings(form=known.form.code)


def after(known: Known, found: Sequence[Step], number: int, within: str) -> CallbackData:
    if number + 1 < len(found):
        return place_at(known, found[number + 1])
    item = NEW_ITEM if within else 0
    return ReviewThing(form=known.form.code, id=known.id, field=within, item=item)
