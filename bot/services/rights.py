"""What each role may do at the desk."""

from collections.abc import Collection
from enum import StrEnum

from bot.services.campaign_file import Plan
from bot.services.campaign_file.schema import KINDS, Thing
from models import Role


class Action(StrEnum):
    DESK = "desk"
    """To see it, and what was changed."""
    TEXTS = "texts"
    HEARINGS = "hearings"
    EVENTS = "events"
    CUSTODY = "custody"
    """Where people are, and where letters reach them."""
    ROUTES = "routes"
    SECOND = "second"
    """To accept what somebody else proposes."""
    BROADCAST = "broadcast"
    FILE = "file"
    """Many facts at once."""
    QUESTIONS = "questions"
    """From people, who stay unknown: to read and to answer them."""
    MEMBERS = "members"
    SETTINGS = "settings"
    PANIC = "panic"
    """To stop all sending, to end all roles, to wipe everybody."""


EVERYBODY = frozenset(Role)
TRUSTED = frozenset({Role.COORDINATOR, Role.OWNER})
OWNERS = frozenset({Role.OWNER})
RIGHTS: dict[Action, frozenset[Role]] = {
    Action.DESK: EVERYBODY,
    Action.TEXTS: EVERYBODY,
    Action.HEARINGS: EVERYBODY,
    Action.EVENTS: EVERYBODY,
    Action.CUSTODY: TRUSTED,
    Action.ROUTES: TRUSTED,
    Action.SECOND: TRUSTED,
    Action.BROADCAST: TRUSTED,
    Action.FILE: TRUSTED,
    Action.QUESTIONS: EVERYBODY,
    Action.MEMBERS: OWNERS,
    Action.SETTINGS: OWNERS,
    Action.PANIC: OWNERS,
}
KEEPING = {
    "organisation": Action.SETTINGS,
    "court": Action.HEARINGS,
    "hearing": Action.HEARINGS,
    "facility": Action.CUSTODY,
    "case": Action.TEXTS,
    "event": Action.EVENTS,
    "letter_goal": Action.EVENTS,
    "fundraiser": Action.ROUTES,
    "donation_route": Action.ROUTES,
}
HELD = frozenset({"custody", "status", "letters", "country"})
"""Keys of a defendant that say where a letter reaches them."""


def may(role: Role | None, action: Action) -> bool:
    return role in RIGHTS[action]


def actions_of(plan: Plan) -> set[Action]:
    """What carrying it out is."""
    writes = [one for some in plan.writes.values() for one in some if one.is_new or one.changed]
    changed = [
        (one.kind, said(one.kind, one.after) if one.is_new else one.changed) for one in writes
    ]
    removed = [(kind, HELD) for kind, some in plan.removed.items() if some]
    return {action_for(kind, keys) for kind, keys in [*changed, *removed]}


def said(kind: str, whole: Thing) -> Collection[str]:
    """Keys of a new thing about which it says something: not what is as usual."""
    usual = KINDS[kind].defaults
    return [key for key in whole if whole[key] != usual.get(key)]


def action_for(kind: str, keys: Collection[str]) -> Action:
    """What changing these keys of such a thing is."""
    if kind == "defendant":
        return Action.TEXTS if HELD.isdisjoint(keys) else Action.CUSTODY
    return KEEPING[kind]
