"""What is wrong with a campaign file, as data. `bot.views.campaign_file` puts it into words."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic_core import PydanticCustomError
from rapidfuzz import process

from bot.services.campaign_file.tree import SHOWN, Mapping, Path, line_of, shortened, spelled

TOLD = 100
"""So many problems are told; of the rest only the number."""
KEPT = 10_000
"""So many are looked at to find the first ones; a hostile file has millions."""


class What(StrEnum):
    """Kinds of problems. Behind each kind: the facts that come with it."""

    TOO_BIG = "too_big"  # limit: bytes
    EMPTY = "empty"
    NOT_UTF8 = "not_utf8"  # byte: position, from 1
    BINARY = "binary"  # code: U+0000
    NOT_YAML = "not_yaml"  # reason: a word, see broken
    SEVERAL_DOCUMENTS = "several_documents"
    TOO_DEEP = "too_deep"  # limit: levels
    TOO_MANY_VALUES = "too_many_values"
    ANCHOR = "anchor"
    TAG = "tag"
    BAD_KEY = "bad_key"
    BARE_TEXT = "bare_text"  # words in {…} without a colon
    DUPLICATE_KEY = "duplicate_key"  # first: line

    WRONG_TYPE = "wrong_type"  # expected: text, mapping or list
    UNKNOWN_KEY = "unknown_key"  # allowed
    INSIDE_CASE = "inside_case"
    MISSING = "missing"
    TOO_MANY_ITEMS = "too_many_items"  # limit
    NULL_LIST = "null_list"
    NOT_ALLOWED = "not_allowed"  # allowed
    FORMAT = "format"

    EMPTY_TEXT = "empty_text"
    SHOWS_NOTHING = "shows_nothing"
    TOO_LONG = "too_long"  # length, limit: characters
    CHARACTER = "character"  # code: U+202E
    LINE_BREAK = "line_break"
    LANGUAGE = "language"
    LANGUAGE_CODE = "language_code"  # meant: a code
    UNKNOWN_LANGUAGE = "unknown_language"
    NO_LANGUAGE = "no_language"
    SLUG = "slug"
    DUPLICATE_SLUG = "duplicate_slug"  # first: line
    UNKNOWN_SLUG = "unknown_slug"  # of: kinds
    REMOVED_WITH_KEYS = "removed_with_keys"
    IN_USE = "in_use"  # by: slugs of some that refer to it; more: number of others

    NUMBER = "number"
    WHOLE_NUMBER = "whole_number"
    RANGE = "range"  # low, high
    YES_OR_NO = "yes_or_no"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    MOMENT = "moment"
    TIME_MISSING = "time_missing"
    NO_SUCH_DAY = "no_such_day"
    NO_SUCH_TIME = "no_such_time"
    SKIPPED_TIME = "skipped_time"  # zone
    FUTURE = "future"
    FUTURE_DAY = "future_day"
    BIRTHDAY = "birthday"
    TIMEZONE = "timezone"
    OFFSET_ZONE = "offset_zone"  # zones
    COUNTRY = "country"
    CURRENCY = "currency"
    POSTAL_CODE = "postal_code"  # country
    WORD = "word"
    PLACE_SHOWN = "place_shown"
    CONTACT = "contact"
    URL = "url"  # reason: https, host, credentials, characters, look_alike, shortener, port,
    # redirect
    DETAIL = "detail"  # of: DetailKind

    OTHER_KIND = "other_kind"  # status, kind
    KIND_OF_HELD = "kind_of_held"  # status: of who is held there
    ENDS_BEFORE = "ends_before"  # since
    TWO_OPEN_STAYS = "two_open_stays"
    OPEN_STAY_NOT_LAST = "open_stay_not_last"
    STAYS_CROSS = "stays_cross"  # other: facility; day: the last one known there
    NO_ORGANISATION = "no_organisation"
    OTHER_ORGANISATION = "other_organisation"  # own: slug
    OLD_WORD = "old_word"
    CHECK_AGAIN = "check_again"
    CHECK_ROUTE = "check_route"
    NO_WAY_TO_PAY = "no_way_to_pay"
    DETAIL_TWICE = "detail_twice"
    LINK_IN_WORDS = "link_in_words"
    CURRENCY_MISSING = "currency_missing"
    BIC_COUNTRY = "bic_country"
    BIK_MISSING = "bik_missing"
    ACCOUNT_KEY = "account_key"
    LEFT_BEHIND = "left_behind"  # changed, stays: languages
    LAST_TOO_EARLY = "last_too_early"  # first: day
    LAST_TOO_LATE = "last_too_late"  # limit: days ahead
    NONE_OF_ITS_DAYS = "none_of_its_days"  # meant: the nearest one
    EXCEPT_ANEW = "except_anew"  # days; meant: those nearest to them
    NO_DAY_LEFT = "no_day_left"
    PAST = "past"  # zone
    CONFIRMED_LATE = "confirmed_late"


@dataclass(frozen=True, slots=True)
class Problem:
    what: What
    file: str
    line: int
    """From 1; 0: the file as a whole."""
    path: str = ""
    """"cases[orlov].timeline[2].date"; items without a slug are counted from 1."""
    found: str | None = None
    """What stands there, shortened to `SHOWN` characters."""
    nearest: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


class CampaignFileError(Exception):
    """The file cannot be imported; nothing was changed."""

    def __init__(self, problems: Sequence[Problem], more: int = 0) -> None:
        super().__init__(f"{len(problems) + more} problems")
        self.problems = list(problems)
        self.more = more
        """How many more there are than those in `problems`."""


def wrong(what: What, **facts: Any) -> PydanticCustomError:
    """The error that a check of one value raises."""
    return PydanticCustomError(what, "{what}", {"what": what, **facts})


@dataclass(slots=True)
class _Found:
    what: What
    line: int
    path: Path
    value: object
    among: Collection[str]
    facts: dict[str, Any]


class Problems:
    """Gathers what is wrong, all of it, and raises it in the order of the file."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[_Found] = []
        self._more = 0
        self.tree: Mapping = Mapping(1)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def is_full(self) -> bool:
        """Nobody reads on."""
        return len(self._found) == KEPT

    def add(
        self,
        what: What,
        path: Path = (),
        *,
        line: int | None = None,
        value: object = None,
        among: Collection[str] = (),
        **facts: Any,
    ) -> None:
        """`among`: words of which the nearest to `value` may have been meant, else `allowed`."""
        if len(self._found) == KEPT:
            self._more += 1
            return
        place = line_of(self.tree, path) if line is None else line
        self._found.append(
            _Found(what, place, path, value, among or facts.get("allowed", ()), facts)
        )

    @contextmanager
    def told(self, path: Path, value: object = None) -> Iterator[None]:
        """What a check of one value raises inside is told, and goes no further."""
        try:
            yield
        except PydanticCustomError as error:
            facts = dict(error.context or {})
            self.add(facts.pop("what"), path, value=value, **facts)

    def raise_any(self) -> None:
        if self._found:
            raise self.error()

    def error(self) -> CampaignFileError:
        found = sorted(self._found, key=lambda each: each.line)
        told = [self._told(each) for each in found[:TOLD]]
        return CampaignFileError(told, more=self._more + len(found) - len(told))

    def _told(self, found: _Found) -> Problem:
        text = found.value if isinstance(found.value, str) else None
        return Problem(
            what=found.what,
            file=self._file,
            line=found.line,
            path=spelled(
                self.tree, found.path, whole=found.what in (What.MISSING, What.CHECK_AGAIN)
            ),
            found=None if text is None else shortened(text),
            nearest=None if text is None else nearest(text, found.among),
            facts=found.facts,
        )


def nearest(text: str, among: Collection[str]) -> str | None:
    best = process.extractOne(text[:SHOWN], among, score_cutoff=60) if among else None
    return best[0] if best else None
