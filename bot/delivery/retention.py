"""What is forgotten by itself: by the sender as time goes by, and by `forget-old`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.crypto import Vault
from bot.db import Sessions, wiped
from bot.delivery import waiting
from bot.services import retention, subscribers
from bot.services.retention import Counts, Rule, What

RULES: Mapping[What, Rule] = {
    **retention.RULES,
    What.MESSAGES: Rule(waiting.KEPT, waiting.drop_old),
}
KEPT: Mapping[What, timedelta] = {
    What.IDLE: subscribers.IDLE,
    **{what: rule.after for what, rule in RULES.items()},
}
"""How long each thing is kept."""
log = structlog.get_logger()


async def some(session: AsyncSession, now: datetime) -> Counts:
    """Of each thing a part: a moment's work, but for those who are idle."""
    return Counts({what: await rule.forget(session, now) for what, rule in RULES.items()})


async def everything(session: AsyncSession, vault: Vault, now: datetime) -> Counts:
    counts = Counts({What.IDLE: await subscribers.drop_idle(session, vault, now)})
    while more := +await some(session, now):
        counts += more
    await wiped(session)
    return +counts


@dataclass
class Nights:
    """Once a day: those who are idle, for whom all are looked through; and what the day's looks
    have forgotten is told, as numbers."""

    vault: Vault
    heard: Callable[[str, int], None]
    """Told how many of what are gone."""
    counts: Counts = field(default_factory=Counts)
    last: date | None = None

    def add(self, counts: Counts) -> None:
        self.counts += counts
        for what, number in (+counts).items():
            self.heard(what.value, number)

    async def look(self, sessions: Sessions, clock: Clock) -> None:
        today = clock.now().date()
        if today == self.last:
            return
        async with sessions() as session:
            idle = await subscribers.drop_idle(session, self.vault, clock.now())
            self.add(Counts({What.IDLE: idle}))
            await wiped(session)
        if told := +self.counts:
            log.info(
                "forgotten since the last night", **{what.value: n for what, n in told.items()}
            )
        self.counts.clear()
        self.last = today
