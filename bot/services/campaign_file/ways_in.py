"""Ways to pay, and links, among words: they would stand before what to beware of, never lapse, and
be in nobody's four eyes.

Read as people read them, whatever letters, digits and blanks they are written in. Dates, sums and
articles are numbers, too: a run of them is ordinary as long as it is no number to pay to.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Any

import stdnum.iban
import stdnum.luhn
import stdnum.ru.inn
import stdnum.ru.ogrn

from bot.services.payment_details import is_account

UNSEEN = frozenset({"Cf", "Mn", "Me"})
"""Kinds of characters that show nothing by themselves."""
LINK = re.compile(
    r"[a-z][a-z0-9+.-]*:/|@\w|(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
    r"|\b[\w-]*[^\W\d_][\w-]*[.\u3002][a-z]{2,}\b"
    r"|(?<![\w.,-])(?:[a-z][\w-]*\.)?[0-9][0-9-]*[.\u3002](?-i:[a-z]{2,}|[A-Z]{2,})\b"
    r"|\b(?!(?:ук|упк|уик|гк|гпк|тк|нк|коап)\.рф)[\w-]{2,}"
    r"\.(?:рф|рус|ею|бел|укр|қаз|срб|мкд|бг|мон|გე|հայ|ελ|ευ)\b"
    r"|\b[\w-]{3,}\.(?:дети|москва|саит|онлаин|орг|ком|католик)\b",
    re.I,
)
"""As letters are read here: without their accents."""
ADDRESS = re.compile(
    r"(?=[0-9a-z]*[0-9])(?=[0-9a-z]*[a-z])[0-9a-z]{25,}|\b[eukq0]q[\w-]{46}(?![\w-])", re.I | re.A
)
"""Of coins: no word is so long and has digits in it."""
IBAN = re.compile(r"(?<![^\W_])[a-z]{2}[.-]?[0-9]{2}(?:[\W_]{0,3}[0-9a-z]){11,32}", re.I)
IBAN_LENGTHS = range(15, 35)
URL = re.compile(r"\S*://\S+|\bwww\.\S+|\S+\.[a-z]{2,}/\S+", re.I)

# Numbers.

RUN = re.compile(r"(?:\+[\W_]*)?[0-9](?:[\W_]*[0-9])*")
"""Digits with anything but letters between them."""
TELEPHONE = re.compile(r"\+\(?[0-9](?:[\W_]*[0-9]){9,}")
LONGEST = 9
"""Digits of what nobody takes for a number to pay to."""

_DAY = (
    r"(?:(?:0?[1-9]|[12][0-9]|3[01])[./-](?:0?[1-9]|1[0-2])(?:[./-](?:(?:19|20)[0-9]{2}|[0-9]{2}))?"
    r"|(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?"
    r"|(?:[01]?[0-9]|2[0-3])[:.][0-5][0-9])(?![0-9])"
)
_YEAR = r"(?:19|20)[0-9]{2}"
_NUMBERS = (
    r"[0-9]{1,2}-[0-9]{1,5}/(?:(?:19|20)[0-9]{2}|[0-9]{2})",  # of a case in a court
    _YEAR,
    r"[1-9][0-9]{0,2}(?:[ .,'’][0-9]{3}){1,2}(?:[.,][0-9]{1,2})?",  # a sum
    r"(?:0|[1-9][0-9]{0,2})(?:[.,][0-9]{1,2})?",  # an article
    r"[1-9][0-9]{3,5}(?:[.,][0-9]{2})?",
)
_NUMBER = "|".join(rf"(?:{each})(?![0-9])" for each in _NUMBERS)
_ENTRY = (
    rf"(?>{_DAY}(?:(?:\s+|\s?[–—-]\s?){_DAY}){{0,3}}"
    rf"|(?:[₽$€£]\s?)?(?:{_NUMBER})(?:\s?[₽$€£%])?)"
)
_MARK = r",;:.…!?()«»“”\"•·|№#"
_LISTED = rf"(?=[\s{_MARK}]*[{_MARK}])(?=[\s{_MARK}]*[\s()«»“”\"])[\s{_MARK}]+"
_ITEM = rf"(?>{_ENTRY}(?:\s?[–—/-]\s?{_ENTRY})?)"
ORDINARY = re.compile(rf"{_ITEM}(?:{_LISTED}{_ITEM})*+")
"""Days, hours, years, sums, articles, also several of them. What is read is not read otherwise
(`(?>`): there would be too many ways."""
CARD = re.compile(r"[2-6][0-9]{15}|3[47][0-9]{13}|(?:220|6)[0-9]{15,18}")
HELD_BY_PHONE = re.compile(r"[78][3-9][0-9]{9}|(?:37[35]|380|99[24568])[0-9]{8,9}")
WALLET = re.compile(r"4100[0-9]{7,14}")
"""ЮMoney's."""
MONEY = re.compile(
    r"сбер|тинько|т-банк|альфа-?банк|\bвтб\b|\bсбп\b|\bбанк(?:е|ом|ов)?\b|на карту|номер карты"
    r"|деньг|донат|пожертв|перевод(?:ите|ить)? (?:на|по)\b|переведите|скин(?:уть|ьте)|юmoney|qiwi"
    r"|\bsber|\btinkoff|\bbank|\bmoney\b|\bdonat|revolut|\bzelle\b|\bvenmo\b|\bkaspi|monobank|приват"
    r"|\bbizum\b|\bswish\b|\bcash ?app\b",
    re.I,
)
"""What a telephone is paid to by."""
REGISTERED = re.compile(
    r"(?:\b(?P<name>ИНН(?:\s?/\s?КПП)?|INN|KRS)[\s:№#]*)?(?<![0-9])(?P<number>[0-9]{10,15})(?![0-9])",
    re.I,
)
SINCE = range(2, 36)
"""Years of the century in which organisations and entrepreneurs of Russia are registered so."""


def way_in(text: str) -> str | None:
    """A link, or what may be paid to."""
    read = as_read(text)
    if found := LINK.search(read) or ADDRESS.search(read):
        return found[0]
    numbers = (run[0] for run in RUN.finditer(read))
    return next(filter(is_number_to_pay_to, numbers), None) or iban(read)


def paid_to(text: str) -> str | None:
    """What is surely paid to; links may stand there, and telephones that no bank is named with."""
    if not any(map(str.isnumeric, text)):
        return None
    read = URL.sub(" ", as_read(text))
    runs = [run[0] for run in RUN.finditer(read)]
    odd = [run for run in runs if not is_ordinary(run)]
    if number := next((run for run in odd if holds(run, CARD, WALLET, account=True)), None):
        return number
    telephones = [run for run in odd if TELEPHONE.search(run) or holds(run, HELD_BY_PHONE)]
    if telephones and MONEY.search(read):
        return telephones[0]
    found = ADDRESS.search(read)
    return found[0] if found else iban(read)


def without_registered(text: str) -> str:
    """Without the numbers that an organisation is registered under, which its legal status may
    name."""
    return REGISTERED.sub(
        lambda found: "№" if is_registered(**found.groupdict()) else found[0], text
    )


def is_registered(name: str | None, number: str) -> bool:
    named = (name or "").upper()
    if named == "KRS":
        return number.startswith("0000") and len(number) == 10
    if named and stdnum.ru.inn.is_valid(number):
        return True
    first = {13: "15", 15: "3"}.get(len(number), "")
    return number[0] in first and int(number[1:3]) in SINCE and stdnum.ru.ogrn.is_valid(number)


def texts(said: Any) -> Iterator[str]:
    """All that is written there, in all languages."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping | list):
        for one in said.values() if isinstance(said, Mapping) else said:
            yield from texts(one)


# How it is read.


def as_read(text: str) -> str:
    return text if text.isascii() else "".join(map(sign_as_read, text))


@lru_cache(4096)
def sign_as_read(sign: str) -> str:
    """In the usual form, without accents and what nobody sees; a sign that is no letter stays one:
    “№” between digits would be two letters else."""
    kind = unicodedata.category(sign)
    if kind in UNSEEN:
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    parts = unicodedata.normalize("NFKD", sign)
    plain = "".join(part for part in parts if unicodedata.category(part) not in UNSEEN)
    is_sign = kind[0] not in "LN"
    return sign if is_sign and any(map(str.isalnum, plain)) else plain


def is_number_to_pay_to(run: str) -> bool:
    if TELEPHONE.search(run):
        return True
    if sum(map(str.isdigit, run)) <= LONGEST:
        return False
    return not is_ordinary(run) or holds(run, CARD, HELD_BY_PHONE, WALLET, account=True)


def is_ordinary(run: str) -> bool:
    return bool(ORDINARY.fullmatch(run)) and sum(map(is_plain, groups(run))) <= 1


def groups(run: str) -> list[str]:
    return re.findall(r"[0-9]+", run)


def is_plain(group: str) -> bool:
    """Neither a year nor short: of such ones, numbers of cards are made."""
    return len(group) > 3 and not re.fullmatch(_YEAR, group)


def holds(run: str, *patterns: re.Pattern[str], account: bool = False) -> bool:
    """Whether some of its digits, one group after another, are such a number."""
    found = groups(run)
    for start in range(len(found)):
        for number in accumulate(found[start:]):
            if len(number) > 20:
                break
            if account and is_account(number):
                return True
            if any(is_such(number, pattern) for pattern in patterns):
                return True
    return False


def is_such(number: str, pattern: re.Pattern[str]) -> bool:
    if not pattern.fullmatch(number):
        return False
    return pattern is not CARD or bool(stdnum.luhn.is_valid(number))


def iban(read: str) -> str | None:
    for found in IBAN.findall(read):
        said = re.sub(r"[\W_]", "", found)
        beginnings = (said[:length] for length in IBAN_LENGTHS if length <= len(said))
        if number := next(filter(stdnum.iban.is_valid, beginnings), None):
            return number
    return None
