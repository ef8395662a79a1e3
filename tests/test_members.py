"""Who keeps the facts: how they come in, what each role may do, and that nobody else sees it."""

import asyncio
import inspect
from itertools import product
from typing import Any

import pytest
from aiogram.dispatcher.event.handler import HandlerObject
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.services import members
from bot.services.rights import RIGHTS, Action, may
from handlers import (
    attention,
    broadcasts,
    campaign_file,
    custody,
    desk,
    docket,
    figures,
    forms,
    history,
    new_hearings,
    panic,
    proposals,
    questions,
)
from handlers import members as handlers
from handlers.rights import May
from models import Invitation, Member, Role, Subscriber
from sandbox import Person
from tests.delivery import Delivery
from tests.town import OWNER, VAULT, Town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


async def invited(owner: Person, role: str = "Coordinator", term: str = "Until somebody") -> str:
    """The secret of the link."""
    await owner.send("/desk")
    for label in ("Who keeps the facts", "Invite", role, term):
        await owner.press(label)
    await owner.send("Lena")
    await owner.press("Copy the link")
    assert owner.clipboard is not None
    return owner.clipboard.partition("start=")[2]


async def joined(here: Town, owner: Person, language: str = "en", **how: str) -> Person:
    link = await invited(owner, **how)
    lena = here.person("Lena", language=language)
    await lena.send(f"/start {link}")
    await lena.press("Join" if language == "en" else "Согласиться")
    return lena


async def test_an_owner_invites_a_coordinator(harbour: Town, owner: Person) -> None:
    link = await invited(owner, term="90 days")
    owner.sees("Whoever opens it first joins, once, until 23 November")
    lena = harbour.person("Лена", language="ru")
    await lena.send(f"/start {link}")
    lena.sees("Роль: координатор.")
    lena.sees("Срок: 90 дней")
    await lena.press("Согласиться")
    lena.sees("Штаб")
    assert lena.last.labels[0] == "🔔 Внимания ничего не требует"
    lena.sees_not("Команда")
    await owner.send("/desk")
    await owner.press("Who keeps the facts")
    owner.sees("• Lena · coordinator, until 20 February 2027")
    owner.sees("• An owner, by the bot's settings")
    await lena.send("/privacy")
    lena.sees("вы отвечаете за данные")


async def test_a_link_is_for_one_person_once(harbour: Town, owner: Person) -> None:
    link = await invited(owner)
    lena, mole = harbour.person("Lena"), harbour.person("Mole")
    for person in (lena, mole):
        await person.send(f"/start {link}")
        person.sees("as: coordinator")
    await asyncio.gather(lena.press("Join"), mole.press("Join"))
    joined = [person for person in (lena, mole) if "The desk" in person.last.text]
    assert len(joined) == 1
    [late] = [person for person in (lena, mole) if person not in joined]
    late.sees("This invitation is not valid")
    await late.send(f"/start {link}")
    late.sees("This invitation is not valid")
    await late.send("/privacy")
    late.sees("Right now: nothing at all.")


async def test_a_link_lasts_a_day(harbour: Town, owner: Person) -> None:
    link = await invited(owner)
    lena = harbour.person("Lena")
    await lena.send(f"/start {link}")
    harbour.clock.forward(hours=24)
    await lena.press("Join")
    lena.sees("This invitation is not valid")


async def test_a_link_is_withdrawn(harbour: Town, owner: Person) -> None:
    link = await invited(owner)
    await owner.press("All")
    owner.sees("Lena · coordinator, the link is valid until")
    await owner.press("Withdraw: Lena")
    owner.sees_not("Lena")
    lena = harbour.person("Lena")
    await lena.send(f"/start {link}")
    lena.sees("This invitation is not valid")


async def test_neither_links_nor_names_can_be_read_in_the_database(
    harbour: Town, owner: Person
) -> None:
    link = await invited(owner)
    lena = harbour.person("Lena")
    async with harbour.app.sessions() as session:
        [kept] = await session.scalars(select(Invitation))
        assert link.removeprefix("i-").encode() not in kept.secret_index
        assert b"Lena" not in kept.called_sealed
    await lena.send(f"/start {link}")
    await lena.press("Join")
    async with harbour.app.sessions() as session:
        sealed = list(await session.scalars(select(Member.called_sealed)))
        assert await session.scalar(select(func.count()).select_from(Invitation)) == 0
    assert all(b"Lena" not in (one or b"") for one in sealed)


@pytest.mark.parametrize("secret", ["", "x", "ab" * 11, "ab" * 30, "😀"])
async def test_a_guessed_link(harbour: Town, secret: str) -> None:
    mole = harbour.person("Mole")
    await mole.send(f"/start i-{secret}")
    mole.sees("This invitation is not valid")
    await mole.press_data(f"join:{secret}")
    mole.sees_not("The desk")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Member)) == 0


async def test_a_role_ends_by_itself(delivery: Delivery, harbour: Town, owner: Person) -> None:
    lena = await joined(harbour, owner, term="30 days")
    harbour.clock.forward(days=29, hours=23)
    await lena.send("/desk")
    lena.sees("You are: coordinator.")
    harbour.clock.forward(hours=1)
    await lena.press_data("desk")
    lena.sees_not("You are: coordinator.")
    harbour.clock.forward(hours=1)
    await lena.send("/desk")
    lena.sees("I do not know this command")
    await delivery.rests(harbour)
    async with harbour.app.sessions() as session:
        await members.forget_ended(session, harbour.clock.now())
        assert list(await session.scalars(select(Member.role))) == [Role.OWNER]


async def test_an_owner_changes_a_role_and_ends_it(harbour: Town, owner: Person) -> None:
    lena = await joined(harbour, owner)
    for label in ("Who keeps the facts", "Lena", "Make: editor"):
        await owner.press(label) if label != "Who keeps the facts" else await opens(owner)
    owner.sees("Editor")
    await lena.send("/desk")
    lena.sees("You are: editor.")
    for label in ("End it", "No", "End it", "Yes, end it"):
        await owner.press(label)
    owner.sees_not("Lena")
    await lena.send("/desk")
    lena.sees("I do not know this command")


async def opens(owner: Person) -> None:
    await owner.send("/desk")
    await owner.press("Who keeps the facts")


async def test_an_owner_who_opens_their_own_link_stays_one(harbour: Town, owner: Person) -> None:
    link = await invited(owner)
    await owner.send(f"/start {link}")
    await owner.press("Join")
    owner.sees("You are: owner.")
    lena = harbour.person("Lena")
    await lena.send(f"/start {link}")
    await lena.press("Join")
    lena.sees("You are: coordinator.")


async def test_whom_a_setting_makes_an_owner_is_one(harbour: Town, owner: Person) -> None:
    lena = await joined(harbour, owner, term="30 days")
    async with harbour.app.sessions() as session:
        await members.keep_owners(session, VAULT, (OWNER, lena.id), harbour.clock.now())
    harbour.clock.forward(days=40)
    await lena.send("/desk")
    lena.sees("You are: owner.")


async def test_owners_are_spoken_to_in_what_their_telegram_speaks(harbour: Town) -> None:
    """Not in the campaign's first language, English here: a setting knows nothing of theirs."""
    async with harbour.app.sessions() as session:  # as a bot does that starts
        await members.keep_owners(session, VAULT, (OWNER,), harbour.clock.now())
        assert await members.spoken(session, VAULT, (OWNER,)) == {OWNER: "en"}
    olga = harbour.person("Olga", language="ru", id=OWNER)
    await olga.send("/start")
    await olga.send("/desk")
    olga.sees("Ваша роль: владелец.")
    async with harbour.app.sessions() as session:  # and what they are told later is in it, too
        assert await members.spoken(session, VAULT, (OWNER,)) == {OWNER: "ru"}


async def test_who_is_forgotten_keeps_no_facts(harbour: Town, owner: Person) -> None:
    lena = await joined(harbour, owner)
    await lena.send("/forget")
    await lena.press("Yes, delete it")
    await lena.send("/desk")
    lena.sees("I do not know this command")
    await opens(owner)
    owner.sees_not("Lena")


@pytest.mark.parametrize("name", ["x" * 41, "two\nlines", "😀" * 41])
async def test_a_name_that_is_too_long_is_asked_again(
    harbour: Town, owner: Person, name: str
) -> None:
    await opens(owner)
    for label in ("Invite", "Editor", "30 days"):
        await owner.press(label)
    await owner.send(name)
    owner.sees("at most 40 characters, in one line")
    await owner.send("Lena <b>")
    owner.sees("Lena <b>")
    await owner.press("All")
    await owner.press("Withdraw: Lena <b>")


async def test_who_loses_the_role_meanwhile_loses_the_open_form(
    harbour: Town, owner: Person
) -> None:
    await opens(owner)
    for label in ("Invite", "Editor", "30 days"):
        await owner.press(label)
    async with harbour.app.sessions() as session:
        await members.keep_owners(session, VAULT, (), harbour.clock.now())
    await owner.send("Lena")
    owner.sees_not("The link for")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Invitation)) == 0


# Rights.


def test_the_table() -> None:
    for role, action in product(Role, Action):
        assert may(role, action) == (role in RIGHTS[action])
        assert not may(None, action)
    assert RIGHTS.keys() == {*Action}
    assert all(Role.OWNER in allowed for allowed in RIGHTS.values())


OPEN_TO_ALL = {handlers.invitation, handlers.join}
"""What whoever is invited presses."""


def at_the_desk() -> list[HandlerObject]:
    rooms = (
        *(desk, attention, handlers, panic, history, campaign_file, docket, new_hearings, custody),
        *(forms, proposals, broadcasts, figures),
    )
    routers = (*(one.router for one in rooms), questions.desk)
    observers = [each for one in routers for each in (one.message, one.callback_query)]
    return [handler for observer in observers for handler in observer.handlers]


def test_every_handler_of_the_desk_asks_for_a_right() -> None:
    for handler in at_the_desk():
        if handler.callback in OPEN_TO_ALL:
            continue
        asked = [each.callback for each in handler.filters or [] if isinstance(each.callback, May)]
        assert len(asked) == 1, inspect.getsource(handler.callback)


FORGED = ["desk", "members", "member:1", "setrole:1:coordinator", "askend:1", "endmember:1",
          "invite::-1", "invite:coordinator:0", "uninvite:1"]  # fmt: skip


@pytest.mark.parametrize("role", [None, "Editor", "Coordinator"])
async def test_a_forged_press_does_nothing_that_the_role_may_not(
    harbour: Town, owner: Person, role: str | None
) -> None:
    await invited(owner)
    person = await joined(harbour, owner, role=role) if role else harbour.person("Mole")
    async with harbour.app.sessions() as session:
        before = await rows(session)
    await person.send("/help")
    for data in FORGED[1:] if role else FORGED:
        await person.press_data(data)
        person.sees("This button is out of date")
    await person.send("Vera")
    async with harbour.app.sessions() as session:
        assert await rows(session) == before


async def rows(session: AsyncSession) -> list[Any]:
    members_ = await session.execute(select(Member.subscriber_id, Member.role))
    invitations = await session.execute(select(Invitation.id, Invitation.role))
    return [*members_.all(), *invitations.all()]


async def test_the_desk_is_invisible(harbour: Town, owner: Person) -> None:
    anna = harbour.person()
    await anna.send("/desk")
    anna.sees("I do not know this command")
    group = harbour.telegram.group("Friends", members=[owner, anna])
    await owner.send("/desk@solidarity_bot", chat=group)
    group.sees_not("The desk")
    await owner.press_data("members", chat=group)
    group.sees_not("Who keeps the facts")


async def test_a_link_that_is_opened_in_a_group_is_not_used_there(
    harbour: Town, owner: Person
) -> None:
    link = await invited(owner)
    lena = harbour.person("Lena")
    group = harbour.telegram.group("Friends", members=[lena])
    await lena.send(f"/start@solidarity_bot {link}", chat=group)
    group.sees("An invitation is for one person")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Invitation)) == 1
        assert await session.scalar(select(func.count()).select_from(Subscriber)) == 1


async def test_a_link_of_an_owner_who_is_none_any_more_leads_nowhere(
    harbour: Town, owner: Person
) -> None:
    link = await invited(owner)
    async with harbour.app.sessions() as session:
        await members.keep_owners(session, VAULT, (OWNER + 1,), harbour.clock.now())
    await owner.send(f"/start {link}")
    owner.sees("This invitation is not valid")
