"""Ways to pay stand in a chat for a while only: whoever holds the telephone later finds none, and
none is left there when it lapses.

What may stand open stays known until Telegram has said that it is gone: that something else stands
in its place, or that there is no such message. Each edit of a screen comes by here, so nobody has
to think of it. What is not said stays known, and is hidden once too often rather than never.

What is open is known to this process alone, and written down nowhere: nothing tells who looked.
What stood open when it was killed stays. Other processes tell it what they have put there since
(bot/edits.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.methods import EditMessageMedia, EditMessageText, Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.clock import Clock
from bot.db import Sessions, let_go
from bot.screen import Screen
from bot.services import donations
from bot.services.campaign import local_now
from bot.show import Place, is_as_wanted
from bot.tasks import steadily, unless
from models import DonationRoute

OPEN = timedelta(minutes=30)
PERIOD = donations.TO_HIDE.total_seconds() / 2
"""Seconds between two looks; the other half is for Telegram, or what lapses would stand on while
much is being hidden."""
IN_VAIN = timedelta(hours=48)
"""Since it was to be hidden: so long it is tried, and who blocked the bot may come back."""
AT_THE_END = 9.0
"""Seconds for what is open from the moment at which the bot is to stop; who stops it waits for
ten."""
AGAIN = 0.5
FINAL = ("not found", "not modified", "can't be edited", "can't be deleted", "MESSAGE_ID_INVALID")
"""What Telegram says of a message that is gone, or that nobody can change any more."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Shown:
    until: datetime
    instead: Screen | None
    """Nothing: the message goes."""
    wordings: frozenset[tuple[int, str]]
    """Of the ways to pay, as they were shown, with their numbers."""
    is_late: bool = False
    """It is to be hidden since `until`."""

    def beside(self, other: "Shown | None") -> "Shown":
        """One of them stands there, and nobody knows which."""
        if other is None:
            return self
        until, wordings = min(self.until, other.until), self.wordings | other.wordings
        return replace(self, until=until, wordings=wordings)


def shown(routes: Sequence[DonationRoute], now: datetime, instead: Screen | None) -> Shown:
    lapses = [one.lapses_at - donations.TO_HIDE for one in routes]
    wordings = frozenset((one.id, one.wording) for one in routes)
    return Shown(min([now + OPEN, *lapses]), instead, wordings)


brought: ContextVar[Shown | None] = ContextVar("brought", default=None)
"""The way to pay that an edit brings; nothing: another screen, which is nobody's secret."""


@contextmanager
def bringing(what: Shown) -> Iterator[None]:
    mark = brought.set(what)
    try:
        yield
    finally:
        brought.reset(mark)


class Curtain(BaseRequestMiddleware):
    """Of the bot whose edits it sees. `bot`: another one, that hides: it repeats nothing by itself,
    or one chat that is told to wait would hold up all others; the next look tries again."""

    def __init__(self, bot: Bot, rate: float) -> None:
        self.bot = bot
        self.pause = 1 / rate
        self.shown: dict[Place, Shown] = {}
        """What may stand there."""
        self.away: set[int] = set()
        """Chats of those who have blocked the bot."""
        self.locks: WeakValueDictionary[Place, asyncio.Lock] = WeakValueDictionary()
        """Else what a press brings could be hidden in place of what stood there before."""
        self.pace = asyncio.Lock()
        self.when_closed: Callable[[int, Collection[Place]], None] = lambda _chat, _but: None
        """Called with a chat in which nothing is to stand open but at these places."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        place, new = edited(method), brought.get()
        if place is None or (new is None and place not in self.shown):
            return await make_request(bot, method)
        async with self.changing(place, new):
            return await make_request(bot, method)

    @asynccontextmanager
    async def changing(self, place: Place, new: Shown | None) -> AsyncIterator[None]:
        """What Telegram says is what is known; what nobody knows of could not be hidden."""
        async with self.lock(place):
            if new is not None:
                self.shown[place] = new.beside(self.shown.get(place))
            try:
                yield
            except TelegramBadRequest as error:
                if is_final(error):
                    self.stands(place, new if is_as_wanted(error) else None)
                raise
            self.stands(place, new)

    def stands(self, place: Place, new: Shown | None) -> None:
        if new is None:
            self.shown.pop(place, None)
        else:
            self.shown[place] = new

    def found(self, place: Place, what: Shown) -> None:
        """Somebody presses what a process before this one has left open."""
        self.shown.setdefault(place, what)

    def lock(self, place: Place) -> asyncio.Lock:
        return self.locks.setdefault(place, asyncio.Lock())

    # What is to be hidden.

    async def look(self, sessions: Sessions, now: datetime) -> None:
        """Hides what was open long enough, and what nobody may rely on any more."""
        self.reckon(now)
        over = {place: one for place, one in self.shown.items() if one.until <= now}
        await asyncio.gather(self.draw(over), self.draw_void(sessions, now))

    def reckon(self, now: datetime) -> None:
        """A clock may be set back, and forward: what is late is tried for a while from now on."""
        for place, one in list(self.shown.items()):
            if one.until > now + OPEN:
                self.shown[place] = replace(one, until=now + OPEN)
            elif one.is_late and one.until <= now - IN_VAIN:
                del self.shown[place]
            elif one.until <= now and not one.is_late:
                self.shown[place] = replace(one, until=now, is_late=True)
        self.away &= {chat for chat, _message in self.shown}

    async def draw_void(self, sessions: Sessions, now: datetime) -> None:
        routes = {number for one in self.shown.values() for number, _wording in one.wordings}
        if not routes:
            return
        async with sessions() as session:
            valid = await donations.wordings(session, routes, await local_now(session, now))
        await self.draw({at: one for at, one in self.shown.items() if not one.wordings <= valid})

    async def close_chat(self, chat: int, now: datetime, but: Collection[Place] = ()) -> None:
        """At once, and if that fails by the next look; in other processes, too. Somebody is there,
        also where it was tried in vain before."""
        self.when_closed(chat, but)
        await self.close_here(chat, now, but)

    async def close_here(self, chat: int, now: datetime, but: Collection[Place]) -> None:
        self.away.discard(chat)
        theirs = {
            place: replace(one, until=min(one.until, now))
            for place, one in self.shown.items()
            if place[0] == chat and place not in but
        }
        self.shown |= theirs
        await self.draw(theirs)

    async def back(self, chat: int, now: datetime) -> None:
        """Who is heard of had blocked the bot, and can be reached again."""
        if chat in self.away:
            await self.close_chat(chat, now)

    async def close(self, over: asyncio.Event) -> None:
        """All that is open, as the bot stops; until it is `over`: nothing more can come."""
        try:
            async with asyncio.timeout(AT_THE_END):
                while True:
                    await self.draw(self.reached)
                    if over.is_set() and not self.reached:
                        return
                    pause = asyncio.sleep(AGAIN)
                    await (pause if over.is_set() else unless(over, pause))
        except TimeoutError:
            if left := len(self.reached):
                log.warning("some ways to pay stay open", left=left)

    @property
    def reached(self) -> dict[Place, Shown]:
        return {place: one for place, one in self.shown.items() if place[0] not in self.away}

    # How it is hidden.

    async def draw(self, these: Mapping[Place, Shown]) -> None:
        await let_go()
        near = [(place, one) for place, one in these.items() if place[0] not in self.away]
        await asyncio.gather(*(self.draw_over(place, one) for place, one in near))

    async def draw_over(self, place: Place, one: Shown) -> None:
        """What is being changed just now is left to the next look."""
        async with self.pace:
            await asyncio.sleep(self.pause)
        if self.shown.get(place) is not one or self.lock(place).locked():
            return
        try:
            async with self.changing(place, None):
                await hide(self.bot, place, one.instead)
        except TelegramForbiddenError:
            self.away.add(place[0])
        except Exception as error:
            log.info("a way to pay could not be hidden again", why=type(error).__name__)


def edited(method: TelegramMethod[TelegramType]) -> Place | None:
    """The message that gets another content."""
    if not isinstance(method, EditMessageText | EditMessageMedia):
        return None
    chat, message = method.chat_id, method.message_id
    return (chat, message) if isinstance(chat, int) and message is not None else None


def is_final(error: TelegramBadRequest) -> bool:
    return any(words in error.message for words in FINAL)


async def hide(bot: Bot, place: Place, instead: Screen | None) -> None:
    chat, message = place
    if instead is None:
        await bot.delete_message(chat, message)
    else:
        await bot.edit_message_text(
            instead.text, chat_id=chat, message_id=message, reply_markup=instead.keyboard
        )


async def drawing(curtain: Curtain, sessions: Sessions, clock: Clock, stop: asyncio.Event) -> None:
    """Until `stop`."""

    async def looking(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await unless(stop, asyncio.sleep(PERIOD))
            if not stop.is_set():
                await curtain.look(sessions, clock.now())

    await steadily(looking, stop)


async def closing(curtain: Curtain, stop: asyncio.Event, over: asyncio.Event) -> None:
    """From `stop` on, beside what is still being answered then, until that is `over`."""
    await stop.wait()
    await curtain.close(over)
