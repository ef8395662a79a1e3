"""What happens in a demo to the next hearing."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.db import Sessions
from bot.newsroom import Newsroom
from models import Hearing, HearingStatus
from tests.test_notices import FORMAT, NOW, Campaign
from tests.town import VAULT

START = datetime(2026, 11, 23, 5, tzinfo=UTC)
"""Three days later at 10:00 in Kamensk (UTC+5)."""
DAY = timedelta(days=1)


@pytest.fixture
async def newsroom(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> Newsroom:
    """No bot looks at what happens there."""
    monkeypatch.setattr("bot.newsroom.LOOK", 0.0)
    await Campaign(sessions).takes(FORMAT)
    return Newsroom(sessions, VAULT.mark_of)


async def hearing(newsroom: Newsroom) -> Hearing:
    async with newsroom.sessions() as session:
        return (await session.scalars(select(Hearing))).one()


async def test_the_next_hearing_is_shown(newsroom: Newsroom) -> None:
    assert await newsroom.coming(NOW) == {
        "at": START.timestamp(),
        "cancelled": False,
        "en": "The port strike case, Kamensk City Court",
        "ru": "Дело о портовой забастовке, Каменский городской суд",
    }
    assert await newsroom.coming(START) is None


async def test_it_is_moved_by_a_day_and_confirmed(newsroom: Newsroom) -> None:
    await newsroom.change("moved", NOW)
    changed = await hearing(newsroom)
    assert (changed.starts_at, changed.confirmed_at) == (START + DAY, NOW)


async def test_it_is_cancelled_and_takes_place_after_all(newsroom: Newsroom) -> None:
    await newsroom.change("cancelled", NOW)
    assert (await hearing(newsroom)).status == HearingStatus.CANCELLED
    coming = await newsroom.coming(NOW)
    assert coming
    assert coming["cancelled"]
    await newsroom.change("restored", NOW + DAY)
    assert (await hearing(newsroom)).status == HearingStatus.SCHEDULED


async def test_a_clock_that_was_set_back_stops_nothing(newsroom: Newsroom) -> None:
    """The later word is not repeated by an earlier one."""
    await newsroom.change("moved", NOW + DAY)
    await newsroom.change("moved", NOW)
    changed = await hearing(newsroom)
    assert (changed.starts_at, changed.confirmed_at) == (START + 2 * DAY, None)


async def test_of_what_has_begun_there_is_no_news(newsroom: Newsroom) -> None:
    with pytest.raises(LookupError):
        await newsroom.change("moved", START)
