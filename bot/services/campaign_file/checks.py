"""What can only be judged when the file meets the facts there are: references, times, sense."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

from bot.services.campaign_file import repeats, times, values, ways_in
from bot.services.campaign_file.confirmed import has_ended, is_to_come
from bot.services.campaign_file.merge import same_stay
from bot.services.campaign_file.patch import Named
from bot.services.campaign_file.problems import Problems, What, wrong
from bot.services.campaign_file.schema import KINDS, WHOLE, WITHDRAWN, Thing
from bot.services.campaign_file.setting import Setting, Undo
from bot.services.campaign_file.tree import Path
from bot.services.letters import HELD
from bot.services.payment_details import (
    BESIDE,
    is_correspondent,
    is_mistyped,
    is_of_another_country,
    value_of,
)
from models import DetailKind, FacilityKind
from models.hearing import STILL_ON

CAUSE = "cause"
"""Case or defendant: whom money is for."""
# Somebody's clock may be a little ahead.
TOLERANCE = timedelta(minutes=10)
UTC = ZoneInfo("UTC")
WORDS = frozenset({"confirmed_at", "checked_at", "as_of"})
TIMES = WORDS | {"starts_at", "closes", "since", "until"}


NAMES = (DetailKind.RECIPIENT, DetailKind.BANK, DetailKind.COMMENT)
"""Details that are words."""
TOLD = {
    "organisation": ("name", "short", "about", "help_it_gives"),
    "court": ("name", "city", "address"),
    "facility": ("name", "region", "address", "letters"),
    "case": ("title", "also", "summary", "articles", "timeline"),
    "defendant": (
        *("name", "aliases", "who", "write_about", "campaigns", "letters", "lawyer", "sentence"),
        "custody",
    ),
    "hearing": ("outcome", "room", "judge"),
    "event": ("title", "city", "place", "about"),
    "letter_goal": ("title",),
}
"""Texts that are shown far from any fundraiser: nobody is to be asked for money there."""


@dataclass(frozen=True, slots=True)
class Checker:
    setting: Setting
    slugs: Mapping[str, Collection[str]]
    """By kind: those of the file and of the database."""
    problems: Problems
    is_first: bool
    """Nothing is there yet: a whole history may come in, or come back."""
    earlier_zones: Mapping[str, str]
    """Of the courts, before the file."""
    facility_kinds: Mapping[str, str]
    earlier_kinds: Mapping[str, str]
    """Of the facilities, before the file."""
    last_day: date
    """That has begun in some place of the campaign."""
    paths: Mapping[str, Mapping[str, Path]]
    """Of the file's courts, facilities and fundraisers, by kind and slug."""

    def resolved(self, named: Named, present: Thing) -> Thing:
        """What the file says, its references checked, its times made absolute."""
        says = dict(named.says)
        if named.kind in ("hearing", "event"):
            present = self._local(named.kind, says, present)
        _keep_what_was_counted(says, present)
        for path, kind, slug in references(named.kind, says):
            if slug not in self.slugs[kind]:
                self._unknown((*named.path, *path), kind, slug)
        if says.get("for"):
            says["for"] = cause(says["for"], self.slugs["defendant"])
        if says.get("write_to"):
            says["write_to"] = sorted(set(says["write_to"]))
        self._resolve_times(named, says, present)
        return says

    def _local(self, kind: str, says: Thing, present: Thing) -> Thing:
        """Ten o'clock stays ten o'clock in another zone, be it the day's second ten o'clock."""
        if "starts_at" not in present:
            return present
        if self._zone(kind, says, present) == self._earlier(kind, present):
            return present
        local = times.without_offset(present["starts_at"])
        says.setdefault("starts_at", local)
        return present | {"starts_at": local}

    def _zone(self, kind: str, says: Thing, present: Thing) -> ZoneInfo:
        if kind == "hearing":
            court = says.get("court") or present.get("court", "")
            return self.setting.court_zones.get(court, UTC)
        known = present.get("timezone", self.setting.zone.key)
        return ZoneInfo(says.get("timezone", known) or self.setting.zone.key)

    def _earlier(self, kind: str, present: Thing) -> ZoneInfo:
        if kind == "hearing":
            return ZoneInfo(self.earlier_zones[present["court"]])
        return ZoneInfo(present["timezone"])

    def starts_at(self, hearing: Thing, zone: ZoneInfo | None = None) -> datetime | None:
        """None: the file does not say, or says it wrongly; that is told already."""
        try:
            zone = zone or self.setting.court_zones.get(hearing.get("court", ""), UTC)
            return times.moment(hearing["starts_at"], self.setting.now, zone)
        except (KeyError, PydanticCustomError):
            return None

    def is_coming(self, hearing: Thing) -> bool:
        return self._is_ahead(self.starts_at(hearing))

    def was_coming(self, hearing: Thing) -> bool:
        """As its court's zone was before the file."""
        return self._is_ahead(self.starts_at(hearing, self._earlier("hearing", hearing)))

    def _is_ahead(self, at: datetime | None) -> bool:
        return at is not None and at > self.setting.now - STILL_ON

    def check_hearing(self, named: Named, before: Thing, after: Thing) -> None:
        """What is to come lies ahead. What was taken once may become past."""
        at = self.starts_at(after)
        if self.is_first or at is None or not is_to_come(after):
            return
        if _differ(before, after, "starts_at", "status"):
            self._check_start(named, after)
        confirmed = after.get("confirmed_at")
        if confirmed and _differ(before, after, "starts_at", "status", "confirmed_at"):
            with suppress(PydanticCustomError):  # told already
                word = times.moment(confirmed, self.setting.now, self.setting.zone)
                if word.timestamp() > at.timestamp():
                    path = (*named.path, "confirmed_at")
                    self.problems.add(What.CONFIRMED_LATE, path, value=confirmed)

    def _check_start(self, named: Named, after: Thing) -> None:
        """Who counts from today mistypes no year, nor does who puts back what was there."""
        if self.setting.undo is not Undo.NO:
            return
        if not self.is_coming(after) and not times.is_relative(named.says.get("starts_at")):
            zone = self.setting.court_zones.get(after.get("court", ""), UTC).key
            path = (*named.path, "starts_at")
            self.problems.add(What.PAST, path, value=after["starts_at"], zone=zone)

    def check_series(self, named: Named, says: Thing, after: Thing) -> None:
        """Of an event that repeats."""
        zone = ZoneInfo(after["timezone"])
        at = self.starts_at(after, zone)
        if at is not None and "every" in after.get("repeats", {}):
            today = self.setting.now.astimezone(zone).date()
            series = repeats.Series(named, says, at.date(), today, self.problems)
            after["repeats"] = series.checked(after["repeats"])

    def check_place(self, named: Named, before: Thing, after: Thing) -> None:
        """Nobody can vouch for a place that the status contradicts: no letter would go there."""
        stays, status = after.get("custody", []), after.get("status", "")
        if not stays or not self._is_contradicted(stays[-1], status):
            return
        place = stays[-1]["facility"]
        kind = self.facility_kinds[place]
        if _differ(before, after, "custody", "status"):
            path = (*named.path, "custody", len(stays) - 1, "facility")
            self.problems.add(What.OTHER_KIND, path, status=status, kind=kind)
        elif self.earlier_kinds.get(place) != kind:
            path = (*self.paths["facility"][place], "kind")
            self.problems.add(What.KIND_OF_HELD, path, value=named.slug, status=status)

    def _is_contradicted(self, stay: Thing, status: str) -> bool:
        kind = self.facility_kinds.get(stay["facility"])
        is_vouched = "confirmed_at" in stay and not has_ended(stay, self.setting.today)
        return is_vouched and status in HELD and kind not in (None, status, FacilityKind.OTHER)

    def as_called_now(self, before: Thing, after: Thing) -> Thing:
        """Whoever is in a place of another kind than it was thought to be has not been moved."""
        for stay in before.get("custody", [])[-1:]:
            earlier, kind = (
                kinds.get(stay["facility"]) for kinds in (self.earlier_kinds, self.facility_kinds)
            )
            if (before.get("status"), after.get("status")) == (earlier, kind):
                return before | {"status": kind}
        return before

    def check(self, named: Named, thing: Thing) -> None:
        """The thing as it shall be, everything taken together."""
        for key in KINDS[named.kind].required:
            if key not in thing and key not in named.spoilt:
                self.problems.add(What.MISSING, (*named.path, key))
        for (kind, part), keys in WHOLE.items():
            self._check_whole(named, thing.get(part) if kind == named.kind else None, part, keys)
        if named.kind == "facility":
            self._check_postal_code(named, thing)
        if named.kind == "donation_route" and not named.spoilt:
            self._check_ways(named, thing)
        if named.kind == "fundraiser" and "raised" in thing and "goal" not in thing:
            self.problems.add(What.CURRENCY_MISSING, (*named.path, "raised"))
        if named.kind in ("donation_route", "fundraiser"):
            self._check_words(named, thing)
        for text in ways_in.texts([thing.get(key) for key in TOLD.get(named.kind, ())]):
            self._tell_way_in(named, ways_in.paid_to(text))
        if named.kind == "defendant":
            self._check_name(named, thing)
            self._check_custody(named, thing.get("custody", []))

    def _unknown(self, path: Path, kind: str, slug: str) -> None:
        self.problems.add(What.UNKNOWN_SLUG, path, value=slug, among=self.slugs[kind], of=kind)

    # Times

    def _resolve_times(self, named: Named, says: Thing, present: Thing) -> None:
        if named.kind == "hearing":
            zone, told = self._zone("hearing", says, present), named
            if not named.path and present["court"] in self.paths["court"]:
                told = replace(named, path=(*self.paths["court"][present["court"]], "timezone"))
            self._moment(told, says, "starts_at", zone, clock=True)
        elif named.kind == "event":
            zone = self._zone("event", says, present)
            says["timezone"] = zone.key
            self._moment(named, says, "starts_at", zone, clock=True)
            if says.get("repeats"):
                old = present.get("repeats", {})
                says["repeats"] = self._repeats(named, says["repeats"], old, zone)
        elif named.kind == "fundraiser":
            self._day(named, says, "closes")
        elif named.kind == "letter_goal":
            for key in ("since", "until"):
                self._day(named, says, key)
        elif named.kind == "organisation":
            self._as_of(named, says)
        elif says.get("custody"):
            old = present.get("custody", [])
            says["custody"] = [
                self._stay(named, position, stay, same_stay(old, says["custody"], position) or {})
                for position, stay in enumerate(says["custody"])
            ]
        for key in ("confirmed_at", "checked_at"):
            self._moment(named, says, key, self.setting.zone)

    def _stay(self, named: Named, position: int, stay: Thing, present: Thing) -> Thing:
        resolved = dict(stay)
        _keep_what_was_counted(resolved, present)
        for key in ("since", "until"):
            self._day(named, resolved, key, ("custody", position))
        self._moment(named, resolved, "confirmed_at", self.setting.zone, ("custody", position))
        return resolved

    def _repeats(self, named: Named, said: Thing, present: Thing, zone: ZoneInfo) -> Thing:
        resolved = dict(said)
        _keep_what_was_counted(resolved, present)
        self._day(named, resolved, "until", ("repeats",), zone)
        if resolved.get("except"):
            days = repeats.counted_once(resolved["except"], present.get("except", ()))
            resolved["except"] = self._days(named, days, ("repeats", "except"), zone)
        return resolved

    def _days(self, named: Named, texts: list[str], part: Path, zone: ZoneInfo) -> list[str]:
        """All of them, or none: what is wrong is told."""
        found: list[str] = []
        for position, text in enumerate(texts):
            with self.problems.told((*named.path, *part, position), text):
                found.append(times.day(text, self.setting.now, zone).isoformat())
        return found if len(found) == len(texts) else []

    def _as_of(self, named: Named, says: Thing) -> None:
        """Of the organisation, be it written at the top of the file."""
        at_top = "as_of" in self.problems.tree
        self._day(replace(named, path=()) if at_top else named, says, "as_of")
        if (says.get("as_of") or "") > self.last_day.isoformat():
            path = ("as_of",) if at_top else (*named.path, "as_of")
            self.problems.add(What.FUTURE_DAY, path, value=says["as_of"])

    def _day(
        self, named: Named, says: Thing, key: str, part: Path = (), zone: ZoneInfo | None = None
    ) -> None:
        text = says.pop(key, None) if key in says and says[key] is not None else None
        if text is not None:
            with self.problems.told((*named.path, *part, key), text):
                found = times.day(text, self.setting.now, zone or self.setting.zone)
                says[key] = found.isoformat()

    def _moment(
        self,
        named: Named,
        says: Thing,
        key: str,
        zone: ZoneInfo,
        part: Path = (),
        *,
        clock: bool = False,
    ) -> None:
        if (text := says.get(key)) is None:
            return
        with self.problems.told((*named.path, *part, key), text):
            at = times.moment(text, self.setting.now, zone)
            if not clock:
                self._check_past(text, at, zone)
            says[key] = times.written(at, zone, clock=clock)

    def _check_past(self, text: str, at: datetime, zone: ZoneInfo) -> None:
        """A day may have begun in another place of the campaign only."""
        if times.is_day(text):
            has_come = at.astimezone(zone).date() <= self.last_day
        else:
            has_come = at <= self.setting.now + TOLERANCE
        if not has_come:
            raise wrong(What.FUTURE)

    # Sense

    def _check_whole(self, named: Named, part: Any, key: str, parts: tuple[str, ...]) -> None:
        for needed in parts if part else ():
            if needed not in part:
                self.problems.add(What.MISSING, (*named.path, key, needed))

    def _check_postal_code(self, named: Named, facility: Thing) -> None:
        if "postal_code" in facility:
            code = facility["postal_code"]
            with self.problems.told((*named.path, "postal_code"), code):
                values.postal_code(code, facility.get("country"))

    def _check_words(self, named: Named, thing: Thing) -> None:
        """A link among them would stand before what to beware of, and never lapse."""
        details = [one["value"] for one in thing.get("details", []) if one["kind"] in NAMES]
        said = [thing.get(key) for key in ("title", "method", "warning", "not_for")]
        for text in ways_in.texts([*said, details]):
            self._tell_way_in(named, ways_in.way_in(text))
        for text in ways_in.texts(thing.get("legal_status")):
            self._tell_way_in(named, ways_in.way_in(ways_in.without_registered(text)))

    def _tell_way_in(self, named: Named, found: str | None) -> None:
        if found:
            self.problems.add(What.LINK_IN_WORDS, named.path, value=found)

    def _check_ways(self, named: Named, route: Thing) -> None:
        """A link, or what to type in where one pays; also what was there before the rules."""
        details = route.get("details", [])
        if named.path and "url" in route:
            with self.problems.told((*named.path, "url"), route["url"]):
                route["url"] = values.payment_url(route["url"])
        for one in details if named.path else ():
            with self.problems.told((*named.path, "details"), one["value"]):
                values.paid(one)
        if "url" not in route and all(one["kind"] in BESIDE for one in details):
            self.problems.add(What.NO_WAY_TO_PAY, named.path)
        kinds = [one["kind"] for one in details]
        if twice := next((kind for kind in kinds if kinds.count(kind) > 1), None):
            self.problems.add(What.DETAIL_TWICE, (*named.path, "details"), value=twice)
        self._check_accounts((*named.path, "details"), details)

    def _check_accounts(self, path: Path, details: list[Thing]) -> None:
        iban, bic = (value_of(details, kind) for kind in (DetailKind.IBAN, DetailKind.BIC))
        if iban and bic and is_of_another_country(iban, bic):
            self.problems.add(What.BIC_COUNTRY, path, value=bic)
        of_bank = DetailKind.ACCOUNT, DetailKind.CORRESPONDENT, DetailKind.BIK
        account, correspondent, bik = (value_of(details, kind) for kind in of_bank)
        if (account or correspondent) and not bik:
            self.problems.add(What.BIK_MISSING, path)
        if account and bik and is_mistyped(account, bik):
            self.problems.add(What.ACCOUNT_KEY, path, value=account)
        if correspondent and bik and not is_correspondent(correspondent, bik):
            self.problems.add(What.ACCOUNT_KEY, path, value=correspondent)

    def _check_name(self, named: Named, defendant: Thing) -> None:
        name = defendant.get("name")
        if isinstance(name, dict) and all(key.endswith("_full") for key in name):
            self.problems.add(What.NO_LANGUAGE, (*named.path, "name"))

    def _check_custody(self, named: Named, stays: list[Thing]) -> None:
        """Of two present places one is wrong, and a letter would go there."""
        path = (*named.path, "custody")
        open_ones = [position for position, stay in enumerate(stays) if "until" not in stay]
        if len(open_ones) > 1:
            self.problems.add(What.TWO_OPEN_STAYS, (*path, open_ones[1]))
        elif open_ones and open_ones[0] != len(stays) - 1:
            self.problems.add(What.OPEN_STAY_NOT_LAST, (*path, open_ones[0]))
        else:
            self._check_order(path, stays)
        for position, stay in enumerate(stays):
            if stay.get("until", "9") < stay.get("since", ""):
                self.problems.add(
                    What.ENDS_BEFORE,
                    (*path, position, "until"),
                    value=stay["until"],
                    since=stay["since"],
                )

    def _check_order(self, path: Path, stays: list[Thing]) -> None:
        """Whoever is moved is in both places on that day, and on no other."""
        known, other = "", ""
        for position, stay in enumerate(stays):
            if _begun(stay, self.setting.today) < known:
                place = (*path, position, "since" if "since" in stay else "until")
                self.problems.add(What.STAYS_CROSS, place, other=other, day=known)
                return
            last = str(stay.get("until", stay.get("since", "")))
            if last > known:
                known, other = last, stay["facility"]


def _begun(stay: Thing, today: str) -> str:
    """The last day on which the stay may have begun, as far as its dates are known."""
    return str(stay.get("since", min(stay.get("until", today), today)))


def cause(said: str, people: Collection[str]) -> str:
    """A bare slug means a person before it means a case."""
    if ":" in said:
        return said
    return f"defendant:{said}" if said in people else f"case:{said}"


def last_day(setting: Setting) -> date:
    zones = {setting.zone, *setting.court_zones.values()}
    return max(setting.now.astimezone(zone).date() for zone in zones)


def _differ(before: Thing, after: Thing, *keys: str) -> bool:
    return any(before.get(key) != after.get(key) for key in keys)


def _keep_what_was_counted(says: Thing, present: Thing) -> None:
    """Relative times are counted once: else each import would move and confirm all anew."""
    known = {key: present[key] for key in TIMES & present.keys()}
    if WITHDRAWN in present:
        for word in ("confirmed_at", "checked_at"):
            known.setdefault(word, present[WITHDRAWN])  # which is refused
    for key in known.keys() & says.keys():
        is_word_to_come = key in WORDS and times.is_ahead(says[key])  # which is refused
        if times.is_relative(says[key]) and not is_word_to_come:
            says[key] = known[key]


def references(kind: str, says: Thing) -> Iterator[tuple[Path, str, str]]:
    """Where, to which kind and to which slug a thing refers."""
    for key in REFERENCES.get(kind, ()):
        if says.get(key):
            yield (key,), key, says[key]
    if says.get("for"):
        name, _, slug = says["for"].rpartition(":")
        yield ("for",), name or CAUSE, slug
    for key, inner, other in INNER_REFERENCES.get(kind, ()):
        for position, item in enumerate(says.get(key) or ()):
            slug = item.get(inner) if inner else item
            if slug:
                yield (key, position, inner) if inner else (key, position), other, slug


def uses(kind: str, thing: Thing) -> Iterator[tuple[str, str]]:
    """Kinds and slugs of what must be there for the thing as it shall be."""
    if kind == "defendant" and "case" in thing:
        yield "case", thing["case"]
    yield from ((other, slug) for _path, other, slug in references(kind, thing))


REFERENCES = {"hearing": ("case", "court"), "donation_route": ("fundraiser",)}
INNER_REFERENCES = {
    "case": (("timeline", "court", "court"), ("timeline", "who", "defendant")),
    "defendant": (("custody", "facility", "facility"),),
    "event": (("write_to", "", "defendant"),),
}
