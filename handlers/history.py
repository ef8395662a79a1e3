"""What was changed; whoever may change such things may undo it."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.callbacks import AskToUndo, OpenChangeSet, OpenHistory, Undo
from bot.services import history
from bot.services.campaign_file import CampaignFileError, Plan, PlanOutdated
from bot.services.errors import NotFound
from bot.services.history import ChangedSince, ChangeSet
from bot.services.rights import HELD, Action, action_for, may
from bot.show import show
from bot.views import history as views
from handlers.proposals import show_proposal
from handlers.rights import By, May
from models import Role, Via

router = Router(name="history")


@router.callback_query(OpenHistory.filter(), May(Action.DESK))
async def all_changes(query: CallbackQuery, callback_data: OpenHistory, by: By) -> None:
    now = await by.local()
    found = await history.change_sets(by.session, by.vault, callback_data.page)
    await show(query, views.history(found, now))


@router.callback_query(OpenChangeSet.filter(), May(Action.DESK))
async def change_set(query: CallbackQuery, callback_data: OpenChangeSet, by: By) -> None:
    found = await history.change_set(by.session, by.vault, callback_data.version)
    now = await by.local()
    sees_names, may_undo = may(by.role, Action.MEMBERS), is_theirs(by.role, found)
    await show(query, views.change_set(found, callback_data.page, now, sees_names, may_undo))


def is_theirs(role: Role, found: ChangeSet) -> bool:
    """Whether all of it could be changed by them, too. Of very much, only who may send a file."""
    each = {action_for(one.kind, history.keys_of(one)) for one in found.entries}
    many = {Action.FILE, *(action_for(kind, HELD) for kind, _how in found.counts)}
    return all(may(role, action) for action in each | (many if found.counts else set()))


@router.callback_query(AskToUndo.filter(), May(Action.DESK))
async def ask_to_undo(query: CallbackQuery, callback_data: AskToUndo, by: By) -> None:
    found = await theirs(callback_data, by)
    if plan := await planned(query, callback_data, found, by):
        await show(query, views.ask_to_undo(found, plan.differences, callback_data.page))


@router.callback_query(Undo.filter(), May(Action.DESK))
async def undo(query: CallbackQuery, callback_data: Undo, by: By) -> None:
    found = await theirs(callback_data, by)
    plan = await planned(query, callback_data, found, by)
    if plan is None:
        return
    try:
        made = await by.carry_out(plan, Via.UNDO)
    except PlanOutdated:  # somebody was quicker: what it would do now is shown
        await ask_to_undo(query, AskToUndo(**callback_data.model_dump()), by)
        return
    if made is not None:
        await show_proposal(query, made, by)
        return
    now = await by.local()
    newest = await history.change_sets(by.session, by.vault, 0)
    await show(query, views.history(newest, now, views.undone()))


async def theirs(pressed: OpenChangeSet, by: By) -> ChangeSet:
    """Raises NotFound: a button that they never had."""
    found = await history.change_set(by.session, by.vault, pressed.version)
    if not is_theirs(by.role, found):
        raise NotFound
    return found


async def planned(
    query: CallbackQuery, pressed: OpenChangeSet, found: ChangeSet, by: By
) -> Plan | None:
    """Nothing: why it cannot be undone is shown."""
    try:
        return await history.plan_undo(by.session, by.vault, found, by.now)
    except ChangedSince as error:
        await show(query, views.changed_since(found, error.version, pressed.page))
    except CampaignFileError as error:
        await show(query, views.not_allowed(found, error, pressed.page))
    return None
