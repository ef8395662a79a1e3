"""Ways to pay lapse, and fundraisers close: who is told, and how often."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery import scheduler
from bot.services import members
from models import Subscriber
from sandbox import Person
from tests.delivery import Delivery
from tests.test_telling import told as all_told
from tests.town import NOW, OWNER, VAULT, Town

pytestmark = pytest.mark.either_database


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


def told(person: Person) -> list[str]:
    """Of donations alone."""
    return [line for line in all_told(person) if line.startswith(("❤️", "🔎"))]


async def later(here: Town, delivery: Delivery, **span: float) -> None:
    here.clock.forward(**span)
    await looks(here, delivery)


async def looks(here: Town, delivery: Delivery) -> None:
    """What is looked at once a minute; then all that is due is sent."""
    await scheduler.tidy(here.app.sessions, here.clock)
    await delivery.rests(here)


async def imports(here: Town, delivery: Delivery, facts: str) -> None:
    await here.take_in(f"fundraisers: [{{slug: lodkin-lawyer, {facts}}}]".encode())
    await looks(here, delivery)
    await later(here, delivery, minutes=3)


async def follows(here: Town, name: str, link: str, language: str = "en") -> Person:
    person = here.person(name, language=language)
    await person.send(f"/start {link}")
    await person.press("Follow" if language == "en" else "Подписаться")
    return person


# Ways to pay that lapse.


async def test_in_fifteen_days_no_link_is_left_and_the_owner_was_told_twice(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    anna = harbour.person("Anna")
    await anna.send("/start f-lodkin-lawyer")
    await looks(harbour, delivery)
    told(owner)
    messages = []
    for _ in range(15):
        await later(harbour, delivery, days=1)
        messages += told(owner)
    assert (
        messages == ["🔎 Ways to pay are to be checked again"] * 4
    )  # harbour-transfer a day later
    owner.sees("lodkin-card-ru")
    owner.sees("and is shown no more")
    owner.sees_not("donate.example.org")
    for place in ("russia", "elsewhere"):
        for data in (f"pay:1:{place}:0:0:0", f"route:1:{place}:1", f"qr:1:{place}:2"):
            await anna.press_data(data)
            anna.sees_not("donate.example.org")
            assert not any(button.url for row in anna.last.buttons for button in row)
    assert all("donate.example.org" not in message.text for message in anna.messages)


async def test_what_is_checked_in_time_is_not_asked_for_again(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    await later(harbour, delivery, days=9, hours=1)
    assert len(told(owner)) == 1
    owner.sees("Card or PayPal (lodkin-abroad)")
    await harbour.take_in(
        b"donation_routes: [{slug: lodkin-card-ru, checked_at: 2026-12-01},"
        b" {slug: lodkin-abroad, checked_at: 2026-12-01},"
        b" {slug: harbour-transfer, checked_at: 2026-12-01}]"
    )
    for _ in range(8):
        await later(harbour, delivery, days=1)
    assert told(owner) == []
    await later(harbour, delivery, days=3)
    assert len(told(owner)) == 1


async def test_of_a_closed_fundraiser_nothing_is_to_be_checked(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    await harbour.take_in(
        b"fundraisers: [{slug: lodkin-lawyer, status: cancelled},"
        b" {slug: harbour-common, status: cancelled}]"
    )
    await later(harbour, delivery, days=20)
    assert told(owner) == []


async def test_an_owner_reads_that_they_are_one(harbour: Town, owner: Person) -> None:
    await owner.send("/privacy")
    owner.sees("you keep the facts")


async def test_nobody_but_owners_is_told(delivery: Delivery, harbour: Town, owner: Person) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    told(anna)
    await later(harbour, delivery, days=20)
    assert len(told(owner)) == 1
    assert not any("to be checked again" in message.text for message in anna.messages)


async def test_an_owner_who_is_none_any_more_is_not_told(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    async with harbour.app.sessions() as session:
        await members.keep_owners(session, VAULT, (), NOW)
    await later(harbour, delivery, days=20)
    assert told(owner) == []


# Fundraisers that close.


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ("raised: 150000", "🎉 The goal is reached. Thank you!"),
        ("closes: 2026-11-21", "This fundraiser is over. Thank you!"),
        ("status: cancelled", "This fundraiser was called off."),
    ],
)
async def test_who_follows_learns_that_it_closes_with_thanks_and_the_total(
    delivery: Delivery, harbour: Town, facts: str, words: str
) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    vera = await follows(harbour, "Вера", "c-port-strike", language="ru")
    gleb = await follows(harbour, "Gleb", "d-marta-vetrova")
    await looks(harbour, delivery)
    for person in (anna, vera, gleb):
        told(person)
    await imports(harbour, delivery, facts)
    assert told(anna) == ["❤️ A lawyer for Ivan"]
    anna.sees(words)
    anna.sees("Raised together: RUB")
    anna.sees("Because you follow: Ivan Lodkin")
    assert told(vera) == ["❤️ Адвокат для Ивана"]
    assert told(gleb) == []
    await later(harbour, delivery, days=2)
    assert told(anna) == []


async def test_the_day_after_the_last_one_it_is_over(delivery: Delivery, harbour: Town) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    await imports(harbour, delivery, "closes: 2026-11-24")
    told(anna)
    harbour.clock.moment = harbour.clock.moment.replace(day=24, hour=20)
    await looks(harbour, delivery)
    await later(harbour, delivery, minutes=3)
    assert told(anna) == []
    await later(harbour, delivery, hours=2)  # midnight in Moscow
    await later(harbour, delivery, minutes=3)
    assert told(anna) == ["❤️ A lawyer for Ivan"]


async def test_that_it_is_closed_is_told_once_whatever_else_closes_it(
    delivery: Delivery, harbour: Town
) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    await looks(harbour, delivery)
    told(anna)
    await imports(harbour, delivery, "raised: 150000")
    assert told(anna) == ["❤️ A lawyer for Ivan"]
    await imports(harbour, delivery, "status: cancelled")
    assert told(anna) == []
    await imports(harbour, delivery, "status: open, raised: 1000")
    await imports(harbour, delivery, "status: cancelled")
    assert told(anna) == ["❤️ A lawyer for Ivan"]


async def test_of_one_goal_it_is_told_once_that_it_is_reached(
    delivery: Delivery, harbour: Town
) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    await looks(harbour, delivery)
    told(anna)
    await imports(harbour, delivery, "raised: 150000")
    assert told(anna) == ["❤️ A lawyer for Ivan"]
    await imports(harbour, delivery, "raised: 149000")
    await imports(harbour, delivery, "raised: 150500")
    assert told(anna) == []
    await imports(harbour, delivery, "goal: {amount: 200000, currency: RUB}")
    await imports(harbour, delivery, "raised: 200000")
    assert told(anna) == ["❤️ A lawyer for Ivan"]


async def test_a_clock_that_is_set_back_tells_no_slip(delivery: Delivery, harbour: Town) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    await looks(harbour, delivery)
    told(anna)
    await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, raised: 630000}]")
    await looks(harbour, delivery)
    await later(harbour, delivery, minutes=-1)
    await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, raised: 63000}]")
    for _ in range(3):
        await later(harbour, delivery, minutes=2)
    assert told(anna) == []


async def test_a_slip_of_the_pen_thanks_nobody(delivery: Delivery, harbour: Town) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    await looks(harbour, delivery)
    told(anna)
    await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, raised: 630000}]")
    await looks(harbour, delivery)
    await later(harbour, delivery, minutes=1)
    await harbour.take_in(b"fundraisers: [{slug: lodkin-lawyer, raised: 63000}]")
    for _ in range(3):
        await later(harbour, delivery, minutes=2)
    assert told(anna) == []


async def test_who_wants_no_such_news_gets_none(delivery: Delivery, harbour: Town) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    await anna.press_data("alerts")
    await anna.press("Fundraiser ended")
    assert "✓ Fundraiser ended" not in anna.last.labels
    await looks(harbour, delivery)
    told(anna)
    await imports(harbour, delivery, "raised: 150000")
    assert told(anna) == []


async def test_what_was_closed_before_anybody_looked_is_no_news(
    delivery: Delivery, harbour: Town
) -> None:
    anna = await follows(harbour, "Anna", "d-ivan-lodkin")
    await harbour.take_in(
        b"fundraisers: [{slug: old, title: {en: Old}, for: ivan-lodkin, closes: 2026-11-01}]"
    )
    for _ in range(3):
        await later(harbour, delivery, minutes=3)
    assert told(anna) == []


async def test_an_owner_who_was_forgotten_is_one_again_when_they_come_back(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    await owner.send("/forget")
    owner.sees("until you send /start again nobody reminds you")
    await owner.press("Yes, delete it")
    await later(harbour, delivery, days=20)
    assert told(owner) == []
    await owner.send("/donate")
    await owner.send("/privacy")
    owner.sees_not("you keep the facts")
    await owner.send("/start")
    await owner.send("/privacy")
    owner.sees("you keep the facts")


async def test_nobody_else_becomes_an_owner(harbour: Town, owner: Person) -> None:
    anna = harbour.person("Anna")
    await anna.send("/start")
    await anna.send("/privacy")
    anna.sees("Right now: nothing at all.")
    group = harbour.telegram.group("Friends", members=[owner, anna])
    await owner.send("/forget")
    await owner.press("Yes, delete it")
    await owner.send("/start@solidarity_bot", chat=group)
    await owner.send("/privacy")
    owner.sees_not("you keep the facts")


async def days(here: Town, delivery: Delivery, owner: Person, number: int) -> list[int]:
    """On which of them the owner was told."""
    on = []
    for day in range(1, number + 1):
        await later(here, delivery, days=1)
        on += [day] * len(told(owner))
    return on


async def test_nobody_is_told_again_after_months(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    assert len(await days(harbour, delivery, owner, 100)) == 4


async def test_an_owner_who_comes_after_the_lapse_is_told(
    delivery: Delivery, harbour: Town
) -> None:
    await later(harbour, delivery, days=20)
    person = harbour.telegram.person("Olga", language="en", id=OWNER)
    await person.send("/start")
    async with harbour.app.sessions() as session:
        await members.keep_owners(session, VAULT, (OWNER,), NOW)
    assert await days(harbour, delivery, person, 8) == [1]
    person.sees("lodkin-card-ru")
    person.sees("harbour-transfer")


async def test_who_keeps_the_facts_is_told_in_silence_too(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    async with harbour.app.sessions() as session:
        for one in await session.scalars(select(Subscriber)):
            one.silent_until = NOW + timedelta(days=60)
        await session.commit()
    assert len(await days(harbour, delivery, owner, 20)) == 4


async def test_after_a_wrong_clock_the_true_lapse_is_told(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    await later(harbour, delivery, days=25)
    assert len(told(owner)) == 1
    harbour.clock.moment = NOW
    assert len(await days(harbour, delivery, owner, 20)) == 4
