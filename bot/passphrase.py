"""age's files with a passphrase (age-encryption.org/v1), written and read as a stream.

The library does so in memory as a whole, and takes for the passphrase whatever fills a second: up
to half a gigabyte, which is all that a small server has. Here it is 64 MB. What opens by a key is
the library's matter (`bot.sealing`).
"""

import base64
import binascii
import hmac
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

VERSION = b"age-encryption.org/v1\n"
BEGINNING = VERSION + b"-> scrypt "
WORK, MOST = 16, 20
"""Two to the power of it, times a kilobyte, is what a guess costs; and what is read at the most."""
CHUNK = 64 * 1024
TAG = 16
HEADER = re.compile(rb"(\S{22}) (\d{1,2})\n(\S{43})\n(---) (\S{43})\n")


class WrongPassphrase(Exception): ...


class Damaged(Exception): ...


# The header: a key for this file, locked by the passphrase.


def header(passphrase: str, key: bytes) -> bytes:
    salt = os.urandom(16)
    locked = ChaCha20Poly1305(stretched(passphrase, salt, WORK)).encrypt(bytes(12), key, None)
    start = BEGINNING + written(salt) + b" %d\n" % WORK + written(locked) + b"\n---"
    return start + b" " + written(mark_of(key, start)) + b"\n"


def key_in(file: BinaryIO, passphrase: str) -> bytes:
    """Of the file, which stands behind its header then."""
    lines = b"".join(file.readline(200) for _ in range(4))
    found = HEADER.fullmatch(lines.removeprefix(BEGINNING))
    if not found or int(found[2]) > MOST:
        raise Damaged
    salt, locked, mark = (read(found[part]) for part in (1, 3, 5))
    try:
        lock = ChaCha20Poly1305(stretched(passphrase, salt, int(found[2])))
        key = lock.decrypt(bytes(12), locked, None)
    except InvalidTag:
        raise WrongPassphrase from None
    if not hmac.compare_digest(mark, mark_of(key, lines[: lines.index(b"---") + 3])):
        raise Damaged
    return key


def stretched(passphrase: str, salt: bytes, work: int) -> bytes:
    salt = b"age-encryption.org/v1/scrypt" + salt
    return Scrypt(salt=salt, length=32, n=2**work, r=8, p=1).derive(passphrase.encode())


def mark_of(key: bytes, start: bytes) -> bytes:
    return hmac.digest(derived(key, b"", b"header"), start, "sha256")


def derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=salt, info=purpose).derive(key)


def written(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def read(text: bytes) -> bytes:
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise Damaged from None


# What follows: chunks, each with its number and whether it is the last.


def nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11) + bytes([is_last])


@contextmanager
def sealing(file: BinaryIO, passphrase: str) -> Iterator[BinaryIO]:
    """Left by an error, it stays without its last chunk, and nothing opens it."""
    key, salt = os.urandom(16), os.urandom(16)
    file.write(header(passphrase, key) + salt)
    chunks = Chunks(file, ChaCha20Poly1305(derived(key, salt, b"payload")))
    yield chunks  # type: ignore[misc]  # as much of a file as is needed
    chunks.put(is_last=True)


class Chunks:
    def __init__(self, file: BinaryIO, cipher: ChaCha20Poly1305) -> None:
        self.file, self.cipher = file, cipher
        self.kept, self.number = bytearray(), 0

    def write(self, data: bytes) -> int:
        self.kept += data
        while len(self.kept) > CHUNK:
            self.put(is_last=False)
        return len(data)

    def flush(self) -> None:
        """A chunk is written when it is full."""

    def put(self, *, is_last: bool) -> None:
        chunk = bytes(self.kept[:CHUNK])
        del self.kept[:CHUNK]
        self.file.write(self.cipher.encrypt(nonce(self.number, is_last=is_last), chunk, None))
        self.number += 1


def opened(file: BinaryIO, passphrase: str) -> BinaryIO:
    key = key_in(file, passphrase)
    salt = file.read(16)
    return io.BufferedReader(Stream(chunks(file, derived(key, salt, b"payload"))))


def chunks(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    cipher, number, chunk = ChaCha20Poly1305(key), 0, file.read(CHUNK + TAG)
    while True:
        following = file.read(CHUNK + TAG)
        try:
            plain = cipher.decrypt(nonce(number, is_last=not following), chunk, None)
        except (InvalidTag, ValueError):
            raise Damaged from None
        if number and not plain:
            raise Damaged
        yield plain
        if not following:
            return
        number, chunk = number + 1, following


class Stream(io.RawIOBase):
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks, self.left = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        self.left = self.left or next(self.chunks, b"")
        some = self.left[: len(into)]
        into[: len(some)] = some
        self.left = self.left[len(some) :]
        return len(some)
