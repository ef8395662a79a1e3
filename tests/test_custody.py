"""Where people are, kept at the desk: confirmed, moved, on the way, free; and who is told."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from models import Custody, Defendant
from sandbox import Person
from tests.delivery import Delivery
from tests.test_members import joined
from tests.test_proposals import comes, opens
from tests.test_telling import told
from tests.town import OTHER_OWNER, OWNER, Town, town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
IVAN = "Ivan Lodkin"
COLONY = """
facilities:
- {slug: colony-2, country: RU, kind: colony, number: "2", postal_code: "620997",
   name: {en: Colony 2, ru: Колония 2}, address: {en: "2 Far St, Kamensk", ru: "Дальняя, 2"}}
- {slug: clinic, country: RU, kind: other, postal_code: "620996",
   name: {en: Clinic, ru: Клиника}, address: {en: "3 Far St, Kamensk", ru: "Дальняя, 3"}}
"""


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


@pytest.fixture
async def lena(harbour: Town, owner: Person) -> Person:
    await harbour.take_in(COLONY.encode())
    return await joined(harbour, owner)


async def opens_person(person: Person, name: str = IVAN, room: str = "Where people are") -> None:
    await person.send("/desk")
    await person.press(room)
    await person.press(name)


async def ivan(here: Town) -> Defendant:
    query = select(Defendant).where(Defendant.slug == "ivan-lodkin")
    custody = selectinload(Defendant.custody).joinedload(Custody.facility)
    async with here.app.sessions() as session:
        found = await session.scalar(query.options(custody))
    assert found is not None
    return found


async def test_it_is_confirmed_today(harbour: Town, lena: Person) -> None:
    harbour.clock.forward(days=40)
    await lena.send("/desk")
    await lena.press("Where people are")
    lena.sees("⚠️ the address is to be confirmed")
    assert lena.last.labels[0] == f"⚠️ {IVAN}"
    await lena.press(IVAN)
    lena.sees("In pre-trial detention")
    lena.sees("the address is old: confirmed")
    lena.sees("Lodkin Ivan Petrovich, born 1988")
    await lena.press("Address confirmed today")
    lena.sees("It is as it is known.")
    lena.sees("4 Zavodskaya St, Kamensk")
    lena.sees("Is it all right so, letter by letter? Who says so?")
    await lena.press("Lawyer")
    lena.sees("Saved.")
    await lena.press(IVAN)
    lena.sees("✉️ You can write: address confirmed today")
    anna = harbour.person("Anna")
    await anna.send("Lodkin")
    await anna.press("Write")
    anna.sees("Confirmed today by the lawyer")
    assert harbour.telegram.violations == []


async def test_it_goes_in_russian(harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, language="ru")
    await opens_person(vera, "Иван Лодкин", "Где кто сейчас")
    await vera.press("Этапируют")
    vera.sees("Что изменится")
    vera.sees("Пока никто не подписан — сообщать некому.")
    await vera.press("Сохранить")
    vera.sees("Сохранено.")
    await vera.press("Иван Лодкин")
    vera.sees("На этапе")
    assert (await ivan(harbour)).status == "transfer"


async def test_in_transfer_the_address_vanishes_at_once(
    delivery: Delivery, harbour: Town, lena: Person
) -> None:
    anna = harbour.person("Anna")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await delivery.rests(harbour)
    told(anna)
    await opens_person(lena)
    await lena.press("Being transferred")
    lena.sees("1 person is told.")
    await lena.press("Save")
    await anna.send("Lodkin")
    anna.sees("Cannot write now")
    harbour.clock.forward(minutes=3)
    await delivery.rests(harbour)
    anna.sees("transfer")
    await opens_person(lena)
    assert "✅ Address confirmed today" not in lena.last.labels


async def test_somebody_moved_by_two(database_url: str) -> None:
    async with town(database_url, "format.yaml", owners=(OWNER, OTHER_OWNER)) as here:
        await here.take_in(COLONY.encode())
        olga, oleg = await comes(here, "Olga", OWNER), await comes(here, "Oleg", OTHER_OWNER)
        await opens_person(olga)
        await olga.press("Moved to another place")
        await olga.send("mars")
        olga.sees("I know no place called “mars”.")
        await olga.send("colony")
        await olga.press("Colony 2")
        await olga.send("tomorrow")
        olga.sees("I need a day that has been")
        await olga.send("20.11")
        olga.sees("Ivan Lodkin\nColony 2\n2 Far St, Kamensk\n620997")
        await olga.press("Relatives")
        olga.sees("Takes effect when somebody else accepts it")
        found = await ivan(here)
        assert (found.status, len(found.custody)) == ("pre_trial_detention", 1)
        await opens(oleg)
        await oleg.press("Accept")
        found = await ivan(here)
        assert (found.status, [one.facility.slug for one in found.custody]) == (
            "colony",
            ["kamensk-sizo-1", "colony-2"],
        )
        assert f"{found.custody[0].until} {found.custody[1].since}" == "2026-11-20 2026-11-20"
        anna = here.person("Anna")
        await anna.send("Lodkin")
        await anna.press("Write")
        anna.sees("2 Far St, Kamensk")


async def test_unconfirmed_it_shows_no_address(harbour: Town, lena: Person) -> None:
    await opens_person(lena)
    await lena.press("Moved to another place")
    await lena.press("Colony 2")
    await lena.press("Not known")
    await lena.press("Not confirmed yet")
    lena.sees("Saved.")
    anna = harbour.person("Anna")
    await anna.send("Lodkin")
    anna.sees("we have no confirmed address")
    await lena.press(IVAN)
    await lena.press("Address confirmed today")
    await lena.press("Lawyer")
    await anna.send("Lodkin")
    anna.sees("You can write")


async def test_back_where_they_were(harbour: Town, lena: Person) -> None:
    for place in ("Colony 2", "Remand prison"):
        await opens_person(lena)
        await lena.press("Moved to another place")
        await lena.press(place)
        await lena.press("Not known")
        await lena.press("Relatives")
        lena.sees("Saved.")
        harbour.clock.forward(minutes=1)
    found = await ivan(harbour)
    slugs = [one.facility.slug for one in found.custody]
    assert slugs == ["kamensk-sizo-1", "colony-2", "kamensk-sizo-1"]
    assert (found.status, found.custody[-1].source) == ("pre_trial_detention", "relative")


async def test_a_place_of_no_known_kind_is_asked_about(harbour: Town, lena: Person) -> None:
    await opens_person(lena)
    await lena.press("Being transferred")
    await lena.press("Save")
    await lena.press(IVAN)
    await lena.press("Moved to another place")
    await lena.press("Clinic")
    await lena.press("Since today")
    lena.sees("What do you know?")
    await lena.press("In a medical facility")
    await lena.press("Facility")
    assert (await ivan(harbour)).status == "medical"


async def test_freed(harbour: Town, lena: Person) -> None:
    await opens_person(lena)
    await lena.press("Free, or at home")
    await lena.press("Under house arrest")
    await lena.press("Save")
    assert (await ivan(harbour)).status == "house_arrest"
    await lena.press("Undo")
    await lena.press("Yes, undo")
    found = await ivan(harbour)
    assert (found.status, found.custody[-1].source) == ("pre_trial_detention", "lawyer")
    assert found.custody[-1].confirmed_at is not None


@pytest.mark.parametrize(("minutes", "is_by_herself"), [(1, True), (16, True), (1, False)])
async def test_a_slip_takes_nothing_away_that_was_confirmed_before(
    delivery: Delivery,
    harbour: Town,
    owner: Person,
    lena: Person,
    minutes: int,
    is_by_herself: bool,
) -> None:
    """Of her own, at once: else nobody has said that it is so still."""
    anna = harbour.person("Anna")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    before = (await ivan(harbour)).custody[-1].confirmed_at
    await opens_person(lena)
    await lena.press("Address confirmed today")
    await lena.press("Relatives")
    harbour.clock.forward(minutes=minutes)
    person = lena if is_by_herself else owner
    await person.send("/desk")
    for label in ("What was changed", "1", "Undo"):
        await person.press(label)
    is_slip = is_by_herself and minutes == 1
    assert ("⚠️ What changes back is not confirmed" in person.last.text) != is_slip
    if is_slip:
        await person.press("Yes, undo")
    found = (await ivan(harbour)).custody[-1]
    assert (found.confirmed_at == before) == is_slip
    harbour.clock.forward(minutes=3)
    await delivery.rests(harbour)
    assert "Cannot write now" not in anna.last.text


async def test_a_move_is_undone_as_if_it_had_not_been(harbour: Town, lena: Person) -> None:
    def stays(one: Defendant) -> list[tuple[object, ...]]:
        return [(each.facility_id, each.since, each.until, each.source) for each in one.custody]

    before = stays(await ivan(harbour))
    for is_slip in (True, False):
        await opens_person(lena)
        for label in ("Moved to another place", "Colony 2", "Since today", "Lawyer"):
            await lena.press(label)
        harbour.clock.forward(minutes=1 if is_slip else 20)
        await lena.press("Undo")
        await lena.press("Yes, undo")
        found = stays(await ivan(harbour))
        assert found == (before if is_slip else [(*before[0][:3], None)])
    await opens_person(lena)
    await lena.press("Address confirmed today")
    await lena.press("Lawyer")
    anna = harbour.person("Anna")
    await anna.send("/start d-ivan-lodkin")
    anna.sees("You can write: address confirmed today")


async def test_who_is_confirmed_where_they_had_left_is_there(harbour: Town, lena: Person) -> None:
    """A file said that they had gone, and nobody where."""
    await harbour.take_in(
        b"cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, "
        b"custody: [{facility: kamensk-sizo-1, until: 2026-11-22}]}]}]"
    )
    await opens_person(lena)
    await lena.press("Address confirmed today")
    harbour.clock.forward(minutes=1)
    await lena.press("Lawyer")
    anna = harbour.person("Anna")
    await anna.send("/start d-ivan-lodkin")
    anna.sees("You can write: address confirmed today")


async def test_a_false_release_is_taken_back_before_anybody_hears_of_it(
    delivery: Delivery, database_url: str
) -> None:
    """By one alone, though there are two: it is as it was a moment ago, to the letter."""
    async with town(database_url, "format.yaml", owners=(OWNER, OTHER_OWNER)) as here:
        olga = await comes(here, "Olga", OWNER)
        anna = here.person("Anna")
        await anna.send("/start d-ivan-lodkin")
        await anna.press("Follow")
        await delivery.rests(here)
        told(anna)
        await opens_person(olga)
        for label in ("Free, or at home", "Free", "Save"):
            await olga.press(label)
        here.clock.forward(seconds=30)
        await olga.press("Undo")
        await olga.press("Yes, undo")
        olga.sees("What was changed")
        here.clock.forward(minutes=5)
        await delivery.rests(here)
        assert told(anna) == []
        await anna.send("/start d-ivan-lodkin")
        anna.sees("You can write: address confirmed 3 days ago")


async def test_what_somebody_else_did_since_is_no_slip_of_mine(
    harbour: Town, owner: Person, lena: Person
) -> None:
    """They withdrew the word that would come back."""
    await opens_person(lena)
    await lena.press("Address confirmed today")
    await lena.press("Relatives")
    harbour.clock.forward(minutes=1)
    await opens_person(owner)
    await owner.press("The address is wrong")
    await owner.press("Save")
    for number in ("2", "1", "1"):
        harbour.clock.forward(minutes=1)
        await lena.send("/desk")
        for label in ("What was changed", number, "Undo"):
            await lena.press(label)
        if lena.last.button("Yes, undo"):
            await lena.press("Yes, undo")
        assert (await ivan(harbour)).custody[-1].confirmed_at is None


async def test_a_slip_that_is_none_any_more_is_asked_about_again(
    harbour: Town, lena: Person
) -> None:
    await opens_person(lena)
    await lena.press("Address confirmed today")
    await lena.press("Relatives")
    harbour.clock.forward(minutes=14)
    await lena.press("Undo")
    lena.sees_not("is not confirmed until")
    harbour.clock.forward(minutes=2)
    await lena.press("Yes, undo")
    lena.sees("⚠️ What changes back is not confirmed until")
    assert (await ivan(harbour)).custody[-1].source == "relative"


async def test_a_wrong_address_is_hidden_at_once(harbour: Town, lena: Person) -> None:
    await opens_person(lena)
    await lena.press("The address is wrong")
    await lena.press("Save")
    anna = harbour.person("Anna")
    await anna.send("Lodkin")
    anna.sees("we have no confirmed address")


async def test_letters_are_forbidden_with_a_reason_and_allowed_again(
    harbour: Town, lena: Person
) -> None:
    await opens_person(lena)
    await lena.press("Letters are forbidden")
    await lena.send("x" * 301)
    lena.sees("at most 300 characters")
    await lena.send("The investigator <forbids> it")
    await lena.press("Save")
    anna = harbour.person("Anna")
    await anna.send("Lodkin")
    anna.sees("The investigator <forbids> it")
    await lena.press(IVAN)
    await lena.press("Letters are allowed again")
    await lena.press("Save")
    await anna.send("Lodkin")
    anna.sees("You can write")
    await opens_person(lena)
    await lena.press("Letters are forbidden")
    await lena.press("Without a reason")
    await lena.press("Save")
    assert (await ivan(harbour)).letters_reason is None


async def test_names_are_typed(harbour: Town, lena: Person) -> None:
    await lena.send("/desk")
    await lena.press("Where people are")
    await lena.send("лодкин")
    await lena.press(IVAN)
    await lena.send("/desk")
    await lena.press("Where people are")
    await lena.send("xyzzy")
    lena.sees("I find nobody called “xyzzy”.")


async def test_to_whom_letters_are_addressed(harbour: Town, lena: Person) -> None:
    await opens_person(lena)
    await lena.press("To whom letters are addressed")
    lena.sees("English: Lodkin Ivan Petrovich, born 1988")
    await lena.press("Russian")
    await lena.send("x" * 121)
    lena.sees("121" if "121" in lena.last.text else "120")
    await lena.send("Лодкину  Ивану П.,\n1988 г. р., отряд 5")
    lena.sees("Лодкину Ивану П., 1988 г. р., отряд 5")
    lena.sees("620999 Каменская область, г. Каменск, ул. Заводская, д. 4")
    lena.sees("⚠️ In this language it stays: English: “Lodkin Ivan Petrovich, born 1988”.")
    lena.sees("Is it all right so, letter by letter? Who says so?")
    await lena.press("✏️ English")
    await lena.send("Lodkin Ivan P., born 1988, unit 5")
    lena.sees("Лодкину Ивану П., 1988 г. р., отряд 5")
    lena.sees("Lodkin Ivan P., born 1988, unit 5")
    lena.sees_not("it stays")
    harbour.clock.forward(minutes=1)
    await lena.press("Relatives")
    lena.sees("Saved.")
    stay = (await ivan(harbour)).custody[-1]
    assert stay.addressee == {
        "ru": "Лодкину Ивану П., 1988 г. р., отряд 5",
        "en": "Lodkin Ivan P., born 1988, unit 5",
    }
    assert (stay.source, stay.confirmed_at) == ("relative", harbour.clock.now())
    anna = harbour.person("Anna", language="ru")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Написать")
    anna.sees("Лодкину Ивану П., 1988 г. р., отряд 5")
    assert harbour.telegram.violations == []


async def test_to_whom_an_unconfirmed_address_is_shown_to_nobody(
    harbour: Town, lena: Person
) -> None:
    await opens_person(lena)
    await lena.press("To whom letters are addressed")
    await lena.press("English")
    await lena.send("Lodkin Ivan Petrovitch, born 1988")  # another letter is no other person
    await lena.press("Not confirmed yet")
    anna = harbour.person("Anna")
    await anna.send("/start d-ivan-lodkin")
    anna.sees("Cannot write now")
    await opens_person(lena)
    lena.sees("no confirmed address")


async def test_a_line_that_stays_as_it_is_is_seen_in_its_language(
    harbour: Town, lena: Person
) -> None:
    await opens_person(lena)
    await lena.press("To whom letters are addressed")
    await lena.press("Russian")
    await lena.send("Лодкину Ивану Петровичу, 1988 г. р.")
    lena.sees("It is as it is known.")
    lena.sees("620999 Каменская область")


async def test_of_two_proposals_neither_takes_back_the_other(database_url: str) -> None:
    async with town(database_url, "format.yaml", owners=(OWNER, OTHER_OWNER)) as here:
        olga, oleg = [await comes(here, *who) for who in (("Olga", OWNER), ("Oleg", OTHER_OWNER))]
        lines = {"Russian": "Лодкину Ивану, отряд 5", "English": "Lodkin Ivan, unit 5"}
        for tongue, line in lines.items():
            here.clock.forward(minutes=1)
            await opens_person(olga)
            for label in ("To whom letters are addressed", tongue):
                await olga.press(label)
            await olga.send(line)
            await olga.press("Lawyer")
            olga.sees("Proposal")
        for waiting in (2, 1):
            await opens(oleg, f"To accept: {waiting}")
            await oleg.press("Accept")
        found = (await ivan(here)).custody[-1].addressee
        assert found == {"ru": lines["Russian"], "en": lines["English"]}


async def test_who_is_held_nowhere_has_no_such_line(harbour: Town, lena: Person) -> None:
    await opens_person(lena, "Marta Vetrova")
    assert "✏️ To whom letters are addressed" not in lena.last.labels
    async with harbour.app.sessions() as session:
        marta = (
            await session.scalars(select(Defendant).where(Defendant.slug != "ivan-lodkin"))
        ).one()
    for data in (
        f"chpers:{marta.id}:0:{marta.version}:addressee",
        f"chtongue:{marta.id}:0:{marta.version}:en",
    ):
        await lena.press_data(data)
        lena.sees("This button is out of date")


async def test_what_was_changed_meanwhile_is_shown(harbour: Town, lena: Person) -> None:
    await opens_person(lena)
    await lena.press("Being transferred")
    gone = "cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, status: released}]}]"
    await harbour.take_in(gone.encode())
    await lena.press("Save")
    assert lena.toast is not None
    assert lena.toast.text == "It was changed meanwhile. This is how it is now."
    lena.sees("Free")
    assert (await ivan(harbour)).status == "released"


FORGED = ["people:0", "person:1:0", "chpers:1:0:1:transfer", "facils:1:0:1:0", "chplace:1:0:1:1",
          "chsince:1:0:1:1:2026-11-20", "chstat:1:0:1:released",
          "savepers:1:0:1:x:lawyer"]  # fmt: skip


@pytest.mark.parametrize("role", [None, "Editor"])
async def test_nobody_else_presses_anything_of_it(
    harbour: Town, owner: Person, role: str | None
) -> None:
    mole = harbour.person("Mole")
    await mole.send("/help")
    if role:
        mole = await joined(harbour, owner, role=role)
        await mole.send("/help")
    before = await ivan(harbour)
    for data in FORGED:
        await mole.press_data(data.replace(":1:0:1", f":{before.id}:0:{before.version}"))
        mole.sees("This button is out of date")
    assert (await ivan(harbour)).version == before.version


@pytest.mark.parametrize(
    "data", ["chpers:{}:0:{}:burn", "chstat:{}:0:{}:colony", "savepers:{}:0:{}:x:", "person:999:0",
             "chplace:{}:0:{}:999", "chsince:{}:0:{}:999:2026-11-20"]
)  # fmt: skip
async def test_a_forged_press_of_a_member_breaks_nothing(
    harbour: Town, lena: Person, data: str
) -> None:
    before = await ivan(harbour)
    await lena.send("/help")
    await lena.press_data(data.format(before.id, before.version))
    lena.sees("out of date")
    assert (await ivan(harbour)).version == before.version


STEPS = [
    (["Moved to another place"], ["colony"], ["Colony 2", "Since today", "Lawyer"]),
    (["Moved to another place", "Colony 2"], ["20.11"], ["Lawyer"]),
    (["Letters are forbidden"], ["Nobody knows"], ["Save"]),
    (["Address confirmed today"], [], ["Lawyer"]),
    (["To whom letters are addressed", "English"], ["Lodkin I., unit 5"], ["Lawyer"]),
    (["Being transferred"], [], ["Save"]),
]


@pytest.mark.parametrize(("labels", "typed", "then"), STEPS)
async def test_a_restart_in_the_middle_loses_nothing(
    database_url: str, labels: list[str], typed: list[str], then: list[str]
) -> None:
    how = {"owners": (OWNER,), "four_eyes": False}
    async with town(database_url, "format.yaml", **how) as here:
        await here.take_in(COLONY.encode())
        olga = await comes(here, "Olga", OWNER)
        await opens_person(olga)
        for label in labels:
            await olga.press(label)
        await here.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock, **how) as second:
            for text in typed:
                await olga.send(text)
            for label in then[:-1]:
                await olga.press(label)
            await second.halt()
            async with town(database_url, telegram=here.telegram, clock=here.clock, **how):
                await olga.press(then[-1])
                olga.sees("Saved.")
