"""What goes."""

from aiogram.types import CallbackQuery

from bot.callbacks import (
    AskToRemoveThing,
    OpenThing,
    RemoveThing,
    digest,
)
from bot.services import campaign_file, forms
from bot.services.campaign_file import CampaignFileError, Plan, PlanOutdated
from bot.services.errors import NotFound
from bot.services.forms import Known
from bot.show import Event, show
from bot.views import desk as desk_views
from bot.views import forms as views
from handlers.forms.lists import MayKeep, router, thing
from handlers.proposals import show_proposal
from handlers.rights import By


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
    done = (known.form, views.name_of(known), plan.version + 1)
    await show(query, views.removed(*done, still=await by.stands_still()))
