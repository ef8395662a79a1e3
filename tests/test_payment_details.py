"""Details to pay by: a mistyped one is never taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.payment_details import Mistyped, compact, grouped, is_mistyped
from models import DetailKind

# Of the standards' own examples, and of test networks: nobody's.
GOOD = {
    DetailKind.CARD: "4111111111111111",
    DetailKind.IBAN: "DE89370400440532013000",
    DetailKind.BIC: "DEUTDEFF500",
    DetailKind.INN: "7830002293",
    DetailKind.BIK: "044525225",
    DetailKind.ACCOUNT: "40702810900000000001",
    DetailKind.PHONE: "+12025550123",
    DetailKind.BITCOIN: "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    DetailKind.ETHEREUM: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    DetailKind.TRON: "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
}
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
