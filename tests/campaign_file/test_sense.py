"""What cannot be: hearings to come that have been, words given too late, dates that run away."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.views import campaign_file as views
from models import Hearing
from tests.campaign_file.conftest import FORMAT, NOW, STAYS, Keeper

MOVED = "hearings: [{{slug: port-strike-1, {}}}]"
NEW = MOVED.replace("port-strike-1", "new, case: port-strike, court: kamensk-city")
SLIPS = [
    ("starts_at: 2025-12-01 10:00", "“2025-12-01 10:00” (Asia/Yekaterinburg) is past"),
    ("starts_at: 2026-11-21 10:00, confirmed_at: 2026-11-20 15:00", None),
    ("starts_at: 2026-11-20 15:00, confirmed_at: 2026-11-20 14:00", "after the hearing begins"),
    ("starts_at: 2025-12-01 10:00, status: held", None),
    ("starts_at: 2025-12-01 10:00, outcome: {en: fined}", None),
    ("starts_at: 2026-11-20 15:00", None),  # two hours ago there
]


@pytest.mark.parametrize(("said", "told"), SLIPS)
@pytest.mark.parametrize("file", [MOVED, NEW], ids=["moved", "new"])
async def test_what_is_to_come_lies_ahead(
    light: Keeper, file: str, said: str, told: str | None
) -> None:
    await light.takes(FORMAT)
    if told:
        assert told in (await light.hears(file.format(said)))[0]
    else:
        await light.takes(file.format(said))


PLACED = (
    "facilities: [{{slug: other, country: RU, kind: {}, name: O}}]\n"
    "cases: [{{slug: port-strike, defendants: [{{slug: ivan-lodkin, status: {},"
    " custody: [{{facility: other{}}}]}}]}}]\n"
)
WORD = ", confirmed_at: 2026-11-20"
PLACES = [
    ("colony", "colony", WORD, True),
    ("pre_trial_detention", "colony", WORD, False),
    ("colony", "medical", WORD, False),
    ("pre_trial_detention", "colony", "", True),
    ("pre_trial_detention", "colony", WORD + ", until: 2026-11-20", True),
    ("pre_trial_detention", "colony", WORD + ", until: 2026-12-20", False),
    ("other", "colony", WORD, True),
    ("pre_trial_detention", "transfer", WORD, True),
]


@pytest.mark.parametrize(("kind", "status", "word", "may"), PLACES)
async def test_nobody_vouches_for_a_place_of_another_kind(
    light: Keeper, kind: str, status: str, word: str, may: bool
) -> None:
    await light.takes(FORMAT)
    if may:
        await light.takes(PLACED.format(kind, status, word))
        return
    [told] = await light.hears(PLACED.format(kind, status, word))
    assert told.startswith("x.yaml:2: cases[port-strike].defendants[ivan-lodkin].custody[1].facil")
    assert f"The status is {status}, and this place is of another kind ({kind})" in told


KIND = "facilities: [{{slug: kamensk-sizo-1, kind: {}}}]\n"
IVAN = "cases: [{{slug: port-strike, defendants: [{{slug: ivan-lodkin, status: {}}}]}}]\n"


async def test_a_place_of_another_kind_hides_no_address_without_a_word(light: Keeper) -> None:
    await light.takes(FORMAT)
    [told] = await light.hears("\n" + KIND.format("colony"))
    assert told.startswith("x.yaml:2: facilities[kamensk-sizo-1].kind: The address of “ivan-lodk")
    assert "the status is pre_trial_detention. Correct the status in the same file" in told
    await light.takes(KIND.format("other"))
    assert (await light.one(STAYS)).confirmed_at is not None


async def test_who_is_in_a_place_of_another_kind_has_not_been_moved(light: Keeper) -> None:
    """Nothing on the envelope changes: the address is confirmed as it was."""
    await light.takes(FORMAT)
    found = await light.takes(KIND.format("colony") + IVAN.format("colony"))
    assert [change.key for each in found for change in each.changes] == ["kind", "status"]
    assert (await light.one(STAYS)).confirmed_at is not None


@pytest.mark.parametrize("name", ["", "name: {en: Colony 1, ru: ИК-1}"])
async def test_what_is_withdrawn_with_the_kind_of_a_place_is_told(light: Keeper, name: str) -> None:
    """With another name of it, or of whom the file says that they are elsewhere."""
    await light.takes(FORMAT)
    status = "" if name else IVAN.format("medical")
    found = await light.takes(KIND.format(f"colony, {name}".rstrip(", ")) + status)
    assert "confirmed 17 Nov 2026 → —" in views.differences(found)
    assert (await light.one(STAYS)).confirmed_at is None


async def test_a_hearing_that_has_been_meanwhile_goes_on_being_imported(light: Keeper) -> None:
    await light.takes(FORMAT)
    exported = await light.export()
    later = NOW + timedelta(days=90)
    assert await light.takes(exported, now=later) == []
    await light.takes(MOVED.format("room: '7'"), now=later)


async def test_relative_times_are_counted_once(light: Keeper) -> None:
    await light.takes(FORMAT)
    exported = await light.export()
    assert await light.takes(FORMAT, now=NOW + timedelta(days=2)) == []
    assert await light.export() == exported


async def test_what_was_withdrawn_is_not_renewed_by_the_calendar(light: Keeper) -> None:
    await light.takes(FORMAT)
    later = NOW + timedelta(days=2)
    both = MOVED.format("starts_at: 2026-12-01 10:00, confirmed_at: '-1d'")
    assert "old confirmation" in (await light.hears(both))[0]
    await light.takes(MOVED.format("room: '7'"), now=later)
    told = await light.hears(FORMAT.replace('room: "12"', "room: '7'"))
    assert "old confirmation" in told[0]
    await light.takes(MOVED.format("starts_at: '+9d 10:00'"), now=later)
    assert (await light.one(select(Hearing))).starts_at.day == 23


# Days that the facts are said to be of; it is 21 November nowhere but in a zone of the far east.
FUTURES = ["as_of: 2062-11-02", "as_of: 2026-11-21", "as_of: +1d",
           "organisation: {slug: harbour, as_of: 2026-11-21}"]  # fmt: skip


@pytest.mark.parametrize("file", FUTURES)
async def test_facts_are_of_no_day_to_come(light: Keeper, file: str) -> None:
    await light.takes(FORMAT)
    [told] = await light.hears(file)
    assert told.startswith("x.yaml:1: ")
    assert "as_of: “2" in told
    assert "has not come yet" in told


async def test_facts_may_be_of_a_day_that_has_begun_in_some_court(light: Keeper) -> None:
    court = "courts: [{slug: far, name: F, city: F, timezone: Pacific/Kiritimati}]\n"
    await light.takes(FORMAT)
    assert await light.takes("as_of: 2026-11-20")
    assert await light.takes(court + "as_of: 2026-11-21")
    assert await light.takes("as_of: null")


CONFIRMED_STAY = "{facility: kamensk-sizo-1, since: 2025-11-03, confirmed_at: 2026-11-20}"
# Stays that no one can have had, or can.
STAYS_TOLD = [
    ("{facility: k2, since: 2026-06-01, until: 2027-06-01}, " + CONFIRMED_STAY, True),
    ("{facility: k2, since: 2025-01-01, until: 2026-06-01}, " + CONFIRMED_STAY, True),
    ("{facility: k2, since: 2026-06-01}, {facility: k3, until: 2026-01-01}", None),
    ("{facility: k2, until: 2027-06-01}, {facility: k3}", True),
    ("{facility: k2, until: 2026-06-01}, {facility: k3, until: 2026-05-01}, {facility: k2}", True),
    ("{facility: k2, since: 2025-01-01, until: 2025-11-03}, " + CONFIRMED_STAY, False),
    ("{facility: k2}, {facility: k3, since: 2026-06-01}", None),
    ("{facility: k2, until: 2026-06-01}, {facility: k3}", False),
    ("{facility: k2, until: 2026-06-01}, {facility: k3, until: 2026-07-01}, {facility: k2}", False),
]


@pytest.mark.parametrize(("stays", "crosses"), STAYS_TOLD)
async def test_nobody_was_in_two_places_at_once(
    light: Keeper, stays: str, crosses: bool | None
) -> None:
    file = (
        "facilities: [{slug: k2, country: RU, kind: other, name: K2},"
        " {slug: k3, country: RU, kind: other, name: K3}]\n"
        f"cases: [{{slug: port-strike, defendants: [{{slug: ivan-lodkin, custody: [{stays}]}}]}}]\n"
    )
    await light.takes(FORMAT)
    if crosses is False:
        await light.takes(file)
        return
    [told] = await light.hears(file)
    assert told.startswith("x.yaml:2: cases[port-strike].defendants[ivan-lodkin].custody[")
    assert ("before the earlier one in “k2” is over" in told) == bool(crosses)
