"""What a plan changes, written down for good: who did it, and what was there before."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.campaign_file.merge import name_of, shown
from bot.services.campaign_file.saving import Write
from bot.services.campaign_file.schema import Thing
from bot.services.campaign_file.setting import Setting
from bot.services.campaign_file.store import Gone, Index, batches, table_of
from models import HistoryEntry, Role, Via


@dataclass(frozen=True, slots=True)
class Author:
    subscriber_id: int | None
    role: Role | None
    via: Via
    second_role: Role | None = None
    """Of whoever accepted what they proposed."""
    alone: bool = False
    """Nobody did, though somebody should."""


COMMAND_LINE = Author(None, None, Via.COMMAND_LINE)


async def record(
    session: AsyncSession,
    writes: dict[str, list[Write]],
    removed: dict[str, dict[str, Gone]],
    author: Author,
    setting: Setting,
    index: Index,
) -> None:
    """Things that come in the order in which they can, then those that go, the last first."""
    by = {"author_id": author.subscriber_id, "role": author.role, "via": author.via}
    by |= {"second_role": author.second_role, "alone": author.alone}
    told = {"version": index.version, "at": setting.now} | by
    writing = (one for some in writes.values() for one in some if one.is_new or one.changed)
    gone = [(kind, *each) for kind, some in removed.items() for each in some.items()]
    rows = [*map(row_of_write, writing), *(row_of_gone(*each) for each in reversed(gone))]
    rows = [told | row for row in rows if row["before"] != row["after"]]
    for some in batches(rows):
        await session.execute(insert(table_of(HistoryEntry)), some)


def row_of_write(one: Write) -> dict[str, Any]:
    after = shown(one.after)
    if not one.is_new:
        after = {key: after[key] for key in after if key in one.changed}
    before = None if one.is_new else one.before
    return named(one.kind, one.slug, one.after) | {"before": before, "after": after}


def row_of_gone(kind: str, slug: str, gone: Gone) -> dict[str, Any]:
    return named(kind, slug, gone.before) | {"before": shown(gone.before), "after": None}


def named(kind: str, slug: str, thing: Thing) -> dict[str, Any]:
    within = thing.get("case") if kind == "defendant" else None
    return {"kind": kind, "slug": slug, "within": within, "name": name_of(thing)}
