"""Clock, troubles and the wire."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from aiogram.exceptions import TelegramAPIError
from playwright.async_api import Browser, expect

from tests.page.hall import SMALL, WIDE, Hall, Seen, hall, moment

HOUR = 3600


async def test_the_clock_goes_as_told(here: Hall, page: Seen) -> None:
    ahead = page.find(".ahead")
    await expect(ahead).to_contain_text("real time")
    await page.page.get_by_role("button", name="+1 hour").click()
    await expect(ahead).to_contain_text("+1 hr from now")
    await page.page.get_by_role("button", name="+1 day").click()
    await expect(ahead).to_contain_text("+1 day 1 hr from now")
    assert here.stage.clock.ahead == 25 * HOUR
    await page.page.get_by_role("button", name="Back to now").click()
    await expect(ahead).to_contain_text("real time")
    await expect(page.page.get_by_role("button", name="Go there")).to_be_disabled()


async def test_the_days_above_messages_follow_the_clock(here: Hall, page: Seen) -> None:
    await here.bot.send_message(here.anna.id, "Now")
    day = page.phone("Anna").node.locator(".day")
    await expect(day).to_have_text("Today")
    await page.page.get_by_role("button", name="+1 day").click()
    written = here.anna.messages[0].raw["date"]
    today = datetime.fromtimestamp(written, ZoneInfo("Europe/London"))
    await expect(day).to_have_text(re.compile(f"^{today:%-d %B}"), timeout=1000)
    await here.bot.send_message(here.anna.id, "Tomorrow")
    await expect(day.last).to_have_text("Today")
    await page.page.get_by_role("button", name="Back to now").click()
    await expect(day.first).to_have_text("Today", timeout=1000)
    await expect(day.last).not_to_have_text("Today")


async def test_the_clock_tells_a_year_that_is_not_this_one(here: Hall, page: Seen) -> None:
    date = page.find(".date")
    await expect(date).not_to_have_text(re.compile(r"\d{4}"))
    await here.stage.move(366 * 24 * HOUR)
    there = here.stage.clock().astimezone(ZoneInfo("UTC"))
    await expect(date).to_have_text(re.compile(f"{there:%B} {there.year}$"))


async def test_to_the_next_thing_that_is_due(browser: Browser) -> None:
    start = datetime.now().astimezone().timestamp()

    async def due(now: datetime) -> dict[str, Any] | None:
        at = start + 5 * HOUR
        told = {"at": at, "en": "A hearing", "ru": "Заседание"}
        return told if now.timestamp() < at else None

    async with hall(due=due) as here:
        seen = await here.opens(browser, language="ru")
        await expect(seen.find(".due b")).to_have_text("Заседание")
        await expect(seen.find(".due span")).to_contain_text("через 5 часов")
        await seen.page.get_by_role("button", name="Перейти туда").click()
        await expect(seen.find(".due")).to_have_text("Впереди ничего не назначено")
        assert round(here.stage.clock.ahead / HOUR) == 5
        await seen.page.context.close()


class Newsroom:
    """One hearing, of which nobody but the page hears."""

    def __init__(self) -> None:
        self.hearing: dict[str, Any] | None = {
            "at": moment("2030-01-10T09:00+00:00"), "cancelled": False, "en": "A case", "ru": "Дело"
        }  # fmt: skip

    async def coming(self, now: datetime) -> dict[str, Any] | None:
        return self.hearing and dict(self.hearing)

    async def change(self, what: str, now: datetime) -> None:
        if self.hearing is None:
            raise LookupError
        if what == "moved":
            self.hearing["at"] += 24 * HOUR
        else:
            self.hearing["cancelled"] = what == "cancelled"


async def test_the_next_hearing_is_moved_and_cancelled(here: Hall, page: Seen) -> None:
    told = page.find(".coming")
    await expect(told).to_be_hidden()  # there is no campaign
    here.stage.news = newsroom = Newsroom()
    await here.stage.move(0)
    await expect(told).to_contain_text("A case, Thu, 10 Jan 2030, 09:00")
    await page.page.get_by_role("button", name="Move by a day").click()
    await expect(told).to_contain_text("Fri, 11 Jan 2030, 09:00")
    await page.page.get_by_role("button", name="Cancel it").click()
    await expect(told.locator(".off")).to_have_text("Fri, 11 Jan 2030, 09:00")
    await expect(page.page.get_by_role("button", name="Move by a day")).to_be_hidden()
    await page.page.reload()
    await expect(told).to_contain_text("cancelled")
    await page.page.get_by_role("button", name="It takes place after all").click()
    await expect(told).not_to_contain_text("cancelled")
    await page.page.get_by_role("button", name="Cancel it").press("Enter")
    await expect(page.page.get_by_role("button", name="It takes place after all")).to_be_focused()
    await page.page.keyboard.press("Enter")
    await expect(page.page.get_by_role("button", name="Move by a day")).to_be_focused()
    newsroom.hearing = None  # it began just now
    await page.page.keyboard.press("Enter")
    await expect(page.find(".toast")).to_have_text("No hearing is coming")


async def test_what_comes_under_a_sheet_is_told_over_it(browser: Browser, here: Hall) -> None:
    seen = await here.opens(browser, size=SMALL)
    await here.bot.send_message(here.anna.id, "Seen")
    await seen.page.get_by_role("button", name="Clock").click()
    await here.bot.send_message(here.anna.id, "Cancelled: Friday\nNo need to go.")
    toast = seen.find(".toast")
    await expect(toast).to_have_text("Anna: Cancelled: Friday")
    assert await toast.evaluate(SEEN_IN_FULL)
    await seen.page.context.close()


async def test_troubles(here: Hall, page: Seen) -> None:
    await page.page.get_by_label("Slow network").select_option("300")
    await page.page.get_by_label("Telegram breaks (500)").select_option("every call")
    await page.page.get_by_role("button", name="Next update twice").click()
    await expect(page.find("[data-do=duplicate]")).to_have_text("1 update will come twice")
    assert here.stage.trouble() == {
        "slow": 300, "every": {"429": 0, "500": 1, "cut": 0}, "duplicate": 1,
    }  # fmt: skip
    await page.page.reload()
    await expect(page.page.get_by_label("Slow network")).to_have_value("300")
    await page.page.get_by_role("button", name="All calm").click()
    await expect(page.page.get_by_label("Slow network")).to_have_value("0")
    assert here.stage.trouble()["every"]["500"] == 0
    await expect(page.page.get_by_role("button", name="All calm")).to_be_disabled()


async def test_the_bots_light(here: Hall, page: Seen) -> None:
    light = page.find(".bot-state")
    for button, told in (("Kill", "killed"), ("Start again", "running"), ("Stop", "stopped")):
        await page.page.get_by_role("button", name=button, exact=True).click()
        await expect(light).to_contain_text(told)
        await expect(page.find(".bot-light")).to_contain_text(told)
    await expect(page.page.get_by_role("button", name="Kill")).to_be_disabled()
    here.stage.bot_is("stopped", "DATABASE_URL: no such folder")
    await expect(light).to_contain_text("DATABASE_URL")


SEEN_IN_FULL = """node => {
    const { left, top, width, height } = node.getBoundingClientRect();
    node.style.pointerEvents = 'auto';
    return node.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


async def test_a_refusal_is_seen_over_the_sheet_and_without_telephones(
    browser: Browser, here: Hall
) -> None:
    here.stage.process = None
    for size, away in ((SMALL, False), (SMALL, True), (WIDE, True)):
        if away:
            for person in (here.anna, here.vera, here.robin):
                here.stage.hide(person)
        seen = await here.opens(browser, size=size)
        if size is SMALL:
            await seen.page.get_by_role("button", name="Troubles").click()
        await seen.find("[data-do=kill]").evaluate("node => { node.hidden = false; node.click() }")
        toast = seen.find(".toast")
        await expect(toast).to_have_text("This cannot be done here")
        assert await toast.evaluate(SEEN_IN_FULL)
        await seen.page.context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def calls(here: Hall) -> None:
    await here.bot.send_message(here.anna.id, "Good")
    try:
        await here.bot.send_message(here.anna.id, "<b>bad")
    except TelegramAPIError:
        return


async def test_the_wire(here: Hall, page: Seen, calls: None) -> None:
    lines = page.find(".calls details")
    await expect(lines.first).to_contain_text("sendMessage")
    await expect(lines.first).to_contain_class("broken")
    await expect(page.find(".count")).to_have_text("1 rule broken")
    await expect(lines.nth(1)).to_contain_text("Anna")
    await lines.first.locator("summary").click()
    await expect(lines.first.locator(".violation")).to_contain_text("can't parse entities")
    await expect(lines.first.locator("pre").first).to_contain_text('"text": "<b>bad"')
    await page.page.get_by_label("Method or text").fill("mycommands")
    await expect(lines).to_have_count(2)
    await page.page.get_by_label("Method or text").fill("")
    await page.page.get_by_label("only errors").check()
    await expect(lines).to_have_count(1)
    await here.bot.send_message(here.anna.id, "Good again")
    await expect(lines).to_have_count(1)


async def test_the_same_again_is_one_line(here: Hall, page: Seen) -> None:
    here.telegram.faults.server_error(times=3, method="getUpdates")
    for _ in range(3):
        with pytest.raises(TelegramAPIError):
            await here.bot.get_updates()
        await page.looks_twice()
    await here.bot.send_message(here.anna.id, "Good")
    lines = page.find(".calls details")
    await expect(lines.first).to_contain_text("sendMessage")
    await expect(lines.nth(1)).to_contain_text("getUpdates×3")
    await expect(lines.nth(2)).not_to_contain_text("getUpdates")
    await page.page.reload()
    await expect(lines.nth(1)).to_contain_text("getUpdates×3")
