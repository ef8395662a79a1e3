"""Things as a campaign file has them <-> rows of the database.

A thing of the file is plain: texts, numbers, lists, mappings; moments are local times; what refers
to another thing is its slug. What is not there has no key.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from bot.services.campaign_file import times
from bot.services.campaign_file.merge import pruned
from bot.services.campaign_file.schema import WITHDRAWN, Thing
from bot.services.campaign_file.setting import Setting, ordered
from bot.services.campaign_file.values import languages

Row = RowMapping
EVERY = "*"
"""The language of a text that serves for all of them."""

# Columns that hold just what the file's key of the same name says.
SAME = {
    "organisation": ("slug", "languages", "timezone", "contact", "raised_in_a_year"),
    "court": ("slug", "timezone"),
    "facility": ("slug", "country", "kind", "number", "postal_code", "timezone"),
    "case": ("slug", "stage", "people_in_case", "volumes"),
    "defendant": ("slug", "aliases", "birth_year", "birthday", "languages", "status", "country"),
    "hearing": ("slug", "kind", "room", "public", "status", "source"),
    "event": (
        "slug",
        "kind",
        "timezone",
        "minutes",
        "status",
        "repeats",
        "place_shown",
        "online_url",
        "capacity",
    ),
    "letter_goal": ("slug", "letters"),
    "fundraiser": ("slug", "purpose", "status"),
    "donation_route": ("slug", "pay_from", "url", "details", "valid_days"),
}
# Those that hold a text in several languages.
TEXTS = {
    "organisation": ("name", "short", "about"),
    "court": ("name", "city", "address"),
    "facility": ("region", "name", "address"),
    "case": ("title", "also", "summary"),
    "defendant": ("name", "who", "lawyer", "write_about"),
    "hearing": ("judge", "outcome"),
    "event": ("title", "city", "place", "about"),
    "letter_goal": ("title",),
    "fundraiser": ("title",),
    "donation_route": ("method", "legal_status", "warning", "not_for"),
}


class Links:
    """Which row a slug means, and back."""

    def __init__(self, ids: dict[str, dict[str, int]]) -> None:
        self._ids = ids
        self._slugs: dict[str, dict[int, str]] = {}

    def id(self, kind: str, slug: str | None) -> int | None:
        return None if slug is None else self._ids[kind][slug]

    def slug(self, kind: str, number: int | None) -> str | None:
        if kind not in self._slugs:
            self._slugs[kind] = {number: slug for slug, number in self._ids[kind].items()}
        return None if number is None else self._slugs[kind][number]


@dataclass(frozen=True, slots=True)
class Translator:
    setting: Setting
    links: Links

    def row(self, kind: str, thing: Thing) -> dict[str, Any]:
        row = {key: thing.get(key) for key in SAME[kind]}
        row |= {key: self.stored(thing.get(key)) for key in TEXTS[kind]}
        return row | ROW[kind](self, thing)

    def thing(self, kind: str, row: Row) -> Thing:
        thing = {key: row[key] for key in SAME[kind]}
        thing |= {key: said(row[key]) for key in TEXTS[kind]}
        whole: Thing = pruned(thing | THING[kind](self, row))
        return whole

    def stored(self, text: Any) -> dict[str, str] | None:
        if isinstance(text, str):
            return {EVERY: text}
        return ordered(text, self.setting.languages) if text else None

    def stored_all(self, texts: list[Any] | None) -> list[dict[str, str] | None] | None:
        return [self.stored(text) for text in texts] if texts else None

    def moment(self, text: str | None, zone: ZoneInfo | None = None) -> datetime | None:
        if text is None:
            return None
        return times.moment(text, self.setting.now, zone or self.setting.zone)

    def written(self, at: datetime | None) -> str | None:
        return None if at is None else times.written(at, self.setting.zone)

    def inline(self, item: Thing) -> Thing:
        """An item's own keys, then its languages in their order."""
        own = {key: item[key] for key in item if key not in languages()}
        texts = {key: item[key] for key in item if key not in own}
        return own | ordered(texts, self.setting.languages)

    # Lists that have tables of their own

    def custody(self, stay: Thing) -> dict[str, Any]:
        return {
            "facility_id": self.links.id("facility", stay["facility"]),
            "since": day(stay.get("since")),
            "until": day(stay.get("until")),
            "addressee": self.stored(stay.get("addressee")),
            "confirmed_at": self.moment(stay.get("confirmed_at")),
            "source": stay.get("source"),
        }

    def stay(self, row: Row) -> Thing:
        return {
            "facility": self.links.slug("facility", row["facility_id"]),
            "since": iso(row["since"]),
            "until": iso(row["until"]),
            "addressee": said(row["addressee"]),
            "confirmed_at": self.written(row["confirmed_at"]),
            "source": row["source"],
        }

    def timeline_entry(self, entry: Thing) -> dict[str, Any]:
        texts = {key: entry[key] for key in entry if key in languages()}
        return {
            "date": entry.get("date"),
            "kind": entry["kind"],
            "hearing_kind": entry.get("hearing_kind"),
            "court_id": self.links.id("court", entry.get("court")),
            "defendant_id": self.links.id("defendant", entry.get("who")),
            "judge": self.stored(entry.get("judge")),
            "text": self.stored(texts),
        }

    def entry(self, row: Row) -> Thing:
        return {
            "date": row["date"],
            "kind": row["kind"],
            "hearing_kind": row["hearing_kind"],
            "court": self.links.slug("court", row["court_id"]),
            "who": self.links.slug("defendant", row["defendant_id"]),
            "judge": said(row["judge"]),
            **row["text"],
        }


def said(texts: dict[str, str] | None) -> Any:
    return texts[EVERY] if texts and EVERY in texts else texts


def said_all(texts: Iterable[dict[str, str]] | None) -> list[Any] | None:
    return [said(text) for text in texts] if texts else None


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def amount(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def city_key(city: dict[str, str] | None) -> str:
    """The city in the campaign's first language, folded: the same for all its courts."""
    name = next(iter(city.values())) if city else ""
    return " ".join(name.casefold().replace("ё", "е").split())[:100]


def _organisation_row(to: Translator, thing: Thing) -> dict[str, Any]:
    helps = to.stored_all(thing.get("help_it_gives"))
    return {"help_it_gives": helps, "as_of": day(thing.get("as_of"))}


def _organisation(to: Translator, row: Row) -> Thing:
    return {"help_it_gives": said_all(row["help_it_gives"]), "as_of": iso(row["as_of"])}


def _court_row(to: Translator, thing: Thing) -> dict[str, Any]:
    location = thing.get("location", {})
    return {
        "city_key": city_key(to.stored(thing["city"])),
        "latitude": location.get("latitude"),
        "longitude": location.get("longitude"),
    }


def _court(to: Translator, row: Row) -> Thing:
    return {"location": {"latitude": row["latitude"], "longitude": row["longitude"]}}


def _facility_row(to: Translator, thing: Thing) -> dict[str, Any]:
    letters = thing.get("letters", {})
    return {
        "letter_languages": letters.get("languages"),
        "letter_rules": to.stored(letters.get("rules")),
        "letter_days": letters.get("days"),
        "letter_term": letters.get("confirm_every"),
        "letter_services": letters.get("services"),
    }


def _facility(to: Translator, row: Row) -> Thing:
    letters = {
        "languages": row["letter_languages"],
        "rules": said(row["letter_rules"]),
        "days": row["letter_days"],
        "confirm_every": row["letter_term"],
        "services": row["letter_services"],
    }
    return {"letters": letters}


def _case_row(to: Translator, thing: Thing) -> dict[str, Any]:
    articles = [to.inline(article) for article in thing.get("articles", ())]
    return {"articles": articles or None}


def _case(to: Translator, row: Row) -> Thing:
    return {"articles": row["articles"]}


def _defendant_row(to: Translator, thing: Thing) -> dict[str, Any]:
    sentence, letters = thing.get("sentence"), thing.get("letters", {})
    if sentence and "regime" in sentence:
        sentence = sentence | {"regime": to.stored(sentence["regime"])}
    return {
        "case_id": to.links.id("case", thing["case"]),
        "sentence": sentence,
        "campaigns": to.stored_all(thing.get("campaigns")),
        "letters_allowed": letters.get("allowed"),
        "letters_reason": to.stored(letters.get("reason")),
        WITHDRAWN: to.moment(thing.get(WITHDRAWN)),
    }


def _defendant(to: Translator, row: Row) -> Thing:
    sentence = row["sentence"] or {}
    return {
        "case": to.links.slug("case", row["case_id"]),
        "sentence": sentence | {"regime": said(sentence.get("regime"))},
        "campaigns": said_all(row["campaigns"]),
        "letters": {"allowed": row["letters_allowed"], "reason": said(row["letters_reason"])},
        WITHDRAWN: to.written(row[WITHDRAWN]),
    }


def _hearing_row(to: Translator, thing: Thing) -> dict[str, Any]:
    zone = to.setting.court_zones[thing["court"]]
    return {
        "case_id": to.links.id("case", thing["case"]),
        "court_id": to.links.id("court", thing["court"]),
        "starts_at": to.moment(thing["starts_at"], zone),
        "confirmed_at": to.moment(thing.get("confirmed_at")),
        WITHDRAWN: to.moment(thing.get(WITHDRAWN)),
    }


def _hearing(to: Translator, row: Row) -> Thing:
    return {
        "case": to.links.slug("case", row["case_id"]),
        "court": to.links.slug("court", row["court_id"]),
        "starts_at": times.written(row["starts_at"], ZoneInfo(row["court_zone"]), clock=True),
        "confirmed_at": to.written(row["confirmed_at"]),
        WITHDRAWN: to.written(row[WITHDRAWN]),
    }


def _event_row(to: Translator, thing: Thing) -> dict[str, Any]:
    return {"starts_at": to.moment(thing["starts_at"], ZoneInfo(thing["timezone"]))}


def _event(to: Translator, row: Row) -> Thing:
    return {"starts_at": times.written(row["starts_at"], ZoneInfo(row["timezone"]), clock=True)}


def _letter_goal_row(to: Translator, thing: Thing) -> dict[str, Any]:
    return {"since": day(thing["since"]), "until": day(thing.get("until"))}


def _letter_goal(to: Translator, row: Row) -> Thing:
    return {"since": iso(row["since"]), "until": iso(row["until"])}


def _fundraiser_row(to: Translator, thing: Thing) -> dict[str, Any]:
    kind, _, slug = thing.get("for", "").partition(":")
    goal = thing.get("goal", {})
    return {
        "defendant_id": to.links.id("defendant", slug if kind == "defendant" else None),
        "case_id": to.links.id("case", slug if kind == "case" else None),
        "goal": decimal(goal.get("amount")),
        "currency": goal.get("currency"),
        "raised": decimal(thing.get("raised")),
        "closes": day(thing.get("closes")),
    }


def _fundraiser(to: Translator, row: Row) -> Thing:
    person = to.links.slug("defendant", row["defendant_id"])
    case = to.links.slug("case", row["case_id"])
    return {
        "for": (person and f"defendant:{person}") or (case and f"case:{case}"),
        "goal": {"amount": amount(row["goal"]), "currency": row["currency"]},
        "raised": amount(row["raised"]),
        "closes": iso(row["closes"]),
    }


def _donation_route_row(to: Translator, thing: Thing) -> dict[str, Any]:
    return {
        "fundraiser_id": to.links.id("fundraiser", thing["fundraiser"]),
        "checked_at": to.moment(thing["checked_at"]),
    }


def _donation_route(to: Translator, row: Row) -> Thing:
    return {
        "fundraiser": to.links.slug("fundraiser", row["fundraiser_id"]),
        "checked_at": to.written(row["checked_at"]),
    }


ROW: dict[str, Callable[[Translator, Thing], dict[str, Any]]] = {
    "organisation": _organisation_row,
    "court": _court_row,
    "facility": _facility_row,
    "case": _case_row,
    "defendant": _defendant_row,
    "hearing": _hearing_row,
    "event": _event_row,
    "letter_goal": _letter_goal_row,
    "fundraiser": _fundraiser_row,
    "donation_route": _donation_route_row,
}
THING: dict[str, Callable[[Translator, Row], Thing]] = {
    "organisation": _organisation,
    "court": _court,
    "facility": _facility,
    "case": _case,
    "defendant": _defendant,
    "hearing": _hearing,
    "event": _event,
    "letter_goal": _letter_goal,
    "fundraiser": _fundraiser,
    "donation_route": _donation_route,
}
