"""Screens of every width, colours of every kind, the focus: what everybody must be able to use."""

from contextlib import suppress

import pytest
from aiogram.exceptions import TelegramAPIError
from playwright.async_api import Browser, Locator, expect

from tests.page import gallery
from tests.page.hall import SMALL, WIDE, Hall, Seen, hall

NARROW = {"width": 320, "height": 640}


async def add_somebody(seen: Seen, name: str) -> None:
    await seen.page.get_by_role("button", name="Add people and groups").click()
    await seen.page.get_by_role("button", name="A person").click()
    await seen.page.get_by_label("Name").fill(name)
    await seen.page.get_by_role("button", name="Add", exact=True).click()


async def test_whoever_is_added_on_a_small_screen_is_shown(browser: Browser, here: Hall) -> None:
    seen = await here.opens(browser, size=SMALL)
    long = "Wolfgang Maximilian von und zu Hohenstein-Langenburg der Ältere"
    for name in ("Oleg", long):
        await add_somebody(seen, name)
        await expect(seen.find(".telephone:visible .owner b")).to_have_text(name)
        tab = seen.find(".tab[aria-pressed=true]")
        await expect(tab).to_contain_text(name)
        await expect(tab).to_be_in_viewport(ratio=0.99)
    box = await tab.bounding_box()
    assert box
    assert box["width"] <= SMALL["width"] / 2
    await expect(seen.find(".tabs")).to_contain_class("more-before")
    await seen.find(".tabs").evaluate("node => { node.scrollLeft = 0 }")
    await expect(seen.find(".tabs")).to_contain_class("more-after")
    await expect(seen.find(".tabs")).not_to_contain_class("more-before")
    assert await seen.page.evaluate(WIDTH) <= SMALL["width"]
    await seen.page.context.close()


async def test_whoever_is_added_beside_many_is_brought_there(here: Hall, page: Seen) -> None:
    for name in ("Oleg", "Boris", "Clara"):
        here.stage.add_person(name, "en", "Asia/Tbilisi")
    await expect(page.find(".telephone")).to_have_count(6)
    here.stage.hide(here.anna)
    await page.find(".telephones").evaluate("node => { node.scrollLeft = 0 }")
    await add_somebody(page, "Newcomer")
    await expect(page.phone("Newcomer").node).to_be_in_viewport(ratio=0.99)
    await page.find(".telephones").evaluate("node => { node.scrollLeft = 0 }")
    await page.page.get_by_role("button", name="Add people and groups").click()
    await page.page.get_by_role("button", name="Anna").click()
    await expect(page.phone("Anna").node).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("size", [SMALL, WIDE])
async def test_without_telephones_it_is_said_how_they_come_back(
    browser: Browser, here: Hall, size: dict[str, int]
) -> None:
    seen = await here.opens(browser, size=size)
    hint = seen.find(".no-telephones")
    await expect(hint).to_be_hidden()
    for person in (here.anna, here.vera, here.robin):
        here.stage.hide(person)
    await expect(hint).to_contain_text("All telephones are put away.")
    await expect(hint).to_be_in_viewport(ratio=0.99)
    await hint.get_by_role("button", name="Bring one back or add somebody").click()
    await seen.page.get_by_role("button", name="Вера").click()
    await expect(seen.phone("Вера").node).to_be_visible()
    await expect(hint).to_be_hidden()
    assert seen.wrong == []
    await seen.page.context.close()


WIDTH = """Math.max(document.documentElement.scrollWidth, document.body.scrollWidth,
    ...[...document.querySelectorAll('.top *')].map(one => one.getBoundingClientRect().right))"""


@pytest.mark.parametrize("language", ["en-US", "ru-RU"])
async def test_the_narrowest_screen_holds_the_whole_page(
    browser: Browser, here: Hall, language: str
) -> None:
    await gallery.show(here)
    seen = await here.opens(browser, size=NARROW, language=language)
    assert await seen.page.evaluate(WIDTH) <= NARROW["width"]
    await seen.find("[data-opens=troubles]").click()
    assert await seen.page.evaluate(WIDTH) <= NARROW["width"]
    await seen.page.context.close()


# -- the focus -------------------------------------------------------------------------------------


async def test_a_sheet_that_goes_gives_the_focus_to_its_button(
    browser: Browser, here: Hall
) -> None:
    seen = await here.opens(browser, size=SMALL)
    opener = seen.find("[data-opens=clock]")
    for way in ("Escape", "Enter"):
        await opener.click()
        inside = "[data-move='3600']" if way == "Escape" else ".sheet-head button"
        await seen.find(inside).focus()
        await seen.page.keyboard.press(way)
        await expect(seen.find("#clock")).to_be_hidden()
        await expect(opener).to_be_focused()
    await seen.page.context.close()


async def test_the_input_line_tells_of_its_list(page: Seen) -> None:
    input_ = page.phone("Anna").input
    await input_.press_sequentially("/")
    opened = page.phone("Anna").node.get_by_role("combobox", expanded=True)
    await expect(opened).to_have_attribute("aria-activedescendant", r"options-1-0")
    listed = await opened.get_attribute("aria-controls")
    await expect(page.find(f"#{listed}")).to_have_role("listbox")
    await page.page.keyboard.press("Escape")
    await expect(page.phone("Anna").node.get_by_role("textbox")).to_have_count(1)
    await expect(input_).not_to_have_attribute("aria-expanded", "true")


# -- colours ---------------------------------------------------------------------------------------

READABLE = 4.5
# The least of the ratios of a text to what is painted behind it, of every element that is seen.
RATIO = """async node => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const rgb = (colour, under) => {
        canvas.fillStyle = `rgb(${under.join(' ')})`;
        canvas.fillRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    };
    const light = (colour) => colour.map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const above = [];
    for (let one = node; one; one = one.parentElement) above.unshift(one);
    const painted = above.map((one) => getComputedStyle(one).backgroundColor);
    const behind = painted.reduce((under, colour) => rgb(colour, under), [255, 255, 255]);
    const text = rgb(getComputedStyle(node).color, behind);
    const [one, other] = [light(text), light(behind)].sort((a, b) => b - a);
    return (one + 0.05) / (other + 0.05);
}"""


async def ratio(what: Locator) -> float:
    """Of the one that is worst to read."""
    await expect(what.first).to_be_attached()
    return float(min([await one.evaluate(RATIO) for one in await what.all()]))


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_every_text_is_readable(browser: Browser, colours: str) -> None:
    async def due(now: object) -> dict[str, object]:
        return {"at": 4_000_000_000, "en": "A hearing", "ru": "Заседание"}

    async with hall(due=due) as here:
        await gallery.show(here)
        await here.anna.send("Mine", reply_to=here.anna.messages[0], wait=False)
        here.stage.strike("500", 2)
        for _ in "ab":
            with suppress(TelegramAPIError):
                await here.bot.get_me()
        here.stage.add_person("Newcomer", "en", "Asia/Tokyo")
        seen = await here.opens(browser, colours=colours)
        await seen.page.evaluate(VIA)
        found = {name: await ratio(seen.find(name)) for name in TEXTS}
        assert {name: value for name, value in found.items() if value < READABLE} == {}
        await seen.page.context.close()


TEXTS = [
    ".day span", ".row:not(.own, :has(.jumbo)) .meta time", ".row.own .meta", ".jumbo .meta",
    ".via", ".via button", ".forwarded", ".result", ".only[data-do=start]", ".next .primary",
    ".owner-words span", ".status", ".calls time", ".target", ".ahead", ".due span",
    ".file-size", ".coordinates", ".quoted b", ".keyboard .key", ".link", ".bot-light",
    ".reply-keyboard .key",
    ".failed .result", ".quoted span", ".file-icon .kind", ".ticks",
]  # fmt: skip
# Nothing here was sent by way of the bot, so one line says it was.
VIA = """() => {
    const line = document.createElement('p');
    line.className = 'via';
    line.innerHTML = 'via <button class="plain">@bot</button>';
    document.querySelector('.row.own .bubble').prepend(line);
}"""


async def test_colours_of_the_system_leave_everything_its_edge(
    browser: Browser, here: Hall
) -> None:
    await gallery.show(here)
    seen = await here.opens(browser, forced_colors="active")
    for what in (".bubble", ".keyboard .key", ".panel .button", ".reply-keyboard .key"):
        edge = await seen.find(what).first.evaluate(EDGE)
        assert edge[0] >= 1, what
        assert edge[1] != edge[2], what
    light, behind = await seen.find(".top .light").evaluate(FILL)
    assert light != behind
    await seen.page.context.close()


EDGE = """node => {
    const style = getComputedStyle(node);
    return [parseFloat(style.borderTopWidth), style.borderTopColor, style.backgroundColor];
}"""
FILL = """node => [node, document.querySelector('.top')]
    .map((one) => getComputedStyle(one).backgroundColor)"""
