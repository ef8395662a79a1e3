"""What a file does to the facts there are, in both databases."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot.db import writing
from bot.i18n import speaking
from bot.services import campaign_file
from bot.services.campaign_file import CampaignFileError, PlanOutdated
from bot.views import campaign_file as views
from models import (
    Case,
    Court,
    Custody,
    Defendant,
    DonationRoute,
    Event,
    Facility,
    Fundraiser,
    Hearing,
    Organisation,
    TimelineEntry,
    event_addressees,
)
from tests.campaign_file.conftest import FORMAT, NOW, SAC, STAYS, Keeper
from tests.town import VAULT

pytestmark = pytest.mark.either_database


def by_slug(model: Any, slug: str) -> Any:
    return select(model).where(model.slug == slug)


async def test_every_key_finds_its_place(harboured: Keeper) -> None:
    court = await harboured.one(select(Court))
    assert (court.city_key, court.latitude, court.timezone) == (
        "kamensk",
        56.4,
        "Asia/Yekaterinburg",
    )
    facility = await harboured.one(select(Facility))
    assert (facility.number, facility.postal_code, facility.letter_languages) == (
        "1",
        "620999",
        ["ru"],
    )
    assert facility.letter_services[0]["url"] == "https://letters.example.org/kamensk-1"
    ivan = await harboured.one(by_slug(Defendant, "ivan-lodkin"))
    assert list(ivan.name) == ["en", "ru", "ru_full"]
    assert (ivan.birth_year, ivan.birthday, ivan.position) == (1988, "03-14", 0)
    marta = await harboured.one(by_slug(Defendant, "marta-vetrova"))
    assert (marta.letters_allowed, marta.status, marta.position) == (False, "transfer", 1)
    stay = await harboured.one(STAYS)
    assert (stay.since, stay.until, stay.source) == (date(2025, 11, 3), None, "lawyer")
    hearing = await harboured.one(select(Hearing))
    assert (hearing.room, hearing.public, hearing.revision) == ("12", True, 1)
    tea = await harboured.one(by_slug(Event, "tea-and-letters"))
    rule = {"every": "2 weeks", "until": "2027-04-29", "except": ["2026-12-24"]}
    assert (tea.status, tea.repeats) == ("scheduled", rule)
    event = await harboured.one(by_slug(Event, "letters-in-may"))
    assert (event.repeats, event.version) == (None, 1)
    assert (event.place_shown, event.capacity, event.online_url) == ("attendees", 20, None)
    assert await harboured.one(select(event_addressees.c.defendant_id)) == ivan.id
    fundraiser = await harboured.one(select(Fundraiser))
    assert (fundraiser.defendant_id, fundraiser.goal) == (ivan.id, Decimal(150000))
    assert (fundraiser.currency, fundraiser.raised) == ("RUB", Decimal(63000))


async def test_times_are_those_of_the_court_the_event_and_the_organisation(
    harboured: Keeper,
) -> None:
    hearing = await harboured.one(select(Hearing))
    assert hearing.starts_at == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)  # ten in Yekaterinburg
    assert hearing.confirmed_at == datetime(2026, 11, 18, 21, 0, tzinfo=UTC)  # midnight in Moscow
    event = await harboured.one(select(Event))
    assert event.starts_at == datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
    assert (await harboured.one(select(Fundraiser))).closes == date(2026, 12, 20)
    route = await harboured.one(select(DonationRoute))
    assert route.checked_at == datetime(2026, 11, 17, 21, 0, tzinfo=UTC)
    assert route.valid_days == 14


# How a hearing's time may be written, and what it means in UTC; the court's zone is UTC+5.
STARTS = [
    ("2026-12-01 10:00", "2026-12-01 05:00:00"),
    ("2026-12-01 9:05", "2026-12-01 04:05:00"),
    ("2026-12-01T10:00:30", "2026-12-01 05:00:30"),
    ("2026-12-01 10:00+03:00", "2026-12-01 07:00:00"),
    ("2026-12-01T10:00Z", "2026-12-01 10:00:00"),
    ("+2h", "2026-11-20 14:00:00"),
    ("+90m", "2026-11-20 13:30:00"),
    ("-1d 09:30", "2026-11-19 04:30:00"),
    ("-3d", "2026-11-16 19:00:00"),
]


@pytest.mark.parametrize(("said", "meant"), STARTS)
async def test_a_time_may_be_said_in_many_ways(light: Keeper, said: str, meant: str) -> None:
    await light.takes(FORMAT.replace('starts_at: "+3d 10:00"', f'starts_at: "{said}"'))
    assert f"{(await light.one(select(Hearing))).starts_at:%Y-%m-%d %H:%M:%S}" == meant
    assert await light.takes(await light.export()) == []


async def test_the_second_of_two_equal_times_survives(light: Keeper) -> None:
    await light.takes(
        "organisation: {slug: a, name: A}\n"
        "courts: [{slug: c, name: C, city: C, timezone: Europe/Berlin}]\n"
        "cases: [{slug: c, title: C}]\n"
        "hearings: [{slug: h, case: c, court: c, starts_at: 2026-10-25 02:30+01:00}]\n"
    )
    assert (await light.one(select(Hearing))).starts_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert await light.takes(await light.export()) == []


async def test_the_real_campaign_comes_in_whole(keeper: Keeper) -> None:
    await keeper.takes(SAC)
    assert await keeper.one(select(func.count()).select_from(Case)) == 12
    assert await keeper.one(select(func.count()).select_from(Defendant)) == 17
    organisation = await keeper.one(select(Organisation))
    assert (organisation.languages, organisation.timezone) == (["en", "ru"], "Europe/Moscow")
    assert organisation.as_of == date(2024, 11, 2)
    orlov = await keeper.one(by_slug(Defendant, "anton-orlov"))
    assert orlov.sentence["years"] == 6.25
    assert orlov.campaigns[0]["ru"] == "сбор на адвоката"
    lev = await keeper.one(by_slug(Defendant, "lev-skoryakin"))
    entries = select(func.count()).where(TimelineEntry.defendant_id == lev.id)
    assert await keeper.one(entries) == 3


async def test_a_text_for_every_language_is_kept_as_such(light: Keeper) -> None:
    await light.takes(FORMAT.replace("judge: {en: S. Orlova, ru: С. Орлова}", "judge: S. Orlova"))
    assert (await light.one(select(Hearing))).judge == {"*": "S. Orlova"}
    assert "judge: S. Orlova\n" in (await light.export()).decode()


async def test_an_unquoted_comma_does_not_cut_a_text(light: Keeper) -> None:
    await light.takes(
        FORMAT.replace(
            'who: {en: "radio operator, convicted before for a picket"',
            "who: {en: radio operator, ill",
        )
    )
    marta = await light.one(by_slug(Defendant, "marta-vetrova"))
    assert marta.who == {"en": "radio operator, ill", "ru": "радистка, раньше осуждена за пикет"}


@pytest.mark.parametrize("file", [FORMAT, SAC], ids=["format", "sac"])
async def test_importing_twice_changes_nothing(keeper: Keeper, file: str) -> None:
    await keeper.takes(file)
    before = await keeper.export(), await keeper.version()
    assert await keeper.takes(file, now=NOW + timedelta(hours=1)) == []
    assert (await keeper.export(), await keeper.version()) == before


async def test_a_dry_run_tells_and_changes_nothing(harboured: Keeper) -> None:
    before = await harboured.export()
    found = await harboured.takes("cases: [{slug: port-strike, stage: appeal}]", dry_run=True)
    assert [change.after for change in found[0].changes] == ["appeal"]
    assert await harboured.export() == before


async def test_what_the_file_does_not_name_stays(harboured: Keeper) -> None:
    before = await harboured.export()
    await harboured.takes("cases: [{slug: port-strike, stage: appeal}]")
    assert await harboured.export() == before.replace(b"stage: trial", b"stage: appeal")


async def test_null_removes(harboured: Keeper) -> None:
    await harboured.takes(
        "cases: [{slug: port-strike, summary: null, title: {ru: null}, timeline: null}]"
    )
    case = await harboured.one(select(Case))
    assert (case.summary, case.title) == (None, {"en": "The port strike case"})
    assert await harboured.one(select(func.count()).select_from(TimelineEntry)) == 0


async def test_what_is_required_cannot_be_removed(harboured: Keeper) -> None:
    [problem] = await harboured.hears("cases: [{slug: port-strike, title: null}]")
    assert problem.startswith("x.yaml:1: cases[port-strike].title: This must be given")


async def test_lists_are_replaced_and_keep_their_rows(harboured: Keeper) -> None:
    first = (await harboured.one(STAYS)).id
    stay = "{facility: kamensk-sizo-1, until: 2026-01-01}, {facility: kamensk-sizo-1}"
    person = f"{{slug: ivan-lodkin, custody: [{stay}]}}"
    await harboured.takes(f"cases: [{{slug: port-strike, defendants: [{person}]}}]")
    changed = await harboured.one(STAYS)
    assert (changed.id, changed.since, changed.until) == (
        first,
        date(2025, 11, 3),
        date(2026, 1, 1),
    )
    of_ivan = select(func.count()).where(Custody.defendant_id == changed.defendant_id)
    assert await harboured.one(of_ivan) == 2


async def test_people_of_a_case_are_matched_by_slug_and_new_ones_come_last(
    harboured: Keeper,
) -> None:
    people = "[{slug: new-one, name: New}, {slug: marta-vetrova, birth_year: 1997}]"
    await harboured.takes(f"cases: [{{slug: port-strike, defendants: {people}}}]")
    positions = {
        slug: (await harboured.one(by_slug(Defendant, slug))).position
        for slug in ("ivan-lodkin", "marta-vetrova", "new-one")
    }
    assert positions == {"ivan-lodkin": 0, "marta-vetrova": 1, "new-one": 2}


async def test_a_person_named_under_another_case_moves_there(harboured: Keeper) -> None:
    found = await harboured.takes(
        "cases: [{slug: other, title: Other, defendants: [{slug: marta-vetrova}]}]"
    )
    assert [each.kind for each in found] == ["case", "defendant"]
    marta = await harboured.one(by_slug(Defendant, "marta-vetrova"))
    assert marta.case_id == (await harboured.one(by_slug(Case, "other"))).id
    assert await harboured.takes(await harboured.export()) == []


# What of a hearing or of its court changes the hearing's entry in calendars, and what does not.
REVISIONS = [
    ("hearings: [{slug: port-strike-1, starts_at: 2026-12-01 10:00}]", True),
    ("hearings: [{slug: port-strike-1, room: '7'}]", True),
    ("hearings: [{slug: port-strike-1, status: cancelled}]", True),
    ("hearings: [{slug: port-strike-1, court: other}]", True),
    ("hearings: [{slug: port-strike-1, judge: X}]", False),
    ("hearings: [{slug: port-strike-1, confirmed_at: 2026-11-20}]", False),
    ("courts: [{slug: kamensk-city, name: Renamed}]", True),
    ("courts: [{slug: kamensk-city, address: 9 Novaya St}]", True),
    ("courts: [{slug: kamensk-city, location: {latitude: 5}}]", True),
    ("courts: [{slug: kamensk-city, timezone: Europe/Moscow}]", True),
    ("courts: [{slug: other, name: Renamed}]", False),
]


@pytest.mark.parametrize(("change", "grows"), REVISIONS)
async def test_a_hearing_is_revised_when_time_place_or_status_change(
    light: Keeper, change: str, grows: bool
) -> None:
    await light.takes(FORMAT)
    await light.takes("courts: [{slug: other, name: O, city: O, timezone: UTC}]\n")
    before = (await light.one(select(Hearing))).revision
    await light.takes(change)
    assert ((await light.one(select(Hearing))).revision > before) == grows


# What of an event changes its entry in calendars, and what does not.
EVENTS_REVISED = [
    ("status: cancelled", True),
    ("repeats: {every: week}", True),
    ("repeats: {until: null}", True),
    ("repeats: {except: [2027-01-07]}", True),
    ("repeats: null", True),
    ("status: scheduled, repeats: {every: 2 weeks}", None),
    ("capacity: 7", False),
]


@pytest.mark.parametrize(("said", "grows"), EVENTS_REVISED)
async def test_an_event_is_revised_when_its_days_change(
    light: Keeper, said: str, grows: bool | None
) -> None:
    """Whoever comes to it is told of any change; None: there is none."""
    await light.takes(FORMAT)
    tea = by_slug(Event, "tea-and-letters")
    before = await light.one(tea)
    await light.takes(f"events: [{{slug: tea-and-letters, {said}}}]")
    after = await light.one(tea)
    assert (after.revision > before.revision) == bool(grows)
    assert (after.version > before.version) == (grows is not None)
    assert (await light.one(by_slug(Event, "letters-in-may"))).version == before.version


async def test_a_hearing_that_is_added_again_goes_on_in_calendars(harboured: Keeper) -> None:
    await harboured.takes("hearings: [{slug: port-strike-1, room: '7'}]")
    before = (await harboured.one(select(Hearing))).revision
    await harboured.takes("hearings: [{slug: port-strike-1, remove: true}]")
    await harboured.takes(FORMAT.replace('confirmed_at: "-1d"', "confirmed_at: 2026-11-20"))
    assert (await harboured.one(select(Hearing))).revision > before


async def test_ten_oclock_stays_ten_oclock_when_a_zone_is_corrected(harboured: Keeper) -> None:
    found = await harboured.takes("courts: [{slug: kamensk-city, timezone: Europe/Moscow}]")
    assert [each.kind for each in found] == ["court", "hearing"]
    hearing = await harboured.one(select(Hearing))
    assert hearing.starts_at == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


async def test_another_first_language_stands_first_everywhere(harboured: Keeper) -> None:
    await harboured.takes("organisation: {slug: harbour, languages: [ru, en]}")
    assert list((await harboured.one(select(Case))).title) == ["ru", "en"]
    assert (await harboured.one(select(Court))).city_key == "каменск"
    assert list((await harboured.one(select(TimelineEntry))).text) == ["ru", "en"]
    assert (
        await harboured.takes(FORMAT.replace("languages: [en, ru]\n", "languages: [ru, en]\n"))
        == []
    )


async def test_versions_of_changed_cases_and_people_grow(harboured: Keeper) -> None:
    version = await harboured.version()
    await harboured.takes("hearings: [{slug: port-strike-1, room: '7'}]")
    assert await harboured.version() == version + 1
    assert (await harboured.one(select(Case))).version == version
    people = "[{slug: ivan-lodkin, who: X}]"
    await harboured.takes(f"cases: [{{slug: port-strike, defendants: {people}}}]")
    ivan = await harboured.one(by_slug(Defendant, "ivan-lodkin"))
    marta = await harboured.one(by_slug(Defendant, "marta-vetrova"))
    assert (ivan.version, marta.version) == (version + 2, version)


async def test_a_case_and_a_person_may_share_a_slug(light: Keeper) -> None:
    await light.takes(
        "organisation: {slug: a, name: A}\n"
        "cases: [{slug: orlov, title: Orlov, defendants: [{slug: orlov, name: Orlov}]}]\n"
        "fundraisers:\n"
        "  - {slug: one, title: One, for: orlov}\n"
        "  - {slug: two, title: Two, for: case:orlov}\n"
    )
    assert (await light.one(by_slug(Fundraiser, "one"))).defendant_id is not None
    assert (await light.one(by_slug(Fundraiser, "two"))).case_id is not None
    assert await light.takes(await light.export()) == []


async def test_a_failure_of_the_database_midway_changes_nothing(harboured: Keeper) -> None:
    version = await harboured.version()
    async with harboured.sessions() as session, writing(session):
        await session.execute(text("DROP TABLE timeline_entries"))
    with pytest.raises(DBAPIError, match="timeline_entries"):
        await harboured.takes(
            "courts: [{slug: new, name: N, city: N, timezone: UTC}]\n"
            "cases: [{slug: new, title: N, timeline: [{kind: note, en: n}]}]\n"
        )
    assert await harboured.one(select(func.count()).select_from(Court)) == 1
    assert await harboured.version() == version


async def test_a_plan_is_applied_as_it_was_shown_or_not_at_all(harboured: Keeper) -> None:
    async with harboured.sessions() as session:
        plan = await campaign_file.plan(
            session,
            b"cases: [{slug: port-strike, stage: appeal}]",
            name="x.yaml",
            now=NOW,
            mark=VAULT.mark_of,
        )
        async with writing(session):
            await campaign_file.apply(session, plan)
    assert (await harboured.one(select(Case))).stage == "appeal"
    async with harboured.sessions() as session:
        with pytest.raises(PlanOutdated):
            async with writing(session):
                await campaign_file.apply(session, plan)


async def test_progress_grows_to_the_end(light: Keeper) -> None:
    seen: list[tuple[int, int]] = []
    await light.takes(SAC, progress=lambda done, total: seen.append((done, total)))
    parts = [done / total for done, total in seen]
    assert parts == sorted(parts)
    assert parts[-1] == 1


async def test_differences_are_said_in_words_dangerous_ones_first(harboured: Keeper) -> None:
    ivan = "{slug: ivan-lodkin, custody: [{facility: kamensk-sizo-1, since: 2026-11-01}]}"
    found = await harboured.takes(
        f"cases: [{{slug: port-strike, stage: appeal, defendants: [{ivan}]}}]\n"
        "hearings:\n"
        "  - {slug: port-strike-1, starts_at: 2026-12-03 09:00}\n"
        "  - {slug: two, case: port-strike, court: kamensk-city, starts_at: 2026-12-04 09:00}\n"
    )
    summary, _, *lines = views.differences(found).split("\n")
    assert summary == "1 address changed, 1 hearing changed, 1 hearing added, 1 case changed"
    assert lines[0].startswith(
        "Defendant ivan-lodkin (Ivan Lodkin): place of custody kamensk-sizo-1"
    )
    assert lines[1].startswith("Hearing port-strike-1: ")
    assert "starts 23 Nov 2026 10:00 → 3 Dec 2026 09:00" in lines[1]
    assert "confirmed 19 Nov 2026 → —" in lines[1]
    assert lines[2:] == [
        "1 hearing added: two (4 Dec 2026 09:00 Asia/Yekaterinburg, kamensk-city)",
        "Case port-strike (The port strike case): stage on trial → appeal",
    ]


async def test_a_new_hearing_is_told_by_its_courts_clock(light: Keeper) -> None:
    await light.takes(FORMAT)
    found = await light.takes(
        "hearings: [{slug: two, case: port-strike, court: kamensk-city, "
        "starts_at: 2026-12-04T23:30Z}]"
    )
    assert views.differences(found).split("\n")[-1] == (
        "1 hearing added: two (5 Dec 2026 04:30 Asia/Yekaterinburg, kamensk-city)"
    )


async def test_entries_that_go_and_come_are_counted(light: Keeper) -> None:
    await light.takes(FORMAT)
    entry, case = "{{kind: note, en: note {}}}", "cases: [{{slug: port-strike, timeline: [{}]}}]"
    five = ", ".join(entry.format(n) for n in range(5))
    told = views.differences(await light.takes(case.format(five)))
    assert "timeline (2 entries go, 5 are new) " in told
    told = views.differences(await light.takes(case.format("{kind: note, en: all}")))
    assert "timeline (5 entries go, 1 is new) note, note 0, note, note 1" in told
    with speaking("ru"):
        told = views.differences(await light.takes(case.format(five)))
    assert "(уходит 1 запись, новых — 5)" in told


async def test_a_person_is_said_to_move_to_another_case(light: Keeper) -> None:
    await light.takes(FORMAT)
    found = await light.takes(
        "cases: [{slug: other, title: Other, defendants: [{slug: marta-vetrova}]}]"
    )
    moved = "Defendant marta-vetrova (Marta Vetrova): moves from case port-strike to case other"
    assert moved in views.differences(found)


async def test_who_is_meant_by_an_entry_is_no_language(keeper: Keeper) -> None:
    await keeper.takes(SAC)
    entries = select(TimelineEntry.text).where(TimelineEntry.defendant_id.is_not(None))
    assert set(await keeper.one(entries)) <= {"en", "ru"}


async def test_many_differences_are_folded(light: Keeper) -> None:
    await light.takes(FORMAT)
    courts = "".join(f"  - {{slug: c{n}, name: C{n}, city: C, timezone: UTC}}\n" for n in range(90))
    assert views.differences(await light.takes(f"courts:\n{courts}")).split("\n")[2:] == [
        "90 courts added: c0 (C0), c1 (C1), c2 (C2), c3 (C3), c4 (C4) and 85 more"
    ]
    found = await light.takes("courts:\n" + courts.replace("city: C", "city: K"))
    assert views.differences(found).split("\n")[-1] == "… and 65 more"
    assert views.differences([]) == "Nothing changes."


async def test_a_bad_file_leaves_the_session_usable(light: Keeper) -> None:
    async with light.sessions() as session:
        with pytest.raises(CampaignFileError):
            await campaign_file.import_file(
                session, b"cases: 7", name="x.yaml", now=NOW, mark=VAULT.mark_of
            )
        await campaign_file.import_file(
            session, FORMAT.encode(), name="x.yaml", now=NOW, mark=VAULT.mark_of
        )
        assert await session.scalar(select(func.count()).select_from(Case)) == 1
