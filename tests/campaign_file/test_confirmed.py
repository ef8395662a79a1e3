"""Ways around the rule that a changed fact needs a new word, each of them closed."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.services.campaign_file import CampaignFileError
from bot.views import campaign_file as views
from models import Court, Custody, Defendant, DonationRoute, Event, Facility, Hearing, Organisation
from tests.campaign_file.conftest import FORMAT, NOW, Keeper
from tests.campaign_file.test_old_words import COURT, IVAN, OLD_WORD, PLACE, STAY

LEFT_BEHIND = "stays in another"
STATUS = "cases: [{{slug: port-strike, defendants: [{{slug: ivan-lodkin, status: {}}}]}}]\n"
OTHER = "facilities: [{slug: b, country: RU, kind: pre_trial_detention, name: B}]\n"
CONFIRMED = select(Custody).where(Custody.confirmed_at.is_not(None))


@pytest.fixture
async def harbour_keeper(light: Keeper) -> Keeper:
    await light.takes(FORMAT)
    return light


# What of a place changes, and the language that would go on telling of the old one.
HALVES = [
    (PLACE, "address: {ru: 'ул. Новая, 1'}", "en"),
    (PLACE, "address: {en: 4 Novaya St}", "ru"),
    (PLACE, "name: {en: Remand prison No. 2}", "ru"),
    (PLACE, "address: {ru: 'Каменская область, г. Каменск, ул. Заводская, д. 5'}", "en"),
    (COURT, "address: {en: 9 Novaya St}", "ru"),
    (COURT, "name: {en: Regional Court}", "ru"),
    (COURT, "city: {ru: Пермь}", "en"),
]


@pytest.mark.parametrize(("place", "change", "stays"), HALVES)
async def test_an_address_changes_in_every_language(
    harbour_keeper: Keeper, place: str, change: str, stays: str
) -> None:
    [told] = await harbour_keeper.hears(place.format(change))
    assert f"({stays})" in told
    assert LEFT_BEHIND in told
    assert told.startswith("x.yaml:1: ")
    await harbour_keeper.takes(place.format(change.replace("}", f", {stays}: null}}")))


async def test_a_whole_file_that_forgets_a_language_is_refused(harbour_keeper: Keeper) -> None:
    told = await harbour_keeper.hears(FORMAT.replace("ул. Заводская, д. 4", "ул. Новая, д. 1"))
    assert "address.ru" in told[0]
    assert LEFT_BEHIND in told[0]


# What is a translation or a slip, and whether it takes the word away.
HARMLESS = [
    ("address: {kk: Зауыт көшесі}", False),
    ("name: {kk: Тергеу абақтысы}", False),
    ("address: {en: '4 Zavodskaya St., Kamensk, Kamensk region, Russia'}", True),
]


@pytest.mark.parametrize(("change", "needs"), HARMLESS)
async def test_a_translation_changes_nothing_and_a_slip_is_corrected(
    harbour_keeper: Keeper, change: str, needs: bool
) -> None:
    await harbour_keeper.takes(PLACE.format(change))
    assert ((await harbour_keeper.one(CONFIRMED)) is None) == needs


async def test_the_first_address_of_a_place_is_confirmed_by_no_earlier_word(light: Keeper) -> None:
    await light.takes(FORMAT.replace('    address: {ru: "Кам', '#    address: {ru: "Кам'))
    await light.takes(PLACE.format("address: {en: 4 Novaya St}"))
    assert await light.one(CONFIRMED) is None


OLD_STAY = STAY.format("2026-11-17")
# Files one after the other, after which the word of 17 November does not count.
WAYS_BACK = {
    "transfer": [STATUS.format("transfer"), STATUS.format("pre_trial_detention")],
    "released": [STATUS.format("released"), STATUS.format("pre_trial_detention")],
    "released and back": [
        STATUS.format("released, custody: [{facility: kamensk-sizo-1, until: 2026-11-18}]"),
        STATUS.format("pre_trial_detention"),
        IVAN.format("{facility: kamensk-sizo-1, until: null}"),
    ],
    "to be released and not": [
        STATUS.format("released, custody: [{facility: kamensk-sizo-1, until: 2026-12-18}]"),
        STATUS.format("pre_trial_detention"),
        IVAN.format("{facility: kamensk-sizo-1, until: null}"),
    ],
    "another prison": [
        OTHER + IVAN.format("{facility: b}"),
        IVAN.format("{facility: kamensk-sizo-1, since: 2025-11-03}"),
    ],
    "another prison with a word": [
        OTHER + IVAN.format("{facility: b, confirmed_at: 2026-11-19}"),
        IVAN.format("{facility: kamensk-sizo-1, since: 2025-11-03}"),
    ],
    "no custody": [
        "cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, custody: null}]}]",
        IVAN.format("{facility: kamensk-sizo-1, since: 2025-11-03}"),
    ],
}


@pytest.mark.parametrize("files", WAYS_BACK.values(), ids=WAYS_BACK)
async def test_who_was_elsewhere_meanwhile_is_not_confirmed_by_the_old_word(
    harbour_keeper: Keeper, files: list[str]
) -> None:
    for file in files:
        await harbour_keeper.takes(file)
    assert await harbour_keeper.one(CONFIRMED) is None
    [told] = await harbour_keeper.hears(IVAN.format(OLD_STAY))
    assert OLD_WORD in told
    await harbour_keeper.takes(IVAN.format(STAY.format("2026-11-20")))
    assert await harbour_keeper.one(CONFIRMED) is not None


async def test_another_prison_is_not_confirmed_by_the_old_date(harbour_keeper: Keeper) -> None:
    moved = OTHER + IVAN.format("{facility: b, confirmed_at: '2026-11-17'}")
    assert OLD_WORD in (await harbour_keeper.hears(moved))[0]
    second = IVAN.format(f"{OLD_STAY.replace('}', ', until: 2026-11-18}')}, {OLD_STAY}")
    assert OLD_WORD in (await harbour_keeper.hears(second.replace("since: 2025-11-03, ", "")))[0]


async def test_a_word_withdrawn_with_all_stays_is_kept_by_the_person(
    harbour_keeper: Keeper,
) -> None:
    person = "{slug: ivan-lodkin, custody: null}"
    await harbour_keeper.takes(f"cases: [{{slug: port-strike, defendants: [{person}]}}]")
    withdrawn = (await harbour_keeper.one(select(Defendant))).withdrawn_at
    assert withdrawn == datetime(2026, 11, 16, 21, tzinfo=UTC)
    assert OLD_WORD in (await harbour_keeper.hears(FORMAT))[0]


HEARING = "hearings: [{{slug: port-strike-1, {}}}]"
# Of a hearing's facts: files one after the other that make it another one.
OTHERWISE = [
    ["public: false"],
    ["public: null"],
    ["kind: verdict"],
    ["status: cancelled", "status: scheduled"],
    ["status: adjourned", "status: scheduled"],
    ["outcome: {en: put off}", "outcome: null"],
]


@pytest.mark.parametrize("changes", OTHERWISE, ids=lambda changes: changes[-1])
async def test_a_hearing_that_is_otherwise_needs_a_new_word(
    harbour_keeper: Keeper, changes: list[str]
) -> None:
    for change in changes:
        await harbour_keeper.takes(HEARING.format(change))
    hearing = await harbour_keeper.one(select(Hearing))
    assert (hearing.confirmed_at, hearing.source) == (None, None)
    told = await harbour_keeper.hears(HEARING.format("confirmed_at: 2026-11-19"))
    assert OLD_WORD in told[0]
    await harbour_keeper.takes(HEARING.format("confirmed_at: 2026-11-20"))


async def test_why_it_was_put_off_is_no_outcome_of_the_next_date(harbour_keeper: Keeper) -> None:
    adjourned = "status: adjourned, outcome: {en: the judge is ill}"
    for change, outcome in (
        (adjourned, {"en": "the judge is ill"}),
        ("room: '4'", {"en": "the judge is ill"}),
        ("status: scheduled, starts_at: 2026-12-04 10:00", None),
        ("status: held, outcome: {en: three years}", {"en": "three years"}),
        ("status: scheduled, outcome: {en: a slip}", {"en": "a slip"}),
    ):
        await harbour_keeper.takes(HEARING.format(change))
        assert (await harbour_keeper.one(select(Hearing))).outcome == outcome


async def test_a_hearing_that_is_over_keeps_its_word(harbour_keeper: Keeper) -> None:
    for status in ("cancelled", "held"):
        await harbour_keeper.takes(HEARING.format(f"status: {status}"))
    assert (await harbour_keeper.one(select(Hearing))).confirmed_at is not None


FUND = "fundraisers: [{{slug: lodkin-lawyer, for: {}}}]\n"


@pytest.mark.parametrize("cause", ["marta-vetrova", "port-strike", "null"])
async def test_money_for_somebody_else_needs_routes_checked_anew(
    harbour_keeper: Keeper, cause: str
) -> None:
    told = await harbour_keeper.hears(FUND.format(cause))
    assert [each.split(": ")[:2] for each in told] == [
        ["x.yaml:1", "fundraisers[lodkin-lawyer].for"]
    ] * 2
    assert "“lodkin-card-ru” was checked for somebody else" in told[0]
    route = "{{{{slug: {}, checked_at: '{{0}}'}}}}"
    both = ", ".join(map(route.format, ("lodkin-card-ru", "lodkin-abroad")))
    routes = f"donation_routes: [{both}]"
    for old in ("-2d", "2026-11-18"):
        assert len(await harbour_keeper.hears(FUND.format(cause) + routes.format(old))) == 2
    file = FUND.format(cause) + routes.format("2026-11-20")
    await harbour_keeper.takes(file)
    assert await harbour_keeper.takes(file) == []


async def test_money_for_the_same_person_needs_no_new_check(harbour_keeper: Keeper) -> None:
    await harbour_keeper.takes(FUND.format("ivan-lodkin, title: Help"))
    await harbour_keeper.takes(FUND.format("defendant:ivan-lodkin, title: Help him"))
    assert (await harbour_keeper.one(select(DonationRoute))).checked_at is not None


# Words for what nobody can have seen yet; it is 12:00 in UTC, 15:00 for the organisation.
TOMORROW = [
    ("2026-11-21", False),
    ("+1d", False),
    ("2026-11-20 15:20", False),
    ("+2h", False),
    ("2026-11-20", True),
    ("2026-11-20 15:05", True),
    ("2026-11-21 01:00+13:00", True),
]


@pytest.mark.parametrize(("said", "may"), TOMORROW)
async def test_nobody_confirms_what_has_not_come(
    harbour_keeper: Keeper, said: str, may: bool
) -> None:
    for file in (
        IVAN.format(STAY.format(said)),
        HEARING.format(f"confirmed_at: '{said}'"),
        f"donation_routes: [{{slug: lodkin-abroad, checked_at: '{said}'}}]",
    ):
        if may:
            await harbour_keeper.takes(file)
        else:
            [told] = await harbour_keeper.hears(file)
            assert "has not come yet" in told


async def test_today_is_said_where_it_is_today(harbour_keeper: Keeper) -> None:
    """In Yekaterinburg, where a court is, it is the next day already."""
    file = HEARING.format("confirmed_at: 2026-11-21")
    await harbour_keeper.takes(file, now=NOW + timedelta(hours=7, minutes=30))


def campaign(zone: str, court_zone: str, starts_at: str, word: str = "") -> str:
    return (
        f"organisation: {{slug: a, name: A, timezone: {zone}}}\n"
        f"courts: [{{slug: c, name: C, city: C, timezone: {court_zone}}}]\n"
        "cases: [{slug: c, title: C}]\n"
        f"hearings: [{{slug: h, case: c, court: c, starts_at: {starts_at}{word}}}]\n"
    )


async def test_the_second_ten_oclock_stays_ten_oclock_in_another_zone(light: Keeper) -> None:
    await light.takes(campaign("UTC", "Europe/Berlin", "2027-10-31 02:30+01:00"))
    await light.takes("courts: [{slug: c, timezone: Asia/Omsk}]")
    hearing = await light.one(select(Hearing))
    assert hearing.starts_at == datetime(2027, 10, 30, 20, 30, tzinfo=UTC)
    assert await light.takes(await light.export()) == []


async def test_an_evening_stays_at_its_hour_in_another_zone(harbour_keeper: Keeper) -> None:
    evening = "events: [{{slug: letters-in-may, {}}}]"
    fold = "timezone: Europe/Berlin, starts_at: 2027-10-31 02:30+01:00"
    await harbour_keeper.takes(evening.format(fold))
    await harbour_keeper.takes(evening.format("timezone: Asia/Omsk"))
    event = await harbour_keeper.one(select(Event))
    assert event.starts_at == datetime(2027, 10, 30, 20, 30, tzinfo=UTC)
    await harbour_keeper.takes(evening.format("timezone: null"))
    assert (await harbour_keeper.one(select(Event))).timezone == "Europe/Moscow"


async def test_an_instant_is_the_same_in_another_zone(light: Keeper) -> None:
    instant = "2026-12-01 10:00+05:00"
    await light.takes(campaign("UTC", "Asia/Yekaterinburg", instant))
    corrected = campaign("UTC", "Europe/Moscow", instant)
    found = await light.takes(corrected)
    hearing = await light.one(select(Hearing))
    assert hearing.starts_at == datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert "starts 1 Dec 2026 10:00 → 1 Dec 2026 08:00" in views.differences(found)
    assert await light.takes(corrected) == []
    assert await light.takes(await light.export()) == []


async def test_ten_oclock_elsewhere_is_another_time(light: Keeper) -> None:
    at, word = "2026-12-01 10:00", ", confirmed_at: 2026-11-19"
    await light.takes(campaign("UTC", "Asia/Yekaterinburg", at, word))
    [told] = await light.hears(campaign("UTC", "Europe/Moscow", at, word))
    assert OLD_WORD in told
    await light.takes(campaign("UTC", "Europe/Moscow", at))
    assert (await light.one(select(Hearing))).confirmed_at is None


async def test_what_was_to_come_before_its_zone_was_corrected_needs_a_new_word(
    light: Keeper,
) -> None:
    """Ten o'clock in Honolulu lies ahead; in Auckland it has been."""
    at, word = "2026-11-20 10:00", ", confirmed_at: 2026-11-19"
    await light.takes(campaign("UTC", "Pacific/Honolulu", at, word))
    await light.takes("courts: [{slug: c, timezone: Pacific/Auckland}]")
    assert (await light.one(select(Hearing))).confirmed_at is None


async def test_an_hour_that_the_new_zone_skips_is_told(light: Keeper) -> None:
    await light.takes(campaign("UTC", "UTC", "2027-03-28 02:30"))
    [told] = await light.hears("courts: [{slug: c, timezone: Europe/Berlin}]")
    assert told.startswith("x.yaml:1: courts[c].timezone: Clocks skip that hour in Europe/Berlin")


async def test_of_two_equal_hours_the_second_is_later(light: Keeper) -> None:
    """Berlin's clocks go back: the first 02:45 is before the second 02:30."""
    later = datetime(2026, 10, 26, tzinfo=UTC)
    word = ", confirmed_at: 2026-10-25 02:30+01:00"
    await light.takes(campaign("Europe/Berlin", "UTC", "2026-12-01 10:00", word), now=later)
    await light.takes("hearings: [{slug: h, room: '7'}]", now=later)
    again = "hearings: [{{slug: h, confirmed_at: '2026-10-25 {}'}}]"
    with pytest.raises(CampaignFileError):
        await light.takes(again.format("02:45"), now=later)
    await light.takes(again.format("02:45+01:00"), now=later)


async def test_a_day_without_a_midnight_begins_later(light: Keeper) -> None:
    """Clocks in Cairo go forward at midnight."""
    later = datetime(2027, 5, 2, tzinfo=UTC)
    word = ", confirmed_at: 2027-04-30"
    file = campaign("Africa/Cairo", "UTC", "2027-06-01 10:00", word)
    await light.takes(file, now=later)
    hearing = await light.one(select(Hearing))
    assert hearing.confirmed_at == datetime(2027, 4, 29, 22, tzinfo=UTC)
    assert await light.takes(file, now=later) == []
    exported = await light.export()
    assert b"confirmed_at: 2027-04-30\n" in exported
    assert await light.takes(exported, now=later) == []


ZONES = ["America/New_York", "Asia/Vladivostok", "UTC"]


@pytest.mark.parametrize("zone", ZONES)
async def test_days_stay_days_when_the_organisations_zone_is_corrected(
    light: Keeper, zone: str
) -> None:
    file = FORMAT.replace('"-3d"', "2026-11-17").replace('"-1d"', "2026-11-19")
    file = file.replace('"-2d"', "2026-11-18").replace('"+3d 10:00"', "2026-11-23 10:00")
    await light.takes(file)
    corrected = file.replace("timezone: Europe/Moscow\n  contact", f"timezone: {zone}\n  contact")
    for change in (f"organisation: {{slug: harbour, timezone: {zone}}}", corrected, corrected):
        found = await light.takes(change)
        assert [each.kind for each in found] in ([], ["organisation"])
    assert b"checked_at: 2026-11-18\n" in await light.export()
    assert await light.takes(await light.export()) == []


async def test_a_whole_file_with_another_zone_is_taken_once(light: Keeper) -> None:
    await light.takes(FORMAT)
    corrected = FORMAT.replace("timezone: Europe/Moscow\n  contact", "timezone: UTC\n  contact")
    assert [each.kind for each in await light.takes(corrected)] == ["organisation"]
    assert await light.takes(corrected) == []
    assert (await light.one(select(Hearing))).confirmed_at == datetime(2026, 11, 19, tzinfo=UTC)


async def test_another_zone_brings_no_old_word_back(harbour_keeper: Keeper) -> None:
    await harbour_keeper.takes(HEARING.format("room: '7'"))
    office = "organisation: {slug: harbour, timezone: America/New_York}\n"
    again = HEARING.format("confirmed_at: 2026-11-19")
    assert OLD_WORD in (await harbour_keeper.hears(office + again))[0]
    await harbour_keeper.takes(office)
    assert OLD_WORD in (await harbour_keeper.hears(again))[0]


@pytest.mark.parametrize(("key", "left"), [("timezone", "UTC"), ("languages", ["en", "ru"])])
async def test_an_organisation_without_a_zone_or_languages_has_the_usual_ones(
    light: Keeper, key: str, left: object
) -> None:
    await light.takes(FORMAT)
    file = f"organisation: {{slug: harbour, {key}: null}}"
    await light.takes(file)
    assert getattr(await light.one(select(Organisation)), key) == left
    assert await light.takes(file) == []


async def test_another_first_language_reaches_what_the_file_names_too(
    harbour_keeper: Keeper,
) -> None:
    await harbour_keeper.takes(FORMAT.replace("languages: [en, ru]\n", "languages: [ru, en]\n"))
    assert (await harbour_keeper.one(select(Court))).city_key == "каменск"
    assert list((await harbour_keeper.one(select(Facility))).name) == ["ru", "en"]
