"""What the chat page shows and moves beside the world itself: telephones, clock, troubles, wire.

All of it is kept here and told to `watchers` as it changes, so that any number of pages see the
same and a reload loses nothing. There is no HTTP in it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Protocol

from .calls import Call
from .faults import Fault
from .people import Channel, Group, Person
from .telegram import Sandbox, utc
from .views import View
from .wire import told_call
from .world import Chat, User

Json = dict[str, Any]
Due = Callable[[datetime], Awaitable[Json | None]]
"""The next thing due after a moment, or None: {"at": Unix seconds, "en": …, "ru": …, "told": …}.

"told": how many people get a message then; None: nobody has counted."""

SHOWN_MESSAGES = 60
SHOWN_CALLS = 200
KEPT_CALLS = 1000
KEPT_REACTIONS = 1000
LONGEST_LOOK = 5.0  # seconds; what the bot keeps for later is told by no call
BREATH = 0.5
SAME = ("method", "parameters", "answer", "error", "code", "violations")
CHANGES = ("moved", "cancelled", "restored")
KINDS = ("429", "500", "cut")
PROFILE = ("setMy", "deleteMy")
PLACES = {"pinChatMessage", "unpinChatMessage", "unpinAllChatMessages", "leaveChat",
          "banChatMember"}  # fmt: skip


class Process(Protocol):
    """The bot, for whoever can end and start it. LookupError: there is none to end."""

    async def kill(self) -> None: ...

    async def stop(self) -> None: ...

    async def restart(self) -> None: ...


class News(Protocol):
    """The next hearing, for whoever wants to see how people are told."""

    async def coming(self, now: datetime) -> Json | None:
        """{"at": Unix seconds, "cancelled": …, "en": …, "ru": …}"""

    async def change(self, what: str, now: datetime) -> None:
        """ "moved", "cancelled" or "restored". LookupError: no hearing is coming."""


class StageClock:
    """Real time and some seconds more: `Sandbox(now=…)` of a stage."""

    def __init__(self, moved: Callable[[float], None] = lambda ahead: None) -> None:
        self.ahead = 0.0
        self.moved = moved

    def __call__(self) -> datetime:
        return utc() + timedelta(seconds=self.ahead)

    def set(self, ahead: float) -> None:
        self.ahead = ahead
        self.moved(ahead)


@dataclass
class Telephone:
    """Somebody's telephone on show, and the chat that is open on it."""

    user: int
    chat: int
    zone: str
    role: str

    def as_json(self) -> Json:
        return {"user": self.user, "chat": self.chat, "zone": self.zone, "role": self.role}


class Stage:
    """`due`, `process`: what whoever assembles knows of the bot. `zone`: of the page's clock."""

    def __init__(
        self,
        telegram: Sandbox,
        clock: StageClock,
        *,
        due: Due | None = None,
        process: Process | None = None,
        language: str = "",
        zone: str = "UTC",
    ) -> None:
        self.telegram = telegram
        self.clock = clock
        self.ask_due = due
        self.process = process
        self.language = language
        self.zone = zone
        self.number = secrets.token_hex(8)
        """Of this run: a page that remembers another one remembers other people and messages."""
        self.somebody: dict[str, str] = {}
        """A name, by language, that the tour has people search for."""
        self.watchers: list[Callable[[Json], None]] = []
        self.people: dict[int, Person] = {}
        self.homes: dict[int, tuple[str, str]] = {}
        """Zone and role by user."""
        self.places: dict[int, View] = {}
        """Groups and channels."""
        self.telephones: dict[int, Telephone] = {}
        self.reactions: dict[tuple[int, int], dict[int, str]] = {}
        self.troubles: dict[str, Fault] = {}
        self.calls: deque[Json] = deque(maxlen=KEPT_CALLS)
        self.called = 0
        self.violations = 0
        self.bot_state, self.reason = "stopped", ""
        self.polls = asyncio.Event()
        self.news: News | None = None
        self.coming: Json | None = None
        self.due: Json | None = None
        self.due_doubted = asyncio.Event()
        self.answers: dict[str, asyncio.Future[Json]] = {}
        """Inline queries somebody waits for."""
        telegram.world.watchers.append(self.on_world)
        telegram.server.watchers.append(self.on_call)

    def tell(self, event: str, **what: Any) -> None:
        for watcher in list(self.watchers):
            watcher({"event": event, **what})

    # -- everything at once ----------------------------------------------------------------

    def state(self) -> Json:
        return {
            "event": "state",
            **self.time(),
            "run": self.number,
            "language": self.language,
            "zone": self.zone,
            "somebody": self.somebody,
            "bot": self.bot(),
            "telephones": self.shown_telephones(),
            "users": [self.user(person.user) for person in self.people.values()],
            "chats": [self.chat(view.chat) for view in self.views()],
            "troubles": self.trouble(),
            "calls": list(self.calls)[-SHOWN_CALLS:],
            "violations": self.violations,
        }

    def views(self) -> list[View]:
        return [*self.people.values(), *self.places.values()]

    def time(self) -> Json:
        now = {"now": self.clock().timestamp(), "offset": self.clock.ahead}
        return {**now, "due": self.due, "coming": self.coming}

    def bot(self) -> Json:
        """Profile and commands by language ("": everybody else), and how its process is."""
        world, profile = self.telegram.world, self.telegram.world.profile
        stores = {
            "name": profile.names,
            "description": profile.descriptions,
            "short_description": profile.short_descriptions,
        }
        languages = {"", *(code for texts in stores.values() for code in texts)}
        texts = {
            code: {key: store.get(code) or store.get("", "") for key, store in stores.items()}
            for code in sorted(languages)
        }
        return {
            "id": world.bot.id,
            "username": world.bot.username,
            **texts[""],
            "texts": texts,
            "commands": profile.default_commands(),
            "state": self.bot_state,
            "reason": self.reason,
            "process": self.process is not None,
        }

    def user(self, user: User) -> Json:
        zone, role = self.homes[user.id]
        return {
            "id": user.id,
            "first_name": user.first_name,
            "username": user.username,
            "language_code": user.language_code,
            "started": user.started,
            "blocked": user.blocked,
            "zone": zone,
            "role": role,
        }

    def chat(self, chat: Chat) -> Json:
        newest = list(islice(reversed(chat.messages.values()), SHOWN_MESSAGES))
        return {
            "id": chat.id,
            "type": chat.type,
            "title": chat.title,
            "user": chat.user.id if chat.user else None,
            "members": chat.members,
            "total": len(chat.messages),
            "messages": [self.message(message) for message in reversed(newest)],
            "keyboard": chat.keyboard,
            "pinned": chat.pinned,
        }

    def message(self, message: Json) -> Json:
        """With the reactions to it, which the Bot API does not tell with a message."""
        found = self.reactions.get((message["chat"]["id"], message["message_id"]))
        return message | {"reactions": found} if found else message

    def shown_telephones(self) -> list[Json]:
        return [telephone.as_json() for telephone in self.telephones.values()]

    # -- people and places -----------------------------------------------------------------

    def add_person(self, name: str, language: str, zone: str, role: str = "guest") -> Person:
        """Somebody new with a telephone of their own."""
        person = self.telegram.person(name, language=language)
        self.people[person.id] = person
        self.homes[person.id] = (zone, role)
        self.tell("user", user=self.user(person.user))
        self.tell("chat", chat=self.chat(person.chat))
        self.show(person, person.chat)
        return person

    def add_place(self, place: Group | Channel) -> None:
        self.places[place.id] = place
        self.tell("chat", chat=self.chat(place.chat))

    def show(self, person: Person, chat: Chat) -> None:
        zone, role = self.homes[person.id]
        self.telephones[person.id] = Telephone(person.id, chat.id, zone, role)
        self.tell("telephones", telephones=self.shown_telephones())

    def hide(self, person: Person) -> None:
        self.telephones.pop(person.id, None)
        self.tell("telephones", telephones=self.shown_telephones())

    # -- the clock -------------------------------------------------------------------------

    async def move(self, ahead: float) -> None:
        """The bot, the world and every page are so many seconds ahead of real time."""
        back = ahead < self.clock.ahead
        self.clock.set(ahead)
        if back:
            self.telegram.limits.forget()
        await self.look()
        self.tell("clock", **self.time())

    async def look(self) -> None:
        """Finds out what is due next, and which hearing."""
        now = self.clock()
        self.due = await self.ask_due(now) if self.ask_due else None
        self.coming = await self.news.coming(now) if self.news else None

    async def run(self) -> None:
        """Keeps `due` right for ever: it passes, and the bot may change what comes next."""
        while True:
            self.due_doubted.clear()
            told = self.due, self.coming
            await self.look()
            if (self.due, self.coming) != told:
                self.tell("clock", **self.time())
            # Not wait_for, which until Python 3.12 may take its own end for that of the wait.
            with suppress(TimeoutError):
                async with asyncio.timeout(self.until_due()):
                    await self.due_doubted.wait()
            await asyncio.sleep(BREATH)  # of many calls at once the last one counts

    def until_due(self) -> float:
        left = self.due["at"] - self.clock().timestamp() if self.due else LONGEST_LOOK
        return float(min(max(left, 0.0), LONGEST_LOOK))

    async def change(self, what: str) -> None:
        """Of the next hearing. LookupError: there is none."""
        if self.news:
            await self.news.change(what, self.clock())
        await self.look()
        self.tell("clock", **self.time())

    # -- troubles --------------------------------------------------------------------------

    def trouble(self) -> Json:
        every = {kind: self.troubles[kind].every if kind in self.troubles else 0 for kind in KINDS}
        slow = self.troubles.get("slow")
        return {
            "slow": round(slow.seconds * 1000) if slow else 0,
            "every": every,
            "duplicate": self.telegram.world.updates.duplicates,
        }

    def slow(self, milliseconds: int) -> None:
        """Every answer takes so much longer; 0: no more."""
        self.end_trouble("slow")
        if milliseconds:
            fault = self.telegram.faults.delay(milliseconds / 1000, times=None)
            self.troubles["slow"] = fault
        self.tell("troubles", troubles=self.trouble())

    def strike(self, kind: str, every: int) -> None:
        """Every n-th call fails ("429", "500") or is cut off before it is done; 0: no more."""
        self.end_trouble(kind)
        if every:
            faults = self.telegram.faults
            add = {"429": faults.too_many_requests, "500": faults.server_error,
                   "cut": faults.cut_before}[kind]  # fmt: skip
            self.troubles[kind] = add(times=None, every=every)
        self.tell("troubles", troubles=self.trouble())

    def end_trouble(self, kind: str) -> None:
        fault = self.troubles.pop(kind, None)
        if fault:
            self.telegram.faults.waiting.remove(fault)

    def duplicate(self, updates: int) -> None:
        """So many of the next updates come twice."""
        self.telegram.faults.duplicate_updates(updates)
        self.tell("troubles", troubles=self.trouble())

    def calm(self) -> None:
        self.troubles.clear()
        self.telegram.faults.clear()
        self.tell("troubles", troubles=self.trouble())

    # -- what happens ----------------------------------------------------------------------

    def bot_is(self, state: str, reason: str = "") -> None:
        """starting, killed or stopped; it runs as soon as it polls."""
        self.bot_state, self.reason = state, reason
        self.polls.clear()
        self.tell("bot", bot=self.bot())

    def on_world(self, event: str, what: Json) -> None:
        if event in ("message", "edited"):
            self.tell(event, chat=what["chat"]["id"], message=self.message(what))
        elif event == "deleted":
            place = (what["chat"]["id"], what["message_id"])
            self.reactions.pop(place, None)
            self.tell("deleted", chat=place[0], message_id=place[1])
        elif event == "keyboard":
            chat = self.telegram.world.chats[what["chat"]["id"]]
            self.tell("keyboard", chat=chat.id, keyboard=chat.keyboard)
        elif event == "action":
            self.tell("typing", chat=what["chat"]["id"], action=what["action"])
        else:
            self.on_answer(event, what)

    def on_answer(self, event: str, what: Json) -> None:
        if event == "answered":
            query = what["query"]
            self.tell("toast", user=query["from"]["id"], query=query["id"], **what["answer"])
        elif event == "inline_answered":
            future = self.answers.pop(what["query"]["id"], None)
            if future and not future.done():
                future.set_result(what["answer"])
        elif event == "reaction":
            emoji = next((one.get("emoji", "") for one in what["reaction"]), "")
            self.react(what["message"], self.telegram.world.bot.id, emoji)

    def react(self, message: Json, user: int, emoji: str) -> None:
        place = (message["chat"]["id"], message["message_id"])
        found = self.reactions.setdefault(place, {})
        found.pop(user, None)
        if emoji:
            found[user] = emoji
        if not found:
            del self.reactions[place]
        elif len(self.reactions) > KEPT_REACTIONS:
            del self.reactions[next(iter(self.reactions))]
        self.tell("reaction", chat=place[0], message_id=place[1], reactions=found)

    def on_call(self, event: str, call: Call) -> None:
        if call.method == "getUpdates":
            self.on_poll(event)
            if not call.answer and not call.error:
                return
        if event == "ended":
            self.called += 1
            self.violations += len(call.violations)
            self.note(told_call(self.called, call))
            self.tell("call", **self.calls[-1])
            self.on_effect(call)

    def note(self, told: Json) -> None:
        """What is asked again and again and gets the same answer is one line."""
        last = self.calls[-1] if self.calls else {}
        if all(told[key] == last.get(key) for key in SAME):
            last |= {"at": told["at"], "ms": told["ms"], "times": last.get("times", 1) + 1}
        else:
            self.calls.append(told)

    def on_poll(self, event: str) -> None:
        if event == "began" and self.bot_state == "starting":
            self.bot_state, self.reason = "running", ""
            self.polls.set()
            self.tell("bot", bot=self.bot())

    def on_effect(self, call: Call) -> None:
        """What the world does not tell of by itself."""
        if call.method != "getUpdates":
            self.due_doubted.set()
        if call.method.startswith(PROFILE):
            self.tell("bot", bot=self.bot())
        if call.method in PLACES and not call.error:
            self.tell(
                "chat", chat=self.chat(self.telegram.world.find_chat(call.parameters["chat_id"]))
            )
