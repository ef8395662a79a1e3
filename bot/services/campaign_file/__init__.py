"""The campaign file: every fact of the campaign as YAML, read into the database and written back.

    differences = await import_file(
        session, data, name="x.yaml", now=clock.now(), mark=vault.mark_of
    )
    data = await export(session)

A file is a patch (RFC 7386) over the facts there are: things are matched by slug, mappings merge
key by key, null removes, lists are replaced whole; what the file does not name stays. It is
imported in one transaction or not at all. `examples/format.yaml` shows every key.

Reading (`reading`, `tree`) -> the shape (`schema`, `values`, `times`, `patch`) -> sense and
differences (`plan`, `checks`, `merge`, `setting`) -> the database (`store`, `rows`, `saving`), and
its history (`recording`) -> a file again (`exporting`, `writing`). What is wrong is told by
`problems`, all at once.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import snapshot
from bot.db import writing as writing_to
from bot.services.campaign_file import exporting, saving, writing
from bot.services.campaign_file import plan as plans
from bot.services.campaign_file.called import Names, names_in
from bot.services.campaign_file.merge import Change, Difference
from bot.services.campaign_file.plan import Plan, PlanOutdated
from bot.services.campaign_file.problems import CampaignFileError, Problem, What
from bot.services.campaign_file.reading import MAX_BYTES, Progress
from bot.services.campaign_file.recording import COMMAND_LINE, Author
from bot.services.campaign_file.schema import Thing
from bot.services.campaign_file.setting import Undo
from bot.services.campaign_file.store import Mark
from bot.services.campaign_file.turns import turn

__all__ = [
    "COMMAND_LINE",
    "MAX_BYTES",
    "Author",
    "CampaignFileError",
    "Change",
    "Difference",
    "Names",
    "Plan",
    "PlanOutdated",
    "Problem",
    "Progress",
    "Undo",
    "What",
    "apply",
    "carry_out",
    "export",
    "import_file",
    "names_in",
    "plan",
    "plan_things",
]

HEADING = "The campaign file: every fact that the bot knows. See examples/format.yaml for its keys."


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


async def plan(
    session: AsyncSession,
    data: bytes,
    *,
    name: str,
    now: datetime,
    mark: Mark,
    progress: Progress = silent,
    undo: Undo = Undo.NO,
) -> Plan:
    """What the file would change. Raises CampaignFileError, or Busy; changes nothing.

    `now` (aware) is what relative times are counted from; `mark` makes a mark of what is removed;
    `progress` gets parts of 1000.
    """
    async with turn(len(data)):
        patch = await plans.read(data, name, _on_loop(progress, 0, 1000))
        return replace(await plans.make(session, patch, now, mark, undo), data=data)


async def plan_things(
    session: AsyncSession,
    things: Thing,
    name: str,
    now: datetime,
    mark: Mark,
    undo: Undo = Undo.NO,
) -> Plan:
    """The same of what is no file yet. Raises CampaignFileError."""
    data = writing.write(things, heading=name)
    return await plan(session, data, name=name, now=now, mark=mark, undo=undo)


async def apply(
    session: AsyncSession,
    plan: Plan,
    author: Author = COMMAND_LINE,
    progress: Progress = silent,
) -> None:
    """Writes what the plan says, inside the caller's transaction (`bot.db.writing`).

    Raises PlanOutdated if the facts have changed since the plan was made.
    """
    await saving.lock(session)
    await plans.save(session, plan, author, progress)


async def carry_out(session: AsyncSession, plan: Plan, author: Author) -> None:
    """The same in a transaction of its own. Raises PlanOutdated."""
    async with writing_to(session):
        await apply(session, plan, author)


async def import_file(
    session: AsyncSession,
    data: bytes,
    *,
    name: str,
    now: datetime,
    mark: Mark,
    dry_run: bool = False,
    author: Author = COMMAND_LINE,
    progress: Progress = silent,
) -> list[Difference]:
    """Plans and writes in one transaction of its own; returns what changed (or would).

    Raises CampaignFileError, and then nothing has changed.
    """
    patch = await plans.read(data, name, _on_loop(progress, 0, 500))
    if dry_run:
        return (await plans.make(session, patch, now, mark)).differences
    async with writing_to(session):
        await saving.lock(session)
        made = await plans.make(session, patch, now, mark)
        del patch
        await plans.save(session, made, author, _part(progress, 500, 1000))
    progress(1000, 1000)
    return made.differences


async def export(session: AsyncSession) -> bytes:
    """The whole campaign as a file, always the same for the same facts."""
    await snapshot(session)
    things, setting = await exporting.read_all(session)
    return await asyncio.to_thread(
        lambda: writing.write(exporting.document(things, setting), heading=HEADING)
    )


def _part(progress: Progress, start: int, end: int) -> Progress:
    """One stretch of a bar of 1000."""
    return lambda done, total: progress(start + (end - start) * done // max(total, 1), 1000)


def _on_loop(progress: Progress, start: int, end: int) -> Progress:
    """The same, called from another thread: `progress` itself runs on the event loop."""
    loop = asyncio.get_running_loop()
    part: Callable[[int, int], None] = _part(progress, start, end)
    return lambda done, total: _call(loop, part, done, total)


def _call(loop: asyncio.AbstractEventLoop, part: Progress, done: int, total: int) -> None:
    loop.call_soon_threadsafe(part, done, total)
