"""What each kind of thing is made of, and how each part of it is asked for: the shapes of the
campaign file (`campaign_file.schema`), as somebody with a telephone fills them in.

Hearings have a room of their own, and so has where somebody is held; a test looks that nothing
else of the shapes is missing here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.services.recurrence import EVERY
from models import (
    DetailKind,
    EventKind,
    EventStatus,
    FacilityKind,
    FundraiserStatus,
    HearingKind,
    PayFrom,
    Purpose,
    Stage,
)

NEW_ITEM = 999
"""The number of an item that is being added to a list; others are counted from 1."""
SAID = "*"
"""The key of texts that stand beside an item's own keys, or are all of it."""


class How(StrEnum):
    """A field is filled in."""

    TEXTS = "texts"
    """A text in each language."""
    TEXT = "text"
    LINES = "lines"
    WORD = "word"
    """One of the words of the file."""
    FLAG = "flag"
    ONE = "one"
    """Another thing."""
    SEVERAL = "several"
    """Other things."""
    LANGUAGES = "languages"
    COUNTRY = "country"
    ZONE = "zone"
    DAY = "day"
    DAYS = "days"
    PARTIAL = "partial"
    """A day, a month or a year."""
    BIRTHDAY = "birthday"
    START = "start"
    CHECKED = "checked"
    """By whoever says so, now."""
    WHOLE = "whole"
    NUMBER = "number"
    MONEY = "money"
    LOCATION = "location"
    LINK = "link"
    ITEMS = "items"


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    """Short, and known only once in its form: buttons carry it."""
    key: str
    """As the file has it, "letters.rules"; of a part of an item: in the item."""
    how: How
    words: tuple[str, ...] = ()
    """Those of the file that may be chosen, or that are offered."""
    kinds: tuple[str, ...] = ()
    """Of the things that may be chosen."""
    parts: tuple["Field", ...] = ()
    """Of an item; what is needed comes first."""
    needs: str = ""
    """The key without which this says nothing."""
    may_be_empty: bool = True
    within: str = ""
    """The name of the list that this is a part of."""
    asked: tuple[str, ...] = ()
    """Of a new item, in this order."""
    unless: str = ""
    """A new thing that has this key is not asked for it."""

    @property
    def root(self) -> str:
        return self.key.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Form:
    code: str
    kind: str
    fields: tuple[Field, ...]
    asked: tuple[str, ...] = ()
    """Of a new one, in this order; what may be empty may be passed over."""
    of: str = ""
    """The field that says what it belongs to, and with which it is listed."""
    known: dict[str, Field] = field(default_factory=dict, compare=False)

    def find(self, name: str) -> Field | None:
        return self.known.get(name)


def one(
    name: str,
    how: How,
    key: str = "",
    *,
    needed: bool = False,
    words: Iterable[str] = (),
    kinds: tuple[str, ...] = (),
    needs: str = "",
) -> Field:
    said = tuple(str(word) for word in words)
    return Field(name, key or name, how, said, kinds, needs=needs, may_be_empty=not needed)


def listed(name: str, *parts: Field, key: str = "", asked: str = "", unless: str = "") -> Field:
    own = tuple(replace(each, within=name) for each in parts)
    order = tuple(asked.split()) or tuple(each.name for each in parts)
    return Field(name, key or name, How.ITEMS, parts=own, asked=order, unless=unless)


def form(code: str, kind: str, *fields: Field, asked: str = "", of: str = "") -> Form:
    made = Form(code, kind, fields, tuple(asked.split()), of)
    for each in with_parts(fields):
        assert each.name not in made.known, f"{code}: {each.name} stands twice"
        made.known[each.name] = each
    return made


def with_parts(fields: Iterable[Field]) -> Iterator[Field]:
    for each in fields:
        yield each
        yield from each.parts


ORGANISATION = form(
    "org",
    "organisation",
    one("name", How.TEXTS, needed=True),
    one("short", How.TEXTS),
    one("about", How.TEXTS),
    one("languages", How.LANGUAGES, needed=True),
    one("timezone", How.ZONE, needed=True),
    one("contact", How.TEXT),
    listed("helps", one("help", How.TEXTS, SAID, needed=True), key="help_it_gives"),
    one("raised", How.MONEY, "raised_in_a_year"),
    one("raised_about", How.FLAG, "raised_in_a_year.about", needs="raised_in_a_year"),
    one("as_of", How.DAY),
)
COURT = form(
    "court",
    "court",
    one("name", How.TEXTS, needed=True),
    one("city", How.TEXTS, needed=True),
    one("timezone", How.ZONE, needed=True),
    one("address", How.TEXTS),
    one("location", How.LOCATION),
    asked="name city timezone address",
)
FACILITY = form(
    "place",
    "facility",
    one("name", How.TEXTS, needed=True),
    one("country", How.COUNTRY, needed=True),
    one("kind", How.WORD, needed=True, words=FacilityKind),
    one("region", How.TEXTS),
    one("number", How.TEXT),
    one("postal_code", How.TEXT),
    one("address", How.TEXTS),
    one("timezone", How.ZONE),
    one("languages", How.LANGUAGES, "letters.languages"),
    one("rules", How.TEXTS, "letters.rules"),
    one("days", How.WHOLE, "letters.days"),
    one("confirm", How.WHOLE, "letters.confirm_every"),
    listed(
        "services",
        one("service_name", How.TEXT, "name", needed=True),
        one("service_url", How.LINK, "url", needed=True),
        key="letters.services",
    ),
    asked="kind name country postal_code address",
)
CASE = form(
    "case",
    "case",
    one("title", How.TEXTS, needed=True),
    one("also", How.TEXTS),
    one("summary", How.TEXTS),
    one("stage", How.WORD, needed=True, words=Stage),
    listed(
        "articles",
        one("article", How.TEXT, needed=True),
        one("part", How.TEXT),
        one("code", How.TEXT, needed=True, words=("UK RF", "UPK RF", "KoAP RF")),
        one("meaning", How.TEXTS, SAID),
        one("since", How.PARTIAL),
        asked="article part code meaning",
    ),
    one("people", How.WHOLE, "people_in_case"),
    one("volumes", How.WHOLE),
    listed(
        "timeline",
        one("when", How.PARTIAL, "date"),
        one(
            "event",
            How.WORD,
            "kind",
            needed=True,
            words=(
                *("arrest", "charge", "hearing", "hearing_expected", "verdict", "appeal"),
                *("letter", "note"),
            ),
        ),
        one("happened", How.TEXTS, SAID, needed=True),
        one("hearing_kind", How.WORD, words=HearingKind),
        one("court", How.ONE, kinds=("court",)),
        one("who", How.ONE, kinds=("defendant",)),
        one("judge", How.TEXTS),
        asked="when event happened",
    ),
    asked="title summary stage",
)
DEFENDANT = form(
    "who",
    "defendant",
    one("name", How.TEXTS, needed=True),
    one("case", How.ONE, needed=True, kinds=("case",)),
    one("aliases", How.LINES),
    one("who", How.TEXTS),
    one("birth_year", How.WHOLE),
    one("birthday", How.BIRTHDAY),
    one("languages", How.LANGUAGES),
    one("years", How.NUMBER, "sentence.years"),
    one("regime", How.TEXTS, "sentence.regime"),
    one("since", How.PARTIAL, "sentence.since"),
    one("lawyer", How.TEXTS),
    listed("campaigns", one("campaign", How.TEXTS, SAID, needed=True)),
    one("write_about", How.TEXTS),
    asked="case name who birth_year",
    of="case",
)
EVENT = form(
    "event",
    "event",
    one("title", How.TEXTS, needed=True),
    one("kind", How.WORD, needed=True, words=EventKind),
    one("starts_at", How.START, needed=True),
    one("timezone", How.ZONE, needed=True),
    one("minutes", How.WHOLE, words=("60", "90", "120", "180")),
    one("status", How.WORD, needed=True, words=EventStatus),
    one("every", How.WORD, "repeats.every", words=EVERY),
    one("until", How.DAY, "repeats.until", needs="repeats.every"),
    one("except", How.DAYS, "repeats.except", needs="repeats.every"),
    one("city", How.TEXTS),
    one("place", How.TEXTS),
    one("place_shown", How.WORD, needed=True, words=("public", "attendees", "1", "3", "24")),
    one("online_url", How.LINK),
    one("capacity", How.WHOLE),
    one("write_to", How.SEVERAL, kinds=("defendant",)),
    one("about", How.TEXTS),
    asked="kind title timezone starts_at city place",
)
LETTER_GOAL = form(
    "goal",
    "letter_goal",
    one("title", How.TEXTS, needed=True),
    one("letters", How.WHOLE, needed=True),
    one("since", How.DAY, needed=True),
    one("until", How.DAY),
    asked="title letters since until",
)
FUNDRAISER = form(
    "fund",
    "fundraiser",
    one("title", How.TEXTS, needed=True),
    one("purpose", How.WORD, needed=True, words=Purpose),
    one("for", How.ONE, kinds=("case", "defendant")),
    one("goal", How.MONEY),
    one("raised", How.NUMBER),
    one("closes", How.DAY),
    one("status", How.WORD, needed=True, words=FundraiserStatus),
    asked="purpose title for goal closes",
)
DONATION_ROUTE = form(
    "route",
    "donation_route",
    one("fundraiser", How.ONE, needed=True, kinds=("fundraiser",)),
    one("pay_from", How.WORD, needed=True, words=PayFrom),
    one("method", How.TEXTS, needed=True),
    one("url", How.LINK),
    listed(
        "details",
        one("detail", How.WORD, "kind", needed=True, words=DetailKind),
        one("value", How.TEXT, needed=True),
        unless="url",
    ),
    one("legal_status", How.TEXTS, needed=True),
    one("warning", How.TEXTS),
    one("not_for", How.TEXTS),
    one("checked_at", How.CHECKED, needed=True),
    one("valid_days", How.WHOLE, needed=True, words=("7", "14", "30")),
    asked="fundraiser pay_from method url details legal_status warning not_for checked_at",
    of="fundraiser",
)
FORMS = {
    each.code: each
    for each in (
        CASE,
        DEFENDANT,
        COURT,
        FACILITY,
        EVENT,
        LETTER_GOAL,
        FUNDRAISER,
        DONATION_ROUTE,
        ORGANISATION,
    )
}
BY_KIND = {each.kind: each for each in FORMS.values()}
LEFT_OUT = {"defendant": ("status", "custody", "letters", "country")}
"""Kept in other rooms; they are shown."""
