"""Values of fields as people read them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.i18n import (
    _,
    country_name,
    date_time,
    day,
    day_and_month,
    language,
    language_name,
    listed,
    money,
    ngettext,
    number,
    partial_date,
    weekday,
    zone_and_offset,
)
from bot.services.forms.changes import NOW
from bot.services.forms.fields import Field, How
from bot.services.forms.present import Known, meant, said_in
from bot.views import words
from bot.views.campaign_file import terms
from bot.views.parts import capital


def said(known: Known, of: Field, value: Any) -> str:
    """In words; nothing: "—"."""
    if value in (None, "", [], {}):
        return "—"
    return READ.get(of.how, plain)(known, of, value)


def plain(known: Known, of: Field, value: Any) -> str:
    return words.code(str(value)) if of.name == "code" else str(value)


def texts(known: Known, of: Field, value: Any) -> str:
    return text_of(value)


def text_of(value: Any) -> str:
    """In the language spoken, else in the first one."""
    if isinstance(value, Mapping):
        return str(value.get(language()) or next(iter(value.values()), ""))
    return str(value or "")


def word(known: Known, of: Field, value: Any) -> str:
    if of.within == "timeline" and of.key == "kind":
        return happening(str(value))
    if of.within == "details":
        return words.detail(str(value))
    return terms.value(known.form.kind, of.key.rpartition(".")[2], str(value)) or str(value)


def happening(value: str) -> str:
    """What an entry of a timeline is; a campaign file may have words of its own."""
    return {
        "arrest": _("arrest"),
        "charge": _("charge"),
        "hearing": _("hearing"),
        "hearing_expected": _("hearing expected"),
        "verdict": _("verdict"),
        "appeal": _("appeal"),
        "letter": _("letter"),
        "note": _("something else"),
    }.get(value, value)


def flag(known: Known, of: Field, value: Any) -> str:
    return _("yes") if value else _("no")


def things(known: Known, of: Field, value: Any) -> str:
    return listed([text_of(known.names.get(one)) or one[1] for one in meant(of, value)])


def language_list(known: Known, of: Field, value: Any) -> str:
    return listed([language_name(one) for one in value])


def language_label(code: str) -> str:
    return capital(terms.language_words(code))


def country(known: Known, of: Field, value: Any) -> str:
    return country_name(str(value))


def zone(known: Known, of: Field, value: Any) -> str:
    return zone_name(str(value))


def zone_name(key: str) -> str:
    """As it is in winter."""
    return zone_and_offset(datetime(2026, 1, 1, tzinfo=ZoneInfo(key)))


def one_day(known: Known, of: Field, value: Any) -> str:
    return day(date.fromisoformat(str(value)))


def days(known: Known, of: Field, value: Any) -> str:
    return listed([day(date.fromisoformat(one)) for one in value])


def partial(known: Known, of: Field, value: Any) -> str:
    return partial_date(str(value))


def birthday(known: Known, of: Field, value: Any) -> str:
    return day_and_month(str(value))


def start(known: Known, of: Field, value: Any) -> str:
    local = datetime.fromisoformat(str(value))
    return f"{capital(weekday(local, with_year=True))}, {local:%H:%M}"


def checked(known: Known, of: Field, value: Any) -> str:
    if value == NOW:
        return _("today, by you")
    at = datetime.fromisoformat(str(value))
    return date_time(at) if len(str(value)) > len("2026-12-01") else day(at)


def a_number(known: Known, of: Field, value: Any) -> str:
    """Years are no thousands."""
    if of.key == "birth_year" or isinstance(value, str):
        return str(value)
    return number(value)


def sum_of(known: Known, of: Field, value: Any) -> str:
    amount, currency = value.get("amount"), value.get("currency", "")
    if amount is None:
        return str(currency)
    return money(Decimal(str(amount)), currency) if currency else str(amount)


def location(known: Known, of: Field, value: Any) -> str:
    return ", ".join(str(value.get(key, "")) for key in ("latitude", "longitude"))


def lines(known: Known, of: Field, value: Any) -> str:
    return ", ".join(value)


def items(known: Known, of: Field, value: Any) -> str:
    """A few are told, of many the number."""
    told = [item(known, of, one) for one in value]
    if len(told) <= 2:
        return "; ".join(told)
    return ngettext("{n} entry", "{n} entries", len(told)).format(n=len(told))


def item(known: Known, of: Field, one: Any) -> str:
    """One of a list, in a line."""
    if of.key == "articles":
        meaning = text_of(said_in(one))
        return ": ".join(filter(None, [words.article(one), meaning]))
    if of.key == "details":
        return f"{words.detail(one['kind'])}: {one['value']}"
    if of.key == "timeline":
        when = partial_date(one["date"]) if "date" in one else _("no day")
        return f"{when} · {text_of(said_in(one))}"
    return one["name"] if "name" in one else text_of(said_in(one))


def part(known: Known, of: Field, item: int) -> str:
    """Of an item, or of the thing itself."""
    return said(known, of, known.value(of, item))


def joined(parts: Iterable[str]) -> str:
    return " · ".join(each for each in parts if each)


READ = {
    How.TEXTS: texts,
    How.WORD: word,
    How.FLAG: flag,
    How.ONE: things,
    How.SEVERAL: things,
    How.LANGUAGES: language_list,
    How.COUNTRY: country,
    How.ZONE: zone,
    How.DAY: one_day,
    How.DAYS: days,
    How.PARTIAL: partial,
    How.BIRTHDAY: birthday,
    How.START: start,
    How.CHECKED: checked,
    How.WHOLE: a_number,
    How.NUMBER: a_number,
    How.MONEY: sum_of,
    How.LOCATION: location,
    How.LINES: lines,
    How.ITEMS: items,
}
