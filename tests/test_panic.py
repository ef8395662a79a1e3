"""An owner stops all sending, ends all other roles, wipes everybody: at once; nobody else can."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from benchmarks.crowd import people
from bot.db import Sessions, emptied, is_sqlite, sqlite_file
from bot.delivery import broadcasts, outbox
from bot.services import panic
from models import (
    Base,
    Follow,
    HistoryEntry,
    Hold,
    Member,
    Notice,
    Subscriber,
)
from sandbox import Person
from tests.delivery import Delivery as Telling
from tests.delivery import until
from tests.test_broadcasts import came, drafted, only, presses, supporter
from tests.test_members import invited, joined
from tests.test_proposals import ELSEWHERE, comes, coordinator, proposal, proposes
from tests.town import NOW, OTHER_OWNER, OWNER, VAULT, Town

pytestmark = [
    pytest.mark.either_database,
    pytest.mark.usefixtures("quick_progress", "undisturbed"),
]
MOVED = b"hearings: [{slug: port-strike-1, starts_at: 2026-11-26 11:00}]"


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One of each time the sender looked whether there is anything to do."""
    found, asked = list[int](), outbox.what_is_open

    async def counted(session: Any) -> outbox.Open:
        found.append(1)
        return await asked(session)

    monkeypatch.setattr(outbox, "what_is_open", counted)
    return found


async def opens(owner: Person) -> None:
    await owner.send("/desk")
    await owner.press("Emergency")


async def stops(owner: Person) -> None:
    await opens(owner)
    await owner.press("Stop all sending")
    await owner.press("Yes, stop")


async def count(sessions: Sessions, table: type[Base]) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


# All sending.


async def test_nothing_is_sent_until_an_owner_lets_it_go_on(
    looks: list[int], delivery: Telling, harbour: Town, owner: Person
) -> None:
    anna = await supporter(harbour)
    await delivery.rests(harbour)
    await stops(owner)
    owner.sees("✋ Nothing is sent since 22 November")
    await harbour.take_in(MOVED)
    await delivery.rests(harbour)
    harbour.clock.forward(minutes=3)
    anna.all_heard()
    await nothing_happens(looks, delivery, harbour)
    assert came(anna) == []
    await anna.send("/hearings")  # who asks is answered
    anna.sees("11:00")
    anna.all_heard()
    await owner.send("/desk")
    owner.sees("✋ Nothing is sent since")
    await owner.press("Emergency")
    await owner.press("Send again")
    owner.sees("Has all that was false been put right?")
    await owner.press("Yes, send")
    owner.sees("Messages go out as usual")
    await delivery.rests(harbour)
    assert "11:00" in came(anna)[0]
    await owner.send("/desk")
    owner.sees_not("Nothing is sent since")


async def nothing_happens(looks: list[int], delivery: Telling, here: Town) -> None:
    """Though there is a notice, and the sender has looked at it again and again."""

    async def is_noticed() -> bool:
        delivery.wanted.set()
        async with here.app.sessions() as session:
            open = Notice.expanded_at.is_(None)
            return bool(await session.scalar(select(Notice.id).where(open).limit(1)))

    await until(is_noticed)
    seen = len(looks)

    async def has_looked() -> bool:
        for one in delivery.senders:
            one.hungry.set()
        return len(looks) > seen + 3

    await until(has_looked)


async def test_a_planned_broadcast_does_not_begin_meanwhile(
    delivery: Telling, harbour: Town, owner: Person
) -> None:
    anna, lena = await supporter(harbour), await joined(harbour, owner)
    await drafted(harbour, lena)
    await later(harbour, lena)
    await stops(owner)
    harbour.clock.forward(hours=20)
    async with harbour.app.sessions() as session:
        await broadcasts.due(session, harbour.clock.now())
    assert (await only(harbour)).notice_id is None
    anna.all_heard()
    await opens(owner)
    await owner.press("Send again")
    await owner.press("Yes, send")
    await delivery.rests(harbour)
    assert came(anna) == ["Warm <clothes>\n\nTo everybody who uses this bot."]


async def later(here: Town, person: Person) -> None:
    """By the organisers' clock it is 15:00."""
    await presses(here, person, "Send…", "Later")
    await person.send("tomorrow 10:00")
    await presses(here, person, "Yes, plan it")


async def test_what_is_paused_by_it_is_let_go_on_by_hand(sessions: Sessions) -> None:
    await people(sessions, VAULT, [1, 2], NOW)
    async with sessions() as session:
        for number, over in enumerate((False, True)):
            row = {"kind": "broadcast", "subject": "broadcast", "thing_id": number, "priority": 4}
            ended = {"expanded_at": NOW, "total": 2, "sent": 2} if over else {}
            session.add(Notice(key=f"broadcast:{number}", due_at=NOW, **row, **ended))
        await session.commit()
        await panic.stop(session, NOW)
        await panic.stop(session, NOW + timedelta(minutes=1))  # pressed twice
        assert await panic.stopped_since(session) == NOW
        await panic.go_on(session)
        held = list(await session.scalars(select(Notice.hold).order_by(Notice.id)))
    assert held == [Hold.PAUSED, Hold.NONE]


# All other roles.


async def test_all_other_roles_end(harbour: Town, owner: Person) -> None:
    lena = await joined(harbour, owner)
    vera = await joined(harbour, owner, role="Editor")
    link = await invited(owner)
    await drafted(harbour, lena)
    await later(harbour, lena)
    assert (await only(harbour)).due_at is not None
    await opens(owner)
    await owner.press("End all other roles")
    owner.sees("2 people lose their roles at once")
    await owner.press("Yes, end them")
    for one in (lena, vera):
        await one.send("/desk")
        one.sees("I do not know this command")
    await vera.send(f"/start {link}")
    vera.sees("This invitation is not valid")
    assert (await only(harbour)).due_at is None
    await owner.send("/desk")
    owner.sees("The desk")


async def test_what_others_proposed_goes_with_their_roles(guarded: Town) -> None:
    olga = await comes(guarded, "Olga", OWNER)
    oleg = await comes(guarded, "Oleg", OTHER_OWNER)
    lena = await coordinator(guarded, "Lena", olga, oleg)
    await proposes(lena, ELSEWHERE)
    await opens(olga)
    await olga.press("End all other roles")
    await olga.press("Yes, end them")
    assert (await proposal(guarded)).state == "withdrawn"


# Everybody.


async def test_everybody_is_wiped_after_three_questions(
    harbour: Town, owner: Person, database_url: str
) -> None:
    anna = await supporter(harbour)
    await joined(harbour, owner)
    await anna.send("/hearings")
    async with harbour.app.sessions() as session:
        sealed = list(await session.scalars(select(Subscriber.chat_sealed)))
    history = await count(harbour.app.sessions, HistoryEntry)
    await opens(owner)
    await owner.press("Wipe all subscribers")
    owner.sees("3 people are forgotten at once")
    await owner.press("Yes, wipe")
    owner.sees("Backups")
    assert await count(harbour.app.sessions, Subscriber) == 3
    await owner.press("Yes, I am sure")
    await owner.press("Wipe them now")
    owner.sees("the bot has forgotten everybody but its owners")
    for table in set(panic.OF_PEOPLE) - {Member}:
        assert await count(harbour.app.sessions, table) == 0
    assert await count(harbour.app.sessions, Subscriber) == 1
    assert await count(harbour.app.sessions, HistoryEntry) == history
    if is_sqlite(database_url):
        file = sqlite_file(database_url).read_bytes()
        assert not any(one in file for one in sealed)
    await owner.send("/desk")
    owner.sees("You are: owner")
    await anna.send("/follows")
    anna.sees("You follow nobody yet")


async def test_what_is_emptied_refers_to_what_is_there_afterwards(sessions: Sessions) -> None:
    """And a table that cannot be emptied lets all the others stay."""
    await people(sessions, VAULT, [1, 2], NOW)
    missing = Table("nowhere", MetaData(), Column("id", Integer))
    async with sessions() as session:
        with pytest.raises(DBAPIError):
            await emptied(session, [*panic.tables_of(Follow, Subscriber), missing], panic.AUTHORS)
    assert await count(sessions, Follow) == await count(sessions, Subscriber) == 2
    await nobody_is_referred_to(sessions)
    async with sessions() as session:
        await emptied(session, panic.tables_of(*panic.OF_PEOPLE, Subscriber), panic.AUTHORS)
    assert await count(sessions, Follow) == await count(sessions, Subscriber) == 0
    await nobody_is_referred_to(sessions)


async def nobody_is_referred_to(sessions: Sessions) -> None:
    """Who is not there."""
    change = {"version": 1, "at": NOW, "via": "desk", "kind": "case", "slug": "one"}
    for row in (
        Follow(subscriber_id=99, subject="all", thing_id=0, created_at=NOW),
        HistoryEntry(author_id=99, **change),
    ):
        async with sessions() as session:
            session.add(row)
            with pytest.raises(IntegrityError):
                await session.commit()


@pytest.mark.parametrize("asked", [0, 1, 2])
async def test_to_say_no_wipes_nobody(harbour: Town, owner: Person, asked: int) -> None:
    await opens(owner)
    await owner.press("Wipe all subscribers")
    for label in ("Yes, wipe", "Yes, I am sure")[:asked]:
        await owner.press(label)
    await owner.press("No")
    owner.sees("🚨 Emergency")
    assert await count(harbour.app.sessions, Subscriber) == 1


async def test_an_old_button_asks_anew(harbour: Town, owner: Person) -> None:
    await supporter(harbour)
    await opens(owner)
    for label in ("Wipe all subscribers", "Yes, wipe", "Yes, I am sure"):
        await owner.press(label)
    harbour.clock.forward(minutes=6)
    await owner.press("Wipe them now")
    owner.sees("Wipe all subscribers?")
    for since in (0, 2**33):
        await owner.press_data(f"wipe:3:{since}")
        owner.sees("Wipe all subscribers?")
    assert await count(harbour.app.sessions, Subscriber) == 2


async def test_in_russian(harbour: Town) -> None:
    olga = harbour.person("Olga", language="ru", id=OWNER)
    await olga.send("/start")
    await olga.send("/desk")
    await olga.press("На крайний случай")
    await olga.press("Остановить рассылки")
    olga.sees("Остановить все рассылки?")
    await olga.press("Да, остановить")
    olga.sees("✋ С 22 ноября")
    await olga.press("Снять все другие роли")
    olga.sees("0 человек сразу лишатся роли.")
    await olga.press("Нет")
    await olga.press("Стереть всех людей")
    olga.sees("Бот сразу забудет 1 человека")
    await olga.press("Да, стереть")
    await olga.press("Да, точно")
    await olga.press("Стереть сейчас")
    olga.sees("Готово: бот забыл всех, кроме владельцев.")
