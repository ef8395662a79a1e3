"""The tour from start to end against the real `bot demo`, from the address that it prints on."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import pytest_asyncio
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message
from playwright.async_api import Browser, Locator, expect

from bot.demo import performance
from sandbox.telegram import utc
from tests.demos import started
from tests.page.hall import SMALL, WIDE, Hall, Phone, Seen, hall, opened
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
        "who": "Вера", "name": "kjlrby", "found": "Иван Лодкин", "follow": "🔔 Подписаться",
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
        await expect(later.find(".pointed:visible")).to_have_text("🔔 Подписаться")
        await vera.press("Подписаться")
        await expect(later.find(".tour h2")).to_have_text("Переведите часы")
        await later.page.get_by_role("button", name="Назад").click()
        await later.looks_twice()
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


# What follows is played by hand, and what is due comes once.

HEARING = timedelta(days=3)
TITLE = ".tour h2"


def keys(label: str, data: str) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(text=label, callback_data=data)
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


OFFER, FOLLOWING = keys("🔔 Follow", "fwho:1:1"), keys("✓ Following", "fwho:1:0")
WAYS_OUT = keys("✖️ Unfollow", "unfollow:1:0:1")


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Hall]:
    """Somebody is told of a hearing in three days, whoever that is."""
    at = (utc() + HEARING).timestamp()

    async def due(now: datetime) -> dict[str, Any] | None:
        soon = now.timestamp() < at
        return {"at": at, "told": 1, "en": "A hearing", "ru": "Суд"} if soon else None

    async with hall(due=due) as here:
        yield here


@pytest_asyncio.fixture(loop_scope="session")
async def toured(browser: Browser, stage: Hall) -> AsyncIterator[Seen]:
    """Anna's tour: she pressed START long ago."""
    seen = await stage.opens(browser, tour=True)
    await expect(seen.find(TITLE)).to_have_text("Find somebody")
    yield seen
    await seen.page.context.close()
    assert seen.wrong == []


async def offered(stage: Hall) -> Message:
    return await stage.bot.send_message(stage.anna.id, "Ivan Lodkin", reply_markup=OFFER)


async def followed(stage: Hall, card: Message) -> None:
    await stage.bot.edit_message_reply_markup(
        chat_id=stage.anna.id, message_id=card.message_id, reply_markup=FOLLOWING
    )


async def noticed(stage: Hall, text: str) -> Message:
    return await stage.bot.send_message(stage.anna.id, text, reply_markup=WAYS_OUT)


async def still(seen: Seen, title: str, text: str = "") -> None:
    """Also after the tour looked twice more."""
    await seen.looks_twice()
    await expect(seen.find(TITLE)).to_have_text(title)
    await expect(seen.find(".tour p")).to_contain_text(text)


async def at_the_clock(stage: Hall, seen: Seen) -> None:
    await followed(stage, await offered(stage))
    await expect(seen.find(TITLE)).to_have_text("Turn the clock")


def named(seen: Seen, name: str) -> Locator:
    return seen.page.get_by_role("button", name=name, exact=True)


async def speaks(seen: Seen, language: str) -> None:
    await seen.find("select.language").select_option(language)


async def test_what_others_do_is_not_taken_for_its_own(stage: Hall, toured: Seen) -> None:
    bot, pointed = stage.bot, toured.find(".pointed:visible")
    await bot.send_message(stage.anna.id, "I found nobody", reply_markup=keys("Cases", "cases::0"))
    await bot.send_message(stage.vera.id, "A card", reply_markup=OFFER)
    await still(toured, "Find somebody")
    card = await offered(stage)
    await expect(toured.find(TITLE)).to_have_text("Follow them")
    await expect(pointed).to_have_text("🔔 Follow")
    await bot.send_message(stage.vera.id, "A card", reply_markup=FOLLOWING)
    await still(toured, "Follow them")
    await followed(stage, card)
    await expect(toured.find(TITLE)).to_have_text("Turn the clock")


async def test_the_message_that_came_is_framed_and_no_other(stage: Hall, toured: Seen) -> None:
    bot, pointed, text = stage.bot, toured.find(".pointed:visible"), toured.find(".tour p")
    await at_the_clock(stage, toured)
    await noticed(stage, "Before the clock moved")
    await named(toured, "Go there").click()
    await bot.send_message(stage.vera.id, "Vera's", reply_markup=WAYS_OUT)
    await bot.send_message(stage.anna.id, "An answer")
    await toured.looks_twice()
    await expect(text).not_to_contain_text("Here it is")
    await noticed(stage, "⏰ A hearing")
    await expect(text).to_contain_text("Here it is")
    await bot.send_message(stage.anna.id, "Another answer")
    await toured.looks_twice()
    await expect(pointed).to_contain_text("⏰ A hearing")
    await named(toured, "Back to now").click()
    await expect(text).to_contain_text("Press “Go there”")
    await still(toured, "Turn the clock", "Press “Go there”")


async def test_past_all_that_was_due_one_goes_back_to_now(stage: Hall, toured: Seen) -> None:
    pointed, text = toured.find(".pointed:visible"), toured.find(".tour p")
    await at_the_clock(stage, toured)
    await stage.stage.move(timedelta(days=5).total_seconds())
    await expect(text).to_contain_text("Press “Back to now”")
    await expect(pointed).to_have_text("Back to now")
    await named(toured, "Next").click()
    await expect(toured.find(TITLE)).to_have_text("Break something")
    await expect(text).to_contain_text("Press “Back to now”")
    await named(toured, "Kill").click()
    await expect(pointed).to_have_text("Back to now")
    await pointed.click()
    await expect(text).to_contain_text("Kill the bot")
    await expect(pointed).to_contain_text("Go there")
    await named(toured, "Back").click()
    await expect(text).to_contain_text("Press “Go there”")


async def test_a_time_at_which_nobody_is_told_is_not_praised(browser: Browser) -> None:
    async def due(now: datetime) -> dict[str, Any]:
        return {"at": now.timestamp() + 3600, "told": 0, "en": "A hearing", "ru": "Суд"}

    async with hall(due=due) as here:
        seen = await here.opens(browser, tour=True)
        await at_the_clock(here, seen)
        await expect(seen.find(".tour p")).to_contain_text("Nobody gets a message then")
        await seen.page.context.close()


async def test_a_reload_and_another_language_lose_nothing(stage: Hall, toured: Seen) -> None:
    pointed, text = toured.find(".pointed:visible"), toured.find(".tour p")
    await at_the_clock(stage, toured)
    await named(toured, "Go there").click()
    await toured.page.reload()
    await noticed(stage, "⏰ A hearing")
    for _ in range(2):
        await expect(text).to_contain_text("Here it is")
        await expect(pointed).to_contain_text("⏰ A hearing")
        await toured.page.reload()
    await speaks(toured, "ru")
    await expect(text).to_contain_text("А вот и оно")
    await expect(pointed).to_contain_text("⏰ A hearing")
    await speaks(toured, "en")
    await named(toured, "Next").click()
    await named(toured, "Kill").click()
    await named(toured, "Back to now").click()
    await toured.page.reload()
    await expect(pointed).to_contain_text("Go there")
    await named(toured, "Go there").click()
    await speaks(toured, "ru")
    await expect(pointed).to_contain_text("Запустить снова")
    await toured.page.reload()
    await expect(pointed).to_contain_text("Запустить снова")
    await noticed(stage, "⏰ A hearing")
    await expect(toured.find(TITLE)).to_have_text("Вот и всё")


async def test_a_bot_that_is_down_already_need_not_be_killed(stage: Hall, toured: Seen) -> None:
    await at_the_clock(stage, toured)
    stage.stage.bot_is("killed")
    await named(toured, "Next").click()
    await expect(toured.find(".pointed:visible")).to_contain_text("Go there")


async def test_with_a_group_open_the_way_to_the_bot_is_shown(stage: Hall, toured: Seen) -> None:
    pointed = toured.find(".pointed:visible")
    group = stage.telegram.group("Friends", members=[stage.vera], admins=[stage.anna])
    stage.stage.add_place(group)
    stage.stage.show(stage.anna, group.chat)
    await expect(toured.find(".tour p")).to_contain_text("Another chat is open on Anna's telephone")
    await expect(pointed).to_have_attribute("aria-label", "Chats")
    await pointed.click()
    await expect(pointed).to_contain_text("Solidarity")
    await pointed.click()
    await expect(pointed).to_contain_class("bottom")
    await expect(toured.find(".tour p")).to_contain_text("Type “")


OVERLAP = """(selector) => {
    const tour = document.querySelector(".tour").getBoundingClientRect();
    return [...document.querySelectorAll(selector)].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.left < tour.right && tour.left < box.right
            && box.top < tour.bottom && tour.top < box.bottom;
    }).map((one) => one.className);
}"""
IS_TOP_COVERED = """(bubble) => {
    const tour = document.querySelector(".tour").getBoundingClientRect();
    const { top } = bubble.getBoundingClientRect();
    return tour.top <= top && top <= tour.bottom;
}"""
NEEDED = ".bottom, .pointed, .clock .next, .clock .buttons, .life, .top button"


@pytest.mark.parametrize(
    "size", [WIDE, {"width": 1600, "height": 700}, {"width": 1000, "height": 800}]
)
async def test_the_box_covers_nothing_that_is_needed(
    browser: Browser, stage: Hall, size: dict[str, int]
) -> None:
    stage.anna.user.started = stage.vera.user.started = False
    seen = await stage.opens(browser, tour=True, size=size)

    async def step(title: str) -> None:
        await still(seen, title)
        assert await seen.page.evaluate(OVERLAP, NEEDED) == [], title

    await step("Say hello")
    await stage.anna.send("/start", wait=False)
    await named(seen, "Next").click()
    await step("Find somebody")
    long = "Ivan Lodkin\n" + "crane driver, union steward\n" * 12
    card = await stage.bot.send_message(stage.anna.id, long, reply_markup=OFFER)
    await step("Follow them")
    await followed(stage, card)
    await step("Turn the clock")
    await stage.stage.move(3600)
    await noticed(stage, long)
    await step("Turn the clock")
    await named(seen, "Next").click()
    await step("Break something")
    await named(seen, "Next").click()
    await step("That is all")
    await seen.page.context.close()


async def test_on_a_small_screen_what_is_pointed_at_is_to_be_seen(
    browser: Browser, stage: Hall
) -> None:
    seen = await stage.opens(browser, tour=True, size=SMALL)

    async def to_be_seen() -> None:
        await seen.looks_twice()
        await expect(seen.find(".pointed:visible")).to_have_count(1)
        assert await seen.page.evaluate(OVERLAP, ".pointed") == []

    await to_be_seen()
    group = stage.telegram.group("Friends", admins=[stage.anna])
    stage.stage.add_place(group)
    stage.stage.show(stage.anna, group.chat)
    await to_be_seen()
    await seen.find(".pointed").click()
    await to_be_seen()
    await seen.find(".pointed").click()
    await to_be_seen()
    card = await offered(stage)
    await to_be_seen()
    await followed(stage, card)
    await to_be_seen()
    await named(seen, "Go there").click()
    await to_be_seen()
    await noticed(stage, "⏰ A hearing")
    await to_be_seen()
    await named(seen, "Next").click()
    await to_be_seen()
    await named(seen, "Next").click()
    for lines in (1, 16):  # what came last is read to the end, or from its first line
        await noticed(stage, "A hearing\n" * lines)
        await still(seen, "That is all")
        assert not await seen.find(".shown .row:last-child .bubble").evaluate(IS_TOP_COVERED)
    await seen.page.context.close()


async def test_a_telephone_put_away_hands_the_tour_on(stage: Hall, toured: Seen) -> None:
    await at_the_clock(stage, toured)
    stage.stage.hide(stage.anna)
    await expect(toured.find(TITLE)).to_have_text("Find somebody")
    await expect(toured.find(".pointed:visible")).to_contain_class("bottom")
    for person in (stage.vera, stage.robin):
        stage.stage.hide(person)
    await still(toured, "Find somebody", "All telephones are put away.")
    await expect(toured.find(".pointed:visible")).to_contain_text("Bring one back")


async def test_escape_closes_the_tour(toured: Seen) -> None:
    page, tour = toured.page, toured.find(".tour")
    await named(toured, "Add people and groups").click()
    await page.keyboard.press("Escape")  # the window's
    await expect(toured.find("dialog")).to_have_count(0)
    await expect(tour).to_be_visible()
    await named(toured, "Next").focus()
    await page.keyboard.press("Escape")
    await expect(tour).to_be_hidden()
    await expect(named(toured, "Tour")).to_be_focused()
    await named(toured, "Tour").click()
    await expect(tour).to_be_visible()
