"""A way to pay is hidden again, whatever Telegram, the network and people do meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import Any, cast

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import EditMessageText
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from sqlalchemy import select
from structlog.testing import capture_logs

import bot.patience
from bot.curtain import PERIOD, Curtain, Shown, bringing, hide, shown
from bot.db import Sessions
from bot.screen import Screen
from bot.services import campaign_file, history
from bot.show import Place
from models import DonationRoute, HistoryEntry
from sandbox import Limits, Person, Sandbox
from tests.test_donations import curtain_of, draws, is_open, looks, way
from tests.test_updates import patience
from tests.town import NOW, TOKEN, VAULT, Gate, Town, TownClock, town, webhook

pytestmark = pytest.mark.either_database


async def test_a_code_must_wait_is_hidden_later(harbour: Town) -> None:
    """429 with more than ten seconds, at the deletion of a QR code."""
    anna = await looks(harbour)
    harbour.clock.forward(hours=1)
    harbour.telegram.faults.too_many_requests(20, method="deleteMessage")
    await draws(harbour)
    await draws(harbour)
    assert not is_open(anna)


async def test_telegram_itself_fails_at_the_hiding(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.patience, "OUTAGE", 0.1)
    anna = await looks(harbour)
    harbour.clock.forward(hours=1)
    harbour.telegram.faults.server_error(502, method="editMessageText", times=None)
    await draws(harbour)
    harbour.telegram.faults.clear()
    await draws(harbour)
    assert not is_open(anna)


async def test_a_press_that_fails_leaves_nothing_open(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.patience, "OUTAGE", 0.1)
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    harbour.telegram.faults.server_error(500, method="editMessageText", times=None)
    await anna.press("Back")
    harbour.telegram.faults.clear()
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(anna)


async def test_a_code_whose_press_was_not_acknowledged_is_hidden(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    harbour.telegram.faults.server_error(500, method="answerCallbackQuery", times=None)
    await anna.press("QR code")
    harbour.telegram.faults.clear()
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(anna)


@pytest.mark.parametrize("method", ["sendMessage", "sendPhoto", "editMessageMedia"])
async def test_an_answer_that_is_lost_leaves_nothing_open(harbour: Town, method: str) -> None:
    """What arrived and is repeated stands twice, and of one of them nobody knows."""
    anna = await remembered(harbour)
    harbour.telegram.faults.cut_after(method=method)
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("QR code")
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(anna)
    assert not any("From Russia" in message.text for message in anna.messages[-3:])


@pytest.mark.parametrize("press", ["From Russia", "QR code"])
async def test_a_press_that_cannot_be_acknowledged_leaves_nothing_open(
    harbour: Town, press: str
) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    if press == "QR code":
        await anna.press("From Russia")
    harbour.telegram.faults.too_many_requests(30, method="answerCallbackQuery")
    await anna.press(press)
    assert is_open(anna)
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(anna)


async def test_what_is_pressed_as_the_bot_stops_is_hidden(database_url: str) -> None:
    async with slow_town(database_url) as (here, gate):
        anna = here.person()
        await anna.send("/start f-lodkin-lawyer")
        here.telegram.faults.delay(1, method="editMessageText")
        pressing = asyncio.create_task(anna.press("From Russia"))
        await gate.reached.wait()
        halting = asyncio.create_task(here.halt())
        await here.stop.wait()
        gate.opened.set()
        await asyncio.gather(halting, pressing)
        assert not is_open(anna)
        anna.sees("Hidden again")


async def test_as_the_bot_stops_hiding_is_tried_again(harbour: Town) -> None:
    anna = await looks(harbour)
    harbour.telegram.faults.server_error(502, method="deleteMessage", times=5)
    await harbour.halt()
    assert not is_open(anna)


async def test_what_stays_open_is_said(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.curtain.AT_THE_END", 0.1)
    async with slow_town(database_url) as (here, gate):
        await looks(here)
        here.telegram.faults.delay(1, method="editMessageText", times=None)
        with capture_logs() as said:
            await here.halt()
        gate.opened.set()
    assert [one["left"] for one in said if one["event"] == "some ways to pay stay open"] == [1]


@asynccontextmanager
async def slow_town(database_url: str, **more: Any) -> AsyncIterator[tuple[Town, Gate]]:
    """Whatever is delayed there waits until the gate is opened."""
    gate, clock = Gate(), TownClock()
    async with (
        Sandbox(token=TOKEN, now=clock.now, limits=Limits.off(), sleep=gate) as telegram,
        town(database_url, "format.yaml", telegram=telegram, clock=clock, **more) as here,
    ):
        yield here, gate


async def test_a_list_of_ways_says_for_a_while_where_somebody_pays_from(harbour: Town) -> None:
    for n in range(2):
        name = f"{{en: Way {n}}}"
        await harbour.take_in(way(slug=f"w-{n}", method=name, url=f"https://x.example.org/{n}"))
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    anna.sees("Way 1")
    harbour.clock.forward(hours=1)
    await draws(harbour)
    anna.sees_not("Way 1")
    anna.sees_not("From Russia")


async def test_so_does_the_word_that_there_is_none(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start f-harbour-common")
    await anna.press("From Russia")
    anna.sees("No way to pay from there")
    harbour.clock.forward(hours=1)
    await draws(harbour)
    anna.sees_not("From Russia")


async def test_who_wants_to_be_forgotten_leaves_nothing_open(harbour: Town) -> None:
    anna, vera = await looks(harbour), await looks(harbour)
    await anna.send("/forget")
    assert not is_open(anna)
    assert is_open(vera)


async def test_what_is_hidden_does_not_say_what_it_was(harbour: Town) -> None:
    anna = await looks(harbour)
    harbour.clock.forward(hours=1)
    await draws(harbour)
    anna.sees("Hidden again")
    anna.sees_not("A lawyer for Ivan")


async def remembered(here: Town) -> Person:
    """Who pays from Russia, and said so."""
    anna = here.person()
    await anna.send("/settings")
    await anna.press("Where I pay from")
    await anna.press("From Russia")
    return anna


# What stands open stays known until it is known to be gone.

Outcome = tuple[str, int, int]
"""What Telegram does with a request, and how many others come before and after it."""
OUTCOMES = ["done", "answer lost", "refused", "troubled", "garbled", "wordless", "odd"]
others = st.integers(0, 5)
outcomes = st.tuples(st.sampled_from(OUTCOMES), others, others)
HIDDEN = Screen(Markup("hidden"))


@dataclass
class Chat:
    """What stands in it, and what its requests come to."""

    comes: Iterator[Outcome]
    stands: dict[Place, str] = field(default_factory=dict)

    async def request(self, place: Place, text: str) -> None:
        outcome, before, after = next(self.comes)
        for _ in range(before):
            await asyncio.sleep(0)
        if outcome in ("done", "answer lost"):
            self.stands[place] = text
        for _ in range(after):
            await asyncio.sleep(0)
        if outcome != "done":
            raise failure(outcome)

    async def edit_message_text(
        self, text: str, *, chat_id: int, message_id: int, reply_markup: object
    ) -> None:
        await self.request((chat_id, message_id), text)


def failure(outcome: str) -> Exception:
    method = EditMessageText(text="")
    failures: dict[str, Exception] = {
        "answer lost": TelegramNetworkError(method, "cut off"),
        "refused": TelegramRetryAfter(method, "Too Many Requests", retry_after=100),
        "troubled": TelegramServerError(method, "Bad Gateway"),
        "garbled": ClientDecodeError("a page", ValueError(), "<html>"),
        "wordless": TelegramAPIError(method, "Too Many Requests"),
        "odd": TelegramBadRequest(method, "Bad Request: nobody knows why"),
    }
    return failures[outcome]


class Timed(Curtain):
    """That hides by the clock alone."""

    async def draw_void(self, sessions: Sessions, now: datetime) -> None:
        pass


async def presses(curtain: Curtain, chat: Chat, place: Place, text: str) -> None:
    """Twice if need be, as patience does."""

    async def make_request(_bot: object, method: Any) -> Any:
        await chat.request((method.chat_id, method.message_id), method.text)

    edit = EditMessageText(chat_id=place[0], message_id=place[1], text=text)
    for _ in range(2):
        with suppress(TelegramAPIError, ClientDecodeError), brings(text):
            await curtain(make_request, cast(Bot, chat), edit)
            return


def brings(text: str) -> AbstractContextManager[None]:
    if text == "menu":
        return nullcontext()
    return bringing(Shown(until(text), HIDDEN, frozenset()))


def until(text: str) -> datetime:
    """Ways are called by the minute at which they are to be hidden."""
    return NOW + timedelta(minutes=int(text))


Pressed = list[tuple[int, str]]


async def played(pressed: Pressed, coming: list[Outcome], spans: list[int]) -> Chat:
    """Somebody presses while the curtain looks; in the end all is well with Telegram."""
    chat = Chat(chain(coming, repeat(("done", 0, 0))))
    curtain, now = Timed(cast(Bot, chat), float("inf")), NOW

    async def press() -> None:
        for message, text in pressed:
            await presses(curtain, chat, (1, message), text)

    pressing = asyncio.create_task(press())
    for span in spans:
        now += timedelta(minutes=span)
        await curtain.look(NOTHING, now)
    await pressing
    chat.comes = repeat(("done", 0, 0))
    for now in (NOW + timedelta(minutes=15), NOW + timedelta(hours=2)):
        await curtain.look(NOTHING, now)
        ways = [text for text in chat.stands.values() if text.isdigit()]
        assert not [text for text in ways if until(text) <= now]
    return chat


NOTHING = cast(Sessions, None)
screens = st.sampled_from(["10", "20", "menu"])
person = st.lists(st.tuples(st.integers(1, 2), screens), max_size=8)
spans = st.lists(st.integers(-20, 20), max_size=8)


@given(person, st.lists(outcomes, max_size=30), spans)
def test_whatever_fails_nothing_stays_open(
    pressed: Pressed, coming: list[Outcome], spans: list[int]
) -> None:
    asyncio.run(played(pressed, coming, spans))


@given(person, st.lists(st.tuples(st.just("done"), others, others), max_size=30), spans)
def test_what_has_come_in_its_place_is_not_hidden(
    pressed: Pressed, coming: list[Outcome], spans: list[int]
) -> None:
    stands = asyncio.run(played(pressed, coming, spans)).stands
    last = {(1, message): text for message, text in pressed}
    assert stands == {at: "menu" if text == "menu" else "hidden" for at, text in last.items()}


@pytest.mark.parametrize("press", ["How it grew", "Menu"])
async def test_a_press_that_was_late_leaves_it_known(harbour: Town, press: str) -> None:
    """Two quick taps: the second is under buttons that stand there no more."""
    for raised in (70000, 91000):
        harbour.clock.forward(hours=20)
        await harbour.take_in(f"fundraisers: [{{slug: lodkin-lawyer, raised: {raised}}}]".encode())
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    asked = anna.last
    await anna.press("From Russia")
    await anna.press(press, message=asked)
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not any("donate.example.org" in message.text for message in anna.messages)


@pytest.mark.parametrize("fault", ["server_error", "too_many_requests"])
async def test_what_is_shown_after_it_was_hidden_is_hidden_again(
    harbour: Town, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """An edit is repeated; meanwhile the way is taken back, and the look comes by."""
    slept, go_on = asyncio.Event(), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        slept.set()
        await go_on.wait()

    monkeypatch.setattr(patience(harbour), "sleep", sleep)
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    getattr(harbour.telegram.faults, fault)(method="editMessageText")
    pressing = asyncio.create_task(anna.press("From Russia"))
    await slept.wait()
    await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, status: cancelled}]")
    await draws(harbour)
    go_on.set()
    await pressing
    await draws(harbour)
    assert not is_open(anna)


@pytest.mark.parametrize("press", ["/start f-lodkin-lawyer", "QR code"])
async def test_what_is_taken_back_while_a_message_is_on_its_way_is_not_shown(
    database_url: str, press: str
) -> None:
    async with slow_town(database_url) as (here, gate):
        anna = await remembered(here)
        await anna.send("/start f-lodkin-lawyer")
        here.telegram.faults.delay(60, method="sendMessage")
        acting = anna.press(press) if press == "QR code" else anna.send(press)
        going = asyncio.create_task(acting)
        await gate.reached.wait()
        await here.take_in(b"donation_routes: [{slug: lodkin-card-ru, remove: true}]")
        gate.opened.set()
        await going
        await draws(here)
        calls = here.telegram.calls
        edits = [*calls.of("editMessageText"), *calls.of("editMessageMedia")]
        assert sum("lodkin-ru" in str(one.parameters) for one in edits) == 1
        assert not calls.of("editMessageMedia")
        assert not is_open(anna)


def test_much_that_lapses_at_once_is_hidden_before_it_does() -> None:
    """From the last look on, Telegram takes some twenty edits a second."""
    route = DonationRoute(id=1, checked_at=NOW, valid_days=1)
    last_look = shown([route], NOW + timedelta(hours=23, minutes=50), None).until
    assert last_look + timedelta(seconds=PERIOD + 10) < route.lapses_at


async def test_what_lapses_in_a_moment_is_not_shown(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    async with harbour.app.sessions() as session:
        [card, *_] = await session.scalars(select(DonationRoute).order_by(DonationRoute.id))
    harbour.clock.moment = card.lapses_at - timedelta(seconds=20)
    await anna.press("From Russia")
    assert not is_open(anna)


@pytest.mark.parametrize("failed", ["garbled", "wordless"])
async def test_passing_trouble_is_not_final(
    harbour: Town, monkeypatch: pytest.MonkeyPatch, failed: str
) -> None:
    """A page of a proxy's, a 429 without any number."""
    anna = await looks(harbour)
    harbour.clock.forward(hours=1)
    failures = [failure(failed)] * 4

    async def hides(*args: Any) -> None:
        if failures:
            raise failures.pop()
        await hide(*args)

    monkeypatch.setattr("bot.curtain.hide", hides)
    for _ in range(3):
        await draws(harbour)
    assert not is_open(anna)
    assert not failures


# The end.


@pytest.mark.parametrize("options", [{}, webhook()], ids=["polling", "webhook"])
async def test_as_the_bot_stops_nothing_waits_for_a_slow_answer(
    database_url: str, options: dict[str, str]
) -> None:
    async with slow_town(database_url, **options) as (here, gate):
        vera, anna = await looks(here), here.person()
        here.telegram.faults.delay(60, method="sendMessage", chat=anna.id, times=None)
        asking = asyncio.create_task(anna.send("/cases"))
        await gate.reached.wait()
        halting = asyncio.create_task(here.halt())
        async with asyncio.timeout(5):
            await here.telegram.until(lambda: not is_open(vera), "it is still open")
        assert not halting.done()
        gate.opened.set()
        await asyncio.gather(halting, asking)


class Counted:
    """When it was asked for what."""

    def __init__(self) -> None:
        self.times: list[float] = []

    async def edit_message_text(self, *_: object, **__: object) -> None:
        self.times.append(time.monotonic())


async def test_of_many_that_are_open_no_more_are_hidden_at_once_than_telegram_takes() -> None:
    counted, over = Counted(), asyncio.Event()
    curtain = Curtain(cast(Bot, counted), 50)
    over.set()
    for chat in range(30):
        curtain.found((chat, 1), shown([], NOW, HIDDEN))
    await curtain.close(over)
    assert len(counted.times) == 30
    assert counted.times[-1] - counted.times[0] >= 29 / 50
    assert not curtain.shown


# Who is away.


@pytest.mark.parametrize("is_written", [False, True])
async def test_who_blocks_the_bot_and_comes_back_finds_nothing_open(
    harbour: Town, is_written: bool
) -> None:
    anna = await looks(harbour)
    await harbour.telegram.confirmed(anna.block())
    for _ in range(3):
        harbour.clock.forward(hours=1)
        await draws(harbour)
    assert is_open(anna)
    if is_written:
        anna.user.blocked = False
        await anna.send("/start")
    else:
        await harbour.telegram.confirmed(anna.unblock())
    assert not is_open(anna)


async def test_who_is_away_is_asked_for_once_and_is_forgotten_after_two_days(
    harbour: Town,
) -> None:
    anna = await looks(harbour)
    await harbour.telegram.confirmed(anna.block())
    harbour.clock.forward(hours=1)
    await draws(harbour)
    before = harbour.telegram.calls.total
    harbour.clock.forward(hours=47)
    await draws(harbour)
    assert harbour.telegram.calls.total - before <= 1  # getUpdates
    assert curtain_of(harbour).shown
    harbour.clock.forward(hours=2)
    await draws(harbour)
    await draws(harbour)
    assert not curtain_of(harbour).shown
    assert not curtain_of(harbour).away


async def test_a_clock_that_is_set_back_keeps_nothing_open(harbour: Town) -> None:
    harbour.clock.forward(days=2)
    anna = await looks(harbour)
    harbour.clock.forward(days=-2)
    await draws(harbour)
    harbour.clock.forward(minutes=30)
    await draws(harbour)
    assert not is_open(anna)


async def test_a_clock_that_is_set_forward_forgets_nothing(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    harbour.clock.forward(days=5)
    harbour.telegram.faults.server_error(502, method="editMessageText")
    await draws(harbour)
    await draws(harbour)
    assert not is_open(anna)


# Sooner than after half an hour.


async def test_after_forget_what_could_not_be_hidden_is_tried_again_soon(harbour: Town) -> None:
    anna = await looks(harbour)
    harbour.telegram.faults.too_many_requests(20, method="deleteMessage")
    await anna.send("/forget")
    assert is_open(anna)
    await draws(harbour)
    assert not is_open(anna)


async def test_what_is_opened_while_they_are_asked_goes_as_well(harbour: Town) -> None:
    anna = await remembered(harbour)
    await anna.send("/forget")
    asked = anna.last
    await anna.send("/start f-lodkin-lawyer")
    assert is_open(anna)
    await anna.press("Yes, delete it", message=asked)
    assert not is_open(anna)


async def test_it_is_hidden_before_anything_is_said(harbour: Town) -> None:
    anna = await looks(harbour)
    harbour.telegram.faults.refuse(403, "Forbidden", method="sendMessage")
    await anna.send("/forget")
    assert not is_open(anna)


async def test_undoing_a_check_hides_what_it_vouched_for(harbour: Town) -> None:
    harbour.clock.forward(days=12)
    await harbour.take_in(b"donation_routes: [{slug: lodkin-card-ru, checked_at: 2026-12-04}]")
    harbour.clock.forward(days=3)
    anna = await looks(harbour)
    assert is_open(anna)
    async with harbour.app.sessions() as session:
        version = max(await session.scalars(select(HistoryEntry.version)))
        found = await history.change_set(session, VAULT, version)
        plan = await history.plan_undo(session, VAULT, found, harbour.clock.now())
        await campaign_file.carry_out(session, plan, campaign_file.COMMAND_LINE)
    await draws(harbour)
    assert not is_open(anna)


# One chat and the others.


async def test_one_chat_that_is_told_to_wait_holds_up_nobody(harbour: Town) -> None:
    anna, vera = await looks(harbour), await looks(harbour)
    harbour.clock.forward(hours=1)
    for method in ("editMessageText", "deleteMessage"):
        harbour.telegram.faults.too_many_requests(100, method=method, chat=anna.id, times=None)
    async with asyncio.timeout(5):
        await draws(harbour)
    assert is_open(anna)
    assert not is_open(vera)
    harbour.telegram.faults.clear()
    await draws(harbour)
    assert not is_open(anna)


async def test_one_way_at_a_time_is_open_in_a_chat(harbour: Town) -> None:
    anna = await looks(harbour)
    first = anna.last
    await anna.press("QR code", message=anna.messages[-2])
    assert [bool(message.photo) for message in anna.messages].count(True) == 1
    assert first.message_id not in [message.message_id for message in anna.messages]
    await anna.send("/start f-lodkin-lawyer")
    assert is_open(anna)
    await anna.press("From Russia")
    assert sum("donate.example.org" in message.text for message in anna.messages) == 1
    assert not any(message.photo for message in anna.messages)


async def test_what_a_killed_process_left_open_is_known_as_soon_as_it_is_pressed(
    harbour: Town,
) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    await anna.press("From Russia")
    curtain_of(harbour).shown.clear()
    await anna.press("QR code")
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(anna)


async def test_a_way_under_a_message_that_is_gone_stands_anew_and_is_hidden(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start f-lodkin-lawyer")
    asked = anna.last
    await harbour.app.bot.delete_message(anna.id, asked.message_id)
    await anna.press("From Russia", message=asked)
    anna.sees("https://donate.example.org/lodkin-ru")
    assert list(curtain_of(harbour).shown) == [(anna.id, anna.last.message_id)]
    harbour.clock.forward(hours=1)
    await draws(harbour)
    assert not is_open(anna)
