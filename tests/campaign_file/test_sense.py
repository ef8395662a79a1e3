"""What cannot be: hearings to come that have been, words given too late, dates that run away."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.i18n import speaking
from bot.views import campaign_file as views
from models import Event, Hearing
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


TEA = "events: [{{slug: tea-and-letters, {}}}]"
REPEATS = select(Event.repeats).where(Event.slug == "tea-and-letters")
UNTIL = "2027-04-29"
# What a file says of a series of Thursdays, every other one from 10 December on, but for the 24th,
# and which days are left out then.
RHYTHMS = [
    ("repeats: {except: [2027-01-21, 2027-01-07, 2027-01-21]}", ["2027-01-07", "2027-01-21"]),
    ("repeats: {except: null}", None),
    ("repeats: {except: []}", None),
    ("repeats: {every: week}", ["2026-12-24"]),
    ("starts_at: 2026-12-10 20:00", ["2026-12-24"]),
    ("starts_at: 2026-11-26 18:30", ["2026-12-24"]),
    ("starts_at: 2027-01-07 18:30", None),  # it is over before the series begins
    ("repeats: {until: 2026-12-23}", None),
    ("starts_at: 2026-12-11 18:30, repeats: {except: [2026-12-25]}", ["2026-12-25"]),
    ("timezone: Asia/Vladivostok", ["2026-12-24"]),
]


@pytest.mark.parametrize(("said", "left_out"), RHYTHMS)
async def test_what_repeats_leaves_out_days_of_its_own(
    light: Keeper, said: str, left_out: list[str] | None
) -> None:
    await light.takes(FORMAT)
    await light.takes(TEA.format(said))
    assert (await light.one(REPEATS)).get("except") == left_out
    assert await light.takes(TEA.format(said)) == []
    assert await light.takes(await light.export()) == []


# What moves a series to other days; where that is told, and the day nearest to the one left out.
MOVES = [
    ("starts_at: 2026-12-11 18:30", "starts_at", "2026-12-25"),
    ("starts_at: 2026-12-17 18:30", "starts_at", "2026-12-17"),
    ("repeats: {every: month}", "repeats.every", "2026-12-10"),
    ("repeats: {every: 3 weeks, until: null}", "repeats.every", "2026-12-31"),
    ("starts_at: 2026-12-11 18:30, repeats: {until: null}", "repeats", "2026-12-25"),
    ("starts_at: 2026-12-10 23:30+02:00", "starts_at", "2026-12-25"),
]


@pytest.mark.parametrize(("said", "place", "nearest"), MOVES)
async def test_a_day_to_come_that_was_left_out_is_not_forgotten(
    light: Keeper, said: str, place: str, nearest: str
) -> None:
    """People would come to a closed door."""
    await light.takes(FORMAT)
    [told] = await light.hears(TEA.format(said))
    assert told.startswith(f"x.yaml:1: events[tea-and-letters].{place}: The days are others now")
    assert "left out: 2026-12-24. Write all" in told
    assert f"(the nearest days now: {nearest})" in told


async def test_of_many_days_left_out_a_few_are_named(light: Keeper) -> None:
    january = ["2027-01-07", "2027-01-14", "2027-01-21", "2027-01-28"]
    await light.takes(FORMAT)
    weekly = f"repeats: {{every: week, except: [{', '.join(january)}, 2027-02-04, 2027-02-18]}}"
    await light.takes(TEA.format(weekly))
    [told] = await light.hears(TEA.format("starts_at: 2026-12-11 18:30"))
    assert f"left out: {', '.join(january)}, 2027-02-04, …. Write all" in told
    assert "2027-02-05, …)" in told


async def test_a_day_left_out_that_has_been_is_dropped_with_a_word(light: Keeper) -> None:
    await light.takes(FORMAT)
    later = NOW + timedelta(days=35)
    found = await light.takes(TEA.format("starts_at: 2026-12-11 18:30"), now=later)
    assert "repeats (except on) 24 Dec 2026 → —" in views.differences(found)
    assert await light.one(REPEATS) == {"every": "2 weeks", "until": UNTIL}


async def test_what_repeats_is_kept_in_one_form(light: Keeper) -> None:
    await light.takes(FORMAT)
    await light.takes(TEA.format("repeats: null"))
    assert await light.one(REPEATS) is None
    await light.takes(TEA.format(f"repeats: {{except: [], until: {UNTIL}, every: week}}"))
    assert list((await light.one(REPEATS)).items()) == [("every", "week"), ("until", UNTIL)]


async def test_relative_days_are_those_of_the_place(light: Keeper) -> None:
    """In Kamensk a day has begun that has not in Moscow."""
    late = NOW.replace(hour=20)
    await light.takes(FORMAT, now=late)
    rule = {"every": "2 weeks", "until": "2027-04-30", "except": ["2026-12-25"]}
    assert await light.one(REPEATS) == rule


# Days left out, once when they are written and once when they come again.
COUNTED = [
    ("['+34d', '+48d']", ["2026-12-24", "2027-01-07"], 3),
    ("['+48d', '+34d', 2027-02-04]", ["2026-12-24", "2027-01-07", "2027-02-04"], 3),
    ("['+48d', 2026-12-24]", ["2026-12-24", "2027-01-07"], 30),
]


@pytest.mark.parametrize(("written", "kept", "days"), COUNTED)
async def test_relative_days_left_out_are_counted_once(
    light: Keeper, written: str, kept: list[str], days: int
) -> None:
    file = FORMAT.replace('except: ["+34d"]', f"except: {written}")
    await light.takes(file)
    assert (await light.one(REPEATS))["except"] == kept
    assert await light.takes(file, now=NOW + timedelta(days=days)) == []


# What changes, and how that is told.
SAID = [
    (
        "status: cancelled",
        "status takes place → does not take place",
        "статус состоится → не состоится",
    ),
    (
        "repeats: null",
        "repeats every 2 weeks, until 29 Apr 2027, except on 24 Dec 2026 → —",
        "повторяется каждые 2 недели, по 29 апр. 2027, кроме 24 дек. 2026 → —",
    ),
    (
        "repeats: {every: week, until: null}",
        "repeats (how often) every 2 weeks → every week; repeats (until) 29 Apr 2027 → —",
        "повторяется (как часто) каждые 2 недели → каждую неделю",
    ),
    (
        "slug: n, title: N, timezone: UTC, starts_at: 2027-01-07 19:00, repeats: {every: month}",
        "1 event added: n (N) (7 Jan 2027 19:00 UTC, every month)",
        "добавлена 1 встреча: n (N) (7 янв. 2027 19:00 UTC, каждый месяц)",
    ),
]


@pytest.mark.parametrize(("said", "english", "russian"), SAID)
async def test_how_it_repeats_is_said_in_words(
    light: Keeper, said: str, english: str, russian: str
) -> None:
    await light.takes(FORMAT)
    said = said if said.startswith("slug") else f"slug: tea-and-letters, {said}"
    found = await light.takes(f"events: [{{{said}}}]", dry_run=True)
    assert english in views.differences(found)
    with speaking("ru"):
        assert russian in views.differences(found)
