"""A changed fact is not confirmed by the old word, in both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.i18n import speaking
from bot.views import campaign_file as views
from models import Court, Custody, DonationRoute, Hearing, PayFrom
from tests.campaign_file.conftest import FORMAT, NOW, STAYS, Keeper

pytestmark = pytest.mark.either_database

PLACE = "facilities: [{{slug: kamensk-sizo-1, {}}}]\n"
IVAN = "cases: [{{slug: port-strike, defendants: [{{slug: ivan-lodkin, custody: [{}]}}]}}]\n"
STAY = "{{facility: kamensk-sizo-1, since: 2025-11-03, confirmed_at: '{}'}}"
NEW_CHECK = "checked_at: What people rely on when they pay changes here"
OLD_WORD = "That is the old confirmation"


@pytest.mark.parametrize(
    "change",
    [
        "address: {ru: 'ул. Новая, 1', en: 1 Novaya St}",
        "name: {en: Remand prison No. 2, ru: СИЗО-2}",
        "postal_code: '620001'",
    ],
)
async def test_a_changed_address_is_not_confirmed_by_the_old_word(
    harboured: Keeper, change: str
) -> None:
    found = await harboured.takes(PLACE.format(change))
    stay = await harboured.one(STAYS)
    assert (stay.confirmed_at, stay.source) == (None, None)
    told = views.differences(found)
    assert told.startswith("2 addresses changed")
    assert (
        "Defendant ivan-lodkin (Ivan Lodkin): place of custody kamensk-sizo-1: "
        "confirmed 17 Nov 2026 → —, source lawyer → —"
    ) in told
    exported = await harboured.export()
    assert await harboured.takes(PLACE.format(change)) == []
    assert await harboured.takes(exported) == []


async def test_rules_for_letters_confirm_and_unconfirm_nothing(harboured: Keeper) -> None:
    await harboured.takes(PLACE.format("letters: {rules: {en: No stickers.}}, number: '7'"))
    assert (await harboured.one(STAYS)).confirmed_at is not None


async def test_a_stay_that_has_ended_keeps_its_word(harboured: Keeper) -> None:
    ended = STAY.format("2026-01-01").replace("}", ", until: 2026-02-01}")
    new = "{facility: other, since: 2026-02-01, confirmed_at: '2026-11-18'}"
    place = "facilities: [{slug: other, country: RU, kind: other, name: Other}]\n"
    await harboured.takes(place + IVAN.format(f"{ended}, {new}"))
    await harboured.takes(PLACE.format("name: Moved"))
    stays = select(Custody).where(Custody.confirmed_at.is_not(None))
    assert (await harboured.one(stays)).position == 0


async def test_a_new_word_in_the_same_file_confirms_the_new_address(harboured: Keeper) -> None:
    change = PLACE.format("address: {ru: 'ул. Новая, 1', en: 1 Novaya St}")
    for old in ("2026-11-17", "2026-01-01"):
        [told] = await harboured.hears(change + IVAN.format(STAY.format(old)))
        assert told.startswith("x.yaml:2: cases[port-strike].defendants[ivan-lodkin].custody[1]")
        assert OLD_WORD in told
    file = change + IVAN.format(STAY.format("2026-11-17 09:00"))
    await harboured.takes(file)
    assert (await harboured.one(STAYS)).confirmed_at is not None
    assert await harboured.takes(file) == []


async def test_whoever_is_new_in_a_changed_place_is_confirmed_as_the_file_says(
    harboured: Keeper,
) -> None:
    person = "{slug: new, name: New, custody: [{facility: kamensk-sizo-1, confirmed_at: '-9d'}]}"
    case = f"cases: [{{slug: port-strike, defendants: [{person}]}}]\n"
    await harboured.takes(PLACE.format("name: Renamed") + case)
    confirmed = select(Custody).where(Custody.confirmed_at.is_not(None))
    assert (await harboured.one(confirmed)).position == 0


MASTER = FORMAT.replace('"+3d 10:00"', "2026-11-23 10:00").replace('"-1d"', "2026-11-19")
STAYED = FORMAT.replace('"-3d"', "2026-11-17")


async def test_an_old_word_does_not_come_back_with_the_next_file(harboured: Keeper) -> None:
    move = "hearings: [{slug: port-strike-1, starts_at: 2026-12-01 10:00}]"
    await harboured.takes(move)
    for master in (MASTER, MASTER.replace("2026-11-23 10:00", "2026-12-01 10:00")):
        [told] = await harboured.hears(master)
        assert OLD_WORD in told
    assert await harboured.takes(move) == []
    assert await harboured.takes(await harboured.export()) == []
    new = move.replace("}]", ", confirmed_at: 2026-11-20}]")
    await harboured.takes(new)
    assert await harboured.takes(new) == []
    assert (await harboured.one(select(Hearing))).confirmed_at is not None


# What takes the word for somebody's address away.
WITHDRAWN = [
    PLACE.format("address: {ru: 'ул. Новая, 1', en: 1 Novaya St}"),
    "cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, status: transfer}]}]",
    "facilities: [{slug: b, country: RU, kind: prison, name: B}]\n" + IVAN.format("{facility: b}"),
    IVAN.format("{facility: kamensk-sizo-1, confirmed_at: null}"),
]


@pytest.mark.parametrize("change", WITHDRAWN)
async def test_an_old_word_for_an_address_does_not_come_back(
    harboured: Keeper, change: str
) -> None:
    await harboured.takes(change)
    told = await harboured.hears(STAYED)
    assert any(OLD_WORD in each for each in told)
    assert await harboured.takes(change) == []
    exported = await harboured.export()
    assert b"withdrawn" not in exported
    assert await harboured.takes(exported) == []
    await harboured.takes(STAYED.replace("2026-11-17", "2026-11-20"))


COURT = "courts: [{{slug: kamensk-city, {}}}]"
# What of a court changes, and whether people may miss its hearings by it.
COURTS = [
    ("address: {en: 9 Novaya St, ru: null}", True),
    ("city: Otherwhere", True),
    ("location: {latitude: 55}", True),
    ("timezone: Asia/Omsk", True),
    ("name: {en: Renamed, ru: Новый}", False),
    ("address: {kk: Kamensk}", False),
]


@pytest.mark.parametrize(("change", "needs"), COURTS)
async def test_hearings_of_a_court_with_another_address_need_a_new_word(
    harboured: Keeper, change: str, needs: bool
) -> None:
    await harboured.takes(COURT.format(change))
    hearing = await harboured.one(select(Hearing))
    assert (hearing.confirmed_at is None, hearing.source is None) == (needs, needs)
    assert await harboured.takes(COURT.format(change)) == []
    if needs:
        again = "hearings: [{slug: port-strike-1, confirmed_at: 2026-11-19}]"
        assert OLD_WORD in (await harboured.hears(again))[0]


async def test_a_hearing_that_has_been_keeps_its_word(harboured: Keeper) -> None:
    later = NOW + timedelta(days=9)
    await harboured.takes(COURT.format("address: {en: 9 Novaya St, ru: null}"), now=later)
    assert (await harboured.one(select(Hearing))).confirmed_at is not None


async def test_the_pin_of_the_old_address_goes_with_it(harboured: Keeper) -> None:
    await harboured.takes(COURT.format("address: {kk: Kamensk}"))
    assert (await harboured.one(select(Court))).latitude == 56.4
    await harboured.takes(COURT.format("address: {en: 9 Novaya St, ru: null, kk: null}"))
    assert (await harboured.one(select(Court))).latitude is None
    new = COURT.format(
        "address: {en: 8 Novaya St, ru: null}, location: {latitude: 5, longitude: 6}"
    )
    await harboured.takes(new)
    assert (await harboured.one(select(Court))).latitude == 5


async def test_what_a_partial_stay_omits_is_not_lost(harboured: Keeper) -> None:
    await harboured.takes(IVAN.format("{facility: kamensk-sizo-1, confirmed_at: 2026-11-20}"))
    stay = await harboured.one(STAYS)
    assert str(stay.since) == "2025-11-03"
    assert stay.addressee["en"] == "Lodkin Ivan Petrovich, born 1988"


async def test_who_returns_to_a_place_has_a_stay_of_its_own(harboured: Keeper) -> None:
    await harboured.takes(IVAN.format("{facility: kamensk-sizo-1, until: 2026-01-01}"))
    await harboured.takes(IVAN.format("{facility: kamensk-sizo-1, since: 2026-02-01}"))
    stay = await harboured.one(STAYS)
    assert (stay.until, stay.confirmed_at) == (None, None)


async def test_a_moved_hearing_needs_a_newer_word(harboured: Keeper) -> None:
    hearing = "hearings: [{{slug: port-strike-1, room: '7', confirmed_at: '{}'}}]"
    [told] = await harboured.hears(hearing.format("-1d"))
    assert OLD_WORD in told
    await harboured.takes(hearing.format("2026-11-20"))
    assert (await harboured.one(select(Hearing))).source == "lawyer"


# What is changed of the route from Russia that has a `not_for`, and whether that needs a new look.
ROUTES = [
    ("pay_from: anywhere", True),
    ("pay_from: elsewhere", True),
    ("not_for: null", True),
    ("not_for: {en: For whoever likes.}", True),
    ("not_for: {en: null}", True),
    ("url: https://donate.example.org/other", True),
    ("legal_status: {en: fine}", True),
    ("not_for: {ru: 'Не платите.'}", True),
    ("warning: {ru: null}", True),
    ("warning: {en: Beware.}", True),
    ("warning: Beware.", True),
    ("not_for: Not for you.", True),
    ("not_for: Не для фирм. Not for firms.", False),
    ("warning: Write no comment to the transfer. Не пишите комментарий к переводу.", False),
    ("warning: {en: Write no comment to the transfer. None.}", False),
    ("method: {en: Card}", True),
    ("method: {kk: Карта}", True),
    ("legal_status: {kk: Тізімде жоқ}", True),
    ("valid_days: 30", True),
    ("valid_days: 7", False),
]


@pytest.mark.parametrize(("change", "needs"), ROUTES)
async def test_who_may_pay_is_widened_by_a_new_word_only(
    light: Keeper, change: str, needs: bool
) -> None:
    not_for = "not_for: {en: Not for firms.}\n    "
    link = "url: https://donate.example.org/lodkin-ru"
    await light.takes(FORMAT.replace(link, not_for + link))
    route = f"donation_routes: [{{slug: lodkin-card-ru, {change}}}]"
    same_day = route.replace("}]", ", checked_at: '-2d'}]")
    if needs:
        assert NEW_CHECK in (await light.hears(route))[0]
        assert NEW_CHECK in (await light.hears(same_day))[0]
        await light.takes(route.replace("}]", ", checked_at: 2026-11-19}]"))
    else:
        await light.takes(route)
        assert await light.takes(same_day) == []


# What becomes of “Do not pay from Russia”, and whether that needs a new look.
TURNED = [
    ("Do not pay from Russian cards", True),
    ("Do not pay from Russia? Of course you may", True),
    ("Do not pay from Russia is what cowards say", True),
    ("Do not pay from Russia... just kidding", True),
    ("Do not pay from Russia.", False),
    ("Do not pay from Russia! Nor from Belarus", False),
    ("Beware. Do not pay from Russia. Nor from Belarus.", False),
]


@pytest.mark.parametrize("end", ["", "."])
@pytest.mark.parametrize(("words", "needs"), TURNED)
async def test_a_warning_is_turned_round_by_a_new_word_only(
    light: Keeper, words: str, needs: bool, end: str
) -> None:
    if end and not needs:
        words = words.replace("Russia!", "Russia.")
    link = "url: https://donate.example.org/lodkin-ru"
    not_for = f"not_for: {{en: Do not pay from Russia{end}}}\n    "
    await light.takes(FORMAT.replace(link, not_for + link))
    route = f"donation_routes: [{{slug: lodkin-card-ru, not_for: {{en: '{words}'}}}}]"
    if needs:
        assert NEW_CHECK in (await light.hears(route))[0]
    else:
        await light.takes(route)


async def test_to_forbid_more_needs_nobodys_word(light: Keeper) -> None:
    await light.takes(FORMAT.replace("pay_from: russia", "pay_from: anywhere"))
    await light.takes("donation_routes: [{slug: lodkin-card-ru, pay_from: russia, not_for: Firms}]")
    assert (await light.one(select(DonationRoute))).pay_from == PayFrom.RUSSIA


async def test_words_of_the_field_are_said_as_on_the_screens(light: Keeper) -> None:
    await light.takes(FORMAT)
    found = await light.takes(
        "cases: [{slug: port-strike, stage: cassation, defendants:"
        " [{slug: ivan-lodkin, status: colony}]}]\n"
        "facilities: [{slug: kamensk-sizo-1, kind: medical}]\n"
        "hearings: [{slug: port-strike-1, kind: verdict, status: held, source: court}]\n"
        "events: [{slug: letters-in-may, kind: picket, place_shown: 3}]\n"
        "fundraisers: [{slug: lodkin-lawyer, purpose: fine, for: port-strike}]\n"
        "donation_routes: [{slug: lodkin-card-ru, pay_from: anywhere, checked_at: 2026-11-20},"
        " {slug: lodkin-abroad, checked_at: 2026-11-20}]\n",
        dry_run=True,
    )
    told = views.differences(found)
    for said in (
        "stage on trial → cassation",
        "status in pre-trial detention → in a penal colony",
        "kind remand prison → medical facility",
        "kind hearing on the merits → verdict",
        "status scheduled → held",
        "source lawyer → court",
        "kind evening of letters → picket",
        "place shown to those who come → those who come, 3 hours before the start",
        "purpose lawyer → fine",
        "for ivan-lodkin → port-strike",
        "pay from from Russia → from anywhere",
    ):
        assert said in told
    with speaking("ru"):
        assert "этап судится → кассация" not in told
        assert "в СИЗО → в колонии" in views.differences(found)


async def test_a_hearing_of_another_case_is_not_confirmed_by_the_old_word(
    harboured: Keeper,
) -> None:
    case = "cases: [{slug: other, title: Other}]\n"
    await harboured.takes(case + "hearings: [{slug: port-strike-1, case: other}]")
    assert (await harboured.one(select(Hearing))).confirmed_at is None
    assert OLD_WORD in (await harboured.hears(MASTER))[0]


LODKIN = "en: 'Lodkin Ivan Petrovich, born 1988'"
LODKIN_RU = "ru: 'Лодкину Ивану Петровичу, 1988 г. р.'"
# Who stands on the envelope now, and whether it is somebody else to the prison.
ADDRESSEES = [
    (f"{{{LODKIN}, {LODKIN_RU}, kk: Лодкинге}}", False),
    (f"{{{LODKIN.replace('Petrovich', 'Petrowich')}, {LODKIN_RU}}}", False),
    (f"{{{LODKIN.replace('1988', '1989')}, {LODKIN_RU}}}", True),
    (f"{{{LODKIN.replace('Lodkin', 'Morozov')}, {LODKIN_RU}}}", True),
    (f"{{{LODKIN}, ru: null}}", True),
    ("Lodkin", True),
    ("null", True),
]


@pytest.mark.parametrize(("addressee", "needs"), ADDRESSEES)
async def test_another_addressee_is_not_confirmed_by_the_old_word(
    light: Keeper, addressee: str, needs: bool
) -> None:
    await light.takes(FORMAT)
    stay = f"{{facility: kamensk-sizo-1, addressee: {addressee}}}"
    await light.takes(IVAN.format(stay))
    assert ((await light.one(STAYS)).confirmed_at is None) == needs
    if needs:
        again = stay[:-1] + ", confirmed_at: 2026-11-17}"
        assert OLD_WORD in (await light.hears(IVAN.format(again)))[0]
