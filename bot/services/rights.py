"""What each role may do at the desk."""

from enum import StrEnum

from models import Role


class Action(StrEnum):
    DESK = "desk"
    """To see it."""
    HEARINGS = "hearings"
    HISTORY = "history"
    FILE = "file"
    """Many facts at once."""
    MEMBERS = "members"


EVERYBODY = frozenset(Role)
TRUSTED = frozenset({Role.COORDINATOR, Role.OWNER})
RIGHTS: dict[Action, frozenset[Role]] = {
    Action.DESK: EVERYBODY,
    Action.HEARINGS: EVERYBODY,
    Action.HISTORY: EVERYBODY,
    Action.FILE: TRUSTED,
    Action.MEMBERS: frozenset({Role.OWNER}),
}


def may(role: Role | None, action: Action) -> bool:
    return role in RIGHTS[action]
