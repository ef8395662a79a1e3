"""Single values of a campaign file: what each may be. Checks return the value as it is kept."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from bot.services import payment_details
from bot.services.campaign_file.problems import What, wrong
from models import DetailKind

Check = Callable[[Any], Any]

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 40
LANGUAGE = re.compile(r"[a-z]{2,3}")
UTC_OFFSET = re.compile(r"(?:UTC|GMT|MSK|Etc/GMT)? ?([+-])([0-9]{1,2})(?::?([0-9]{2}))?", re.I)
CONTINENTS = frozenset({"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Pacific"})
FAMILIAR = frozenset(
    (
        "Europe/Kaliningrad",
        "Europe/Moscow",
        "Europe/Minsk",
        "Europe/Samara",
        "Europe/Istanbul",
        "Asia/Tbilisi",
        "Asia/Yerevan",
        "Asia/Yekaterinburg",
        "Asia/Almaty",
        "Asia/Tashkent",
        "Asia/Bishkek",
        "Asia/Omsk",
        "Asia/Novosibirsk",
        "Asia/Krasnoyarsk",
        "Asia/Irkutsk",
        "Asia/Yakutsk",
        "Asia/Vladivostok",
        "Asia/Magadan",
        "Asia/Kamchatka",
    )
)
"""Of the zones with one offset those that are named first."""
SUGGESTED = 6
FULL = "_full"
"""After a language: the name as documents have it."""
OF_RUSSIA = frozenset(
    {"abq", "agx", "ckt", "evn", "kca", "kjh", "lbe", "mhr", "mns", "mrj", "rut", "tab", "tkr"}
)
"""Languages that Babel has no name for."""
WORD = re.compile(r"[a-z][a-z_]{0,31}")
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}

# Control characters, those that reorder text, breaks that are no "\n", and invisible ones: fillers,
# blanks, tags.
TRICKS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u2800\u3164\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
# Joiners and variation selectors belong to the sign before them; by themselves they hide.
JOINERS = "\u200c\u200d"
SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
STRAY = re.compile(
    rf"(?:^|(?<=[\s{JOINERS}]))[{JOINERS}{SELECTORS}]|(?<=[{SELECTORS}])[{SELECTORS}]"
)

SEEN = "LNPS"
"""Kinds of characters that show something by themselves: letters, numbers, punctuation, symbols."""

HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Cyrillic letters that a reader takes for Latin ones.
LOOK_ALIKES = frozenset("абеорсухіјѕԁһӏԛԝкмнтгѵ")
URL_LENGTH = 500
PORT = re.compile(r"[0-9]{1,5}")
SHORTENERS = frozenset({
    "adf.ly", "amzn.to", "bit.ly", "bitly.com", "bl.ink", "buff.ly", "clck.ru", "clc.to",
    "cutt.ly", "cutt.us", "dub.sh", "fb.me", "gg.gg", "goo.gl", "goo.su", "is.gd",
    "kutt.it", "linktr.ee", "lnk.bio", "lnkd.in", "ow.ly", "qps.ru", "qr.ae", "rb.gy",
    "rebrand.ly", "s.id", "short.gy", "short.io", "shorturl.at", "shrt.lt", "soo.gd",
    "surl.li", "t.co", "t.ly", "taplink.cc", "tiny.cc", "tiny.one", "tiny.pl",
    "tinyurl.com", "trib.al", "u.to", "urlid.ru", "urls.ru", "v.gd", "vk.cc", "vk.link",
    "vk.me", "ya.cc",
    "app.link", "beacons.ai", "bit.do", "bitly.ws", "forms.gle", "g.co", "goo.gle", "hipolink.net",
    "j.mp", "mcaf.ee", "onelink.me", "page.link", "qrco.de", "shorturl.asia", "snip.ly",
    "tny.im", "tr.im", "x.gd",
    "clck.su", "many.link", "tap.link", "tinyurl.ru", "wp.me",
    "allmylinks.com", "bio.link", "campsite.bio", "cli.re", "da.gd", "linkin.bio", "lnk.to",
    "n9.cl", "ouo.io", "shorte.st", "smarturl.it", "solo.to", "t1p.de", "u.nu", "urlz.fr", "v.ht",
})  # fmt: skip
PROXIES = frozenset({
    "translate.goog", "translate.google.com", "archive.org", "archive.ph", "12ft.io",
    "archive.is", "archive.today", "ghostarchive.org", "cdn.ampproject.org", "disq.us",
    "slack-redir.net", "webcache.googleusercontent.com", "translate.yandex.net",
    "translate.yandex.ru", "translate.yandex.com",
})  # fmt: skip
"""What they show is somebody else's."""
MESSENGERS = frozenset({
    "t.me", "telegram.me", "telegram.dog", "telegram.org", "telegra.ph", "graph.org", "legra.ph",
    "tx.me", "tg.dev", "wa.me", "whatsapp.com", "m.me", "signal.me", "mssg.me",
})  # fmt: skip
"""Where anybody may write as whomever they like."""
ELSEWHERE = re.compile(
    r"[a-z][a-z0-9+.-]*:[/\\]|[/\\]{2}|https?:"
    r"|(?<![\w.-])(?:[\w-]+\.)*[\w-]*[^\W\d_][\w-]*\.(?!(?:html?|php|aspx?|pdf)(?![\w.-]))"
    r"(?:xn--[a-z0-9-]+|[^\W\d_]{2,})(?![^\W_]|-)"
    r"|(?:[0-9]{1,3}\.){3}[0-9]{1,3}|/amp/",
    re.I,
)
"""Another address within one: nobody can tell which of them somebody comes to."""
USERNAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}")
MAIL = re.compile(r"mailto:[A-Za-z0-9._+-]{1,64}@(?P<host>[A-Za-z0-9.-]{3,253})")

POSTAL_CODES = {"RU": re.compile(r"[0-9]{6}")}
POSTAL_CODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,10}[A-Z0-9]")


def text(value: object) -> str:
    if not isinstance(value, str):
        raise wrong(What.WRONG_TYPE, expected="text")
    return value


def line(limit: int, *, breaks: bool = False) -> Check:
    """A text of people: one line, or several with `breaks`; at most `limit` characters."""

    def check(value: object) -> str:
        clean = unicodedata.normalize("NFC", text(value)).strip()
        if trick := TRICKS.search(clean) or STRAY.search(clean):
            raise wrong(What.CHARACTER, code=f"U+{ord(trick.group()):04X}")
        if not clean:
            raise wrong(What.EMPTY_TEXT)
        if not any(unicodedata.category(sign)[0] in SEEN for sign in clean):
            raise wrong(What.SHOWS_NOTHING)
        if len(clean) > limit:
            raise wrong(What.TOO_LONG, length=len(clean), limit=limit)
        if not breaks and "\n" in clean:
            raise wrong(What.LINE_BREAK)
        return clean

    return check


def matching(pattern: re.Pattern[str], what: What) -> Check:
    def check(value: object) -> str:
        if not pattern.fullmatch(text(value)):
            raise wrong(what)
        return str(value)

    return check


def slug(value: object) -> str:
    if len(text(value)) > SLUG_LENGTH or not SLUG.fullmatch(str(value)):
        raise wrong(What.SLUG, limit=SLUG_LENGTH)
    return str(value)


def cause(value: object) -> str:
    """Whom money is for: a slug; "case:…" or "defendant:…" where a case and a person share it."""
    kind, colon, name = text(value).rpartition(":")
    if colon and kind not in ("case", "defendant"):
        raise wrong(What.SLUG, limit=SLUG_LENGTH)
    slug(name)
    return str(value)


def one_of(words: Iterable[str]) -> Check:
    allowed = [str(word) for word in words]

    def check(value: object) -> str:
        if text(value) not in allowed:
            raise wrong(What.NOT_ALLOWED, allowed=allowed)
        return str(value)

    return check


def language(value: object) -> str:
    """A code of ISO 639: two letters, where a language has such."""
    code = text(value)
    if not LANGUAGE.fullmatch(code):
        raise wrong(What.LANGUAGE)
    if code in languages():
        return code
    if meant := get_global("language_aliases").get(code):
        raise wrong(What.LANGUAGE_CODE, meant=meant)
    raise wrong(What.UNKNOWN_LANGUAGE, among=languages())


def name_language(value: object) -> str:
    language(text(value).removesuffix(FULL))
    return str(value)


@cache
def languages() -> frozenset[str]:
    codes: Iterable[str] = Locale("en").languages
    return OF_RUSSIA.union(code for code in codes if LANGUAGE.fullmatch(code)) - {
        "mul",
        "und",
        "zxx",
    }


def timezone(value: object) -> str:
    if text(value) in timezones():
        return str(value)
    if match := UTC_OFFSET.fullmatch(str(value)):
        raise wrong(What.OFFSET_ZONE, zones=_zones_at(match))
    raise wrong(What.TIMEZONE, among=timezones())


def _zones_at(offset: re.Match[str]) -> list[str]:
    """Zones with cities that have it all year, first those nearest to most campaigns."""
    east = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    minutes = east if offset[1] == "+" else -east
    alike = [zone for zone in sorted(timezones()) if _offsets(zone) == {minutes}]
    named = [zone for zone in alike if zone.partition("/")[0] in CONTINENTS]
    return sorted(named, key=lambda zone: (zone not in FAMILIAR, zone))[:SUGGESTED]


@cache
def _offsets(zone: str) -> frozenset[timedelta | None]:
    return frozenset(
        datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)
    )


def known(words: Callable[[], Collection[str]], what: What) -> Check:
    def check(value: object) -> str:
        if text(value) not in words():
            raise wrong(what, among=words())
        return str(value)

    return check


@cache
def timezones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


@cache
def countries() -> frozenset[str]:
    codes: Iterable[str] = Locale("en").territories
    return frozenset(code for code in codes if len(code) == 2 and code.isalpha())


@cache
def currencies() -> frozenset[str]:
    """In which somewhere is paid today."""
    today = (get_territory_currencies(one) for one in get_global("territory_currencies"))
    return frozenset(currency for each in today for currency in each)


def number(low: float, high: float) -> Check:
    """Whole numbers stay whole."""

    def check(value: object) -> int | float:
        if not NUMBER.fullmatch(text(value)):
            raise wrong(What.NUMBER)
        found = float(str(value))
        if not low <= found <= high:
            raise wrong(What.RANGE, low=low, high=high)
        return int(found) if found.is_integer() else found

    return check


def whole(low: int, high: int) -> Check:
    def check(value: object) -> int:
        if not re.fullmatch(r"-?[0-9]{1,15}", text(value)):
            raise wrong(What.WHOLE_NUMBER)
        if not low <= int(str(value)) <= high:
            raise wrong(What.RANGE, low=low, high=high)
        return int(str(value))

    return check


def money(value: object) -> int | float:
    """Up to hundredths."""
    found: int | float = number(0, 1e12)(value)
    if round(found, 2) != found:
        raise wrong(What.NUMBER)
    return found


def boolean(value: object) -> bool:
    if text(value).lower() not in BOOLEANS:
        raise wrong(What.YES_OR_NO)
    return BOOLEANS[str(value).lower()]


def written_time(check: Callable[[str], object]) -> Check:
    """The text stays: what it means depends on the zone and on the day of the import."""

    def keep(value: object) -> str:
        check(text(value))
        return str(value)

    return keep


def place_shown(value: object) -> str:
    """ "public", "attendees", or hours before the start: 3, also {hours: 3}."""
    if isinstance(value, dict) and list(value) == ["hours"]:
        value = value["hours"]
    if text(value) in ("public", "attendees"):
        return str(value)
    if not re.fullmatch(r"[0-9]{1,4}", str(value)):
        raise wrong(What.PLACE_SHOWN, among=("public", "attendees"))
    return str(whole(1, 24 * 30)(value))


def postal_code(code: str, country: str | None) -> None:
    if not POSTAL_CODES.get(country or "", POSTAL_CODE).fullmatch(code):
        raise wrong(What.POSTAL_CODE, country=country)


def url(value: object) -> str:
    """An https address that cannot be taken for another one."""
    if len(text(value)) > URL_LENGTH:
        raise wrong(What.TOO_LONG, length=len(str(value)), limit=URL_LENGTH)
    link = str(value)
    if not link.isascii() or not link.isprintable() or set(link) & set(' \\"<>^`{|}'):
        raise wrong(What.URL, reason="characters")
    if not link.startswith("https://"):
        raise wrong(What.URL, reason="https")
    authority = re.split("[/?#]", link.removeprefix("https://"))[0]
    if "@" in authority:
        raise wrong(What.URL, reason="credentials")
    host, colon, port = authority.partition(":")
    if colon and not (PORT.fullmatch(port) and 1 <= int(port) <= 65535):
        raise wrong(What.URL, reason="host")
    _host(host)
    return link


def payment_url(value: object) -> str:
    """One that leads where its host says: nobody can see where others end, or for how long. The
    host in small letters: a large “I” is taken for an “l”."""
    link = url(value)
    authority = re.split("[/?#]", link.removeprefix("https://"))[0].lower()
    host, colon, _port = authority.partition(":")
    rest = link[len("https://") + len(authority) :]
    if is_within(host, SHORTENERS | MESSENGERS):
        raise wrong(What.URL, reason="shortener")
    if colon:
        raise wrong(What.URL, reason="port")
    if is_within(host, PROXIES) or ELSEWHERE.search(decoded(rest)):
        raise wrong(What.URL, reason="redirect")
    encoded = [label for label in host.split(".") if label.startswith("xn--")]
    is_mixed = encoded and not host.rpartition(".")[2].startswith("xn--")
    if is_mixed or not all(is_cyrillic(label) for label in encoded):
        raise wrong(What.URL, reason="look_alike")
    return f"https://{authority}{rest}"


def is_within(host: str, sites: frozenset[str]) -> bool:
    return f".{host}".endswith(tuple(f".{one}" for one in sites))


def decoded(text: str) -> str:
    """However often it was encoded, and with dots that look otherwise."""
    while (plain := unicodedata.normalize("NFKC", unquote(text)).replace("。", ".")) != text:
        text = plain
    return text


def is_cyrillic(label: str) -> bool:
    """Of other alphabets nearly every letter has a Latin one that looks like it, or an accent that
    nobody sees."""
    letters = [sign for sign in label.encode().decode("idna") if sign.isalpha()]
    return all(unicodedata.name(sign, "").startswith("CYRILLIC") for sign in letters)


def contact(value: object) -> str:
    """Where people ask the organisers: @name in Telegram, mailto:…, or an https address."""
    if USERNAME.fullmatch(text(value)):
        return str(value)
    if mail := MAIL.fullmatch(str(value)):
        _host(mail["host"])
        return str(value)
    if not str(value).startswith("https://"):
        raise wrong(What.CONTACT)
    return url(value)


def _host(host: str) -> None:
    labels = host.lower().split(".")
    is_number = labels[-1].isdigit() or labels[-1].startswith("0x")
    real = len(labels) > 1 and not is_number and len(host) <= 253
    if not real or not all(HOST_LABEL.fullmatch(label) for label in labels):
        raise wrong(What.URL, reason="host")
    for label in labels:
        if label.startswith("xn--") and _deceives(label):
            raise wrong(What.URL, reason="look_alike")


def _deceives(label: str) -> bool:
    """Letters of several scripts in one word, or none but those that look Latin."""
    try:
        letters = [sign for sign in label.encode().decode("idna") if sign.isalpha()]
    except UnicodeError:
        return True
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in letters}
    return len(scripts) > 1 or set(letters) <= LOOK_ALIKES


class Paid:
    """A detail to pay by: without the blanks that people write in numbers."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, detail: dict[str, str]) -> dict[str, str]:
        return paid(detail)


def paid(detail: dict[str, str]) -> dict[str, str]:
    kind = DetailKind(detail["kind"])
    try:
        return {"kind": str(kind), "value": payment_details.compact(kind, detail["value"])}
    except payment_details.Mistyped as error:
        raise wrong(What.DETAIL, of=str(kind)) from error


class Said:
    """A text of people: {language: text}, or one text that serves for every language."""

    def __init__(self, limit: int, *, breaks: bool = False, keys: Check = language) -> None:
        self._text = line(limit, breaks=breaks)
        self._keys = keys

    def __get_pydantic_core_schema__(self, _s: Any, _h: GetCoreSchemaHandler) -> CoreSchema:
        plain = core_schema.no_info_plain_validator_function
        languages = core_schema.dict_schema(
            plain(self._keys),
            core_schema.nullable_schema(plain(self._text)),
        )
        return core_schema.no_info_wrap_validator_function(self._either, languages)

    def _either(self, value: object, mapping: Callable[[object], Any]) -> Any:
        return self._text(value) if isinstance(value, str) else mapping(value)


def _own(shaped: Any) -> Any:
    return {key: shaped[key] for key in shaped if key != "said"}


class Inline:
    """Languages that stand beside a thing's own keys: {article: "213", en: hooliganism}."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        self._own = frozenset(source.__annotations__)
        return core_schema.no_info_wrap_validator_function(self._split, handler(source))

    def _split(self, value: object, shape: Callable[[object], Any]) -> Any:
        if not isinstance(value, dict):
            return shape(value)
        others = {key: text for key, text in value.items() if key not in self._own}
        said = {key: text for key, text in others.items() if LANGUAGE.fullmatch(key)}
        own = {"* " if key == "*" else key: value[key] for key in value if key not in said}
        checked = shape({**own, "*": said} if said else own)
        return {**_own(checked), **checked.get("said", {})}
