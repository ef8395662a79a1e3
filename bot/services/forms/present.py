"""What is there: lists of things, one thing with what it refers to, what may be chosen."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import campaign
from bot.services.campaign_file import exporting
from bot.services.campaign_file.schema import KINDS, Thing
from bot.services.campaign_file.setting import languages_of
from bot.services.campaign_file.store import TABLES, batches
from bot.services.campaign_file.values import FULL
from bot.services.campaign_file.values import languages as language_codes
from bot.services.errors import NotFound
from bot.services.facts import Facts
from bot.services.forms.fields import FORMS, NEW_ITEM, SAID, Field, Form, How
from bot.services.names import NameIndex
from bot.services.pages import Page, count, page_of
from bot.services.search import Search
from models import (
    Base,
    Case,
    Court,
    Defendant,
    DonationRoute,
    Event,
    Facility,
    Fundraiser,
    LetterGoal,
    Organisation,
)

PAGE = 8
FOUND = 20
"""So many are shown of what was looked for."""
MODELS: dict[str, type[Base]] = {
    "organisation": Organisation,
    "court": Court,
    "facility": Facility,
    "case": Case,
    "defendant": Defendant,
    "event": Event,
    "letter_goal": LetterGoal,
    "fundraiser": Fundraiser,
    "donation_route": DonationRoute,
}
NAMES = dict.fromkeys(MODELS, "title") | dict.fromkeys(
    ("organisation", "court", "facility", "defendant"), "name"
)
NAMES["donation_route"] = "method"
"""The column that says what such a thing is called."""
KIND_OF = {model: kind for kind, model in MODELS.items()}


@dataclass(frozen=True, slots=True)
class Listed:
    id: int
    name: Mapping[str, str]
    row: Any


@dataclass(frozen=True, slots=True)
class Known:
    """A thing that is there; with the number 0 one that is being entered, as far as it is."""

    form: Form
    id: int
    slug: str
    facts: Thing
    languages: tuple[str, ...]
    """The campaign's."""
    zone: ZoneInfo
    """The campaign's."""
    names: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    """Of what it refers to, by kind and slug."""
    adding: Thing = field(default_factory=dict)
    """An item that is being added to a list of it."""

    @property
    def is_new(self) -> bool:
        return self.id == 0

    def has(self, key: str) -> bool:
        return at(self.facts, key) not in (None, "", [], {})

    def items(self, of: Field) -> list[Any]:
        return list(at(self.facts, of.key) or ())

    def value(self, of: Field, item: int = 0) -> Any:
        """As the file has it; nothing: None."""
        if not of.within:
            return at(self.facts, of.key)
        whole = self.item(of, item)
        return said_in(whole) if of.key == SAID else whole.get(of.key)

    def item(self, of: Field, item: int) -> Any:
        """Raises NotFound: the list is shorter by now."""
        if item == NEW_ITEM:
            return self.adding
        items = self.items(self.list_of(of))
        if not 1 <= item <= len(items):
            raise NotFound
        return items[item - 1]

    def list_of(self, of: Field) -> Field:
        return self.form.known[of.within] if of.within else of


def at(thing: Any, key: str) -> Any:
    for part in key.split("."):
        thing = thing.get(part) if isinstance(thing, Mapping) else None
    return thing


def said_in(item: Any) -> Any:
    """The texts that stand beside an item's own keys, or are all of it."""
    if not isinstance(item, Mapping):
        return item
    return {key: item[key] for key in item if key in language_codes()} or None


def zone_of(known: Known) -> str:
    """By whose clock its hours are."""
    return str(known.facts.get("timezone") or known.zone.key)


async def page_with(session: AsyncSession, form: Form, number: int) -> int:
    """Of the list of all of them."""
    query = listing(form, 0).with_only_columns(TABLES[form.kind].c.id)
    return list(await session.scalars(query)).index(number) // PAGE


async def owner_of(session: AsyncSession, known: Known) -> int:
    """The number of what it belongs to; 0: it stands for itself."""
    if not known.form.of:
        return 0
    kind = known.form.known[known.form.of].kinds[0]
    return await number_of(session, kind, known.facts[known.form.of])


def form_of(code: str) -> Form:
    """Raises NotFound."""
    if code not in FORMS:
        raise NotFound
    return FORMS[code]


def field_of(form: Form, name: str) -> Field:
    """Raises NotFound."""
    if (found := form.find(name)) is None:
        raise NotFound
    return found


async def known(session: AsyncSession, form: Form, number: int) -> Known:
    """Raises NotFound."""
    slug = await slug_of(session, form.kind, number)
    found = await exporting.read_some(session, [(form.kind, slug)])
    if (form.kind, slug) not in found:
        raise NotFound
    return await with_names(session, form, number, slug, found[form.kind, slug])


async def draft(session: AsyncSession, form: Form, facts: Thing) -> Known:
    return await with_names(session, form, 0, "", facts)


async def with_names(
    session: AsyncSession, form: Form, number: int, slug: str, facts: Thing
) -> Known:
    own = await campaign.organisation(session)
    languages = tuple(languages_of({"languages": own.languages} if own else {}))
    zone = ZoneInfo(own.timezone if own else "UTC")
    names = await names_of(session, set(references(form, facts)))
    return Known(form, number, slug, facts, languages, zone, names)


async def slug_of(session: AsyncSession, kind: str, number: int) -> str:
    """Raises NotFound."""
    table = TABLES[kind]
    slug: str | None = await session.scalar(select(table.c.slug).where(table.c.id == number))
    if slug is None:
        raise NotFound
    return slug


async def number_of(session: AsyncSession, kind: str, slug: str) -> int:
    """Raises NotFound."""
    table = TABLES[kind]
    number: int | None = await session.scalar(select(table.c.id).where(table.c.slug == slug))
    if number is None:
        raise NotFound
    return number


def references(form: Form, facts: Thing) -> Iterator[tuple[str, str]]:
    """Kinds and slugs of the things that it names; of where somebody is held, too."""
    for each in form.fields:
        if each.kinds:
            yield from meant(each, at(facts, each.key))
        for part in each.parts:
            if part.kinds:
                for item in at(facts, each.key) or ():
                    yield from meant(part, item.get(part.key))
    yield from (("facility", stay["facility"]) for stay in facts.get("custody", ()))


def meant(of: Field, value: Any) -> Iterator[tuple[str, str]]:
    """What a field refers to: "ivan", "case:port", ["ivan"]."""
    for one in value if isinstance(value, list) else [value]:
        if one:
            kind, _, slug = one.rpartition(":")
            yield kind or of.kinds[0], slug


async def names_of(
    session: AsyncSession, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    by_kind: dict[str, list[str]] = {}
    for kind, slug in wanted:
        by_kind.setdefault(kind, []).append(slug)
    for kind, slugs in by_kind.items():
        table = TABLES[kind]
        for some in batches(slugs):
            query = select(table.c.slug, table.c[NAMES[kind]]).where(table.c.slug.in_(some))
            found |= {(kind, slug): shown(name) for slug, name in await session.execute(query)}
    return found


def shown(name: Mapping[str, str]) -> dict[str, str]:
    """Without the full ones of documents."""
    short = {key: text for key, text in name.items() if not key.endswith(FULL)}
    return short or dict(name)


# Lists.


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many of each, by the form's code."""
    return {code: await count(session, MODELS[form.kind]) for code, form in FORMS.items()}


async def things(session: AsyncSession, form: Form, of: int, page: int) -> Page[Listed]:
    found = await page_of(session, listing(form, of), page, PAGE)
    return Page([listed(row) for row in found.items], found.number, found.total, found.size)


def listing(form: Form, of: int) -> Select[Any]:
    model, table = MODELS[form.kind], TABLES[form.kind]
    query: Select[Any] = select(model)
    if form.of and of:
        query = query.where(table.c[f"{form.of}_id"] == of)
    return query.order_by(*order_of(form, table))


def order_of(form: Form, table: Table) -> list[Any]:
    """Events that come last stand first; people as in their case."""
    if form.kind == "event":
        return [table.c.starts_at.desc(), table.c.id]
    if form.kind == "defendant":
        return [table.c.case_id, table.c.position, table.c.id]
    return [table.c.id]


def listed(row: Any) -> Listed:
    return Listed(row.id, shown(getattr(row, NAMES[KIND_OF[type(row)]])), row)


async def looked_for(
    session: AsyncSession, facts: Facts, search: Search, form: Form, text: str
) -> list[Listed]:
    """People and cases as supporters find them; anything else by a part of its words."""
    if form.kind in ("case", "defendant"):
        hits = (await search.find(facts, text)).things
        return [listed(one) for one in hits if isinstance(one, MODELS[form.kind])]
    rows = await session.scalars(listing(form, 0))
    return [listed(row) for row in rows if holds(row, text)][:FOUND]


def holds(row: Any, text: str) -> bool:
    """In any of its words, in any language."""
    wanted = " ".join(text.casefold().split())
    values = [getattr(row, column, None) for column in READ]
    texts = [each for one in values for each in (one.values() if isinstance(one, dict) else [one])]
    return any(wanted in each.casefold() for each in texts if each)


READ = ("name", "title", "method", "city", "region", "number", "slug")
"""Columns in which a thing is looked for."""


# What may be chosen.


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    """That a button carries."""
    said: str
    """As the file has it."""
    name: Any = None
    """What it is called; nothing: a word of the file."""


async def options(session: AsyncSession, known: Known, of: Field) -> list[Option]:
    if of.how in (How.ONE, How.SEVERAL):
        return [one for kind in of.kinds for one in await of_kind(session, known, of, kind)]
    words = of.words
    if of.how == How.ZONE:
        words = await zones(session)
    elif of.how == How.COUNTRY:
        words = await countries(session)
    elif of.how == How.LANGUAGES:
        words = (*known.languages, *(known.value(of) or ()), *USUAL)
    return [Option(word, word) for word in dict.fromkeys(words)]


USUAL = ("ru", "en", "uk", "be", "kk", "tt", "ka", "de")
"""Languages that are offered to be written in."""


async def of_kind(session: AsyncSession, known: Known, of: Field, kind: str) -> list[Option]:
    """People of the case alone, where an entry of its timeline is about somebody."""
    table = TABLES[kind]
    query = select(table.c.id, table.c.slug, table.c[NAMES[kind]]).order_by(table.c.id)
    if known.form.kind == "case" and kind == "defendant":
        query = query.where(table.c.case_id == known.id)
    long = len(of.kinds) > 1
    return [
        Option(f"{kind[0]}{number}", f"{kind}:{slug}" if long else slug, shown(name))
        for number, slug, name in await session.execute(query)
    ]


async def zones(session: AsyncSession) -> tuple[str, ...]:
    """Those of the campaign; buttons have room for names of two parts."""
    tables = (Organisation.timezone, Court.timezone, Facility.timezone, Event.timezone)
    found = [zone for each in tables for zone in await session.scalars(select(each).distinct())]
    return tuple(dict.fromkeys(zone for zone in found if zone and len(zone) <= LONGEST_VALUE))


LONGEST_VALUE = 24


async def countries(session: AsyncSession) -> tuple[str, ...]:
    used = await session.scalars(select(Facility.country).distinct().order_by(Facility.country))
    return tuple(dict.fromkeys([*used, "RU"]))


def matching(found: Sequence[Option], text: str) -> list[Option]:
    """By a part of a word, else as names are typed, with mistakes."""
    wanted = " ".join(text.casefold().split())
    held = [one for one in found if any(wanted in each.casefold() for each in texts_of(one))]
    if held:
        return held[:FOUND]
    index, by_value = NameIndex[str](), {one.value: one for one in found}
    for one in found:
        index.put(one.value, texts_of(one))
    return [by_value[hit.key] for hit in index.find(text, FOUND)]


def texts_of(one: Option) -> list[str]:
    return [one.said, *(one.name.values() if isinstance(one.name, Mapping) else ())]


async def belongs(session: AsyncSession, form: Form, of: int) -> Thing:
    """What a new one has at first: the case or the fundraiser from which it is added."""
    if not form.of or not of:
        return {}
    kind = form.known[form.of].kinds[0]
    return {form.of: await slug_of(session, kind, of)}


def is_required(form: Form, of: Field) -> bool:
    """Without it there can be no such thing, or no such item."""
    if of.within or of.name == form.of:
        return not of.may_be_empty
    return of.root in KINDS[form.kind].required
