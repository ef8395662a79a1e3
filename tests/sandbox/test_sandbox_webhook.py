"""Webhooks: delivery, secret, retries, answers in the body."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from sandbox import Person, Sandbox

from .stock_bot import dispatcher


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


@pytest.fixture
async def hooked(bot: Bot, telegram: Sandbox) -> AsyncIterator[Bot]:
    """The stock bot behind a webhook."""
    stock = dispatcher()
    app = web.Application()
    handler = SimpleRequestHandler(stock, bot, handle_in_background=False, secret_token="s3cret")
    handler.register(app, "/hook")
    setup_application(app, stock, bot=bot)
    async with serving(app) as url:
        await bot.set_webhook(url, secret_token="s3cret", allowed_updates=[])
        yield bot
        await telegram.world.webhook.stop()


Reaction = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def hook(bot: Bot, react: Reaction) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/hook", react)
    async with serving(app) as url:
        await bot.set_webhook(url)
        yield
        await bot.delete_webhook()


async def test_people_talk_to_a_bot_behind_a_webhook(hooked: Bot, anna: Person) -> None:
    await anna.send("/start")
    anna.sees("Hello")
    await anna.press("Hearings")
    anna.sees("No hearings")
    assert anna.telegram.world.updates.pending == {}


async def test_the_secret_is_sent_and_needed(hooked: Bot, telegram: Sandbox, anna: Person) -> None:
    telegram.world.webhook.secret = "wrong"
    await anna.send("/start", wait=False)
    await telegram.world.webhook.next_attempt()
    info = await hooked.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 401 Unauthorized"
    assert info.pending_update_count == 1
    telegram.world.webhook.secret = "s3cret"
    await telegram.retry_webhook()
    anna.sees("Hello")


async def test_failures_are_tried_again_with_growing_delay(
    bot: Bot, telegram: Sandbox, anna: Person
) -> None:
    seen: list[Any] = []

    async def react(request: web.Request) -> web.Response:
        seen.append((await request.json())["update_id"])
        return web.Response(status=500 if len(seen) < 4 else 200)

    async with hook(bot, react):
        await anna.send("x", wait=False)
        for _ in range(3):
            await telegram.retry_webhook()
        await telegram.settled()
    assert seen == seen[:1] * 4
    assert telegram.world.webhook.delays == [1, 2, 4]


async def test_a_method_in_the_answer_is_done(bot: Bot, anna: Person) -> None:
    async def react(request: web.Request) -> web.Response:
        chat = (await request.json())["message"]["chat"]["id"]
        return web.json_response({"method": "sendMessage", "chat_id": chat, "text": "In the body"})

    async with hook(bot, react):
        await anna.send("x")
        anna.sees("In the body")


async def test_duplicates_reach_a_webhook_too(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    seen: list[Any] = []

    async def react(request: web.Request) -> web.Response:
        seen.append((await request.json())["update_id"])
        return web.Response()

    telegram.faults.duplicate_updates()
    async with hook(bot, react):
        await anna.send("x")
    assert len(seen) == 2
    assert seen[0] == seen[1]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://bot.example.org/", "An HTTPS URL must be provided for webhook"),
        ("https://bot.example.org:8080/", "only on ports 80, 88, 443 or 8443"),
        ("bot", "An HTTPS URL must be provided for webhook"),
    ],
)
async def test_which_addresses_a_webhook_has(bot: Bot, url: str, error: str) -> None:
    with pytest.raises(TelegramBadRequest, match=error):
        await bot.set_webhook(url)


@pytest.mark.parametrize(
    ("secret", "error"),
    [("ж", "unallowed characters"), ("a b", "unallowed characters"), ("x" * 257, "is too long")],
)
async def test_what_a_secret_may_be(bot: Bot, secret: str, error: str) -> None:
    with pytest.raises(TelegramBadRequest, match=error):
        await bot.set_webhook("https://bot.example.org/", secret_token=secret)
    assert await bot.set_webhook("https://bot.example.org:8443/", secret_token="x" * 256)


async def test_pending_updates_are_dropped_when_asked(bot: Bot, anna: Person) -> None:
    await anna.send("x", wait=False)
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_webhook_info()).pending_update_count == 0


@pytest.mark.parametrize("body", ["{", "[]", '"x"', '{"method": "sendNothing"}', "\xff"])
async def test_an_answer_that_is_no_method_holds_up_nothing(
    bot: Bot, anna: Person, body: str
) -> None:
    async def react(request: web.Request) -> web.Response:
        return web.Response(body=body.encode("latin-1"), content_type="application/json")

    async with hook(bot, react):
        await anna.send("one")
        await anna.send("two")


async def test_odd_updates_have_a_line_too(bot: Bot, telegram: Sandbox) -> None:
    async def react(request: web.Request) -> web.Response:
        return web.Response()

    async with hook(bot, react):
        for odd in ("x", 5, [], {"message": "x"}, {"chat": "x", "from": 5}):
            await telegram.deliver({"callback_query": odd})


async def test_updates_of_one_chat_come_in_turn_and_chats_side_by_side(
    bot: Bot, telegram: Sandbox, anna: Person
) -> None:
    boris, opened = telegram.person("Boris"), asyncio.Event()
    seen: list[str] = []

    async def react(request: web.Request) -> web.Response:
        seen.append((await request.json())["message"]["text"])
        if seen[-1] == "boris":
            opened.set()
        await opened.wait()
        return web.Response()

    async with hook(bot, react):
        await anna.send("one", wait=False)
        await anna.send("two", wait=False)
        await boris.send("boris", wait=False)
        await telegram.settled()
    assert seen == ["one", "boris", "two"]
