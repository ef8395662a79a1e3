"""What a thief can do who holds the telephone of somebody who keeps the facts, and what not.

One walk by each role. What is tried more closely elsewhere: every forged button (test_rights.py),
any order of patches (test_four_eyes.py), where words may lead (test_leading.py), whose proposals
fall (test_proposals.py), the panic room (test_panic.py), that nothing tells who asked
(test_questions.py).
"""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.services.members import keep_owners
from bot.services.subscribers import drop_blocked
from models import Broadcast
from sandbox import Person
from tests.delivery import Delivery
from tests.test_broadcasts import came, drafted, only, presses
from tests.test_campaign_file_chat import sends
from tests.test_history import state
from tests.test_leading import TO_IVANS
from tests.test_members import invited
from tests.test_proposals import ELSEWHERE, ROUTE, comes, coordinator, hearings, proposal, proposes
from tests.test_questions import asks
from tests.test_rights import shown
from tests.test_telling import told
from tests.town import OTHER_OWNER, OWNER, VAULT, Town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
MOVED = "hearings: [{slug: port-strike-1, starts_at: 2026-11-26 11:00}]"


@pytest.fixture
async def olga(guarded: Town) -> Person:
    return await comes(guarded, "Olga", OWNER)


@pytest.fixture
async def oleg(guarded: Town) -> Person:
    return await comes(guarded, "Oleg", OTHER_OWNER)


@pytest.fixture
async def thief(guarded: Town, olga: Person, oleg: Person) -> Person:
    """Who has taken over Lena's account; she is a coordinator."""
    return await coordinator(guarded, "Lena", olga, oleg)


@pytest.fixture
async def anna(guarded: Town, thief: Person) -> Person:
    """Follows somebody, and has asked something."""
    anna = guarded.person("Zanzibara", language="en", username="zanzibara_k", id=777_123_456)
    await anna.send("/start d-ivan-lodkin")
    await anna.press_data("fwho:1:1")
    await asks(anna, "Where do I bring parcels?")
    return anna


def seen_by(here: Town, person: Person) -> Iterator[str]:
    """All that the bot has ever sent to them: words, buttons, toasts, files."""
    for call in here.telegram.calls:
        if call.parameters.get("chat_id") == person.id or "callback_query_id" in call.parameters:
            yield json.dumps(call.parameters, ensure_ascii=False, default=str)
    for message in person.messages:
        if message.document:
            yield message.document.content.decode(errors="replace")


async def ends_the_role(owner: Person) -> None:
    await owner.send("/desk")
    for label in ("Who keeps the facts", "Lena", "End it", "Yes, end it"):
        await owner.press(label)


# A coordinator's.


async def test_a_thief_finds_nobodys_name_number_or_list(
    guarded: Town, olga: Person, thief: Person, anna: Person
) -> None:
    """Whatever of the desk is pressed: supporters are numbers of people, and questions words."""
    found = await shown(guarded, thief)
    assert len(found) > 30
    guarded.clock.forward(minutes=1)  # whoever presses so much is told to be slower
    await thief.send("/desk")
    await thief.press("Campaign file")
    await thief.press("The file as it is now")
    everything = "\n".join(seen_by(guarded, thief))
    assert "Where do I bring parcels?" in everything
    assert "slug: port-strike" in everything
    for secret in ("Zanzibara", "zanzibara_k", str(anna.id), str(OWNER), str(OTHER_OWNER), "Olga"):
        assert secret not in everything


@pytest.mark.parametrize("file", [ELSEWHERE, ROUTE, hearings(range(10, 21))])
async def test_where_letters_and_money_go_waits_for_another_one(
    delivery: Delivery, guarded: Town, olga: Person, thief: Person, anna: Person, file: str
) -> None:
    before = await state(guarded)
    await delivery.rests(guarded)
    told(anna), told(olga)
    await proposes(thief, file)
    assert "✅ Accept" not in thief.last.labels
    await delivery.rests(guarded)
    assert await state(guarded) == before
    assert told(olga) == ["👀 A second look is wanted"]
    assert told(anna) == []
    await ends_the_role(olga)
    assert (await proposal(guarded)).state == "withdrawn"
    assert await state(guarded) == before


async def test_little_by_little_is_much_as_well(guarded: Town, thief: Person) -> None:
    for start in (10, 20, 30):
        await sends(thief, hearings(range(start, start + 10)))
        await thief.press("Apply all of it")
    await proposes(thief, MOVED)
    assert "11:00" not in str((await state(guarded))["hearing"]["port-strike-1"])


async def test_words_to_everybody_wait_and_go_with_the_role(
    delivery: Delivery, guarded: Town, olga: Person, thief: Person, anna: Person
) -> None:
    await delivery.rests(guarded)
    came(anna)
    await drafted(guarded, thief, "All is lost, go home")
    await presses(guarded, thief, "Send…", "Send now")
    thief.sees("A broadcast to everybody")
    await ends_the_role(olga)
    await delivery.rests(guarded)
    guarded.clock.forward(hours=3)
    await delivery.rests(guarded)
    assert came(anna) == []
    assert (await only(guarded)).due_at is None
    assert (await proposal(guarded)).state == "withdrawn"


async def plans(here: Town, thief: Person, words: str, when: str) -> None:
    await thief.send("/desk")
    await presses(here, thief, *TO_IVANS)
    await thief.send(words)
    await presses(here, thief, "Send…", "Later")
    await thief.send(when)
    await presses(here, thief, "Yes, plan it")


@pytest.mark.parametrize("how", ["End it", "Make: editor"])
async def test_what_is_planned_for_tomorrow_is_a_draft_when_the_role_ends(
    delivery: Delivery, guarded: Town, olga: Person, thief: Person, anna: Person, how: str
) -> None:
    """Words to some need nobody else; so whoever is thrown out must have planned none."""
    await delivery.rests(guarded)
    came(anna)
    await plans(guarded, thief, "Nobody comes tomorrow, stay at home", "tomorrow 10:00")
    assert (await only(guarded)).due_at is not None
    await olga.send("/desk")
    for label in ("Who keeps the facts", "Lena", how, *(["Yes, end it"] * (how == "End it"))):
        await olga.press(label)
    assert (await only(guarded)).due_at is None
    guarded.clock.forward(hours=23)
    await delivery.rests(guarded)
    assert "Nobody comes" not in "".join(came(anna))


async def test_what_was_planned_does_not_outlive_that_its_author_is_forgotten(
    delivery: Delivery, guarded: Town, olga: Person, oleg: Person, thief: Person, anna: Person
) -> None:
    """There would be no role to end any more, and nobody who had said it; the others hear of it
    once, however much it was."""
    await delivery.rests(guarded)
    for person in (anna, olga, oleg):
        came(person)
    for words in ("Nobody comes tomorrow, stay at home", "Go to the square instead"):
        guarded.clock.forward(minutes=1)
        await plans(guarded, thief, words, "tomorrow 10:00")
    await thief.send("/forget")
    thief.sees("What you planned to send becomes a draft")
    await thief.press("Yes, delete it")
    await delivery.rests(guarded)
    for owner in (olga, oleg):
        assert "".join(came(owner)).count("Whoever planned it has left") == 1
    async with guarded.app.sessions() as session:
        assert set(await session.scalars(select(Broadcast.due_at))) == {None}
    guarded.clock.forward(hours=23)
    await delivery.rests(guarded)
    assert came(anna) == []


async def test_what_was_planned_does_not_outlive_the_month_of_who_blocked_the_bot(
    delivery: Delivery, guarded: Town, olga: Person, thief: Person, anna: Person
) -> None:
    await plans(guarded, thief, "Nobody comes, stay at home", "25.01.2027 10:00")
    assert (await only(guarded)).due_at is not None
    await guarded.telegram.confirmed(thief.block())
    guarded.clock.forward(days=31)
    async with guarded.app.sessions() as session:
        assert await drop_blocked(session, guarded.clock.now()) == 1
    assert (await only(guarded)).due_at is None


async def test_the_rooms_of_owners_are_not_there(guarded: Town, thief: Person) -> None:
    await thief.send("/desk")
    for label in ("Who keeps the facts", "Emergency", "Settings"):
        assert not any(label in one for one in thief.last.labels)
    for data in ("panic", "members", "invite", "stop:1", "wipe:0"):
        await thief.press_data(data)
        thief.sees("This button is out of date")


async def test_what_a_thief_does_alone_is_seen_and_undone(
    delivery: Delivery, guarded: Town, olga: Person, thief: Person, anna: Person
) -> None:
    """A hearing that is moved goes out to those who follow it: so much one person may do."""
    before = (await state(guarded))["hearing"]["port-strike-1"]["starts_at"]
    await delivery.rests(guarded)
    told(anna)
    await sends(thief, MOVED)
    await thief.press("Apply all of it")
    await delivery.rests(guarded)
    guarded.clock.forward(minutes=3)
    await delivery.rests(guarded)
    assert any("moved" in line.casefold() for line in told(anna))
    await olga.send("/desk")
    await olga.press("What was changed")
    await olga.press("1")
    olga.sees("Lena")
    await olga.press("Undo")
    await olga.press("Yes, undo")
    assert (await state(guarded))["hearing"]["port-strike-1"]["starts_at"] == before
    await ends_the_role(olga)
    await thief.send("/desk")
    thief.sees("I do not know this command")
    for data in ("desk", "questions:0:0", "file"):
        await thief.press_data(data)
        thief.sees("This button is out of date")


# An owner's.


async def test_an_owner_alone_lets_nobody_in_and_turns_no_letters(
    guarded: Town, olga: Person, oleg: Person
) -> None:
    """And is stopped by who can change the bot's settings; whoever was invited comes to nothing."""
    before = await state(guarded)
    link = await invited(olga)
    await proposes(olga, ELSEWHERE)
    helper = guarded.person("Helper")
    await helper.send(f"/start {link}")
    helper.sees("waits for a second person")
    await olga.press_data("members")
    assert await state(guarded) == before
    async with guarded.app.sessions() as session:
        await keep_owners(session, VAULT, (OTHER_OWNER,), guarded.clock.now())
    await olga.send("/desk")
    olga.sees("I do not know this command")
    await helper.send(f"/start {link}")
    helper.sees("This invitation is not valid")
    assert (await proposal(guarded)).state == "withdrawn"
    assert await state(guarded) == before


async def test_an_owner_ends_no_other_owner(guarded: Town, olga: Person, oleg: Person) -> None:
    await olga.send("/desk")
    await olga.press("Who keeps the facts")
    assert not any("owner" in label.casefold() for label in olga.last.labels)
    await olga.press_data("panic")
    await oleg.send("/desk")
    oleg.sees("The desk")
