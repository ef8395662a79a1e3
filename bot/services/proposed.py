"""What a proposal would have changed when it was proposed: kept beside it, since its file does not
tell that any more when the facts are others."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.campaign_file import Change, Difference, Names, Plan, names_in
from bot.services.campaign_file.merge import shown
from models import Proposal

MOST = 200
"""Things; of more their number is told."""


async def kept(session: AsyncSession, plan: Plan) -> dict[str, Any] | None:
    found = plan.differences
    if len(found) > MOST:
        return None
    names = await names_of(session, plan)
    return {
        "found": [packed(one) for one in found],
        "names": [[*key, name] for key, name in names.items()],
    }


async def names_of(session: AsyncSession, plan: Plan) -> Names:
    """Also of new hearings, which have no other name than their case and hour."""
    new = {one.slug: shown(one.after) for one in plan.writes["hearing"] if one.is_new}
    called = {
        slug: {"case": one["case"], "starts_at": one["starts_at"]} for slug, one in new.items()
    }
    return await names_in(session, plan.differences, called)


def packed(one: Difference) -> list[Any]:
    changes = [[each.key, each.before, each.after] for each in one.changes]
    return [one.kind, one.slug, one.name, one.added, changes, one.removed]


def as_proposed(one: Proposal) -> tuple[list[Difference], Names]:
    """Nothing: it is not known."""
    things = one.things or {"found": [], "names": []}
    return (
        [unpacked(*each) for each in things["found"]],
        {(kind, slug): name for kind, slug, name in things["names"]},
    )


def unpacked(
    kind: str, slug: str, name: Any, added: bool, changes: Sequence[Sequence[Any]], removed: bool
) -> Difference:
    return Difference(kind, slug, name, added, tuple(Change(*each) for each in changes), removed)
