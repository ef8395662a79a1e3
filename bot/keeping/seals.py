"""What a backup is encrypted with, and what opens it: from the settings, or asked at a terminal."""

import sys
from collections.abc import Awaitable, Callable
from getpass import getpass
from pathlib import Path
from typing import BinaryIO

from pyrage.x25519 import Identity

from bot.config import SHORTEST_PASSPHRASE, BadSettings, Settings
from bot.db import is_sqlite, sqlite_file
from bot.keeping.backup import Key, wants_passphrase
from bot.keeping.refused import Refused
from bot.keeping.restore import tried_out
from bot.sealing import Seal, identities, recipient
from bot.views import console as words


def seal_of(settings: Settings, key: str | None) -> Seal:
    """`key`: asked for in this one call, whatever the settings say."""
    if key or settings.backup_recipient:
        try:
            return [recipient(key or settings.backup_recipient or "")]
        except ValueError:
            raise BadSettings({"--recipient": "not_a_recipient"}) from None
    if settings.backup_passphrase:
        return settings.backup_passphrase
    if not sys.stdin.isatty():
        raise Refused("needs_seal")
    return new_passphrase()


def new_passphrase() -> str:
    first = getpass(words.new_passphrase())
    if len(first) < SHORTEST_PASSPHRASE:
        raise BadSettings({"BACKUP_PASSPHRASE": "too_short"})
    if getpass(words.once_more()) != first:
        raise Refused("not_the_same")
    return first


def key_of(settings: Settings, file: Path, identity: Path | None) -> Key:
    if not wants_passphrase(file):
        if identity is None:
            raise Refused("needs_identity")
        return identities_in(identity)
    if settings.backup_passphrase:
        return settings.backup_passphrase
    if not sys.stdin.isatty():
        raise Refused("needs_passphrase")
    return getpass(words.passphrase())


def identities_in(file: Path) -> list[Identity]:
    try:
        return identities(file.read_text(errors="replace"))
    except ValueError:
        raise Refused("not_an_identity", file=str(file)) from None


Trial = Callable[[BinaryIO], Awaitable[None]]


def trial(seal: Seal, settings: Settings) -> tuple[Seal, Trial]:
    """To open what is made for somebody else's key it is made for another one, too, which is
    forgotten as soon as that was tried."""
    url = settings.database_url
    folder = sqlite_file(url).parent if is_sqlite(url) else None
    if isinstance(seal, str):
        return seal, lambda file: tried_out(file, seal, folder)
    own = Identity.generate()
    return [*seal, own.to_public()], lambda file: tried_out(file, [own], folder)
