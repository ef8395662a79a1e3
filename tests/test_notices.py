"""What is due: reminders by lead time, and changes by what followers were told before."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Update, delete, func, select, update

from bot.db import Sessions, writing
from bot.delivery.notices import LAST, SETTLE, Difference, keep_equal, next_change, tick
from bot.services import campaign_file
from models import CampaignVersion, Hearing, Notice, Priority, Told
from tests.town import EXAMPLES, VAULT

pytestmark = pytest.mark.either_database

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FORMAT = (EXAMPLES / "format.yaml").read_text(encoding="utf-8")
ANOTHER_COURT = """
courts:
  - {slug: riga, name: {en: Riga court, ru: Рижский суд}, city: {en: Riga, ru: Рига},
     timezone: Europe/Riga, address: {en: "1 Abrenes St", ru: "ул. Абренес, 1"}}
cases:
  - {slug: school-strike, title: {en: The school strike}, stage: trial, defendants: []}
"""
DAY = timedelta(days=1)


@dataclass
class Campaign:
    """Somebody keeps it by its file, and time passes."""

    sessions: Sessions
    now: datetime = NOW
    made: list[Notice] = field(default_factory=list)

    async def takes(self, text: str) -> None:
        async with self.sessions() as session:
            await campaign_file.import_file(
                session, text.encode(), name="x.yaml", now=self.now, mark=VAULT.mark_of
            )

    async def hearing(self, **facts: Any) -> None:
        """One of the port strike, at the court of Kamensk (UTC+5), three weeks from the start."""
        known = {
            "slug": "first",
            "case": "port-strike",
            "court": "kamensk-city",
            "starts_at": "2026-12-11 10:00",
            "kind": "merits",
            "status": "scheduled",
        }
        await self.takes(f"hearings: [{flow(known | facts)}]")

    async def changes(self, **facts: Any) -> None:
        await self.takes(f"hearings: [{flow({'slug': 'first'} | facts)}]")

    async def case(self, text: str) -> None:
        await self.takes(f"cases: [{{slug: port-strike, {text}}}]")

    async def ticks(self, after: timedelta = timedelta()) -> list[str]:
        self.now += after
        async with self.sessions() as session:
            self.made = await tick(session, self.now)
        return [str(one.kind) for one in self.made]

    async def told(self) -> list[str]:
        """By two looks: when a change is seen, and when it has settled."""
        return await self.ticks() + await self.ticks(SETTLE)

    async def ask(self, query: Any) -> Any:
        async with self.sessions() as session:
            return list(await session.scalars(query))

    async def run(self, statement: Any) -> None:
        async with self.sessions() as session, writing(session):
            await session.execute(statement)


def flow(facts: dict[str, Any]) -> str:
    """A mapping of YAML on one line."""
    shown = {None: "null", True: "true", False: "false"}
    said = [
        f"{key}: {flow(value) if isinstance(value, dict) else shown.get(value) or f'{value!r}'}"
        for key, value in facts.items()
    ]
    return "{" + ", ".join(said) + "}"


@pytest.fixture
async def campaign(sessions: Sessions) -> Campaign:
    """Known to the bot, without a hearing."""
    here = Campaign(sessions)
    await here.takes(FORMAT)
    await here.takes("hearings: [{slug: port-strike-1, remove: true}]" + ANOTHER_COURT)
    assert await here.ticks() == []
    return here


@pytest.fixture
async def set_hearing(campaign: Campaign) -> Campaign:
    """And one hearing that was told of."""
    await campaign.hearing(confirmed_at="2026-11-19 10:00", room="12")
    assert await campaign.told() == ["set"]
    return campaign


# The first look, upgrades, copies.


async def test_a_first_look_only_writes_down(sessions: Sessions) -> None:
    here = Campaign(sessions)
    assert await here.ticks() == []
    await here.takes(FORMAT)
    assert await here.told() == []
    told = await here.ask(select(Told.subject).order_by(Told.subject, Told.thing_id))
    assert told == ["campaign", "case", "defendant", "defendant", "event", "event", "hearing"]


async def test_an_upgrade_tells_nothing_old(set_hearing: Campaign) -> None:
    await set_hearing.run(delete(Told))
    await set_hearing.run(update(Hearing).values(version=0))
    await set_hearing.changes(room="13")
    assert await set_hearing.told() == []
    await set_hearing.changes(room="14")
    assert await set_hearing.told() == ["moved"]


@pytest.mark.parametrize(
    "other",
    [{"version": 1}, {"version": CampaignVersion.version + 1, "tokens": "another history "}],
    ids=["an older number", "the same numbers of another history"],
)
async def test_facts_of_another_history_are_written_down(
    set_hearing: Campaign, other: dict[str, Any]
) -> None:
    await set_hearing.changes(room="13")
    await set_hearing.run(update(CampaignVersion).values(**other))
    assert await set_hearing.told() == []
    await set_hearing.changes(room="14")
    assert await set_hearing.told() == ["moved"]
    assert set_hearing.made[0].before is not None
    assert set_hearing.made[0].before["room"] == "13"


async def test_more_changes_than_tokens_are_told(set_hearing: Campaign) -> None:
    """Files were imported while the bot was down."""
    for room in range(20, 35):
        await set_hearing.changes(room=str(room))
    assert await set_hearing.told() == ["moved"]


async def test_an_import_notes_which_change_touched_a_hearing_last(set_hearing: Campaign) -> None:
    revisions = []
    for facts in ({"kind": "verdict"}, {"room": "7"}, {"outcome": {"en": "none yet"}}):
        await set_hearing.changes(**facts)
        [hearing] = await set_hearing.ask(select(Hearing))
        revisions.append(hearing.revision)
        assert hearing.version == (await set_hearing.ask(select(CampaignVersion.version)))[0]
    first, *others = revisions
    assert others == [first + 2] * 2


# Changes of a hearing.

Change = dict[str, Any]
CHANGES: list[tuple[str, Change, str | None]] = [
    ("later", {"starts_at": "2026-12-11 12:00"}, "moved"),
    ("earlier", {"starts_at": "2026-12-11 09:00"}, "moved"),
    ("another day", {"starts_at": "2026-12-12 10:00"}, "moved"),
    ("another court", {"court": "riga"}, "moved"),
    ("another case", {"case": "school-strike"}, "moved"),
    ("another room", {"room": "7"}, "moved"),
    ("no room any more", {"room": None}, None),
    ("another judge", {"judge": {"en": "A. Petrova"}}, None),
    ("another kind", {"kind": "custody"}, None),
    ("the verdict", {"kind": "verdict"}, "moved"),
    ("cancelled", {"status": "cancelled"}, "cancelled"),
    ("adjourned", {"status": "adjourned"}, "cancelled"),
    ("held before its time", {"status": "held"}, "outcome"),
    ("closed", {"public": False}, "moved"),
    ("nobody knows whether it is open", {"public": None}, None),
]


@pytest.mark.parametrize(("what", "facts", "kind"), CHANGES, ids=[row[0] for row in CHANGES])
async def test_what_changes_is_told(
    set_hearing: Campaign, what: str, facts: Change, kind: str | None
) -> None:
    await set_hearing.changes(**facts)
    assert await set_hearing.told() == ([kind] if kind else [])
    assert await set_hearing.told() == []


async def test_a_hearing_that_is_over(set_hearing: Campaign) -> None:
    set_hearing.now = datetime(2026, 12, 12, 12, tzinfo=UTC)
    await set_hearing.ticks()
    await set_hearing.changes(status="held")
    assert await set_hearing.told() == []
    await set_hearing.changes(status="decided")
    assert await set_hearing.told() == ["outcome"]
    await set_hearing.changes(outcome={"en": "aquitted"})
    assert await set_hearing.told() == ["outcome"]
    await set_hearing.changes(outcome={"en": "acquitted", "ru": "оправданы"})
    assert await set_hearing.told() == []
    [notice] = await set_hearing.ask(select(Notice).order_by(Notice.id.desc()).limit(1))
    assert notice.priority == Priority.REMINDER
    assert notice.expires_at == notice.due_at + timedelta(days=7)


async def test_adjourned_when_it_was_to_be_over_is_an_outcome(set_hearing: Campaign) -> None:
    set_hearing.now = datetime(2026, 12, 11, 9, tzinfo=UTC)
    await set_hearing.ticks()
    await set_hearing.changes(status="adjourned")
    assert await set_hearing.ticks() == ["outcome"]
    await set_hearing.changes(status="scheduled", starts_at="2027-01-15 10:00")
    assert await set_hearing.told() == ["set"]


async def test_nobody_waits_in_vain_for_what_began_before_anybody_looked(
    set_hearing: Campaign,
) -> None:
    set_hearing.now = datetime(2026, 12, 11, 2, tzinfo=UTC)
    await set_hearing.ticks()
    await set_hearing.changes(starts_at="2026-12-11 08:00")
    assert await set_hearing.ticks(timedelta(hours=2)) == ["moved"]
    [notice] = set_hearing.made
    assert notice.expires_at == datetime(2026, 12, 11, 5, tzinfo=UTC)


async def test_history_is_no_news(campaign: Campaign) -> None:
    await campaign.hearing(slug="old", starts_at="2025-12-11 10:00", status="decided")
    await campaign.hearing(slug="off", status="cancelled")
    assert await campaign.told() == []
    await campaign.hearing(slug="late", starts_at="2026-11-11 10:00", status="decided")
    assert await campaign.told() == ["outcome"]


async def test_a_room_is_remembered_while_none_is_said(set_hearing: Campaign) -> None:
    await set_hearing.changes(room=None)
    assert await set_hearing.told() == []
    await set_hearing.changes(room="7")
    assert await set_hearing.told() == ["moved"]


async def test_the_verdict_is_news_once_and_what_it_was_before_is_none(
    set_hearing: Campaign,
) -> None:
    told = list[list[str]]()
    for kind in ("verdict", "verdict", "merits", "appeal", "verdict"):
        await set_hearing.changes(kind=kind, judge={"en": f"Judge {len(told)}"})
        told.append(await set_hearing.told())
    assert told == [["moved"], [], [], [], ["moved"]]


async def test_of_what_was_written_down_without_a_kind_the_verdict_is_no_news(
    set_hearing: Campaign,
) -> None:
    [facts] = await set_hearing.ask(select(Told.facts).where(Told.subject == "hearing"))
    old = {name: value for name, value in facts.items() if name != "kind"}
    await set_hearing.run(update(Told).where(Told.subject == "hearing").values(facts=old))
    await set_hearing.changes(kind="verdict")
    assert await set_hearing.told() == []
    await set_hearing.changes(room="7")
    assert await set_hearing.told() == ["moved"]


async def test_who_is_let_in_is_remembered_while_nobody_knows(set_hearing: Campaign) -> None:
    told = list[list[str]]()
    for public in (None, True, False, None, False, True):
        await set_hearing.changes(public=public)
        told.append(await set_hearing.told())
    assert told == [[], [], ["moved"], [], [], ["moved"]]


async def test_a_cancelled_hearing_takes_place_after_all(set_hearing: Campaign) -> None:
    await set_hearing.changes(status="cancelled")
    assert await set_hearing.told() == ["cancelled"]
    await set_hearing.changes(status="scheduled")
    assert await set_hearing.told() == ["set"]


async def test_the_courts_address_is_part_of_it(set_hearing: Campaign) -> None:
    court = "courts: [{{slug: kamensk-city, address: {{en: {}, ru: {}}}}}]"
    await set_hearing.takes(court.format('"9 Lesnaya St, Kamensk"', '"Каменск, ул. Лесная, 9"'))
    assert await set_hearing.told() == ["moved"]
    await set_hearing.takes(court.format('"9 Lesnoya St, Kamensk"', '"Каменск, ул. Лесная, 9"'))
    assert await set_hearing.told() == []
    await set_hearing.takes("courts: [{slug: kamensk-city, name: {en: City Court, ru: Горсуд}}]")
    assert await set_hearing.told() == []


async def test_ten_oclock_in_another_zone_is_another_time(set_hearing: Campaign) -> None:
    await set_hearing.takes("courts: [{slug: kamensk-city, timezone: Europe/Moscow}]")
    assert await set_hearing.told() == ["moved"]


async def test_a_removed_hearing_is_off_for_those_who_follow_the_case(
    set_hearing: Campaign,
) -> None:
    await set_hearing.takes("hearings: [{slug: first, remove: true}]")
    assert await set_hearing.told() == ["cancelled"]
    [notice] = set_hearing.made
    assert notice.subject == "case"
    assert notice.expires_at == datetime(2026, 12, 11, 8, tzinfo=UTC)
    assert await set_hearing.told() == []


# People and cases.


async def test_status_and_place_of_a_person(campaign: Campaign) -> None:
    person = "defendants: [{{slug: ivan-lodkin, {}}}]"
    await campaign.case(person.format("write_about: {en: chess}"))
    assert await campaign.told() == []
    await campaign.case(person.format("status: transfer"))
    assert await campaign.told() == ["address"]
    assert campaign.made[0].before
    assert campaign.made[0].before.items() >= {"status": "pre_trial_detention", "place": 1}.items()
    stay = "custody: [{facility: kamensk-sizo-1, since: 2026-11-20, confirmed_at: 2026-11-20}]"
    await campaign.case(person.format(f"status: pre_trial_detention, {stay}"))
    assert await campaign.told() == ["address"]
    for status, kind in (("house_arrest", "address"), ("released", "status")):
        await campaign.case(person.format(f"status: {status}"))
        assert await campaign.told() == [kind]


async def test_news_of_a_case(campaign: Campaign) -> None:
    [*old] = FORMAT.split("timeline:")[1].split("hearings:")[0].strip().splitlines()
    entries = [line.strip() for line in old if line.strip().startswith("-")]

    async def timeline(*more: str) -> list[str]:
        listed = ", ".join([line.removeprefix("- ") for line in entries] + list(more))
        await campaign.case(f"timeline: [{listed}]")
        return await campaign.told()

    assert await timeline() == []
    assert await timeline("{date: 2020-01-01, kind: other, en: long ago}") == []
    assert await timeline("{date: 2026-11-18, kind: other, en: on strike}") == ["news"]
    assert await timeline("{date: 2026-11-18, kind: other, en: on hunger strike}") == []
    assert await timeline("{date: 2026-11-17, kind: other, en: on hunger strike}") == []
    assert await timeline() == []
    two = [f"{{date: 2026-11, kind: other, en: {word}}}" for word in ("one", "two")]
    assert await timeline(*two) == ["news"]
    await campaign.case("stage: appeal")
    assert await campaign.told() == ["news"]


# When.


async def test_moved_twice_within_minutes_is_told_once(set_hearing: Campaign) -> None:
    await set_hearing.changes(room="7")
    assert await set_hearing.ticks() == []
    await set_hearing.changes(starts_at="2026-12-13 10:00")
    assert await set_hearing.ticks(SETTLE - timedelta(seconds=1)) == []
    assert await set_hearing.ticks(SETTLE - timedelta(seconds=1)) == []
    assert await set_hearing.ticks(timedelta(seconds=1)) == ["moved"]
    before = set_hearing.made[0].before
    assert before is not None
    assert (before["room"], before["starts_at"]) == ("12", "2026-12-11T05:00:00+00:00")
    assert await set_hearing.told() == []


async def test_moved_and_moved_back_tells_nothing(set_hearing: Campaign) -> None:
    await set_hearing.changes(room="7")
    assert await set_hearing.ticks() == []
    await set_hearing.changes(room="12")
    assert await set_hearing.told() == []


async def test_other_changes_keep_nobody_waiting(set_hearing: Campaign) -> None:
    """Somebody works at the desk all day long."""
    await set_hearing.changes(room="7")
    found = []
    for minute in range(5):
        found += await set_hearing.ticks(timedelta(minutes=1))
        await set_hearing.case(f"volumes: {minute + 20}")
    assert found == ["moved"]


async def test_near_hearings_are_told_at_once_with_all_of_their_case(set_hearing: Campaign) -> None:
    set_hearing.now = datetime(2026, 12, 10, 8, tzinfo=UTC)
    await set_hearing.ticks()
    await set_hearing.changes(starts_at="2026-12-20 10:00")
    await set_hearing.hearing(slug="second", starts_at="2026-12-30 10:00")
    await set_hearing.case("stage: appeal")
    assert sorted(await set_hearing.ticks()) == ["moved", "set"]
    priorities = {one.kind: one.priority for one in set_hearing.made}
    assert priorities == {"moved": Priority.URGENT, "set": Priority.REMINDER}
    assert len({one.batch for one in set_hearing.made}) == 1
    assert await set_hearing.ticks(SETTLE) == ["news"]
    await set_hearing.changes(starts_at="2026-12-21 10:00")
    assert await set_hearing.ticks() == []


async def test_a_clock_that_was_set_back_keeps_nobody_waiting(set_hearing: Campaign) -> None:
    await set_hearing.changes(room="7")
    assert await set_hearing.ticks() == []
    assert await set_hearing.ticks(-DAY) == ["moved"]


async def test_one_import_is_one_batch(campaign: Campaign) -> None:
    for slug in ("a", "b", "c"):
        await campaign.hearing(slug=slug)
    await campaign.case("stage: appeal")
    assert await campaign.told() == ["set", "set", "set", "news"]
    assert len({one.batch for one in campaign.made}) == 1
    await campaign.case("stage: cassation")
    await campaign.told()
    batches = await campaign.ask(select(func.count(Notice.batch.distinct())))
    assert batches == [2]


async def test_killed_between_telling_and_noting_it_tells_once(
    set_hearing: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.delivery import notices

    async def killed(*_args: object) -> None:
        raise RuntimeError

    await set_hearing.changes(room="7")
    await set_hearing.ticks()
    with monkeypatch.context() as here:
        here.setattr(notices, "keep_mark", killed)
        with pytest.raises(RuntimeError):
            await set_hearing.ticks(SETTLE)
    assert await set_hearing.ticks() == []
    assert await set_hearing.ask(select(Notice.kind)) == ["set", "moved"]


async def test_notices_and_what_is_told_go_together(
    set_hearing: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.delivery import notices

    async def killed(*_args: object) -> None:
        raise RuntimeError

    await set_hearing.changes(room="7")
    await set_hearing.ticks()
    with monkeypatch.context() as here:
        here.setattr(notices, "keep", killed)
        with pytest.raises(RuntimeError):
            await set_hearing.ticks(SETTLE)
    assert await set_hearing.ask(select(Notice.kind)) == ["set"]
    assert await set_hearing.ticks() == ["moved"]


# Reminders.

LEAST = timedelta(seconds=1)
START = datetime(2026, 12, 11, 5, 0, tzinfo=UTC)


async def leads_at(here: Campaign, now: datetime) -> list[int | None]:
    here.now = now
    await here.ticks()
    return [one.lead for one in here.made]


async def test_each_lead_comes_once_and_on_time(set_hearing: Campaign) -> None:
    for days, lead in ((7, 10080), (3, 4320), (1, 1440), (3 / 24, 180), (1 / 24, 60)):
        due = START - timedelta(days=days)
        assert await leads_at(set_hearing, due - LEAST) == []
        assert await leads_at(set_hearing, due) == [lead]
        assert await leads_at(set_hearing, due + LEAST) == []
        [notice] = await set_hearing.ask(select(Notice).where(Notice.lead == lead))
        assert notice.key == f"reminder:{notice.thing_id}:3:{lead}"
        assert notice.expires_at == START
    assert await leads_at(set_hearing, START) == []


async def test_after_downtime_the_shortest_comes_first(set_hearing: Campaign) -> None:
    assert await leads_at(set_hearing, START - timedelta(hours=20)) == [1440, 4320, 10080]
    ids = await set_hearing.ask(select(Notice.id).where(Notice.lead > 0).order_by(Notice.lead))
    assert ids == sorted(ids)
    assert len({one.batch for one in set_hearing.made}) == 1


async def test_after_the_start_nothing_comes(set_hearing: Campaign) -> None:
    assert await leads_at(set_hearing, START) == []


@pytest.mark.parametrize("status", ["cancelled", "adjourned", "held", "decided"])
async def test_what_does_not_come_is_not_reminded_of(set_hearing: Campaign, status: str) -> None:
    await set_hearing.changes(status=status)
    await set_hearing.told()
    assert await leads_at(set_hearing, START - timedelta(hours=1)) == []


async def test_a_lead_before_the_change_is_for_whoever_is_not_told_of_it(
    set_hearing: Campaign,
) -> None:
    set_hearing.now = START - timedelta(days=5)
    await set_hearing.ticks()
    await set_hearing.changes(starts_at="2026-12-08 10:00")  # in two days: three before is past
    assert await set_hearing.told() == ["moved", "reminder", "reminder"]
    start = START - timedelta(days=3)
    assert await leads_at(set_hearing, start - DAY) == [1440]


async def test_a_hearing_that_moved_away_is_reminded_of_again(set_hearing: Campaign) -> None:
    assert await leads_at(set_hearing, START - timedelta(days=3)) == [4320, 10080]
    await set_hearing.changes(starts_at="2027-01-11 10:00")
    assert await set_hearing.told() == ["moved"]
    start = START + timedelta(days=31)
    assert await leads_at(set_hearing, start - timedelta(days=7)) == [10080]
    assert await leads_at(set_hearing, start - timedelta(days=3)) == [4320]


async def test_so_is_a_lead_that_came_while_the_change_settled(set_hearing: Campaign) -> None:
    set_hearing.now = START - timedelta(days=5)
    await set_hearing.ticks()
    set_hearing.now -= LEAST
    await set_hearing.changes(starts_at="2026-12-09 10:00")
    assert await set_hearing.ticks(LEAST) == []
    assert await set_hearing.ticks(SETTLE) == ["moved", "reminder", "reminder"]


@pytest.mark.parametrize(
    "silent",
    [
        "hearings: [{slug: first, room: '7'}]",
        "courts: [{slug: kamensk-city, location: {latitude: 56.5, longitude: 61.9}}]",
    ],
)
async def test_a_change_that_is_not_told_drops_no_reminder(campaign: Campaign, silent: str) -> None:
    """The bot was down when the lead's time came, and something became known meanwhile."""
    await campaign.hearing(confirmed_at="2026-11-19 10:00")
    assert await campaign.told() == ["set"]
    campaign.now = START - timedelta(hours=20)
    await campaign.takes(silent)
    made = [*await campaign.ticks(), *await campaign.ticks(SETTLE)]
    assert made == ["reminder"] * 3
    assert await campaign.ticks(SETTLE) == []


async def test_a_change_that_was_taken_back_drops_no_reminder(set_hearing: Campaign) -> None:
    set_hearing.now = START - timedelta(days=3) - LEAST
    await set_hearing.ticks()
    await set_hearing.changes(starts_at="2026-12-12 12:00")
    set_hearing.now += 2 * LEAST
    await set_hearing.changes(starts_at="2026-12-11 10:00")
    assert await set_hearing.ticks() == ["reminder"]
    assert await set_hearing.ticks(SETTLE) == []


async def test_what_is_confirmed_again_and_again_keeps_nobody_waiting(
    set_hearing: Campaign,
) -> None:
    set_hearing.now = START - timedelta(days=3) - 3 * LEAST
    await set_hearing.ticks()
    made = list[str]()
    for second in range(10, 18):
        await set_hearing.changes(confirmed_at=f"2026-11-20 10:{second}")
        made += await set_hearing.ticks(LEAST)
    assert made == ["reminder"]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_any_number_of_hearings_may_change_at_once(set_hearing: Campaign) -> None:
    """PostgreSQL takes 32,767 values in one statement."""
    many = [Difference("hearing", number, 1, None, None) for number in range(40_000)]
    async with set_hearing.sessions() as session, writing(session):
        await keep_equal(session, 0, LAST, many)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_changes_while_it_is_found_equal_is_not_taken_for_told(
    set_hearing: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_hearing.changes(confirmed_at="2026-11-20 10:00")
    async with set_hearing.sessions() as session:
        execute = session.execute

        async def execute_late(statement: Any, *values: Any, **options: Any) -> Any:
            if isinstance(statement, Update):
                await set_hearing.changes(starts_at="2026-12-12 10:00")
            return await execute(statement, *values, **options)

        monkeypatch.setattr(session, "execute", execute_late)
        assert await tick(session, set_hearing.now) == []
    as_told = select(Hearing.slug).join(Told, Told.thing_id == Hearing.id)
    as_told = as_told.where(Told.subject == "hearing", Told.version == Hearing.version)
    assert await set_hearing.ask(as_told) == []
    assert await set_hearing.told() == ["moved"]


# When it is told.


async def told_at(here: Campaign) -> datetime | None:
    async with here.sessions() as session:
        return await next_change(session, NOW)


async def test_one_knows_when_all_is_told_that_has_changed(set_hearing: Campaign) -> None:
    assert await told_at(set_hearing) is None
    await set_hearing.changes(room="13")
    seen = set_hearing.now
    await set_hearing.ticks()
    set_hearing.now += timedelta(minutes=1)
    assert await told_at(set_hearing) == seen + SETTLE
    assert await set_hearing.ticks(timedelta(minutes=1)) == ["moved"]
    assert await told_at(set_hearing) is None


async def test_what_was_told_at_once_is_not_waited_for(set_hearing: Campaign) -> None:
    set_hearing.now = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)
    await set_hearing.ticks()
    await set_hearing.changes(status="cancelled")
    assert await set_hearing.ticks() == ["cancelled"]
    assert await told_at(set_hearing) is None


async def test_nor_is_what_changes_nothing_for_people(set_hearing: Campaign) -> None:
    await set_hearing.takes("organisation: {slug: harbour, name: {en: Another, ru: Другой}}")
    await set_hearing.ticks()
    assert await told_at(set_hearing) is None
