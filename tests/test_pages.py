"""A page of what is in the database is that of the list of all of it."""

import pytest
from sqlalchemy import insert, select

from bot.db import Sessions
from bot.services.pages import page_of, sliced
from models import HandledUpdate
from tests.town import NOW

pytestmark = pytest.mark.either_database


async def test_a_page_is_that_of_the_whole_list(sessions: Sessions) -> None:
    query = select(HandledUpdate.update_id).order_by(HandledUpdate.update_id)
    async with sessions() as session:
        for there in range(8):
            everything = list(range(there))
            for size in (1, 2, 3, 7, 8):
                for number in range(9):
                    found = await page_of(session, query, number, size)
                    assert found == sliced(everything, number, size)
            row = {"update_id": there, "handled_at": NOW}
            await session.execute(insert(HandledUpdate).values(row))
