"""Notices as people get them, from what is in the database at that moment."""

from typing import Any

import pytest
from aiogram.types import InlineKeyboardMarkup
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from bot.callbacks import Mute, Unfollow
from bot.delivery.rendering import Told, message
from bot.markup import plain
from bot.services import campaign as campaign_now
from bot.services.attendance import Yes, yes_to
from bot.services.facts import Facts, Memory
from bot.services.notices import Reader
from models import Attendance, Follow, Hearing, Notice, Subscriber
from tests.test_notices import NOW, Campaign, campaign, set_hearing

__all__ = ["campaign", "set_hearing"]  # fixtures

IVAN = Follow(id=3, subject="defendant", thing_id=1)


async def text(here: Campaign, memory: Memory, *told: Told, reader: Reader) -> str | None:
    async with here.sessions() as session:
        facts = Facts(session, await campaign_now.version(session), memory)
        screen = await message(facts, told, reader, here.now)
    return plain(screen.text) if screen else None


async def last(here: Campaign) -> Notice:
    [notice] = await here.ask(select(Notice).order_by(Notice.id.desc()).limit(1))
    assert isinstance(notice, Notice)
    return notice


@pytest.fixture
def memory() -> Memory:
    return Memory()


async def test_everybody_reads_it_in_their_language_and_time(
    set_hearing: Campaign, memory: Memory
) -> None:
    told = await last(set_hearing), IVAN
    english = await text(set_hearing, memory, told, reader=Reader("en", "Europe/Berlin"))
    russian = await text(set_hearing, memory, told, reader=Reader("ru"))
    assert english is not None
    assert russian is not None
    assert english.startswith("📅 Hearing set: Friday, 11 December, 10:00\n\nThe port strike case")
    assert "Your time: 11 December 2026, 06:00" in english
    assert english.endswith("Because you follow: Ivan Lodkin")
    assert russian.startswith("📅 Назначено заседание: пятница, 11 декабря, 10:00")
    assert russian.endswith("Ваша подписка: Иван Лодкин")


async def test_nothing_old_is_told(set_hearing: Campaign, memory: Memory) -> None:
    """Between the notice and its message the room is changed, then all is called off."""
    told, reader = (await last(set_hearing), IVAN), Reader("en")
    before = await text(set_hearing, memory, told, reader=reader)
    await set_hearing.changes(room="7")
    after = await text(set_hearing, memory, told, reader=reader)
    assert before is not None
    assert after is not None
    assert ("Room 12" in before, "Room 7" in after) == (True, True)
    await set_hearing.changes(status="cancelled")
    assert await text(set_hearing, memory, told, reader=reader) is None
    await set_hearing.takes("hearings: [{slug: first, remove: true}]")
    assert await text(set_hearing, memory, told, reader=reader) is None


async def test_facts_are_looked_up_once_for_many(set_hearing: Campaign, memory: Memory) -> None:
    notice, asked = await last(set_hearing), list[str]()
    follows = [Follow(id=number, subject="defendant", thing_id=1) for number in range(1, 50)]

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    async with set_hearing.sessions() as session:
        facts = Facts(session, await campaign_now.version(session), memory)
        await message(facts, [(notice, IVAN)], Reader("en"), set_hearing.now)
        event.listen(session.get_bind().engine, "before_cursor_execute", note)
        for follow in follows:
            assert await message(facts, [(notice, follow)], Reader("en"), set_hearing.now)
        await message(facts, [(notice, IVAN)], Reader("ru"), set_hearing.now)
    assert asked == []


async def test_the_buttons_are_of_ones_own_follows(set_hearing: Campaign, memory: Memory) -> None:
    """Though they are made once."""
    notice = await last(set_hearing)
    async with set_hearing.sessions() as session:
        facts = Facts(session, await campaign_now.version(session), memory)
        for number in (2, 31):
            follow = Follow(id=number, subject="defendant", thing_id=1)
            screen = await message(facts, [(notice, follow)], Reader("en"), set_hearing.now)
            assert screen
            shown = InlineKeyboardMarkup.model_validate_json(screen.ready or "")
            carried = [one.callback_data or "" for row in shown.inline_keyboard for one in row]
            mute, unfollow = Mute.unpack(carried[-2]), Unfollow.unpack(carried[-1])
            assert (mute.id, unfollow.id) == (number, number)


async def coming_to(session: AsyncSession, number: int) -> Yes:
    known = await session.get(Hearing, number, options=[joinedload(Hearing.court)])
    assert known
    return yes_to(known)


async def test_those_who_come_are_counted(set_hearing: Campaign, memory: Memory) -> None:
    known = {"chat_sealed": b"", "created_at": NOW, "seen_on": NOW}
    async with set_hearing.sessions() as session:
        people = [Subscriber(chat_index=bytes([number]), **known) for number in range(2)]
        session.add_all(people)
        await session.flush()
        hearing, said = await coming_to(session, (await last(set_hearing)).thing_id)
        session.add_all(
            Attendance(hearing_id=hearing, subscriber_id=one.id, occasion=said) for one in people
        )
        await session.commit()
    said = await text(set_hearing, memory, (await last(set_hearing), None), reader=Reader("en"))
    assert said is not None
    assert "🙋 2 people are coming" in said
    assert said.endswith("You said yes to this hearing.")


async def test_several_notices_are_one_message(campaign: Campaign, memory: Memory) -> None:
    await campaign.hearing(slug="a")
    await campaign.hearing(slug="b", room="4")
    await campaign.case("stage: appeal")
    assert await campaign.told() == ["set", "set", "news"]
    told = [(notice, IVAN) for notice in campaign.made]
    said = await text(campaign, memory, *told, reader=Reader("ru"))
    assert said is not None
    assert said.startswith("🔔 3 новости")
    await campaign.takes("hearings: [{slug: b, remove: true}]")
    said = await text(campaign, memory, *told, reader=Reader("ru"))
    assert said is not None
    assert said.startswith("🔔 2 новости")
