"""The peer: a bare aiogram bot, one handler, one select on the same database."""

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import Message
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from models import Case

engine = create_async_engine(os.environ["DATABASE_URL"])
sessions = async_sessionmaker(engine)
dispatcher = Dispatcher()


@dispatcher.message(CommandStart(deep_link=True))
async def card(message: Message, command: CommandObject) -> None:
    slug = (command.args or "").removeprefix("c-")
    async with sessions() as session:
        case = await session.scalar(select(Case).where(Case.slug == slug))
    await message.answer(case.title["en"] if case else "?")


async def main() -> None:
    server = TelegramAPIServer.from_base(os.environ["TELEGRAM_API_URL"])
    bot = Bot(os.environ["BOT_TOKEN"], session=AiohttpSession(api=server))
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
