"""Files that only a passphrase or a key opens, as age encrypts them (age-encryption.org/v1).

All of it streams, and nothing unencrypted ever lies on a disk. `age --decrypt` opens them.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import pyrage
from pyrage.x25519 import Identity, Recipient

from bot import passphrase

Seal = str | Sequence[Recipient]
"""A passphrase, or keys of which each opens it."""


class Sealed(Exception):
    """It cannot be opened, by this word of `bot.views.console.keeping_problem`."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def recipient(key: str) -> Recipient:
    """Raises ValueError."""
    try:
        return Recipient.from_str(key)
    except pyrage.RecipientError:
        raise ValueError("not a recipient") from None


def identities(lines: str) -> list[Identity]:
    """Of a file that `age-keygen` wrote; raises ValueError."""
    keys = [line.strip() for line in lines.splitlines()]
    try:
        found = [Identity.from_str(key) for key in keys if key and not key.startswith("#")]
    except pyrage.IdentityError:
        raise ValueError("not an identity") from None
    if not found:
        raise ValueError("not an identity")
    return found


def needs_passphrase(file: BinaryIO) -> bool:
    """Or a key; the file is looked at from its beginning, and then stands there again."""
    start = file.read(len(passphrase.BEGINNING))
    file.seek(0)
    if not start.startswith(passphrase.VERSION):
        raise Sealed("not_a_backup")
    return start == passphrase.BEGINNING


@contextmanager
def sealing(file: BinaryIO, seal: Seal) -> Iterator[BinaryIO]:
    """What is written here is in the file at the end."""
    if isinstance(seal, str):
        with passphrase.sealing(file, seal) as plain:
            yield plain
        return
    target = Target(file)
    outlet, inlet = os.pipe()

    def encrypt() -> None:
        with open(outlet, "rb") as plain:
            try:
                pyrage.encrypt_io(plain, target, list(seal))
            except pyrage.EncryptError:
                raise target.failed or OSError("age failed") from None
            if target.failed:
                raise target.failed

    with beside(encrypt) as done:
        try:
            with open(inlet, "wb") as plain:
                yield plain
        except BrokenPipeError:
            done.result()
            raise
        done.result()


class Target:
    """age says in words at most that it could not write, and nothing of the last bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.failed: OSError | None = None

    def write(self, data: bytes) -> int:
        with self.noting():
            return self.file.write(data)

    def flush(self) -> None:
        with self.noting():
            self.file.flush()

    @contextmanager
    def noting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.failed = error
            raise


@contextmanager
def opening(file: BinaryIO, key: str | Sequence[Identity]) -> Iterator[BinaryIO]:
    """What is in it; that it is whole is known at its end only."""
    if isinstance(key, str):
        with told():
            yield passphrase.opened(file, key)
        return
    outlet, inlet = os.pipe()

    def decrypt() -> None:
        with suppress(BrokenPipeError), open(inlet, "wb") as plain:
            target = Target(plain)
            try:
                pyrage.decrypt_io(file, target, list(key))
            except OSError:
                if target.failed is None:  # else nobody wanted to read on
                    raise

    with beside(decrypt) as done:
        try:
            with open(outlet, "rb") as plain:
                yield plain
        finally:
            raise_cause(done)


def raise_cause(done: "Future[None]") -> None:
    """Why the stream ended early, if it did."""
    try:
        done.result()
    except pyrage.DecryptError as error:
        wrong = "No matching keys" in str(error)
        raise Sealed("wrong_identity" if wrong else "damaged") from None
    except OSError:
        raise Sealed("damaged") from None


@contextmanager
def told() -> Iterator[None]:
    try:
        yield
    except passphrase.WrongPassphrase:
        raise Sealed("wrong_passphrase") from None
    except passphrase.Damaged:
        raise Sealed("damaged") from None


@contextmanager
def beside(work: Callable[[], Any]) -> Iterator["Future[None]"]:
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(work)
