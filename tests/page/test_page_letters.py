"""The address as somebody sees it on a telephone: all of it, and at once."""

import shutil
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.page.hall import Hall
from tests.town import town

TELEPHONE = {"width": 390, "height": 700}
MOST = 0.95
"""The page's own bars are higher than Telegram's."""


@pytest.mark.parametrize("days", [0, 32], ids=["fresh", "old"])
@pytest.mark.parametrize(("name", "language"), [("Anna", "en-US"), ("Вера", "ru-RU")])
async def test_nothing_pushes_an_address_out_of_sight(
    browser: Browser, here: Hall, sqlite_template: Path, tmp_path: Path,
    name: str, language: str, days: int,
) -> None:  # fmt: skip
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'bot.db')}"
    async with town(url, "format.yaml", telegram=here.telegram) as harbour:
        harbour.clock.forward(days=days)
        person = here.anna if name == "Anna" else here.vera
        await person.send("/letters")
        await person.press(person.last.labels[0])
        seen = await here.opens(browser, size=TELEPHONE, language=language)
        await seen.find(".tab").filter(has_text=name).click()
        phone = seen.phone(name)
        await expect(phone.words.locator("code")).to_be_in_viewport(ratio=MOST)
        copies = phone.button("Скопировать" if language == "ru-RU" else "Copy")
        await expect(copies).to_be_in_viewport(ratio=1)
        await seen.page.context.close()
