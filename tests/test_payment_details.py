"""Details to pay by: a mistyped one is never taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.payment_details import (
    BURNT,
    CHECKS,
    Mistyped,
    compact,
    grouped,
    is_correspondent,
    is_mistyped,
    scanned,
)
from models import DetailKind

# Of the standards' own examples, and of test networks: nobody's.
GOOD = {
    DetailKind.CARD: "4111111111111111",
    DetailKind.IBAN: "DE89370400440532013000",
    DetailKind.BIC: "DEUTDEFF500",
    DetailKind.INN: "7830002293",
    DetailKind.BIK: "044525225",
    DetailKind.ACCOUNT: "40702810900000000001",
    DetailKind.CORRESPONDENT: "30101810400000000225",
    DetailKind.PHONE: "+12025550123",
    DetailKind.BITCOIN: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    DetailKind.ETHEREUM: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    DetailKind.TRON: "TLmPnGjdZ9VgN8Gg6ajCERRNjZKdE8uu3N",
}
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
CHECKED = [
    DetailKind.CARD,
    DetailKind.IBAN,
    DetailKind.INN,
    DetailKind.BITCOIN,
    DetailKind.ETHEREUM,
    DetailKind.TRON,
]


@pytest.mark.parametrize(("kind", "value"), GOOD.items())
def test_good_ones_are_taken_however_they_are_spaced(kind: DetailKind, value: str) -> None:
    assert compact(kind, value) == value
    assert compact(kind, f" {value[:5]} {value[5:9]}\u00a0{value[9:]} ") == value


@given(st.sampled_from(CHECKED), st.integers(0, 50), st.sampled_from("123456789ABCDEFabcdef"))
def test_one_wrong_sign_is_seen(kind: DetailKind, place: int, sign: str) -> None:
    value = GOOD[kind]
    place %= len(value)
    wrong = value[:place] + sign + value[place + 1 :]
    if wrong.lower() != value.lower() or (kind == DetailKind.ETHEREUM and wrong != value):
        with pytest.raises(Mistyped):
            compact(kind, wrong)


@given(st.sampled_from(list(GOOD)), st.text(max_size=60))
def test_anything_else_is_refused_and_never_breaks(kind: DetailKind, value: str) -> None:
    try:
        found = compact(kind, value)
    except Mistyped:
        return
    assert compact(kind, found) == found
    assert found.isascii()


@pytest.mark.parametrize("value", ["0000 0000 0000 0000", "٤١١١١١١١١١١١١١١١", "4111", "4111" * 6])
def test_no_card(value: str) -> None:
    with pytest.raises(Mistyped):
        compact(DetailKind.CARD, value)


# BIP 350's own examples.
NO_BITCOIN = [
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",  # bech32 where bech32m is due
    "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",  # a letter of no address
    "bc1pw5dgrnzv",  # too short
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",  # too long
    "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47zagq",  # of the test network
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
    "BC1SW50QGDZ25J",  # of a kind that nobody uses yet
]  # fmt: skip


@pytest.mark.parametrize("value", NO_BITCOIN)
def test_no_bitcoin_address(value: str) -> None:
    with pytest.raises(Mistyped):
        compact(DetailKind.BITCOIN, value)


@given(st.integers(4, 61), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_one_wrong_sign_of_a_taproot_address_is_seen(place: int, sign: str) -> None:
    assert compact(DetailKind.BITCOIN, TAPROOT.upper()) == TAPROOT
    wrong = TAPROOT[:place] + sign + TAPROOT[place + 1 :]
    if wrong != TAPROOT:
        with pytest.raises(Mistyped):
            compact(DetailKind.BITCOIN, wrong)


def test_an_address_in_large_letters_is_the_same() -> None:
    """BIP 173: all of them are, or none."""
    good = GOOD[DetailKind.BITCOIN]
    assert compact(DetailKind.BITCOIN, good.upper()) == good
    for wrong in (f"BC1{good[3:]}", good.replace("w", "W"), good.title()):
        with pytest.raises(Mistyped):
            compact(DetailKind.BITCOIN, wrong)


@pytest.mark.parametrize("value", sorted(BURNT))
def test_what_is_sent_there_is_lost(value: str) -> None:
    """Each is well written, or else the list would catch nothing."""
    kinds = {"1": DetailKind.BITCOIN, "0": DetailKind.ETHEREUM, "T": DetailKind.TRON}
    assert CHECKS[kinds[value[0]]](value) == value
    with pytest.raises(Mistyped):
        compact(kinds[value[0]], value)


PHONES = ["+79991234567", "+77011234567", "+12025550123", "+380441234567", "+375291234567",
          "+995599123456", "+37491123456", "+48221234567", "+4930123456", "+358401234567",
          "+441632960961", "+8613012345678", "+819012345678", "+85212345678"]  # fmt: skip
NO_PHONES = ["+7999123456", "+799912345678", "+72991234567", "+89991234567", "+70000000000",
             "+38044123456", "+12025550", "+11025550123", "+0123456789", "79991234567"]  # fmt: skip


@pytest.mark.parametrize("value", PHONES)
def test_a_telephone(value: str) -> None:
    assert compact(DetailKind.PHONE, value) == value


@pytest.mark.parametrize("value", NO_PHONES)
def test_no_telephone(value: str) -> None:
    with pytest.raises(Mistyped):
        compact(DetailKind.PHONE, value)


ACCOUNTS = ["40702810900000000001", "40817978600000000001", "40703810338000000017",
            "03100643000000017300", "42301810500001234567", "40101810800000010041"]  # fmt: skip
NO_ACCOUNTS = ["40702810000000000000", "12345678901234567890", "40702999900000000001",
               "99702810900000000001", "4070281090000000000"]  # fmt: skip


@pytest.mark.parametrize("value", ACCOUNTS)
def test_an_account(value: str) -> None:
    assert compact(DetailKind.ACCOUNT, value) == value


@pytest.mark.parametrize("value", NO_ACCOUNTS)
def test_no_account(value: str) -> None:
    with pytest.raises(Mistyped):
        compact(DetailKind.ACCOUNT, value)


def test_a_bank_has_its_correspondent_account() -> None:
    """Of Sberbank, as the Bank of Russia publishes it."""
    assert is_correspondent("30101810400000000225", "044525225")
    assert not is_correspondent("30101810500000000225", "044525225")
    assert not is_correspondent("30101810400000000225", "044525226")
    assert not is_correspondent("40702810900000000001", "044525225")


IN_RUSSIA = {
    DetailKind.RECIPIENT: "Гавань|Порт",
    DetailKind.ACCOUNT: "40702810900000000001",
    DetailKind.BANK: "Банк " * 12,
    DetailKind.BIK: "044525225",
    DetailKind.CORRESPONDENT: "30101810400000000225",
    DetailKind.COMMENT: "Передачи",
}


def test_a_transfer_in_russia_is_scanned_by_its_standard() -> None:
    said = scanned(None, [{"kind": kind, "value": value} for kind, value in IN_RUSSIA.items()])
    assert said is not None
    assert said.said == (
        "ST00012;Name=Гавань|Порт;PersonalAcc=40702810900000000001;"
        f"BankName={'Банк ' * 9};BIC=044525225;CorrespAcc=30101810400000000225;Purpose=Передачи"
    )


@pytest.mark.parametrize("missing", list(IN_RUSSIA)[:-1])
def test_without_one_of_its_parts_there_is_no_code(missing: DetailKind) -> None:
    left = [{"kind": kind, "value": value} for kind, value in IN_RUSSIA.items() if kind != missing]
    assert scanned(None, left) is None


def test_an_ethereum_address_without_its_checksum_is_refused() -> None:
    with pytest.raises(Mistyped):
        compact(DetailKind.ETHEREUM, GOOD[DetailKind.ETHEREUM].lower())


def test_an_account_belongs_to_its_bank() -> None:
    """The key is the ninth digit: of ten accounts that differ by it alone one is right."""
    accounts = [f"40702810{key}00000000001" for key in range(10)]
    right = [one for one in accounts if not is_mistyped(one, GOOD[DetailKind.BIK])]
    assert len(right) == 1
    assert is_mistyped(right[0], "044525226")


def test_numbers_are_read_in_groups_of_four() -> None:
    assert grouped(DetailKind.CARD, GOOD[DetailKind.CARD]) == "4111 1111 1111 1111"
    assert grouped(DetailKind.IBAN, "GB82WEST12345698765432") == "GB82 WEST 1234 5698 7654 32"
    assert grouped(DetailKind.TRON, GOOD[DetailKind.TRON]) == GOOD[DetailKind.TRON]
