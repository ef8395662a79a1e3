"""Chat ids come back, and only with the right key, for the right column, unchanged."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import BadKey, Vault, generate_key, make_vault

SECRET = bytes(range(32))
COLUMN = "subscribers.chat_sealed"
VAULT = make_vault("1:" + base64.urlsafe_b64encode(SECRET).decode())
chat_ids = st.integers(-(2**63), 2**63 - 1)


def key(version: object, secret: bytes = SECRET) -> str:
    return f"{version}:{base64.urlsafe_b64encode(secret).decode()}"


@given(chat_ids)
def test_a_sealed_id_comes_back(chat_id: int) -> None:
    assert VAULT.open(VAULT.seal(chat_id, COLUMN), COLUMN) == chat_id


@pytest.mark.parametrize("chat_id", [-(2**63), -1, 0, 1, 2**63 - 1])
def test_the_ends_of_the_range_come_back(chat_id: int) -> None:
    assert VAULT.open(VAULT.seal(chat_id, COLUMN), COLUMN) == chat_id


@given(chat_ids)
def test_sealing_tells_nothing(chat_id: int) -> None:
    one, other = VAULT.seal(chat_id, COLUMN), VAULT.seal(chat_id, COLUMN)
    assert one != other
    assert len(one) == len(other) == 1 + 12 + 8 + 16
    assert chat_id.to_bytes(8, signed=True) not in (one, one[13:21])


@given(chat_ids, chat_ids)
def test_an_index_is_equal_for_equal_ids_only(one: int, other: int) -> None:
    assert len(VAULT.index(one)) == 32
    assert VAULT.index(one) == make_vault(key(1)).index(one)
    assert (VAULT.index(one) == VAULT.index(other)) == (one == other)


@pytest.mark.parametrize(
    ("vault", "column"),
    [
        (VAULT, "subscribers.other"),
        (make_vault(key(2)), COLUMN),
        (make_vault(key(1, bytes(32))), COLUMN),
    ],
    ids=["column", "version", "key"],
)
def test_a_value_opens_only_where_it_was_sealed(vault: Vault, column: str) -> None:
    with pytest.raises(BadKey):
        vault.open(VAULT.seal(7, COLUMN), column)


def test_a_version_cannot_be_forged() -> None:
    sealed = VAULT.seal(7, COLUMN)
    with pytest.raises(BadKey):
        make_vault(key(2)).open(b"\x02" + sealed[1:], COLUMN)


@pytest.mark.parametrize("place", range(37))
def test_a_flipped_bit_is_noticed(place: int) -> None:
    sealed = bytearray(VAULT.seal(7, COLUMN))
    sealed[place] ^= 1
    with pytest.raises(BadKey):
        VAULT.open(bytes(sealed), COLUMN)


@pytest.mark.parametrize("length", range(37))
def test_a_shortened_value_is_refused(length: int) -> None:
    with pytest.raises(BadKey):
        VAULT.open(VAULT.seal(7, COLUMN)[:length], COLUMN)


@pytest.mark.parametrize("raw", [SECRET, VAULT.index_key], ids=["secret", "index key"])
def test_the_key_that_seals_is_neither_the_secret_nor_the_index_key(raw: bytes) -> None:
    sealed = VAULT.seal(7, COLUMN)
    assert VAULT.cipher.decrypt(sealed[1:13], sealed[13:], VAULT.bound_to(COLUMN))
    with pytest.raises(InvalidTag):
        AESGCM(raw).decrypt(sealed[1:13], sealed[13:], VAULT.bound_to(COLUMN))


def test_the_index_key_is_not_the_secret() -> None:
    assert VAULT.index_key != SECRET


def test_generated_keys_are_good_and_new() -> None:
    keys = {generate_key() for _ in range(20)}
    assert len(keys) == 20
    assert {make_vault(text).version for text in keys} == {1}
    assert make_vault(generate_key(255)).version == 255


@pytest.mark.parametrize(
    "text",
    ["", ":", "1:", "1", key(0), key(256), key(-1), key("x"), key(1, bytes(31)), key(1, bytes(33)),
     key(1)[:-1], key(1)[2:], "1:ключ", "1:" + "é" * 44],
)  # fmt: skip
def test_a_bad_key_is_told(text: str) -> None:
    with pytest.raises(BadKey):
        make_vault(text)


def test_spaces_around_a_key_do_no_harm() -> None:
    assert make_vault(f" {key(1)}\n").index(7) == VAULT.index(7)


@given(st.text(st.characters()), st.text(st.characters()))
def test_a_secret_is_found_by_an_index_of_its_kind_and_key(one: str, other: str) -> None:
    """Any text has one, lone surrogates too."""
    index = VAULT.index_of("calendar", one)
    assert len(index) == 32
    assert (index == VAULT.index_of("calendar", other)) == (one == other)
    assert index != VAULT.index_of("other", one)
    assert index != make_vault(key(1, bytes(32))).index_of("calendar", one)


def ring(*keys: str) -> Vault:
    """As after a start, while the rows are sealed anew."""
    vault = make_vault(",".join(keys))
    if vault.older:
        vault.chain, vault.is_rotating = (vault.older.link,), True
    return vault


@given(chat_ids)
def test_two_keys_open_what_either_sealed_and_seal_with_the_newer(chat_id: int) -> None:
    old, both, new = VAULT, ring(key(2, bytes(32)), key(1)), make_vault(key(2, bytes(32)))
    assert both.open(old.seal(chat_id, COLUMN), COLUMN) == chat_id
    assert new.open(both.seal(chat_id, COLUMN), COLUMN) == chat_id
    assert new.open(both.resealed(old.seal(chat_id, COLUMN), COLUMN), COLUMN) == chat_id
    assert both.indexes(chat_id) == [both.index(chat_id), old.index(chat_id)]
    assert VAULT.indexes(chat_id) == [old.index(chat_id)]


@given(chat_ids)
def test_an_index_is_followed_by_the_newer_keys_without_the_chat(chat_id: int) -> None:
    both = ring(key(2, bytes(32)), key(1))
    new = both.renewed(VAULT.index(chat_id))
    assert new == both.index(chat_id) == both.renewed(new)
    assert new[0] == 2
    assert both.renewed(VAULT.name(chat_id), 16) == both.name(chat_id)
    alone = make_vault(key(2, bytes(32)))
    assert alone.index(chat_id) not in new
    assert alone.renewed(VAULT.index(chat_id)) == new, "whoever has the new key may go along"
    assert make_vault(key(2, bytes(31) + b"x")).renewed(VAULT.index(chat_id)) != new


@pytest.mark.parametrize(
    "text",
    [f"{key(1)},{key(2)}", f"{key(3)},{key(1)}", f"{key(1)},{key(1)}",
     f"{key(3)},{key(2)},{key(1)}", f"{key(2)},", f",{key(1)}", f"{key(2)};{key(1)}"],
)  # fmt: skip
def test_only_a_key_and_the_one_just_before_it_are_taken(text: str) -> None:
    """Written the wrong way round, the old key would take the place of the new one."""
    with pytest.raises(BadKey):
        make_vault(text)


def test_the_first_version_follows_the_last() -> None:
    assert make_vault(f"{key(1)},{key(255)}").older is not None
