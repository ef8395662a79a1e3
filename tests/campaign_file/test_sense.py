"""What cannot be: hearings to come that have been, words given too late, dates that run away."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import Hearing
from tests.campaign_file.conftest import FORMAT, NOW, Keeper

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
