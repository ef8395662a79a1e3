"""Languages: catalogues, and how dates, spans and money are said in them.

Catalogues are read from `.po` files at the start, so there is nothing to compile. The language is
a context (PEP 567): what runs inside `speaking("ru")` speaks Russian, whatever runs beside it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.core import get_global
from babel.dates import (
    format_date,
    format_datetime,
    format_timedelta,
    get_timezone_location,
    get_timezone_name,
)
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_symbol

LOCALES = Path(__file__).parent.parent / "locales"
SOURCE = "en"
# Telegram has no catalogue of ours for these; their speakers mostly read Russian too.
READ_RUSSIAN = frozenset({"be", "kk", "ky", "uz", "tg", "tt", "ba", "sah", "cv"})

_language: ContextVar[str] = ContextVar("language", default=SOURCE)


def languages() -> list[str]:
    """Codes of the languages that the bot speaks; English first."""
    return [SOURCE, *sorted(path.parts[-3] for path in LOCALES.glob("*/LC_MESSAGES/bot.po"))]


def native_name(language: str) -> str:
    name = Locale.parse(language).get_display_name() or language
    return name[:1].upper() + name[1:]


def guess(code: str | None) -> str:
    """Our language for Telegram's `language_code` (IETF tag, such as "pt-br")."""
    language = (code or "").split("-")[0].lower()
    if language in languages_set():
        return language
    return "ru" if language in READ_RUSSIAN else SOURCE


@cache
def languages_set() -> frozenset[str]:
    return frozenset(languages())


@contextmanager
def speaking(language: str) -> Iterator[None]:
    token = _language.set(language if language in languages_set() else SOURCE)
    try:
        yield
    finally:
        _language.reset(token)


def in_each(words: Callable[[], str]) -> dict[str, str]:
    """What is said, by language."""
    said = {}
    for code in languages():
        with speaking(code):
            said[code] = words()
    return said


def language() -> str:
    return _language.get()


@cache
def catalogue(language: str) -> NullTranslations:
    if language == SOURCE:
        return NullTranslations()
    with (LOCALES / language / "LC_MESSAGES" / "bot.po").open("rb") as file:
        messages = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _(message: str) -> str:
    return catalogue(language()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    return catalogue(language()).ngettext(one, many, n)


def pick(texts: Mapping[str, str] | None) -> str:
    """The text in the language spoken, else in the campaign's first one, else ""."""
    if not texts:
        return ""
    return texts.get(language()) or next(iter(texts.values()))


def day(value: date) -> str:
    """Such as "3 December 2026"."""
    return format_date(value, "d MMMM y", locale=language())


def day_and_month(value: str) -> str:
    """Such as "14 March", of "03-14"."""
    return format_date(date.fromisoformat(f"2000-{value}"), "d MMMM", locale=language())


def weekday(value: date, *, with_year: bool = False) -> str:
    """Such as "Thursday, 3 December"."""
    return format_date(value, "EEEE, d MMMM" + " y" * with_year, locale=language())


def name_of_weekday(value: date) -> str:
    """Such as "Thursday"."""
    return format_date(value, "cccc", locale=language())


def month(value: date) -> str:
    """ "December 2026"."""
    return format_date(value, "LLLL y", locale=language())


def weekdays() -> list[str]:
    """In two letters, from Monday."""
    names = Locale.parse(language()).days["stand-alone"]["short"]
    return [names[number] for number in range(7)]


def time(value: datetime) -> str:
    """Such as "10:00", on 24 hours in every language, as courts write it."""
    return value.strftime("%H:%M")


def partial_date(value: str, *, genitive: bool = False) -> str:
    """Such as "2018", "2024-04" or "2024-04-30" in words; genitive as after "since"."""
    if len(value) == 4:
        return value
    if len(value) == 7:
        month = "MMMM y" if genitive else "LLLL y"
        return format_date(date.fromisoformat(f"{value}-01"), month, locale=language())
    return day(date.fromisoformat(value))


def ago(moment: datetime, now: datetime) -> str:
    """Such as "today", "yesterday", "3 days ago": days of the calendar in the zone of `now`."""
    then = moment.astimezone(now.tzinfo).date()
    days = (now.date() - then).days
    if days < 0:
        return day(then)
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    return format_timedelta(
        -timedelta(days=days), granularity="day", threshold=2, add_direction=True, locale=language()
    )


def lately(moment: datetime, now: datetime) -> str:
    """Such as "5 minutes ago", "2 hours ago"; after a day as `ago` has it."""
    passed = now - moment
    if not timedelta() <= passed < timedelta(days=1):
        return ago(moment, now)
    return format_timedelta(
        -max(passed, timedelta(minutes=1)),
        granularity="minute",
        threshold=1,
        add_direction=True,
        locale=language(),
    )


def span(length: timedelta) -> str:
    """Such as "2 hours"; minutes where they do not make whole hours."""
    unit: Literal["hour", "minute"] = "minute" if length % timedelta(hours=1) else "hour"
    return format_timedelta(length, granularity=unit, threshold=1000, locale=language())


def short_span(length: timedelta) -> str:
    """Such as "10 sec", "3 hr": without a case that a preposition would change."""
    return format_timedelta(length, threshold=1, format="short", locale=language())


def zone(moment: datetime) -> str:
    """The zone of an aware datetime in words: "Yekaterinburg Time"."""
    return get_timezone_name(moment, width="long", locale=language(), zone_variant="generic")


def zone_and_offset(moment: datetime) -> str:
    """Such as "Yekaterinburg Time, UTC+5"; the city's name where its zone has none."""
    name, key = zone(moment), getattr(moment.tzinfo, "key", "")
    if name.startswith("GMT"):
        is_place = "/" in key and not key.startswith("Etc/")
        name = get_timezone_location(key, locale=language(), return_city=True) if is_place else ""
    return ", ".join(filter(None, [name, offset(moment)]))


def offset(moment: datetime) -> str:
    """Such as "UTC+5", "UTC+5:30"."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    sign = "+" if minutes >= 0 else "−"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def money(amount: Decimal, currency: str) -> str:
    """Such as "€1,200.50", "RUB 150,000", "150 000 ₽": hundredths only where there are any."""
    locale = Locale.parse(language())
    pattern = locale.currency_formats["standard"].pattern
    if amount == amount.to_integral_value():
        pattern = pattern.replace(".00", "")
    if get_currency_symbol(currency, locale).isalpha():
        pattern = pattern.replace("¤#", "¤\xa0#")
    return format_currency(amount, currency, pattern, locale=locale, currency_digits=False)


def number(value: int | float | Decimal) -> str:
    return format_decimal(value, locale=language())


def listed(items: list[str]) -> str:
    return format_list(items, locale=language())


def either(items: list[str]) -> str:
    """ "a, b or c"."""
    return format_list(items, style="or", locale=language())


def language_name(code: str) -> str:
    """A language's name in the language spoken; the code where it has none."""
    return str(Locale.parse(language()).languages.get(code, code))


def script(code: str) -> str:
    """In which alphabet a language is most likely written, such as "Latn" (ISO 15924)."""
    likely = get_global("likely_subtags").get(code, code)
    return next((part for part in likely.split("_") if len(part) == 4), "")


def country_name(code: str) -> str:
    return str(Locale.parse(language()).territories.get(code, code))


def date_time(moment: datetime) -> str:
    """Such as "3 December 2026, 10:00", in the zone that the datetime is in."""
    return format_datetime(moment, "d MMMM y, HH:mm", locale=language())
