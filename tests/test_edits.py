"""A way to pay that one process has shown, and what another one puts there since."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from bot.crypto import Vault
from bot.edits import CLOSED, EDITED
from bot.intercom import Intercom
from sandbox import Person
from tests.test_away import until
from tests.test_donations import is_open
from tests.town import VAULT, Town, town, webhook

pytestmark = pytest.mark.either_database


@asynccontextmanager
async def two(database_url: str, redis_url: str) -> AsyncIterator[tuple[Town, Town]]:
    """Both answer; Telegram sends its updates to the first one."""
    first_way, second_way = webhook(), webhook()
    async with (
        town(database_url, "format.yaml", redis_url=redis_url, **first_way) as first,
        town(
            database_url,
            telegram=first.telegram,
            clock=first.clock,
            redis_url=redis_url,
            **second_way,
        ) as second,
    ):
        await until(lambda: len(first.telegram.calls.of("setWebhook")) == 2)
        await listened_to(redis_url)
        await goes_to(first)
        yield first, second


async def goes_to(here: Town) -> None:
    url = f"{here.app.settings.webhook_url}/telegram"
    await here.app.bot.set_webhook(url, secret_token="secret")


async def listened_to(redis_url: str) -> None:
    async with asyncio.timeout(20), Redis.from_url(redis_url) as redis:
        channels = [Intercom(redis, VAULT).channel(word) for word in (EDITED, CLOSED)]
        while [count for _, count in await redis.pubsub_numsub(*channels)] != [2, 2]:
            pass


async def looks(here: Town) -> Person:
    anna = here.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    assert is_open(anna)
    return anna


async def test_what_another_process_has_put_there_is_not_hidden(
    database_url: str, redis_url: str
) -> None:
    async with two(database_url, redis_url) as (first, second):
        anna = await looks(first)
        curtain = first.app.dispatcher.workflow_data["curtain"]
        await goes_to(second)
        await anna.press("Back")
        await until(lambda: not curtain.shown)
        shown = anna.last.text
        first.clock.forward(hours=1)
        await curtain.look(first.app.sessions, first.clock.now())
        assert anna.last.text == shown


async def test_what_another_process_could_not_put_there_is_hidden(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.patience.OUTAGE", 0.1)
    async with two(database_url, redis_url) as (first, second):
        anna = await looks(first)
        await goes_to(second)
        first.telegram.faults.server_error(500, method="editMessageText", times=None)
        await anna.press("Back")
        assert is_open(anna)
        first.telegram.faults.clear()
        first.clock.forward(hours=1)
        curtain = first.app.dispatcher.workflow_data["curtain"]
        await curtain.look(first.app.sessions, first.clock.now())
        assert not is_open(anna)


async def test_of_what_stands_open_each_is_reckoned_once_however_much_is_edited_elsewhere(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else many who look at ways to pay would hold up whoever writes to the same process."""
    reckoned, index_of = list[str](), Vault.index_of

    def counted(vault: Vault, kind: str, secret: str) -> bytes:
        reckoned.append(kind)
        return index_of(vault, kind, secret)

    async with two(database_url, redis_url) as (first, second):
        anna, curtain = await looks(first), first.app.dispatcher.workflow_data["curtain"]
        [what] = curtain.shown.values()
        curtain.shown |= {(-number, 1): what for number in range(1, 501)}
        await goes_to(second)
        monkeypatch.setattr(Vault, "index_of", counted)
        boris = second.person("Boris")
        await boris.send("/start")
        for screen in ("help", "menu", "help", "menu"):
            await boris.press_data(screen)
        await anna.press("Back")
        await until(lambda: len(curtain.shown) == 500)
        curtain.shown.clear()
        assert 500 < reckoned.count("place") < 600


async def test_what_changes_is_found_in_all_processes(database_url: str, redis_url: str) -> None:
    """Names and cards that they remember are asked for anew, by the campaign's version."""
    new = b"cases: [{slug: port-strike, defendants: [{slug: z, name: {en: Zinaida Quokka}}]}]"
    async with two(database_url, redis_url) as (first, second):
        for here in (first, second):
            await goes_to(here)
            anna = here.person(language="en")
            await anna.send("quokka")
            assert "Zinaida" not in anna.last.text
        await first.take_in(new)
        for here in (first, second):
            await goes_to(here)
            anna = here.person(language="en")
            await anna.send("quokka")
            anna.sees("Zinaida Quokka")


async def test_who_is_forgotten_by_one_process_has_nothing_open_from_another(
    database_url: str, redis_url: str
) -> None:
    async with two(database_url, redis_url) as (first, second):
        anna, boris = await looks(first), await looks(first)
        await anna.send("/settings")
        await anna.press("Русский")
        assert is_open(anna)
        await goes_to(second)
        await anna.send("/forget")
        await anna.press("Да, удалить")
        await until(lambda: not is_open(anna))
        assert is_open(boris)


async def test_who_comes_back_by_another_process_finds_nothing_open(
    database_url: str, redis_url: str
) -> None:
    async with two(database_url, redis_url) as (first, second):
        anna, boris = await looks(first), await looks(first)
        await first.telegram.confirmed(anna.block())
        first.clock.forward(hours=1)
        curtain = first.app.dispatcher.workflow_data["curtain"]
        await curtain.look(first.app.sessions, first.clock.now())
        assert curtain.away == {anna.id}
        assert not is_open(boris)
        await goes_to(second)
        await first.telegram.confirmed(anna.unblock())
        await until(lambda: not is_open(anna))
        assert not curtain.away
