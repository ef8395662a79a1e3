"""The shape of every thing in a campaign file, and the checks of its values.

A key may be absent (what is there stays) or null (it is removed); what must be there in the end is
`Kind.required`. Shapes are in the order in which files are written.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Annotated, Any, Required, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, TypeAdapter, with_config
from typing_extensions import TypedDict, get_type_hints, is_typeddict

from bot.services.campaign_file import times, values
from bot.services.campaign_file.problems import What
from bot.services.campaign_file.values import WORD, Inline, Paid, Said
from bot.services.recurrence import EVERY
from models import (
    DetailKind,
    EventKind,
    EventStatus,
    FacilityKind,
    FundraiserStatus,
    HearingKind,
    HearingStatus,
    PayFrom,
    Purpose,
    Source,
    Stage,
    Status,
)

Thing = dict[str, Any]
"""A thing's facts by key, as a file has them."""

WITHDRAWN = "withdrawn_at"
"""What no file says: the last confirmation that was taken away, kept so that no file repeats it."""

_SOME_DAY = datetime(2020, 1, 1, tzinfo=UTC)
_UTC = ZoneInfo("UTC")


def _moment(text: str) -> object:
    return times.moment(text, _SOME_DAY, _UTC)


def _start(text: str) -> object:
    return times.moment(text, _SOME_DAY, _UTC, clock=True)


def day(text: object) -> str:
    times.day(values.text(text), _SOME_DAY, _UTC)
    return str(text)


def _check(check: values.Check) -> PlainValidator:
    return PlainValidator(check)


exact: Any = with_config({"extra": "forbid"})
word = values.one_of

Slug = Annotated[Any, _check(values.slug)]
Label = Annotated[Any, _check(values.line(60))]
Short = Annotated[Any, Said(100)] | None
Title = Annotated[Any, Said(200)] | None
Sentence = Annotated[Any, Said(300)] | None
Paragraph = Annotated[Any, Said(1000, breaks=True)] | None
Address = Annotated[Any, Said(400, breaks=True)] | None
Flag = Annotated[Any, _check(values.boolean)] | None
Language = Annotated[Any, _check(values.language)]
Languages = Annotated[list[Language], Field(max_length=20)] | None
Country = Annotated[Any, _check(values.known(values.countries, What.COUNTRY))] | None
Zone = Annotated[Any, _check(values.timezone)] | None
Day = Annotated[Any, _check(day)] | None
PartialDay = Annotated[Any, _check(values.written_time(times.partial))] | None
Moment = Annotated[Any, _check(values.written_time(_moment))] | None
Start = Annotated[Any, _check(values.written_time(_start))] | None
Amount = Annotated[Any, _check(values.money)] | None
Currency = Annotated[Any, _check(values.known(values.currencies, What.CURRENCY))] | None
Url = Annotated[Any, _check(values.url)]
Vouched = Annotated[Any, _check(word(Source))] | None
Count = Annotated[Any, _check(values.whole(1, 100_000))] | None
Helps = Annotated[list[Annotated[Any, Said(200)]], Field(max_length=50)] | None


@exact
class Money(TypedDict, total=False):
    amount: Amount
    currency: Currency
    about: Flag


@exact
class Organisation(TypedDict, total=False):
    slug: Required[Slug]
    name: Short
    short: Short
    about: Paragraph
    languages: Languages
    timezone: Zone
    contact: Annotated[Any, _check(values.contact)] | None
    help_it_gives: Helps
    raised_in_a_year: Money | None
    as_of: Day


@exact
class Location(TypedDict, total=False):
    latitude: Annotated[Any, _check(values.number(-90, 90))] | None
    longitude: Annotated[Any, _check(values.number(-180, 180))] | None


@exact
class Court(TypedDict, total=False):
    slug: Required[Slug]
    name: Title
    city: Short
    timezone: Zone
    address: Address
    location: Location | None


@exact
class LetterService(TypedDict, total=False):
    name: Required[Label]
    url: Required[Url]


@exact
class FacilityLetters(TypedDict, total=False):
    languages: Languages
    rules: Paragraph
    days: Annotated[Any, _check(values.whole(1, 365))] | None
    confirm_every: Annotated[Any, _check(values.whole(1, 90))] | None
    services: Annotated[list[LetterService], Field(max_length=20)] | None


@exact
class Facility(TypedDict, total=False):
    slug: Required[Slug]
    country: Country
    region: Short
    kind: Annotated[Any, _check(word(FacilityKind))] | None
    number: Annotated[Any, _check(values.line(16))] | None
    name: Title
    postal_code: Annotated[Any, _check(values.line(12))] | None
    address: Address
    timezone: Zone
    letters: FacilityLetters | None


@exact
class Article(TypedDict, total=False):
    code: Required[Label]
    article: Required[Label]
    part: Label | None
    since: PartialDay
    said: Annotated[Any, Said(300), Field(validation_alias="*")]


@exact
class TimelineEntry(TypedDict, total=False):
    date: PartialDay
    kind: Required[Annotated[Any, _check(values.matching(WORD, What.WORD))]]
    hearing_kind: Annotated[Any, _check(word(HearingKind))] | None
    court: Slug | None
    who: Slug | None
    judge: Short
    said: Required[Annotated[Any, Said(1000, breaks=True), Field(validation_alias="*")]]


@exact
class Case(TypedDict, total=False):
    slug: Required[Slug]
    title: Title
    also: Title
    summary: Paragraph
    articles: Annotated[list[Annotated[Article, Inline()]], Field(max_length=50)] | None
    stage: Annotated[Any, _check(word(Stage))] | None
    people_in_case: Count
    volumes: Count
    timeline: Annotated[list[Annotated[TimelineEntry, Inline()]], Field(max_length=500)] | None


@exact
class Term(TypedDict, total=False):
    years: Annotated[Any, _check(values.number(0, 100))] | None
    regime: Title
    since: PartialDay


@exact
class Custody(TypedDict, total=False):
    facility: Required[Slug]
    since: Day
    until: Day
    addressee: Title
    confirmed_at: Moment
    source: Vouched


@exact
class Letters(TypedDict, total=False):
    allowed: Flag
    reason: Sentence


@exact
class Defendant(TypedDict, total=False):
    slug: Required[Slug]
    name: Annotated[Any, Said(100, keys=values.name_language)] | None
    aliases: Annotated[list[Label], Field(max_length=50)] | None
    who: Sentence
    birth_year: Annotated[Any, _check(values.whole(1900, 2100))] | None
    birthday: Annotated[Any, _check(values.written_time(times.birthday))] | None
    languages: Languages
    status: Annotated[Any, _check(word(Status))] | None
    country: Country
    sentence: Term | None
    custody: Annotated[list[Custody], Field(max_length=100)] | None
    lawyer: Short
    campaigns: Helps
    write_about: Sentence
    letters: Letters | None


@exact
class Hearing(TypedDict, total=False):
    slug: Required[Slug]
    case: Slug | None
    court: Slug | None
    starts_at: Start
    kind: Annotated[Any, _check(word(HearingKind))] | None
    room: Annotated[Any, _check(values.line(60))] | None
    judge: Short
    public: Flag
    status: Annotated[Any, _check(word(HearingStatus))] | None
    outcome: Sentence
    confirmed_at: Moment
    source: Vouched


Repeats = TypedDict(  # `except` cannot be an attribute
    "Repeats",
    {
        "every": Annotated[Any, _check(word(EVERY))] | None,
        "until": Day,
        "except": Annotated[list[Annotated[Any, _check(day)]], Field(max_length=200)] | None,
    },
    total=False,
)
exact(Repeats)


@exact
class Event(TypedDict, total=False):
    slug: Required[Slug]
    kind: Annotated[Any, _check(word(EventKind))] | None
    title: Title
    starts_at: Start
    timezone: Zone
    minutes: Annotated[Any, _check(values.whole(1, 7 * 24 * 60))] | None
    status: Annotated[Any, _check(word(EventStatus))] | None
    repeats: Repeats | None
    city: Short
    place: Sentence
    place_shown: Annotated[Any, _check(values.place_shown)] | None
    online_url: Url | None
    capacity: Count
    write_to: Annotated[list[Slug], Field(max_length=1000)] | None
    about: Paragraph


@exact
class LetterGoal(TypedDict, total=False):
    slug: Required[Slug]
    title: Title
    letters: Count
    since: Day
    until: Day


@exact
class Goal(TypedDict, total=False):
    amount: Amount
    currency: Currency


Fundraiser = TypedDict(  # `for` cannot be an attribute
    "Fundraiser",
    {
        "slug": Required[Slug],
        "title": Title,
        "purpose": Annotated[Any, _check(word(Purpose))] | None,
        "for": Annotated[Any, _check(values.cause)] | None,
        "goal": Goal | None,
        "raised": Amount,
        "closes": Day,
        "status": Annotated[Any, _check(word(FundraiserStatus))] | None,
    },
    total=False,
)
exact(Fundraiser)


@exact
class Detail(TypedDict, total=False):
    kind: Required[Annotated[Any, _check(word(DetailKind))]]
    value: Required[Annotated[Any, _check(values.line(100))]]


@exact
class DonationRoute(TypedDict, total=False):
    slug: Required[Slug]
    fundraiser: Slug | None
    pay_from: Annotated[Any, _check(word(PayFrom))] | None
    method: Title
    url: Annotated[Any, _check(values.payment_url)] | None
    details: Annotated[list[Annotated[Detail, Paid()]], Field(max_length=8)] | None
    legal_status: Sentence
    warning: Sentence
    not_for: Sentence
    checked_at: Moment
    valid_days: Annotated[Any, _check(values.whole(1, 365))] | None


@dataclass(frozen=True)
class Kind:
    name: str
    section: str
    """Under which key the file has such things; defendants stand inside their case."""
    type: Any
    required: tuple[str, ...] = ()
    """Keys that the thing must have in the end."""
    defaults: Thing = field(default_factory=dict)
    """What the thing has when nothing is said."""

    @cached_property
    def shape(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.type)


KINDS = {
    kind.name: kind
    for kind in (  # each may refer to those before it
        Kind("organisation", "organisation", Organisation, ("name",)),
        Kind("court", "courts", Court, ("name", "city", "timezone")),
        Kind("facility", "facilities", Facility, ("country", "kind", "name")),
        Kind("case", "cases", Case, ("title",), {"stage": "unknown"}),
        Kind("defendant", "defendants", Defendant, ("name",), {"status": "unknown"}),
        Kind(
            "hearing",
            "hearings",
            Hearing,
            ("case", "court", "starts_at"),
            {"kind": "other", "status": "scheduled"},
        ),
        Kind(
            "event",
            "events",
            Event,
            ("title", "starts_at"),
            {"kind": "other", "status": "scheduled", "place_shown": "attendees"},
        ),
        Kind("letter_goal", "letter_goals", LetterGoal, ("title", "letters", "since")),
        Kind(
            "fundraiser",
            "fundraisers",
            Fundraiser,
            ("title",),
            {"purpose": "common", "status": "open"},
        ),
        Kind(
            "donation_route",
            "donation_routes",
            DonationRoute,
            ("fundraiser", "pay_from", "method", "legal_status", "checked_at"),
            {"valid_days": 14},
        ),
    )
}

# Parts that are useless by halves.
WHOLE = {
    ("court", "location"): ("latitude", "longitude"),
    ("organisation", "raised_in_a_year"): ("amount", "currency"),
    ("fundraiser", "goal"): ("currency",),
    ("event", "repeats"): ("every",),
}


def keys(kind: str, place: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that a part of a thing may have."""
    shape: Any = KINDS[kind].type
    for part in place:
        if isinstance(part, str):
            shape = _bare(get_type_hints(shape, include_extras=True)[part])
    return tuple(key for key in get_type_hints(shape) if key != "said")


Order = dict[str, Any]
"""Keys in their order, with the order inside each; nothing inside: {}."""


@cache
def order(kind: str) -> Order:
    return _order(KINDS[kind].type)


def _order(shape: Any) -> Order:
    hints = get_type_hints(shape, include_extras=True) if is_typeddict(shape) else {}
    return {key: _order(_bare(hint)) for key, hint in hints.items() if key != "said"}


def _bare(hint: Any) -> Any:
    """list[Annotated[Article, …]] | None -> Article."""
    while not is_typeddict(hint) and (parts := get_args(hint)):
        hint = parts[0]
    return hint
