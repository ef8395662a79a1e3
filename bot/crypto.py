"""Chat ids at rest: encrypted, and found again by a blind index. Slugs of what was removed and
addresses of calendars are only found again.

The key is 32 random bytes with a version. Two keys are derived from it (HKDF, RFC 5869): one for
AES-256-GCM, one for the HMAC-SHA-256 that finds a row. The version and the column's name are bound
to each value as associated data, so that a value cannot be moved to another column unnoticed.

Keys follow each other (`keygen --rotate`). What is only found again cannot be reckoned anew, for it
is kept nowhere: so each later key makes its index of the index before, a chain that needs the keys
to look up of all keys before, and the newest. Whoever has an old key alone cannot go along it.
"""

import base64
import binascii
import hmac
import os
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
WHOLE, HALF = 32, 16
"""Bytes of an index, and of a name in which two stand."""
LAST_VERSION = 255
SEPARATOR = ","
"""Between a key and the one before it."""


class BadKey(ValueError):
    """DATA_KEY is not "<version>:<32 bytes in base64>" or two of them, or not this value's key."""


def generate_key(version: int = 1) -> str:
    return f"{version}:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


@dataclass(slots=True)
class Vault:
    version: int
    cipher: AESGCM
    index_key: bytes
    older: "Vault | None" = None
    """The key before, as long as something may still be sealed with it."""
    chain: tuple["Link", ...] = ()
    """Of all keys before, the first one first. The database has them (bot/services/keys.py)."""
    is_rotating: bool = False
    """Whether rows may still be found by the index of the key before alone."""
    mark: bytes = b""
    """Tells this key from others, and nothing about it; no packed chat id is so long."""

    def __post_init__(self) -> None:
        self.mark = hmac.digest(self.index_key, b"which key", "sha256")

    def index(self, chat_id: int) -> bytes:
        """32 bytes, equal for equal chat ids, that tell nothing without the key; after a rotation
        the key's version stands before them."""
        return self.blind(packed(chat_id))

    def indexes(self, chat_id: int) -> list[bytes]:
        """By which its row may be found: while the rows are sealed anew, also by the one before."""
        return [each.index(chat_id) for each in self.in_use]

    def name(self, chat_id: int) -> bytes:
        """A shorter index, for where two stand in one name."""
        return self.blind(packed(chat_id), HALF)

    @property
    def in_use(self) -> list["Vault"]:
        return [self, self.older] if self.is_rotating and self.older else [self]

    @property
    def link(self) -> "Link":
        return Link(self.version, self.index_key)

    def blind(self, text: bytes, size: int = WHOLE) -> bytes:
        if not self.chain:
            return hmac.digest(self.index_key, text, "sha256")[:size]
        found = self.chain[0].digest(text, size)
        for each in (*self.chain[1:], self.link):
            found = each.follow(found, size)
        return found

    def renewed(self, index: bytes, size: int = WHOLE) -> bytes:
        """What the key before finds by this, the newest finds by that: its own stays as it is."""
        is_own = len(index) > size and index[0] == self.version
        return index if is_own else self.link.follow(index, size)

    def mark_of(self, kind: str, slug: str) -> str:
        """Of something that was removed: whoever guesses names cannot try them without the key."""
        return self.blind(f"removed {kind}:{slug}".encode()).hex()

    def index_of(self, kind: str, secret: str) -> bytes:
        """32 bytes that find a secret which is not kept; any text has one, in the same time."""
        return self.blind(f"{kind}:{secret}".encode(errors="backslashreplace"))

    def indexes_of(self, kind: str, secret: str) -> list[bytes]:
        return [each.index_of(kind, secret) for each in self.in_use]

    def seal(self, chat_id: int, column: str) -> bytes:
        return self.encrypted(packed(chat_id), column)

    def open(self, sealed: bytes, column: str) -> int:
        return int.from_bytes(self.decrypted(sealed, column), signed=True)

    def seal_text(self, text: str, column: str) -> bytes:
        return self.encrypted(text.encode(), column)

    def open_text(self, sealed: bytes, column: str) -> str:
        return self.decrypted(sealed, column).decode()

    def encrypted(self, value: bytes, column: str) -> bytes:
        nonce = os.urandom(NONCE)
        sealed = self.cipher.encrypt(nonce, value, self.bound_to(column))
        return bytes([self.version]) + nonce + sealed

    def decrypted(self, sealed: bytes, column: str) -> bytes:
        if sealed[:1] != bytes([self.version]):
            if self.older:
                return self.older.decrypted(sealed, column)
            raise BadKey("sealed with another version of the key")
        nonce, text = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        try:
            return self.cipher.decrypt(nonce, text, self.bound_to(column))
        except (InvalidTag, ValueError):
            raise BadKey("not the key that sealed this, or the value was changed") from None

    def resealed(self, sealed: bytes, column: str) -> bytes:
        return self.encrypted(self.decrypted(sealed, column), column)

    def bound_to(self, column: str) -> bytes:
        return f"{self.version}:{column}".encode()


@dataclass(frozen=True, slots=True)
class Link:
    """What a key leaves to those after it: with it alone nothing is opened."""

    version: int
    index_key: bytes

    def digest(self, text: bytes, size: int) -> bytes:
        return hmac.digest(self.index_key, text, "sha256")[:size]

    def follow(self, index: bytes, size: int) -> bytes:
        """The version tells which rows are done, as it does of what is sealed."""
        return bytes([self.version]) + self.digest(index, size)


def packed(chat_id: int) -> bytes:
    return chat_id.to_bytes(8, signed=True)


def make_vault(keys: str) -> Vault:
    """Of one key; or of two, the newer one first, with a comma between."""
    newest, *older = (one_key(key) for key in keys.split(SEPARATOR))
    if len(older) > 1 or any(newest.version != following(one.version) for one in older):
        raise BadKey("not a key and the one before it")
    newest.older = older[0] if older else None
    return newest


def following(version: int) -> int:
    return version % LAST_VERSION + 1


def one_key(key: str) -> Vault:
    version, _, encoded = key.strip().partition(":")
    try:
        number, secret = int(version), base64.b64decode(encoded, b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise BadKey("not a key") from None
    if len(secret) != 32 or not 1 <= number <= LAST_VERSION:
        raise BadKey("not a key")
    return Vault(number, AESGCM(derived(secret, b"seal")), derived(secret, b"index"))


def derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"solidarity-bot " + purpose).derive(secret)
