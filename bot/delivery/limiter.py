"""When the next message may go: as fast as Telegram takes them, and never faster.

To all chats together by GCRA with a burst of one (a bucket of 30 would let 60 go in one rolling
second); and whatever that lets catch up after a late wake, no rolling second has more than `rate`.
To one chat one a second, to a group twenty a minute (Bot API FAQ, "Broadcasting to users").

What counts is when Telegram takes a message, and a network that stalls brings many at once. So what
is under way may come together with the next one, and what has been answered came as late as its
answer allows, the fastest round trip before it: these, too, are never more in a second than
Telegram takes.

Telegram's word counts more than ours: a chat that is told to wait waits; when several people's are,
within a few seconds, it is the bot that is too fast. Then the gate closes for all, and afterwards
opens slowly; they come back one by one, with others between them, and whoever of them is refused
again has had too many by itself. `now` is a monotonic clock in seconds; nothing here sleeps.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.config import FASTEST_RATE, USUAL_RATE

PRIVATE, GROUP = 1.0, 3.0
"""Seconds between two messages to one chat."""
CATCH_UP = 0.01
"""Seconds that a late wake may be made up for; timers are no more exact."""
TOGETHER = 5.0
"""Seconds in which the refusals of several chats have one cause."""
IDLE = 30.0
"""Seconds without a message after which a chat cannot have had too many."""
UNSAID = 5.0
"""Seconds to wait when Telegram does not say how many."""
FLOOR, CLIMB = 0.25, 20.0
"""The part of the rate with which an opened gate begins, and the seconds until it has all."""
SOON = 0.01
"""Seconds until one looks again whether an answer has come."""
LEARNING, LEARNING_FOR = 20, 2.0
"""Answers, and seconds since the first one, after which the fastest of them is taken for the way: a
machine that is busy makes all slow that are under way together."""
DRIFT = 0.01
"""By so much the fastest round trip grows in a second: the way may have become longer."""
SECOND = 1.005
"""Of Telegram's, and a little: of the way only there and back together are known. What came late
and was answered at once came by a part of the fastest round trip later than is reckoned."""
IN_STORE = 4
"""Of as many answers as went in the last second this part may come at once: it is kept free."""
OF_ANSWERS = 0.75
"""The part of the rate that answers take, however many wait: or a dozen who press on and on would
keep an alarm from everybody."""
AT_ONCE = 3
"""This part of the answers of a second may go at once, the others evenly: each process lets its own
go before it has heard of those of others."""
OVERDRAWN = 2.0
"""Seconds that answers wait at most for what has gone already, whatever others tell of."""
AWAY = 3
"""Requests without an answer, one after another, after which Telegram is taken to be away."""
FIRST, LONGEST = 0.5, 30.0
"""Seconds between two looks whether it is back."""
MANY = 1000


class Limiter:
    def __init__(self, rate: float, *, paid: bool = False) -> None:
        """`paid`: whatever the pace, Telegram may take its price for each message."""
        self.usual, self.is_always_paid, self.rate = rate, paid, rate
        self.paid_at = float("-inf")
        """When the last one went for whose pace somebody pays."""
        self.due = float("-inf")
        """When the next one is due by the pace alone ("theoretical arrival time")."""
        self.recent: deque[float] = deque(maxlen=int(rate))
        self.most = most_of(rate)
        """That Telegram takes in a second: the rate is a little below it."""
        self.under_way = 0
        self.came: deque[float] = deque()
        """When those that were answered came to Telegram, at the latest."""
        self.waiting = 0
        """Answers that wait for their turn."""
        self.begun: deque[float] = deque()
        """When answers went in the last second, here and elsewhere."""
        self.begun_here: deque[float] = deque()
        self.turn_due = float("-inf")
        """When the next one is due by the pace of answers alone."""
        self.spent: deque[float] = deque()
        """When answers went past the line in the last second: those that count."""
        self.answering = 0
        """Those of them that are under way."""
        self.landed: deque[float] = deque()
        """When those came to Telegram that did in the last second."""
        self.fastest, self.measured_at = float("inf"), 0.0
        """Seconds of the fastest round trip, and when it was looked at last."""
        self.answers, self.learning_since = 0, float("inf")
        self.sent: dict[int, float] = {}
        """Of each chat that is not idle, the oldest first."""
        self.told: dict[int, float] = {}
        """Until when chats wait because Telegram said so; remembered a little longer."""
        self.apart = 2 / (FLOOR * rate)
        """Seconds between those who come back: in an opened gate every second one is another."""
        self.hits: dict[int, float] = {}
        """The last refusal of each chat, the oldest first."""
        self.closed_until = float("-inf")
        self.closed_for = 0.0
        """Seconds in all, those until `closed_until` included."""
        self.late_answers = 0
        """Of those that went past the line, how many Telegram told to wait."""
        self.failing = 0
        """Requests without an answer since the last one that had one."""
        self.away_for = FIRST
        self.when_spent: Callable[[], None] = lambda: None
        """Called with every answer of this process: others may have to hear of it."""

    def hasten(self, is_wanted: bool) -> None:
        """For the next message: to the paid pace, or back. What went in the last second counts
        after it, too."""
        rate = max(self.usual, FASTEST_RATE) if is_wanted else self.usual
        if rate == self.rate:
            return
        self.rate, self.apart = rate, 2 / (FLOOR * rate)
        self.recent = deque(self.recent, maxlen=int(rate))
        self.most = most_of(rate)

    def pay_no_more(self) -> None:
        """The bot has too few Stars: also of what the settings say until it is started anew."""
        self.usual, self.is_always_paid = min(self.usual, USUAL_RATE), False
        self.paid_at = float("-inf")
        self.hasten(False)

    def is_fast(self, now: float) -> bool:
        """More than is free may have gone in the last second: what comes now and cannot wait is
        refused, unless it is paid for, too."""
        return now < self.paid_at + SECOND

    def pays(self, now: float) -> bool:
        """For what cannot wait, as answers."""
        return self.is_always_paid or self.is_fast(now)

    def wait(self, now: float, weight: int = 1) -> float:
        """Seconds until a message may go to anybody at all; an album is as many as it shows."""
        earliest = max(self.due, self.closed_until, self.room_at(now, weight))
        over = len(self.recent) + weight - int(self.rate)
        if over > 0 and self.recent:
            earliest = max(earliest, self.recent[min(over, len(self.recent)) - 1] + 1)
        return max(0.0, earliest - now)

    def room_at(self, now: float, weight: int = 1) -> float:
        """When Telegram has room for so many more, whatever the network does."""
        self.forget(now)
        kept_free = min(len(self.spent) // IN_STORE, self.left_to_answers)
        over = self.under_way + len(self.came) + min(weight, self.most) + kept_free - self.most
        if over <= 0:
            return now
        return self.came[over - 1] + SECOND if over <= len(self.came) else now + SOON

    def forget(self, now: float) -> None:
        """What is more than a second ago; also where nothing is sent, only answered."""
        while self.came and self.came[0] + SECOND <= now:
            self.came.popleft()
        for times in (self.begun, self.begun_here, self.spent, self.landed):
            while times and times[0] + SECOND <= now:
                times.popleft()

    def departs(self, weight: int = 1) -> None:
        self.under_way += weight

    def arrived(self, since: float, now: float, *, answered: bool = True, weight: int = 1) -> None:
        """Something that went at `since` is under way no more."""
        self.under_way -= weight
        if not answered:
            self.came.extend([now] * weight)
            return
        grown = self.fastest * (1 + DRIFT * (now - self.measured_at))
        self.fastest, self.measured_at = min(now - since, grown), now
        self.answers, self.learning_since = self.answers + 1, min(self.learning_since, now)
        self.came.extend([now - self.fastest if self.knows_the_way(now) else now] * weight)

    def knows_the_way(self, now: float) -> bool:
        return self.answers > LEARNING and now - self.learning_since >= LEARNING_FOR

    def free_at(self, chat: int) -> float:
        """When this chat may have a message."""
        last = self.sent.get(chat, float("-inf"))
        return max(last + pause(chat), self.told.get(chat, float("-inf")))

    def take(self, chat: int, now: float, weight: int = 1, *, paid: bool = False) -> bool:
        """A message goes to this chat now. Whether it had none for long. `paid`: its pace is."""
        self.paid_at = now if paid else self.paid_at
        drop_until(self.sent, now - IDLE)
        was_idle = chat not in self.sent
        self.has(chat, now)
        self.due = max(self.due, now - CATCH_UP) + weight / self.rate_at(now)
        self.recent.extend([now] * weight)
        return was_idle

    def rests(self, chat: int, now: float, weight: int) -> float:
        """After an album a chat has had many at once. Seconds until it may have another one."""
        self.told[chat] = max(self.told.get(chat, now), now + weight * pause(chat))
        return self.told[chat] - now

    def has(self, chat: int, now: float) -> None:
        """A message. Chats stand in the order of their last ones."""
        self.sent.pop(chat, None)
        self.sent[chat] = now

    def spend(self, chat: int | None, now: float) -> bool:
        """An answer went to this chat, past the line: people who wait come before all others.
        Whether it counts."""
        if chat is not None:
            drop_until(self.sent, now - IDLE)
            self.has(chat, now)
        self.forget(now)
        self.begun_here.append(now)
        self.begin_answers(1, now)
        if counts := self.left_to_answers > 0:
            self.count(now)
        self.when_spent()
        return counts

    def spend_elsewhere(self, number: int, now: float) -> None:
        """So many answers went from other processes of this bot, and have come to Telegram."""
        self.forget(now)
        self.begin_answers(number, now)
        number = min(number, self.left_to_answers)
        for _ in range(number):
            self.count(now)
        self.came.extend([now] * number)
        self.landed.extend([now] * number)

    def wait_to_answer(self, now: float) -> float:
        """Seconds until an answer may go: of the rate only a part is for them."""
        self.forget(now)
        most = self.most_answers(now)
        over = len(self.begun) - most
        room = self.begun[over] + SECOND if over >= 0 else now
        at_once = max(1, most // AT_ONCE)
        return max(0.0, room - now, self.turn_due - (at_once - 1) / most - now)

    def begin_answers(self, number: int, now: float) -> None:
        self.begun.extend([now] * number)
        due = max(self.turn_due, now) + number / self.most_answers(now)
        self.turn_due = min(due, now + OVERDRAWN)

    @contextmanager
    def answer_waits(self) -> Iterator[None]:
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1

    def lateness(self, now: float) -> float:
        """Seconds that an answer has to wait for those before it, about: other processes have their
        share of the turns."""
        self.forget(now)
        share = max(1, len(self.begun_here)) / max(1, len(self.begun))
        return self.waiting / (share * self.most_answers(now))

    def most_answers(self, now: float) -> int:
        """In a second."""
        rate = max(self.rate, FASTEST_RATE) if self.is_fast(now) else self.usual
        return max(1, int(OF_ANSWERS * rate))

    def answer_departs(self) -> None:
        """One that counts."""
        self.departs()
        self.answering += 1

    def answer_lands(self, now: float) -> None:
        self.arrived(now, now, answered=False)
        self.answering -= 1
        self.landed.append(now)

    @property
    def left_to_answers(self) -> int:
        """Of what they may take in a second."""
        on_the_way = self.answering + len(self.landed)
        return max(0, int(OF_ANSWERS * self.rate) - max(len(self.spent), on_the_way))

    def count(self, now: float) -> None:
        self.spent.append(now)
        self.due = min(max(self.due, now) + 1 / self.rate, now + 1)
        self.recent.append(now)

    def rate_at(self, now: float) -> float:
        """After the gate was closed it climbs."""
        climbed = max(0.0, now - self.closed_until) / CLIMB
        return self.rate * min(1.0, FLOOR + (1 - FLOOR) * climbed)

    def refused(self, chat: int, now: float, seconds: float | None, *, was_idle: bool) -> None:
        """Telegram told this chat to wait.

        A group has a limit of its own, and so has whoever is refused again after such a wait: that
        says nothing of the bot. One that had no message for long cannot have had too many: then it
        is the bot. But one chat's word closes the gate only until others have had the time to say
        the same.
        """
        self.there(chat, now)
        seconds = UNSAID if seconds is None else seconds
        is_again = self.told.get(chat, float("-inf")) + IDLE > now
        self.told[chat] = now + seconds
        if chat < 0 or is_again:
            return
        self.hits.pop(chat, None)
        self.hits[chat] = now
        drop_until(self.hits, now - TOGETHER)
        self.told[chat] += (len(self.hits) - 1) * self.apart
        if len(self.hits) > 1:
            self.shut(now, now + seconds)
        elif was_idle:
            self.shut(now, now + min(seconds, TOGETHER))

    def troubled(self, now: float) -> None:
        """No answer, or none of Telegram's own. Again and again: it is away."""
        self.failing += 1
        if self.failing >= AWAY and now >= self.closed_until:
            self.shut(now, now + self.away_for)
            self.away_for = min(2 * self.away_for, LONGEST)

    def answered(self, chat: int, now: float) -> None:
        """Telegram did not tell this chat to wait."""
        self.there(chat, now)
        self.told.pop(chat, None)
        if len(self.told) > MANY:
            self.told = {chat: until for chat, until in self.told.items() if until + IDLE > now}

    def there(self, chat: int, now: float) -> None:
        """Telegram is. This chat's pause begins again: the message came no later than now."""
        self.failing, self.away_for = 0, FIRST
        self.has(chat, now)

    def shut(self, now: float, until: float) -> None:
        self.closed_for += max(0.0, until - max(now, self.closed_until))
        self.close(until)

    def close(self, until: float) -> None:
        self.closed_until = max(self.closed_until, until)


def most_of(rate: float) -> int:
    return int(rate) + max(1, int(rate) // 50)


def pause(chat: int) -> float:
    return GROUP if chat < 0 else PRIVATE


def drop_until(times: dict[int, float], moment: float) -> None:
    """They stand in the order of their times."""
    while times:
        oldest = next(iter(times))
        if times[oldest] > moment:
            return
        del times[oldest]
