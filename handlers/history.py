"""What was changed; whoever may change such things may undo it."""

import asyncio

from aiogram.types import CallbackQuery

from bot.callbacks import AskToUndo, OpenChangeSet, OpenHistory, SendHistory, Undo
from bot.documents.table import table
from bot.services import campaign_file, history, members
from bot.services.campaign_file import CampaignFileError, Plan, PlanOutdated
from bot.services.errors import NotFound
from bot.services.history import ChangedSince, ChangeSet
from bot.services.rights import Action, may
from bot.show import send_file, show
from bot.views import history as views
from bot.views.parts import separator
from handlers.proposals import show_proposal
from handlers.rights import By, May
from handlers.room import Room
from models import HistoryEntry, Via

router = Room(name="history")
NAME = "history.csv"


@router.callback_query(OpenHistory.filter(), May(Action.DESK))
async def all_changes(query: CallbackQuery, callback_data: OpenHistory, by: By) -> None:
    now = await by.local()
    found = await history.change_sets(by.session, by.vault, callback_data.page)
    await show(query, views.history(found, now, may(by.role, Action.FILE)))


@router.callback_query(SendHistory.filter(), May(Action.FILE))
async def send_table(query: CallbackQuery, by: By) -> None:
    zone, names = (await by.local()).tzinfo, dict[int | None, str | None]()
    rows = [views.columns()]
    async for some in history.parts(by.session):
        for one in some:
            rows += views.table_rows(one, await called(one, names, by), zone)
    content = await asyncio.to_thread(table, rows, separator())
    await send_file(query, content, NAME, views.table_caption())


async def called(one: HistoryEntry, names: dict[int | None, str | None], by: By) -> str | None:
    """Names are for owners alone."""
    if one.author_id not in names and may(by.role, Action.MEMBERS):
        names[one.author_id] = await members.called(by.session, by.vault, one.author_id)
    return names.get(one.author_id)


@router.callback_query(OpenChangeSet.filter(), May(Action.DESK))
async def change_set(query: CallbackQuery, callback_data: OpenChangeSet, by: By) -> None:
    found = await history.change_set(by.session, by.vault, callback_data.version)
    now = await by.local()
    sees_names, may_undo = may(by.role, Action.MEMBERS), is_theirs(found, by)
    await show(query, views.change_set(found, callback_data.page, now, sees_names, may_undo))


def is_theirs(found: ChangeSet, by: By) -> bool:
    """Whether they may undo all of it."""
    needed = history.actions_to_undo(found, by.member, by.now)
    return all(may(by.role, action) for action in needed)


@router.callback_query(AskToUndo.filter(), May(Action.DESK))
async def ask_to_undo(query: CallbackQuery, callback_data: AskToUndo, by: By) -> None:
    found = await theirs(callback_data, by)
    if plan := await planned(query, callback_data, found, by):
        names = {**found.names, **await campaign_file.names_in(by.session, plan.differences)}
        await show(query, views.ask_to_undo(found, plan, names, callback_data.page))


@router.callback_query(Undo.filter(), May(Action.DESK))
async def undo(query: CallbackQuery, callback_data: Undo, by: By) -> None:
    found = await theirs(callback_data, by)
    plan = await planned(query, callback_data, found, by)
    if plan is None:
        return
    try:
        if callback_data.slip and not plan.is_slip:
            raise PlanOutdated  # nothing would come back confirmed any more
        made = await by.carry_out(plan, Via.UNDO, is_theirs=True)
    except PlanOutdated:  # somebody was quicker: what it would do now is shown
        await ask_to_undo(query, AskToUndo(**callback_data.model_dump()), by)
        return
    if made is not None:
        await show_proposal(query, made, by)
        return
    now = await by.local()
    newest = await history.change_sets(by.session, by.vault, 0)
    await show(query, views.history(newest, now, may(by.role, Action.FILE), views.undone()))


async def theirs(pressed: OpenChangeSet, by: By) -> ChangeSet:
    """Raises NotFound: a button that they never had."""
    found = await history.change_set(by.session, by.vault, pressed.version)
    if not is_theirs(found, by):
        raise NotFound
    return found


async def planned(
    query: CallbackQuery, pressed: OpenChangeSet, found: ChangeSet, by: By
) -> Plan | None:
    """Nothing: why it cannot be undone is shown."""
    if found.is_first:
        await show(query, views.not_as_a_whole(found, pressed.page))
        return None
    try:
        is_slip = await history.is_slip(by.session, found, by.member, by.now)
        plan = await history.plan_undo(by.session, by.vault, found, by.now, is_slip=is_slip)
        if plan.differences:
            return plan
        await show(query, views.nothing_to_undo(found, pressed.page))
    except ChangedSince as error:
        await show(query, views.changed_since(found, error.version, pressed.page))
    except CampaignFileError as error:
        await show(query, views.not_allowed(found, error, pressed.page))
    return None
