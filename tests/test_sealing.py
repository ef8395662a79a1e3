"""Encrypted files are age's own, streamed, and open by nothing else than their key."""

from base64 import b64decode
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrage.x25519 import Identity

from bot import passphrase
from bot.sealing import Seal, Sealed, identities, needs_passphrase, opening, recipient, sealing

WORDS = "five birds over the harbour"
IDENTITY = Identity.generate()
EDGE = 64 * 1024
SIZES = st.sampled_from([0, 1, EDGE - 1, EDGE, EDGE + 1, 2 * EDGE, 2 * EDGE + 1, 200_000])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrase, "WORK", 4)


def sealed(data: bytes, *seals: str | Identity, step: int = 10_000) -> bytes:
    file = BytesIO()
    seal = seals[0] if isinstance(seals[0], str) else [one.to_public() for one in seals]
    with sealing(file, seal) as plain:
        for start in range(0, len(data), step):
            plain.write(data[start : start + step])
    return file.getvalue()


def unsealed(data: bytes, key: str | Sequence[Identity]) -> bytes:
    with opening(BytesIO(data), key) as plain:
        return plain.read()


def content(size: int) -> bytes:
    return bytes(place % 251 for place in range(size))


@given(SIZES, st.sampled_from([999, 70_000, 300_000]))
def test_a_passphrase_opens_what_it_sealed_and_age_does_too(size: int, step: int) -> None:
    data = content(size)
    made = sealed(data, WORDS, step=step)
    assert needs_passphrase(BytesIO(made))
    assert unsealed(made, WORDS) == data
    assert pyrage.passphrase.decrypt(made, WORDS) == data


BY_AGE = """
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBCQnB1ZnZScUhKM3JmSlh1a3MwditRIDE2
Ck9ZK25mdktJT3F4NFNMR3hlVWpIMUk3aTVEZlJ1NkdMSEN6a1VzSHJVMVEKLS0tIHNDMVRpNnQ0
b09DR25ma01uUWNPU25uMUwybEgvV2N6WmttaXFoSmRDODAKaktfcW+jzwVM+7W0lQyf9mPCkQ+v
A1Hziy12RfOBwP5ZhCv76zKQeldU6g==
"""
"""Made once: age takes a second and much memory for it."""


def test_what_age_sealed_with_a_passphrase_is_read() -> None:
    assert unsealed(b64decode(BY_AGE), WORDS) == b"made by age"


@given(SIZES)
def test_each_of_several_keys_opens_it(size: int) -> None:
    other, data = Identity.generate(), content(size)
    made = sealed(data, IDENTITY, other)
    assert not needs_passphrase(BytesIO(made))
    assert unsealed(made, [IDENTITY]) == unsealed(made, [other]) == data
    assert pyrage.decrypt(made, [other]) == data


MADE = content(EDGE + 100)


@given(st.data())
def test_cut_or_changed_anywhere_it_does_not_open(data: st.DataObject) -> None:
    made = sealed(MADE, WORDS)
    place = data.draw(st.one_of(st.integers(0, 250), st.integers(0, len(made) - 1)))
    bit = 1 << data.draw(st.integers(0, 7))
    changed = made[:place] + bytes([made[place] ^ bit]) + made[place + 1 :]
    for bad in (made[:place], changed, made + b"x"):
        with pytest.raises(Sealed) as refused:
            unsealed(bad, WORDS)
        assert refused.value.problem in ("damaged", "wrong_passphrase")


def test_chunks_cannot_be_left_out_doubled_or_swapped() -> None:
    made = sealed(content(4 * EDGE), WORDS)
    size = EDGE + 16
    start, rest = made[: -4 * size], made[-4 * size :]
    one, two, three, four = (rest[size * n : size * (n + 1)] for n in range(4))
    assert unsealed(start + one + two + three + four, WORDS) == content(4 * EDGE)
    for chunks in (
        (one, two, three),
        (one, three, two, four),
        (two, three, four),
        (one, one, two, three, four),
        (one, two, three, four, four),
        (),
    ):
        with pytest.raises(Sealed, match="damaged"):
            unsealed(start + b"".join(chunks), WORDS)


def test_another_passphrase_or_key_is_told() -> None:
    with pytest.raises(Sealed, match="wrong_passphrase"):
        unsealed(sealed(b"x", WORDS), WORDS + " ")
    with pytest.raises(Sealed, match="wrong_identity"):
        unsealed(sealed(b"x", IDENTITY), [Identity.generate()])
    with pytest.raises(Sealed, match="not_a_backup"):
        needs_passphrase(BytesIO(b"hello"))


def test_a_passphrase_that_would_take_all_memory_is_not_tried() -> None:
    made = sealed(b"x", WORDS).replace(b" 4\n", b" 30\n", 1)
    with pytest.raises(Sealed, match="damaged"):
        unsealed(made, WORDS)


@pytest.mark.parametrize("seal", [WORDS, IDENTITY])
def test_left_by_an_error_it_hands_the_error_on(seal: str | Identity) -> None:
    file = BytesIO()

    def half() -> None:
        with sealing(file, seal if isinstance(seal, str) else [seal.to_public()]) as plain:
            plain.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    if isinstance(seal, str):
        with pytest.raises(Sealed, match="damaged"):
            unsealed(file.getvalue(), seal)


class Full(BytesIO):
    """Has room for so many bytes."""

    room = 0

    def write(self, data: Any) -> int:
        self.room -= len(data)
        if self.room < 0:
            raise OSError(28, "no space left")
        return super().write(data)


@pytest.mark.parametrize("seal", [WORDS, [IDENTITY.to_public()]])
def test_a_full_disk_is_told_as_such(seal: Seal) -> None:
    def much() -> None:
        with sealing(Full(), seal) as plain:
            for _ in range(100):
                plain.write(bytes(EDGE))

    with pytest.raises(OSError, match="no space") as told:
        much()
    assert told.value.errno == 28


def test_what_fails_with_the_last_bytes_is_told_too() -> None:
    late = Full()
    late.room = 1000  # for the header

    def some() -> None:
        with sealing(late, [IDENTITY.to_public()]) as plain:
            plain.write(content(5000))

    with pytest.raises(OSError, match="no space"):
        some()


def test_whoever_reads_no_further_is_told_nothing() -> None:
    made = BytesIO(sealed(content(5_000_000), IDENTITY))
    with opening(made, [IDENTITY]) as plain:
        assert plain.read(3) == content(3)
    with pytest.raises(KeyError), opening(BytesIO(made.getvalue()), [IDENTITY]):
        raise KeyError


@pytest.mark.parametrize("text", ["", "# only a comment\n", "AGE-SECRET-KEY-1X", "hello"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an identity"):
        identities(text)
    with pytest.raises(ValueError, match="not a recipient"):
        recipient(text)
