"""The tour from start to end against `bot demo`: its stage, and the real bot as a process."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from bot.demo import performance
from tests.page.hall import Phone, Seen, opened
from tests.town import free_port

# tour's steps, START, a button, a name to look for, what is found, buttons of clock and bot
WORDS = {
    "en-US": {
        "steps": ["Say hello", "Press a button", "Find somebody", "Turn the clock",
                  "Break something", "That is all"],
        "start": "START", "hearings": "Hearings", "due": "Go there", "kill": "Kill",
        "again": "Start again", "done": "Done",
    },
    "ru-RU": {
        "steps": ["Поздоровайтесь", "Нажмите кнопку", "Найдите человека", "Переведите часы",
                  "Сломайте что-нибудь", "Вот и всё"],
        "start": "ЗАПУСТИТЬ", "hearings": "Hearings", "due": "Перейти туда", "kill": "Убить",
        "again": "Запустить снова", "done": "Готово",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", list(WORDS))
async def test_the_tour_from_start_to_end(browser: Browser, tmp_path: Path, language: str) -> None:
    words = WORDS[language]
    async with performance(tmp_path, free_port()) as (stage, bot):
        assert await bot.serves(asyncio.Event())
        seen = await opened(browser, stage.telegram.url, language=language, tour=True)
        tour, alice, vera = seen.find(".tour"), seen.phone("Alice"), seen.phone("Вера")
        step = Step(tour, list(words["steps"]))
        await step.comes()
        await alice.node.get_by_role("button", name=str(words["start"])).click()
        await step.comes()
        await alice.button(str(words["hearings"])).click()
        await step.comes()
        await find_somebody(vera, str(words["start"]))
        await step.comes()
        await seen.page.get_by_role("button", name=str(words["due"])).click()
        await step.comes()
        await break_and_mend(seen, vera, words)
        await step.comes()
        await tour.get_by_role("button", name=str(words["done"])).click()
        await expect(tour).to_be_hidden()
        await seen.page.reload()
        await seen.ready()
        await expect(tour).to_be_hidden()
        assert seen.wrong == []
        assert stage.violations == 0
        await seen.page.context.close()


class Step:
    def __init__(self, tour: Locator, titles: list[str]) -> None:
        self.tour = tour
        self.titles = titles

    async def comes(self) -> None:
        title = self.titles.pop(0)
        await expect(self.tour.locator("h2")).to_have_text(title)
        if self.titles:
            await expect(self.tour.page.locator(".pointed:visible").first).to_be_visible()


async def find_somebody(vera: Phone, start: str) -> None:
    await vera.node.get_by_role("button", name=start).click()
    await expect(vera.last.locator(".keyboard")).to_be_visible()
    await vera.write("kjlrby")
    await expect(vera.words).to_contain_text("Иван Лодкин")


async def break_and_mend(seen: Seen, vera: Phone, words: dict[str, object]) -> None:
    """What is written to a dead bot is answered when it lives again."""
    await seen.page.get_by_role("button", name=str(words["kill"]), exact=True).click()
    await expect(seen.find(".bot-state .light")).to_contain_class("killed")
    await vera.write("марта")
    await seen.page.get_by_role("button", name=str(words["again"])).click()
    await expect(vera.words).to_contain_text("Марта Ветрова")


async def test_the_tour_can_be_left_and_found_again(browser: Browser, tmp_path: Path) -> None:
    async with performance(tmp_path, free_port()) as (stage, _):
        seen = await opened(browser, stage.telegram.url, tour=True)
        tour = seen.find(".tour")
        await tour.get_by_role("button", name="Next").click()
        await tour.get_by_role("button", name="Close the tour").click()
        await seen.page.reload()
        await seen.ready()
        await expect(tour).to_be_hidden()
        await seen.page.get_by_role("button", name="Tour").click()
        await expect(tour.locator("h2")).to_have_text("Press a button")
        await tour.get_by_role("button", name="Back").click()
        await expect(tour.locator("h2")).to_have_text("Say hello")
        await seen.page.context.close()
