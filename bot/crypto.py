"""Chat ids at rest: encrypted, and found again by a blind index. Slugs of what was removed and
addresses of calendars are only found again.

The key is 32 random bytes with a version. Two keys are derived from it (HKDF, RFC 5869): one for
AES-256-GCM, one for the HMAC-SHA-256 that finds a row. The version and the column's name are bound
to each value as associated data, so that a value cannot be moved to another column unnoticed.
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


class BadKey(ValueError):
    """DATA_KEY is not "<version>:<32 bytes in base64>", or is not the key of this value."""


def generate_key(version: int = 1) -> str:
    return f"{version}:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}"


@dataclass(frozen=True, slots=True)
class Vault:
    version: int
    cipher: AESGCM
    index_key: bytes

    def index(self, chat_id: int) -> bytes:
        """32 bytes, equal for equal chat ids, that tell nothing without the key."""
        return hmac.digest(self.index_key, packed(chat_id), "sha256")

    @property
    def mark(self) -> bytes:
        """Tells this key from others, and nothing about it; no packed chat id is so long."""
        return hmac.digest(self.index_key, b"which key", "sha256")

    def mark_of(self, kind: str, slug: str) -> str:
        """Of something that was removed: whoever guesses names cannot try them without the key."""
        return hmac.digest(self.index_key, f"removed {kind}:{slug}".encode(), "sha256").hex()

    def index_of(self, kind: str, secret: str) -> bytes:
        """32 bytes that find a secret which is not kept; any text has one, in the same time."""
        text = f"{kind}:{secret}".encode(errors="backslashreplace")
        return hmac.digest(self.index_key, text, "sha256")

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
            raise BadKey("sealed with another version of the key")
        nonce, text = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        try:
            return self.cipher.decrypt(nonce, text, self.bound_to(column))
        except (InvalidTag, ValueError):
            raise BadKey("not the key that sealed this, or the value was changed") from None

    def bound_to(self, column: str) -> bytes:
        return f"{self.version}:{column}".encode()


def packed(chat_id: int) -> bytes:
    return chat_id.to_bytes(8, signed=True)


def make_vault(key: str) -> Vault:
    version, _, encoded = key.strip().partition(":")
    try:
        number, secret = int(version), base64.urlsafe_b64decode(encoded)
    except (ValueError, binascii.Error):
        raise BadKey("not a key") from None
    if len(secret) != 32 or not 1 <= number <= 255:
        raise BadKey("not a key")
    return Vault(number, AESGCM(derived(secret, b"seal")), derived(secret, b"index"))


def derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"solidarity-bot " + purpose).derive(secret)
