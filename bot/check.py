"""Whether each part is ready to run: one finding a part."""

import errno
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError
from aiogram.types import WebhookInfo
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import config, i18n, turn
from bot.app import make_bot
from bot.clock import Clock
from bot.crypto import Vault, make_vault
from bot.db import TROUBLE, dispose, make_engine, make_sessions
from bot.delivery.limiter import Limiter
from bot.finding import Finding, Part
from bot.keeping import nightly
from bot.looks import is_unreached
from bot.migrate import is_newer, pending
from bot.services import keys, rotation
from bot.shared_dialogs import connect


async def findings() -> AsyncIterator[Finding]:
    try:
        settings = config.load()
    except config.BadSettings as error:
        for variable, problem in error.problems.items():
            yield Finding(Part.SETTINGS, False, variable, problem)
        return
    yield Finding(Part.SETTINGS, True)
    async for finding in database(settings):
        yield finding
    yield await key(settings)
    if settings.redis_url:
        yield await redis(settings.redis_url)
    if settings.backup_dir:
        yield backups(settings.backup_dir)
    yield catalogues()
    async for finding in telegram(settings):
        yield finding


async def key(settings: config.Settings) -> Finding:
    try:
        vault = make_vault(config.data_key(settings))
    except config.BadSettings as error:
        [(variable, problem)] = error.problems.items()
        return Finding(Part.KEY, False, variable, problem)
    except OSError as error:
        return of_file(Part.KEY, error)
    return await fits(settings, vault)


async def fits(settings: config.Settings, vault: Vault) -> Finding:
    """What hinders the database is told of the database."""
    two_keys = vault.older is not None
    try:
        engine = make_engine(settings.database_url)
    except OSError:
        return Finding(Part.KEY, True)
    try:
        async with make_sessions(engine)() as session:
            fit = await keys.unlock(session, vault)
            if fit is keys.Fit.OURS and vault.is_rotating:
                behind, rows = await rotation.left(session, vault)
                return Finding(Part.KEY, True, f"{rows - behind} / {rows}", "rotating")
    except TROUBLE:
        return Finding(Part.KEY, True)
    finally:
        await dispose(engine)
    if fit is keys.Fit.OURS:
        rotated = "rotated" if settings.data_key else "rotated_in_file"
        return Finding(Part.KEY, True, problem=rotated if two_keys else "")
    if fit is keys.Fit.NEXT:
        return Finding(Part.KEY, True, problem="waits")
    return Finding(Part.KEY, False, "DATA_KEY", fit)


def of_file(part: Part, error: OSError) -> Finding:
    """Which one, and the system's name for what is wrong with it."""
    return Finding(part, False, str(error.filename), errno.errorcode.get(error.errno or 0, "EIO"))


async def database(settings: config.Settings) -> AsyncIterator[Finding]:
    try:
        engine = make_engine(settings.database_url)
        turn.try_files(settings.database_url)
    except OSError as error:
        yield of_file(Part.DATABASE, error)
        return
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        yield Finding(Part.DATABASE, True, engine.dialect.name)
        yield await tables(engine)
    except TROUBLE as error:
        yield Finding(Part.DATABASE, False, type(error).__name__, "unreachable")
    finally:
        await dispose(engine)


async def tables(engine: AsyncEngine) -> Finding:
    if await is_newer(engine):
        return Finding(Part.MIGRATIONS, False, "DATABASE_URL", "newer")
    if not await pending(engine):
        return Finding(Part.MIGRATIONS, True)
    by_itself = engine.dialect.name == "sqlite"
    return Finding(Part.MIGRATIONS, by_itself, problem="by_itself" if by_itself else "pending")


async def redis(url: str) -> Finding:
    client = connect(url)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return Finding(Part.REDIS, False, type(error).__name__, "unreachable")
    finally:
        await client.aclose()
    return Finding(Part.REDIS, True)


def backups(folder: Path) -> Finding:
    """The folder is made by the first one."""
    # Where its own folder is barred, Path raises what these do not.
    there = folder if os.path.exists(folder) else folder.absolute().parent
    if not os.path.isdir(there) or not os.access(there, os.W_OK | os.X_OK):
        return Finding(Part.BACKUPS, False, "BACKUP_DIR", "unwritable")
    tomorrow = Clock().now().date() + timedelta(days=1)  # which has begun somewhere
    days = nightly.days_in(folder, tomorrow)
    return Finding(Part.BACKUPS, True, max(days).isoformat() if days else "")


def catalogues() -> Finding:
    try:
        for language in i18n.languages():
            i18n.catalogue(language)
    except (OSError, ValueError, SyntaxError):
        return Finding(Part.CATALOGUES, False, language, "broken")
    return Finding(Part.CATALOGUES, True, ", ".join(i18n.languages()))


async def telegram(settings: config.Settings) -> AsyncIterator[Finding]:
    try:
        bot = make_bot(settings, Limiter(settings.send_rate, paid=settings.paid_broadcast))
    except config.BadSettings as error:
        [(variable, problem)] = error.problems.items()
        yield Finding(Part.TELEGRAM, False, variable, problem)
        return
    try:
        me = await bot.get_me(request_timeout=10)
        yield Finding(Part.TELEGRAM, True, f"@{me.username}")
        if settings.webhook_url:
            yield webhook(await bot.get_webhook_info(request_timeout=10))
    except TelegramUnauthorizedError:
        yield Finding(Part.TELEGRAM, False, "BOT_TOKEN", "refused")
    except TelegramAPIError as error:
        yield Finding(Part.TELEGRAM, False, type(error).__name__, "unreachable")
    finally:
        await bot.session.close()


def webhook(info: WebhookInfo) -> Finding:
    """As Telegram found it lately: a bot that does not run yet has nothing to be found."""
    if is_unreached(info, Clock().now()):
        return Finding(Part.WEBHOOK, False, info.last_error_message or "", "unreached")
    return Finding(Part.WEBHOOK, True)
