"""What was entered by mistake, or twice, is taken out by a file: {slug: …, remove: true}."""

from hashlib import sha256
from re import sub

import pytest
from sqlalchemy import func, select

from bot.crypto import generate_key, make_vault
from bot.db import Sessions
from bot.i18n import speaking
from bot.services import campaign
from bot.services.campaign_file import CampaignFileError
from bot.services.facts import Facts, Memory
from bot.services.search import Search
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
    Removal,
    TimelineEntry,
    event_addressees,
)
from tests.campaign_file.conftest import EXAMPLES, FORMAT, Keeper
from tests.town import VAULT, Town

pytestmark = pytest.mark.either_database

ENTRIES = "cases: [{{slug: port-strike, timeline: null{}}}]\n"
MARTA = "cases: [{slug: port-strike, defendants: [{slug: marta-vetrova, remove: true}]}]\n"
IVAN = "cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, remove: true}]}]\n"
EVERYTHING = """
courts: [{slug: kamensk-city, remove: true}]
facilities: [{slug: kamensk-sizo-1, remove: true}]
cases:
  - slug: port-strike
    remove: yes
    defendants: [{slug: ivan-lodkin, remove: true}, {slug: marta-vetrova, remove: true}]
hearings: [{slug: port-strike-1, remove: true}]
events: [{slug: letters-in-may, remove: true}, {slug: tea-and-letters, remove: true}]
fundraisers: [{slug: lodkin-lawyer, remove: true}, {slug: harbour-common, remove: true}]
donation_routes: [{slug: lodkin-card-ru, remove: true}, {slug: lodkin-abroad, remove: true},
  {slug: harbour-transfer, remove: true}]
"""


async def test_a_hearing_is_removed_once(harboured: Keeper) -> None:
    file = "hearings: [{slug: port-strike-1, remove: true}]"
    version = await harboured.version()
    assert "1 hearing removed: port-strike-1" in views.differences(await harboured.takes(file))
    assert await harboured.one(select(func.count()).select_from(Hearing)) == 0
    assert await harboured.version() == version + 1
    assert await harboured.takes(file) == []
    assert await harboured.version() == version + 1
    assert await harboured.takes(await harboured.export()) == []


async def test_a_person_goes_with_their_stays(harboured: Keeper) -> None:
    others = (
        "events: [{slug: letters-in-may, write_to: null}]\n"
        "fundraisers: [{slug: lodkin-lawyer, for: port-strike}]\n"
        "donation_routes: [{slug: lodkin-card-ru, checked_at: 2026-11-20},"
        " {slug: lodkin-abroad, checked_at: 2026-11-20}]\n"
    )
    leaves = ENTRIES.format(", defendants: [{slug: ivan-lodkin, remove: true}]")
    found = await harboured.takes(leaves + others)
    with speaking("ru"):
        told = views.differences(found)
    assert "убран 1 человек: ivan-lodkin (Иван Лодкин)" in told
    stays = select(Defendant.slug).join(Custody, Custody.defendant_id == Defendant.id)
    assert await harboured.one(stays) == "marta-vetrova"
    assert await harboured.one(select(func.count()).select_from(Custody)) == 1
    assert (await harboured.one(select(Defendant))).slug == "marta-vetrova"


async def test_an_evening_that_comes_again_is_the_heir_of_the_one_that_went(
    harboured: Keeper,
) -> None:
    """Whoever comes to it comes still."""
    evening = select(Event.id).where(Event.slug == "letters-in-may")
    before = await harboured.one(evening)
    await harboured.takes("events: [{slug: letters-in-may, remove: true}]")
    removal = await harboured.one(select(Removal))
    assert (removal.kind, removal.thing_id, removal.heir_id) == ("event", before, None)
    await harboured.takes(FORMAT.replace('"-1d"', "2026-11-20", 1))
    removal, now = await harboured.one(select(Removal)), await harboured.one(evening)
    assert now != before
    assert (removal.heir_id, removal.heir_since) == (now, await harboured.version())


async def test_everything_can_be_removed_but_the_organisation(harboured: Keeper) -> None:
    empty = "\n".join(FORMAT.split("\ncourts:")[0].split("\n"))
    await harboured.takes(EVERYTHING)
    for table in (Case, Court, Custody, Defendant, DonationRoute, Event, Facility, Fundraiser,
                  Hearing, TimelineEntry, event_addressees):  # fmt: skip
        assert await harboured.one(select(func.count()).select_from(table)) == 0
    assert await harboured.takes(EVERYTHING + empty) == []
    assert "That is the old" in "".join(await harboured.hears(FORMAT))
    await harboured.takes(sub('"-[123]d"', "2026-11-20", FORMAT))
    assert await harboured.takes(await harboured.export()) == []
    [told] = await harboured.hears("organisation: {slug: harbour, remove: true}")
    assert told.startswith("x.yaml:1: organisation.remove: There is no such key.")


# What is still referred to, and who is named.
IN_USE = [
    (
        "courts: [{slug: kamensk-city, remove: true}]",
        "others refer to it: port-strike, port-strike-1.",
    ),
    (
        "facilities: [{slug: kamensk-sizo-1, remove: true}]",
        "others refer to it: ivan-lodkin, marta-vetrova.",
    ),
    (IVAN, "others refer to it: port-strike, letters-in-may, lodkin-lawyer."),
    ("fundraisers: [{slug: lodkin-lawyer, remove: true}]", "lodkin-card-ru, lodkin-abroad."),
    ("cases: [{slug: port-strike, remove: true}]", "ivan-lodkin, marta-vetrova, port-strike-1."),
    (
        "cases: [{slug: port-strike, remove: true, defendants: [{slug: new, name: New}]}]",
        "others refer to it: new, ivan-lodkin, marta-vetrova. Change or remove those in the same "
        "file. There is 1 more.",
    ),
    (
        "courts: [{slug: kamensk-city, remove: true}]\n"
        "hearings: [{slug: port-strike-1, room: '3'}]",
        "others refer to it: port-strike, port-strike-1.",
    ),
    (
        "courts: [{slug: kamensk-city, remove: true}]\n"
        "cases: [{slug: port-strike, timeline: [{kind: note, court: kamensk-city, en: x}]}]\n"
        "hearings: [{slug: port-strike-1, remove: true}]",
        "others refer to it: port-strike.",
    ),
]


@pytest.mark.parametrize(("file", "told"), IN_USE)
async def test_what_others_refer_to_stays(harboured: Keeper, file: str, told: str) -> None:
    [problem] = await harboured.hears(file)
    assert "It cannot be removed, because others refer to it" in problem
    assert told in problem


async def test_who_is_moved_in_the_same_file_refers_no_longer(harboured: Keeper) -> None:
    await harboured.takes(
        "courts:\n"
        "  - {slug: kamensk-city, remove: true}\n"
        "  - {slug: other, name: O, city: O, timezone: UTC}\n"
        "hearings: [{slug: port-strike-1, court: other}]\n" + ENTRIES.format("")
    )
    assert (await harboured.one(select(Court))).slug == "other"


# Entries that remove nothing, and what is told.
MISTAKES = [
    ("hearings: [{slug: port-strike-2, remove: true}]", "There is no hearing “port-strike-2” in"),
    ("hearings: [{slug: port-strike-2, remove: true}]", "Did you mean “port-strike-1”?"),
    ("hearings: [{slug: port-strike-1, remove: maybe}]", "“maybe” is neither true nor false"),
    ("hearings: [{slug: port-strike-1, remove: true, room: '7'}]", "slug and “remove: true”, not"),
    ("hearings: [{remove: true}]", "slug: This must be given"),
    ("hearings: [{slug: port-strike-1, remove: true}, {slug: port-strike-1}]", "taken already"),
    ("hearings: [{slug: port-strike-1, removed: true}]", "Did you mean “remove”?"),
    ("organisation: {slug: harbour, removed: true}", "There is no such key."),
]


@pytest.mark.parametrize(("file", "told"), MISTAKES)
async def test_a_mistaken_removal_is_told(light: Keeper, file: str, told: str) -> None:
    await light.takes(FORMAT)
    problems = await light.hears(file)
    assert any(told in problem for problem in problems), problems


async def test_remove_false_removes_nothing(light: Keeper) -> None:
    await light.takes(FORMAT)
    await light.takes("hearings: [{slug: port-strike-1, remove: false, room: '7'}]")
    assert (await light.one(select(Hearing))).room == "7"


async def test_nobody_gets_the_number_of_somebody_else(harboured: Keeper) -> None:
    """Old buttons carry it."""
    marta = await harboured.one(select(Defendant.id).where(Defendant.slug == "marta-vetrova"))
    await harboured.takes(MARTA)
    people = "[{slug: a, name: A}, {slug: b, name: B}]"
    await harboured.takes(f"cases: [{{slug: port-strike, defendants: {people}}}]")
    async with harboured.sessions() as session:
        ids = list(await session.scalars(select(Defendant.id)))
    assert len(ids) == 3
    assert marta not in ids


async def test_what_is_removed_is_guessed_by_nobody_without_the_key(harboured: Keeper) -> None:
    await harboured.takes(MARTA)
    mark = await harboured.one(select(Removal.mark))
    guesses = [f"{kind}:marta-vetrova" for kind in ("defendant", "removed defendant")]
    assert mark not in [sha256(guess.encode()).hexdigest() for guess in guesses]
    other = make_vault(generate_key())
    assert mark not in (other.mark_of("defendant", "marta-vetrova"), "marta-vetrova")
    assert mark == VAULT.mark_of("defendant", "marta-vetrova")
    with pytest.raises(CampaignFileError):
        await harboured.takes(MARTA, mark=other.mark_of)
    assert await harboured.takes(MARTA) == []


async def names_found(sessions: Sessions, search: Search, text: str) -> list[str]:
    async with sessions() as session:
        version = await campaign.version(session)
        hits = await search.find(Facts(session, version, Memory()), text)
    return [thing.slug for thing in hits.things]


async def test_the_search_forgets_whoever_is_removed(harboured: Keeper) -> None:
    search = Search()
    assert await names_found(harboured.sessions, search, "Ветрова") == ["marta-vetrova"]
    known = len(search.index)
    await harboured.takes(MARTA)
    assert await names_found(harboured.sessions, search, "Ветрова") == []
    assert len(search.index) == known - 1


async def test_the_removal_that_is_documented_works(light: Keeper) -> None:
    page = (EXAMPLES.parent / "docs" / "facts.md").read_text()
    file = page.partition("```yaml\n")[2].partition("```")[0]
    await light.takes(FORMAT)
    assert [(each.slug, each.removed) for each in await light.takes(file)] == [
        ("marta-vetrova", True),
        ("port-strike-1", True),
    ]


async def test_a_removed_person_is_gone_from_every_screen(harbour: Town) -> None:
    anna = harbour.person("Anna")
    await anna.send("Marta Vetrova")
    anna.sees("radio operator")
    await harbour.take_in(MARTA.encode())
    await anna.send("Marta Vetrova")
    anna.sees_not("radio operator")


GONE = "hearings: [{slug: port-strike-1, remove: true}]\n"
# What is changed, and what hangs on it and is removed by the same file.
CHANGED = {
    "address of a court": 'courts: [{slug: kamensk-city, address: {en: "9 New", ru: "Новая"}}]\n'
    + GONE,
    "zone of a court": "courts: [{slug: kamensk-city, timezone: Asia/Omsk}]\n" + GONE,
    "address of a prison": "facilities: [{slug: kamensk-sizo-1, address: {en: New, ru: Новая}}]\n"
    "events: [{slug: letters-in-may, write_to: null}]\n"
    "fundraisers: [{slug: lodkin-lawyer, for: port-strike}]\n"
    "donation_routes: [{slug: lodkin-card-ru, remove: true}, {slug: lodkin-abroad, remove: true}]\n"
    + ENTRIES.format(", defendants: [{slug: ivan-lodkin, remove: true}]"),
    "zone of all": "organisation: {slug: harbour, timezone: Asia/Omsk}\n" + GONE + MARTA,
    "languages": "organisation: {slug: harbour, languages: [ru, en]}\n" + GONE + MARTA,
}


@pytest.mark.parametrize("file", CHANGED.values(), ids=CHANGED)
async def test_what_is_removed_does_not_follow_what_changes(light: Keeper, file: str) -> None:
    await light.takes(FORMAT)
    assert any(each.removed for each in await light.takes(file))
    assert await light.takes(file) == []


ABSOLUTE = FORMAT.replace('"+3d 10:00"', "2026-11-23 10:00").replace('"-1d"', "2026-11-19")
ABSOLUTE = ABSOLUTE.replace('"-3d"', "2026-11-17").replace('"-2d"', "2026-11-18")
# What is done before the old file comes again, and what is told of which line.
AGAIN = {
    "hearing": (
        ["hearings: [{slug: port-strike-1, starts_at: 2026-12-01 10:00}]", GONE],
        "hearings[port-strike-1].confirmed_at",
    ),
    "hearing that nobody moved": ([GONE], "hearings[port-strike-1].confirmed_at"),
    "hearing that came without a word": (
        [
            GONE,
            "hearings: [{slug: port-strike-1, case: port-strike, court: kamensk-city,"
            " starts_at: 2026-12-01 10:00}]",
            GONE,
        ],
        "hearings[port-strike-1].confirmed_at",
    ),
    "person": (
        [
            ENTRIES.format(", defendants: [{slug: ivan-lodkin, status: transfer}]"),
            CHANGED["address of a prison"],
        ],
        "ivan-lodkin].custody[1].confirmed_at",
    ),
    "route": (
        ["donation_routes: [{slug: lodkin-abroad, remove: true}]"],
        "donation_routes[lodkin-abroad].checked_at",
    ),
}


@pytest.mark.parametrize(("files", "place"), AGAIN.values(), ids=AGAIN)
async def test_a_removal_brings_no_old_word_back(
    keeper: Keeper, files: list[str], place: str
) -> None:
    await keeper.takes(ABSOLUTE)
    for file in files:
        await keeper.takes(file)
    told = await keeper.hears(ABSOLUTE)
    assert any(place in each for each in told)
    newer = sub("2026-11-1[789]", "2026-11-20", ABSOLUTE)
    await keeper.takes(newer)
    assert await keeper.takes(newer) == []


async def test_what_comes_again_without_a_word_keeps_the_old_one_out(light: Keeper) -> None:
    await light.takes(ABSOLUTE)
    await light.takes(GONE)
    await light.takes(ABSOLUTE.replace("    confirmed_at: 2026-11-19\n", ""))
    assert (await light.one(select(Hearing))).confirmed_at is None
    [told] = await light.hears(ABSOLUTE)
    assert "That is the old confirmation" in told
