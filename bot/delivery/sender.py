"""The sender: claims, renders, sends, settles; as fast as Telegram allows and in this order.

Three loops share one line of letters. `feed` claims a little ahead and renders; `pump` lets one
letter after another go, each in a task of its own, at the limiter's pace; `book` settles what came
of them a few at a time, so that a kill makes little be sent twice: what was on its way, and what
came of it in the last `SETTLE` seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from time import monotonic

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.away import Support, is_any_trouble
from bot.clock import Clock
from bot.crypto import Vault
from bot.db import Sessions
from bot.delivery import expansion, notices, outbox, question_notices, settling, waiting
from bot.delivery.limiter import CATCH_UP, Limiter
from bot.delivery.line import Letter, Line
from bot.delivery.parcels import LEASE, Outcome, Parcel, Recipient
from bot.delivery.rendering import Told, message
from bot.delivery.verdicts import Fate, Verdict, verdict_of
from bot.i18n import SOURCE
from bot.screen import Screen
from bot.services import campaign, groups
from bot.services.facts import Facts, Memory
from bot.services.notices import Reader
from bot.services.subscribers import SEALED
from bot.tasks import end
from bot.turn import Turn
from models import OF_QUESTIONS, Priority, State

TICK = 0.2
"""Seconds between two looks for what is due: the urgent waits no longer."""
UPKEEP = 1.0
"""Seconds between two looks for what waited, and for leases that ran out."""
SETTLE = 0.04
"""Seconds in which outcomes are gathered."""
AHEAD, LEAST_AHEAD = 0.5, 60
"""Seconds of sending, or messages, that are claimed ahead."""
AT_LEAST = 6
"""This part of them, however many are ready that are less urgent."""
NAP = CATCH_UP / 2
"""Seconds, for at a thousand messages a second each timer would cost as much as a message."""
SLOWEST = 1.0
"""Seconds of a round trip at which the full rate is still reached."""
ASIDE = 5.0
"""Seconds that a letter waits for its chat in memory; for longer it goes back."""
MOST_ASIDE = 1000
FRESH = timedelta(seconds=5)
"""So long a letter goes without another look whether it is still wanted. The rest of its lease is
longer than any request takes."""
DRAIN = 8
"""Seconds that what is on its way may still take at the end; containers are killed after ten."""
DOUBTS = (2.0, 600.0, 7200.0)
"""Seconds after which is tried again what may have arrived: one connection that breaks costs two,
and a trouble of two hours is outlasted. Then no more, for each time it may come once more."""
SLOWEST_RETRY = 60
SOON = 1.0
"""Seconds until it goes again for nothing."""
INSISTING = 3
"""Times that Telegram may close the gate to what it is paid for."""
UNPAID = frozenset[int]()
GIVEN_UP = timedelta(days=7)
"""After which is given up what Telegram never took, and would not expire by itself."""
log = structlog.get_logger()

Send = Callable[[int, Screen], Awaitable[Sequence[int]]]
"""To this chat; the message's id, of an album all of them, none of what was edited or deleted.
Raises what aiogram raises."""
Render = Callable[[Facts, Sequence[Told], Reader, datetime], Awaitable[Screen | None]]
"""One message for all of them; None: there is nothing to tell any more."""
Heard = Callable[[str, str], None]
"""What came of a message, and how urgent it was."""


class Sender:
    def __init__(
        self,
        sessions: Sessions,
        vault: Vault,
        clock: Clock,
        send: Send,
        limiter: Limiter,
        turn: Turn,
        render: Render = message,
        heard: Heard | None = None,
    ) -> None:
        self.sessions = sessions
        self.vault = vault
        self.clock = clock
        self.send = send
        self.render = render
        self.memory = Memory()
        self.turn = turn
        self.heard = heard
        self.limiter = limiter
        self.line = Line(limiter)
        self.support = Support("the database", is_any_trouble)
        self.held: dict[int, Parcel] = {}
        """By subscriber, all that is claimed and not settled: one at a time."""
        self.flying: set[asyncio.Task[None]] = set()
        self.outcomes: list[tuple[Parcel, Outcome]] = []
        self.looking = asyncio.Lock()
        self.hungry, self.filled, self.landed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.next_upkeep = float("-inf")
        self.refusals = 0
        """Of the paid pace, one after another."""

    @property
    def ahead(self) -> int:
        return max(LEAST_AHEAD, ceil(self.limiter.rate * AHEAD))

    @property
    def at_once(self) -> int:
        return at_once(self.limiter.rate)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what is on its way then is finished, the rest is given back."""
        loops = [asyncio.create_task(loop()) for loop in (self.feed, self.pump, self.book)]
        stopping = asyncio.create_task(stopped(stop))
        try:
            await asyncio.wait({*loops, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for loop in loops:
                if loop.done():
                    loop.result()  # it failed
        finally:
            await self.drain(*loops, stopping)

    async def drain(self, *loops: asyncio.Task[None]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                async with self.looking:  # what is being claimed just now is in the line then
                    await end(*loops)
                if self.flying:
                    await asyncio.wait(self.flying)
                self.give_back()
                await self.settle()
        await end(*loops, *self.flying)

    def give_back(self) -> None:
        """What has not gone yet."""
        for letter in self.line.empty():
            self.finish(letter.parcel, State.READY)

    # -- claiming ahead --------------------------------------------------------------------

    async def feed(self) -> None:
        while True:
            if await self.support.outlast(self.look):
                continue
            self.hungry.clear()
            await within(TICK, self.hungry)

    async def look(self) -> bool:
        """Whether there is more to do at once."""
        if is_time := monotonic() >= self.next_upkeep:
            await self.turn.kept()
        async with self.looking, self.sessions() as session:
            if is_time:
                await self.upkeep(session)
            open = await outbox.what_is_open(session)
            if open.stands_still:
                self.give_back()
                return False
            await self.know_paid(session, open.is_paid)
            if open.is_due:
                await self.expand(session)
            room = await self.room_for_others(session) if self.room(open.foremost) else 0
            seen = await self.refill(session, self.clock.now(), room) if room else 0
        return open.is_due or seen >= room > 0

    async def know_paid(self, session: AsyncSession, is_any: bool) -> None:
        """For which notices, from now on. Where Telegram takes no Stars, or not so many messages,
        one had better not insist."""
        if self.refusals >= INSISTING:
            is_any, self.line.paid = False, UNPAID
            await outbox.unpay(session)
            log.warning("Telegram does not take the paid pace: it goes on at the free one")
        self.line.paid = await outbox.paid(session, self.clock.now()) if is_any else UNPAID
        if not self.line.paid:
            self.refusals = 0
        if not self.limiter.is_fast(monotonic()):
            self.limiter.hasten(False)

    async def expand(self, session: AsyncSession) -> None:
        """Chunk after chunk of the most urgent, for a while; and then one looks what is to go."""
        until, priority = monotonic() + TICK, None
        while notice := await expansion.foremost(session):
            if priority is not None and (notice.priority > priority or monotonic() >= until):
                break
            priority = notice.priority
            await expansion.expand(session, notice, self.clock.now())

    def room(self, foremost: int | None) -> int:
        """For how many more, if this is the priority of the next one.

        Many are claimed together, for that costs little more than one; what is less urgent takes no
        room from it, though it be claimed already, but fewer come along then.
        """
        if foremost is None or len(self.line.aside) >= MOST_ASIDE:
            return 0
        before = self.line.before(foremost)
        if before >= self.ahead / 2:
            return 0
        unused = 2 * self.ahead - len(self.line.ready)
        return min(self.ahead - before, max(unused, self.ahead // AT_LEAST))

    async def room_for_others(self, session: AsyncSession) -> int:
        """What is ready for those who have something on its way is not claimed, and makes no room
        for what is. Nor do single urgent ones bring along more and more of the rest."""
        room = self.room(await outbox.foremost_of_others(session, self.held.keys()))
        most = len(Priority) * self.ahead + MOST_ASIDE + self.at_once
        return min(room, max(0, most - len(self.held)))

    async def upkeep(self, session: AsyncSession) -> None:
        if await waiting.is_over(session, self.clock.now()):
            held = {number for parcel in self.held.values() for number in parcel.ids}
            await waiting.wake(session, self.clock.now())
            await waiting.reclaim(session, self.clock.now(), held)
        self.next_upkeep = monotonic() + UPKEEP

    async def refill(self, session: AsyncSession, now: datetime, room: int) -> int:
        untold = await notices.untold(session)
        parcels, seen = await outbox.claim(session, now, room, self.held.keys(), untold)
        self.held |= {parcel.recipient.id: parcel for parcel in parcels}
        if parcels:
            facts = Facts(session, await campaign.version(session), self.memory)
            for parcel in parcels:
                await self.prepare(parcel, facts, now)
        return seen

    async def prepare(self, parcel: Parcel, facts: Facts, now: datetime) -> None:
        """Into the line with it; what cannot be rendered must not hold up the others."""
        try:
            chat = self.vault.open(parcel.recipient.chat_sealed, SEALED)
            told = [(item.notice, item.follow) for item in parcel.unheard]
            screen = await self.worded(facts, told, reader_of(parcel.recipient, chat), now)
            screen = screen and parcel.aimed(screen)
        except Exception as error:
            log.error("a message could not be rendered", exc_info=error)
            self.retry(parcel) if is_any_trouble(error) else self.finish(parcel, State.FAILED)
            return
        wait = self.limiter.free_at(chat) - monotonic()
        if screen is None:
            self.finish(parcel, State.DROPPED)
        elif wait > ASIDE:
            self.finish(parcel, State.WAITING, after=wait)
        else:
            self.line.put(Letter(parcel, chat, screen))
            self.filled.set()

    async def worded(
        self, facts: Facts, told: Sequence[Told], reader: Reader, now: datetime
    ) -> Screen | None:
        """What people write to each other is opened for this one message."""
        last = max((notice for notice, _ in told), key=lambda notice: notice.id)
        if last.kind in OF_QUESTIONS:
            own = facts.session, self.vault, last, reader.language
            return await question_notices.message(*own)
        return await self.render(facts, told, reader, now)

    # -- sending ---------------------------------------------------------------------------

    async def pump(self) -> None:
        while True:
            now = monotonic()
            if len(self.flying) >= self.at_once:
                await asyncio.wait(self.flying, return_when=asyncio.FIRST_COMPLETED)
            elif letter := self.line.pop(now):
                self.limiter.hasten(self.is_paid(letter, now))
                if wait := self.limiter.wait(now, letter.weight):
                    self.line.put(letter)
                    await asyncio.sleep(min(max(wait, NAP), TICK))
                else:
                    self.let_go(letter, now)
            else:
                self.hungry.set()
                self.filled.clear()
                await within(self.line.next_in(now), self.filled)

    def is_paid(self, letter: Letter, now: float) -> bool:
        """Stars are spent on what an owner pays for, and on what cannot wait and comes within a
        second of that. Any other broadcast goes in its turn, as soon as Telegram takes it for
        nothing: until then, for a second, those wait that are paid for and come after it."""
        hurries = not letter.can_wait and self.limiter.is_fast(now)
        return hurries or self.line.is_paid(letter)

    def let_go(self, letter: Letter, now: float) -> None:
        if len(self.line.ready) < self.ahead / 2:
            self.hungry.set()
        if letter.parcel.leased_until - self.clock.now() < LEASE - FRESH:
            self.finish(letter.parcel, State.READY)
            return
        own = self.line.is_paid(letter)
        if self.is_paid(letter, now):
            letter = replace(letter, screen=replace(letter.screen, is_paid=True))
        was_idle = self.limiter.take(letter.chat, now, letter.weight, paid=own)
        self.limiter.departs(letter.weight)
        task = asyncio.create_task(self.deliver(letter, was_idle))
        self.flying.add(task)
        task.add_done_callback(self.flying.discard)

    async def deliver(self, letter: Letter, was_idle: bool) -> None:
        """To some end, whatever goes wrong: nothing else would come to this chat."""
        try:
            verdict = await self.attempt(letter)
            if self.heard:
                self.heard(verdict.fate.name, Priority(letter.parcel.rank[0]).name)
            self.learn(letter, verdict, was_idle)
            await self.conclude(letter, verdict)
        except Exception as error:
            log.error("a message's end was not understood", exc_info=error)
            self.repeat(letter.parcel)

    async def attempt(self, letter: Letter) -> Verdict:
        since, verdict = monotonic(), Verdict(Fate.UNSURE)
        try:
            sent = tuple(await self.send(letter.chat, letter.screen))
            verdict = verdict_of_sent(letter.screen, sent)
        except Exception as error:
            verdict = verdict_of(error)
            if verdict.fate is Fate.FAILED:
                log.error("a message was refused", why=type(error).__name__)
        finally:
            answered, weight = verdict.is_answer, letter.weight
            self.limiter.arrived(since, monotonic(), answered=answered, weight=weight)
        return verdict

    def learn(self, letter: Letter, verdict: Verdict, was_idle: bool) -> None:
        chat, now, closed_until = letter.chat, monotonic(), self.limiter.closed_until
        if not verdict.is_answer:
            self.limiter.troubled(now)
        elif verdict.fate is Fate.LATER:
            self.limiter.refused(chat, now, verdict.seconds, was_idle=was_idle)
        else:
            self.limiter.answered(chat, now)
        if closed_until < now < self.limiter.closed_until:
            self.refusals += letter.screen.is_paid
            wait = round(self.limiter.closed_until - now, 1)
            log.warning("nothing is sent for a while", why=verdict.fate.name, seconds=wait)

    async def conclude(self, letter: Letter, verdict: Verdict) -> None:
        parcel = letter.parcel
        match verdict.fate:
            case Fate.SENT if verdict.album:
                wait = self.limiter.rests(letter.chat, monotonic(), letter.weight)
                self.finish(parcel, State.WAITING, after=wait, album=verdict.album)
            case Fate.SENT:
                self.finish(parcel, State.SENT, message_id=verdict.message_id)
            case Fate.LATER:
                wait = self.limiter.free_at(letter.chat) - monotonic()
                self.finish(parcel, State.WAITING, after=wait)
            case Fate.MOVED if (new := verdict.chat) and new != letter.chat:
                await self.support.outlast(partial(self.move, letter.chat, new))
                self.finish(parcel, State.READY)
            case Fate.UNPAID:
                self.pay_no_more()
                self.finish(parcel, State.WAITING, after=SOON)
            case Fate.TROUBLE | Fate.MOVED:
                self.retry(parcel)
            case Fate.UNSURE:
                self.repeat(parcel)
            case Fate.BLOCKED:
                has_moved = await self.support.outlast(partial(self.has_moved, letter))
                self.finish(parcel, State.READY if has_moved else State.BLOCKED)
            case Fate.FAILED | Fate.GONE:
                self.finish(parcel, State.FAILED)

    def pay_no_more(self) -> None:
        """Many say it that were on their way together: it counts once."""
        if self.line.paid or self.limiter.is_always_paid:
            self.refusals, self.line.paid = INSISTING, UNPAID
        self.limiter.pay_no_more()

    async def move(self, old: int, new: int) -> None:
        async with self.sessions() as session:
            await groups.move(session, self.vault, old, new)

    async def has_moved(self, letter: Letter) -> bool:
        """A group whose old chat refuses is told of it in the new one."""
        if letter.chat > 0:
            return False
        async with self.sessions() as session:
            now = await outbox.chat_of(session, letter.parcel.recipient.id)
        return now is None or self.vault.open(now, SEALED) != letter.chat

    def retry(self, parcel: Parcel) -> None:
        """Surely it was not sent: as long as anybody wants it, the longer the more seldom."""
        waits = self.clock.now() - parcel.due_at
        if waits > GIVEN_UP and not parcel.expires:
            self.give_up(parcel, "it never went")
        else:
            after = min(max(1.0, abs(waits.total_seconds()) / 4), SLOWEST_RETRY)
            self.finish(parcel, State.WAITING, after=after)

    def repeat(self, parcel: Parcel) -> None:
        """Perhaps it was sent."""
        if parcel.tries >= len(DOUBTS):
            self.give_up(parcel, "no answer came")
        else:
            self.finish(parcel, State.WAITING, after=DOUBTS[parcel.tries], tried=True)

    def give_up(self, parcel: Parcel, why: str) -> None:
        log.error("a message was given up", why=why)
        self.finish(parcel, State.FAILED)

    # -- settling --------------------------------------------------------------------------

    def finish(
        self,
        parcel: Parcel,
        state: State,
        *,
        after: float | None = None,
        message_id: int | None = None,
        tried: bool = False,
        album: tuple[int, ...] = (),
    ) -> None:
        later = None if after is None else self.clock.now() + timedelta(seconds=after)
        outcome = Outcome(parcel.ids, state, later, message_id, tried, album)
        self.outcomes.append((parcel, outcome))
        self.landed.set()

    async def book(self) -> None:
        while True:
            await self.landed.wait()
            await asyncio.sleep(SETTLE)
            self.landed.clear()
            await self.settle()

    async def settle(self) -> None:
        """Settled twice is no harm, lost would be: so they are forgotten only afterwards."""
        ended = list(self.outcomes)
        await self.support.outlast(partial(self.write, [outcome for _, outcome in ended]))
        del self.outcomes[: len(ended)]
        for parcel, _ in ended:
            self.held.pop(parcel.recipient.id, None)

    async def write(self, outcomes: list[Outcome]) -> None:
        async with self.sessions() as session:
            await settling.settle(session, outcomes, self.clock.now())


def verdict_of_sent(screen: Screen, numbers: tuple[int, ...]) -> Verdict:
    if screen.is_album:
        return Verdict(Fate.SENT, album=numbers)
    return Verdict(Fate.SENT, message_id=numbers[-1] if numbers else None)


def at_once(rate: float) -> int:
    """Requests under way that keep the rate though Telegram is slow."""
    return ceil(1.5 * rate * SLOWEST)


def reader_of(recipient: Recipient, chat: int) -> Reader:
    language, going, seats = recipient.language or SOURCE, recipient.going, recipient.seats
    return Reader(language, recipient.timezone, recipient.leads, chat < 0, going, seats)


async def stopped(stop: asyncio.Event) -> None:
    await stop.wait()


async def within(seconds: float | None, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
