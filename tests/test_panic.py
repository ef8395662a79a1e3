"""An owner stops all sending, ends all other roles, wipes everybody: at once; nobody else can."""

from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import Column, Integer, MetaData, Table, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.crowd import people, tell
from bot.clock import Clock
from bot.db import Sessions, emptied, is_sqlite, sqlite_file
from bot.delivery import broadcasts, outbox
from bot.services import broadcasts as broadcasts_of
from bot.services import mending, panic, standstill
from bot.services.subscribers import find
from models import (
    Base,
    Broadcast,
    Follow,
    HistoryEntry,
    Hold,
    Kind,
    Member,
    Notice,
    Subscriber,
)
from sandbox import Limits, Person, Sandbox
from tests.delivery import Delivery as Telling
from tests.delivery import until
from tests.test_broadcasts import came, drafted, only, presses, sent, supporter
from tests.test_members import invited, joined
from tests.test_proposals import ELSEWHERE, comes, coordinator, proposal, proposes
from tests.test_sender import crowd, read, sender
from tests.test_sender import looks as sender_looks
from tests.town import NOW, OTHER_OWNER, OWNER, TOKEN, VAULT, Town, town

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
        assert await standstill.stopped_since(session) == NOW
        await panic.go_on(session, NOW)
        held = list(await session.scalars(select(Notice.hold).order_by(Notice.id)))
    assert held == [Hold.PAUSED, Hold.NONE]


async def test_the_pause_of_a_broadcast_is_not_lifted_meanwhile(
    harbour: Town, owner: Person
) -> None:
    vera = await joined(harbour, owner)
    number = await under_way(harbour, vera)
    await stops(owner)
    await vera.send("/desk")
    await presses(harbour, vera, "Broadcasts", "Come")
    vera.sees("✋ An owner stopped all sending.")
    vera.sees_not("On its way")
    assert "▶️ Go on" not in vera.last.labels
    await vera.press_data(f"bcpause:{number}:0")
    assert vera.toast is not None
    assert vera.toast.text == "✋ An owner stopped all sending."
    assert await holds(harbour) == [Hold.PAUSED]
    await lets_go_on(owner)
    assert await holds(harbour) == [Hold.PAUSED]
    await vera.press_data(f"bcpause:{number}:0")
    assert await holds(harbour) == [Hold.RELEASED]


async def under_way(here: Town, author: Person) -> int:
    """To many, of whom nobody has got it yet."""
    await drafted(here, author, "Come")
    async with here.app.sessions() as session:
        one = (await session.scalars(select(Broadcast))).one()
        now = here.clock.now()
        one.due_at = now
        made = Notice(**broadcasts_of.notice_row(one, now), expanded_at=now, total=306)
        session.add(made)
        await session.flush()
        one.notice_id = made.id
        await session.commit()
        return one.id


async def holds(here: Town) -> list[int]:
    async with here.app.sessions() as session:
        return list(await session.scalars(select(Notice.hold).where(Notice.kind == Kind.BROADCAST)))


async def lets_go_on(owner: Person) -> None:
    await opens(owner)
    await owner.press("Send again")
    await owner.press("Yes, send")


async def test_no_correction_is_taken_meanwhile(
    delivery: Telling, harbour: Town, owner: Person
) -> None:
    vera, anna = await joined(harbour, owner), await supporter(harbour)
    await sent(harbour, delivery, vera)
    await stops(owner)
    await vera.send("/desk")
    await presses(harbour, vera, "Broadcasts", "22.11", "Correct")
    assert vera.toast is not None
    assert "correct it when messages go out again" in vera.toast.text
    await vera.send("FALSE WORDS")
    await delivery.rests(harbour)
    anna.sees("Warm <clothes>")
    async with harbour.app.sessions() as session:
        seen = (1, (await only(harbour)).edition)
        said, now = broadcasts_of.Version("FALSE WORDS"), harbour.clock.now()
        with pytest.raises(mending.StandsStill):
            await mending.correct(session, seen, "en", said, now)


async def is_corrected(here: Town) -> None:
    """In the moment of the stop: no notice has been made of it."""
    async with here.app.sessions() as session:
        one = (await session.scalars(select(Broadcast))).one()
        one.versions = {"en": {"text": "FALSE WORDS", "media": []}}
        one.corrected_at = here.clock.now()
        await session.commit()


async def test_a_correction_that_waits_is_looked_at_before_it_goes_on(
    delivery: Telling, harbour: Town, owner: Person
) -> None:
    vera, anna = await joined(harbour, owner), await supporter(harbour)
    await sent(harbour, delivery, vera)
    await stops(owner)
    await is_corrected(harbour)
    await delivery.rests(harbour)
    assert (await only(harbour)).mending_id is None
    await opens(owner)
    await owner.press("Send again")
    owner.sees("1 correction waits: look at it first.")
    await owner.press("Yes, send")
    await delivery.rests(harbour)
    anna.sees("Warm <clothes>")
    await owner.send("/desk")
    await presses(harbour, owner, "Broadcasts", "22.11")
    owner.sees("⏸ A correction waits: look at it first.")
    await presses(harbour, owner, "Go on")
    await delivery.rests(harbour)
    anna.sees("FALSE WORDS")


async def test_a_correction_ends_with_all_other_roles(
    delivery: Telling, harbour: Town, owner: Person
) -> None:
    vera, anna = await joined(harbour, owner), await supporter(harbour)
    await sent(harbour, delivery, vera)
    await stops(owner)
    await is_corrected(harbour)
    await opens(owner)
    await presses(harbour, owner, "End all other roles", "Yes, end them")
    await opens(owner)
    await owner.press("Send again")
    owner.sees_not("correction waits")
    await owner.press("Yes, send")
    await delivery.rests(harbour)
    anna.sees("Warm <clothes>")
    assert (await only(harbour)).corrected_at is None


async def test_a_correction_under_way_is_held_and_a_recall_is_not(sessions: Sessions) -> None:
    async with sessions() as session:
        for number, kind in enumerate((Kind.CORRECTION, Kind.RECALL)):
            row = {"subject": "broadcast", "thing_id": number, "priority": 3, "due_at": NOW}
            session.add(Notice(key=f"{kind}:1-1", kind=kind, **row))
        await session.commit()
        await panic.stop(session, NOW)
        assert await panic.corrections(session, NOW) == 1
        held = list(await session.scalars(select(Notice.hold).order_by(Notice.id)))
    assert held == [Hold.PAUSED, Hold.NONE]


async def test_what_was_sent_meanwhile_is_named(harbour: Town, owner: Person) -> None:
    await supporter(harbour)
    vera = await joined(harbour, owner)
    await stops(owner)
    await drafted(harbour, vera)
    await presses(harbour, vera, "Send…")
    vera.sees("✋ Sending is stopped: they are told when an owner lets it go on.")
    await presses(harbour, vera, "Send now")
    vera.sees("✋ An owner stopped all sending.")
    vera.sees_not("It goes out in a moment.")
    await opens(owner)
    await owner.press("Send again")
    owner.sees("1 broadcast sent meanwhile goes out at once.")


async def test_every_room_says_that_nothing_is_sent(harbour: Town, owner: Person) -> None:
    await supporter(harbour)
    await stops(owner)
    await owner.send("/desk")
    owner.sees_not("is told at once")
    await owner.press("Needs a hand: ")
    assert owner.last.text.splitlines()[2] == "✋ An owner stopped all sending."
    assert "🚨 Emergency" in owner.last.labels
    await owner.send("/desk")
    await presses(harbour, owner, "Where people are", "Ivan Lodkin", "Letters are forbidden")
    await owner.press("Without a reason")
    owner.sees(WAITS)
    await owner.press("Save")
    owner.sees(WAITS)
    owner.sees_not("within minutes")


WAITS = "✋ Sending is stopped: they are told when an owner lets it go on."


async def test_other_owners_hear_at_once_what_one_of_them_does(guarded: Town) -> None:
    olga = await comes(guarded, "Olga", OWNER)
    oleg = await comes(guarded, "Oleg", OTHER_OWNER, language="ru")
    await oleg.press("Настройки")
    await presses(guarded, oleg, "Русский", "Русский")
    await stops(olga)
    oleg.sees("✋ Другой владелец остановил все отправки.")
    await lets_go_on(olga)
    oleg.sees("▶️ Другой владелец снова включил отправку сообщений.")
    await wipes(guarded, olga)
    oleg.sees("🧨 Другой владелец стёр всех подписчиков.")
    await oleg.send("/desk")
    oleg.sees("Штаб")
    olga.sees("the bot has forgotten everybody")


async def test_an_owner_who_cannot_be_reached_stops_nothing(guarded: Town) -> None:
    olga = await comes(guarded, "Olga", OWNER)
    await comes(guarded, "Oleg", OTHER_OWNER)
    guarded.telegram.faults.refuse(400, "Bad Request: odd", chat=OTHER_OWNER)
    await stops(olga)
    olga.sees("✋ Nothing is sent since")
    assert not any("broke" in text for text in came(olga))


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
    owner.sees("2 people are forgotten at once")
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


async def wipes(here: Town, owner: Person) -> None:
    await opens(owner)
    labels = ("Wipe all subscribers", "Yes, wipe", "Yes, I am sure", "Wipe them now")
    await presses(here, owner, *labels)


async def test_nobody_hears_anything_after_they_were_forgotten(
    engine: AsyncEngine, sessions: Sessions
) -> None:
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        those = await crowd(sessions, telegram, 1500)
        notice = await tell(sessions, NOW)
        async with sender(engine, sessions, telegram, Clock()) as one:

            async def some_have_it() -> bool:
                return (await read(sessions, notice)).sent >= 100

            await until(some_have_it)
            telegram.faults.delay(0.5, method="sendMessage")
            chat = those[0].id
            async with sessions() as session:
                owner = (await find(session, VAULT, chat, NOW)).subscriber
                await panic.wipe(session, VAULT, owner, chat, [chat], NOW)
                assert await standstill.stopped_since(session) is None
            assert not one.flying
            sent_until = len(telegram.calls.of("sendMessage"))
            await sender_looks(one, 2)
            assert len(telegram.calls.of("sendMessage")) == sent_until < 1500


async def test_a_wipe_leaves_all_sending_stopped(harbour: Town, owner: Person) -> None:
    await stops(owner)
    await wipes(harbour, owner)
    await owner.send("/desk")
    owner.sees("✋ Nothing is sent since")


async def test_a_broadcast_under_way_ends_with_those_who_are_forgotten(
    harbour: Town, owner: Person
) -> None:
    vera = await joined(harbour, owner)
    await under_way(harbour, vera)
    await vera.send("/desk")
    await presses(harbour, vera, "Broadcasts", "Come")
    vera.sees("▶️ On its way")
    assert (await only(harbour)).watched_sealed is not None
    await wipes(harbour, owner)
    progress, vault = harbour.app.dispatcher.workflow_data["progress"], harbour.app.vault
    await progress.look(harbour.app.bot, harbour.app.sessions, vault, harbour.clock)
    assert (await only(harbour)).watched_sealed is None
    await owner.send("/desk")
    await presses(harbour, owner, "Broadcasts", "Come")
    owner.sees("⏹ Stopped")
    owner.sees("Did not get it any more: 306")


async def test_what_is_past_is_not_on_its_way(harbour: Town, owner: Person) -> None:
    await under_way(harbour, owner)
    harbour.clock.forward(days=8)
    await owner.send("/desk")
    await presses(harbour, owner, "Broadcasts", "Come")
    owner.sees("✅ Sent")


async def test_no_dialog_outlives_those_who_are_forgotten(database_url: str) -> None:
    await no_dialog_is_left(database_url, None)


async def test_nor_in_redis(database_url: str, redis_url: str) -> None:
    await no_dialog_is_left(database_url, redis_url)
    async with Redis.from_url(redis_url) as redis:
        assert not [one async for one in redis.scan_iter("fsm:*") if not one.endswith(b":lock")]


async def no_dialog_is_left(database_url: str, redis_url: str | None) -> None:
    alone: dict[str, Any] = {"owners": (OWNER,), "four_eyes": False, "redis_url": redis_url}
    async with town(database_url, "format.yaml", **alone) as here:
        olga = await comes(here, "Olga", OWNER)
        anna = await supporter(here)
        await anna.send("/ask")
        await wipes(here, olga)
        await anna.send("Will he be freed, and when?")
        anna.sees_not("Send it")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_database_keeps_no_old_row_of_a_broadcast(harbour: Town, owner: Person) -> None:
    """SQLite overwrites what it deletes (test_privacy)."""
    vera, sealed = await joined(harbour, owner), b"where somebody looks" * 5
    await drafted(harbour, vera)
    async with harbour.app.sessions() as session:
        (await session.scalars(select(Broadcast))).one().watched_sealed = sealed
        await session.commit()
    await wipes(harbour, owner)
    async with harbour.app.sessions() as session:
        await session.execute(text("CHECKPOINT"))
        path = "pg_read_binary_file(pg_relation_filepath('broadcasts'))"
        assert sealed not in bytes(await session.scalar(text(f"SELECT {path}")) or b"")


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
    await olga.press("Остановить все сообщения")
    olga.sees("Остановить все сообщения?")
    await olga.press("Да, остановить")
    olga.sees("✋ С 22 ноября")
    olga.sees("ничего не отправляется")
    assert "🔒 Закрыть доступ другим" not in olga.last.labels  # nobody else has any
    await olga.press("Стереть подписчиков")
    olga.sees("Бот сразу забудет 0 человек вместе с подписками")
    await olga.press("Да, стереть")
    await olga.press("Да, точно")
    await olga.press("Стереть сейчас")
    olga.sees("Готово: бот забыл всех, кроме владельцев.")
