"""What surrounds every update: failures, throttle, dialog, session, subscriber, language.

The session is opened, the subscriber found and their language spoken before any handler runs.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from time import monotonic
from typing import Any

import structlog
from aiogram.exceptions import TelegramAPIError, TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import CallbackQuery, Chat, InlineQuery, Message, TelegramObject, Update, User
from sqlalchemy.ext.asyncio import AsyncSession

from bot import i18n, waits
from bot.away import Support
from bot.db import TROUBLE, Sessions, session_here
from bot.keyboards import language_of
from bot.metrics import OTHER, Metrics
from bot.screen import Screen
from bot.services import missed, subscribers
from bot.services.errors import Busy, NotFound, TooMany
from bot.services.facts import Facts
from bot.show import acknowledge, is_private, place_pressed, show
from bot.views import menu, proposals
from bot.views.campaign_file import chat as views
from models import Subscriber

Data = dict[str, Any]
Handler = Callable[[TelegramObject, Data], Awaitable[Any]]
log = structlog.get_logger()


async def tell_failures(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """One place where what went wrong is spoken. The log has the cause, the person a number."""
    if is_forged(data):
        return None
    try:
        return await handler(event, data)
    except NotFound:
        pressed = isinstance(event, Update) and event.callback_query is not None
        await tell(event, data, menu.stale if pressed else menu.stale_link)
    except TooMany:
        await tell(event, data, lambda _is_private: proposals.too_many())
    except Busy:
        await tell(event, data, lambda _is_private: views.busy())
    except TelegramRetryAfter as error:  # more words would be refused as well
        log.warning("an answer is given up, for its chat had too many", wait=error.retry_after)
    except TelegramAPIError as error:
        if not is_gone(error):
            await failed(event, data)
    except Exception:
        await failed(event, data)
    return None


async def count(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """What becomes of every update, and how long it took, by the feature that took it."""
    metrics: Metrics = data["metrics"]
    since, taken = monotonic(), data.setdefault("taken", Taken())
    outcome = "cut_off"
    metrics.in_hand += 1
    try:
        result = await handler(event, data)
        outcome = "answered" if taken.by != OTHER else taken.otherwise
        return result
    except Exception as error:
        outcome = outcome_of(error)
        raise
    finally:
        metrics.in_hand -= 1
        metrics.handled(taken.by, outcome, monotonic() - since)


def outcome_of(error: Exception) -> str:
    match error:
        case NotFound():
            return "stale"
        case TooMany() | Busy() | TelegramRetryAfter():
            return "too_many"
        case TelegramAPIError() if is_gone(error):
            return "gone"
    return "failed"


@dataclass(slots=True)
class Taken:
    by: str = OTHER
    """The feature whose handler it was: the name of a module of `handlers`."""
    otherwise: str = "passed_over"
    """What became of it if it was none."""


async def name_feature(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """Inside of all that may still take an update away."""
    data["taken"].by = feature(data["handler"].callback.__module__)
    return await handler(event, data)


@cache
def feature(module: str) -> str:
    package, _, name = module.partition(".")
    return name.partition(".")[0] or OTHER if package == "handlers" else OTHER


def is_forged(data: Data) -> bool:
    """Telegram's numbers have at most 52 significant bits (Bot API, "User"): nobody is there."""
    parties = data.get("event_from_user"), data.get("event_chat")
    return any(party and abs(party.id) >= 2**63 for party in parties)


def is_gone(error: TelegramAPIError) -> bool:
    """Who has blocked the bot, left, or typed on in inline mode waits for no answer."""
    late = ("chat not found", "query is too old")
    return isinstance(error, TelegramForbiddenError) or any(w in error.message for w in late)


async def failed(event: TelegramObject, data: Data) -> None:
    number = secrets.token_hex(3).upper()
    log.exception("an update failed", number=number)
    await tell(event, data, lambda _is_private: menu.failed(number))


async def tell(event: TelegramObject, data: Data, screen: Callable[[bool], Screen]) -> None:
    """In the language spoken there, as far as it was found out before the failure."""
    happened = event.event if isinstance(event, Update) else event
    user: User | None = data.get("event_from_user")
    language = data.get("language") or i18n.guess(user.language_code if user else None)
    with i18n.speaking(language), suppress(TelegramAPIError):
        if isinstance(happened, Message | CallbackQuery):
            await show(happened, screen(is_private(happened)))


async def outlast_database(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """Services commit before anything is said: what fails before can be done again as a whole."""
    support: Support = data["database"]
    return await support.outlast(partial(handler, event, data))


async def open_session(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """Closing says nothing new: an update that was answered is not begun again because of it."""
    sessions: Sessions = data["sessions"]
    session = data["session"] = sessions()
    session_here.set(session)
    try:
        return await handler(event, data)
    finally:
        with suppress(*TROUBLE):
            await asyncio.shield(session.close())


async def find_subscriber(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """The actor is found once, here; a group or a stranger is nobody kept."""
    user: User = data["event_from_user"]
    session, now = data["session"], data["clock"].now()
    seen = await subscribers.find(session, data["vault"], user.id, now)
    data["subscriber"] = seen.subscriber
    data["facts"] = Facts(session, seen.version, data["memory"])
    await subscribers.seen(session, seen.subscriber, now)
    if is_heard_in_private(event):
        await greet_again(session, seen.subscriber, now)
        await data["curtain"].back(user.id, now)
    return await handler(event, data)


def is_heard_in_private(event: TelegramObject) -> bool:
    """What somebody does elsewhere does not tell whether a message reaches them."""
    said = event.message or event.callback_query if isinstance(event, Update) else None
    return said is not None and is_private(said)


async def greet_again(session: AsyncSession, person: Subscriber, now: datetime) -> None:
    if person.blocked_on is not None:
        await missed.welcome_back(session, Subscriber.id == person.id, now)


async def lift_progress(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """Whatever a press brings stands there now; a broadcast that goes out is watched anew by its
    handler."""
    if not isinstance(event, CallbackQuery) or event.message is None:
        return await handler(event, data)
    kept = data["session"], data["vault"]
    async with data["progress"].lifted(*kept, place_pressed(event)):
        return await handler(event, data)


async def find_follower(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """Who follows here, which only what is answered needs: in a group it is the group. Its own
    language, where it has one, is spoken there, whoever asks."""
    chat: Chat | None = data.get("event_chat")
    if chat is None or chat.type == "private":
        data["follower"] = data["subscriber"]
        return await handler(event, data)
    session, now = data["session"], data["clock"].now()
    group = (await subscribers.find(session, data["vault"], chat.id, now)).subscriber
    data["follower"] = group
    await subscribers.seen(session, group, now)
    if isinstance(event, Message):  # a press comes from groups that threw the bot out, too
        await greet_again(session, group, now)
    with i18n.speaking(group.language or i18n.language()):
        return await handler(event, data)


async def speak_their_language(handler: Handler, event: TelegramObject, data: Data) -> Any:
    """But in a group a screen stays in the language it was asked for in, whoever presses."""
    user: User = data["event_from_user"]
    chosen = of_screen(event) or data["subscriber"].language
    data["language"] = chosen or i18n.guess(user.language_code)
    with i18n.speaking(data["language"]):
        return await handler(event, data)


def of_screen(event: TelegramObject) -> str | None:
    """The language of what was pressed in a group; what cannot be seen any more has none."""
    query = event.callback_query if isinstance(event, Update) else None
    screen = query.message if query and not is_private(query) else None
    return language_of(screen.reply_markup) if isinstance(screen, Message) else None


@dataclass
class Throttle:
    """So many updates at once and then so many a second per person; the first too many is told.

    Those after it cost no database; a press is acknowledged all the same, or its button would spin.
    While answers have to wait for their turn everybody may do less: else some dozens who press on
    would be answered all the time, and those who came to read something when they are through.
    """

    burst: float = 20
    per_second: float = 2
    crowded: float = 4
    """Of the burst, for each second that an answer has to wait."""
    people: OrderedDict[int, tuple[float, datetime]] = field(default_factory=OrderedDict)
    told: set[int] = field(default_factory=set)
    """That it was too many, since something of theirs was let through."""
    remembered: int = 20_000
    spoken: dict[int, str] = field(default_factory=dict)
    """The language that each of them was last answered in."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: Data) -> Any:
        user: User | None = data.get("event_from_user")
        if user is None:
            return None  # channels, polls of strangers: nobody is there to be answered
        person, cost = whose(event, user), 1.0
        if needs_turn(event) and user.id not in data["owners"]:
            cost = self.cost(data["limiter"].lateness(monotonic()))
        left = self.left(person, happened_at(event, data["clock"].now()), cost)
        waits.here().is_restless = left + cost < self.burst - 1
        if left >= 0:
            self.told.discard(person)
            return await self.let_through(handler, event, data, person)
        data["taken"].otherwise = "held_back"
        if isinstance(event, Update):
            with i18n.speaking(self.spoken.get(person) or i18n.guess(user.language_code)):
                why = menu.crowded() if cost > 1 else menu.too_fast()
                await hold_back(event.event, why if self.is_first(person, event.event) else None)
        return None

    def is_first(self, person: int, happened: TelegramObject) -> bool:
        """Who writes in a group hears nothing, and is told at home."""
        if person in self.told or not is_heard(happened):
            return False
        self.told.add(person)
        return True

    def cost(self, lateness: float) -> float:
        """Of one update; whoever had rested may do something even in the largest crowd."""
        return min(max(1.0, self.crowded * lateness), self.burst)

    async def let_through(
        self, handler: Handler, event: TelegramObject, data: Data, person: int
    ) -> Any:
        try:
            return await handler(event, data)
        finally:
            if person in self.people and "language" in data:
                self.spoken[person] = data["language"]

    def left(self, person: int, now: datetime, cost: float = 1) -> float:
        """What remains of the burst after this update; below 0: too many. To try costs, too:
        whoever goes on and on is let through no more, whoever tries again now and then is."""
        before, then = self.people.pop(person, (self.burst, now))
        passed = max(0.0, (now - then).total_seconds())  # a clock may be set back
        before = min(self.burst, before + passed * self.per_second)
        left = before - cost
        self.people[person] = (left if left >= 0 else max(before - min(cost, 2), -2), now)
        if len(self.people) > self.remembered:
            longest_ago, _left = self.people.popitem(last=False)
            self.spoken.pop(longest_ago, None)
            self.told.discard(longest_ago)
        return left


def happened_at(event: TelegramObject, now: datetime) -> datetime:
    """What somebody wrote did when it was sent, or whoever writes on and on had rested whenever all
    that is before theirs takes long. Of a press Telegram does not say when it was."""
    message = event.message if isinstance(event, Update) else None
    return min(message.date, now) if message else now


def is_heard(happened: TelegramObject) -> bool:
    """What the bot says to it, and to nobody else."""
    if isinstance(happened, Message):
        return happened.chat.type == "private"
    return isinstance(happened, CallbackQuery | InlineQuery)


def needs_turn(event: TelegramObject) -> bool:
    """To be answered by a message. The parts of an album are answered together."""
    happened = event.event if isinstance(event, Update) else event
    is_part = isinstance(happened, Message) and happened.media_group_id is not None
    return is_heard(happened) and not is_part and not isinstance(happened, InlineQuery)


def whose(event: TelegramObject, user: User) -> int:
    """Admins without a name all write as one user of Telegram's; their group tells them apart."""
    message = event.message if isinstance(event, Update) else None
    return message.sender_chat.id if message and message.sender_chat else user.id


async def hold_back(happened: TelegramObject, why: str | None) -> None:
    """`why`: what the first too many is told."""
    if isinstance(happened, CallbackQuery):
        await acknowledge(happened, why)
    elif why is None:
        return
    elif isinstance(happened, Message):
        await happened.answer(why)
    elif isinstance(happened, InlineQuery):
        await happened.answer([], cache_time=1, is_personal=True)
