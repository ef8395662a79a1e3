"""What followers are told next: lead times that somebody wants, what was put off, starts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import Sessions, writing
from bot.delivery import expansion, outbox, waiting
from bot.delivery.notices import tick
from bot.i18n import speaking
from bot.services import campaign_file, follows
from bot.services.due import Due, next_due
from bot.services.follows import EVERYTHING
from bot.views import due as views
from models import LEADS, Delivery, Follow, Hearing, Kind, Notice, State, Subscriber
from tests.town import EXAMPLES, NOW, VAULT

pytestmark = pytest.mark.either_database

START = datetime(2026, 12, 11, 5, 0, tzinfo=UTC)  # 10:00 in Asia/Yekaterinburg
DAY, HOUR = 24 * 60, 60
FOLLOWER = 7


async def take_in(session: AsyncSession, *hearings: str, status: str = "scheduled") -> None:
    """The invented campaign with other hearings: of slug and local start."""
    text = (EXAMPLES / "format.yaml").read_text().split("\nhearings:")[0]
    for hearing in hearings:
        slug, _, starts_at = hearing.partition(" ")
        line = f'slug: {slug}, case: port-strike, court: kamensk-city, starts_at: "{starts_at}"'
        text += "" if "hearings:" in text else "\nhearings:"
        text += f"\n  - {{{line}, kind: merits, status: {status}}}"
    await campaign_file.import_file(
        session, text.encode(), name="x.yaml", now=NOW, mark=VAULT.mark_of
    )


@pytest.fixture
async def session(sessions: Sessions) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


@pytest.fixture
async def first(session: AsyncSession) -> AsyncSession:
    """With one hearing, which the bot has seen."""
    await take_in(session, "first 2026-12-11 10:00")
    assert await tick(session, NOW) == []
    return session


async def somebody_follows(session: AsyncSession, **how: object) -> None:
    chat = FOLLOWER
    stranger = Subscriber(seen_on=NOW, created_at=NOW)
    stranger.chat_index, stranger.chat_sealed = VAULT.index(chat), VAULT.seal(chat, "chat")
    await follows.follow(session, VAULT, stranger, chat, EVERYTHING, NOW)
    async with writing(session):
        if how:
            await session.execute(update(Subscriber).values(**how))


async def from_now_on(session: AsyncSession) -> list[Due]:
    """One thing after the other until nothing comes any more."""
    now, found = NOW, list[Due]()
    while due := await next_due(session, now):
        found.append(due)
        now = due.at
    return found


async def test_reminders_come_as_the_follower_wants_them(first: AsyncSession) -> None:
    await somebody_follows(first, leads=LEADS[7 * DAY] | LEADS[HOUR])
    found = await from_now_on(first)
    assert [(due.lead, due.told) for due in found] == [(7 * DAY, 1), (HOUR, 1), (0, 0)]
    assert [START - due.at for due in found] == [timedelta(minutes=due.lead) for due in found]


async def test_as_long_as_nobody_follows_it_is_what_a_newcomer_would_get(
    first: AsyncSession,
) -> None:
    found = await from_now_on(first)
    assert [(due.lead, due.told) for due in found] == [
        (3 * DAY, 0), (DAY, 0), (3 * HOUR, 0), (0, 0),
    ]  # fmt: skip


async def test_who_is_told_comes_before_what_nobody_follows(session: AsyncSession) -> None:
    await take_in(session, "first 2026-12-11 10:00", "second 2026-12-13 10:00")
    await somebody_follows(session)
    second = (await session.scalars(select(Hearing.id).where(Hearing.slug == "second"))).one()
    async with writing(session):
        await session.execute(update(Follow).values(muted=True))
    await take_in(session, "first 2026-12-11 10:00", status="cancelled")
    due = await next_due(session, NOW)
    assert due
    assert due.hearing
    assert (due.hearing.id, due.told) == (second, 0)
    async with writing(session):
        await session.execute(update(Follow).values(muted=False))
    due = await next_due(session, NOW)
    assert due
    assert (due.lead, due.told) == (3 * DAY, 1)


async def test_the_nearer_of_two_hearings_comes_first(session: AsyncSession) -> None:
    await take_in(session, "later 2026-12-12 10:00", "first 2026-12-11 10:00")
    await somebody_follows(session)
    found = [(due.hearing.slug, due.lead) for due in await from_now_on(session) if due.hearing]
    assert found == [
        ("first", 3 * DAY), ("later", 3 * DAY), ("first", DAY), ("first", 3 * HOUR),
        ("later", DAY), ("later", 3 * HOUR), ("later", 0),
    ]  # fmt: skip


async def test_in_silence_nobody_is_told(first: AsyncSession) -> None:
    await somebody_follows(first, silent_until=START - timedelta(hours=12))
    due = await next_due(first, NOW)
    assert due
    assert (due.lead, due.told) == (3 * HOUR, 1)


async def test_who_sets_the_clock_back_is_not_reminded_again(first: AsyncSession) -> None:
    await somebody_follows(first)
    assert await tick(first, START - timedelta(days=1))
    due = await next_due(first, NOW)
    assert due
    assert (due.lead, due.told) == (3 * HOUR, 1)


async def test_lead_times_before_a_change_that_was_told_are_past(first: AsyncSession) -> None:
    await somebody_follows(first)
    async with writing(first):
        facts = {"key": "moved:hearing:1:2", "kind": Kind.MOVED, "subject": "hearing"}
        facts |= {"thing_id": await first.scalar(select(Hearing.id)), "priority": 0}
        moved = insert(Notice).values(**facts, due_at=START - timedelta(days=2))
        notice = await first.scalar(moved.returning(Notice.id))
        who = await first.scalar(select(Subscriber.id))
        told = {"notice_id": notice, "subscriber_id": who, "state": State.SENT, "priority": 0}
        await first.execute(insert(Delivery).values(**told))
    due = await next_due(first, NOW)
    assert due
    assert due.lead == DAY


async def test_a_reminder_of_the_night_comes_in_the_morning(first: AsyncSession) -> None:
    await somebody_follows(first, quiet_from=22, quiet_until=8, timezone="Europe/London")
    now = START - timedelta(days=3)  # five in the morning
    [notice] = [one for one in await tick(first, now) if one.lead == 3 * DAY]
    while open := await expansion.foremost(first):
        await expansion.expand(first, open, now)
    await waiting.wake(first, now)
    assert await outbox.claim(first, now, 10) == ([], 1)
    due = await next_due(first, now)
    assert due == Due(START - timedelta(days=3) + timedelta(hours=3), None, told=1)
    assert notice.total == 1
    assert views.due(due) == "1 message that was put off will be sent"


async def test_a_cancelled_hearing_is_not_due(session: AsyncSession) -> None:
    await take_in(session, "first 2026-12-11 10:00", status="cancelled")
    assert await next_due(session, NOW) is None


async def test_it_is_said_in_words(first: AsyncSession) -> None:
    what = "a hearing: The port strike case, Kamensk City Court"
    days, day, hours, start = [views.due(due) for due in await from_now_on(first)]
    assert days == f"3 days before {what}. So far nobody is to be reminded."
    assert (day[:20], hours[:21]) == ("1 day before a heari", "3 hours before a hear")
    assert start == "A hearing begins: The port strike case, Kamensk City Court"
    await somebody_follows(first)
    due = await next_due(first, START - timedelta(days=1, hours=1))
    assert due
    assert views.due(due) == f"1 day before {what}. 1 reminder will be sent."
    with speaking("ru"):
        assert views.due(due).startswith("За 1 день до заседания: Дело о портовой забастовке")
        assert views.due(due).endswith("Уйдёт 1 напоминание.")
