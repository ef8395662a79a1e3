"""What comes next: starts of hearings and their lead times."""

from datetime import UTC, datetime, timedelta

from bot.db import Sessions
from bot.i18n import speaking
from bot.services import campaign_file
from bot.services.due import next_due
from bot.views import due as views
from tests.town import EXAMPLES, NOW, VAULT

START = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)  # "+3d 10:00" in Asia/Yekaterinburg


async def take_in(sessions: Sessions, *changes: tuple[str, str]) -> None:
    text = (EXAMPLES / "format.yaml").read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    async with sessions() as session:
        await campaign_file.import_file(
            session, text.encode(), name="x.yaml", now=NOW, mark=VAULT.mark_of
        )


async def test_one_thing_comes_after_the_other(sessions: Sessions) -> None:
    await take_in(sessions)
    now, found = NOW - timedelta(days=30), []
    async with sessions() as session:
        while due := await next_due(session, now):
            found.append(START - due.at)
            now = due.at
    spans = [timedelta(days=n) for n in (7, 3, 1)] + [timedelta(hours=n) for n in (3, 1, 0)]
    assert found == spans


async def test_the_nearer_of_two_hearings_comes_first(sessions: Sessions) -> None:
    await take_in(sessions)
    second = b"""
hearings:
  - slug: second
    case: port-strike
    court: kamensk-city
    starts_at: "2026-11-28 08:00"
    kind: merits
"""
    async with sessions() as session:
        await campaign_file.import_file(session, second, name="y.yaml", now=NOW, mark=VAULT.mark_of)
        due = await next_due(session, START - timedelta(hours=2))
        assert due
        assert (due.hearing.slug, due.lead) == ("port-strike-1", timedelta(hours=1))
        due = await next_due(session, START - timedelta(hours=1))
        assert due
        assert (due.hearing.slug, due.lead) == ("port-strike-1", timedelta())
        due = await next_due(session, START)
        assert due
        assert (due.hearing.slug, due.lead) == ("second", timedelta(days=1))


async def test_a_cancelled_hearing_is_not_due(sessions: Sessions) -> None:
    await take_in(sessions, ("status: scheduled", "status: cancelled"))
    async with sessions() as session:
        assert await next_due(session, NOW) is None


async def test_it_is_said_in_words(sessions: Sessions) -> None:
    await take_in(sessions)
    async with sessions() as session:
        soon = await next_due(session, NOW)
        hour = await next_due(session, START - timedelta(hours=2))
        start = await next_due(session, START - timedelta(minutes=1))
    assert soon
    assert hour
    assert start
    case = "The port strike case, Kamensk City Court"
    assert views.due(soon) == f"1 day before a hearing: {case}"
    assert views.due(hour) == f"1 hour before a hearing: {case}"
    assert views.due(start) == f"A hearing begins: {case}"
    with speaking("ru"):
        assert views.due(soon).startswith("За 1 день до заседания: Дело о портовой забастовке")
