"""The stage: what a page asks for and what it is told, without HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.types import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    SwitchInlineQueryChosenChat,
)

from sandbox import Person, Sandbox, acts
from sandbox import stage as stages
from sandbox.acts import Wrong, perform
from sandbox.stage import Stage, StageClock

from .stock_bot import TOKEN, polling

Json = dict[str, Any]


class Told(list[Json]):
    """Everything a stage told."""

    def of(self, event: str) -> list[Json]:
        return [one for one in self if one["event"] == event]


class Process:
    """What was asked of it; there is one unless `gone`."""

    def __init__(self, gone: bool = False) -> None:
        self.asked: list[str] = []
        self.gone = gone

    async def kill(self) -> None:
        self.end("kill")

    async def stop(self) -> None:
        self.end("stop")

    async def restart(self) -> None:
        self.asked.append("restart")

    def end(self, how: str) -> None:
        if self.gone:
            raise LookupError("none")
        self.asked.append(how)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    clock = StageClock()
    async with Sandbox(TOKEN, now=clock, guard=5) as telegram:
        yield Stage(telegram, clock)


@pytest.fixture
def told(stage: Stage) -> Told:
    told = Told()
    stage.watchers.append(told.append)
    return told


@pytest.fixture
async def bot(stage: Stage) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, session=stage.telegram.session()).context() as bot:
        yield bot


@pytest.fixture
async def stock(bot: Bot) -> AsyncIterator[Bot]:
    async with polling(bot):
        yield bot


@pytest.fixture
def anna(stage: Stage) -> Person:
    return stage.add_person("Anna", "ru", "Europe/Moscow", "writer")


async def does(stage: Stage, who: Person, do: str, **more: Any) -> Any:
    return await perform(stage, {"do": do, "as": who.id, **more})


async def writes(stage: Stage, who: Person, text: str, **more: Any) -> int:
    result = await does(stage, who, "send", **{"chat": who.id, "text": text, **more})
    await stage.telegram.settled()
    return int(result["message_id"])


async def refused(stage: Stage, code: str, asked: Any) -> None:
    with pytest.raises(Wrong) as caught:
        await perform(stage, asked)
    assert caught.value.code == code, caught.value


# -- everything at once ---------------------------------------------------------------------------


async def test_the_state_tells_everything(stage: Stage, stock: Bot, anna: Person) -> None:
    await writes(stage, anna, "/start")
    await stock.set_my_commands([BotCommand(command="cases", description="Дела")], None, "ru")
    await stock.set_my_description("Hello")
    state = stage.state()
    assert state["telephones"] == [
        {"user": anna.id, "chat": anna.id, "zone": "Europe/Moscow", "role": "writer"}
    ]
    [user] = state["users"]
    assert (user["first_name"], user["started"], user["blocked"]) == ("Anna", True, False)
    [chat] = state["chats"]
    assert [message["text"] for message in chat["messages"]] == ["/start", "Hello"]
    assert (chat["type"], chat["user"], chat["total"]) == ("private", anna.id, 2)
    assert state["bot"]["commands"] == {"ru": [{"command": "cases", "description": "Дела"}]}
    assert state["bot"]["texts"][""]["description"] == state["bot"]["description"] == "Hello"
    assert [call["method"] for call in state["calls"]][-2:] == ["setMyCommands", "setMyDescription"]


async def test_what_happens_is_told(stage: Stage, stock: Bot, anna: Person, told: Told) -> None:
    await writes(stage, anna, "/start")
    assert [one["message"]["text"] for one in told.of("message")] == ["/start", "Hello"]
    assert [one["user"]["started"] for one in told.of("user")] == [True]
    start = told.of("message")[-1]["message"]
    pressed = await does(stage, anna, "press", chat=anna.id, message_id=start["message_id"],
                         row=0, column=0)  # fmt: skip
    await stage.telegram.settled()
    assert told.of("toast") == [
        {"event": "toast", "user": anna.id, "query": pressed["query"], "text": "Here they are",
         "alert": False, "url": None}
    ]  # fmt: skip
    assert [one["message"]["text"] for one in told.of("edited")] == ["No hearings"]
    await stock.send_chat_action(anna.id, "typing")
    assert told.of("typing") == [{"event": "typing", "chat": anna.id, "action": "typing"}]
    await stock.delete_message(anna.id, start["message_id"])
    assert told.of("deleted")[0]["message_id"] == start["message_id"]


async def test_keyboards_pins_and_profile_are_told(
    stage: Stage, bot: Bot, anna: Person, told: Told
) -> None:
    await does(stage, anna, "start")
    rows = [[KeyboardButton(text="Yes")]]
    sent = await bot.send_message(anna.id, "x", reply_markup=ReplyKeyboardMarkup(keyboard=rows))
    assert told.of("keyboard")[0]["keyboard"]["keyboard"] == [[{"text": "Yes"}]]
    await bot.pin_chat_message(anna.id, sent.message_id)
    assert told.of("chat")[-1]["chat"]["pinned"] == [sent.message_id]
    await bot.unpin_all_chat_messages(anna.id)
    assert told.of("chat")[-1]["chat"]["pinned"] == []
    await bot.set_my_name("New name")
    assert told.of("bot")[-1]["bot"]["name"] == "New name"


async def test_older_messages_come_in_portions(stage: Stage, bot: Bot, anna: Person) -> None:
    for number in range(100):
        await does(stage, anna, "send", chat=anna.id, text=str(number))
    shown = stage.state()["chats"][0]
    assert shown["total"] == 100
    assert [one["text"] for one in shown["messages"]] == [str(n) for n in range(40, 100)]
    before = shown["messages"][0]["message_id"]
    found = await perform(stage, {"do": "older", "chat": anna.id, "before": before, "limit": 30})
    assert [one["text"] for one in found["messages"]] == [str(n) for n in range(10, 40)]


# -- people ---------------------------------------------------------------------------------------


async def test_links_edits_and_replies(stage: Stage, stock: Bot, anna: Person) -> None:
    await does(stage, anna, "follow", url="https://t.me/solidarity_bot?start=d-orlov")
    await stage.telegram.settled()
    anna.sees("Deep link d-orlov")
    mine = await writes(stage, anna, "first")
    await does(stage, anna, "edit", chat=anna.id, message_id=mine, text="second")
    await stage.telegram.settled()
    anna.sees("Edited to second")
    answer = anna.last.message_id
    await writes(stage, anna, "/cases", reply_to=answer)
    assert anna.messages[-2].raw["reply_to_message"]["message_id"] == answer
    theirs = {"do": "edit", "as": anna.id, "chat": anna.id, "message_id": answer, "text": "x"}
    await refused(stage, "not_own", theirs)


async def test_kinds_of_buttons(stage: Stage, bot: Bot, anna: Person) -> None:
    await does(stage, anna, "start")
    chosen = SwitchInlineQueryChosenChat(query="c")
    buttons = [
        InlineKeyboardButton(text="Go", url="https://example.org/"),
        InlineKeyboardButton(text="Any", switch_inline_query="a"),
        InlineKeyboardButton(text="Here", switch_inline_query_current_chat="b"),
        InlineKeyboardButton(text="Chosen", switch_inline_query_chosen_chat=chosen),
    ]
    markup = InlineKeyboardMarkup(inline_keyboard=[buttons])
    sent = await bot.send_message(anna.id, "x", reply_markup=markup)
    at = {"chat": anna.id, "message_id": sent.message_id, "row": 0}
    results = [await does(stage, anna, "press", **at, column=column) for column in range(4)]
    assert results == [
        None,
        {"switch": {"query": "a", "current": False}},
        {"switch": {"query": "b", "current": True}},
        {"switch": {"query": "c", "current": False}},
    ]


async def test_inline_mode(stage: Stage, stock: Bot, anna: Person) -> None:
    found = await does(stage, anna, "inline", chat=anna.id, query="orlov", offset="")
    assert [(one["id"], one["title"], one["text"]) for one in found["results"]] == [
        ("1", "orlov", "orlov")
    ]
    chosen = {"chat": anna.id, "query": found["query"], "result": "1"}
    await does(stage, anna, "choose", **chosen)
    assert anna.messages[0].raw["via_bot"]["username"] == "solidarity_bot"
    boris = stage.add_person("Boris", "en", "UTC")
    await refused(stage, "unknown_query", {"do": "choose", "as": boris.id, **chosen,
                                           "chat": boris.id})  # fmt: skip
    await refused(stage, "unknown_query", {"do": "choose", "as": anna.id, **chosen, "result": "2"})
    assert stage.answers == {}


async def test_a_silent_bot_has_no_inline_results(
    stage: Stage, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PATIENCE", 0.01)
    asked = {"do": "inline", "as": anna.id, "chat": anna.id, "query": "orlov"}
    await refused(stage, "no_answer", asked)
    assert stage.answers == {}


async def test_blocking(stage: Stage, bot: Bot, anna: Person, told: Told) -> None:
    await does(stage, anna, "start")
    await does(stage, anna, "block")
    await does(stage, anna, "block")
    assert [one["user"]["blocked"] for one in told.of("user")] == [False, True]
    for asked in ({"do": "start"}, {"do": "send", "chat": anna.id, "text": "x"}):
        await refused(stage, "blocked", {"as": anna.id, **asked})
    await does(stage, anna, "unblock")
    await does(stage, anna, "send", chat=anna.id, text="/start")
    kinds = [update.event_type for update in await bot.get_updates()]
    assert kinds == ["message", "my_chat_member", "my_chat_member", "message"]


async def test_reactions_stay(stage: Stage, bot: Bot, anna: Person, told: Told) -> None:
    await does(stage, anna, "start")
    sent = await bot.send_message(anna.id, "x")
    at = {"chat": anna.id, "message_id": sent.message_id}
    await does(stage, anna, "react", **at, emoji="❤")
    assert stage.state()["chats"][0]["messages"][-1]["reactions"] == {anna.id: "❤"}
    await does(stage, anna, "react", **at, emoji="")
    assert told.of("reaction")[-1]["reactions"] == {}
    assert "reactions" not in stage.state()["chats"][0]["messages"][-1]


async def test_more_people_groups_and_channels(
    stage: Stage, stock: Bot, anna: Person, told: Told
) -> None:
    added = await perform(stage, {"do": "add_person", "name": " Boris \n B ", "language": "en",
                                  "zone": "Asia/Tbilisi"})  # fmt: skip
    boris = stage.people[added["user"]]
    assert boris.user.first_name == "Boris B"
    members = [anna.id, boris.id]
    group = (await perform(stage, {"do": "add_group", "title": "G", "members": members}))["chat"]
    assert stage.telephones[anna.id].chat == anna.id  # what is looked at stays
    created = told.of("chat")[-1]["chat"]["messages"]
    assert [(one["from"]["id"], one["group_chat_created"]) for one in created] == [(anna.id, True)]
    await writes(stage, boris, "/start@solidarity_bot", chat=group)
    assert stage.places[group].last.text == "Hello"
    channel = (await perform(stage, {"do": "add_channel", "title": "C", "members": members}))[
        "chat"
    ]
    assert told.of("chat")[-1]["chat"]["messages"][0]["channel_chat_created"]
    await writes(stage, anna, "news", chat=channel)
    assert stage.places[channel].messages[-1].raw["sender_chat"]["id"] == channel
    await refused(stage, "may_not_write",
                  {"do": "send", "as": boris.id, "chat": channel, "text": "x"})  # fmt: skip
    await does(stage, boris, "show", chat=channel)
    assert told.of("telephones")[-1]["telephones"][1]["chat"] == channel
    await does(stage, boris, "hide")
    assert len(stage.state()["telephones"]) == 1
    clara = stage.add_person("Clara", "en", "UTC")
    await refused(stage, "not_a_member", {"do": "show", "as": clara.id, "chat": group})
    await refused(stage, "not_a_member", {"do": "show", "as": clara.id, "chat": anna.id})


# -- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("bad_request", None),
        ("bad_request", []),
        ("bad_request", {"do": 7}),
        ("unknown_action", {"do": "fly"}),
        ("unknown_action", {"do": "__init__"}),
        ("bad_request", {"do": "send", "as": "1001"}),
        ("bad_request", {"do": "send", "as": True}),
        ("bad_request", {"do": "send", "as": 2**60}),
        ("unknown_person", {"do": "send", "as": 5}),
        ("unknown_chat", {"do": "send", "as": 1001, "chat": 42}),
        ("empty", {"do": "send", "as": 1001, "chat": 1001, "text": " \n"}),
        ("bad_request", {"do": "send", "as": 1001, "chat": 1001, "text": None}),
        ("too_long", {"do": "send", "as": 1001, "chat": 1001, "text": "😀" * 2049}),
        ("unknown_message", {"do": "send", "as": 1001, "chat": 1001, "text": "x", "reply_to": 99}),
        ("unknown_message", {"do": "press", "as": 1001, "chat": 1001, "message_id": 9}),
        ("no_such_button", {"do": "press", "as": 1001, "chat": 1001, "message_id": 1,
                            "row": -1, "column": 0}),
        ("not_a_link", {"do": "follow", "as": 1001, "url": "https://example.org/?start=x"}),
        ("not_a_link", {"do": "follow", "as": 1001, "url": "https://t.me/solidarity_bot?start=a.b"}),
        ("unknown_query", {"do": "choose", "as": 1001, "chat": 1001, "query": "9", "result": "1"}),
        ("bad_request", {"do": "older", "chat": 1001, "before": 9, "limit": 10**6}),
        ("not_a_zone", {"do": "add_person", "name": "X", "language": "en", "zone": "../etc"}),
        ("not_a_language", {"do": "add_person", "name": "X", "language": "e\x00", "zone": "UTC"}),
        ("too_long", {"do": "add_person", "name": "x" * 65, "language": "en", "zone": "UTC"}),
        ("unseen", {"do": "add_person", "name": "\u200b", "language": "en", "zone": "UTC"}),
        ("unseen", {"do": "add_person", "name": "\u3164\u2800", "language": "en", "zone": "UTC"}),
        ("unseen", {"do": "add_channel", "title": "\u2060 \u200d", "members": [1001]}),
        ("started", {"do": "start", "as": 1001}),
        ("not_a_reaction", {"do": "react", "as": 1001, "chat": 1001, "message_id": 1,
                            "emoji": "not an emoji"}),
        ("not_a_reaction", {"do": "react", "as": 1001, "chat": 1001, "message_id": 1,
                            "emoji": "👍👍"}),
        ("nobody", {"do": "add_group", "title": "G", "members": []}),
        ("bad_request", {"do": "add_group", "title": "G", "members": {}}),
        ("bad_request", {"do": "add_group", "title": "G", "members": [[]]}),
        ("unknown_person", {"do": "add_group", "title": "G", "members": [5]}),
        ("bad_request", {"do": "clock"}),
        ("bad_request", {"do": "clock", "forward": float("nan")}),
        ("bad_request", {"do": "clock", "forward": -1}),
        ("too_far", {"do": "clock", "forward": 10**400}),
        ("nothing_due", {"do": "clock", "to": "due"}),
        ("bad_request", {"do": "trouble", "slow": 10**9}),
        ("bad_request", {"do": "trouble", "kind": "403", "every": 1}),
        ("bad_request", {"do": "trouble", "kind": "429", "every": 1.5}),
        ("not_here", {"do": "kill"}),
        ("not_here", {"do": "news", "what": "moved"}),
        ("bad_request", {"do": "news", "what": "held"}),
        ("bad_request", {"do": "news"}),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told_and_changes_nothing(
    stage: Stage, anna: Person, code: str, asked: Any
) -> None:
    assert anna.id == 1001
    await does(stage, anna, "send", chat=anna.id, text="x")
    before = {**stage.state(), "now": 0}
    await refused(stage, code, asked)
    assert {**stage.state(), "now": 0} == before


async def test_there_is_an_end_to_people_and_places(
    stage: Stage, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "MOST_PEOPLE", 1)
    monkeypatch.setattr(acts, "MOST_PLACES", 0)
    asked = {"do": "add_person", "name": "X", "language": "en", "zone": "UTC"}
    await refused(stage, "too_many", asked)
    await refused(stage, "too_many", {"do": "add_group", "title": "G", "members": [anna.id]})


async def test_half_a_letter_is_mended(stage: Stage, stock: Bot, anna: Person) -> None:
    await writes(stage, anna, "a\ud83d\ude00b\ud83dc")
    anna.sees("a😀b�c")


# -- clock ----------------------------------------------------------------------------------------


async def test_the_clock_moves_for_everybody(stage: Stage, bot: Bot, told: Told) -> None:
    moved: list[float] = []
    stage.clock.moved = moved.append
    start = stage.clock()
    await perform(stage, {"do": "clock", "forward": 86_400})
    assert timedelta(days=1) <= stage.clock() - start < timedelta(days=1, minutes=1)
    await perform(stage, {"do": "clock", "forward": 3600.5})
    await perform(stage, {"do": "clock", "to": "now"})
    assert moved == [86_400, 90_000.5, 0]
    assert [one["offset"] for one in told.of("clock")] == moved


async def test_back_to_now_the_bot_may_write_at_once(stage: Stage, bot: Bot, anna: Person) -> None:
    """What was sent a week ahead is no reason to wait for a week."""
    await does(stage, anna, "start")
    await perform(stage, {"do": "clock", "forward": 604_800})
    for number in range(10):
        await bot.send_message(anna.id, str(number))
    await perform(stage, {"do": "clock", "to": "now"})
    await bot.send_message(anna.id, "now")


async def test_forward_to_what_is_due(stage: Stage, told: Told) -> None:
    first = stage.clock().timestamp() + 3600
    dues = [first, first + 600]

    async def due(now: datetime) -> Json | None:
        later = [at for at in dues if at > now.timestamp()]
        return {"at": later[0], "en": "x", "ru": "y"} if later else None

    stage.ask_due = due
    await perform(stage, {"do": "clock", "to": "due"})
    assert 0 <= stage.clock().timestamp() - dues[0] < 60
    assert told.of("clock")[-1]["due"]["at"] == dues[1]
    await perform(stage, {"do": "clock", "to": "due"})
    assert told.of("clock")[-1]["due"] is None
    await refused(stage, "nothing_due", {"do": "clock", "to": "due"})


async def test_the_look_ends_even_if_something_happens_just_then(stage: Stage) -> None:
    looking = asyncio.create_task(stage.run())
    for _ in range(5):
        await asyncio.sleep(0)
    stage.due_doubted.set()
    await asyncio.sleep(0)
    looking.cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert looking.cancelled()


async def test_what_is_due_is_looked_up_again(
    stage: Stage, bot: Bot, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "BREATH", 0)
    asked: asyncio.Queue[datetime] = asyncio.Queue()
    far = stage.clock().timestamp() + 10**6

    async def due(now: datetime) -> Json:
        asked.put_nowait(now)
        return {"at": far + asked.qsize(), "en": "x", "ru": "y"}

    stage.ask_due = due
    running = asyncio.create_task(stage.run())
    await asked.get()
    await bot.get_me()
    await asked.get()
    assert told.of("clock")
    running.cancel()


# -- troubles -------------------------------------------------------------------------------------


async def test_every_third_call_is_struck(stage: Stage, bot: Bot, told: Told) -> None:
    outcomes = []
    await perform(stage, {"do": "trouble", "kind": "429", "every": 3})
    for _ in range(6):
        try:
            await bot.get_me()
            outcomes.append(True)
        except TelegramRetryAfter:
            outcomes.append(False)
    assert outcomes == [True, True, False] * 2
    assert told.of("troubles")[-1]["troubles"]["every"] == {"429": 3, "500": 0, "cut": 0}
    assert [call["code"] for call in told.of("call")] == [200, 200, 429] * 2


async def test_troubles_are_changed_and_end(stage: Stage, bot: Bot) -> None:
    await perform(stage, {"do": "trouble", "kind": "500", "every": 1})
    with pytest.raises(TelegramServerError):
        await bot.get_me()
    await perform(stage, {"do": "trouble", "kind": "500", "every": 0})
    await bot.get_me()
    await perform(stage, {"do": "trouble", "kind": "cut", "every": 1})
    with pytest.raises(TelegramNetworkError):
        await bot.get_me()
    assert stage.calls[-1]["error"] == "connection cut before handling"
    await perform(stage, {"do": "calm"})
    await bot.get_me()
    assert stage.trouble() == {"slow": 0, "every": {"429": 0, "500": 0, "cut": 0}, "duplicate": 0}


async def test_a_slow_network_is_seen_in_the_wire(stage: Stage, bot: Bot) -> None:
    await perform(stage, {"do": "trouble", "slow": 9_000})
    await perform(stage, {"do": "trouble", "slow": 100})
    await bot.get_me()
    assert 90 <= stage.calls[-1]["ms"] < 5_000  # timers may be early by their resolution
    assert stage.trouble()["slow"] == 100


async def test_updates_that_come_twice_are_counted_down(
    stage: Stage, bot: Bot, anna: Person, told: Told
) -> None:
    await perform(stage, {"do": "trouble", "duplicate": 2})
    await does(stage, anna, "start")
    assert told.of("troubles")[-1]["troubles"]["duplicate"] == 1
    assert len(await bot.get_updates()) == 2


# -- wire and process -----------------------------------------------------------------------------


async def test_the_wire_leaves_out_empty_polls(stage: Stage, bot: Bot, anna: Person) -> None:
    await bot.get_updates()
    await does(stage, anna, "start")
    await bot.get_updates()
    stage.telegram.faults.too_many_requests(method="getUpdates")
    with pytest.raises(TelegramRetryAfter):
        await bot.get_updates()
    assert [(call["method"], call["code"]) for call in stage.calls] == [
        ("getUpdates", 200),
        ("getUpdates", 429),
    ]


async def test_a_poller_that_hung_up_is_no_failure(stage: Stage, bot: Bot) -> None:
    """As a bot does that ends, or is killed, and comes back."""
    began = asyncio.Event()
    stage.telegram.server.watchers.append(lambda event, call: began.set())
    waiting = asyncio.create_task(bot.get_updates(timeout=50))
    await began.wait()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await bot.get_updates()
    await bot.get_updates()
    assert list(stage.calls) == []


async def test_a_keyboard_in_the_wire_reads_as_what_it_says(
    stage: Stage, bot: Bot, anna: Person
) -> None:
    await does(stage, anna, "start")
    button = InlineKeyboardButton(text="Меню", callback_data="menu")
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[button]])
    await bot.send_message(anna.id, "[not JSON", reply_markup=keyboard)
    shown = stage.calls[-1]["parameters"]
    assert shown["reply_markup"]["inline_keyboard"][0][0]["text"] == "Меню"
    assert shown["text"] == "[not JSON"


async def test_broken_rules_and_large_answers_in_the_wire(
    stage: Stage, bot: Bot, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await does(stage, anna, "start")
    with pytest.raises(Exception, match="message text is empty"):
        await bot.send_message(anna.id, " ")
    assert stage.calls[-1]["violations"] == ["Bad Request: message text is empty"]
    assert stage.state()["violations"] == 1
    monkeypatch.setattr("sandbox.wire.LONGEST", 1000)
    await bot.send_message(anna.id, "x" * 2000)
    call = stage.calls[-1]
    assert call["parameters"]["cut"] > 2000
    assert len(call["answer"]["text"]) == 100


async def test_the_wire_forgets_its_oldest(stage: Stage, bot: Bot) -> None:
    for _ in range(stages.KEPT_CALLS // 2 + 1):
        await bot.get_me()
        await bot.get_webhook_info()
    assert len(stage.calls) == stages.KEPT_CALLS
    assert stage.calls[0]["n"] == 3
    assert len(stage.state()["calls"]) == stages.SHOWN_CALLS


async def test_the_bot_runs_as_soon_as_it_polls(stage: Stage, bot: Bot, told: Told) -> None:
    stage.bot_is("starting")
    await bot.get_me()
    assert stage.bot_state == "starting"
    await bot.get_updates()
    assert stage.polls.is_set()
    stage.bot_is("killed")
    await bot.get_updates()  # an old call that arrives late
    states = [one["bot"]["state"] for one in told.of("bot")]
    assert states == ["starting", "running", "killed"]


async def test_the_process_is_in_others_hands(stage: Stage) -> None:
    process = stage.process = Process()
    for do in ("kill", "stop", "restart"):
        await perform(stage, {"do": do})
    assert process.asked == ["kill", "stop", "restart"]
    stage.process = Process(gone=True)
    for do in ("kill", "stop"):
        await refused(stage, "not_running", {"do": do})
