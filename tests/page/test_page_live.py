"""Several pages, a server that goes and comes, chats of thousands of messages."""

from aiogram.types import BufferedInputFile
from playwright.async_api import Browser, expect

from tests.page.hall import EXPECTED, Hall, Seen, hall, opened, png

MANY = 10_000
MOST_NODES = 140


async def test_two_pages_see_the_same(browser: Browser, here: Hall, page: Seen) -> None:
    other = await here.opens(browser, language="ru")
    await page.phone("Anna").write("From one")
    await expect(other.phone("Anna").words).to_have_text("From one")
    await other.page.get_by_role("button", name="+1 день").click()
    await expect(page.find(".ahead")).to_contain_text("+1 day from now")
    await other.page.get_by_role("button", name="Убить").click()
    await expect(page.find(".bot-state")).to_have_text("The bot was killed")
    assert other.wrong == []
    await other.page.context.close()


async def test_a_reload_loses_nothing(here: Hall, page: Seen) -> None:
    group = here.telegram.group("Friends", members=[here.vera], admins=[here.anna])
    here.stage.add_place(group)
    here.stage.show(here.anna, group.chat)
    await here.anna.send("Hello", chat=group, wait=False)
    await page.page.reload()
    await page.ready()
    await expect(page.phone("Anna").node.locator("h2").first).to_have_text("Friends")
    await expect(page.phone("Anna").words).to_have_text("Hello")


async def test_it_comes_back_when_the_server_does(browser: Browser) -> None:
    async with hall() as first:
        port = int(first.telegram.url.rpartition(":")[2])
        await first.bot.send_message(first.anna.id, "Before")
        seen = await opened(browser, first.telegram.url)
        await seen.phone("Anna").input.fill("A draft")
    await expect(seen.find(".banner")).to_have_text("No connection to the sandbox. Trying again…")
    await seen.phone("Anna").input.press("Enter")
    await expect(seen.phone("Anna").toasts).to_have_text("No connection to the sandbox")
    await expect(seen.phone("Anna").input).to_have_value("A draft")
    async with hall(port=port) as second:
        await expect(seen.find(".banner")).to_be_hidden()
        await second.bot.send_message(second.anna.id, "After")
        await expect(seen.phone("Anna").words).to_have_text("After")
        await expect(seen.phone("Anna").rows).to_have_count(1)
        await expect(seen.phone("Anna").input).to_have_value("A draft")
        assert [line for line in seen.wrong if not line.startswith(EXPECTED)] == []
        await seen.page.context.close()


async def fill(here: Hall, number: int) -> None:
    """Straight into the world, as the bot's own."""
    for index in range(number):
        here.telegram.world.add_message(
            here.anna.chat, here.telegram.world.bot, {"text": f"Message {index}"}
        )


async def test_ten_thousand_messages(browser: Browser, here: Hall) -> None:
    await fill(here, MANY)
    seen = await here.opens(browser)
    phone = seen.phone("Anna")
    await expect(phone.words).to_have_text(f"Message {MANY - 1}")
    assert await phone.rows.count() <= MOST_NODES
    for _ in range(6):
        await phone.node.locator(".messages").evaluate("node => { node.scrollTop = 0 }")
        await seen.page.wait_for_timeout(60)
    assert await phone.rows.count() <= MOST_NODES
    first = int((await phone.rows.first.get_attribute("data-id")) or 0)
    assert first < MANY - 200
    await fill(here, 3)
    pill = phone.node.locator(".pill")
    await expect(pill).to_have_text("3 new messages")
    await pill.click()
    await expect(phone.words).to_have_text("Message 2")
    await expect(pill).to_be_hidden()
    assert await phone.rows.count() <= MOST_NODES
    await seen.page.context.close()


async def test_what_is_looked_at_stays_when_older_ones_come(browser: Browser, here: Hall) -> None:
    await fill(here, 300)
    seen = await here.opens(browser)
    list_ = seen.phone("Anna").node.locator(".messages")
    moved = await list_.evaluate("""async (node) => {
        node.scrollTop = 500;
        const top = (one) => one.getBoundingClientRect().top;
        const row = [...node.children].find((one) => top(one) > top(node));
        const before = top(row), rows = node.children.length;
        await new Promise((resolve) => setTimeout(resolve, 400));
        return [Math.abs(top(row) - before), node.children.length - rows];
    }""")
    assert moved[0] < 2
    assert moved[1] > 20
    await seen.page.context.close()


async def test_a_picture_that_comes_late_leaves_the_end_in_sight(
    browser: Browser, here: Hall
) -> None:
    await fill(here, 30)
    await here.bot.send_photo(here.anna.id, BufferedInputFile(png(400, 300), "photo.png"))
    await here.bot.send_message(here.anna.id, "The end")
    seen = await here.opens(browser)
    phone = seen.phone("Anna")
    loaded = "node => node.complete && node.naturalHeight"
    for text in ("The end", "The new end"):
        await expect(phone.words).to_have_text(text)
        picture = await phone.node.locator(".picture img").last.element_handle()
        assert picture
        await seen.page.wait_for_function(loaded, arg=picture)
        await expect(phone.last).to_be_in_viewport(ratio=0.99)
        await here.bot.send_photo(here.anna.id, BufferedInputFile(png(400, 301), "photo.png"))
        await here.bot.send_message(here.anna.id, "The new end")
    await seen.page.context.close()


async def test_a_burst_while_one_looks_on(here: Hall, page: Seen) -> None:
    await fill(here, 2000)
    phone = page.phone("Anna")
    await expect(phone.words).to_have_text("Message 1999")
    assert await phone.rows.count() <= MOST_NODES
    await expect(phone.node.locator(".pill")).to_be_hidden()
