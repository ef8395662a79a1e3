"""What is removed, and what stands for it: who follows it, or comes to it, misses nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.callbacks import Attend
from models import Attendance, Follow
from sandbox import Person
from tests.delivery import Delivery
from tests.test_telling import START, at, hearing, told
from tests.town import Town

pytestmark = pytest.mark.either_database

OTHER = b"""
cases:
  - {slug: other, title: {en: The other case}, stage: trial,
     defendants: [{slug: zed, name: {en: Zed Zedov}, status: pre_trial_detention}]}
courts:
  - {slug: riga, name: {en: Riga court}, city: {en: Riga}, timezone: Europe/Riga}
hearings:
  - {slug: verdict, case: other, court: riga, starts_at: 2026-12-12 10:00, kind: verdict}
"""
AGAIN = "case: other, court: riga, starts_at: 2026-12-12 10:00, kind: verdict"
GONE = "{slug: verdict, remove: true}"
ALL_GONE = f"""
cases: [{{slug: other, remove: true, defendants: [{{slug: zed, remove: true}}]}}]
hearings: [{GONE}]
""".encode()
RENAMED = b"""
cases:
  - {slug: renamed, title: {en: The other case}, stage: trial, defendants: [{slug: zed}]}
  - {slug: other, remove: true}
hearings: [{slug: verdict, case: renamed}]
"""
MERGED = b"""
cases: [{slug: port-strike, defendants: [{slug: zed}]}, {slug: other, remove: true}]
hearings: [{slug: verdict, case: port-strike}]
"""
CANCELLED = "❌ Cancelled: Saturday, 12 December, 10:00"
NIGHT = START - timedelta(days=1, hours=-16)
MORNING = NIGHT + timedelta(hours=14)
ON_AFTER_ALL = "📅 It takes place after all: Saturday, 12 December, 10:00"
OFF = "❌ Off the list: Saturday, 12 December, 10:00"


@pytest.fixture
async def zoe(delivery: Delivery, harbour: Town) -> AsyncIterator[Person]:
    """Follows the other case, and knows of its hearing."""
    async for zoe in follower(delivery, harbour, "c-other"):
        yield zoe


@pytest.fixture
async def max(delivery: Delivery, harbour: Town, zoe: Person) -> AsyncIterator[Person]:
    """Follows its only defendant."""
    async for max in follower(delivery, harbour, "d-zed"):
        yield max


async def follower(delivery: Delivery, harbour: Town, link: str) -> AsyncIterator[Person]:
    await harbour.take_in(OTHER)
    await delivery.settles(harbour)
    person = harbour.person(link, language="en")
    await person.send(f"/start {link}")
    await person.press("Follow")
    yield person
    assert harbour.telegram.violations == []


async def test_a_case_under_another_slug_keeps_its_followers(
    delivery: Delivery, harbour: Town, zoe: Person, max: Person
) -> None:
    await harbour.take_in(RENAMED)
    await delivery.settles(harbour)
    assert told(zoe) == told(max) == []
    await zoe.send("/follows")
    zoe.sees("My follows · 1")
    zoe.sees("The other case")
    await harbour.take_in(hearing("status: cancelled", "verdict"))
    await delivery.settles(harbour)
    assert told(zoe) == told(max) == [CANCELLED]


@pytest.mark.parametrize(
    "files",
    [
        [f"hearings: [{GONE}, {{slug: anew, {AGAIN}}}]"],
        [f"hearings: [{GONE}]", f"hearings: [{{slug: verdict, {AGAIN}}}]"],
        [f"hearings: [{{slug: twin, {AGAIN}}}]", f"hearings: [{GONE}]"],
    ],
    ids=["another slug", "the same slug", "its twin"],
)
async def test_a_hearing_that_was_entered_anew_is_the_same_one(
    delivery: Delivery, harbour: Town, zoe: Person, files: list[str]
) -> None:
    await zoe.press_data(Attend(id=2).pack())
    for file in files:
        await harbour.take_in(file.encode())
        await delivery.rests(harbour)
    await delivery.settles(harbour)
    assert told(zoe) == []
    await zoe.send("/hearings")
    await zoe.press("12.12 10:00")
    zoe.sees("🙋 You are coming")
    await at(harbour, delivery, START + timedelta(days=16, hours=4))
    assert told(zoe) == ["⏰ Tomorrow: Saturday, 12 December, 10:00"]


async def test_what_else_is_new_of_a_hearing_that_was_entered_anew_is_told(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await harbour.take_in(b"hearings: [{slug: verdict, room: '5'}]")
    await harbour.take_in(f"hearings: [{GONE}, {{slug: anew, {AGAIN}, room: '7'}}]".encode())
    await delivery.settles(harbour)
    assert told(zoe) == []
    await harbour.take_in(f"hearings: [{{slug: verdict, {AGAIN}, room: '9'}}]".encode())
    await harbour.take_in(b"hearings: [{slug: anew, remove: true}]")
    await delivery.settles(harbour)
    assert told(zoe) == ["🚪 Another room: Saturday, 12 December, 10:00"]


async def sleeps(delivery: Delivery, harbour: Town, person: Person) -> None:
    await person.press_data("setquiet:20:10")
    await at(harbour, delivery, NIGHT)


async def test_what_waits_for_the_morning_tells_of_the_one_that_stays(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await sleeps(delivery, harbour, zoe)
    await harbour.take_in(b"hearings: [{slug: verdict, starts_at: 2026-12-13 10:00}]")
    await delivery.settles(harbour)
    moved = AGAIN.replace("12-12", "12-13")
    await harbour.take_in(f"hearings: [{GONE}, {{slug: anew, {moved}}}]".encode())
    await delivery.settles(harbour)
    assert told(zoe) == []
    await at(harbour, delivery, MORNING)
    assert told(zoe) == ["⏩ Moved later: Sunday, 13 December, 10:00"]


async def test_news_of_a_person_waits_though_they_are_entered_anew(
    delivery: Delivery, harbour: Town, max: Person
) -> None:
    await sleeps(delivery, harbour, max)
    for file in (
        b"{slug: zed, status: released}",
        b"{slug: zed, remove: true}, {slug: zedov, name: {en: Zed Zedov}, status: released}",
    ):
        await harbour.take_in(b"cases: [{slug: other, defendants: [" + file + b"]}]")
        await delivery.settles(harbour)
    await at(harbour, delivery, MORNING)
    assert told(max) == ["🔔 Zed Zedov: free"]


async def test_news_of_a_case_waits_though_it_gets_another_slug(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await sleeps(delivery, harbour, zoe)
    await harbour.take_in(b"cases: [{slug: other, stage: appeal}]")
    await delivery.settles(harbour)
    await harbour.take_in(RENAMED.replace(b"stage: trial", b"stage: appeal"))
    await delivery.settles(harbour)
    await at(harbour, delivery, MORNING)
    assert told(zoe) == ["📰 News: The other case"]


async def test_that_the_case_has_another_slug_makes_no_news_of_what_is_as_before(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await sleeps(delivery, harbour, zoe)
    for day in (13, 12):
        await harbour.take_in(hearing(f"starts_at: 2026-12-{day} 10:00", "verdict"))
        await delivery.settles(harbour)
    await harbour.take_in(RENAMED)
    await delivery.settles(harbour)
    await at(harbour, delivery, MORNING)
    assert told(zoe) == []


async def test_what_else_is_new_of_a_case_under_another_slug_is_told(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await harbour.take_in(RENAMED.replace(b"stage: trial", b"stage: appeal"))
    await delivery.settles(harbour)
    assert told(zoe) == ["📰 News: The other case"]


async def test_a_yes_to_another_day_stands_in_nobodys_way(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    twin = AGAIN.replace("12-12", "12-11")
    await harbour.take_in(f"hearings: [{{slug: twin, {twin}}}]".encode())
    await delivery.settles(harbour)
    for number in (2, 3):
        await zoe.press_data(Attend(id=number).pack())
    await harbour.take_in(f"hearings: [{GONE}, {{slug: twin, {AGAIN}}}]".encode())
    await delivery.settles(harbour)
    zoe.sees("🙋 You are coming")


async def test_a_person_entered_anew_keeps_their_followers(
    delivery: Delivery, harbour: Town, max: Person
) -> None:
    await harbour.take_in(
        b"cases: [{slug: other, defendants: [{slug: zed, remove: true},"
        b" {slug: zedov, name: {en: Zed Zedov}, status: pre_trial_detention}]}]"
    )
    await delivery.settles(harbour)
    assert told(max) == []
    await max.send("/follows")
    max.sees("Zed Zedov")
    await harbour.take_in(b"cases: [{slug: other, defendants: [{slug: zedov, status: released}]}]")
    await delivery.settles(harbour)
    assert told(max) == ["🔔 Zed Zedov: free"]


@pytest.mark.parametrize("slugs", ["the same", "others"])
async def test_a_case_that_comes_again_is_the_same_with_all_that_was_in_it(
    delivery: Delivery, harbour: Town, zoe: Person, max: Person, slugs: str
) -> None:
    again = OTHER
    if slugs == "others":
        for slug in (b"other,", b"zed,", b"verdict, case"):
            again = again.replace(b"slug: " + slug, b"slug: new-" + slug)
        again = again.replace(b"case: other", b"case: new-other")
    await harbour.take_in(ALL_GONE)
    await delivery.rests(harbour)
    harbour.clock.forward(seconds=60)
    await harbour.take_in(again)
    await delivery.settles(harbour)
    assert told(zoe) == told(max) == []
    await harbour.take_in(again.replace(b"12-12", b"12-13"))
    await delivery.settles(harbour)
    assert told(zoe) == told(max) == ["⏩ Moved later: Sunday, 13 December, 10:00"]
    for person in (zoe, max):
        await person.send("/follows")
        person.sees("My follows · 1")


async def test_who_heard_that_a_hearing_is_off_the_list_follows_what_comes_again(
    delivery: Delivery, harbour: Town, zoe: Person, max: Person
) -> None:
    await harbour.take_in(ALL_GONE)
    await delivery.settles(harbour)
    assert told(zoe) == told(max) == [OFF]
    harbour.clock.forward(minutes=60)
    await harbour.take_in(OTHER)
    await delivery.settles(harbour)
    assert told(zoe) == told(max) == [ON_AFTER_ALL]
    await harbour.take_in(hearing("status: cancelled", "verdict"))
    await delivery.settles(harbour)
    assert told(zoe) == told(max) == [CANCELLED]


async def test_a_case_without_people_is_known_by_its_hearings(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    bare = "{slug: bare, title: {en: Bare}, stage: trial}"
    first = AGAIN.replace("other", "bare").replace("12-12", "12-14")
    await harbour.take_in(f"cases: [{bare}]\nhearings: [{{slug: first, {first}}}]".encode())
    await delivery.settles(harbour)
    await zoe.send("/start c-bare")
    await zoe.press("Follow")
    anew = f"{{slug: first, remove: true}}, {{slug: second, {first.replace('bare', 'anew')}}}"
    cases = f"{{slug: bare, remove: true}}, {bare.replace('bare', 'anew')}"
    await harbour.take_in(f"cases: [{cases}]\nhearings: [{anew}]".encode())
    await delivery.settles(harbour)
    assert told(zoe) == []
    await zoe.send("/follows")
    zoe.sees("Bare")


@pytest.fixture
async def city(harbour: Town, zoe: Person) -> Person:
    """Follows the courts of Riga."""
    city = harbour.person("City", language="en")
    await city.send("/start")
    await city.press_data("fcity:0:0:2:0:0:1")
    return city


@pytest.mark.parametrize(
    ("court", "minutes"), [("riga", 0), ("riga", 60), ("riga-2", 0), ("riga-2", 60)]
)
async def test_a_city_is_followed_on_when_it_has_a_court_again(
    delivery: Delivery, harbour: Town, zoe: Person, city: Person, court: str, minutes: int
) -> None:
    await harbour.take_in(f"hearings: [{GONE}]\ncourts: [{{slug: riga, remove: true}}]".encode())
    await delivery.rests(harbour)
    harbour.clock.forward(minutes=minutes)
    await delivery.rests(harbour)
    again = OTHER.replace(b"riga", court.encode()).replace(b"12-12", b"12-14")
    await harbour.take_in(again.replace(b"{en: Riga court}", b"{en: A court}"))
    await delivery.settles(harbour)
    told(city)
    await harbour.take_in(hearing("status: cancelled", "verdict"))
    await delivery.settles(harbour)
    assert told(city) == ["❌ Cancelled: Monday, 14 December, 10:00"]


@pytest.mark.parametrize("there", [True, False], ids=["it was there", "in one file"])
async def test_a_court_under_another_slug_is_the_same_court(
    delivery: Delivery, harbour: Town, zoe: Person, city: Person, there: bool
) -> None:
    await zoe.press_data(Attend(id=2).pack())
    new = "{slug: riga-2, name: {en: Riga court}, city: {en: Riga}, timezone: Europe/Riga}"
    if there:
        await harbour.take_in(f"courts: [{new}]".encode())
        await delivery.settles(harbour)
    await harbour.take_in(
        f"courts: [{{slug: riga, remove: true}}, {new}]\n"
        "hearings: [{slug: verdict, court: riga-2}]".encode()
    )
    await delivery.settles(harbour)
    assert told(zoe) == told(city) == []
    await zoe.send("/hearings")
    await zoe.press("12.12 10:00")
    zoe.sees("🙋 You are coming")
    await city.send("/follows")
    city.sees("🏙 Riga\n📅 Saturday, 12 December, 10:00")


async def test_a_case_removed_with_its_hearing_is_told_to_its_own_followers(
    delivery: Delivery, harbour: Town, zoe: Person, max: Person, city: Person
) -> None:
    await harbour.take_in(ALL_GONE + b"courts: [{slug: riga, remove: true}]")
    await delivery.settles(harbour)
    assert told(zoe) == told(max) == told(city) == [OFF]
    zoe.sees("Because you follow: (no longer on our list)")
    await zoe.send("/follows")
    zoe.sees("You follow nobody yet")
    await at(harbour, delivery, START + timedelta(days=30))
    await harbour.take_in(hearing("room: '1'"))
    await delivery.settles(harbour)
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Follow)) == 0


async def test_of_a_person_who_was_removed_one_waits_in_vain_for_nothing(
    delivery: Delivery, harbour: Town, max: Person
) -> None:
    await harbour.take_in(b"cases: [{slug: other, defendants: [{slug: zed, remove: true}]}]")
    await delivery.settles(harbour)
    await harbour.take_in(hearing("status: cancelled", "verdict"))
    await delivery.settles(harbour)
    assert told(max) == [CANCELLED]


async def test_who_follows_a_person_learns_that_the_case_is_another_one(
    delivery: Delivery, harbour: Town, max: Person
) -> None:
    """And of what becomes of the hearings that they know of."""
    await harbour.take_in(b"cases: [{slug: port-strike, defendants: [{slug: zed}]}]")
    await delivery.settles(harbour)
    assert told(max) == ["📁 Zed Zedov: another case"]
    max.sees("with its own hearings")
    await max.press("Open the case")
    max.sees("25 November")
    await harbour.take_in(hearing("status: cancelled", "verdict"))
    await delivery.settles(harbour)
    assert told(max) == [CANCELLED]
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Attendance)) == 0


SPLIT = b"""
cases:
  - {slug: split, title: {en: Split}, stage: trial, defendants: [{slug: ivan-lodkin}]}
  - {slug: apart, title: {en: Apart}, stage: trial,
     defendants: [{slug: marta-vetrova}, {slug: zed}]}
  - {slug: other, remove: true}
  - {slug: port-strike, remove: true}
hearings:
  - {slug: port-strike-1, case: split}
  - {slug: verdict, case: apart}
"""


async def test_of_a_case_that_is_split_its_followers_learn_where_the_hearing_went(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    oleg = harbour.person("Oleg", language="en")
    await oleg.send("/start c-port-strike")
    await oleg.press("Follow")
    await harbour.take_in(SPLIT)
    await delivery.settles(harbour)
    assert told(oleg)[0].startswith(("📁 Another case", "🔔"))
    oleg.sees("Split")
    oleg.sees_not("no longer part")
    await harbour.take_in(hearing("status: cancelled"))
    await delivery.settles(harbour)
    assert told(oleg) == ["❌ Cancelled: Wednesday, 25 November, 10:00"]


async def test_a_case_that_is_split_is_followed_in_all_its_parts(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    yan = b"{slug: yan, name: {en: Yan Yanov}, status: released}"
    await harbour.take_in(b"cases: [{slug: other, defendants: [" + yan + b"]}]")
    await delivery.settles(harbour)
    await harbour.take_in(
        b"cases:\n"
        b"  - {slug: apart, title: {en: Apart}, stage: trial, defendants: [{slug: zed}]}\n"
        b"  - {slug: port-strike, defendants: [{slug: yan}]}\n"
        b"  - {slug: other, remove: true}\n"
        b"hearings: [{slug: verdict, case: apart}]"
    )
    await delivery.settles(harbour)
    told(zoe)
    await zoe.send("/follows")
    zoe.sees("My follows · 2")
    for slug in ("verdict", "port-strike-1"):
        await harbour.take_in(hearing("status: cancelled", slug))
    await delivery.settles(harbour)
    assert told(zoe) == ["🔔 2 pieces of news"]


async def test_a_case_that_goes_into_another_is_news_there(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    oleg = harbour.person("Oleg", language="en")
    await oleg.send("/start c-port-strike")
    await oleg.press("Follow")
    await harbour.take_in(MERGED)
    await delivery.settles(harbour)
    for person in (oleg, zoe):
        person.sees("Another case: Saturday, 12 December")
        await person.send("/follows")
        person.sees("The port strike case")


async def test_two_hearings_side_by_side_are_two(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await harbour.take_in(b"hearings: [{slug: verdict, room: '5'}]")
    await harbour.take_in(f"hearings: [{{slug: twin, {AGAIN}, room: '7'}}]".encode())
    await delivery.settles(harbour)
    told(zoe)
    await harbour.take_in(f"hearings: [{GONE}]".encode())
    await delivery.settles(harbour)
    assert told(zoe) == [OFF]


async def test_who_hears_of_one_of_two_cases_hears_of_what_they_become(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await zoe.send("/start c-port-strike")
    await zoe.press("Follow")
    await zoe.send("/follows")
    await zoe.press("The port strike")
    await zoe.press("Mute")
    await harbour.take_in(MERGED)
    await delivery.settles(harbour)
    told(zoe)
    await harbour.take_in(hearing("status: cancelled", "verdict"))
    await delivery.settles(harbour)
    assert told(zoe) == [CANCELLED]


async def test_the_most_alike_of_two_that_were_entered_anew_is_the_same_one(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    twin = f"{{slug: twin, {AGAIN}, room: '7'}}"
    await harbour.take_in(f"hearings: [{{slug: verdict, room: '5'}}, {twin}]".encode())
    await delivery.settles(harbour)
    told(zoe)
    await harbour.take_in(
        f"hearings: [{GONE}, {{slug: twin, remove: true}},"
        f" {{slug: a, {AGAIN}, room: '7'}}, {{slug: b, {AGAIN}, room: '5'}}]".encode()
    )
    await delivery.settles(harbour)
    assert told(zoe) == []


@pytest.mark.parametrize("kind", ["verdict", "custody"])
async def test_one_does_not_stand_for_two_hearings(
    delivery: Delivery, harbour: Town, zoe: Person, kind: str
) -> None:
    facts = AGAIN.replace("verdict", kind)
    twin = f"{{slug: twin, {facts}, room: '7'}}"
    await harbour.take_in(f"hearings: [{{slug: verdict, room: '5'}}, {twin}]".encode())
    await delivery.settles(harbour)
    told(zoe)
    anew = f"{{slug: twin, remove: true}}, {{slug: a, {facts}, room: '7'}}"
    await harbour.take_in(f"hearings: [{GONE}, {anew}]".encode())
    await delivery.settles(harbour)
    assert told(zoe) == [OFF]


async def test_two_that_are_all_alike_are_one(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await harbour.take_in(f"hearings: [{{slug: twin, {AGAIN}}}]".encode())
    await delivery.settles(harbour)
    told(zoe)
    await harbour.take_in(
        f"hearings: [{GONE}, {{slug: twin, remove: true}}, {{slug: a, {AGAIN}}}]".encode()
    )
    await delivery.settles(harbour)
    assert told(zoe) == []


async def test_a_case_goes_into_another_and_its_person_is_entered_anew(
    delivery: Delivery, harbour: Town, max: Person
) -> None:
    zedov = b"{slug: zedov, name: {en: Zed Zedov}, status: pre_trial_detention}"
    gone = b"{slug: other, remove: true, defendants: [{slug: zed, remove: true}]}"
    await harbour.take_in(
        b"cases: [{slug: port-strike, defendants: [" + zedov + b"]}, " + gone + b"]\n"
        b"hearings: [{slug: verdict, case: port-strike}]"
    )
    await delivery.settles(harbour)
    told(max)
    there = "case: port-strike, court: kamensk-city, starts_at: 2026-12-20 10:00"
    await harbour.take_in(hearing(there, "new"))
    await delivery.settles(harbour)
    assert told(max) == ["📅 Hearing set: Sunday, 20 December, 10:00"]


@pytest.mark.parametrize("link", ["c-port-strike", "d-ivan-lodkin", "c-other"])
async def test_a_case_goes_into_another_and_its_hearing_is_entered_anew(
    delivery: Delivery, harbour: Town, zoe: Person, link: str
) -> None:
    oleg = harbour.person("Oleg", language="en")
    await oleg.send(f"/start {link}")
    await oleg.press("Follow")
    anew = AGAIN.replace("other", "port-strike")
    moved = f"[{GONE}, {{slug: anew, {anew}}}]".encode()
    await harbour.take_in(MERGED.replace(b"[{slug: verdict, case: port-strike}]", moved))
    await delivery.settles(harbour)
    oleg.sees("Another case: Saturday, 12 December")


@pytest.mark.parametrize("link", ["c-port-strike", "c-other"])
async def test_a_case_goes_into_another_and_its_hearing_does_not(
    delivery: Delivery, harbour: Town, zoe: Person, link: str
) -> None:
    oleg = harbour.person("Oleg", language="en")
    await oleg.send(f"/start {link}")
    await oleg.press("Follow")
    gone = f"[{GONE}]".encode()
    await harbour.take_in(MERGED.replace(b"[{slug: verdict, case: port-strike}]", gone))
    await delivery.settles(harbour)
    oleg.sees("Off the list: Saturday, 12 December")


async def test_who_only_comes_hears_that_it_takes_place_after_all(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    vera = harbour.person("Vera", language="en")
    await vera.send("/start")
    await vera.press_data(Attend(id=2).pack())
    await harbour.take_in(f"hearings: [{GONE}]".encode())
    await delivery.settles(harbour)
    assert told(vera) == told(zoe) == [OFF]
    await harbour.take_in(f"hearings: [{{slug: anew, {AGAIN}}}]".encode())
    await delivery.settles(harbour)
    assert told(vera) == told(zoe) == [ON_AFTER_ALL]
    vera.sees("🙋 You are coming")
    await harbour.take_in(b"hearings: [{slug: anew, remove: true}]")
    await delivery.settles(harbour)
    assert told(vera) == told(zoe) == [OFF]


async def test_at_once_of_a_hearing_that_is_near(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await at(harbour, delivery, START + timedelta(days=16, hours=12))
    told(zoe)
    for file, news in ((GONE, OFF), (f"{{slug: verdict, {AGAIN}}}", ON_AFTER_ALL)) * 2:
        await harbour.take_in(f"hearings: [{file}]".encode())
        await delivery.rests(harbour)
        assert told(zoe) == [news]


@pytest.mark.parametrize("stays", [True, False])
async def test_who_slept_meanwhile_hears_how_it_is(
    delivery: Delivery, harbour: Town, zoe: Person, stays: bool
) -> None:
    """Removed and entered anew at night, and removed again."""
    await sleeps(delivery, harbour, zoe)
    files = [GONE, f"{{slug: anew, {AGAIN}}}", "{slug: anew, remove: true}"]
    for file in files[: 2 if stays else 3]:
        await harbour.take_in(f"hearings: [{file}]".encode())
        await delivery.settles(harbour)
    assert told(zoe) == []
    await at(harbour, delivery, MORNING)
    assert told(zoe) == ([] if stays else [OFF])


async def test_who_slept_while_it_was_removed_and_for_a_minute_there_again(
    delivery: Delivery, harbour: Town, zoe: Person
) -> None:
    await sleeps(delivery, harbour, zoe)
    await harbour.take_in(f"hearings: [{GONE}]".encode())
    await delivery.settles(harbour)
    for file in (f"{{slug: anew, {AGAIN}}}", "{slug: anew, remove: true}"):
        await harbour.take_in(f"hearings: [{file}]".encode())
        await delivery.rests(harbour)
    await delivery.settles(harbour)
    await at(harbour, delivery, MORNING)
    assert told(zoe) == [OFF]
