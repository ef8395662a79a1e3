"""Nothing delicate takes effect by one person: it is proposed, and another one accepts it."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from bot.delivery.scheduler import tidy
from bot.services import four_eyes, proposals, proposed
from bot.services.members import keep_owners
from models import Broadcast, HistoryEntry, Invitation, Member, Proposal, Role
from sandbox import Person
from tests.delivery import Delivery
from tests.test_broadcasts import came, drafted, presses, supporter
from tests.test_campaign_file_chat import sends
from tests.test_forms import taps
from tests.test_history import state
from tests.test_members import invited, joined
from tests.test_telling import told
from tests.town import OTHER_OWNER, OWNER, VAULT, Town, town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
STREET = "address: {en: 'Elsewhere 1', ru: 'Другая, 1'}"
ELSEWHERE = f"facilities: [{{slug: kamensk-sizo-1, {STREET}}}]"
CHECKED = "checked_at: 2026-11-22 14:00"
SAID = "confirmed_at: 2026-11-22 14:00, source: lawyer"
URL = "https://other.example.org/x"
ROUTE = f"donation_routes: [{{slug: lodkin-abroad, url: '{URL}', {CHECKED}}}]"


@pytest.fixture
def harbour(guarded: Town) -> Town:
    return guarded


@pytest.fixture
async def olga(harbour: Town) -> Person:
    return await comes(harbour, "Olga", OWNER)


@pytest.fixture
async def oleg(harbour: Town) -> Person:
    return await comes(harbour, "Oleg", OTHER_OWNER)


async def comes(here: Town, name: str, number: int, language: str = "en") -> Person:
    person = here.telegram.person(name, language=language, id=number)
    await person.send("/start")
    return person


@pytest.fixture
async def lena(harbour: Town, olga: Person, oleg: Person) -> Person:
    return await coordinator(harbour, "Lena", olga, oleg)


async def coordinator(here: Town, name: str, first: Person, second: Person) -> Person:
    """Invited by the one, accepted by the other."""
    link = await invited(first)
    await opens(second)
    await second.press("Accept")
    person = here.person(name)
    await person.send(f"/start {link}")
    await person.press("Join")
    return person


async def opens(person: Person, accept: str = "To accept: 1") -> None:
    """The one that waits."""
    await person.send("/desk")
    await person.press(accept)
    await person.press(person.last.labels[0])


async def proposes(person: Person, file: str) -> None:
    await sends(person, file)
    await person.press("Apply all of it")
    person.sees("Proposal")


async def facility(here: Town) -> dict[str, str]:
    found: dict[str, str] = (await state(here))["facility"]["kamensk-sizo-1"]["address"]
    return found


async def proposal(here: Town) -> Proposal:
    async with here.app.sessions() as session:
        query = select(Proposal).order_by(Proposal.id.desc()).limit(1)
        found = await session.scalar(query)
    assert found is not None
    return found


async def test_an_address_takes_effect_by_a_second_person(
    delivery: Delivery, harbour: Town, olga: Person, oleg: Person, lena: Person
) -> None:
    before = await state(harbour)
    await delivery.rests(harbour)
    told(olga), told(oleg), told(lena)
    await proposes(lena, ELSEWHERE)
    lena.sees("yours")
    lena.sees("Elsewhere 1")
    lena.sees("Takes effect when somebody else accepts it, until 24 November 2026, 15:00")
    await lena.press("Add a note")
    await lena.send("The lawyer was there on Friday")
    lena.sees("Note: The lawyer was there on Friday")
    assert "✅ Accept" not in lena.last.labels
    assert await state(harbour) == before
    await delivery.rests(harbour)
    assert told(olga) == told(oleg) == ["👀 A second look is wanted"]
    assert told(lena) == []
    await olga.press("Look at it")
    olga.sees("22 November 2026, 15:00 · Lena, coordinator")
    olga.sees("Note: The lawyer was there on Friday")
    await olga.press("Accept")
    olga.sees("2 addresses changed")
    olga.sees("✅ Accepted.")
    assert (await facility(harbour))["en"] == "Elsewhere 1"
    await delivery.rests(harbour)
    assert told(lena) == ["✅ Accepted what you proposed"]
    await olga.send("/desk")
    await olga.press("What was changed")
    await olga.press(olga.last.labels[0])
    olga.sees("Lena, coordinator, by a file, accepted by: owner")
    assert harbour.telegram.violations == []


async def test_who_accepts_it_sees_every_letter_of_an_address(
    harbour: Town, olga: Person, lena: Person
) -> None:
    """Also the end of a long one, in every language."""
    street = "The corner house on the left behind the second bridge over the river, entrance from "
    await proposes(lena, ELSEWHERE.replace("Elsewhere 1", f"{street}the yard, flat 66"))
    await opens(olga)
    olga.sees("the yard, flat 66")
    olga.sees("Letters to all there would go to:")
    olga.sees("620999 Другая, 1\nФКУ СИЗО-1")
    olga.sees("\n620999\nRUSSIA")


async def test_who_accepts_it_sees_to_whom_letters_would_go(
    harbour: Town, olga: Person, lena: Person
) -> None:
    name, address = "name: {en: Colony 2, ru: Колония 2}", "address: {en: 2 Far St, ru: 'Даль, 2'}"
    place = f"{{slug: x, country: RU, kind: colony, postal_code: '620997', {name}, {address}}}"
    word = "confirmed_at: 2026-11-22 14:00, source: lawyer"
    stays = f"[{{facility: kamensk-sizo-1, until: 2026-11-20}}, {{facility: x, {word}}}]"
    moved = f"status: colony, custody: {stays}"
    await proposes(lena, f"facilities: [{place}]\n{IVAN.replace('**', moved)}")
    await opens(olga)
    olga.sees("place of custody Remand prison No. 1, Kamensk: until — → 20 Nov 2026")
    olga.sees("Colony 2 (confirmed 22 Nov 2026 14:00, source lawyer)")
    olga.sees("Letters would go to:\n")
    olga.sees("Ivan Lodkin\nColony 2\n2 Far St\n620997\nRUSSIA")
    olga.sees("620997 Даль, 2\nКолония 2\nЛодкин Иван Петрович")


async def test_who_accepts_it_sees_a_new_way_to_pay(
    harbour: Town, olga: Person, lena: Person
) -> None:
    words = "method: {en: Card, ru: Карта}, legal_status: {en: Private, ru: Личный}"
    new = f"slug: x, fundraiser: lodkin-lawyer, pay_from: elsewhere, url: '{URL}', {words}"
    await proposes(lena, f"donation_routes: [{{{new}, {CHECKED}}}]")
    await opens(olga)
    olga.sees("❤️ A way to pay:\nFundraiser: A lawyer for Ivan\n")
    olga.sees("How to pay: Card / Карта")
    olga.sees(f"Link: {URL}")


async def test_what_is_long_is_accepted_below_its_end(
    harbour: Town, olga: Person, lena: Person
) -> None:
    told = f"cases: [{{slug: port-strike, summary: {{en: '{'Be kind. ' * 110}'}}}}]"
    rules = f"letters: {{rules: {{en: '{'Be kind. ' * 100}', ru: '{'Будьте добры. ' * 60}'}}}}"
    await proposes(lena, f"facilities: [{{slug: kamensk-sizo-1, {STREET}, {rules}}}]\n{told}")
    await opens(olga)
    assert "✅ Accept" not in olga.last.labels
    await olga.press("›")
    olga.sees("Letters to all there would go to:")
    await olga.press("Accept")
    olga.sees("✅ Accepted.")
    assert harbour.telegram.violations == []


async def test_it_goes_in_russian(harbour: Town, lena: Person) -> None:
    await proposes(lena, ELSEWHERE)
    vera = await comes(harbour, "Вера", OTHER_OWNER, language="ru")
    await vera.send("/settings")
    await vera.press("Русский")
    await opens(vera, "Проверить: 1")
    vera.sees("Вступит в силу, когда это примет кто-то другой, до 24 ноября")
    await vera.press("Отклонить")
    vera.sees("Почему нет?")
    await vera.send("Адвокат говорит другое")
    vera.sees("✖️ Отклонено.\nПочему: Адвокат говорит другое")


async def test_its_author_accepts_nothing(harbour: Town, lena: Person) -> None:
    before = await state(harbour)
    await proposes(lena, ELSEWHERE)
    one = await proposal(harbour)
    for data in (f"accept:{one.id}:1", f"accept:{one.id}:2", f"refuse:{one.id}:1"):
        await lena.press_data(data)
        lena.sees("out of date")
    assert await state(harbour) == before
    assert (await proposal(harbour)).state == "open"


async def test_an_owner_is_no_exception(harbour: Town, olga: Person, oleg: Person) -> None:
    before = await state(harbour)
    await proposes(olga, ROUTE)
    await olga.press_data(f"accept:{(await proposal(harbour)).id}:1")
    olga.sees("out of date")
    assert await state(harbour) == before
    await opens(oleg)
    oleg.sees("1 donation route changed")
    await oleg.press("Accept")
    assert await state(harbour) != before


async def test_of_two_who_accept_one_does(
    harbour: Town, olga: Person, oleg: Person, lena: Person
) -> None:
    await proposes(lena, ELSEWHERE)
    for person in (olga, oleg):
        await opens(person)
    await asyncio.gather(olga.press("Accept"), oleg.press("Accept"))
    async with harbour.app.sessions() as session:
        versions = select(func.count(HistoryEntry.version.distinct()))
        by_two = versions.where(HistoryEntry.second_role.is_not(None))
        assert await session.scalar(by_two) == 1


async def test_refused_with_a_word(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    before = await state(harbour)
    await proposes(lena, ELSEWHERE)
    await opens(olga)
    await olga.press("Refuse")
    await olga.send("x" * 301)
    olga.sees("That is too long: at most 300 characters.")
    await olga.send("The lawyer says otherwise")
    olga.sees("✖️ Refused.\nWhy: The lawyer says otherwise")
    await delivery.rests(harbour)
    await lena.press("Look at it")
    lena.sees("Why: The lawyer says otherwise")
    assert await state(harbour) == before
    await olga.press_data(f"accept:{(await proposal(harbour)).id}:1")
    assert await state(harbour) == before


async def test_refused_without_a_word_and_withdrawn(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    before = await state(harbour)
    await proposes(lena, ELSEWHERE)
    await delivery.rests(harbour)
    await opens(olga)
    await olga.press("Refuse")
    await olga.press("Refuse without a word")
    olga.sees("✖️ Refused.")
    await delivery.rests(harbour)
    await proposes(lena, ELSEWHERE)
    await delivery.rests(harbour)
    await opens(olga)
    await lena.press("Withdraw it")
    assert lena.toast is not None
    assert lena.toast.text == "Withdrawn"
    await olga.press("Accept")
    olga.sees("Withdrawn.")
    await olga.press_data(f"refuse:{(await proposal(harbour)).id}:1")
    olga.sees("Withdrawn.")
    assert await state(harbour) == before


async def test_what_was_withdrawn_is_asked_of_nobody(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    """Though it lies in the outbox."""
    await delivery.rests(harbour)
    told(olga)
    await olga.send("/settings")
    harbour.telegram.faults.too_many_requests(60, chat=olga.id)
    await proposes(lena, ELSEWHERE)
    await delivery.rests(harbour)
    await lena.press("Withdraw it")
    olga.all_heard()
    harbour.clock.forward(minutes=5)
    await delivery.rests(harbour)
    assert told(olga) == []


async def test_it_lapses(delivery: Delivery, harbour: Town, olga: Person, lena: Person) -> None:
    before = await state(harbour)
    await proposes(lena, ELSEWHERE)
    await delivery.rests(harbour)
    await opens(olga)
    told(lena)
    harbour.clock.forward(hours=48)
    await olga.press("Accept")
    olga.sees("⌛ Nobody looked at it in time.")
    await delivery.rests(harbour)
    assert told(lena) == ["⌛ Nobody looked in time at what you proposed"]
    await lena.press("Look at it")
    lena.sees("⌛ Nobody looked at it in time.")
    harbour.clock.forward(days=31)
    await delivery.rests(harbour)
    assert await state(harbour) == before


async def test_what_changed_meanwhile_is_looked_at_again(
    harbour: Town, olga: Person, lena: Person
) -> None:
    await proposes(lena, ELSEWHERE)
    await opens(olga)
    await harbour.take_in(b"facilities: [{slug: kamensk-sizo-1, postal_code: '620998'}]")
    await olga.press("Accept")
    assert olga.toast is not None
    assert olga.toast.text == "The facts have changed meanwhile: look again"
    await olga.press("Accept")
    olga.sees("✅ Accepted.")


async def test_what_does_not_fit_any_more_is_only_refused(
    harbour: Town, olga: Person, lena: Person
) -> None:
    await proposes(lena, ROUTE)
    gone = "donation_routes: [{slug: lodkin-abroad, remove: true}]"
    await harbour.take_in(gone.encode())
    await opens(olga)
    olga.sees("It does not fit the facts any more:")
    assert "✅ Accept" not in olga.last.labels
    await olga.press_data(f"accept:{(await proposal(harbour)).id}:9")
    await olga.press("Refuse")
    await olga.press("Refuse without a word")


async def test_relative_hours_are_those_of_the_proposal(
    harbour: Town, olga: Person, lena: Person
) -> None:
    new = "case: port-strike, court: kamensk-city, starts_at: +5d 10:00"
    await proposes(lena, f"{ELSEWHERE}\nhearings: [{{slug: new, {new}}}]")
    harbour.clock.forward(hours=30)
    await opens(olga)
    await olga.press("Accept")
    assert (await state(harbour))["hearing"]["new"]["starts_at"] == "2026-11-27 10:00"
    async with harbour.app.sessions() as session:
        entry = await session.scalar(select(HistoryEntry).order_by(HistoryEntry.id.desc()))
    assert entry is not None
    assert entry.at == harbour.clock.now()


# What it is about is told, by its name.


async def test_it_is_called_by_what_it_is_about(
    delivery: Delivery, harbour: Town, olga: Person, oleg: Person, lena: Person
) -> None:
    await delivery.rests(harbour)
    olga.all_heard()
    await proposes(lena, ELSEWHERE)
    await delivery.rests(harbour)
    olga.sees("👀 A second look is wanted\nRemand prison No. 1, Kamensk and 1 more\nUntil")
    harbour.clock.forward(minutes=1)
    new = "{slug: x, case: port-strike, court: kamensk-city, starts_at: 2026-12-01 10:00}"
    await proposes(oleg, f"{ELSEWHERE.replace('Elsewhere 1', 'Here 2')}\nhearings: [{new}]")
    await delivery.rests(harbour)
    await olga.send("/desk")
    await olga.press("To accept: 2")
    labels = olga.last.labels
    assert labels[0].startswith("22.11 15:00 · Remand")
    assert labels[1].startswith("22.11 15:01 · Remand")
    await olga.press(labels[1])
    await olga.press("Refuse")
    await olga.press("Refuse without a word")
    olga.sees("Facility Remand prison No. 1, Kamensk: address")
    olga.sees("→ Here 2")
    olga.sees("1 hearing added: The port strike case, 1 Dec 2026 10:00")


async def test_what_was_accepted_stays_to_be_read(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    await proposes(lena, ELSEWHERE)
    await opens(olga)
    await olga.press("Accept")
    await delivery.rests(harbour)  # Lena is told of it
    for person in (olga, lena):
        await person.press_data(f"proposal:{(await proposal(harbour)).id}:0")
        person.sees("✅ Accepted.")
        person.sees("→ Elsewhere 1")
    await harbour.take_in(b"facilities: [{slug: kamensk-sizo-1, address: {en: Third, ru: Tri}}]")
    await olga.press_data(f"proposal:{(await proposal(harbour)).id}:0")
    olga.sees("→ Elsewhere 1")
    async with harbour.app.sessions() as session:  # from before that was kept
        await session.execute(update(Proposal).values(things=None))
        await session.commit()
    await olga.press_data(f"proposal:{(await proposal(harbour)).id}:0")
    olga.sees("2 addresses changed")
    assert harbour.telegram.violations == []


async def test_of_very_many_things_their_number_is_told(
    harbour: Town, olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposed, "MOST", 1)
    await proposes(olga, f"{ELSEWHERE}\n{AT_ONCE['a hearing']}")
    assert (await proposal(harbour)).things is None
    await olga.press("Withdraw it")
    olga.sees("2 addresses changed, 1 hearing changed")


async def test_where_nobody_has_to_accept_anything_nothing_is_said_of_it(
    owned: Town, owner: Person
) -> None:
    await owner.send("/desk")
    await owner.press("Proposals")
    owner.sees("Nobody has to accept anything here: what is saved takes effect.")
    owner.sees_not("another coordinator")


# Who is gone takes what they proposed along.


async def test_who_forgets_themselves_cannot_come_back_and_accept(
    harbour: Town, olga: Person, oleg: Person
) -> None:
    """An owner's account that was stolen: they would be somebody else afterwards."""
    before = await state(harbour)
    await proposes(olga, ELSEWHERE)
    number = (await proposal(harbour)).id
    await olga.send("/forget")
    await olga.press("Yes, delete")
    await olga.send("/start")
    await olga.press_data(f"accept:{number}:1")
    olga.sees("out of date")
    assert await state(harbour) == before
    await oleg.send("/desk")
    assert "👀 Proposals" in oleg.last.labels


async def test_of_whose_role_ended_nothing_is_accepted(
    harbour: Town, olga: Person, oleg: Person, lena: Person
) -> None:
    before = await state(harbour)
    await proposes(lena, ELSEWHERE)
    await opens(olga)
    await oleg.send("/desk")
    for label in ("Who keeps the facts", "Lena", "End it", "Yes, end it"):
        await oleg.press(label)
    await olga.press("Accept")
    olga.sees("Withdrawn.")
    assert await state(harbour) == before


async def test_who_was_thrown_out_and_is_back_has_nothing_open(
    harbour: Town, olga: Person, oleg: Person, lena: Person
) -> None:
    """The account was stolen for an hour."""
    before = await state(harbour)
    await proposes(lena, ELSEWHERE)
    number = (await proposal(harbour)).id
    await oleg.send("/desk")
    for label in ("Who keeps the facts", "Lena", "End it", "Yes, end it"):
        await oleg.press(label)
    link = await invited(olga)
    await opens(oleg)
    await oleg.press("Accept")
    await lena.send(f"/start {link}")
    await lena.press("Join")
    await oleg.press_data(f"accept:{number}:{2}")
    oleg.sees("Withdrawn.")
    assert await state(harbour) == before


async def test_whose_role_is_less_for_a_while_has_nothing_open(
    harbour: Town, olga: Person, oleg: Person, lena: Person
) -> None:
    await proposes(lena, ELSEWHERE)
    number = (await proposal(harbour)).id
    await olga.send("/desk")
    for label in ("Who keeps the facts", "Lena", "Make: editor", "Make: coordinator"):
        await olga.press(label)
    await opens(oleg)
    oleg.sees("A new coordinator: Lena")
    await oleg.press("Accept")
    await oleg.press_data(f"accept:{number}:2")
    oleg.sees("Withdrawn.")


async def test_who_presses_twice_proposes_it_once(
    harbour: Town, olga: Person, oleg: Person
) -> None:
    await joined(harbour, olga, role="Editor")
    await olga.send("/desk")
    for label in ("Who keeps the facts", "Lena", "Make: coordinator"):
        await olga.press(label)
    for _time in range(2):
        await olga.press_data(f"setrole:{(await proposal(harbour)).member_id}:coordinator")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count(Proposal.id))) == 1


async def test_an_editor_sees_their_own_alone(harbour: Town, olga: Person, lena: Person) -> None:
    before = await state(harbour)
    vera = await joined(harbour, olga, role="Editor")
    await proposes(lena, ELSEWHERE)
    one = await proposal(harbour)
    for data in ("proposals", f"proposal:{one.id}:0", f"accept:{one.id}:1", f"refuse:{one.id}:0",
                 f"unpropose:{one.id}", f"note:{one.id}"):  # fmt: skip
        await vera.press_data(data)
        vera.sees("out of date")
    assert await state(harbour) == before
    assert (await proposal(harbour)).state == "open"


# Little by little.


HEARING = "{slug: h-**, case: port-strike, court: kamensk-city, starts_at: 2027-01-02 10:**}"


def hearings(numbers: range) -> str:
    return f"hearings: [{', '.join(HEARING.replace('**', str(one)) for one in numbers)}]"


async def test_many_files_of_a_few_things_are_one_of_many_things(
    harbour: Town, lena: Person, olga: Person
) -> None:
    for start in (10, 20, 30):
        await sends(lena, hearings(range(start, start + 10)))
        await lena.press("Apply all of it")
        lena.sees("Done.")
    await sends(lena, hearings(range(40, 42)))
    await lena.press("Apply all of it")
    lena.sees("It waits because it is much at once, or after many changes in a day.")
    assert "h-40" not in (await state(harbour))["hearing"]
    await lena.send("/desk")
    await taps(harbour, lena, "Where people are", "Ivan", "The address is wrong", "Save")
    lena.sees("Saved.")
    await opens(olga)
    await olga.press("Accept")
    assert "h-40" in (await state(harbour))["hearing"]
    harbour.clock.forward(hours=25)
    await sends(lena, hearings(range(42, 43)))
    await lena.press("Apply all of it")
    lena.sees("Done.")


async def test_who_changes_one_after_the_other_is_looked_at_in_the_end(
    harbour: Town, lena: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is entered by hand does not count, nor does the same thing again."""
    monkeypatch.setattr(four_eyes, "IN_A_DAY", 1)
    await lena.send("/desk")
    await taps(harbour, lena, "Facts", "Cases", "A new case", ">Tram")
    await taps(harbour, lena, "Skip", "Skip", "Skip", "Save")
    lena.sees("Saved.")
    for name in ("port strike", "Tram", "port strike"):
        await renames(harbour, lena, name)
        lena.sees("Saved.")
    await taps(harbour, lena, ">/desk", "Facts", "Courts", "Kamensk", "Full name")
    await taps(harbour, lena, ">New court", ">Новый суд", "Save")
    lena.sees("It waits because it is much at once")


async def renames(here: Town, person: Person, case: str) -> None:
    await taps(here, person, ">/desk", "Facts", "Cases", case, "Also called")
    await taps(here, person, f">{case} {here.clock.now():%H%M%S}", "Save")


# A new coordinator.


async def test_a_coordinator_is_invited_by_two(
    delivery: Delivery, harbour: Town, olga: Person, oleg: Person
) -> None:
    await delivery.rests(harbour)
    told(oleg)
    link = await invited(olga)
    olga.sees("👀 It works as soon as another coordinator accepts it")
    mole = harbour.person("Mole")
    await mole.send(f"/start {link}")
    mole.sees("This invitation waits for a second person")
    await mole.press_data(f"join:{link.removeprefix('i-')}")
    mole.sees("This invitation is not valid")
    await delivery.rests(harbour)
    assert told(oleg) == ["👀 A second look is wanted"]
    await oleg.press("Look at it")
    oleg.sees("A new coordinator: Lena")
    harbour.clock.forward(hours=40)
    await oleg.press("Accept")
    await mole.send(f"/start {link}")
    await mole.press("Join")
    mole.sees("You are: coordinator.")


async def test_of_too_many_proposals_no_invitation_is_left_behind(
    harbour: Town, olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "MOST", 0)
    await olga.send("/desk")
    for label in ("Who keeps the facts", "Invite", "Coordinator", "Until somebody"):
        await olga.press(label)
    await olga.send("Lena")
    olga.sees("nothing was saved")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count(Invitation.id))) == 0
    await olga.press("The desk")
    await olga.press("Who keeps the facts")
    olga.sees_not("Lena")


async def test_an_owner_alone_hears_at_once_that_nobody_can_accept(harbour: Town) -> None:
    """Before the link is sent to somebody."""
    olga = await comes(harbour, "Olga", OWNER)
    async with harbour.app.sessions() as session:
        await keep_owners(session, VAULT, (OWNER,), harbour.clock.now())
    await invited(olga)
    olga.sees("⚠️ Nobody else is here to accept it.")
    olga.sees("OWNERS, or switch this off with FOUR_EYES=off.")
    olga.sees_not("It works as soon as")


async def test_a_refused_invitation_leads_nowhere(
    harbour: Town, olga: Person, oleg: Person
) -> None:
    link = await invited(olga)
    await opens(oleg)
    await oleg.press("Refuse")
    await oleg.press("Refuse without a word")
    lena = harbour.person("Lena")
    await lena.send(f"/start {link}")
    lena.sees("This invitation is not valid")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count(Invitation.id))) == 0


async def test_an_editor_becomes_a_coordinator_by_two(
    harbour: Town, olga: Person, oleg: Person
) -> None:
    vera = await joined(harbour, olga, role="Editor")
    await olga.send("/desk")
    for label in ("Who keeps the facts", "Lena", "Make: coordinator"):
        await olga.press(label)
    await vera.send("/desk")
    vera.sees("You are: editor.")
    await opens(oleg)
    await oleg.press("Accept")
    await vera.send("/desk")
    vera.sees("You are: coordinator.")


async def test_nobody_else_is_there(harbour: Town, olga: Person) -> None:
    await proposes(olga, ELSEWHERE)
    others = Member.subscriber_id != (await proposal(harbour)).author_id
    async with harbour.app.sessions() as session:
        await session.execute(update(Member).where(others).values(role=Role.EDITOR))
        await session.commit()
    await olga.send("/desk")
    await olga.press("Proposals")
    await olga.press(olga.last.labels[0])
    olga.sees("⚠️ Nobody else is here to accept it: an owner can invite a coordinator.")


# What needs a second person, and what does not.


STAY = "custody: [{facility: kamensk-sizo-1, since: 2025-11-03, **}]"
PERSON = "cases: [{slug: port-strike, defendants: [{**}]}]"
IVAN = PERSON.replace("**", "slug: ivan-lodkin, **")
AT_ONCE = {
    "in transfer": IVAN.replace("**", "status: transfer"),
    "freed": IVAN.replace("**", "status: released, custody: []"),
    "confirmed anew": IVAN.replace("**", STAY.replace("**", SAID)),
    "not known any more": IVAN.replace("**", STAY.replace("**", "confirmed_at: null")),
    "no letters": IVAN.replace("**", "letters: {allowed: false}"),
    "checked anew": "donation_routes: [{slug: lodkin-abroad, checked_at: 2026-11-22 14:00}]",
    "removed": "donation_routes: [{slug: lodkin-abroad, remove: true}]",
    "raised": "fundraisers: [{slug: lodkin-lawyer, raised: 70000}]",
    "a hearing": "hearings: [{slug: port-strike-1, room: '4'}]",
    "ten of them": "hearings: ["
    + ", ".join(
        f"{{slug: h-{n}, case: port-strike, court: kamensk-city, starts_at: 2027-01-0{n} 10:00}}"
        for n in range(1, 10)
    )
    + "]",
}
BY_TWO = {
    "another address": ELSEWHERE,
    "in another country": "facilities: [{slug: kamensk-sizo-1, country: KZ}]",
    "in another language": "facilities: [{slug: kamensk-sizo-1, address: {kk: Basqa 1}}]",
    "electronic letters": "facilities: [{slug: kamensk-sizo-1, letters: {services: [{name: E, "
    "url: 'https://x.example.org'}]}}]",
    "another addressee": IVAN.replace(
        "**",
        STAY.replace("**", f"addressee: {{en: X, ru: Х}}, {SAID}"),
    ),
    "somebody new": PERSON.replace(
        "**",
        "slug: new, name: {en: New}, status: pre_trial_detention, " + STAY.replace("**", SAID),
    ),
    "a way to pay": ROUTE,
    "for somebody else": "fundraisers: [{slug: lodkin-lawyer, for: null}]\ndonation_routes: "
    f"[{{slug: lodkin-card-ru, {CHECKED}}}, {{slug: lodkin-abroad, {CHECKED}}}]",
    "another title": "fundraisers: [{slug: lodkin-lawyer, title: {en: Mine, ru: Моё}}]",
    "many": AT_ONCE["ten of them"][:-1]
    + "".join(
        f", {{slug: i-{n}, case: port-strike, court: kamensk-city, starts_at: 2027-02-0{n} 10:00}}"
        for n in (1, 2)
    )
    + "]",
}


@pytest.mark.parametrize("what", AT_ONCE)
async def test_at_once(harbour: Town, olga: Person, what: str) -> None:
    before = await state(harbour)
    await sends(olga, AT_ONCE[what])
    await olga.press("Apply all of it")
    olga.sees("Done.")
    assert await state(harbour) != before


@pytest.mark.parametrize("what", BY_TWO)
async def test_by_two(harbour: Town, olga: Person, what: str) -> None:
    before = await state(harbour)
    await proposes(olga, BY_TWO[what])
    assert await state(harbour) == before


async def test_an_address_cannot_be_confirmed_later_by_one_alone(
    harbour: Town, olga: Person
) -> None:
    """It is changed unconfirmed, which only hides it, and then confirmed as if it were known."""
    moved = STAY.replace("**", "addressee: {en: X, ru: Х}")
    await sends(olga, IVAN.replace("**", moved))
    await olga.press("Apply all of it")
    olga.sees("Done.")
    before = await state(harbour)
    await proposes(
        olga,
        IVAN.replace("**", STAY.replace("**", SAID)),
    )
    assert await state(harbour) == before


async def test_with_four_eyes_off_the_history_says_so(owned: Town, owner: Person) -> None:
    await sends(owner, ELSEWHERE)
    await owner.press("Apply all of it")
    owner.sees("Done.")
    await owner.press("What was changed")
    await owner.press(owner.last.labels[0])
    owner.sees("owner, by a file, by one alone, four eyes are off")


async def test_a_file_of_a_coordinator_changes_no_settings(harbour: Town, lena: Person) -> None:
    before = await state(harbour)
    await sends(lena, "organisation: {slug: harbour, name: {en: Mine, ru: Моё}}")
    await lena.press("Apply all of it")
    assert lena.toast is not None
    assert lena.toast.text == "Some of this only an owner may change"
    assert await state(harbour) == before


async def test_undo_of_very_much_needs_two(harbour: Town, olga: Person, oleg: Person) -> None:
    await harbour.take_in(BY_TWO["many"].encode())
    await olga.send("/desk")
    await olga.press("What was changed")
    await olga.press(olga.last.labels[0])
    await olga.press("Undo")
    await olga.press("Yes, undo")
    olga.sees("11 hearings removed")
    await opens(oleg)
    await oleg.press("Accept")
    assert list((await state(harbour))["hearing"]) == ["port-strike-1"]


async def test_nobody_buries_others_under_what_they_propose(
    harbour: Town, olga: Person, lena: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proposals, "MOST", 2)
    for street in ("First", "Second"):
        await proposes(lena, ELSEWHERE.replace("Elsewhere 1", street))
    await sends(lena, ELSEWHERE)
    await lena.press("Apply all of it")
    lena.sees("So many of yours wait for somebody already: nothing was saved.")
    await opens(olga, "To accept: 2")
    await olga.press("Refuse")
    await olga.press("Refuse without a word")
    await sends(lena, ELSEWHERE)
    await lena.press("Apply all of it")
    lena.sees("Proposal")


async def test_an_undo_into_the_past_is_accepted(harbour: Town, olga: Person, oleg: Person) -> None:
    await harbour.take_in(BY_TWO["many"].encode())
    those = [*(f"h-{n}" for n in range(1, 10)), "i-1", "i-2"]
    await harbour.take_in(
        f"hearings: [{', '.join(f'{{slug: {one}, remove: true}}' for one in those)}]".encode()
    )
    harbour.clock.forward(days=80)
    before = len((await state(harbour))["hearing"])
    await olga.send("/desk")
    for label in ("What was changed", "1", "Undo", "Yes, undo"):
        await olga.press(label)
    olga.sees("11 hearings added")
    await opens(oleg)
    oleg.sees_not("does not fit the facts")
    await oleg.press("Accept")
    assert len((await state(harbour))["hearing"]) == before + 11


async def test_a_note_outlasts_a_restart(database_url: str) -> None:
    both = {"owners": (OWNER, OTHER_OWNER)}
    async with town(database_url, "format.yaml", **both) as here:
        olga = await comes(here, "Olga", OWNER)
        await proposes(olga, ELSEWHERE)
        await olga.press("Add a note")
        await here.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock, **both):
            await olga.send("By the lawyer")
            olga.sees("Note: By the lawyer")


async def test_what_is_settled_is_forgotten_after_a_month(
    delivery: Delivery, harbour: Town, olga: Person
) -> None:
    """Though nobody proposes anything else."""
    await proposes(olga, ELSEWHERE)
    await olga.press("Withdraw it")
    await delivery.rests(harbour)
    for days, left in ((29, 1), (2, 0)):
        harbour.clock.forward(days=days)
        await tidy(harbour.app.sessions, harbour.clock)
        async with harbour.app.sessions() as session:
            assert await session.scalar(select(func.count(Proposal.id))) == left


# To everybody.


async def test_a_broadcast_to_everybody_goes_by_two(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    anna = await supporter(harbour)
    await delivery.rests(harbour)
    await drafted(harbour, lena)
    await presses(harbour, lena, "Send…", "Send now")
    lena.sees("A broadcast to everybody")
    lena.sees("It goes out at once.")
    await delivery.rests(harbour)
    assert came(anna) == []
    await opens(olga)
    await olga.press("Accept")
    assert "It was changed since" not in "".join(one.text for one in olga.messages)
    await delivery.rests(harbour)
    assert came(anna) == ["Warm <clothes>\n\nTo everybody who uses this bot."]


async def test_a_correction_for_everybody_goes_by_two(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    anna = await supporter(harbour)
    await drafted(harbour, lena)
    await presses(harbour, lena, "Send…", "Send now")
    await opens(olga)
    await olga.press("Accept")
    await delivery.rests(harbour)
    await lena.send("/desk")
    await presses(harbour, lena, "Broadcasts", "Warm", "Correct")
    await lena.send("Cold <clothes>")
    await presses(harbour, lena, "Yes, correct it")
    lena.sees("A correction for everybody")
    await delivery.rests(harbour)
    anna.sees("Warm <clothes>")
    await opens(olga)
    olga.sees("Cold <clothes>")
    await olga.press("Accept")
    harbour.clock.forward(minutes=1)
    await delivery.rests(harbour)
    anna.sees("Cold <clothes>")


async def test_a_draft_that_was_changed_since_is_not_accepted(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    """What somebody looked at goes out, or nothing."""
    anna = await supporter(harbour)
    await drafted(harbour, lena)
    await presses(harbour, lena, "Send…", "Send now")
    await delivery.rests(harbour)
    await opens(olga)
    async with harbour.app.sessions() as session:
        await session.execute(update(Broadcast).values(edition=Broadcast.edition + 1))
        await session.commit()
    await olga.press("Accept")
    olga.sees("⚠️ It was changed since: propose it again as it is now.")
    assert "✅ Accept" not in olga.last.labels
    await delivery.rests(harbour)
    assert came(anna) == []
