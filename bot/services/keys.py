"""Which DATA_KEY the database is used with, and how another one takes its place.

A key begins in one transaction: from then on the one before is refused, and nothing is written
with it. What it sealed is sealed anew meanwhile (bot/services/rotation.py), and both are needed
until that is done.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.crypto import BadKey, Link, Vault
from bot.db import writing
from bot.services.rotation import renew_few
from models import CampaignVersion, OldKey
from models.sealed import LOOKUP

KEPT = (
    select(CampaignVersion.key_mark, OldKey)
    .select_from(CampaignVersion)
    .outerjoin(OldKey, true())
    .order_by(OldKey.id)
    .execution_options(populate_existing=True)
)


class Fit(StrEnum):
    """Those that do not fit are words that the console's view knows."""

    OURS = "ours"
    NEXT = "next"
    """The older of two is the database's, and the newer one may take its place."""
    OTHER = "other_key"
    HALF = "key_before_missing"
    """It is the newest, but not everything is sealed with it yet."""


async def ready(session: AsyncSession, vault: Vault) -> Fit:
    """The vault as it is to be used; a newer key takes the place of the one before."""
    fit = await unlock(session, vault)
    if fit is not Fit.NEXT:
        return fit
    await begin(session, vault)  # or another process did just now
    return await unlock(session, vault)


async def fitting(session: AsyncSession, vault: Vault) -> tuple[Fit, Vault]:
    """For a short piece of work, which begins nothing: with the key that the database has."""
    fit = await unlock(session, vault)
    if fit is Fit.NEXT and vault.older:
        return Fit.OURS, vault.older
    return fit, vault


async def unlock(session: AsyncSession, vault: Vault) -> Fit:
    """Gives the vault what the database keeps of older keys. With another key nobody would be
    found: told “nothing is kept”, while it is."""
    rows = (await session.execute(KEPT)).all()  # at once: another process may begin meanwhile
    mark, followed = rows[0].key_mark, [row.OldKey for row in rows if row.OldKey]
    if mark is None or mark == vault.mark:
        return take_up(vault, followed)
    if vault.older and mark == vault.older.mark:
        fit = take_up(vault.older, followed)
        return Fit.NEXT if fit is Fit.OURS else fit
    return Fit.OTHER


def take_up(vault: Vault, followed: Sequence[OldKey]) -> Fit:
    """A key before that is not needed any more is put away, though it may still be given."""
    vault.chain = tuple(opened(vault, one) for one in followed)
    vault.is_rotating = bool(followed) and not followed[-1].is_done
    if not vault.is_rotating:
        vault.older = None
        return Fit.OURS
    if vault.older is None or vault.older.link != vault.chain[-1]:
        return Fit.HALF
    vault.older.chain = vault.chain[:-1]
    return Fit.OURS


def opened(vault: Vault, one: OldKey) -> Link:
    return Link(one.version, vault.decrypted(one.lookup_sealed, LOOKUP))


async def begin(session: AsyncSession, vault: Vault) -> None:
    """Of several processes at once one does it, and the others wait for it."""
    if vault.older is None:
        raise BadKey("there is no key before this one")
    async with writing(session):
        its = update(CampaignVersion).where(CampaignVersion.key_mark == vault.older.mark)
        taken = its.values(key_mark=vault.mark).returning(CampaignVersion.id)
        if await session.scalar(taken) is None:
            return
        for one in await session.scalars(select(OldKey)):
            one.lookup_sealed = vault.resealed(one.lookup_sealed, LOOKUP)
        lookup = vault.encrypted(vault.older.index_key, LOOKUP)
        session.add(OldKey(version=vault.older.version, lookup_sealed=lookup, is_done=False))
        await renew_few(session, vault)
