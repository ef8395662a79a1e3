"""What takes effect only when a second person accepts it: where letters go, ways to pay, and very
much at once, or little by little in a day. What takes something away is never held up: a wrong
address vanishes at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.services.campaign_file import Plan
from bot.services.campaign_file.saving import Write
from bot.services.campaign_file.schema import Thing
from bot.services.letters import full_name
from bot.services.rights import HELD
from models import Via

MANY = 10
"""Things that one file may change."""
DAY = timedelta(days=1)
IN_A_DAY = 30
"""Things that one person may change in it, be it one by one."""
FACILITY = frozenset({"address", "postal_code", "name", "country", "letters"})
"""What stands on an envelope, and electronic letters, which one pays for."""
FUNDRAISER = frozenset({"title", "purpose", "for"})
"""What people give for."""
CHECKED = frozenset({"checked_at"})
"""To check a way to pay anew changes nothing of it."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What one person alone has done in a day, by kind and slug."""

    entered: frozenset[tuple[str, str]] = frozenset()
    """Added one by one: who fills an empty bot changes nothing of anybody's."""
    changed: frozenset[tuple[str, str]] = frozenset()


def is_needed(plan: Plan, via: Via, lately: Lately = Lately()) -> bool:
    if plan.is_slip:  # as it was a moment ago, to the letter
        return False
    if via is not Via.DESK and len(plan.differences) > MANY:
        return True
    return any(map(is_delicate, all_of(plan))) or is_much(plan, via, lately)


def is_much(plan: Plan, via: Via, lately: Lately) -> bool:
    found = [one for one in plan.differences if via is not Via.DESK or not one.added]
    now = {(one.kind, one.slug) for one in found} - lately.entered
    total = len(lately.changed | now)
    return total > IN_A_DAY and bool(now) and not takes_away(plan)


def takes_away(plan: Plan) -> bool:
    """An address or a way to pay, and nothing else."""
    gone = {kind for kind, some in plan.removed.items() if some}
    return gone <= {"donation_route"} and all(
        one.kind == "defendant" and one.changed <= HELD and address_of(one.after) is None
        for one in all_of(plan)
    )


def delicate(plan: Plan) -> Iterator[Write]:
    return (one for one in all_of(plan) if is_delicate(one))


def all_of(plan: Plan) -> Iterator[Write]:
    for some in plan.writes.values():
        yield from (one for one in some if one.is_new or one.changed)


def is_delicate(one: Write) -> bool:
    match one.kind:
        case "defendant":
            return is_written_to_elsewhere(one)
        case "facility":
            return not one.is_new and bool(one.changed & FACILITY)
        case "fundraiser":
            return not one.is_new and bool(one.changed & FUNDRAISER)
        case "donation_route":
            return one.is_new or bool(one.changed - CHECKED)
    return False


def is_written_to_elsewhere(one: Write) -> bool:
    """Letters go to a place that nobody has accepted yet. Each one that is confirmed was: whatever
    else hides it for a while, it may be shown again."""
    address = address_of(one.after)
    return address is not None and (one.is_new or address != address_of(before(one)))


def before(one: Write) -> Thing:
    """The whole of it, as it was."""
    return {key: one.after[key] for key in one.after if key not in one.changed} | one.before


def address_of(person: Thing) -> Any:
    """Nothing: nobody has confirmed where they are."""
    stay = (person.get("custody") or [{}])[-1]
    if "confirmed_at" not in stay:
        return None
    return stay["facility"], stay.get("addressee") or full_name(person["name"])
