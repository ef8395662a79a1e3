"""What the browser keeps: broken, refused, or of another run of the sandbox."""

import pytest
from playwright.async_api import Browser, expect

from tests.page.hall import SMALL, Hall, Seen, hall, opened

REFUSED = """for (const name of ["localStorage", "sessionStorage"]) {
    const get = () => { throw new DOMException("no", "SecurityError"); };
    Object.defineProperty(window, name, { get });
}"""
FULL = "Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); }"
BROKEN = ["{", "null", "[]", "7", '"x"', '{"step":-1}', '{"step":"x"}', '{"step":99,"since":{}}',
          '{"step":1.5,"since":7,"open":null,"person":{},"1001:1001":"x"}']  # fmt: skip


async def kept(browser: Browser, here: Hall, script: str) -> Seen:
    context = await browser.new_context(locale="en-US", reduced_motion="reduce")
    await context.add_init_script(script)
    return await opened(browser, here.telegram.url, context=context)


@pytest.mark.parametrize("value", BROKEN)
async def test_what_is_broken_is_as_if_it_were_not_there(
    browser: Browser, here: Hall, value: str
) -> None:
    names = ("tour", "seen", "language", "theme")
    seen = await kept(browser, here, "".join(f"localStorage.{name} = {value!r};" for name in names))
    await expect(seen.find(".telephone")).to_have_count(3)
    await expect(seen.find(".tour h2")).to_have_text("Find somebody")
    assert seen.wrong == []
    await seen.page.context.close()


@pytest.mark.parametrize("script", [REFUSED, FULL, "localStorage.language = 'constructor'"])
async def test_a_browser_that_keeps_nothing_shows_the_page(
    browser: Browser, here: Hall, script: str
) -> None:
    seen = await kept(browser, here, script)
    await expect(seen.find(".tour h2")).to_have_text("Find somebody")
    await seen.find("select.language").select_option("ru")
    await expect(seen.find(".tour h2")).to_have_text("Найдите человека")
    await seen.find(".theme").click()
    await seen.phone("Anna").write("Hello")
    await expect(seen.phone("Anna").words).to_have_text("Hello")
    assert seen.wrong == []
    await seen.page.context.close()


async def test_another_run_has_messages_of_its_own(browser: Browser) -> None:
    async with hall() as first:
        port = int(first.telegram.url.rpartition(":")[2])
        seen = await opened(browser, first.telegram.url, size=SMALL)
        badge = seen.find(".tab .badge")
        for _ in range(3):
            await first.bot.send_message(first.vera.id, "Hello")
        await expect(badge).to_have_text("3")
        await seen.find(".tab").nth(1).click()
        await expect(badge).to_have_count(0)
        await seen.find(".tab").nth(0).click()
    async with hall(port=port) as second:
        await seen.begins_anew()
        await expect(seen.phone("Вера").words).to_have_count(0)
        await second.bot.send_message(second.vera.id, "Hello again")
        await expect(badge).to_have_text("1")
        await seen.page.context.close()


async def test_of_another_run_nothing_is_joined(browser: Browser) -> None:
    """Its messages have the same numbers."""
    async with hall() as first:
        port = int(first.telegram.url.rpartition(":")[2])
        seen = await opened(browser, first.telegram.url)
        for _ in range(3):
            await first.bot.send_message(first.vera.id, "Hello")
        await expect(seen.phone("Вера").rows).to_have_count(3)
    async with hall(port=port) as second:
        await second.bot.send_message(second.anna.id, "Hello, Anna")
        await second.bot.send_message(second.vera.id, "Hello, Vera")
        await expect(seen.phone("Anna").words).to_have_text("Hello, Anna")
        await expect(seen.phone("Вера").rows).to_have_count(1)
        await seen.page.context.close()


async def test_another_run_has_a_tour_of_its_own(browser: Browser) -> None:
    async with hall() as first:
        port = int(first.telegram.url.rpartition(":")[2])
        seen = await opened(browser, first.telegram.url, tour=True)
        await seen.page.get_by_role("button", name="Next", exact=True).click()
        await expect(seen.find(".tour h2")).to_have_text("Follow them")
    async with hall(port=port):
        await expect(seen.find(".tour h2")).to_have_text("Find somebody")
        await seen.page.context.close()
