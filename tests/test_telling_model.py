"""Whatever happens in whatever order: people are told what they wanted to know, and once.

The whole way of a message but Telegram: follows, imports, looks for what is due, the outbox, the
words. Against a plain model of what everybody wants, was told, and so believes.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import dispose, make_engine, make_sessions
from bot.delivery import rendering, sender
from bot.delivery.limiter import Limiter
from bot.delivery.line import Letter
from bot.delivery.rendering import Told
from bot.delivery.sender import Sender
from bot.screen import Screen
from bot.services import alerts, attendance, campaign, campaign_file, follows, subscribers
from bot.services.facts import Facts
from bot.services.follows import Target
from bot.services.notices import HearingNow, News, Reader
from bot.turn import SENDING, Turn
from models import (
    ALERTS,
    LEADS,
    USUAL_LEADS,
    Case,
    Court,
    Defendant,
    Delivery,
    Hearing,
    Kind,
    Notice,
    State,
    Subject,
    Subscriber,
)
from tests import IN_CI
from tests.databases import Databases
from tests.test_notices import ANOTHER_COURT, FORMAT, Campaign
from tests.test_notices_model import ZONES, Known
from tests.town import VAULT, TownClock

NOW = datetime(2026, 10, 22, 12, 0, tzinfo=UTC)  # three days before Europe's clocks go back
HOME = "Europe/Moscow"
SLUGS = ("one", "two")
PEOPLE = (1001, 1002, 1003)
ZONE_NAMES = ("Europe/Riga", "Asia/Yekaterinburg")
TARGETS = ("ivan-lodkin", "marta-vetrova", "port-strike", "kamensk-city", "riga", "all")
TIME_TO_ACT = timedelta(hours=3)
TIME_TO_STAY = timedelta(minutes=90)
EVERY_KIND = sum(ALERTS.values())

slugs, people = st.sampled_from(SLUGS), st.sampled_from(PEOPLE)
minutes = st.one_of(st.integers(10, 300), st.integers(300, 9 * 24 * 60))
statuses = st.tuples(
    st.just("defendant"),
    st.just("ivan-lodkin"),
    st.sampled_from(["transfer", "pre_trial_detention", "restricted"]),
)
stages = st.tuples(
    st.just("case"), st.just("port-strike"), st.sampled_from(["trial", "appeal", "cassation"])
)
Thing = tuple[str, int]
"""Subject and number."""


@dataclass
class One:
    """Somebody: what they want, and what they believe."""

    follows: dict[str, bool] = field(default_factory=dict)
    """Muted or not."""
    comes: set[Thing] = field(default_factory=set)
    alerts: int = EVERY_KIND
    leads: int = USUAL_LEADS
    quiet: tuple[int, int] | None = None
    zone: str = HOME
    silent_until: datetime | None = None
    told: dict[Thing, int] = field(default_factory=dict)
    """The version of the campaign as of which they were told of it last."""
    heard_at: dict[Thing, datetime] = field(default_factory=dict)
    """When they were told of its last change; by a clock that was set back since, when that was
    noticed."""
    believes: dict[Thing, Any] = field(default_factory=dict)
    """Of all that they have wanted to know without a break; nothing: they know of none."""
    reminded: dict[tuple[Thing, int], list[int]] = field(default_factory=dict)
    """The lead times, by hearing and revision."""
    owed: set[tuple[Thing, int, int]] = field(default_factory=set)
    """Reminders that came due while they wanted them."""

    def is_quiet(self, now: datetime) -> bool:
        if self.quiet is None:
            return False
        since, until = self.quiet
        hour = now.astimezone(ZoneInfo(self.zone)).hour
        return since <= hour < until if since < until else hour >= since or hour < until

    def is_silent(self, now: datetime) -> bool:
        return self.silent_until is not None and now < self.silent_until


class Telling(RuleBasedStateMachine):
    databases: Databases

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.engine = make_engine(self.fresh())
        self.campaign = Campaign(make_sessions(self.engine), now=NOW)
        self.clock = TownClock(NOW)
        self.everybody = {chat: One() for chat in PEOPLE}
        self.present: dict[Thing, Any] = {}
        """As things are; None: removed."""
        self.changed: dict[Thing, int] = {}
        """The version of the last change that can be seen."""
        self.revised: dict[Thing, int] = {}
        self.numbers: dict[str, int] = {}
        """Of what can be followed."""
        self.ids: dict[str, Thing] = {}
        """The hearing that has this slug now."""
        self.said: dict[int, list[News]] = {}
        """By the screen that says it."""
        self.was_set_back = False
        self.sender = self.run(self.make_sender())

    def fresh(self) -> str:
        raise NotImplementedError

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    @property
    def now(self) -> datetime:
        return self.campaign.now

    async def make_sender(self) -> Sender:
        async def ours() -> bool:
            return True

        async def nowhere(_chat: int, _screen: Screen) -> int:
            raise NotImplementedError

        turn, limiter = Turn(ours, SENDING), Limiter(29)
        sessions = self.campaign.sessions
        return Sender(sessions, VAULT, self.clock, nowhere, limiter, turn, self.render)

    async def render(
        self, facts: Facts, told: Sequence[Told], reader: Reader, now: datetime
    ) -> Screen | None:
        """The words, and what they are made from."""
        kept = list[News]()
        facts.made.clear()  # what was said to another in the same words is not worded again
        worded = rendering.worded

        async def overheard(facts: Facts, told: Sequence[tuple[News, Any]], *rest: Any) -> Any:
            kept.extend(news for news, _follow in told)
            return await worded(facts, told, *rest)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rendering, "worded", overheard)
            screen = await rendering.message(facts, told, reader, now)
        if screen is not None:
            self.said[id(screen)] = kept
        return screen

    # -- the campaign ----------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        self.run(self.campaign.takes(FORMAT))
        gone = "hearings: [{slug: port-strike-1, remove: true}]"
        self.run(self.campaign.takes(gone + ANOTHER_COURT))
        self.run(self.campaign.ticks())
        self.run(self.learn_numbers())
        self.follows_or_does_not(PEOPLE[0], "ivan-lodkin", "follow")
        self.follows_or_does_not(PEOPLE[1], "port-strike", "follow")
        self.sets_quiet_hours(PEOPLE[1], (22, 8), "Europe/Riga")
        self.is_set_or_moved("one", 5 * 24 * 60)

    async def learn_numbers(self) -> None:
        async with self.campaign.sessions() as session:
            for table in (Defendant, Case, Court):
                rows = await session.execute(select(table.slug, table.id))
                self.numbers |= {slug: number for slug, number in rows}
            for person in await session.scalars(select(Defendant)):
                self.present["defendant", person.id] = str(person.status)
            for case in await session.scalars(select(Case)):
                self.present["case", case.id] = str(case.stage)

    async def read(self) -> tuple[int, dict[str, int]]:
        """The campaign's version, and the numbers of the hearings."""
        async with self.campaign.sessions() as session:
            rows = await session.execute(select(Hearing.slug, Hearing.id))
            return (await campaign.version(session)).number, {slug: one for slug, one in rows}

    def takes(self, text: str) -> int | None:
        """The version that it makes; nothing, if it changes nothing or may not be said."""
        before, _ = self.run(self.read())
        with suppress(campaign_file.CampaignFileError):
            self.run(self.campaign.takes(text))
        version, _ = self.run(self.read())
        return version if version > before else None

    def becomes(self, thing: Thing, state: Any, version: int) -> None:
        before = self.present.get(thing)
        self.present[thing] = state
        if before != state:
            self.changed[thing] = version
        if thing[0] == "hearing":
            revised = [one.revised() if one else None for one in (before, state)]
            if revised[0] != revised[1]:
                self.revised[thing] = version
        self.forget_what_is_unwanted()

    def of_slug(self, slug: str) -> Known | None:
        return self.present.get(self.ids[slug]) if slug in self.ids else None

    def change(self, slug: str, after: Known) -> None:
        outcome = f"{{en: {after.outcome}}}" if after.outcome else "null"
        version = self.takes(
            f"hearings: [{{slug: {slug}, case: port-strike, court: {after.court}, kind: merits,"
            f" starts_at: '{after.start.isoformat()}', room: '{after.room}',"
            f" status: {after.status}, outcome: {outcome}}}]"
        )
        if version:
            self.ids[slug] = ("hearing", self.run(self.read())[1][slug])
            self.becomes(self.ids[slug], after, version)

    @rule(slug=slugs, later=minutes)
    def is_set_or_moved(self, slug: str, later: int) -> None:
        start = (self.now + timedelta(minutes=later)).replace(second=0, microsecond=0)
        before = self.of_slug(slug) or Known(start)
        self.change(slug, replace(before, start=start, status="scheduled", outcome=""))

    @rule(slug=slugs, court=st.sampled_from(sorted(ZONES)), room=st.sampled_from("123"))
    def is_elsewhere(self, slug: str, court: str, room: str) -> None:
        if before := self.of_slug(slug):
            self.change(slug, replace(before, court=court, room=room))

    @rule(
        slug=slugs,
        status=st.sampled_from(["cancelled", "adjourned", "scheduled", "decided", "held"]),
        outcome=st.sampled_from(["", "acquitted"]),
    )
    def is_off_or_over_or_on_again(self, slug: str, status: str, outcome: str) -> None:
        if before := self.of_slug(slug):
            outcome = "" if status == "scheduled" else outcome
            self.change(slug, replace(before, status=status, outcome=outcome))

    @rule(slug=slugs)
    def is_removed(self, slug: str) -> None:
        if self.of_slug(slug):
            version = self.takes(f"hearings: [{{slug: {slug}, remove: true}}]")
            assert version
            self.becomes(self.ids.pop(slug), None, version)

    @rule(slug=slugs, looks=st.lists(st.sampled_from([0, 60, 121]), max_size=2))
    def is_removed_and_entered_anew(self, slug: str, looks: list[int]) -> None:
        """To people it is the same one; who has heard of the removal hears of that, too."""
        self.what_changed_settles()
        before = self.of_slug(slug)
        if not before or not before.comes(self.now + timedelta(minutes=9)) or self.has_twin(slug):
            return
        gone = self.ids[slug]
        self.is_removed(slug)
        for seconds in looks:
            self.a_look(seconds)
        self.change(slug, before)
        self.inherit(gone, self.ids[slug])
        self.a_look(0)

    def has_twin(self, slug: str) -> bool:
        """Another at the same moment in the same court, that would stand for it."""
        places = [(one.start, one.court) for each in SLUGS if (one := self.of_slug(each))]
        return len(places) > len(set(places))

    def inherit(self, gone: Thing, heir: Thing) -> None:
        del self.present[gone]
        for one in self.all:
            for known in (one.told, one.heard_at, one.believes):
                if gone in known:
                    known[heir] = known.pop(gone)
            if gone in one.comes:
                one.comes.remove(gone)
                one.comes.add(heir)
            one.owed = {owed for owed in one.owed if owed[0] != gone}
        self.forget_what_is_unwanted()

    @rule(what=st.one_of(statuses, stages))
    def something_else_is_so(self, what: tuple[str, str, str]) -> None:
        subject, slug, state = what
        facts = f"stage: {state}"
        if subject == "defendant":
            facts = f"defendants: [{{slug: {slug}, status: {state}}}]"
        version = self.takes(f"cases: [{{slug: port-strike, {facts}}}]")
        if version:
            self.becomes((subject, self.numbers[slug]), state, version)

    # -- people ----------------------------------------------------------------------------

    def does(self, chat: int, work: Any) -> None:
        async def act() -> None:
            async with self.campaign.sessions() as session:
                seen = await subscribers.find(session, VAULT, chat, self.now)
                await work(session, seen.subscriber)

        self.run(act())
        self.forget_what_is_unwanted()

    def target(self, name: str) -> Target:
        if name == "all":
            return follows.EVERYTHING
        subjects = {"port-strike": Subject.CASE, "riga": Subject.CITY, "kamensk-city": Subject.CITY}
        return Target(subjects.get(name, Subject.DEFENDANT), self.numbers[name])

    @rule(
        chat=people,
        name=st.sampled_from(TARGETS),
        does=st.sampled_from(["follow", "follow", "end", "mute", "unmute"]),
    )
    def follows_or_does_not(self, chat: int, name: str, does: str) -> None:
        target, mine = self.target(name), self.everybody[chat].follows

        async def work(session: AsyncSession, who: Subscriber) -> None:
            if does == "follow":
                await follows.follow(session, VAULT, who, chat, target, self.now)
                mine.setdefault(name, False)
            elif does == "end":
                await follows.unfollow(session, who, target)
                mine.pop(name, None)
            elif name in mine:
                number = await session.scalar(follows.which(who, target))
                mine[name] = does == "mute"
                await follows.mute(session, who, number or 0, mine[name])

        self.does(chat, work)

    @rule(
        chat=people,
        switch=st.one_of(
            st.sampled_from([alerts.alert(kind) for kind in ALERTS]),
            st.sampled_from([alerts.lead(minutes) for minutes in LEADS]),
        ),
        on=st.sampled_from([True, True, False]),
    )
    def switches(self, chat: int, switch: alerts.Switch, on: bool) -> None:
        one = self.everybody[chat]
        bits = getattr(one, switch.column)
        setattr(one, switch.column, bits | switch.bit if on else bits & ~switch.bit)
        if switch.column == "leads":
            one.owed.clear()
        self.does(chat, lambda session, who: alerts.turn(session, VAULT, who, chat, switch, on))

    @rule(
        chat=people,
        hours=st.sampled_from([*alerts.QUIET, (0, 0)]),
        zone=st.sampled_from(ZONE_NAMES),
    )
    def sets_quiet_hours(self, chat: int, hours: tuple[int, int], zone: str) -> None:
        one = self.everybody[chat]
        one.quiet, one.zone = hours if hours[0] != hours[1] else None, zone

        async def work(session: AsyncSession, who: Subscriber) -> None:
            await alerts.quiet(session, VAULT, who, chat, *hours)
            await subscribers.remember(session, VAULT, who, chat, timezone=zone)

        self.does(chat, work)

    @rule(chat=people, days=st.sampled_from([0, *alerts.SILENCE]))
    def wants_silence(self, chat: int, days: int) -> None:
        minute = self.now.replace(second=0, microsecond=0)
        self.everybody[chat].silent_until = minute + timedelta(days=days) if days else None
        self.does(
            chat, lambda session, who: alerts.silence(session, VAULT, who, chat, days, self.now)
        )

    @rule(chat=people, slug=slugs, comes=st.booleans())
    def says_whether_they_come(self, chat: int, slug: str, comes: bool) -> None:
        if slug not in self.ids:
            return
        thing = self.ids[slug]

        async def work(session: AsyncSession, who: Subscriber) -> None:
            which = thing[1], comes, self.now
            if (await attendance.answer(session, VAULT, who, chat, *which)).is_noted:
                people = self.everybody[chat].comes
                (people.add if comes else people.discard)(thing)
                self.forget_what_is_unwanted()

        self.does(chat, work)

    # -- what they want to know ------------------------------------------------------------

    def meets(self, one: One, thing: Thing, court: str | None) -> bool:
        """Whether they are to be told of it; all is of one case."""
        names = {name for name, muted in one.follows.items() if not muted}
        if thing in one.comes or names & {"port-strike", "all"}:
            return True
        if thing[0] == "defendant":
            return "ivan-lodkin" in names and thing[1] == self.numbers["ivan-lodkin"]
        return bool(names & {"ivan-lodkin", "marta-vetrova", court})

    def courts(self, thing: Thing) -> list[str | None]:
        """Where it is; or was, as far as anybody believes."""
        known = [self.present.get(thing), *(one.believes.get(thing) for one in self.all)]
        return [one.court for one in known if isinstance(one, Known)] or [None]

    @property
    def all(self) -> list[One]:
        return list(self.everybody.values())

    def wants(self, one: One, thing: Thing) -> bool:
        """Who comes is told in any case."""
        return thing in one.comes or self.hears(one, thing)

    def hears(self, one: One, thing: Thing) -> bool:
        """Through whatever court it is held in."""
        every = all(self.meets(one, thing, court) for court in self.courts(thing))
        return every and one.alerts == EVERY_KIND and not one.is_silent(self.now)

    def forget_what_is_unwanted(self) -> None:
        """Whoever did not want to know for a while believes nothing certain."""
        for one in self.all:
            for thing in list(one.believes):
                if not self.wants(one, thing):
                    del one.believes[thing]
            one.owed = {owed for owed in one.owed if self.hears(one, owed[0])}

    # -- time passes, and people are told --------------------------------------------------

    @rule(seconds=st.one_of(st.integers(1, 200), st.integers(200, 5 * 86400)))
    def time_passes_without_a_look(self, seconds: int) -> None:
        self.campaign.now += timedelta(seconds=seconds)
        self.forget_what_is_unwanted()

    @rule(hours=st.integers(1, 48))
    def the_clock_is_set_back(self, hours: int) -> None:
        self.campaign.now -= timedelta(hours=hours)
        self.was_set_back = True
        self.forget_what_is_unwanted()

    @rule(seconds=st.sampled_from([0, 5, 60, 119, 120, 121]))
    def a_look(self, seconds: int) -> None:
        self.campaign.now += timedelta(seconds=seconds)
        self.forget_what_is_unwanted()
        self.run(self.campaign.ticks())
        for notice in self.campaign.made:
            if notice.kind == Kind.REMINDER:
                self.owe(notice)
        self.run(self.deliver())

    @rule()
    def what_changed_settles(self) -> None:
        for seconds in (0, 120):
            self.a_look(seconds)

    @rule(hours=st.integers(1, 30))
    def hours_pass(self, hours: int) -> None:
        for _ in range(hours):
            self.a_look(3600)

    def owe(self, notice: Notice) -> None:
        """To all who want this reminder, and have had none of a shorter lead time."""
        thing, lead = ("hearing", notice.thing_id), notice.lead or 0
        of_state = thing, self.revised[thing]
        for one in self.all:
            if one.leads & LEADS[lead] and self.hears(one, thing):
                one.owed.add((*of_state, lead))

    async def deliver(self) -> None:
        """Until there is nothing to do."""
        self.clock.moment, idle = self.now, 0
        while idle < 3:
            more = await self.sender.look()
            letters = self.sender.line.empty()
            for letter in letters:
                self.hear(letter)
                self.sender.finish(letter.parcel, State.SENT, message_id=1)
            await self.sender.settle()
            idle = 0 if more or letters else idle + 1

    def hear(self, letter: Letter) -> None:
        one, news = self.everybody[letter.chat], self.said.pop(id(letter.screen))
        assert news
        for item in news:
            thing = self.thing(item)
            is_reminder = item.notice.kind == Kind.REMINDER
            assert not one.is_silent(self.now) or (thing in one.comes and not is_reminder)
            state = shown(item)
            assert state == self.present[thing], "the last state"
            assert any(self.meets(one, thing, court) for court in self.courts_of(item))
            if is_reminder:
                self.hear_reminder(one, thing, item)
            else:
                self.hear_change(one, thing, item)
        if one.is_quiet(self.now):
            assert any(cannot_wait(item.notice, one, self.now) for item in news)

    def courts_of(self, item: News) -> list[str | None]:
        """Of a hearing that is removed, the last one that was told of."""
        if isinstance(item.now, HearingNow):
            return [item.now.hearing.court.slug]
        return [item.old_court.slug if item.old_court else None]

    def thing(self, item: News) -> Thing:
        if item.notice.is_removal:
            return "hearing", item.notice.hearing_id
        return item.notice.subject, item.notice.thing_id

    def hear_change(self, one: One, thing: Thing, item: News) -> None:
        is_joined = " " in item.notice.key
        is_on = thing in one.comes or any(one.alerts & ALERTS[kind] for kind in kinds(item))
        assert is_joined or is_on
        assert self.changed[thing] > one.told.get(thing, 0), "told twice"
        one.told[thing] = self.changed[thing]
        one.heard_at[thing] = max(item.notice.due_at, self.now)
        if self.wants(one, thing):
            one.believes[thing] = self.present[thing]

    def hear_reminder(self, one: One, thing: Thing, item: News) -> None:
        lead, state = item.notice.lead or 0, self.present[thing]
        assert one.leads & LEADS[lead]
        assert state.comes(self.now)
        left = state.start - self.now
        assert self.was_set_back or left <= timedelta(minutes=lead)
        shorter = [short for short in LEADS if short < lead and one.leads & LEADS[short]]
        assert not any(left <= timedelta(minutes=short) for short in shorter), "not the latest"
        before = one.reminded.setdefault((thing, self.revised[thing]), [])
        assert all(lead < earlier for earlier in before), "reminded twice"
        before.append(lead)

    # -- and in the end --------------------------------------------------------------------

    @rule()
    def all_is_calm(self) -> None:
        """Then everybody knows what they wanted to know."""
        for seconds in (0, 121):
            self.a_look(seconds)
        for _ in range(25):
            if self.run(self.somebody_waits()):
                self.a_look(3600)
        assert not self.run(self.somebody_waits()), "for longer than a day"
        for one in self.all:
            for thing, state in self.present.items():
                if thing in one.believes:
                    self.compare(one.believes[thing], state)
                elif self.wants(one, thing):
                    one.believes[thing] = state
            for thing, revision, lead in one.owed:
                if self.revised[thing] == revision and self.present[thing].comes(self.now):
                    had = one.reminded.get((thing, revision), [])
                    since = self.present[thing].start - timedelta(minutes=lead)
                    by_change = since <= one.heard_at.get(thing, since - timedelta(hours=1))
                    assert by_change or any(other <= lead for other in had), "no reminder came"
            one.owed.clear()

    def compare(self, believed: Any, state: Any) -> None:
        if not isinstance(believed, Known):
            assert believed == state
            return
        expects = believed.comes(self.now)
        if expects or (state and state.comes(self.now)):
            assert state, "removed"
            assert expects == state.comes(self.now)
            assert believed.where_and_when() == state.where_and_when()

    async def somebody_waits(self) -> bool:
        open_ones = (State.READY, State.LEASED, State.WAITING)
        async with self.campaign.sessions() as session:
            return bool(await session.scalar(select(exists().where(Delivery.state.in_(open_ones)))))

    def teardown(self) -> None:
        self.run(dispose(self.engine))
        self.runner.close()


def shown(item: News) -> Any:
    """What the message is made from, as the model names it."""
    if item.notice.is_removal:
        return None
    if isinstance(item.now, Defendant):
        return item.now.status
    if isinstance(item.now, Case):
        return item.now.stage
    hearing = item.now.hearing
    outcome = (hearing.outcome or {}).get("en", "")
    place = hearing.court.slug, hearing.room or ""
    return Known(hearing.starts_at, *place, status=str(hearing.status), outcome=outcome)


def kinds(item: News) -> list[Kind]:
    """Any of them is enough: "on after all" is for those who heard that it is off."""
    kind = Kind(item.notice.kind)
    if kind == Kind.ADDRESS:
        return [Kind.STATUS]
    return [kind, Kind.CANCELLED] if kind == Kind.SET and item.before is not None else [kind]


def cannot_wait(notice: Notice, one: One, now: datetime) -> bool:
    """Until the quiet hours end it would be too late."""
    until = now
    while one.is_quiet(until):
        until = (until + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    needs = timedelta() if notice.kind == Kind.REMINDER else TIME_TO_ACT
    is_late = notice.expires_at is not None and notice.expires_at - needs <= until
    told = (notice.before or {}).get("starts_at")
    known = datetime.fromisoformat(told) if told else notice.due_at
    return is_late or notice.due_at < known <= until + TIME_TO_STAY


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 8), ("postgresql", 4)])
def test_everybody_is_told_what_they_wanted_to_know_and_once(
    database: str,
    examples: int,
    databases: Databases,
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sender, "UPKEEP", 0.0)

    class Here(Telling):
        def fresh(self) -> str:
            return databases.fresh(database, tmp_path / "model.db")

    few = settings(
        max_examples=examples if IN_CI else examples // 2,
        stateful_step_count=40,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Here, settings=few)
