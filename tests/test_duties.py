"""Many processes share one bot's work: some answer people, one tells followers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from socket import socket

import pytest
from aiogram.exceptions import TelegramUnauthorizedError
from aiohttp import ClientConnectorError, ClientSession

from bot import logs
from bot.app import assembled, serve
from bot.config import ALL, Duty
from bot.health import HEALTHZ
from sandbox import Limits, Person, Sandbox
from tests.test_away import answers, until
from tests.town import TOKEN, Town, detached, free_port, settings, town, webhook

WEB, SENDER = frozenset({Duty.WEB}), frozenset({Duty.SENDER})
WAYS = pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])


@asynccontextmanager
async def two(database_url: str, **more: str) -> AsyncIterator[tuple[Town, Town]]:
    """One that answers and one that tells."""
    async with (
        town(database_url, duties=WEB, **more) as web,
        town(database_url, telegram=web.telegram, clock=web.clock, duties=SENDER) as sender,
    ):
        yield web, sender


async def follow(here: Town) -> Person:
    anna = here.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("🔔 Follow")
    return anna


@WAYS
async def test_one_answers_and_the_other_tells(
    harbour_url: str, way: Callable[[], dict[str, str]]
) -> None:
    async with two(harbour_url, **way()) as (web, _sender):
        anna = await follow(web)
        web.clock.forward(days=2)
        await until(lambda: len(answers(anna)) == 2)
        assert "Ivan Lodkin" in answers(anna)[1]


async def test_who_only_answers_tells_nothing(harbour_url: str) -> None:
    async with two(harbour_url) as (web, sender):
        anna = await follow(web)
        await sender.halt()
        web.clock.forward(days=2)
        await anna.send("/help")
        assert len(answers(anna)) == 2
        again = {"telegram": web.telegram, "clock": web.clock}
        async with town(harbour_url, duties=SENDER, **again):
            await until(lambda: len(answers(anna)) == 3)


async def test_who_only_tells_answers_nothing(harbour_url: str) -> None:
    async with two(harbour_url) as (web, _sender):
        anna, boris = await follow(web), web.person()
        await web.halt()
        await boris.send("/help", wait=False)
        web.clock.forward(days=2)
        await until(lambda: len(answers(anna)) == 2)
        assert not answers(boris)


@pytest.mark.parametrize("duties", [WEB, SENDER, ALL], ids=["web", "sender", "all"])
async def test_each_of_them_ends_where_telegram_refuses_the_token(
    database_url: str, duties: frozenset[Duty]
) -> None:
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        telegram.faults.refuse(401, "Unauthorized", times=None)
        async with assembled(detached(settings(database_url, telegram))) as app:
            with pytest.raises(TelegramUnauthorizedError):
                await serve(app, asyncio.Event(), duties)


@WAYS
async def test_each_of_them_says_that_it_lives(
    database_url: str, way: Callable[[], dict[str, str]]
) -> None:
    options = way() or {"listen": f"127.0.0.1:{free_port()}"}
    address = f"http://{options['listen']}{HEALTHZ}"
    async with town(database_url, duties=WEB, **options), ClientSession() as client:
        assert (await said(client, address)) == "ok\n"
    other = {"listen": options["listen"]}
    async with town(database_url, duties=SENDER, **other), ClientSession() as client:
        assert (await said(client, address)) == "ok\n"


async def said(client: ClientSession, address: str) -> str:
    """As soon as somebody listens there."""
    async with asyncio.timeout(20):
        while True:
            try:
                async with client.get(address) as answer:
                    return await answer.text()
            except ClientConnectorError:
                await asyncio.sleep(0.005)


async def test_who_polls_works_where_the_address_is_taken(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        async with town(database_url, "format.yaml", listen=listen) as here:
            anna = here.person()
            await anna.send("/help")
            assert len(answers(anna)) == 1
    assert "the address in LISTEN cannot be used" in capsys.readouterr().err
