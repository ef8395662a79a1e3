"""A small bot as anybody would write it, and a clock that only tests move."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiogram import Bot, Dispatcher, F, Router
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Message,
)

TOKEN = "42:TEST"


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, **delta: float) -> None:
        self.time += timedelta(**delta)


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=text, callback_data=data) for text, data in row]
            for row in rows
        ]
    )


def stock_router() -> Router:
    """A bot as anybody would write it."""
    router = Router()

    @router.message(CommandStart(deep_link=True))
    async def deep(message: Message, command: object) -> None:
        await message.answer(f"Deep link {getattr(command, 'args', '')}")

    @router.message(CommandStart())
    async def start(message: Message) -> None:
        await message.answer(
            "<b>Hello</b>",
            parse_mode="HTML",
            reply_markup=keyboard([("Hearings", "h"), ("All hearings", "a")]),
        )

    @router.message(Command("cases"))
    async def cases(message: Message) -> None:
        await message.reply("Cases")

    @router.message(F.document)
    async def document(message: Message, bot: Bot) -> None:
        assert message.document
        content = await bot.download(message.document)
        assert content
        await message.answer(f"{message.document.file_name}: {len(content.read())} bytes")

    @router.message(F.text)
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    @router.edited_message()
    async def edited(message: Message) -> None:
        await message.answer(f"Edited to {message.text}")

    @router.callback_query(F.data == "h")
    async def hearings(query: CallbackQuery) -> None:
        await query.answer("Here they are")
        assert isinstance(query.message, Message)
        await query.message.edit_text("No hearings", reply_markup=keyboard([("Back", "b")]))

    @router.callback_query()
    async def other(query: CallbackQuery) -> None:
        await query.answer(f"Unknown {query.data}", show_alert=True)

    @router.inline_query()
    async def inline(query: InlineQuery) -> None:
        content = InputTextMessageContent(message_text=f"<i>{query.query}</i>", parse_mode="HTML")
        found = InlineQueryResultArticle(
            id="1",
            title=query.query,
            input_message_content=content,
            reply_markup=keyboard([("More", "more")]),
        )
        await query.answer([found], cache_time=0)

    return router


def dispatcher() -> Dispatcher:
    dispatcher = Dispatcher()
    dispatcher.include_router(stock_router())
    return dispatcher


@asynccontextmanager
async def polling(bot: Bot, *, handle_as_tasks: bool = False) -> AsyncIterator[None]:
    """The stock bot, which confirms after it has handled, or by `handle_as_tasks` before."""
    stock = dispatcher()
    started = stock.start_polling(
        bot, handle_signals=False, close_bot_session=False, handle_as_tasks=handle_as_tasks
    )
    task = asyncio.create_task(started)
    try:
        yield
    finally:
        await stock.stop_polling()
        await task
