"""Whether each part is ready to run: one finding a part."""

from collections.abc import AsyncIterator

from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import config, i18n
from bot.app import make_bot
from bot.db import make_engine
from bot.finding import Finding, Part
from bot.migrate import pending


async def findings() -> AsyncIterator[Finding]:
    try:
        settings = config.load()
    except config.BadSettings as error:
        for variable, problem in error.problems.items():
            yield Finding(Part.SETTINGS, False, variable, problem)
        return
    yield Finding(Part.SETTINGS, True)
    yield key(settings)
    async for finding in database(settings):
        yield finding
    yield catalogues()
    yield await telegram(settings)


def key(settings: config.Settings) -> Finding:
    try:
        config.data_key(settings)
    except config.BadSettings as error:
        [(variable, problem)] = error.problems.items()
        return Finding(Part.KEY, False, variable, problem)
    return Finding(Part.KEY, True)


async def database(settings: config.Settings) -> AsyncIterator[Finding]:
    engine = make_engine(settings.database_url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        yield Finding(Part.DATABASE, True, engine.dialect.name)
        behind = await pending(engine)
        yield Finding(Part.MIGRATIONS, not behind, problem="pending" if behind else "")
    except (SQLAlchemyError, OSError) as error:
        yield Finding(Part.DATABASE, False, type(error).__name__, "unreachable")
    finally:
        await engine.dispose()


def catalogues() -> Finding:
    try:
        for language in i18n.languages():
            i18n.catalogue(language)
    except (OSError, ValueError, SyntaxError):
        return Finding(Part.CATALOGUES, False, language, "broken")
    return Finding(Part.CATALOGUES, True, ", ".join(i18n.languages()))


async def telegram(settings: config.Settings) -> Finding:
    try:
        bot = make_bot(settings)
    except config.BadSettings as error:
        [(variable, problem)] = error.problems.items()
        return Finding(Part.TELEGRAM, False, variable, problem)
    try:
        me = await bot.get_me(request_timeout=10)
    except TelegramUnauthorizedError:
        return Finding(Part.TELEGRAM, False, "BOT_TOKEN", "refused")
    except TelegramAPIError as error:
        return Finding(Part.TELEGRAM, False, type(error).__name__, "unreachable")
    finally:
        await bot.session.close()
    return Finding(Part.TELEGRAM, True, f"@{me.username}")
