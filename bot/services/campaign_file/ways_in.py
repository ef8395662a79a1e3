"""Ways to pay, and links, among words: they would stand before what to beware of, never lapse, and
be in nobody's four eyes.

A text is read as people read it (`as_read`), then looked at by a few rules: links, addresses of
coins, IBANs, numbers. `way_in` is for the words of a way to pay itself, where no link and no long
number has anything to do; `paid_to` for all others, where people may write a telephone or a link,
and only what is surely paid to is refused.

Numbers are hard, for dates, sums and articles are numbers, too. So moments are taken out, the rest
is split as a list, and a number is ordinary if each of its items has a form in `ITEM`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Any

import stdnum.iban
import stdnum.luhn
import stdnum.pl.nip
import stdnum.ru.inn
import stdnum.ru.ogrn

from bot.services.payment_details import bitcoin, is_account, tron


def way_in(text: str) -> str | None:
    """A link, or what may be paid to."""
    read = NAMED_SO.sub(" № ", as_read(text))
    return link(read) or coin(read) or iban(read) or cut_card(read) or first(may_be_paid_to, read)


def paid_to(text: str) -> str | None:
    """What is surely paid to; links may stand there, and telephones that no bank is named with."""
    if not any(map(str.isnumeric, text)):
        return None
    read = URL.sub(" ", NAMED_SO.sub(" № ", as_read(text)))
    return (
        coin(read)
        or iban(read)
        or cut_card(read)
        or first(is_surely_paid_to, read)
        or (first(is_telephone, read) if MONEY.search(read) else None)
    )


def without_registered(text: str) -> str:
    """Without the numbers that an organisation is registered under, which its legal status may
    name."""
    return REGISTERED.sub(
        lambda found: "№" if is_registered(**found.groupdict()) else found[0], text
    )


def texts(said: Any) -> Iterator[str]:
    """All that is written there, in all languages."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping | list):
        for one in said.values() if isinstance(said, Mapping) else said:
            yield from texts(one)


# How it is read.

UNSEEN = frozenset({"Cf", "Mn", "Me"})
"""Kinds of characters that show nothing by themselves."""


def as_read(text: str) -> str:
    return text if text.isascii() else "".join(map(sign_as_read, text))


@lru_cache(4096)
def sign_as_read(sign: str) -> str:
    """In the usual form, without accents and what nobody sees; a digit of any script is ours. What
    is no letter stays none: “№” between digits would be two letters else."""
    kind = unicodedata.category(sign)
    if kind in UNSEEN:
        return ""
    if (value := unicodedata.numeric(sign, -1)) in range(10):
        return str(int(value))
    parts = unicodedata.normalize("NFKD", sign)
    plain = "".join(part for part in parts if unicodedata.category(part) not in UNSEEN)
    is_sign = kind[0] not in "LN"
    return sign if is_sign and any(map(str.isalnum, plain)) else plain


# Links.

DOT = r"[.\u3002·•∙‧]"
USUAL = "com|org|net|info|ru"
"""Ends that nobody takes for a word, also after a blank."""
LINK = re.compile(
    "|".join(
        [
            r"[a-z][a-z0-9+.-]*:/",
            r"@\s?\w|\w[\[(]at[\])]\w|\w_bot\b",
            r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}",
            # example.org, EXAMPLE.ORG, 777.com; but “please.Thank you”, “in 2025.then”.
            r"\b[\w-]*[^\W\d_][\w-]*[.\u3002](?-i:[a-z]{2,}|[A-Z]{2,})\b",
            r"(?<![\w.,-])(?:[a-z][\w-]*\.)?[0-9][0-9-]*[.\u3002](?-i:[a-z]{2,}|[A-Z]{2,})\b",
            # example.Org, paypal.Me/x, example · org, example[.]org, example dot org
            rf"\w{DOT}(?:{USUAL})\b|\w\.[a-z]{{2,}}/",
            rf"\w\s*[\[(]?{DOT}[\])]?\s*(?-i:{USUAL}|{USUAL.upper()})\b",
            rf"\w\W{{1,3}}(?:dot|точка)\W{{1,3}}(?:{USUAL}|ру|ком|рф)\b",
            # пример.рф, example.рф, and an end whose letters only look alike: example.cоm
            r"\b(?!(?:ук|упк|уик|гк|гпк|тк|нк|коап)\.рф)[\w-]{2,}"
            r"\.(?:рф|рус|ею|бел|укр|қаз|срб|мкд|бг|мон|გე|հայ|ελ|ευ)\b",
            r"\b[\w-]{3,}\.(?:дети|москва|саит|онлаин|орг|ком|католик)\b",
            r"\b[a-z][a-z0-9-]+\.(?-i:[а-яё]{2,})\b",
            r"\w\.(?=\w*[a-z])(?=\w*[а-яё])[a-zа-яё]{2,}\b",
        ]
    ),
    re.I,
)
"""As letters are read here: without their accents."""
URL = re.compile(r"\S*://\S+|\bwww\.\S+|\S+\.[a-z]{2,}/\S+", re.I)


def link(read: str) -> str | None:
    found = LINK.search(read)
    return found[0] if found else None


# Addresses of coins, and IBANs: also with blanks and line breaks in them, which their checksums see
# through.

ADDRESS = re.compile(
    r"(?=[0-9a-z]*[0-9])(?=[0-9a-z]*[a-z])[0-9a-z]{20,}|\b[eukq0]q[\w-]{46}(?![\w-])"
    r"|\b0x(?:\s?[0-9a-f]){40}\b",
    re.I | re.A,
)
"""No word is so long and has digits in it."""
SPELLED = re.compile(r"(?<![^\W_])(?=((?:bc1|[13T])(?:[\s-]?[0-9a-z]){25,61}))", re.I | re.A)
SPELLED_IBAN = re.compile(
    r"(?<![^\W_])(?=([a-z]{2}[\s.-]?[0-9]{2}(?:[\W_]{0,3}[0-9a-z]){11,32}))", re.I
)


def coin(read: str) -> str | None:
    if found := ADDRESS.search(read):
        return found[0]
    lengths = {"T": [34], "b": [42, 62], "B": [42, 62]}
    for spelled in SPELLED.finditer(read):
        said = re.sub(r"[\s-]", "", spelled[1])
        if said[:26].isdigit():
            continue
        check = tron if said[0] == "T" else bitcoin
        if number := beginning(said, lengths.get(said[0], range(26, 36)), check):
            return number
    return None


def iban(read: str) -> str | None:
    for spelled in SPELLED_IBAN.finditer(read):
        said = re.sub(r"[\W_]", "", spelled[1])
        if number := beginning(said, range(15, 35), stdnum.iban.validate):
            return number
    return None


def beginning(said: str, lengths: Any, check: Callable[[str], str]) -> str | None:
    """Of a length that such numbers have, and right."""
    for length in lengths:
        try:
            return check(said[:length])
        except ValueError:  # also what stdnum raises
            continue
    return None


# Numbers: of cards, accounts, wallets, telephones.

RUN = re.compile(r"(?:\+[\W_]*)?[0-9](?:[\W_]*[0-9])*")
"""Digits with anything but letters between them."""
LONGEST = 9
"""Digits of what nobody takes for a number to pay to."""
TELEPHONE = re.compile(r"\+\(?[0-9](?:[\W_]*[0-9]){9,}")
HELD_BY_PHONE = re.compile(r"[78]?9[0-9]{9}|[78][3-8][0-9]{9}|(?:37[35]|380|99[24568])[0-9]{8,9}")
CARD = re.compile(r"[2-6][0-9]{15}|3[47][0-9]{13}|(?:220|6)[0-9]{15,18}")
CUT_CARD = re.compile(r"(?<![0-9])(?=([0-9]{4}(?:[^0-9]{1,20}[0-9]{4}){3})(?![0-9]))")
"""Four fours, whatever stands between them, also words."""
WALLET = re.compile(r"4100[0-9]{7,14}")
"""ЮMoney's."""
MONEY = re.compile(
    r"сбер|тинько|т-банк|альфа-?банк|\bвтб\b|\bсбп\b|\bбанк(?:е|ом|ов)?\b|на карту|номер карты"
    r"|деньг|донат|пожертв|перевод(?:ите|ить)? (?:на|по)\b|переведите|перечисл|скин(?:уть|ьте)"
    r"|юmoney|qiwi|\bsber|\btinkoff|\bbank|\bmoney\b|\bdonat|revolut|\bzelle\b|\bvenmo\b|\bkaspi"
    r"|monobank|приват|\bbizum\b|\bswish\b|\bcash ?app\b",
    re.I,
)
"""What a telephone is paid to by."""


def first(is_such: Callable[[str], bool], read: str) -> str | None:
    return next((run[0] for run in RUN.finditer(read) if is_such(run[0])), None)


def may_be_paid_to(run: str) -> bool:
    if TELEPHONE.search(run):
        return True
    return sum(map(str.isdigit, run)) > LONGEST and not is_ordinary(run)


def is_surely_paid_to(run: str) -> bool:
    return holds(run, is_card, is_wallet, is_account) and not is_ordinary(run)


def is_telephone(run: str) -> bool:
    return bool(TELEPHONE.search(run)) or (holds(run, is_held_by_phone) and not is_ordinary(run))


def cut_card(read: str) -> str | None:
    for fours in CUT_CARD.findall(read):
        found = groups(fours)
        if sum(map(is_year, found)) < 2 and is_card("".join(found)):
            return str(fours)
    return None


def is_card(number: str) -> bool:
    return bool(CARD.fullmatch(number)) and bool(stdnum.luhn.is_valid(number))


def is_wallet(number: str) -> bool:
    return bool(WALLET.fullmatch(number))


def is_held_by_phone(number: str) -> bool:
    return bool(HELD_BY_PHONE.fullmatch(number))


def holds(run: str, *are_such: Callable[[str], bool]) -> bool:
    """Whether some of its digits, one group after another, are such a number."""
    found = groups(run)
    for start in range(len(found)):
        for number in accumulate(found[start:]):
            if len(number) > 20:
                break
            if len(number) > LONGEST and any(is_such(number) for is_such in are_such):
                return True
    return False


def groups(run: str) -> list[str]:
    return re.findall(r"[0-9]+", run)


def is_year(group: str) -> bool:
    return bool(re.fullmatch(YEAR, group))


# What else has many digits.

YEAR = r"(?:19|20)[0-9]{2}"
_DAY, _MONTH = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])"
MOMENT = re.compile(
    rf"(?<![0-9])(?<![0-9][./])(?:"
    rf"{YEAR}-{_MONTH}-{_DAY}|{_DAY}[./-]{_MONTH}[./-]{YEAR}|{_MONTH}/{_DAY}/{YEAR}"
    rf"|{_DAY}\.{_MONTH}\.[0-9]{{2}}|(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
    rf")(?![0-9])"
)
_NUMBERS = (
    YEAR,
    r"[1-9][0-9]{0,2}(?:[ .,'’][0-9]{3}){1,2}(?:[.,][0-9]{1,2})?",  # a sum
    r"[1-9][0-9]{3,5}(?:[.,][0-9]{2})?",  # one more
    r"(?:0|[1-9][0-9]{0,2})(?:[.,][0-9]{1,2})?",  # an article
    r"[0-9]{1,2}[.:][0-9]{2}",  # a day, an hour
    r"[0-9]{1,2}-[0-9]{1,5}/(?:[0-9]{2}|[0-9]{4})(?:-[0-9]{1,3})?",  # of a case in a court
    r"[1-9][0-9]{3,5}/[0-9]{2}(?:/[0-9]{5})?",  # of an application, of bailiffs
)
_NUMBER = f"(?:{'|'.join(_NUMBERS)})"
ITEM = re.compile(rf"{_NUMBER}(?:\s*[–—/-]\s*{_NUMBER})?|{_NUMBER}(?:\s*[+×*=]\s*{_NUMBER})+")
"""Alone, from one to another, or reckoned."""
_MARK = r",;:.…!?()«»“”\"•·|№#"
LISTED = re.compile(rf"[\s{_MARK}]*(?:[{_MARK}]\s|\s[{_MARK}]|[()«»“”\"])[\s{_MARK}]*")
"""A mark and a blank: a comma alone is part of a number."""
NAMED_SO = re.compile(
    r"\bдел[а-я]{0,2}\s*№?\s*1[12][0-9]{15}\b"
    r"|\b[0-9]{2}[a-zа-я]{2}[0-9]{4}-[0-9]{2}-[0-9]{4}-[0-9]{6}-[0-9]{2}\b",
    re.I,
)
"""Of a criminal case in Russia, of one in a court: longer than what is paid to, and written so."""


def is_ordinary(run: str) -> bool:
    """Days, hours, years, sums, articles, also several of them; no card is made of them."""
    rest = re.sub(r"[₽$€£%]", " ", MOMENT.sub("; ", run))
    items = [item.strip(" –—-") for item in LISTED.split(rest)]
    if not all(ITEM.fullmatch(item) for item in items if item):
        return False
    if holds(rest, is_held_by_phone):
        return False
    plain = [group for group in groups(rest) if len(group) > 3 and not is_year(group)]
    return len(plain) < 2 or not holds(rest, is_card, is_wallet, is_account)


# What an organisation is registered under.

REGISTERED = re.compile(
    r"(?:\b(?P<name>ИНН(?:\s?/\s?КПП)?|INN|KRS|NIP)[\s:№#]*)?"
    r"(?<![0-9])(?P<number>[0-9]{10,15}|[0-9]{3}-[0-9]{3}-[0-9]{2}-[0-9]{2})(?![0-9])",
    re.I,
)
SINCE = range(2, 36)
"""Years of the century in which organisations and entrepreneurs of Russia are registered so."""


def is_registered(name: str | None, number: str) -> bool:
    match (name or "").upper():
        case "KRS":
            return number.startswith("0000") and len(number) == 10
        case "NIP":
            return bool(stdnum.pl.nip.is_valid(number))
        case named if named and stdnum.ru.inn.is_valid(number):
            return True
    first = {13: "15", 15: "3"}.get(len(number), "")
    return number[0] in first and int(number[1:3]) in SINCE and stdnum.ru.ogrn.is_valid(number)
