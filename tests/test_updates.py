"""Nothing gets lost and nothing is answered twice: kills, repeats, troubles, floods, any update."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from io import BytesIO
from socket import socket
from typing import Any

import pytest
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Chat, Message, Update, User
from aiogram.utils.backoff import BackoffConfig
from aiohttp import ClientSession

from bot import logs
from bot.config import BadSettings
from bot.db import Sessions, make_engine, make_sessions
from bot.delivery.scheduler import tidy
from bot.delivery.telegram import InTurn
from bot.fsm import InOrder
from bot.middlewares import Throttle, whose
from bot.patience import OUTAGE, TRIES, Patience
from bot.polling import AT_ONCE
from bot.services import updates
from bot.site import BODY
from bot.webhook import SECRET_HEADER
from sandbox import Limits, Person, Sandbox
from tests.processes import bot_process
from tests.town import KEY, NOW, OWNER, TOKEN, Gate, Town, TownClock, town, webhook

pytestmark = pytest.mark.either_database
FAST = {"send_rate": 980, "paid_broadcast": True}
"""So many answers at once that nobody waits for a turn."""


def answers(person: Person) -> list[Any]:
    return [message for message in person.messages if message.from_bot]


async def test_a_kill_in_mid_update_loses_nothing(database_url: str) -> None:
    gate = Gate()
    async with Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram:
        anna = telegram.person()
        telegram.faults.delay(60, method="sendMessage")
        async with bot_process(telegram, DATABASE_URL=database_url, DATA_KEY=KEY) as process:
            await anna.send("/help", wait=False)
            await asyncio.wait_for(gate.reached.wait(), 60)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        assert answers(anna) == []
        gate.opened.set()
        async with bot_process(telegram, DATABASE_URL=database_url, DATA_KEY=KEY):
            await telegram.settled()
        anna.sees("What this bot does")


async def test_sigterm_finishes_what_runs(database_url: str) -> None:
    gate = Gate()
    async with Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram:
        anna = telegram.person()
        telegram.faults.delay(60, method="sendMessage")
        async with bot_process(telegram, DATABASE_URL=database_url, DATA_KEY=KEY) as process:
            await anna.send("/help", wait=False)
            await asyncio.wait_for(gate.reached.wait(), 60)
            process.send_signal(signal.SIGTERM)
            gate.opened.set()
            assert await asyncio.wait_for(process.wait(), 60) == 0
        anna.sees("What this bot does")
        assert not telegram.world.updates.pending


async def test_an_update_delivered_again_is_answered_once(harbour: Town) -> None:
    anna = harbour.person()
    harbour.telegram.faults.duplicate_updates(1)
    await anna.send("/help")
    await harbour.telegram.settled()
    assert len(answers(anna)) == 1


async def test_what_was_answered_before_a_crash_is_not_answered_again_after_it(
    database_url: str,
) -> None:
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        anna = telegram.person()
        await anna.send("/help", wait=False)
        await anna.send("/cases", wait=False)
        first, _second = telegram.world.updates.pending
        await note(database_url, first)
        async with town(database_url, telegram=telegram):
            await telegram.settled()
        answers = [message.text for message in anna.messages if message.from_bot]
        assert answers == ["There are no cases here yet."]


async def note(database_url: str, update_id: int) -> None:
    """As a process does that dies before it can confirm."""
    engine = make_engine(database_url)
    async with make_sessions(engine)() as session:
        await updates.mark_handled(session, [update_id], NOW)
    await engine.dispose()


async def test_by_webhook_the_same(database_url: str) -> None:
    async with town(database_url, "format.yaml", **webhook()) as here:
        anna = here.person()
        await anna.send("/start")
        anna.sees("Harbour")
        await anna.press("Cases")
        anna.sees("Cases · 1")
        here.telegram.faults.duplicate_updates(1)
        await anna.send("/help")
        await here.telegram.settled()
        helps = [message for message in anna.messages if "What this bot does" in message.text]
        assert len(helps) == 1


async def test_a_webhook_without_the_secret_is_refused(database_url: str) -> None:
    options = webhook()
    async with town(database_url, **options) as here:
        await here.person().send("/start")  # answered as soon as the webhook is set
        async with ClientSession() as client:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}):
                answer = await client.post(
                    f"{options['webhook_url']}/telegram", json={"update_id": 1}, headers=headers
                )
                assert answer.status == 401


def patience(here: Town) -> Patience:
    [found] = [one for one in here.app.bot.session.middleware if isinstance(one, Patience)]
    return found


@pytest.mark.parametrize("fault", ["too_many_requests", "server_error", "cut_before"])
async def test_telegrams_bad_moments_are_waited_out(
    harbour: Town, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def no_wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(patience(harbour), "sleep", no_wait)
    anna = harbour.person()
    getattr(harbour.telegram.faults, fault)(times=2, method="sendMessage")
    await anna.send("/help")
    anna.sees("What this bot does")
    assert len(waited) == 2


async def test_an_answer_that_may_have_arrived_is_not_sent_for_ever(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_wait(_seconds: float) -> None:
        pass

    monkeypatch.setattr(patience(harbour), "sleep", no_wait)
    anna = harbour.person(language="en")
    harbour.telegram.faults.cut_after(times=None, method="sendMessage")
    await anna.send("/hearings")
    assert 1 <= len(answers(anna)) <= 6  # three tries of the answer, and of the word that it failed


@pytest.mark.parametrize("what", ["breaks", "too many"])
async def test_a_question_is_answered_when_the_trouble_ends(
    harbour: Town, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    anna, faults = harbour.person(language="en"), harbour.telegram.faults
    trouble = faults.server_error if what == "breaks" else partial(faults.too_many_requests, 2)
    waited: list[float] = []

    async def no_wait(seconds: float) -> None:
        waited.append(seconds)
        if sum(waited) > 60:
            faults.clear()

    monkeypatch.setattr(patience(harbour), "sleep", no_wait)
    trouble(times=None, chat=anna.id)
    await anna.send("/help")
    anna.sees("What this bot does")
    assert max(waited) <= 5
    waited.clear()
    trouble(times=None, chat=anna.id)
    await anna.press("Menu")
    assert "⚖️ Cases" in anna.last.labels


async def test_a_trouble_without_end_is_not_waited_for(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna], bot="administrator")
    waited: list[float] = []

    async def no_wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(patience(harbour), "sleep", no_wait)
    harbour.telegram.faults.server_error(times=None)
    await anna.send("/help")
    assert 100 < sum(waited) <= 2 * OUTAGE  # the answer, and that it failed
    waited.clear()
    await anna.send("/cases@solidarity_bot", chat=group)
    assert len(waited) == 2 * (TRIES - 1)
    harbour.telegram.faults.clear()
    await anna.send("/help")
    anna.sees("What this bot does")


async def test_polling_survives_telegrams_absence(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.BACKOFF", quick())
    anna = harbour.person()
    await anna.send("/start")
    harbour.telegram.faults.server_error(502, times=3, method="getUpdates")
    await anna.send("/help")
    anna.sees("What this bot does")


def quick() -> object:
    from aiogram.utils.backoff import BackoffConfig

    return BackoffConfig(min_delay=0.001, max_delay=0.002, factor=1.1, jitter=0)


async def test_who_has_blocked_the_bot_breaks_nothing(harbour: Town) -> None:
    anna, boris = harbour.person("Anna"), harbour.person("Boris")
    await anna.send("/start")
    harbour.telegram.faults.refuse(403, "Forbidden: bot was blocked by the user", chat=anna.id)
    await anna.send("/help")
    await boris.send("/start")
    boris.sees("Harbour")


async def test_a_failure_is_told_with_a_number_that_the_log_has_and_nothing_else(
    harbour: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("secret words of Anna")

    monkeypatch.setattr("bot.services.cases.directory", broken)
    logs.configure("json")
    anna = harbour.person("Zanzibara", language="ru")
    await anna.send("/cases")
    anna.sees("сломалось")
    number = anna.last.text.rstrip(".").rpartition(" ")[2]
    logged = capsys.readouterr().err
    assert number in logged
    assert "RuntimeError" in logged
    for secret in ("secret words", "Zanzibara", str(anna.id)):
        assert secret not in logged


def test_the_throttle_lets_a_burst_through_and_then_so_many_a_second() -> None:
    throttle, clock = Throttle(burst=3, per_second=1), TownClock(NOW)
    assert [throttle.left(1, clock.now()) >= 0 for _ in range(5)] == [True] * 3 + [False] * 2
    assert throttle.left(2, clock.now()) >= 0
    clock.forward(seconds=3)
    assert throttle.left(1, clock.now()) >= 0


def test_the_throttle_forgets_whom_it_has_not_seen_for_long() -> None:
    throttle, clock = Throttle(remembered=10), TownClock(NOW)
    for person in range(100):
        throttle.left(person, clock.now())
    assert len(throttle.people) == 10


@pytest.mark.parametrize(("lateness", "answered"), [(0, 20), (0.25, 20), (1, 5), (5, 1), (99, 1)])
def test_the_longer_answers_wait_the_less_one_may_do(lateness: float, answered: int) -> None:
    throttle, clock = Throttle(), TownClock(NOW)
    cost = throttle.cost(lateness)
    let = [throttle.left(1, clock.now(), cost) >= 0 for _ in range(30)]
    assert let == [True] * answered + [False] * (30 - answered)
    clock.forward(seconds=15)  # as whoever was held back is told
    assert throttle.left(1, clock.now(), cost) >= 0


def test_whoever_tries_again_and_again_in_a_crowd_is_let_through_in_the_end() -> None:
    throttle, clock = Throttle(), TownClock(NOW)
    let = list[bool]()
    for _ in range(20):
        let.append(throttle.left(1, clock.now(), throttle.burst) >= 0)
        clock.forward(seconds=5)
    assert let == ([True, False, False] * 7)[:20]


async def test_in_a_crowd_everybody_is_answered_before_anybody_again(harbour: Town) -> None:
    anna, oleg = harbour.person(language="en"), harbour.person(language="ru")
    harbour.app.limiter.waiting = 1000
    for person in (anna, oleg):
        for _ in range(4):
            await person.send("/help")
    assert [len(answers(person)) for person in (anna, oleg)] == [2, 2]
    anna.sees("Many people are writing right now. Try again in 15 seconds.")
    oleg.sees("Сейчас пишет очень много людей. Попробуйте ещё раз через 15 секунд.")
    harbour.clock.forward(seconds=15)
    await anna.send("/help")
    anna.sees("/hearings")


async def test_a_crowd_makes_dear_what_takes_a_turn_and_nothing_else(harbour: Town) -> None:
    """Chatter in a group, names that are being typed, an album, and whoever comes back."""
    anna = harbour.person(language="en", started=True)
    group = harbour.telegram.group("Court support", admins=[anna], bot="administrator")
    harbour.app.limiter.waiting = 1000
    for _ in range(3):
        await anna.send("See you there", chat=group)
    for typed in ("l", "lod", "lodkin"):
        found = await anna.inline(typed)
    assert "Lodkin" in found[0].title
    await harbour.telegram.confirmed(anna.block())
    await harbour.telegram.confirmed(anna.unblock())
    harbour.clock.forward(seconds=5)  # seven of twenty were used
    await anna.send("/help")
    anna.sees("/hearings")


async def test_of_those_who_press_on_one_stands_in_line_with_the_others(database_url: str) -> None:
    async with town(database_url, "format.yaml") as here:
        anna, oleg, boris = (here.person() for _ in range(3))
        for restless in (anna, oleg):
            for _ in range(3):
                await restless.send("/help")
        known = len(here.telegram.calls.of("sendMessage"))
        async with turns(here).line:
            for number, person in enumerate((anna, oleg, boris), start=1):
                await person.send("/help", wait=False)
                await until(lambda number=number: here.app.limiter.waiting == number)
        await here.telegram.settled()
        told = here.telegram.calls.of("sendMessage")[known:]
        chats = [int(call.parameters["chat_id"]) for call in told]
        assert chats == [anna.id, boris.id, oleg.id]


async def test_owners_wait_for_nobody(database_url: str) -> None:
    async with town(database_url, "format.yaml", owners=(OWNER,)) as here:
        olga, anna = here.telegram.person("Olga", id=OWNER), here.person()
        async with turns(here).line:
            await anna.send("/help", wait=False)
            await until(lambda: here.app.limiter.waiting == 1)
            here.app.limiter.waiting += 1000
            for _ in range(5):
                await olga.send("/desk", wait=False)
            await until(lambda: len(answers(olga)) == 5)
            here.app.limiter.waiting -= 1000
            assert not answers(anna)
        await here.telegram.until(lambda: answers(anna), "nobody is answered")


async def test_too_fast_is_told_once_and_gently(harbour: Town) -> None:
    anna = harbour.person()
    for _ in range(30):
        await anna.send("/help")
    told = [message for message in anna.messages if "a bit fast" in message.text]
    answered = [message for message in anna.messages if "What this bot" in message.text]
    assert (len(answered), len(told)) == (20, 1)
    harbour.clock.forward(seconds=10)
    await anna.send("/help")
    anna.sees("What this bot does")


async def test_ten_quick_messages_are_handled_in_their_order(harbour: Town) -> None:
    anna = harbour.person()
    commands = ("/help", "/cases", "/letters", "/donate", "/evenings") * 2
    for command in commands:
        await anna.send(command, wait=False)
    await harbour.telegram.settled()
    words = ("What this bot", "Cases ·", "Whom to write", "Donate", "Evenings") * 2
    answers = [message.text for message in anna.messages if message.from_bot]
    assert len(answers) == 10
    for answer, expected in zip(answers, words, strict=True):
        assert expected in answer


async def test_an_update_that_cannot_be_read_holds_up_nobody(
    harbour: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    anna = harbour.person()
    await harbour.telegram.deliver({"message": {"text": "SECRETWORDS", "chat": "nonsense"}})
    await anna.send("/help")
    anna.sees("What this bot does")
    assert "SECRETWORDS" not in capsys.readouterr().err


async def test_a_database_that_is_away_for_a_moment_loses_nothing(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.BACKOFF", quick())
    real, failures = updates.mark_handled, [ConnectionRefusedError(), ConnectionRefusedError()]

    async def sometimes(*args: Any) -> None:
        if failures:
            raise failures.pop()
        await real(*args)

    monkeypatch.setattr("bot.services.updates.mark_handled", sometimes)
    anna = harbour.person()
    await anna.send("/help")
    anna.sees("What this bot does")
    assert not failures
    assert len(answers(anna)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("code", [401, 404])
async def test_a_refused_token_is_told_in_one_line(database_url: str, code: int) -> None:
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        telegram.faults.refuse(code, "no", method="deleteWebhook")
        async with bot_process(telegram, DATABASE_URL=database_url, DATA_KEY=KEY) as process:
            assert await asyncio.wait_for(process.wait(), 60) == 1
            told = process.told()
        assert "Telegram refuses BOT_TOKEN" in told
        assert "Traceback" not in told


def test_admins_without_a_name_are_told_apart_by_their_group() -> None:
    nobody = User(id=1087968824, is_bot=True, first_name="Group")
    keys = set()
    for group in (-1001, -1002):
        chat = Chat(id=group, type="supergroup")
        message = Message(message_id=1, date=NOW, chat=chat, from_user=nobody, sender_chat=chat)
        keys.add(whose(Update(update_id=1, message=message), nobody))
    assert len(keys) == 2


async def test_odd_headers_and_numbers_are_refused_without_an_error(database_url: str) -> None:
    options = webhook()
    async with town(database_url, **options) as here:
        await here.person().send("/start")
        url, header = f"{options['webhook_url']}/telegram", "X-Telegram-Bot-Api-Secret-Token"
        async with ClientSession() as client:
            odd = await client.post(url, data=b"{}", headers={header: "\udcff\udcfe"})
            assert odd.status == 401
            for body in (b'{"update_id": 9223372036854775808}', b"[", b"{}", b"[" * 100_000):
                answer = await client.post(url, data=body, headers={header: "secret"})
                assert answer.status == 400
            unreadable = {"update_id": 7, "message": {"text": "SECRETWORDS", "chat": "nonsense"}}
            answer = await client.post(url, json=unreadable, headers={header: "secret"})
            assert answer.status == 200  # or it would come again for ever
            coded = {header: "secret", "Content-Encoding": "gzip"}
            answer = await client.post(url, data=b"{}", headers=coded)
            assert answer.status == 400


async def test_who_floods_does_not_stand_in_the_line_of_their_own_updates(harbour: Town) -> None:
    fsm = harbour.app.dispatcher.fsm
    fsm.events_isolation = Counting()
    anna = harbour.person()
    for _ in range(30):
        await anna.send("/help")
    assert fsm.events_isolation.entered == Throttle().burst


class Counting(InOrder):
    def __init__(self) -> None:
        super().__init__()
        self.entered = 0

    def lock(self, key: StorageKey) -> AbstractAsyncContextManager[None]:
        self.entered += 1
        return super().lock(key)


@pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
@pytest.mark.parametrize("fault", ["slow", "told to wait"])
async def test_one_slow_chat_delays_nobody_else(
    database_url: str,
    way: Callable[[], dict[str, str]],
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    async with Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram:
        anna, others = telegram.person(), [telegram.person() for _ in range(20)]
        if fault == "slow":
            telegram.faults.delay(60, times=None, chat=anna.id, method="sendMessage")
        else:
            telegram.faults.too_many_requests(10, times=2, chat=anna.id, method="sendMessage")
        async with town(database_url, "format.yaml", telegram=telegram, **FAST, **way()) as here:
            monkeypatch.setattr(patience(here), "sleep", gate)
            for _ in range(Throttle().burst):
                await anna.send("/help", wait=False)
            await asyncio.wait_for(gate.reached.wait(), 60)
            for person in others:
                await person.send("/help", wait=False)
            for person in others:
                await person.next_message()
            assert answers(anna) == []
            gate.opened.set()
            telegram.faults.clear()
            await telegram.settled()
        assert len(answers(anna)) == Throttle().burst


def slow_people(telegram: Sandbox, number: int) -> list[Person]:
    """Whose answers wait at the gate."""
    slow = [telegram.person() for _ in range(number)]
    for person in slow:
        telegram.faults.delay(60, times=None, chat=person.id, method="sendMessage")
    return slow


async def all_answered(telegram: Sandbox, gate: Gate, slow: list[Person], times: int) -> None:
    gate.opened.set()
    telegram.faults.clear()
    await telegram.until(
        lambda: all(len(answers(person)) == times for person in slow), "a slow one is lost"
    )


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow is what lasts a moment."""
    monkeypatch.setattr("bot.waits.SLOW", 0.1)
    monkeypatch.setattr("bot.webhook.LOOK", 0.02)


@pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
async def test_equally_slow_chats_hold_up_nobody(
    database_url: str, way: Callable[[], dict[str, str]], hasty: None
) -> None:
    """None of them passes another by, and their further updates wait in their lines."""
    gate = Gate()
    async with Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram:
        slow, anna = slow_people(telegram, 45), telegram.person()
        async with town(database_url, "format.yaml", telegram=telegram, **FAST, **way()):
            for _ in range(4):
                for person in slow:
                    await person.send("/help", wait=False)
            await anna.send("/help", wait=False)
            await anna.next_message()
            assert not [person for person in slow if answers(person)]
            await all_answered(telegram, gate, slow, 4)


async def test_many_slow_chats_hold_up_nobody_however_many_come(
    database_url: str, hasty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A webhook gets no more updates than it has connections while it owes as many answers."""
    monkeypatch.setattr("bot.webhook.CONNECTIONS", 40)
    gate = Gate()
    async with Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram:
        slow = slow_people(telegram, 60)
        others = [telegram.person() for _ in range(130)]
        async with town(database_url, "format.yaml", telegram=telegram, **FAST, **webhook()):
            for one, another in zip(slow, others, strict=False):
                await one.send("/help", wait=False)
                await another.send("/help", wait=False)
                await another.next_message()
            for person in others[60:]:
                await person.send("/help", wait=False)
            for person in others[60:]:
                await person.next_message()
            assert not [person for person in slow if answers(person)]
            await all_answered(telegram, gate, slow, 1)


async def test_one_slow_chat_holds_up_nobody_however_many_come(
    database_url: str, hasty: None
) -> None:
    """Telegram offers a hundred updates from the oldest that is not confirmed."""
    gate = Gate()
    async with Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram:
        anna, others = telegram.person(), [telegram.person() for _ in range(130)]
        telegram.faults.delay(60, times=None, chat=anna.id, method="sendMessage")
        async with town(database_url, "format.yaml", telegram=telegram, **FAST) as here:
            for _ in range(3):
                await anna.send("/help", wait=False)
            await asyncio.wait_for(gate.reached.wait(), 60)
            for person in others:
                await person.send("/help", wait=False)
            for person in others:
                await person.next_message()
            assert not answers(anna)
            gate.opened.set()
            telegram.faults.clear()
            await here.telegram.until(lambda: len(anna.messages) == 6, "a slow one is lost")


@pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
async def test_who_presses_on_holds_up_nobody(
    database_url: str, way: Callable[[], dict[str, str]], hasty: None
) -> None:
    """Telegram goes on though the first of theirs has not been confirmed."""
    async with town(database_url, "format.yaml", **way()) as here:
        anna, flooder = here.person(), here.person()
        for _ in range(3):
            await flooder.send("/help")
        async with turns(here).line:  # of none it is the turn
            for _ in range(150):
                await flooder.send("/help", wait=False)
            [found] = await anna.inline("lodkin")
            assert len(answers(flooder)) == 3
        await here.telegram.until(lambda: len(answers(flooder)) > 3, "a flooder gets nothing")
        assert found


@pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
async def test_in_a_crowd_what_cannot_be_answered_yet_stays_with_telegram(
    database_url: str, way: Callable[[], dict[str, str]], hasty: None
) -> None:
    async with town(database_url, "format.yaml", **way()) as here:
        crowd = [here.person() for _ in range(300)]
        async with turns(here).line:
            for person in crowd:
                await person.send("/help", wait=False)
            await until(lambda: here.app.limiter.waiting >= AT_ONCE)
            assert here.app.limiter.waiting <= 2 * AT_ONCE
            assert len(here.telegram.world.updates.pending) >= AT_ONCE
        here.app.limiter.usual = here.app.limiter.rate = 980
        await each_answered(here, crowd)


async def each_answered(here: Town, crowd: list[Person]) -> None:
    await here.telegram.until(
        lambda: all(answers(person) for person in crowd), "somebody is not answered"
    )
    assert [len(answers(person)) for person in crowd] == [1] * len(crowd)


def turns(here: Town) -> InTurn:
    [found] = [one for one in here.app.bot.session.middleware if isinstance(one, InTurn)]
    return found


@pytest.mark.parametrize(("way", "module", "full"), [(dict, "polling", 6), (webhook, "webhook", 2)])
async def test_too_many_are_not_let_go(
    database_url: str,
    way: Callable[[], dict[str, str]],
    module: str,
    full: int,
    hasty: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"bot.{module}.FULL", full)
    monkeypatch.setattr(f"bot.{module}.LET_GO", 1)
    gate = Gate()
    async with Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram:
        anna, boris = telegram.person("Anna"), telegram.person("Boris")
        for person in (anna, boris):
            telegram.faults.delay(60, times=None, chat=person.id, method="sendMessage")
        async with town(database_url, "format.yaml", telegram=telegram, **FAST, **way()) as here:
            for person in (anna, boris):
                await person.send("/help", wait=False)
                await until(lambda: gate.reached.is_set())
                gate.reached.clear()
            oldest, newer = sorted(handled_now(), key=begun)
            others: list[Person] = []  # nobody writes so much that nothing is answered any more
            async with asyncio.timeout(60):
                while not oldest.cancelled():
                    others.append(telegram.person())
                    await others[-1].send("/help", wait=False)
                    await others[-1].next_message()
            assert not newer.done()
            gate.opened.set()
            telegram.faults.clear()
            await until(lambda: len(answers(boris)) == 1)  # the newer one ran on
            await here.telegram.settled()
            assert [len(answers(person)) for person in others] == [1] * len(others)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def handled_now() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if ".handle()" in repr(task)]


def begun(task: asyncio.Task[Any]) -> int:
    return int(task.get_name().removeprefix("Task-"))


async def test_a_group_that_had_its_share_of_answers_is_not_waited_for(
    harbour: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    anna = harbour.person()
    group = harbour.telegram.group("Friends", members=[anna], bot="administrator")
    waited: list[float] = []

    async def no_wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(patience(harbour), "sleep", no_wait)
    harbour.telegram.faults.too_many_requests(9, times=1, chat=group.id, method="sendMessage")
    await anna.send("/cases@solidarity_bot", chat=group)
    assert not waited
    assert not [message for message in group.messages if message.from_bot]
    assert "an answer is given up" in capsys.readouterr().err
    await anna.send("/cases@solidarity_bot", chat=group)
    group.sees("Cases")


async def test_noted_updates_go_after_two_days(sessions: Sessions) -> None:
    clock = TownClock()
    async with sessions() as session:
        await updates.mark_handled(session, [1, 2], clock.now())
        clock.forward(days=2, seconds=1)
        await updates.mark_handled(session, [3], clock.now())
        await updates.drop_old(session, clock.now())
        assert await updates.handled_among(session, [1, 2]) == {1, 2}
        clock.forward(hours=1)
        await updates.mark_handled(session, [5], clock.now())
        await tidy(sessions, clock)
        noted = await updates.handled_among(session, [1, 2, 3, 5])
        assert noted == {3, 5}
        clock.forward(days=3)
        await tidy(sessions, clock)
        assert not await updates.handled_among(session, noted)


@pytest.mark.parametrize("body", [b"", b'{"update_id": '], ids=["none", "a part"])
async def test_a_body_that_does_not_come_is_not_waited_for(
    database_url: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.webhook.PATIENCE", 0.05)
    options = webhook()
    async with town(database_url, **options) as here:
        anna = here.person()
        await anna.send("/start")
        host, port = here.app.settings.address
        reader, writer = await asyncio.open_connection(host, port)
        head = f"POST /telegram HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: secret\r\n"
        writer.write(f"{head}Content-Length: 1000\r\n\r\n".encode() + body)
        await anna.send("/help")  # meanwhile others are served
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 400")
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("head", ["", "POST /telegram HTTP/1.1\r\nHost: x\r\n"])
async def test_a_head_that_does_not_come_is_not_waited_for(
    database_url: str, head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.site.HEAD", 0.05)
    async with town(database_url, **webhook()) as here:
        await here.person().send("/start")
        reader, writer = await asyncio.open_connection(*here.app.settings.address)
        writer.write(head.encode())
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
async def test_where_nobody_can_listen_is_told(database_url: str, host: str) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = webhook() | {"listen": f"{host}:{taken.getsockname()[1]}"}
        with pytest.raises(BadSettings) as error:
            async with town(database_url, **options) as here:
                await here.running
        assert error.value.problems == {"LISTEN": "cannot_listen"}


async def test_a_body_that_is_too_large_is_refused(database_url: str) -> None:
    options = webhook()
    async with town(database_url, **options) as here:
        await here.person().send("/start")
        async with ClientSession(headers={SECRET_HEADER: "secret"}) as client:
            answer = await client.post(
                f"{options['webhook_url']}/telegram", data=BytesIO(b"x" * (BODY + 1))
            )
            assert answer.status == 413


@pytest.mark.parametrize("way", [dict, webhook], ids=["polling", "webhook"])
async def test_sigterm_before_telegram_was_ever_reached(
    database_url: str, way: Callable[[], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    long = BackoffConfig(min_delay=60, max_delay=61, factor=1.1, jitter=0)
    monkeypatch.setattr("bot.polling.BACKOFF", long)
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        telegram.faults.refuse(409, "Conflict", times=None)
        async with town(database_url, telegram=telegram, **way()) as here:
            await until_asked(telegram)
            await asyncio.wait_for(here.halt(), 5)


async def until_asked(telegram: Sandbox) -> None:
    await until(lambda: any("Webhook" in call.method for call in telegram.calls))


async def test_what_takes_too_long_at_the_end_is_left_to_the_next_start(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polling.DRAIN", 0)
    gate = Gate()
    async with Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram:
        anna = telegram.person()
        telegram.faults.delay(60, method="sendMessage")
        async with town(database_url, telegram=telegram) as here:
            await anna.send("/help", wait=False)
            await gate.reached.wait()
            await here.halt()
        assert len(telegram.world.updates.pending) == 1
        assert not [task for task in asyncio.all_tasks() if ".handle()" in repr(task)]
        gate.opened.set()
        async with town(database_url, telegram=telegram):
            await telegram.settled()
        anna.sees("What this bot does")


async def test_too_fast_is_told_in_the_chosen_language_and_every_press_is_answered(
    harbour: Town,
) -> None:
    anna = harbour.person(language="en")
    await anna.send("/settings")
    await anna.press("Русский")
    await anna.send("/help")
    told = []
    for _ in range(30):
        await anna.press_data("help")
        told.append(anna.toast.text if anna.toast else "")
    assert not harbour.telegram.unanswered
    assert sum("помедленнее" in text for text in told) == 1
