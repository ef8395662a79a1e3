"""The tour from start to end against the real `bot demo`, from the address that it prints on."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest
from playwright.async_api import Browser, Locator, expect

from bot.demo import performance
from tests.demos import started
from tests.page.hall import SMALL, WIDE, Phone, Seen, opened
from tests.town import free_port

# whose telephone, its buttons, tour's steps, buttons of clock and bot
WORDS = {
    "en-US": {
        "who": "Alice", "name": "ldokin", "found": "Ivan Lodkin", "follow": "🔔 Follow",
        "steps": ["Say hello", "Find somebody", "Follow them", "Turn the clock",
                  "Break something", "That is all"],
        "start": "START", "due": "Go there", "kill": "Kill", "again": "Start again",
        "next": "Next", "done": "Done",
        "told": "Here it is",
    },
    "ru-RU": {
        "who": "Вера", "name": "kjlrby", "found": "Иван Лодкин", "follow": "🔔 Следить",
        "steps": ["Поздоровайтесь", "Найдите человека", "Подпишитесь", "Переведите часы",
                  "Сломайте что-нибудь", "Вот и всё"],
        "start": "ЗАПУСТИТЬ", "due": "Перейти туда", "kill": "Убить", "again": "Запустить снова",
        "next": "Дальше", "done": "Готово",
        "told": "А вот и оно",
    },
}  # fmt: skip
MOST_CLICKS = 9
"""From the address that is printed to the reminder: fewer than ten."""
SOON = 10
"""Seconds from the moment that a reminder is due until it is on the page."""


class Walk:
    """Somebody who does what the tour says, and counts the clicks."""

    def __init__(self, seen: Seen, language: str) -> None:
        self.seen = seen
        self.words = WORDS[language]
        self.phone: Phone = seen.phone(str(self.words["who"]))
        self.tour: Locator = seen.find(".tour")
        self.steps = list(self.words["steps"])
        self.clicks = 0

    def named(self, word: str) -> Locator:
        return self.seen.page.get_by_role("button", name=str(self.words[word]), exact=True)

    async def click(self, what: Locator) -> None:
        self.clicks += 1
        await what.click()

    async def step(self) -> None:
        title = self.steps.pop(0)
        await expect(self.tour.locator("h2")).to_have_text(title)
        if self.steps:
            await expect(self.seen.find(".pointed:visible").first).to_be_visible()

    async def greet_and_follow(self) -> None:
        await self.step()
        await self.click(self.phone.node.get_by_role("button", name=str(self.words["start"])))
        await self.step()
        await self.click(self.phone.input)
        await self.phone.write(str(self.words["name"]))
        await expect(self.phone.words).to_contain_text(str(self.words["found"]))
        await self.step()
        await expect(self.seen.find(".pointed")).to_have_text(str(self.words["follow"]))
        await self.click(self.seen.find(".pointed"))

    async def go_on(self) -> None:
        """To what is due next: to be seen is "Go there", whatever the screen."""
        await self.step()
        button = await self.tour.locator("button.primary").element_handle()
        await self.click(self.named("due"))
        since = monotonic()
        await expect(self.phone.words).to_contain_text("⏰")
        assert monotonic() - since < SOON
        await expect(self.tour).to_contain_text(str(self.words["told"]))
        assert button
        assert await button.is_visible()  # not drawn anew, or a click just then would be lost

    async def break_and_mend(self) -> None:
        await self.step()
        await self.named("kill").click()
        await expect(self.seen.find(".bot-state .light")).to_contain_class("killed")
        rows = await self.phone.rows.count()
        await self.named("due").click()
        await self.named("again").click()
        await expect(self.phone.rows).to_have_count(rows + 1)
        await expect(self.phone.words).to_contain_text("⏰")


@pytest.mark.parametrize(("language", "size"), [("en-US", WIDE), ("ru-RU", SMALL)])
async def test_the_tour_from_start_to_end(
    browser: Browser, tmp_path: Path, language: str, size: dict[str, int]
) -> None:
    with started(tmp_path) as running:
        seen = await opened(browser, running.url, language=language, size=size, tour=True)
        walk = Walk(seen, language)
        await walk.greet_and_follow()
        await walk.go_on()
        assert walk.clicks <= MOST_CLICKS
        await walk.named("next").click()
        await walk.break_and_mend()
        await walk.step()
        await walk.named("done").click()
        await expect(walk.tour).to_be_hidden()
        await seen.page.reload()
        await seen.ready()
        await expect(walk.tour).to_be_hidden()
        await expect(seen.find(".calls .method").first).to_have_text("sendMessage")
        await expect(seen.find(".calls .failed, .calls .broken")).to_have_count(0)
        assert seen.wrong == []
        await seen.page.context.close()


async def test_whoever_comes_later_goes_on_where_others_stopped(
    browser: Browser, tmp_path: Path
) -> None:
    """At each step something that can be seen is pointed at, whatever others have done before."""
    async with performance(tmp_path, 0) as (stage, _):
        await asyncio.wait_for(stage.polls.wait(), 60)
        alice, vera, _robin = stage.people.values()
        await alice.send("/start")
        await alice.send("Lodkin")
        await alice.send("/start")
        seen = await opened(browser, stage.telegram.url, tour=True)
        title, pointed = seen.find(".tour h2"), seen.find(".pointed:visible")
        await expect(title).to_have_text("Find somebody")  # the menu's bell is none of a card
        await expect(pointed).to_contain_class("bottom")
        await expect(seen.find(".tour p")).to_contain_text("“Ivan Lodkin”")
        await seen.page.get_by_role("button", name="Next", exact=True).click()
        await expect(title).to_have_text("Follow them")
        await expect(pointed).to_contain_class("bottom")
        await alice.send("Lodkin")
        await expect(pointed).to_have_text("🔔 Follow")
        await alice.press("Follow")
        await expect(title).to_have_text("Turn the clock")
        await seen.page.context.close()
        later = await opened(browser, stage.telegram.url, tour=True, language="ru-RU")
        await expect(later.find(".tour h2")).to_have_text("Поздоровайтесь")  # Vera has not
        await later.phone("Вера").node.get_by_role("button", name="ЗАПУСТИТЬ").click()
        await expect(later.find(".tour h2")).to_have_text("Найдите человека")
        await vera.send("Лодкин")
        await expect(later.find(".pointed:visible")).to_have_text("🔔 Следить")
        await vera.press("Следить")
        await expect(later.find(".tour h2")).to_have_text("Переведите часы")
        await later.page.get_by_role("button", name="Назад").click()
        await later.page.wait_for_timeout(1200)  # two looks whether it is done
        await expect(later.find(".tour h2")).to_have_text("Подпишитесь")
        await later.page.context.close()
        last = await opened(browser, stage.telegram.url, tour=True)
        await expect(last.find(".tour h2")).to_have_text("Turn the clock")
        await expect(last.find(".pointed:visible")).to_contain_text("Go there")
        await last.page.context.close()


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
        await expect(tour.locator("h2")).to_have_text("Find somebody")
        await tour.get_by_role("button", name="Back").click()
        await expect(tour.locator("h2")).to_have_text("Say hello")
        await seen.page.context.close()
