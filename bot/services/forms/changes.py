"""What an answer changes, as a campaign file of a few lines: no rule is written twice."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from anyascii import anyascii
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import Vault
from bot.services.campaign_file import CampaignFileError, Difference, Plan, What, plan_things, store
from bot.services.campaign_file.merge import merged
from bot.services.campaign_file.schema import KINDS, Thing
from bot.services.campaign_file.values import FULL, SLUG_LENGTH
from bot.services.campaign_file.values import languages as language_codes
from bot.services.forms.fields import NEW_ITEM, SAID, Field, How
from bot.services.forms.present import Known

NOW = "now"
"""As the moment of a check: whoever saves it says so then."""
UNFINISHED = (
    What.MISSING,
    What.NO_LANGUAGE,
    What.NO_WAY_TO_PAY,
    What.CURRENCY_MISSING,
    What.BIK_MISSING,
    What.CHECK_AGAIN,
)
"""What is no mistake of an answer while others are still to come."""
UNCHECKED = (What.CHECK_AGAIN, What.CHECK_ROUTE)


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    slug: str
    says: Thing
    case: str = ""
    """Of a person."""
    checks: tuple[str, ...] = ()
    """Ways to pay that whoever saves it has checked."""

    def packed(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_removal(self) -> bool:
        return "remove" in self.says


def unpacked(kept: Mapping[str, Any]) -> Change:
    return Change(**{**kept, "checks": tuple(kept["checks"])})


def change_of(known: Known, says: Thing) -> Change:
    return Change(known.form.kind, known.slug, says, known.facts.get("case", ""))


def removal(known: Known) -> Change:
    return change_of(known, {"remove": True})


# From an answer to what the file says.


def patch(known: Known, of: Field, item: int, value: Any) -> Thing:
    """Of the thing; a list is written whole."""
    if not of.within:
        texts = every_language(known, known.value(of), value) if of.how == How.TEXTS else value
        return nested(cleared_whole(of, value) or of.key, texts)
    whole = with_part(known, of, item, value)
    whole_list = known.list_of(of)
    if item == NEW_ITEM:
        return nested(whole_list.key, in_order(whole_list, known.items(whole_list), whole))
    items = known.items(whole_list)
    items[item - 1] = whole
    return nested(whole_list.key, items)


def with_patch(facts: Thing, says: Thing) -> Thing:
    return merged(facts, says)


def cleared_whole(of: Field, value: Any) -> str | None:
    """Without its rhythm nothing repeats, whatever else was said of that."""
    return "repeats" if of.key == "repeats.every" and value is None else None


def nested(key: str, value: Any) -> Thing:
    for part in reversed(key.split(".")):
        value = {part: value}
    found: Thing = value
    return found


def every_language(known: Known, present: Any, value: Any) -> Any:
    """Who writes in one language what stood for all of them leaves it to the others."""
    if isinstance(present, str) and isinstance(value, Mapping):
        return dict.fromkeys(known.languages, present) | dict(value)
    return value


def with_part(known: Known, of: Field, item: int, value: Any) -> Any:
    whole = known.item(of, item)
    own = dict(whole) if isinstance(whole, Mapping) else {}
    said = value
    if of.how == How.TEXTS:
        said = every_language(known, known.value(of, item), value)
    if of.key != SAID:
        return merged(own, {of.key: said})
    return merged(own, said or dict.fromkeys(own.keys() & language_codes()))


def in_order(of: Field, items: Sequence[Any], new: Any) -> list[Any]:
    """An entry of a timeline stands where its day belongs; anything else comes last."""
    day = new.get("date", "") if of.key == "timeline" else ""
    later = (place for place, one in enumerate(items) if day and one.get("date", "") > day)
    place = next(later, len(items))
    return [*items[:place], new, *items[place:]]


def without_item(known: Known, of: Field, item: int) -> Thing:
    known.item(of, item)  # raises NotFound
    items = known.items(of)
    del items[item - 1]
    return nested(of.key, items or None)


# From that to a plan.


def as_file(change: Change, now: datetime) -> Thing:
    at = f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
    says = {key: at if value == NOW else value for key, value in change.says.items()}
    checked = {slug: {"slug": slug, "checked_at": at} for slug in change.checks}
    own = checked.pop(change.slug, {}) if change.kind == "donation_route" else {}
    top = placed(change, {"slug": change.slug} | own | says)
    if checked:
        top["donation_routes"] = [*checked.values()]
    return top


def placed(change: Change, thing: Thing) -> Thing:
    """Where the file has such things."""
    if change.kind == "organisation":
        return {"organisation": thing}
    if change.kind == "defendant":
        case = thing.pop("case", change.case)
        return {"cases": [{"slug": case, "defendants": [thing]}]}
    return {KINDS[change.kind].section: [thing]}


async def plan(session: AsyncSession, vault: Vault, change: Change, now: datetime) -> Plan:
    """Raises CampaignFileError."""
    return await plan_things(session, as_file(change, now), "forms", now, vault.mark_of)


async def planned(
    session: AsyncSession, vault: Vault, change: Change, now: datetime
) -> tuple[Change, Plan]:
    """Where a way to pay is to be checked anew, whoever saves it says that they did. Raises
    CampaignFileError."""
    try:
        return change, await plan(session, vault, change, now)
    except CampaignFileError as error:
        if any(each.what not in UNCHECKED for each in error.problems):
            raise
        routes = [each.found or change.slug for each in error.problems]
    change = replace(change, checks=tuple(dict.fromkeys(routes)))
    return change, await plan(session, vault, change, now)


async def look(session: AsyncSession, vault: Vault, change: Change, now: datetime) -> None:
    """Whether what is there so far can stay. Raises CampaignFileError."""
    try:
        await plan(session, vault, change, now)
    except CampaignFileError as error:
        wrong = [each for each in error.problems if each.what not in UNFINISHED]
        if wrong:
            raise CampaignFileError(wrong, error.more) from error


def left_behind(error: CampaignFileError) -> str | None:
    """The language that would still tell of the old place, if that is all that is wrong."""
    if any(each.what is not What.LEFT_BEHIND for each in error.problems):
        return None
    return str(error.problems[0].facts["stays"])


def outline(change: Change, differences: Sequence[Difference]) -> list[Any]:
    """What a proposal says, but for the moment of a check."""
    told = [
        [one.kind, one.slug, one.added, one.removed, [[c.key, c.before, c.after] for c in some]]
        for one in differences
        if (some := [c for c in one.changes if c.key != "checked_at"]) or not one.changes
    ]
    slug = "" if any(one.added for one in differences) else change.slug
    return [change.kind, slug, [each for each in told if not each[2]], change.says, *change.checks]


# What a new one is called.


async def named(session: AsyncSession, vault: Vault, change: Change) -> Change:
    """With a slug that nothing has, and nothing that is gone had: what comes under the same one is
    taken for the same thing, with all who came to it."""
    index = await store.read_index(session)
    for slug in slugs(stem_of(change)):
        if slug in index.ids[change.kind]:
            continue
        if not await store.removed_before(session, vault.mark_of, change.kind, [slug]):
            return replace(change, slug=slug)
    raise AssertionError("numbers do not end")


def slugs(stem: str) -> Iterator[str]:
    yield stem
    number = 1
    while number := number + 1:
        yield f"{stem}-{number}"


def stem_of(change: Change) -> str:
    says = change.says
    name = said_first(says.get("name") or says.get("title"))
    day = str(says.get("starts_at", ""))[:10] if change.kind == "event" else ""
    if change.kind == "donation_route":
        name = f"{says.get('fundraiser', '')} {says.get('pay_from', '')}"
    stem = slugged(name)[: SLUG_LENGTH - len("-2026-12-01-99")].strip("-")
    return "-".join(part for part in (stem, slugged(day)) if part) or change.kind.replace("_", "-")


def slugged(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", anyascii(text).casefold()).strip("-")


def said_first(texts: Any) -> str:
    """In English if it is there, for addresses are read in Latin letters."""
    if not isinstance(texts, Mapping):
        return str(texts or "")
    plain = {key: text for key, text in texts.items() if not key.endswith(FULL)} or dict(texts)
    return str(plain.get("en") or next(iter(plain.values()), ""))
