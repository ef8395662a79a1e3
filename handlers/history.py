"""What was changed; whoever may change such things may undo it."""

from datetime import datetime

from aiogram import Router
from aiogram.types import CallbackQuery
from sqlalchemy.ext.asyncio import AsyncSession

from bot.callbacks import AskToUndo, OpenChangeSet, OpenHistory, Undo
from bot.clock import Clock
from bot.crypto import Vault
from bot.services import campaign, history, proposals
from bot.services.campaign_file import CampaignFileError, Plan, PlanOutdated
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.history import ChangedSince, ChangeSet
from bot.services.rights import HELD, Action, action_for, may
from bot.show import show
from bot.views import history as views
from handlers.proposals import show_proposal
from handlers.rights import May
from models import Role, Subscriber, Via

router = Router(name="history")


@router.callback_query(OpenHistory.filter(), May(Action.DESK))
async def all_changes(
    query: CallbackQuery,
    callback_data: OpenHistory,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    clock: Clock,
) -> None:
    now = await campaign.local(facts, clock.now())
    found = await history.change_sets(session, vault, callback_data.page)
    await show(query, views.history(found, now))


@router.callback_query(OpenChangeSet.filter(), May(Action.DESK))
async def change_set(
    query: CallbackQuery,
    callback_data: OpenChangeSet,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    clock: Clock,
    role: Role,
) -> None:
    found = await history.change_set(session, vault, callback_data.version)
    now = await campaign.local(facts, clock.now())
    sees_names, may_undo = may(role, Action.MEMBERS), is_theirs(role, found)
    await show(query, views.change_set(found, callback_data.page, now, sees_names, may_undo))


def is_theirs(role: Role, found: ChangeSet) -> bool:
    """Whether all of it could be changed by them, too. Of very much, only who may send a file."""
    each = {action_for(one.kind, history.keys_of(one)) for one in found.entries}
    many = {Action.FILE, *(action_for(kind, HELD) for kind, _how in found.counts)}
    return all(may(role, action) for action in each | (many if found.counts else set()))


@router.callback_query(AskToUndo.filter(), May(Action.DESK))
async def ask_to_undo(
    query: CallbackQuery,
    callback_data: AskToUndo,
    session: AsyncSession,
    vault: Vault,
    clock: Clock,
    role: Role,
) -> None:
    found = await theirs(session, vault, callback_data, role)
    if plan := await planned(query, callback_data, session, vault, found, clock.now()):
        await show(query, views.ask_to_undo(found, plan.differences, callback_data.page))


@router.callback_query(Undo.filter(), May(Action.DESK))
async def undo(
    query: CallbackQuery,
    callback_data: Undo,
    session: AsyncSession,
    vault: Vault,
    facts: Facts,
    subscriber: Subscriber,
    clock: Clock,
    role: Role,
    four_eyes: bool,
) -> None:
    me = proposals.By(subscriber.id, role)
    found = await theirs(session, vault, callback_data, role)
    plan = await planned(query, callback_data, session, vault, found, clock.now())
    if plan is None:
        return
    try:
        now = clock.now()
        made = await proposals.carry_out(session, plan, me, Via.UNDO, now, by_two=four_eyes)
    except PlanOutdated:  # somebody was quicker: what it would do now is shown
        await ask_to_undo(
            query, AskToUndo(**callback_data.model_dump()), session, vault, clock, role
        )
        return
    if made is not None:
        await show_proposal(query, made, me, session, vault, facts, clock)
        return
    now = await campaign.local(facts, clock.now())
    newest = await history.change_sets(session, vault, 0)
    await show(query, views.history(newest, now, views.undone()))


async def theirs(
    session: AsyncSession, vault: Vault, pressed: OpenChangeSet, role: Role
) -> ChangeSet:
    """Raises NotFound: a button that they never had."""
    found = await history.change_set(session, vault, pressed.version)
    if not is_theirs(role, found):
        raise NotFound
    return found


async def planned(
    query: CallbackQuery,
    pressed: OpenChangeSet,
    session: AsyncSession,
    vault: Vault,
    found: ChangeSet,
    now: datetime,
) -> Plan | None:
    """Nothing: why it cannot be undone is shown."""
    try:
        return await history.plan_undo(session, vault, found, now)
    except ChangedSince as error:
        await show(query, views.changed_since(found, error.version, pressed.page))
    except CampaignFileError as error:
        await show(query, views.not_allowed(found, error, pressed.page))
    return None
