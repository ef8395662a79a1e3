"""What was changed, by whom, and how it is undone: by the same way as every change, a campaign file
that says how things were."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.services import members
from bot.services.campaign_file import (
    Difference,
    Names,
    Plan,
    Undo,
    exporting,
    names_in,
    plan_things,
)
from bot.services.campaign_file.merge import changes, same_stay
from bot.services.campaign_file.schema import KINDS, Thing
from bot.services.errors import NotFound
from bot.services.four_eyes import DAY, Lately
from bot.services.pages import Page, last_at_most
from bot.services.rights import HELD, Action, action_for, said
from models import HistoryEntry, Via

PAGE = 7
SHOWN = 100
"""Entries of a change that are read to tell of it; of more there are numbers."""
READ = 100
"""Entries that are read at once."""
Counts = Mapping[tuple[str, str], int]
"""How many there are of a kind that were "added", "changed", "removed"."""
SLIP = timedelta(minutes=15)
"""Within which somebody takes back what they did by mistake."""
Words = Collection[str]
WORDS = ("confirmed_at", "source")
"""Of what is as it was nobody has said anew that it is so."""


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """All that changed together."""

    entries: Sequence[HistoryEntry]
    """The first `SHOWN`."""
    counts: Counts
    """Empty: all of them are in `entries`."""
    names: Names
    """What that which it speaks of is called now."""
    called: str | None
    """Who did it, as owners call them; nothing: an owner, the command line, or somebody gone."""

    @property
    def first(self) -> HistoryEntry:
        return self.entries[0]

    @property
    def version(self) -> int:
        return self.first.version

    @property
    def is_first(self) -> bool:
        """By it everything began: the organisation came with it."""
        return any(one.kind == "organisation" and one.before is None for one in self.entries)

    @property
    def differences(self) -> list[Difference]:
        return [difference_of(one) for one in self.entries]


class ChangedSince(Exception):
    """Something of it was changed again: that is to be undone first."""

    def __init__(self, version: int) -> None:
        self.version = version


def difference_of(one: HistoryEntry) -> Difference:
    if one.before is None or one.after is None:
        added = one.before is None
        return Difference(one.kind, one.slug, one.name, added=added, removed=not added)
    changed = tuple(changes(one.before, one.after))
    return Difference(one.kind, one.slug, one.name, added=False, changes=changed)


async def change_sets(session: AsyncSession, vault: Vault, number: int) -> Page[ChangeSet]:
    """The newest first."""
    total = await session.scalar(select(func.count(HistoryEntry.version.distinct()))) or 0
    number = last_at_most(number, total, PAGE)
    versions = select(HistoryEntry.version).distinct().order_by(HistoryEntry.version.desc())
    wanted = list(await session.scalars(versions.limit(PAGE).offset(number * PAGE)))
    found = [await nameless(session, vault, each) for each in wanted]
    names = await names_of(session, [entry for one in found for entry in one.entries])
    return Page([replace(one, names=names) for one in found], number, total, PAGE)


async def change_set(session: AsyncSession, vault: Vault, version: int) -> ChangeSet:
    found = await nameless(session, vault, version)
    return replace(found, names=await names_of(session, found.entries))


async def nameless(session: AsyncSession, vault: Vault, version: int) -> ChangeSet:
    entries = (await session.scalars(entries_of(version).limit(SHOWN + 1))).all()
    if not entries:
        raise NotFound
    counts = await counted(session, version) if len(entries) > SHOWN else {}
    called = await members.called(session, vault, entries[0].author_id)
    return ChangeSet(entries[:SHOWN], counts, {}, called)


async def names_of(session: AsyncSession, entries: Sequence[HistoryEntry]) -> Names:
    """A hearing that is gone is called by what it was."""
    whole = {
        one.slug: one.after or one.before or {}
        for one in entries
        if one.kind == "hearing" and (one.before is None or one.after is None)
    }
    return await names_in(session, [difference_of(one) for one in entries], whole)


def entries_of(version: int) -> Select[HistoryEntry]:
    return select(HistoryEntry).where(HistoryEntry.version == version).order_by(HistoryEntry.id)


async def counted(session: AsyncSession, version: int) -> Counts:
    added, removed = HistoryEntry.before.is_(None), HistoryEntry.after.is_(None)
    how = case((added, "added"), (removed, "removed"), else_="changed")
    query = select(HistoryEntry.kind, how, func.count()).group_by(HistoryEntry.kind, how)
    rows = await session.execute(query.where(HistoryEntry.version == version))
    return {(kind, done): n for kind, done, n in rows}


async def changed_alone(session: AsyncSession, author: int, now: datetime) -> Lately:
    """By them in a day, without a second person."""
    theirs = HistoryEntry.author_id == author, HistoryEntry.at > now - DAY
    is_new = HistoryEntry.before.is_(None).label("is_new")
    query = select(HistoryEntry.kind, HistoryEntry.slug, HistoryEntry.via, is_new)
    found = (await session.execute(query.where(*theirs, HistoryEntry.second_role.is_(None)))).all()
    entered = {(one.kind, one.slug) for one in found if one.via == Via.DESK and one.is_new}
    changed = {(one.kind, one.slug) for one in found} - entered
    return Lately(frozenset(entered), frozenset(changed))


async def is_slip(session: AsyncSession, found: ChangeSet, author: int, now: datetime) -> bool:
    """Whoever takes back at once what they did themselves, before anybody has changed anything
    else, takes back their own word alone: what somebody had confirmed before is so still."""
    if found.first.author_id != author or found.first.at <= now - SLIP:
        return False
    last = await session.scalar(select(func.max(HistoryEntry.version)))
    return last == found.version and found.first.via != Via.UNDO and not found.counts


async def plan_undo(
    session: AsyncSession, vault: Vault, found: ChangeSet, now: datetime, *, is_slip: bool = False
) -> Plan:
    """`is_slip`: with the words that there were. Raises ChangedSince, or CampaignFileError: what
    was is not allowed any more."""
    entries = (await session.scalars(entries_of(found.version))).all()
    present = await exporting.read_some(session, [(one.kind, one.slug) for one in entries])
    for one in entries:
        if not is_as_left(one, present.get((one.kind, one.slug))):
            raise ChangedSince(await last_change(session, one))
    file = as_it_was(entries, () if is_slip else WORDS)
    undo = Undo.SLIP if is_slip else Undo.YES
    return await plan_things(session, file, "undo", now, vault.mark_of, undo)


def is_as_left(one: HistoryEntry, present: Thing | None) -> bool:
    """Whether what changed then is so still, be it confirmed or not."""
    if one.after is None or present is None:
        return one.after is present
    keys = {*one.after, *(present if one.before is None else one.before)}
    there = {key: present[key] for key in keys if key in present}
    return bool(without_words(there) == without_words(one.after))


async def last_change(session: AsyncSession, one: HistoryEntry) -> int:
    its = HistoryEntry.kind == one.kind, HistoryEntry.slug == one.slug
    return await session.scalar(select(func.max(HistoryEntry.version)).where(*its)) or one.version


def actions_to_undo(found: ChangeSet, author: int, now: datetime) -> set[Action]:
    """Who adds a thing may take it away again on that day; else that is more than to add it. Of
    very much: only who may send a file."""
    lately = found.first.author_id == author and found.first.at > now - DAY
    each = {action_for(one.kind, keys_to_undo(one, lately)) for one in found.entries}
    many = {Action.FILE, *(action_for(kind, HELD) for kind, _how in found.counts)}
    return each | many if found.counts else each


def keys_to_undo(one: HistoryEntry, lately: bool) -> Collection[str]:
    if one.before is None:
        return said(one.kind, one.after or {}) if lately else HELD
    if one.after is None:
        return said(one.kind, one.before)
    return {*one.before, *one.after}


async def parts(session: AsyncSession) -> AsyncIterator[Sequence[HistoryEntry]]:
    """All there is, from the beginning."""
    query = select(HistoryEntry).order_by(HistoryEntry.id).execution_options(yield_per=READ)
    async for some in (await session.stream_scalars(query)).partitions():
        yield some


# A file that says how things were.


def as_it_was(entries: Iterable[HistoryEntry], words: Words) -> Thing:
    """`words` do not come back."""
    top: Thing = {}
    for one in entries:
        put(top, one, thing_as_it_was(one, words))
    return top


def thing_as_it_was(one: HistoryEntry, words: Words) -> Thing:
    if one.before is None:
        return {"remove": True}
    thing: Thing = reverse(one.after or {}, one.before, words)
    return thing


def put(top: Thing, one: HistoryEntry, thing: Thing) -> None:
    """At its place in the file."""
    if one.kind == "organisation":
        top["organisation"] = {"slug": one.slug} | thing
    elif one.kind == "defendant":
        case = into(top, "cases", thing.pop("case", one.within))
        into(case, "defendants", one.slug).update(thing)
    else:
        into(top, KINDS[one.kind].section, one.slug).update(thing)


def into(top: Thing, section: str, slug: str) -> Thing:
    """The thing of this slug there, made if there is none."""
    things: list[Thing] = top.setdefault(section, [])
    found = next((each for each in things if each["slug"] == slug), None)
    if found is None:
        found = {"slug": slug}
        things.append(found)
    return found


def reverse(after: Any, before: Any, words: Words) -> Any:
    """What makes the latter of the former, as RFC 7386 has it. Of what is as it was nobody has said
    anew that it is so."""
    if isinstance(after, Mapping) and isinstance(before, Mapping):
        keys = [key for key in {**before, **after} if after.get(key) != before.get(key)]
        return {
            key: None if key in words else reverse(after.get(key), before.get(key), words)
            for key in keys
        }
    if is_stays(after) and is_stays(before):
        there = [same_stay(after, before, place) or {} for place in range(len(before))]
        return [stay_as_it_was(*each, words) for each in zip(there, before, strict=True)]
    return without_words(before, words)


def is_stays(value: Any) -> bool:
    """Which a file merges, too, each with the one there."""
    is_list = isinstance(value, list)
    return is_list and all(isinstance(one, dict) and "facility" in one for one in value)


def stay_as_it_was(after: Thing, before: Thing, words: Words) -> Thing:
    return {"facility": before["facility"], **reverse(after, before, words)}


def without_words(thing: Any, words: Words = WORDS) -> Any:
    if isinstance(thing, Mapping):
        known = (key for key in thing if key not in words)
        return {key: without_words(thing[key], words) for key in known}
    return [without_words(one, words) for one in thing] if isinstance(thing, list) else thing
