"""Dialogs under a new key: their names, and what lies sealed in them."""

from typing import Any

from bot.crypto import HALF, Vault
from models.sealed import IN_DIALOGS


def dialog_name(vault: Vault, chat: int, user: int, part: str) -> str:
    return f"fsm:{vault.name(chat).hex()}:{vault.name(user).hex()}:{part}"


def renewed_name(vault: Vault, name: str) -> str:
    """One that has the new key's name already keeps it."""
    head, chat, user, part = name.split(":")
    both = (vault.renewed(bytes.fromhex(one), HALF).hex() for one in (chat, user))
    return ":".join((head, *both, part))


def renewed_data(vault: Vault, data: dict[str, Any]) -> dict[str, Any]:
    """What a dialog remembers."""
    sealed = {name: value for name in IN_DIALOGS if (value := data.get(name))}
    return data | {
        name: vault.resealed(bytes.fromhex(value), IN_DIALOGS[name]).hex()
        for name, value in sealed.items()
    }
