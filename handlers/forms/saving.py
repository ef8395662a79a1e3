"""All of it is looked at, and saved."""

from aiogram.types import CallbackQuery, Message

from bot.callbacks import (
    OpenField,
    OpenThing,
    ReviewThing,
    SaveThing,
    digest,
    place_of,
)
from bot.i18n import language
from bot.screen import Screen
from bot.services import campaign_file, forms
from bot.services.campaign_file import CampaignFileError, Plan, PlanOutdated
from bot.services.errors import NotFound
from bot.services.forms import NEW_ITEM, Change, Known
from bot.services.rights import action_for, actions_of, may
from bot.show import Event, show
from bot.views import desk as desk_views
from bot.views import forms as views
from handlers.forms.lists import MayKeep, router, thing
from handlers.forms.questions import ask, ask_again, keep_draft, known_at
from handlers.proposals import show_proposal
from handlers.rights import By


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
    still = await by.stands_still()
    done = views.Saved(known, plan.version + 1, may_undo(plan, by), gap, before.is_new, of, still)
    return views.saved(done)


def may_undo(plan: Plan, by: By) -> bool:
    return all(may(by.role, each) for each in actions_of(plan))
