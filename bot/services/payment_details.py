"""Details to pay by, such as the number of a card: what tells a mistyped one, and how it is read.

Sources: ISO/IEC 7812 (cards), ISO 13616 (IBAN), ISO 9362 (BIC), the Bank of Russia's order of the
control key of accounts (No. 515 of 1997), GOST R 56042-2014 (codes of transfers), BIP 173 and 350,
EIP-55, Tron's base58check.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

import stdnum.bic
import stdnum.bitcoin
import stdnum.iban
import stdnum.luhn
import stdnum.ru.inn
from Crypto.Hash import keccak
from stdnum.bitcoin import b32decode, bech32_checksum
from stdnum.exceptions import ValidationError

from models import DetailKind

Detail = Mapping[str, Any]
"""{"kind": DetailKind, "value": …}, as `DonationRoute.details`."""
Said = Mapping[str, str]
"""Details by their kinds."""
WEIGHTS = (7, 1, 3)
AT_ITSELF = ("000", "001", "002")
"""How the BIK of the Bank of Russia's own branches ends."""
TRON = 0x41
"""The first byte of every address there."""
BESIDE = frozenset(
    {
        DetailKind.RECIPIENT,
        DetailKind.BANK,
        DetailKind.BIK,
        DetailKind.CORRESPONDENT,
        DetailKind.INN,
        DetailKind.BIC,
        DetailKind.COMMENT,
    }
)
"""By these alone nobody can pay."""
GROUPED = frozenset({DetailKind.CARD, DetailKind.IBAN})
"""Read in groups of four."""
SPACES = re.compile(r"[\s\u00a0-]+")


class Mistyped(ValueError):
    """It cannot be one."""


def compact(kind: DetailKind, value: str) -> str:
    """As it is kept and copied."""
    if kind not in CHECKS:
        return value
    try:
        found = CHECKS[kind](SPACES.sub("", value))
    except ValidationError as error:
        raise Mistyped(kind) from error
    if is_nobodys(kind, found):
        raise Mistyped("what is sent there is lost")
    return found


def is_nobodys(kind: DetailKind, value: str) -> bool:
    """What stands in forms until somebody fills them in, and addresses that nobody has a key of."""
    digits = value.removeprefix("0x").lstrip("+")
    match kind:
        case DetailKind.ETHEREUM if int(value, 16) < LOW:
            return True
        case DetailKind.BITCOIN if value.startswith("bc1") and set(value[4:-6]) == {"q"}:
            return True
        case DetailKind.PHONE if len(set(value[-9:])) == 1:
            return True
        case DetailKind.IBAN if set(value[4:]) == {"0"}:
            return True
    return len(set(digits.lower())) == 1 or value in BURNT or value.startswith(NEVER.get(kind, "-"))


LOW = 2**64
"""Addresses below are Ethereum's own, or made up."""


NEVER = {DetailKind.CARD: "0", DetailKind.INN: "0000"}
"""How none of them begins."""
BURNT = frozenset(
    {
        "1111111111111111111114oLvT2",
        "1BitcoinEaterAddressDontSendf59kuE",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "0x000000000000000000000000000000000000dEaD",
        "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",
        # The coins' own contracts, which people copy in place of somebody's address.
        "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        "TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8",
        "0xdAC17F958D2ee523a2206206994597C13D831ec7",
        "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        "0x6B175474E89094C44Da98b954EedeAC495271d0F",
        "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
    }
)


def is_of_another_country(iban: str, bic: str) -> bool:
    """Whether account and bank are of different ones; the territories of some have their own."""
    country, bank = iban[:2], bic[4:6]
    return bank != country and bank not in TERRITORIES.get(country, ())


TERRITORIES = {
    "FR": ("BL", "GF", "GP", "MC", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"),
    "GB": ("GG", "IM", "JE"),
    "FI": ("AX",),
}
"""ISO 13616's registry: whose accounts begin as the country's do."""


def grouped(kind: DetailKind, value: str) -> str:
    """As people read it."""
    if kind not in GROUPED:
        return value
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


def is_mistyped(account: str, bik: str) -> bool:
    """Whether an account's control key is another one at that bank."""
    return not has_key(account, own_branch(bik) if bik[-3:] in AT_ITSELF else bik[-3:])


def is_correspondent(account: str, bik: str) -> bool:
    """Whether a bank has this account at the Bank of Russia: it ends as the bank's BIK does."""
    return (
        account.startswith("301") and account[-3:] == bik[-3:] and has_key(account, own_branch(bik))
    )


def own_branch(bik: str) -> str:
    """What accounts at the Bank of Russia are counted by."""
    return "0" + bik[4:6]


def has_key(account: str, by: str) -> bool:
    digits = f"{by}{account}"
    return sum(int(digit) * WEIGHTS[n % 3] for n, digit in enumerate(digits)) % 10 == 0


def value_of(details: Sequence[Detail], kind: DetailKind) -> str | None:
    return next((one["value"] for one in details if one["kind"] == kind), None)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a QR code says."""

    said: str
    payee: Detail | None = None
    """To be compared with what one's program shows; of a link its host is."""


def scanned(url: str | None, details: Sequence[Detail]) -> Scanned | None:
    """A link, a transfer that a bank's program fills in, or a payment that a wallet does. Nothing:
    no program would know what to do with it."""
    if url:
        return Scanned(url)
    said = {one["kind"]: one["value"] for one in details}
    for kind, code in CODES.items():
        if kind in said and (text := code(said)):
            return Scanned(text, {"kind": kind, "value": said[kind]})
    return None


def transfer_abroad(said: Said) -> str | None:
    """EPC069-12: between the accounts of SEPA, and of 331 bytes at most."""
    iban, name = said[DetailKind.IBAN], said.get(DetailKind.RECIPIENT)
    if not name or iban[:2] not in SEPA:
        return None
    bic, why = (said.get(kind, "") for kind in (DetailKind.BIC, DetailKind.COMMENT))
    code = "\n".join(["BCD", "002", "1", "SCT", bic, name[:70], iban, "", "", "", why])
    return code if len(code.encode()) <= LONGEST_CODE else None


SEPA = frozenset({
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI",
    "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL",
    "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
})  # fmt: skip
"""Countries of accounts, as the European Payments Council lists them (EPC409-09)."""
LONGEST_CODE = 331


def transfer_in_russia(said: Said) -> str | None:
    """GOST R 56042-2014, in UTF-8; a sign that no value has stands between them."""
    if not said.keys() >= NEEDED_IN_RUSSIA:
        return None
    told = [f"{key}={said[kind][:most]}" for kind, key, most in IN_RUSSIA if kind in said]
    between = next(sign for sign in "|;~^_" if sign not in "".join(told))
    return between.join(["ST00012", *told])


IN_RUSSIA = (
    (DetailKind.RECIPIENT, "Name", 160),
    (DetailKind.ACCOUNT, "PersonalAcc", 20),
    (DetailKind.BANK, "BankName", 45),
    (DetailKind.BIK, "BIC", 9),
    (DetailKind.CORRESPONDENT, "CorrespAcc", 20),
    (DetailKind.INN, "PayeeINN", 12),
    (DetailKind.COMMENT, "Purpose", 210),
)
"""In the order of the standard, with the longest that each may be."""
NEEDED_IN_RUSSIA = {kind for kind, _key, _most in IN_RUSSIA[:5]}


CODES: dict[DetailKind, Callable[[Said], str | None]] = {
    DetailKind.IBAN: transfer_abroad,
    DetailKind.ACCOUNT: transfer_in_russia,
    DetailKind.BITCOIN: lambda said: f"bitcoin:{said[DetailKind.BITCOIN]}",  # BIP 21
    DetailKind.ETHEREUM: lambda said: f"ethereum:{said[DetailKind.ETHEREUM]}",  # ERC-681
    DetailKind.TRON: lambda said: said[DetailKind.TRON],
}
"""By what is paid to."""


def digits(least: int, most: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        return matching(rf"[0-9]{{{least},{most}}}", value)

    return check


def matching(pattern: str, value: str) -> str:
    if not re.fullmatch(pattern, value):
        raise Mistyped(pattern)
    return value


def card(value: str) -> str:
    number: str = stdnum.luhn.validate(digits(13, 19)(value))
    if len(set(number)) == 1:
        raise Mistyped("one digit, again and again")
    return number


def phone(value: str) -> str:
    """With the country, as E.164 writes it."""
    found = matching(r"\+[1-9][0-9]{7,14}", re.sub(r"[()]", "", value))
    country = next((code for code in NUMBERED if found.startswith(f"+{code}")), None)
    if found.startswith(NOBODYS_COUNTRIES):
        raise Mistyped("no country has it")
    return matching(rf"\+{country}{NUMBERED[country]}", found) if country else found


NUMBERED = {
    "7": "[3-79][0-9]{9}", "1": "[2-9][0-9]{9}", "33": "[0-9]{9}", "34": "[0-9]{9}",
    "48": "[0-9]{9}", "90": "[2-5][0-9]{9}", "370": "[0-9]{8}", "371": "[0-9]{8}",
    "373": "[0-9]{8}", "374": "[0-9]{8}", "375": "[0-9]{9}", "380": "[0-9]{9}", "420": "[0-9]{9}",
    "992": "[0-9]{9}", "993": "[0-9]{8}", "994": "[0-9]{9}", "995": "[0-9]{9}", "996": "[0-9]{9}",
    "998": "[0-9]{9}",
}  # fmt: skip
"""Countries whose numbers are all of one length, and how they go on."""
NOBODYS_COUNTRIES = ("+0", "+210", "+214", "+215", "+217", "+219", "+28", "+83", "+89")
"""As the ITU lists them (E.164); also “8” where “+7” is due."""


def ethereum(value: str) -> str:
    """Mixed letters are its checksum; without them nobody can tell a mistake."""
    found = matching(r"0x[0-9a-fA-F]{40}", value)
    lower = found[2:].lower()
    marks = keccak.new(data=lower.encode(), digest_bits=256).hexdigest()
    pairs = zip(lower, marks[:40], strict=True)
    mixed = (sign.upper() if int(mark, 16) > 7 else sign for sign, mark in pairs)
    if found[2:] != "".join(mixed):
        raise Mistyped("EIP-55")
    return found


def bitcoin(value: str) -> str:
    """Of those that BIP 173 brought, all letters are large or all are small."""
    if not value.lower().startswith("bc1"):
        return str(stdnum.bitcoin.validate(value))
    found = value.lower()
    if value not in (found, found.upper()):
        raise Mistyped("large and small letters")
    if found.startswith("bc1p"):
        return taproot(found)
    if not found.startswith("bc1q"):
        raise Mistyped("of a kind that nobody uses yet")
    return str(stdnum.bitcoin.validate(found))


def taproot(value: str) -> str:
    """BIP 341, with the checksum of BIP 350."""
    signs = matching(rf"bc1p[{BECH32}]{{58}}", value).removeprefix("bc1")
    data = [BECH32.index(sign) for sign in signs]
    if bech32_checksum([3, 3, 0, 2, 3, *data]) != BECH32M or len(b32decode(data[1:-6])) != 32:
        raise Mistyped("BIP 350")
    return value


BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
BECH32M = 0x2BC830A3


def tron(value: str) -> str:
    data = stdnum.bitcoin.b58decode(matching(r"T[1-9A-HJ-NP-Za-km-z]{33}", value))
    body, check = data[:-4], data[-4:]
    if len(data) != 25 or body[0] != TRON or sha256(sha256(body).digest()).digest()[:4] != check:
        raise Mistyped("base58check")
    return value


def account(value: str) -> str:
    """Of somebody, in a currency that there is."""
    if not is_account(value):
        raise Mistyped("no account of Russia")
    return value


def is_account(value: str) -> bool:
    return bool(ACCOUNT.fullmatch(value)) and value[5:8] in CURRENCIES


ACCOUNT = re.compile(r"(?:03|30|4[0-9])[0-9]{18}(?<!0000000)")
"""At the treasury, or in a bank; the last digits are the number of whoever has it."""
CURRENCIES = frozenset({
    "810", "643", "840", "978", "156", "826", "756", "392", "344", "398", "417", "933", "944",
    "949", "051", "784", "860", "972", "981", "356", "208", "578", "752", "985", "498",
})  # fmt: skip
"""In which accounts are kept in Russia: by their numbers in ISO 4217; roubles have 810."""

CHECKS: dict[DetailKind, Callable[[str], str]] = {
    DetailKind.CARD: card,
    DetailKind.PHONE: phone,
    DetailKind.BIK: partial(matching, "04[0-9]{7}"),
    DetailKind.ACCOUNT: account,
    DetailKind.CORRESPONDENT: digits(20, 20),
    DetailKind.INN: stdnum.ru.inn.validate,
    DetailKind.IBAN: stdnum.iban.validate,
    DetailKind.BIC: stdnum.bic.validate,
    DetailKind.BITCOIN: bitcoin,
    DetailKind.ETHEREUM: ethereum,
    DetailKind.TRON: tron,
}
"""The others are words."""
