"""Details to pay by, such as the number of a card: what tells a mistyped one, and how it is read.

Sources: ISO/IEC 7812 (cards), ISO 13616 (IBAN), ISO 9362 (BIC), the Bank of Russia's order of the
control key of accounts (No. 515 of 1997), BIP 173, EIP-55, Tron's base58check.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import stdnum.bic
import stdnum.bitcoin
import stdnum.iban
import stdnum.luhn
import stdnum.ru.inn
from Crypto.Hash import keccak
from stdnum.exceptions import ValidationError

from models import DetailKind

Detail = Mapping[str, Any]
"""{"kind": DetailKind, "value": …}, as `DonationRoute.details`."""
WEIGHTS = (7, 1, 3)
TRON = 0x41
"""The first byte of every address there."""
BESIDE = frozenset(
    {
        DetailKind.RECIPIENT,
        DetailKind.BANK,
        DetailKind.BIK,
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
    bare = SPACES.sub("", value)
    try:
        return CHECKS[kind](bare) if kind in CHECKS else value
    except ValidationError as error:
        raise Mistyped(kind) from error


def grouped(kind: DetailKind, value: str) -> str:
    """As people read it."""
    if kind not in GROUPED:
        return value
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


def is_mistyped(account: str, bik: str) -> bool:
    """Whether an account's control key is another one at that bank; the Bank of Russia's own
    branches count by other digits of it."""
    own = "0" + bik[4:6] if bik[-3:] in ("000", "001", "002") else bik[-3:]
    digits = f"{own}{account}"
    return sum(int(digit) * WEIGHTS[n % 3] for n, digit in enumerate(digits)) % 10 != 0


def value_of(details: Sequence[Detail], kind: DetailKind) -> str | None:
    return next((one["value"] for one in details if one["kind"] == kind), None)


def scanned(url: str | None, details: Sequence[Detail]) -> str | None:
    """What a QR code says: a link, a transfer that a bank's program fills in (EPC069-12), or a
    payment that a wallet does. Nothing: no program would know what to do with it."""
    if url:
        return url
    iban, name = value_of(details, DetailKind.IBAN), value_of(details, DetailKind.RECIPIENT)
    if iban and name:
        bic, why = (value_of(details, kind) or "" for kind in (DetailKind.BIC, DetailKind.COMMENT))
        return "\n".join(["BCD", "002", "1", "SCT", bic, name[:70], iban, "", "", "", why])
    coins = (one for one in details if one["kind"] in WALLETS)
    return next((WALLETS[one["kind"]].format(one["value"]) for one in coins), None)


WALLETS = {
    DetailKind.BITCOIN: "bitcoin:{}",
    DetailKind.ETHEREUM: "ethereum:{}",
    DetailKind.TRON: "{}",
}
"""BIP 21, ERC-681."""


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
    return matching(r"\+[1-9][0-9]{7,14}", re.sub(r"[()]", "", value))


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
    """Not those of later kinds (bc1p…, BIP 350): there is nothing that checks them here."""
    if value.lower().startswith("bc1") and not value.startswith("bc1q"):
        raise Mistyped(value)
    found: str = stdnum.bitcoin.validate(value)
    return found


def tron(value: str) -> str:
    data = stdnum.bitcoin.b58decode(matching(r"T[1-9A-HJ-NP-Za-km-z]{33}", value))
    body, check = data[:-4], data[-4:]
    if len(data) != 25 or body[0] != TRON or sha256(sha256(body).digest()).digest()[:4] != check:
        raise Mistyped("base58check")
    return value


CHECKS: dict[DetailKind, Callable[[str], str]] = {
    DetailKind.CARD: card,
    DetailKind.PHONE: phone,
    DetailKind.BIK: digits(9, 9),
    DetailKind.ACCOUNT: digits(20, 20),
    DetailKind.INN: stdnum.ru.inn.validate,
    DetailKind.IBAN: stdnum.iban.validate,
    DetailKind.BIC: stdnum.bic.validate,
    DetailKind.BITCOIN: bitcoin,
    DetailKind.ETHEREUM: ethereum,
    DetailKind.TRON: tron,
}
"""The others are words."""
