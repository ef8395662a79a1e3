"""A database to import into, and words for it."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import Sessions, make_engine, make_sessions
from bot.services import campaign_file
from bot.services.campaign_file import CampaignFileError, Difference
from bot.views import campaign_file as views
from models import CampaignVersion, Custody
from tests.town import VAULT

EXAMPLES = Path(__file__).parents[2] / "examples"
FORMAT = (EXAMPLES / "format.yaml").read_text(encoding="utf-8")
SAC = (EXAMPLES / "sac-2024.yaml").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 20, 12, 0, 40, tzinfo=UTC)  # 15:00 in Moscow, 17:00 in Yekaterinburg
# Ivan's come first.
STAYS = select(Custody).order_by(Custody.defendant_id, Custody.position)


class Keeper:
    """Somebody who keeps a campaign by its file."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    async def takes(self, text: str | bytes, **options: Any) -> list[Difference]:
        data = text.encode() if isinstance(text, str) else text
        async with self.sessions() as session:
            return await campaign_file.import_file(
                session, data, **{"name": "x.yaml", "now": NOW, "mark": VAULT.mark_of, **options}
            )

    async def hears(self, text: str | bytes) -> list[str]:
        """What is told to be wrong with a file; nothing may have changed."""
        before = await self.export(), await self.version()
        with pytest.raises(CampaignFileError) as refused:
            await self.takes(text)
        assert (await self.export(), await self.version()) == before
        return views.problems(refused.value).split("\n")

    async def export(self) -> bytes:
        async with self.sessions() as session:
            return await campaign_file.export(session)

    async def version(self) -> int:
        async with self.sessions() as session:
            return await session.scalar(select(CampaignVersion.version)) or 0

    async def one(self, query: Any) -> Any:
        async with self.sessions() as session:
            return await session.scalar(query)


@pytest.fixture
def keeper(sessions: Sessions) -> Keeper:
    """In both databases."""
    return Keeper(sessions)


@pytest.fixture
async def light(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Keeper]:
    """In SQLite alone, for what does not depend on the database."""
    file = shutil.copy(sqlite_template, tmp_path / "light.db")
    engine = make_engine(f"sqlite+aiosqlite:///{file}")
    yield Keeper(make_sessions(engine))
    await engine.dispose()


@pytest.fixture
async def harboured(keeper: Keeper) -> Keeper:
    """With the invented campaign in both databases."""
    await keeper.takes(FORMAT)
    return keeper
