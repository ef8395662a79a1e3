"""From a file to a plan of what changes, and from the plan to the database."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import follows
from bot.services.campaign_file import recording, saving, store, times
from bot.services.campaign_file.checks import CAUSE, Checker, cause, last_day, uses
from bot.services.campaign_file.confirmed import (
    VOUCHED,
    drop_location,
    drop_outcome,
    is_elsewhere,
    last_word,
    left_behind,
    unconfirm,
)
from bot.services.campaign_file.merge import (
    Change,
    Difference,
    changes,
    kept,
    merged,
    name_of,
    shown,
)
from bot.services.campaign_file.patch import Named, Patch, read_patch
from bot.services.campaign_file.problems import Problems, What
from bot.services.campaign_file.reading import Progress
from bot.services.campaign_file.recording import Author
from bot.services.campaign_file.rows import Links, Translator
from bot.services.campaign_file.saving import Write
from bot.services.campaign_file.schema import KINDS, WITHDRAWN, Thing
from bot.services.campaign_file.setting import Setting, Undo, languages_of, zone_of
from bot.services.campaign_file.store import Gone, Index, Mark
from bot.services.campaign_file.tree import Path

FOLLOWED = ("court", "case", "defendant", "event")
"""Kinds that somebody may follow or come to, but for hearings, which are known by their moments."""
FEW = 3
"""So many of those that refer to a thing are named."""


Words = dict[tuple[str, str], str]
"""By kind and slug."""
Places = set[tuple[str, str]]
"""Kinds and slugs of courts, facilities and fundraisers."""


class PlanOutdated(Exception):
    """The facts have changed since the plan was made: make it anew."""


@dataclass(frozen=True, slots=True)
class Plan:
    differences: list[Difference]
    """In the order of `KINDS`; empty: the file changes nothing."""
    writes: dict[str, list[Write]]
    removed: dict[str, dict[str, Gone]]
    """By kind and slug."""
    again: dict[str, dict[str, str]]
    """By kind and slug, the marks of what was removed and is added anew."""
    setting: Setting
    version: int
    """Of the facts that the plan was made for."""
    data: bytes = b""
    """The file itself."""

    @property
    def is_slip(self) -> bool:
        return self.setting.undo is Undo.SLIP


async def read(data: bytes, name: str, progress: Progress) -> Patch:
    """Off the event loop: a large file takes seconds."""
    return await asyncio.to_thread(read_patch, data, name, progress)


async def make(
    session: AsyncSession, patch: Patch, now: datetime, mark: Mark, undo: Undo = Undo.NO
) -> Plan:
    """Raises CampaignFileError with all that is wrong."""
    index = await store.read_index(session)
    links = Links(index.ids)
    anywhere = Translator(Setting(now, ZoneInfo("UTC"), (), {}), links)
    organisations = await store.read_things(session, "organisation", anywhere)
    own = _own_organisation(patch, organisations)
    setting = replace(_setting(patch, own, index, now), undo=undo)
    earlier = _earlier(organisations, own, setting)
    everything = (earlier.languages, earlier.zone) != (setting.languages, setting.zone)
    await _name_what_follows(session, patch, index, everything=everything)
    await _name_what_is_left(session, patch, index, mark)
    readdressed = await _readdressed(session, patch, anywhere, index)
    _name(patch, "hearing", await store.hearings_in(session, _slugs(readdressed, "court")))
    places = {*_slugs(readdressed, "facility"), *_reclassified(patch, index)}
    _name(patch, "defendant", await store.people_at(session, sorted(places)))
    funds = _slugs(readdressed, "fundraiser")
    _name(patch, "donation_route", await store.routes_of(session, funds))
    present = {"organisation": organisations}
    translator = Translator(earlier, links)
    for kind in KINDS:
        if kind != "organisation":
            named = [*patch.things[kind], *patch.removed[kind]]
            slugs = [slug for slug in named if slug in index.ids[kind]]
            present[kind] = await store.read_things(session, kind, translator, slugs)
    words = await _words_of_removed(session, patch, index, setting, mark)
    again = await _what_comes_again(session, patch, index, mark)
    compare = partial(_compare, patch, present, index, setting, readdressed, mark, words, again)
    return await asyncio.to_thread(compare, everything=everything)


def _own_organisation(patch: Patch, present: dict[str, Thing]) -> Thing:
    """The bot's own one, as it shall be: the first one in the database, else in the file."""
    named = patch.things["organisation"]
    courts = [court.says for court in patch.things["court"].values()]
    for slug, organisation in named.items():
        before, says = present.get(slug, {}), organisation.says
        whole = merged(before, says)
        if "languages" not in whole:
            says["languages"] = languages_of(whole)
        if "timezone" not in whole:
            says["timezone"] = zone_of(whole, courts)
    slug = next(iter([*present, *named]), "")
    if not slug:
        if "organisation" not in patch.problems.tree:
            patch.problems.add(What.NO_ORGANISATION, line=0)
        return {}
    for other in named.keys() - {slug}:
        place = (*named[other].path, "slug")
        patch.problems.add(What.OTHER_ORGANISATION, place, value=other, own=slug)
    if patch.as_of:
        named.setdefault(slug, Named("organisation", slug, {"slug": slug}, ()))
        named[slug].says |= patch.as_of
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


def _earlier(organisations: dict[str, Thing], own: Thing, setting: Setting) -> Setting:
    """The facts that are there are read in the zone they were written in: days stay days."""
    if not organisations:
        return setting
    before = organisations[own["slug"]]
    languages = tuple(languages_of(before))
    return replace(setting, zone=ZoneInfo(before["timezone"]), languages=languages)


async def _name_what_follows(
    session: AsyncSession, patch: Patch, index: Index, *, everything: bool
) -> None:
    """Things that change though the file is silent on them.

    The hearings of a court whose zone is corrected: ten o'clock there stays ten o'clock. And
    everything, when another language comes first, or the organisation's zone is corrected.
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


async def _name_what_is_left(session: AsyncSession, patch: Patch, index: Index, mark: Mark) -> None:
    """Whatever still refers to what is removed: is it changed in the same file?

    What was removed before is gone, and that is all the file asks for.
    """
    for kind, removed in patch.removed.items():
        unknown = removed.keys() - index.ids[kind].keys()
        gone = await store.removed_before(session, mark, kind, unknown)
        for slug in [slug for slug in removed if slug not in index.ids[kind]]:
            path = removed.pop(slug)
            if slug not in gone:
                place, among = (*path, "slug"), list(index.ids[kind])
                patch.problems.add(What.UNKNOWN_SLUG, place, value=slug, among=among, of=kind)
    for kind, removed in patch.removed.items():
        ids = [index.ids[kind][slug] for slug in removed]
        for other, slug in await store.referring(session, kind, ids):
            _name(patch, other, [slug])


async def _words_of_removed(
    session: AsyncSession, patch: Patch, index: Index, setting: Setting, mark: Mark
) -> Words:
    """Of what the file adds and was there once: to be removed confirms nothing."""
    found: Words = {}
    for kind in VOUCHED:
        new = patch.things[kind].keys() - index.ids[kind].keys()
        words = await store.words_of_removed(session, mark, kind, new)
        for slug, word in words.items():
            found[kind, slug] = times.written(word, setting.zone)
    return found


async def _what_comes_again(
    session: AsyncSession, patch: Patch, index: Index, mark: Mark
) -> dict[str, dict[str, str]]:
    """Whoever followed it follows it again, and whoever came to it comes."""
    new = {kind: patch.things[kind].keys() - index.ids[kind].keys() for kind in FOLLOWED}
    return {kind: await store.removed_before(session, mark, kind, new[kind]) for kind in FOLLOWED}


async def _readdressed(
    session: AsyncSession, patch: Patch, translator: Translator, index: Index
) -> Places:
    """Courts and facilities whose address changes, fundraisers that are for somebody else."""
    found: Places = set()
    people = {*patch.things["defendant"], *index.ids["defendant"]}
    for kind in ("court", "facility", "fundraiser"):
        named = patch.things[kind]
        present = await store.read_things(session, kind, translator, named)
        for slug, before in present.items():
            says = named[slug].says
            if says.get("for"):
                says = says | {"for": cause(says["for"], people)}
            if is_elsewhere(kind, before, merged(before, says)):
                found.add((kind, slug))
    return found


def _slugs(places: Places, kind: str) -> list[str]:
    return [slug for of_kind, slug in sorted(places) if of_kind == kind]


def _name(patch: Patch, kind: str, slugs: Iterable[str]) -> None:
    """What the file removes changes no more."""
    for slug in (each for each in slugs if each not in patch.removed[kind]):
        patch.things[kind].setdefault(slug, Named(kind, slug, {"slug": slug}, ()))


def _compare(
    patch: Patch,
    present: dict[str, dict[str, Thing]],
    index: Index,
    setting: Setting,
    readdressed: Places,
    mark: Mark,
    words: Words,
    again: dict[str, dict[str, str]],
    *,
    everything: bool,
) -> Plan:
    checker = _checker(patch, index, setting)
    differences: list[Difference] = []
    writes: dict[str, list[Write]] = {}
    removed: dict[str, dict[str, Gone]] = {}
    users: dict[Path, list[str]] = {}
    for kind in KINDS:
        writes[kind] = []
        for named in patch.things[kind].values():
            before = present[kind].pop(named.slug, None)
            word = words.get((kind, named.slug))
            after = _after(checker, named, before, readdressed, word)
            _note_uses(patch, named, after, users)
            difference = _difference(named, before, after, index, setting)
            if difference.added or difference.changes:
                differences.append(difference)
            if difference.added or difference.changes or not named.path or everything:
                writes[kind].append(_write(difference, before or {}, after))
        patch.things[kind] = {}
        for slug in patch.removed[kind]:
            name = name_of(present[kind][slug])
            differences.append(Difference(kind, slug, name, added=False, removed=True))
        removed[kind] = {
            slug: Gone(
                mark(kind, slug), last_word(present[kind][slug], setting), present[kind][slug]
            )
            for slug in patch.removed[kind]
        }
    _tell_uses(patch.problems, users)
    patch.problems.raise_any()
    return Plan(differences, writes, removed, again, setting, index.version)


def _checker(patch: Patch, index: Index, setting: Setting) -> Checker:
    slugs = {kind: {*patch.things[kind], *index.ids[kind]} for kind in KINDS}
    slugs[CAUSE] = slugs["defendant"] | slugs["case"]
    return Checker(
        setting=setting,
        slugs=slugs,
        problems=patch.problems,
        is_first=not index.ids["organisation"],
        earlier_zones=index.court_zones,
        facility_kinds=index.facility_kinds | _facility_kinds(patch),
        earlier_kinds=index.facility_kinds,
        last_day=last_day(setting),
        paths={kind: _paths(patch, kind) for kind in ("court", "facility", "fundraiser")},
    )


def _facility_kinds(patch: Patch) -> dict[str, str]:
    named = patch.things["facility"].items()
    return {slug: each.says["kind"] for slug, each in named if each.says.get("kind")}


def _reclassified(patch: Patch, index: Index) -> list[str]:
    """Facilities of another kind than was thought."""
    said, known = _facility_kinds(patch), index.facility_kinds
    return [slug for slug in said if known.get(slug, said[slug]) != said[slug]]


def _paths(patch: Patch, kind: str) -> dict[str, Path]:
    return {slug: named.path for slug, named in patch.things[kind].items()}


def _after(
    checker: Checker, named: Named, before: Thing | None, readdressed: Places, word: str | None
) -> Thing:
    """`word`: the last one for what was removed and comes again."""
    gone = {} if word is None else {WITHDRAWN: word}
    says = checker.resolved(named, before or gone)
    whole = says
    if says.get("custody"):
        whole = says | {"custody": kept((before or {}).get("custody", []), says["custody"])}
    after = KINDS[named.kind].defaults | merged(before or {}, whole)
    if before is not None:
        _withdraw(checker, named, says, before, after, readdressed)
    elif gone:
        _unconfirm(checker, named, says, gone, after, there=False)
    if named.kind == "defendant":
        checker.check_place(named, before or {}, after)
    if named.kind == "hearing" and not named.spoilt:
        checker.check_hearing(named, before or {}, after)
    if named.kind == "event" and not named.spoilt:
        checker.check_series(named, says, after)
    checker.check(named, after)
    return after


def _withdraw(
    checker: Checker,
    named: Named,
    says: Thing,
    before: Thing,
    after: Thing,
    readdressed: Places,
) -> None:
    """What changes is confirmed by a new word, or by none."""
    for key, changed, stays in left_behind(named.kind, before, after):
        path = (*named.path, key, changed)
        checker.problems.add(What.LEFT_BEHIND, path, changed=changed, stays=stays)
    if named.kind == "court" and checker.setting.undo is Undo.NO:
        drop_location(says, before, after)
    if named.kind == "hearing" and checker.setting.undo is Undo.NO:
        drop_outcome(says, before, after)
    there = _is_readdressed(checker, named.kind, before, after, readdressed)
    if named.kind == "defendant":
        before = checker.as_called_now(before, after)
    _unconfirm(checker, named, says, before, after, there=there)
    _tell_unchecked(checker, named, before, after)


def _unconfirm(
    checker: Checker, named: Named, says: Thing, before: Thing, after: Thing, *, there: bool
) -> None:
    if checker.setting.undo is Undo.SLIP and named.kind != "donation_route":
        return
    for path in unconfirm(named.kind, says, before, after, checker.setting, is_elsewhere=there):
        is_route = named.kind == "donation_route"
        what = What.CHECK_AGAIN if is_route else What.OLD_WORD
        checker.problems.add(what, (*named.path, *path))


def _tell_unchecked(checker: Checker, named: Named, before: Thing, after: Thing) -> None:
    """A route without a check is none: why one is wanted is to be said."""
    if (
        named.kind != "donation_route"
        or "checked_at" in after
        or "checked_at" in named.says | dict.fromkeys(named.spoilt)
    ):
        return
    after["checked_at"] = before["checked_at"]
    if named.path:
        checker.problems.add(What.CHECK_AGAIN, (*named.path, "checked_at"))
    else:
        path = checker.paths["fundraiser"][after["fundraiser"]]
        checker.problems.add(What.CHECK_ROUTE, (*path, "for"), value=named.slug)


def _is_readdressed(
    checker: Checker, kind: str, before: Thing, after: Thing, readdressed: Places
) -> bool:
    """Who went to a hearing that has been went to the old address, rightly."""
    if kind == "hearing":
        is_there = ("court", after.get("court", "")) in readdressed
        return is_there and (checker.was_coming(before) or checker.is_coming(after))
    if kind == "donation_route":
        return ("fundraiser", after.get("fundraiser", "")) in readdressed
    stays = after.get("custody", []) if kind == "defendant" else []
    return any(("facility", stay["facility"]) in readdressed for stay in stays[-1:])


def _note_uses(patch: Patch, named: Named, after: Thing, users: dict[Path, list[str]]) -> None:
    for kind, slug in uses(named.kind, after):
        if slug in patch.removed[kind]:
            users.setdefault(patch.removed[kind][slug], []).append(named.slug)


def _tell_uses(problems: Problems, users: dict[Path, list[str]]) -> None:
    """What others refer to has to stay."""
    for path, slugs in users.items():
        problems.add(What.IN_USE, (*path, "slug"), by=slugs[:FEW], more=len(slugs) - FEW)


def _difference(
    named: Named, before: Thing | None, after: Thing, index: Index, setting: Setting
) -> Difference:
    found = _facts_of_new(named.kind, after, setting)
    if before is not None:
        found = list(changes(shown(before), shown(after)))
    if before is not None and named.kind == "hearing":
        old, new = (
            index.court_zones[before["court"]],
            setting.court_zones.get(after.get("court", "")),
        )
        if new is not None and old != new.key:
            found.append(Change("timezone", old, new.key))
    return Difference(named.kind, named.slug, name_of(after), before is None, tuple(found))


def _facts_of_new(kind: str, after: Thing, setting: Setting) -> list[Change]:
    """When and where a hearing is to be seen: a mistyped year or zone is noticed there.

    So is when something takes place again and again.
    """
    if kind == "event" and "repeats" in after:
        keys = ("starts_at", "timezone", "repeats")
        return [Change(key, None, after.get(key)) for key in keys]
    if kind != "hearing" or after.get("court") not in setting.court_zones:
        return []
    facts = {"starts_at": after.get("starts_at"), "court": after["court"]}
    facts["timezone"] = setting.court_zones[after["court"]].key
    return [Change(key, None, fact) for key, fact in facts.items()]


def _write(difference: Difference, before: Thing, after: Thing) -> Write:
    changed = frozenset(change.key.split(".")[0] for change in difference.changes)
    there = {key: before[key] for key in before if key in changed}
    return Write(difference.kind, difference.slug, after, difference.added, changed, there)


async def save(session: AsyncSession, plan: Plan, author: Author, progress: Progress) -> None:
    if not any(plan.writes.values()) and not any(plan.removed.values()):
        return
    if not await saving.take_version(session, plan.version):
        raise PlanOutdated
    index = await store.read_index(session)
    cities = await follows.cities(session)
    await saving.save(session, plan.writes, index, plan.setting, progress)
    await recording.record(session, plan.writes, plan.removed, author, plan.setting, index)
    await saving.name_heirs(session, plan.again, index)
    await saving.remove(session, plan.removed, index)
    await follows.keep_cities(session, cities)
