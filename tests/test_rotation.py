"""A new key takes the place of another one while people write, and nobody is lost by it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from redis.asyncio import Redis
from sqlalchemy import LargeBinary, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.crowd import people
from bot.crypto import BadKey, Vault, generate_key, make_vault
from bot.db import Sessions, make_sessions, writing
from bot.fsm import BlindKeys, make_own_storage, make_shared_storage
from bot.kept_dialogs import KeptDialogs
from bot.rotating import step
from bot.services import calendar, groups, keys, members, questions, rotation, subscribers
from bot.services.campaign_file.store import removed_before
from bot.services.keys import Fit
from bot.services.rotation import Rotation
from bot.shared_dialogs import Dialogs as SharedDialogs
from models import (
    Base,
    Broadcast,
    CampaignVersion,
    Dialog,
    Member,
    Proposal,
    Removal,
    Role,
    Subscriber,
)
from models.sealed import IN_CLEAR, LOOKUP, SECRETS
from sandbox import Limits, Person, Sandbox
from tests.processes import bot_process
from tests.test_command_line import Done, bot
from tests.town import KEY, NOW, TOKEN, TownClock, town

FIRST = generate_key(1)
SECOND = generate_key(2)
THIRD = generate_key(3)
SEALED = subscribers.SEALED


def ring(*given: str) -> Vault:
    return make_vault(",".join(given))


@pytest.fixture
async def first(sessions: Sessions) -> Vault:
    """The key that the database was used with so far."""
    return await used(sessions, FIRST)


async def used(sessions: Sessions, *given: str) -> Vault:
    """As by a bot that starts."""
    vault = ring(*given)
    async with sessions() as session:
        await subscribers.claim(session, vault)
        assert await keys.ready(session, vault) is Fit.OURS
    return vault


async def through(engine: AsyncEngine, vault: Vault) -> None:
    work = Rotation(vault)
    while vault.is_rotating:
        await step(engine, make_sessions(engine), work)


async def found(sessions: Sessions, vault: Vault, chat: int) -> int | None:
    async with sessions() as session:
        return (await subscribers.find(session, vault, chat, NOW)).subscriber.id


async def remembered(sessions: Sessions, vault: Vault, chat: int) -> int:
    async with sessions() as session:
        person = (await subscribers.find(session, vault, chat, NOW)).subscriber
        return (await subscribers.remember(session, vault, person, chat, timezone="UTC")).id


async def number_kept(sessions: Sessions) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count(Subscriber.id))) or 0


# What is sealed.


def test_every_column_of_bytes_is_known_to_a_new_key() -> None:
    """Or said to hide nothing."""
    sealed = {f"{s.table.__tablename__}.{name}" for s in SECRETS for name in s.sealed}
    blind = {f"{s.table.__tablename__}.{s.index}" for s in SECRETS if s.index}
    of_bytes = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert of_bytes - {LOOKUP} - IN_CLEAR == sealed | blind - {"removals.mark", "dialogs.key"}


def test_columns_are_bound_to_the_names_that_the_services_use() -> None:
    from bot import kept_dialogs
    from bot.services import broadcasts, proposals

    names = {f"{s.table.__tablename__}.{one}": to for s in SECRETS for one, to in s.sealed.items()}
    assert names == {
        "subscribers.chat_sealed": SEALED,
        "members.called_sealed": members.CALLED,
        "invitations.called_sealed": members.CALLED,
        "questions.text_sealed": questions.TEXT,
        "questions.answer_sealed": questions.ANSWER,
        "proposals.note_sealed": proposals.NOTE,
        "proposals.answer_sealed": proposals.ANSWER,
        "broadcasts.watched_sealed": broadcasts.WATCHED,
        "dialogs.sealed": kept_dialogs.SEALED,
    }


# Everybody is found, in every phase.


async def test_people_are_found_before_while_and_after(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    chats = [*range(1, 11), -100_500]
    await people(sessions, first, chats, NOW)
    known = {chat: await found(sessions, first, chat) for chat in chats}
    both = await used(sessions, SECOND, FIRST)
    assert {chat: await found(sessions, both, chat) for chat in chats} == known
    await through(engine, both)
    assert {chat: await found(sessions, both, chat) for chat in chats} == known
    alone = await used(sessions, SECOND)
    assert {chat: await found(sessions, alone, chat) for chat in chats} == known
    assert await found(sessions, alone, 99) is None
    async with sessions() as session:
        rows = await session.scalars(select(Subscriber).order_by(Subscriber.id))
        assert [alone.open(one.chat_sealed, SEALED) for one in rows] == sorted(
            chats, key=lambda chat: known[chat] or 0
        )


@pytest.fixture
async def half(
    engine: AsyncEngine, sessions: Sessions, first: Vault, monkeypatch: pytest.MonkeyPatch
) -> Vault:
    """Chats 1 to 40, of whom those up to 20 are sealed with the new key already."""
    await people(sessions, first, range(1, 41), NOW)
    monkeypatch.setattr(rotation, "SOME", 20)
    both = await used(sessions, SECOND, FIRST)
    work = Rotation(both)
    while await rest(sessions, both) > 20:
        await step(engine, sessions, work)
    return both


async def rest(sessions: Sessions, vault: Vault) -> int:
    async with sessions() as session:
        return (await rotation.left(session, vault))[0]


OLD_SIDE, NEW_SIDE, NEVER_SEEN = 30, 10, 77


async def test_a_process_knows_everybody_by_one_index(sessions: Sessions, half: Vault) -> None:
    """By which it also counts what somebody does in a day."""
    async with sessions() as session:
        for chat in (OLD_SIDE, NEW_SIDE, NEVER_SEEN):
            person = (await subscribers.find(session, half, chat, NOW)).subscriber
            assert person.chat_index == half.index(chat)


@pytest.mark.parametrize("chat", [OLD_SIDE, NEW_SIDE, NEVER_SEEN])
async def test_whoever_chooses_something_midway_has_one_row(
    engine: AsyncEngine, sessions: Sessions, half: Vault, chat: int
) -> None:
    before, kept = await found(sessions, half, chat), await number_kept(sessions)
    number = await remembered(sessions, half, chat)
    assert before in (None, number)
    assert await number_kept(sessions) == kept + (chat == NEVER_SEEN)
    await through(engine, half)
    assert await found(sessions, half, chat) == number
    assert await number_kept(sessions) == kept + (chat == NEVER_SEEN)


@pytest.mark.parametrize("chat", [OLD_SIDE, NEW_SIDE, NEVER_SEEN])
async def test_two_admins_of_a_group_midway_are_one_group(
    sessions: Sessions, half: Vault, chat: int
) -> None:
    kept = await number_kept(sessions)
    numbers = await asyncio.gather(*(remembered(sessions, half, chat) for _ in range(4)))
    assert len(set(numbers)) == 1
    assert await number_kept(sessions) == kept + (chat == NEVER_SEEN)


async def test_a_row_that_is_done_between_a_look_and_a_choice_stays_one(
    engine: AsyncEngine, sessions: Sessions, half: Vault
) -> None:
    async with sessions() as session:
        person = (await subscribers.find(session, half, OLD_SIDE, NOW)).subscriber
        number = person.id
        await session.commit()
        await through(engine, half)
        kept = await subscribers.remember(session, half, person, OLD_SIDE, language="ru")
        assert kept.id == number
    assert await number_kept(sessions) == 40


@pytest.mark.parametrize("chat", [OLD_SIDE, NEW_SIDE])
@pytest.mark.parametrize("is_done_meanwhile", [False, True])
async def test_whoever_is_forgotten_midway_is_gone(
    engine: AsyncEngine, sessions: Sessions, half: Vault, chat: int, is_done_meanwhile: bool
) -> None:
    async with sessions() as session:
        person = (await subscribers.find(session, half, chat, NOW)).subscriber
        await session.commit()
        if is_done_meanwhile:
            await through(engine, half)
        await subscribers.forget(session, person, NOW)
    await through(engine, half)
    assert await found(sessions, half, chat) is None
    assert await number_kept(sessions) == 39


@pytest.mark.parametrize("chat", [OLD_SIDE, NEW_SIDE])
async def test_who_blocks_the_bot_midway_is_noted(
    sessions: Sessions, half: Vault, chat: int
) -> None:
    async with sessions() as session:
        await subscribers.note_block(session, subscribers.is_chat(half, chat), NOW)
        cut = select(Subscriber.id).where(Subscriber.blocked_on.is_not(None))
        assert (await session.scalars(cut)).all() == [await found(sessions, half, chat)]


@pytest.mark.parametrize("old", [OLD_SIDE, NEW_SIDE])
@pytest.mark.parametrize("new", [31, 11, NEVER_SEEN])
async def test_a_group_that_moves_midway_takes_all_along(
    engine: AsyncEngine, sessions: Sessions, half: Vault, old: int, new: int
) -> None:
    known = await found(sessions, half, new) or await found(sessions, half, old)
    async with sessions() as session:
        await groups.move(session, half, old, new)
    await through(engine, half)
    assert await found(sessions, half, new) == known
    assert await found(sessions, half, old) is None
    assert await number_kept(sessions) == 39 + (new == NEVER_SEEN)


async def test_owners_are_known_midway_in_their_languages(sessions: Sessions, half: Vault) -> None:
    owners = (OLD_SIDE, NEW_SIDE)
    async with sessions() as session, writing(session):
        for one in await session.scalars(select(Subscriber)):
            one.language = "ru"
    async with sessions() as session:
        assert await members.spoken(session, half, owners) == dict.fromkeys(owners, "ru")
        await members.keep_owners(session, half, owners, NOW)
        assert await session.scalar(select(func.count(Member.subscriber_id))) == 2
    assert await number_kept(sessions) == 40


async def test_a_row_that_somebody_holds_is_done_later(
    engine: AsyncEngine, sessions: Sessions, half: Vault
) -> None:
    """On PostgreSQL: whoever waited for it might be waited for in turn."""
    if engine.dialect.name == "sqlite":
        return
    async with sessions() as session, writing(session):
        held = select(Subscriber).where(subscribers.is_chat(half, OLD_SIDE)).with_for_update()
        assert (await session.scalars(held)).one()
        work = Rotation(half)
        for _ in range(4 * len(SECRETS)):
            await asyncio.wait_for(step(engine, sessions, work), 5)
        assert await rest(sessions, half) == 1
    await through(engine, half)
    assert await rest(sessions, half) == 0


# Which key is refused.


async def fit(sessions: Sessions, *given: str) -> tuple[Fit, Vault]:
    vault = ring(*given)
    async with sessions() as session:
        return await keys.unlock(session, vault), vault


async def test_keys_are_refused_in_every_phase(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    await people(sessions, first, [1], NOW)
    other = generate_key(1)
    assert (await fit(sessions, SECOND))[0] is Fit.OTHER
    assert (await fit(sessions, SECOND, other))[0] is Fit.OTHER
    assert (await fit(sessions, SECOND, FIRST))[0] is Fit.NEXT
    both = await used(sessions, SECOND, FIRST)
    assert (await fit(sessions, FIRST))[0] is Fit.OTHER
    assert (await fit(sessions, SECOND))[0] is Fit.HALF
    assert (await fit(sessions, SECOND, other))[0] is Fit.HALF
    assert (await fit(sessions, THIRD, SECOND))[0] is Fit.HALF
    await through(engine, both)
    assert (await fit(sessions, FIRST))[0] is Fit.OTHER
    assert (await fit(sessions, SECOND))[0] is Fit.OURS
    assert (await fit(sessions, THIRD, SECOND))[0] is Fit.NEXT
    fits, again = await fit(sessions, SECOND, FIRST)
    assert fits is Fit.OURS
    with pytest.raises(BadKey):
        again.open(first.seal(1, SEALED), SEALED)


async def test_a_process_that_goes_on_with_the_old_key_is_stopped(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    """Else it would greet those whom the new one knows as strangers."""
    both = await used(sessions, SECOND, FIRST)
    with pytest.raises(BadKey):
        await found(sessions, first, 1)
    await through(engine, both)
    with pytest.raises(BadKey):
        await found(sessions, first, 1)


async def test_a_process_that_only_answers_learns_that_all_is_done(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    both, other = await used(sessions, SECOND, FIRST), await used(sessions, SECOND, FIRST)
    await found(sessions, other, 1)
    assert other.is_rotating
    await through(engine, both)
    await found(sessions, other, 1)
    assert not other.is_rotating


async def test_of_processes_that_start_at_once_one_begins(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    await people(sessions, first, range(1, 6), NOW)
    starting = [used(sessions, SECOND, FIRST) for _ in range(3)]
    one, *others = await asyncio.gather(*starting)
    assert {each.chain for each in others} == {one.chain} == {(first.link,)}
    await through(engine, one)
    assert await found(sessions, await used(sessions, SECOND), 5)


async def test_a_short_piece_of_work_begins_nothing(sessions: Sessions, first: Vault) -> None:
    """As `import`, while a bot still runs with the key before."""
    async with sessions() as session:
        fits, vault = await keys.fitting(session, ring(SECOND, FIRST))
        assert (fits, vault.mark) == (Fit.OURS, first.mark)
        assert await session.scalar(select(CampaignVersion.key_mark)) == first.mark


async def test_a_database_that_nobody_used_begins_with_the_newest(sessions: Sessions) -> None:
    vault = await used(sessions, SECOND, FIRST)
    assert (vault.older, vault.chain, vault.is_rotating) == (None, (), False)


# What is only found again, and all other things that are sealed.


async def test_what_is_only_found_again_is_so_after_two_rotations(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    async with sessions() as session:
        person = (await subscribers.find(session, first, 1, NOW)).subscriber
        address = await calendar.make_address(session, first, person, 1, NOW)
        secret = await members.invite(session, first, Role.EDITOR, "Инна", 30, NOW)
        session.add(Removal(kind="case", thing_id=1, mark=first.mark_of("case", "x"), version=1))
        await session.commit()
    whose = await found(sessions, first, 1)

    async def is_all_found(vault: Vault) -> bool:
        async with sessions() as session:
            calendars = (await calendar.find(session, vault, address)).subscriber
            invited = await members.find_invitation(session, vault, secret, NOW)
            removed = await removed_before(session, vault.mark_of, "case", ["x", "y"])
            called = await members.open_invitations(session, vault, NOW)
            nobody = (await calendar.find(session, vault, address + "x")).subscriber
        assert (calendars and calendars.id, nobody, [*removed]) == (whose, None, ["x"])
        return invited is not None and [name for _one, name in called] == ["Инна"]

    for given in ((SECOND, FIRST), (THIRD, SECOND)):
        both = await used(sessions, *given)
        assert await is_all_found(both)
        await through(engine, both)
        assert await is_all_found(both)
        assert await is_all_found(await used(sessions, given[0]))


async def test_all_that_is_sealed_is_read_with_the_new_key_alone(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    await filled(sessions, first)
    both = await used(sessions, SECOND, FIRST)
    await read(sessions, both)
    await through(engine, both)
    await read(sessions, await used(sessions, SECOND))


async def filled(sessions: Sessions, vault: Vault) -> None:
    number = await remembered(sessions, vault, 1)
    common = {"role": Role.OWNER, "via": "chat"}
    async with sessions() as session, writing(session):
        seal = vault.seal_text
        session.add(
            Member(
                subscriber_id=number,
                role=Role.EDITOR,
                joined_at=NOW,
                called_sealed=seal("Аня", members.CALLED),
            )
        )
        session.add(
            Proposal(
                author_id=number,
                what="facts",
                at=NOW,
                expires_at=NOW,
                state="open",
                counts=[],
                note_sealed=seal("why", "proposals.note_sealed"),
                **common,
            )
        )
        session.add(
            Broadcast(
                created_at=NOW,
                to="all",
                watched_sealed=seal('[[1, 2, "en"]]', "broadcasts.watched_sealed"),
                **common,
            )
        )
    async with sessions() as session:
        person = (await subscribers.find(session, vault, 1, NOW)).subscriber
        about = questions.About(None, 0)
        await questions.ask(session, vault, person, 1, about, "When?", NOW)


async def read(sessions: Sessions, vault: Vault) -> None:
    from bot.services import broadcasts, proposals

    async with sessions() as session:
        assert [one.called for one in await members.members(session, vault, NOW)] == ["Аня"]
        [proposal] = await session.scalars(select(Proposal))
        assert proposals.note_of(vault, proposal) == "why"
        assert proposals.answer_of(vault, proposal) is None
        [watched] = await broadcasts.watched(session, vault)
        assert watched.place == (1, 2)
        person = (await subscribers.find(session, vault, 1, NOW)).subscriber
        [asked] = await questions.of_person(session, vault, person)
        assert asked.text == "When?"


async def test_whoever_has_the_old_key_finds_nobody_in_a_new_copy(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    await people(sessions, first, [1], NOW)
    await through(engine, await used(sessions, SECOND, FIRST))
    async with sessions() as session:
        [row] = await session.scalars(select(Subscriber))
        for thief in (ring(FIRST), ring(generate_key(2), FIRST)):
            assert thief.index(1) not in row.chat_index
            with pytest.raises(BadKey):
                thief.open(row.chat_sealed, SEALED)
            assert await keys.unlock(session, thief) is Fit.OTHER
            assert thief.chain == ()


async def test_nothing_of_the_old_key_is_left_in_the_files(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    await people(sessions, first, range(1, 501), NOW)
    async with sessions() as session:
        rows = await session.execute(select(Subscriber.chat_sealed, Subscriber.chat_index))
        old = [value for row in rows for value in row]
    await through(engine, await used(sessions, SECOND, FIRST))
    files = await contents(engine)
    assert not [value for value in old if value in files]
    async with sessions() as session:
        new = await session.scalar(select(Subscriber.chat_sealed))
    assert new
    assert new in files


async def contents(engine: AsyncEngine) -> bytes:
    """What lies on the disk of the people's table."""
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("CHECKPOINT"))
        parts = [
            await connection.scalar(
                text(f"SELECT pg_read_binary_file(pg_relation_filepath('{x}'))")
            )
            for x in ("subscribers", "uq_subscribers_chat_index")
        ]
        return b"".join(bytes(part) for part in parts)


# Dialogs.


async def begun(storage: BaseStorage, vault: Vault) -> None:
    place = StorageKey(42, 1, 1)
    await storage.set_state(place, "Answering:text")
    answer = vault.seal_text("Soon.", questions.ANSWER).hex()
    await storage.set_data(place, {"pressed": "q", "answer": answer})


async def goes_on(storage: BaseStorage, vault: Vault) -> None:
    place = StorageKey(42, 1, 1)
    assert await storage.get_state(place) == "Answering:text"
    data = await storage.get_data(place)
    assert data["pressed"] == "q"
    assert vault.open_text(bytes.fromhex(data["answer"]), questions.ANSWER) == "Soon."


async def test_what_is_half_typed_at_the_desk_goes_on(
    engine: AsyncEngine, sessions: Sessions, first: Vault
) -> None:
    await begun(make_own_storage(sessions, first, TownClock())[0], first)
    both = await used(sessions, SECOND, FIRST)
    await through(engine, both)
    alone = await used(sessions, SECOND)
    storage, _ = make_own_storage(sessions, alone, TownClock())
    assert isinstance(storage, KeptDialogs)
    await storage.take_up()
    await goes_on(storage, alone)
    await storage.set_state(StorageKey(42, 1, 1))
    async with sessions() as session:
        assert await session.scalar(select(Dialog.key)) is None


async def test_what_is_half_typed_in_redis_goes_on(
    engine: AsyncEngine, sessions: Sessions, first: Vault, redis_url: str
) -> None:
    redis = Redis.from_url(redis_url)
    before, _ = make_shared_storage(Redis.from_url(redis_url), first)
    await begun(before, first)
    await redis.rpush(BlindKeys(first).build(StorageKey(42, 2, 2), "data"), "of another type")
    await redis.set("fsm:no-name:at-all:data", b"{")
    both = await used(sessions, SECOND, FIRST)
    for _twice in range(2):
        shared, _ = make_shared_storage(Redis.from_url(redis_url), both)
        assert isinstance(shared, SharedDialogs)
        await shared.take_up()
        await shared.close()
    await through(engine, both)
    alone = await used(sessions, SECOND)
    after, _ = make_shared_storage(Redis.from_url(redis_url), alone)
    await goes_on(after, alone)
    names = await redis.keys("fsm:*")
    old = BlindKeys(first).build(StorageKey(42, 1, 1), "state").encode()
    assert old not in names
    assert 0 < await redis.ttl(BlindKeys(alone).build(StorageKey(42, 1, 1), "state")) <= 24 * 3600
    assert 0 < await redis.ttl(BlindKeys(alone).build(StorageKey(42, 1, 1), "data")) <= 24 * 3600
    for each in (before, after, redis):
        await (each.aclose() if isinstance(each, Redis) else each.close())


# The whole way: the command line, and processes that are killed.


def settings_of(database_url: str, telegram: Sandbox) -> dict[str, str]:
    unset = dict.fromkeys(("OWNERS", "DATA_KEY", "WEBHOOK_URL", "REDIS_URL"), "")
    own = {"BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url, "LANG": "en_GB.UTF-8"}
    return dict(os.environ) | unset | own | {"DATABASE_URL": database_url, "LC_ALL": ""}


async def typed(*words: str, env: dict[str, str], folder: Path) -> Done:
    return await asyncio.to_thread(bot, *words, env=env, cwd=folder)


async def is_at_most(sessions: Sessions, vault: Vault, few: int) -> bool:
    return await rest(sessions, vault) <= few


async def is_over(sessions: Sessions, vault: Vault) -> bool:
    await found(sessions, vault, 1)
    return not vault.is_rotating


async def holds_one_key(file: Path) -> bool:
    return "," not in await asyncio.to_thread(file.read_text)


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await is_so():  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_processes_that_are_killed_midway_lose_nobody(
    engine: AsyncEngine, sessions: Sessions, first: Vault, database_url: str
) -> None:
    await people(sessions, first, range(1, 3001), NOW)
    known = {chat: await found(sessions, first, chat) for chat in (1, 1500, 3000)}
    both = await used(sessions, SECOND, FIRST)
    given = {"DATABASE_URL": database_url, "DATA_KEY": f"{SECOND},{FIRST}"}
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        for few in (2500, 1000):
            async with bot_process(telegram, **given) as process:
                await until(lambda few=few: is_at_most(sessions, both, few))
                process.send_signal(signal.SIGKILL)
                await process.wait()
        assert {chat: await found(sessions, both, chat) for chat in known} == known
        assert both.is_rotating
        async with bot_process(telegram, **given) as process:
            await until(lambda: is_over(sessions, both))
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
            assert "take it out of DATA_KEY" in process.told()
    alone = await used(sessions, SECOND)
    assert {chat: await found(sessions, alone, chat) for chat in known} == known
    assert await rest(sessions, alone) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_key_beside_sqlite_is_followed_by_another_one(
    sessions: Sessions, database_url: str, tmp_path: Path
) -> None:
    """README's way: `keygen --rotate`, and the bot is started anew."""
    file = tmp_path / "bot.key"
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        env = settings_of(database_url, telegram)
        none = await typed("keygen", "--rotate", env=env, folder=tmp_path)
        assert (none.returncode, file.exists()) == (1, False)
        assert "is not there yet" in none.stderr
        file.write_text(FIRST + "\n")
        await people(sessions, await used(sessions, FIRST), range(1, 101), NOW)
        done = await typed("keygen", "--rotate", env=env, folder=tmp_path)
        assert done.returncode == 0
        assert "bot.key" in done.stdout
        both = file.read_text().strip()
        assert both.startswith("2:")
        assert both.endswith(f",{FIRST}")
        assert oct(file.stat().st_mode)[-3:] == "600"
        assert {one for one in os.listdir(tmp_path) if not one.startswith("bot.")} == set()
        assert FIRST not in done.stdout + done.stderr
        checked = await typed("check", env=env, folder=tmp_path)
        assert "A newer key begins when the bot is started anew" in checked.stdout
        twice = await typed("keygen", "--rotate", env=env, folder=tmp_path)
        assert twice.returncode == 1
        assert "is two keys already" in twice.stderr
        assert file.read_text().strip() == both
        async with bot_process(telegram, DATABASE_URL=database_url, DATA_KEY="") as process:
            await until(lambda: holds_one_key(file))
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
            told = process.told()
        assert "all rows are sealed with the new key" in told
        assert "take it out" not in told
        assert file.read_text().strip() == both.split(",")[0]
        assert oct(file.stat().st_mode)[-3:] == "600"
        checked = await typed("check", env=env, folder=tmp_path)
        assert "✓ Data key: ready\n" in checked.stdout
        file.write_text(both)  # as when it was killed just before it put the old one away
        checked = await typed("check", env=env, folder=tmp_path)
        assert "the bot takes the old one out of the file when it starts" in checked.stdout
    alone = await used(sessions, both.split(",")[0])
    assert await found(sessions, alone, 100)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_key_of_the_environment_is_followed_by_another_one(
    engine: AsyncEngine, sessions: Sessions, first: Vault, database_url: str, tmp_path: Path
) -> None:
    await people(sessions, first, range(1, 101), NOW)
    async with Sandbox(token=TOKEN, limits=Limits.off()) as telegram:
        env = settings_of(database_url, telegram)
        done = await typed("keygen", "--rotate", env=env | {"DATA_KEY": FIRST}, folder=tmp_path)
        two = done.stdout.strip()
        assert two.endswith(f",{FIRST}")
        assert "stop all processes" in done.stderr
        both = await used(sessions, two)
        said = {}
        for name, key in (("both", two), ("old", FIRST), ("new", two.split(",")[0])):
            said[name] = await typed("check", env=env | {"DATA_KEY": key}, folder=tmp_path)
        assert "Rows sealed with the newer key: " in said["both"].stdout
        assert said["old"].returncode == said["new"].returncode == 1
        assert "is not the key that this database" in said["old"].stdout
        assert "is the new key alone" in said["new"].stdout
        for key in (FIRST, two.split(",")[0]):
            given = {"DATABASE_URL": database_url, "DATA_KEY": key}
            async with bot_process(telegram, **given) as process:
                assert await process.wait() == 1
                assert process.told().startswith("DATA_KEY ")
                assert len(process.told().splitlines()) == 1
        await through(engine, both)
        over = await typed("check", env=env | {"DATA_KEY": two}, folder=tmp_path)
        assert "take the old one out of DATA_KEY" in over.stdout
        single = await typed("check", env=env | {"DATA_KEY": two.split(",")[0]}, folder=tmp_path)
        assert "✓ Data key: ready\n" in single.stdout


async def speak_russian(person: Person) -> None:
    await person.send("/settings")
    await person.press("Русский")
    person.sees("Настройки")


async def test_people_write_to_a_bot_that_gets_a_new_key(
    engine: AsyncEngine, sessions: Sessions, harbour_url: str
) -> None:
    """Who chose something is known, who comes is kept, who goes is forgotten: in every phase."""
    first = await used(sessions, KEY)
    await people(sessions, first, range(1, 101), NOW)
    second = generate_key(2)
    async with town(harbour_url) as here:
        await speak_russian(here.person("Anna", id=1001))
    both = await used(sessions, second, KEY)
    async with town(harbour_url, data_key=f"{second},{KEY}") as here:
        here.telegram.world.updates.next_id = 1000
        async with here.app.sessions() as session:
            assert await keys.ready(session, here.app.vault) is Fit.OURS
        anna, boris = here.person("Anna", id=1001), here.person("Boris", id=1002)
        await anna.send("/settings")
        anna.sees("Настройки")
        await speak_russian(boris)
        await through(engine, both)
        await anna.send("/settings")
        anna.sees("Настройки")
        await boris.send("/forget")
        await boris.press("Да, удалить")
    alone = await used(sessions, second)
    assert await found(sessions, alone, 1001)
    assert await found(sessions, alone, 1002) is None
    assert await number_kept(sessions) == 101
