"""The database -> one campaign file."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from bot.services.campaign_file import store
from bot.services.campaign_file.merge import shown
from bot.services.campaign_file.rows import Links, Translator
from bot.services.campaign_file.schema import KINDS, Order, Thing, order
from bot.services.campaign_file.setting import Setting, languages_of, ordered

FORMAT = 1
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # nothing that is stored is relative


async def read_all(session: AsyncSession) -> tuple[dict[str, dict[str, Thing]], Setting]:
    """Every thing by kind and slug, in the order of the file."""
    translator = await _translator(session)
    things = {kind: await store.read_things(session, kind, translator) for kind in KINDS}
    return things, translator.setting


async def read_some(
    session: AsyncSession, which: Collection[tuple[str, str]]
) -> dict[tuple[str, str], Thing]:
    """Of these kinds and slugs those that there are, as the file would have them."""
    translator, found = await _translator(session), dict[tuple[str, str], Thing]()
    for kind in dict.fromkeys(kind for kind, _slug in which):
        slugs = [slug for of, slug in which if of == kind]
        things = await store.read_things(session, kind, translator, slugs)
        found |= {(kind, slug): shown(thing) for slug, thing in things.items()}
    return found


async def _translator(session: AsyncSession) -> Translator:
    links = Links((await store.read_index(session)).ids)
    anywhere = Setting(_NO_TIME, ZoneInfo("UTC"), (), {})
    organisations = await store.read_things(session, "organisation", Translator(anywhere, links))
    own = next(iter(organisations.values()), {})
    zone = ZoneInfo(own.get("timezone", "UTC"))
    return Translator(Setting(_NO_TIME, zone, tuple(languages_of(own)), {}), links)


def document(things: dict[str, dict[str, Thing]], setting: Setting) -> Thing:
    """The top of the file. Moments are local, slugs stand for things, nothing is empty."""
    tidy = {
        kind: [_in_order(shown(thing), order(kind), setting.languages) for thing in some.values()]
        for kind, some in things.items()
    }
    organisations = tidy.pop("organisation")
    top: Thing = {"format": FORMAT}
    if organisations and "as_of" in organisations[0]:
        top["as_of"] = organisations[0].pop("as_of")
    if organisations:
        top["organisation"] = organisations[0]  # the bot speaks for one
    tidy["case"] = _cases(tidy["case"], tidy.pop("defendant"))
    for event in tidy["event"]:
        if event["place_shown"].isdigit():
            event["place_shown"] = int(event["place_shown"])
    for fundraiser in tidy["fundraiser"]:
        if "for" in fundraiser:
            fundraiser["for"] = _cause(fundraiser["for"], things["defendant"])
    return top | {KINDS[kind].section: some for kind, some in tidy.items() if some}


def _cases(cases: list[Thing], defendants: list[Thing]) -> list[Thing]:
    people: dict[str, list[Thing]] = {}
    for defendant in defendants:
        people.setdefault(defendant.pop("case"), []).append(defendant)
    return [_with_people(case, people.get(case["slug"], [])) for case in cases]


def _with_people(case: Thing, people: list[Thing]) -> Thing:
    """A long timeline comes last."""
    own = {key: case[key] for key in case if key != "timeline"}
    last = {key: case[key] for key in case if key == "timeline"}
    return own | ({"defendants": people} if people else {}) | last


def _cause(cause: str, defendants: dict[str, Thing]) -> str:
    """A bare slug means a person; a case needs saying only where a person has its slug."""
    kind, _, slug = cause.partition(":")
    return cause if kind == "case" and slug in defendants else slug


def _in_order(value: Any, keys: Order, languages: tuple[str, ...]) -> Any:
    """The schema's keys in its order, then languages in the organisation's."""
    if isinstance(value, list):
        return [_in_order(item, keys, languages) for item in value]
    if not isinstance(value, dict):
        return value
    own = {key: _in_order(value[key], keys[key], languages) for key in keys if key in value}
    rest = {key: value[key] for key in value if key not in keys}
    return own | ordered(rest, languages)
