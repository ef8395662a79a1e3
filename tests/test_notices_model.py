"""Whatever happens in whatever order: the notices that a plain model says must be there, are."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from bot.db import dispose, make_engine, make_sessions
from bot.services import campaign, campaign_file
from models import LEADS, Hearing, Kind, Notice
from tests import IN_CI
from tests.databases import Databases
from tests.test_notices import ANOTHER_COURT, FORMAT, Campaign

NOW = datetime(2026, 10, 20, 12, 0, tzinfo=UTC)  # five days before Europe's clocks go back
ZONES = {"kamensk-city": ZoneInfo("Asia/Yekaterinburg"), "riga": ZoneInfo("Europe/Riga")}
SLUGS = ("one", "two", "three")
SETTLE = timedelta(minutes=2)
DAY = timedelta(days=1)

slugs = st.sampled_from(SLUGS)
minutes = st.one_of(st.integers(10, 300), st.integers(300, 15 * 24 * 60))


@dataclass(frozen=True)
class Known:
    """A hearing, as it is or as people were told that it is."""

    start: datetime
    court: str = "kamensk-city"
    room: str = "1"
    public: bool = True
    status: str = "scheduled"
    outcome: str = ""

    def comes(self, now: datetime) -> bool:
        return self.status == "scheduled" and now < self.start

    def where_and_when(self) -> tuple[Any, ...]:
        wall = self.start.astimezone(ZONES[self.court]).replace(tzinfo=None)
        return self.start, wall, self.court, self.room

    def as_told(self) -> tuple[Any, ...]:
        return *self.where_and_when(), self.public

    def revised(self) -> tuple[Any, ...]:
        """What a calendar has to learn of."""
        return *self.where_and_when(), self.status


@dataclass
class Model:
    """Plain: every hearing is looked at, at every tick."""

    known: dict[str, Known]
    told: dict[str, Known]
    revised: dict[str, int]
    version: dict[str, int]
    waiting: dict[int, datetime]
    """Versions that were seen and are not settled."""
    last: int
    """The version that was seen last …"""
    settled: int
    """… and the last one that has settled."""
    must: Counter[tuple[Any, ...]]
    reminded: dict[str, tuple[datetime, set[int]]] = field(default_factory=dict)
    """Of which start at last, and by which leads."""

    def tick(self, now: datetime, version: int) -> None:
        if version > self.last:
            fresh = [slug for slug in self.known if self.version[slug] > self.last]
            if any(self.is_near(slug, now) for slug in fresh):  # all are of one case
                for slug in fresh:
                    self.tell(slug, now)
            self.waiting[version] = now
            self.last = version
        over = [one for one, seen in self.waiting.items() if not seen <= now < seen + SETTLE]
        self.settled = max([self.settled, *over])
        self.waiting = {one: at for one, at in self.waiting.items() if one > self.settled}
        for slug in [slug for slug in self.known if self.version[slug] <= self.settled]:
            self.tell(slug, now)
        for slug in self.known:
            if self.version[slug] <= self.last and self.told.get(slug) == self.known[slug]:
                self.remind(slug, now)

    def is_near(self, slug: str, now: datetime) -> bool:
        """And not as it was told."""
        both = [self.known[slug], self.told.get(slug, self.known[slug])]
        differs = self.known[slug] != self.told.get(slug)
        return differs and any(abs(one.start - now) <= DAY for one in both)

    def tell(self, slug: str, now: datetime) -> None:
        told, is_now = self.told.get(slug), self.known[slug]
        kind = news(told, is_now, now)
        if kind and told != is_now:
            self.must[kind, slug, self.version[slug]] += 1
        self.told[slug] = is_now

    def remind(self, slug: str, now: datetime) -> None:
        """Of each start once, unless of another one since; whoever is told of a change after the
        lead time is left out."""
        start = self.known[slug].start
        last, had = self.reminded.get(slug, (start, set()))
        had = had if last == start else set()
        for lead in LEADS if self.known[slug].comes(now) else ():
            due = start - timedelta(minutes=lead)
            if due <= now and lead not in had:
                had.add(lead)
                self.reminded[slug] = start, had
                self.must["reminder", slug, self.revised[slug], lead] = 1


def news(told: Known | None, is_now: Known, now: datetime) -> str | None:
    expected = bool(told and told.comes(now))
    if is_now.comes(now):
        if told is None or not expected:
            return "set"
        return "moved" if told.as_told() != is_now.as_told() else None
    if is_now.status in ("cancelled", "adjourned") and told and told.status == "scheduled":
        return "cancelled" if expected or is_now.status == "cancelled" else "outcome"
    if expected:
        return "moved" if is_now.status == "scheduled" else "outcome"
    is_new = is_now.outcome and (told is None or told.outcome != is_now.outcome)
    decided = is_now.status == "decided" and (told is None or told.status != "decided")
    return "outcome" if is_new or decided else None


class Notices(RuleBasedStateMachine):
    databases: Databases
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = make_engine(self.fresh())
        self.campaign = Campaign(make_sessions(self.engine), now=NOW)
        self.model = Model({}, {}, {}, {}, {}, 0, 0, Counter())

    def fresh(self) -> str:
        raise NotImplementedError

    @initialize()
    def begin(self) -> None:
        self.run(self.campaign.takes(FORMAT))
        gone = "hearings: [{slug: port-strike-1, remove: true}]"
        self.run(self.campaign.takes(gone + ANOTHER_COURT))
        self.run(self.campaign.ticks())
        self.model.last = self.model.settled = self.run(self.present_version())

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    async def present_version(self) -> int:
        async with self.campaign.sessions() as session:
            return (await campaign.version(session)).number

    def change(self, slug: str, after: Known) -> None:
        """As a file says it; what the file may not say changes nothing."""
        facts = {
            "slug": slug,
            "court": after.court,
            "starts_at": after.start.isoformat(),
            "room": after.room,
            "public": after.public,
            "status": after.status,
            "outcome": {"en": after.outcome} if after.outcome else None,
        }
        before, version = self.model.known.get(slug), self.run(self.present_version())
        try:
            self.run(self.campaign.hearing(**facts))
        except campaign_file.CampaignFileError:
            return
        if (now_it_is := self.run(self.present_version())) == version:
            return
        self.model.version[slug] = now_it_is
        if before is None or before.revised() != after.revised():
            self.model.revised[slug] = now_it_is
        self.model.known[slug] = after

    def whole_minute(self, later: int) -> datetime:
        return (self.campaign.now + timedelta(minutes=later)).replace(second=0, microsecond=0)

    @rule(slug=slugs, later=minutes)
    def is_set_or_moved(self, slug: str, later: int) -> None:
        before = self.model.known.get(slug, Known(NOW))
        after = replace(before, start=self.whole_minute(later), status="scheduled", outcome="")
        self.change(slug, after)

    @rule(slug=slugs, court=st.sampled_from(sorted(ZONES)), room=st.sampled_from("123"))
    def is_elsewhere(self, slug: str, court: str, room: str) -> None:
        if slug in self.model.known:
            self.change(slug, replace(self.model.known[slug], court=court, room=room))

    @rule(slug=slugs, public=st.booleans())
    def lets_people_in(self, slug: str, public: bool) -> None:
        if slug in self.model.known:
            self.change(slug, replace(self.model.known[slug], public=public))

    @rule(
        slug=slugs,
        status=st.sampled_from(["cancelled", "adjourned", "scheduled", "decided", "held"]),
        outcome=st.sampled_from(["", "acquitted", "seven years"]),
    )
    def is_over(self, slug: str, status: str, outcome: str) -> None:
        if slug in self.model.known:
            before = self.model.known[slug]
            self.change(slug, replace(before, status=status, outcome=outcome or before.outcome))

    @rule(seconds=st.one_of(st.integers(1, 200), st.integers(200, 5 * 86400)))
    def time_passes_without_a_look(self, seconds: int) -> None:
        self.campaign.now += timedelta(seconds=seconds)

    @rule(hours=st.integers(1, 48))
    def the_clock_is_set_back(self, hours: int) -> None:
        self.campaign.now -= timedelta(hours=hours)

    @rule(seconds=st.sampled_from([0, 5, 60, 119, 120, 121, 3600, 86400]))
    def a_look(self, seconds: int) -> None:
        self.run(self.campaign.ticks(timedelta(seconds=seconds)))
        self.model.tick(self.campaign.now, self.run(self.present_version()))
        assert self.run(self.there()) == self.model.must

    async def there(self) -> Counter[tuple[Any, ...]]:
        async with self.campaign.sessions() as session:
            query = select(Notice, Hearing.slug).join(Hearing, Hearing.id == Notice.thing_id)
            rows = (await session.execute(query)).all()
        return Counter(told(notice, slug) for notice, slug in rows)

    def teardown(self) -> None:
        self.run(dispose(self.engine))
        self.runner.close()


def told(notice: Notice, slug: str) -> tuple[Any, ...]:
    """As the model names it."""
    _kind, *_thing, last = notice.key.split(":")
    if notice.kind == Kind.REMINDER:
        return "reminder", slug, int(notice.key.split(":")[2]), notice.lead
    return str(notice.kind), slug, int(last)


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 12), ("postgresql", 6)])
def test_what_must_be_told_is_told_once(
    database: str, examples: int, databases: Databases, tmp_path: Any
) -> None:
    class There(Notices):
        def fresh(self) -> str:
            return databases.fresh(database, tmp_path / "model.db")

    few = settings(
        max_examples=examples if IN_CI else examples // 2,
        stateful_step_count=25,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(There, settings=few)
