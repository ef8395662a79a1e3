"""From a file to a plan of what changes, and from the plan to the database."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.campaign_file import saving, store
from bot.services.campaign_file.checks import CAUSE, Checker
from bot.services.campaign_file.merge import Change, Difference, changes, merged, name_of, unconfirm
from bot.services.campaign_file.patch import Named, Patch, read_patch
from bot.services.campaign_file.problems import What
from bot.services.campaign_file.reading import Progress
from bot.services.campaign_file.rows import Links, Translator
from bot.services.campaign_file.saving import Write
from bot.services.campaign_file.schema import KINDS, Thing
from bot.services.campaign_file.setting import Setting, languages_of, zone_of
from bot.services.campaign_file.store import Index


class PlanOutdated(Exception):
    """The facts have changed since the plan was made: make it anew."""


@dataclass(frozen=True, slots=True)
class Plan:
    differences: list[Difference]
    """In the order of `KINDS`; empty: the file changes nothing."""
    writes: dict[str, list[Write]]
    setting: Setting
    version: int
    """Of the facts that the plan was made for."""


async def read(data: bytes, name: str, progress: Progress) -> Patch:
    """Off the event loop: a large file takes seconds."""
    return await asyncio.to_thread(read_patch, data, name, progress)


async def make(session: AsyncSession, patch: Patch, now: datetime) -> Plan:
    """Raises CampaignFileError with all that is wrong."""
    index = await store.read_index(session)
    links = Links(index.ids)
    anywhere = Translator(Setting(now, ZoneInfo("UTC"), (), {}), links)
    organisations = await store.read_things(session, "organisation", anywhere)
    own = _own_organisation(patch, organisations)
    setting = _setting(patch, own, index, now)
    reordered = bool(organisations) and _languages(organisations, own) != setting.languages
    await _name_what_follows(session, patch, index, everything=reordered)
    present = {"organisation": organisations}
    translator = Translator(setting, links)
    for kind in KINDS:
        if kind != "organisation":
            slugs = [slug for slug in patch.things[kind] if slug in index.ids[kind]]
            present[kind] = await store.read_things(session, kind, translator, slugs)
    return await asyncio.to_thread(_compare, patch, present, index, setting)


def _own_organisation(patch: Patch, present: dict[str, Thing]) -> Thing:
    """The bot's own one, as it shall be: the first one in the database, else in the file."""
    named = patch.things["organisation"]
    courts = [court.says for court in patch.things["court"].values()]
    for slug, organisation in named.items():
        if slug not in present:
            organisation.says.setdefault("languages", languages_of(organisation.says))
            organisation.says.setdefault("timezone", zone_of(organisation.says, courts))
    slug = next(iter([*present, *named]), "")
    if not slug:
        if patch.problems.tree.get("organisation") is None:
            patch.problems.add(What.NO_ORGANISATION, line=0)
        return {}
    if patch.as_of:
        target = next(iter(named), slug)
        named.setdefault(target, Named("organisation", target, {"slug": target}, ()))
        named[target].says["as_of"] = patch.as_of
    return merged(present.get(slug, {}), named[slug].says if slug in named else {})


def _setting(patch: Patch, own: Thing, index: Index, now: datetime) -> Setting:
    zones = dict(index.court_zones)
    for slug, court in patch.things["court"].items():
        zones[slug] = court.says.get("timezone") or zones.get(slug, "UTC")
    return Setting(
        now=now,
        zone=ZoneInfo(own.get("timezone", "UTC")),
        languages=tuple(languages_of(own)),
        court_zones={slug: ZoneInfo(zone) for slug, zone in zones.items()},
    )


def _languages(organisations: dict[str, Thing], own: Thing) -> tuple[str, ...]:
    return tuple(languages_of(organisations[own["slug"]]))


async def _name_what_follows(
    session: AsyncSession, patch: Patch, index: Index, *, everything: bool
) -> None:
    """Things that change though the file is silent on them.

    The hearings of a court whose zone is corrected: ten o'clock there stays ten o'clock. And
    everything, when another language comes first.
    """
    corrected = [
        slug
        for slug, court in patch.things["court"].items()
        if index.court_zones.get(slug) != court.says.get("timezone", index.court_zones.get(slug))
    ]
    hearings = await store.hearings_in(session, corrected)
    _name(patch, "hearing", hearings)
    for kind in KINDS if everything else ():
        _name(patch, kind, index.ids[kind])


def _name(patch: Patch, kind: str, slugs: Iterable[str]) -> None:
    for slug in slugs:
        patch.things[kind].setdefault(slug, Named(kind, slug, {"slug": slug}, ()))


def _compare(
    patch: Patch,
    present: dict[str, dict[str, Thing]],
    index: Index,
    setting: Setting,
) -> Plan:
    slugs = {kind: {*patch.things[kind], *index.ids[kind]} for kind in KINDS}
    slugs[CAUSE] = slugs["defendant"] | slugs["case"]
    checker = Checker(setting, slugs, patch.problems)
    differences: list[Difference] = []
    writes: dict[str, list[Write]] = {}
    for kind in KINDS:
        writes[kind] = []
        for named in patch.things[kind].values():
            before = present[kind].pop(named.slug, None)
            after = _after(checker, named, before)
            difference = _difference(named, before, after, index, setting)
            if difference.added or difference.changes:
                differences.append(difference)
            if difference.added or difference.changes or not named.path:
                writes[kind].append(_write(difference, after))
        patch.things[kind] = {}
    patch.problems.raise_any()
    return Plan(differences, writes, setting, index.version)


def _after(checker: Checker, named: Named, before: Thing | None) -> Thing:
    says = checker.resolved(named, before or {})
    after = KINDS[named.kind].defaults | merged(before or {}, says)
    unconfirm(named.kind, says, before or after, after)
    checker.check(named, after)
    return after


def _difference(
    named: Named, before: Thing | None, after: Thing, index: Index, setting: Setting
) -> Difference:
    found = list(changes(before, after)) if before is not None else []
    if before is not None and named.kind == "hearing":
        old, new = (
            index.court_zones[before["court"]],
            setting.court_zones.get(after.get("court", "")),
        )
        if new is not None and old != new.key:
            found.append(Change("timezone", old, new.key))
    return Difference(named.kind, named.slug, name_of(after), before is None, tuple(found))


def _write(difference: Difference, after: Thing) -> Write:
    changed = frozenset(change.key.split(".")[0] for change in difference.changes)
    return Write(difference.kind, difference.slug, after, difference.added, changed)


async def save(session: AsyncSession, plan: Plan, progress: Progress) -> None:
    if not any(plan.writes.values()):
        return
    if not await saving.take_version(session, plan.version):
        raise PlanOutdated
    index = await store.read_index(session)
    await saving.save(session, plan.writes, index, plan.setting, progress)
