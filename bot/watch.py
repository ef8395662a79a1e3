"""The bot watches over itself, and owners are told in Telegram when something needs a hand.

They are told directly, not by the outbox, for that may be what is broken; once when it has lasted a
little, again after hours, and when it is over. Of many processes one tells, in turn (bot/turn.py).
Nobody is woken by what can wait, by its end, or in hours that they have called quiet.

A token that was revoked leaves nobody to tell: the process ends and says why, also one that never
asks for updates. Whatever starts it anew does so with the token that somebody has put there
meanwhile; what is to be sent waits in the database.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from aiogram.exceptions import AiogramError, TelegramBadRequest, TelegramForbiddenError

from bot.clock import Clock
from bot.crypto import Vault
from bot.db import TROUBLE, Sessions
from bot.delivery.quiet import quiet_until
from bot.delivery.sender import Send
from bot.health import PATIENCE
from bot.i18n import SOURCE, speaking
from bot.screen import Screen
from bot.services import members
from bot.tasks import end, steadily, unless
from bot.trouble import CALM, Trouble
from bot.turn import Turn
from bot.views import watch as views

PERIOD = 30.0
"""Seconds between two looks."""
PULSE = 2.0
"""Between two words that whoever tells still lives."""
LASTING = timedelta(minutes=1)
"""What ends sooner is not told, nor what was well for less."""
AGAIN, AGAIN_CALMLY = timedelta(hours=6), timedelta(days=1)
TELLING = 10.0
"""Seconds that one owner's message may take."""
OWN = frozenset({Trouble.DISK, Trouble.BACKUP, Trouble.CLOCK})
"""Of one machine, which others do not see: whoever sends keeps the backups, too."""
GONE = (TelegramBadRequest, TelegramForbiddenError)
Look = Callable[[], Awaitable[bool | None]]
"""Whether there is this trouble; None: it cannot be known now."""
log = structlog.get_logger()


@dataclass
class Case:
    """A trouble that is there."""

    since: datetime
    well_since: datetime | None = None
    told_at: datetime | None = None
    is_logged: bool = False

    def is_to_be_told(self, now: datetime, again: timedelta) -> bool:
        if self.told_at is None:
            return now - self.since >= LASTING
        return now - self.told_at >= again

    def set_back(self, now: datetime) -> None:
        """A clock that was set back delays nothing."""
        self.since = min(self.since, now)
        self.told_at = self.told_at and min(self.told_at, now)
        self.well_since = self.well_since and min(self.well_since, now)


@dataclass
class Watch:
    looks: Sequence[tuple[Trouble, Look]]
    owners: Sequence[int]
    sessions: Sessions
    vault: Vault
    clock: Clock
    send: Send
    turn: Turn
    sends: Callable[[], bool]
    is_one_machine: bool
    is_ours: bool = False
    """Our turn to tell, as far as we know: while the database is away nobody else can take it."""
    cases: dict[Trouble, Case] = field(default_factory=dict)
    spoken: dict[int, str] = field(default_factory=dict)
    """Owners' languages, for when the database does not answer."""
    rests: dict[int, members.Rest] = field(default_factory=dict)
    """And when they want to hear no sound."""
    is_refused: bool = False
    """Telegram has refused the token for a while."""

    async def run(self, stop: asyncio.Event) -> None:
        keeping = asyncio.create_task(steadily(self.keep, stop))
        try:
            while not stop.is_set():
                await unless(stop, asyncio.sleep(PERIOD))
                if not stop.is_set():
                    await unless(stop, self.round())
                if self.is_refused:
                    stop.set()
        finally:
            await end(keeping)

    async def keep(self, stop: asyncio.Event) -> None:
        """The turn, which is lost by whoever says nothing. A process that knows nobody to tell
        leaves it to another one."""
        while not stop.is_set():
            await unless(stop, asyncio.sleep(PULSE))
            with suppress(*TROUBLE):
                self.is_ours = bool(self.owners) and await self.turn.take()

    async def round(self) -> None:
        await self.know_owners()
        looks = list(self.looks)
        found = await asyncio.gather(*(answer(look) for _, look in looks))
        for (what, _look), is_there in zip(looks, found, strict=True):
            if is_there is not None:
                await self.judge(what, is_there, self.clock.now())

    async def know_owners(self) -> None:
        """As they were, if the database does not answer."""
        if not self.is_ours and not self.sends():
            return
        with suppress(*TROUBLE):
            async with asyncio.timeout(PATIENCE), self.sessions() as session:
                self.spoken = await members.spoken(session, self.vault, self.owners)
                self.rests = await members.rests(session, self.vault, self.owners)

    async def judge(self, what: Trouble, is_there: bool, now: datetime) -> None:
        case = self.cases.setdefault(what, Case(now)) if is_there else self.cases.get(what)
        if case is None:
            return
        case.set_back(now)
        if is_there:
            case.well_since = None
            if case.is_to_be_told(now, AGAIN_CALMLY if what in CALM else AGAIN):
                await self.begin(what, case, now)
        else:
            case.well_since = case.well_since or now
            if case.told_at is None or now - case.well_since >= LASTING:
                await self.end(what, case)

    async def begin(self, what: Trouble, case: Case, now: datetime) -> None:
        if not case.is_logged:
            log.error("something needs a hand", what=what.value)
            case.is_logged = True
        if what is Trouble.TOKEN:
            self.is_refused = True
            return
        lasting = now - case.since if case.told_at else None
        if await self.tell(what, lambda: views.trouble(what, lasting)):
            case.told_at = now

    async def end(self, what: Trouble, case: Case) -> None:
        lasted = (case.well_since or case.since) - case.since
        if case.told_at is not None:
            if not await self.tell(what, lambda: views.over(what, lasted)):
                return
            log.warning("it needs a hand no longer", what=what.value)
        del self.cases[what]

    def speaks(self, what: Trouble) -> bool:
        is_own = what in OWN and not self.is_one_machine
        return self.sends() if is_own else self.is_ours

    async def tell(self, what: Trouble, words: Callable[[], Screen]) -> bool:
        """Whether somebody heard it, or nobody ever will; else it is told at the next look."""
        if not self.speaks(what):
            return True
        each = await asyncio.gather(*(self.told(chat, words) for chat in self.owners))
        return True in each or False not in each

    def is_asleep(self, chat: int) -> bool:
        """As they have chosen: nothing of the bot makes a sound then."""
        rest, now = self.rests.get(chat), self.clock.now()
        if rest is None:
            return False
        if rest.silent_until is not None and rest.silent_until > now:
            return True
        return quiet_until(now, rest.zone, rest.quiet_from, rest.quiet_until) is not None

    async def told(self, chat: int, words: Callable[[], Screen]) -> bool | None:
        """None: this owner cannot be told at all."""
        with speaking(self.spoken.get(chat, SOURCE)):
            screen = words()
        if self.is_asleep(chat):
            screen = replace(screen, silent=True)
        try:
            async with asyncio.timeout(TELLING):
                await self.send(chat, screen)
        except (AiogramError, OSError, TimeoutError) as error:
            log.warning("an owner could not be told of it", why=type(error).__name__)
            return None if isinstance(error, GONE) else False
        return True


async def answer(look: Look) -> bool | None:
    """A look that fails says nothing, and keeps no other one from being taken."""
    try:
        async with asyncio.timeout(2 * PATIENCE):
            return await look()
    except (*TROUBLE, AiogramError):
        return None
    except Exception as error:
        log.error("a look at the bot itself failed", exc_info=error)
        return None
