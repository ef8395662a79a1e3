"""`make screenshots`: plays a short scene in the demo and writes the pictures that README shows."""

import asyncio
import base64
import re
import struct
import sys
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.demo import performance
from sandbox.stage import Stage
from tools.browser import found

FOLDER = Path(__file__).parent.parent / "docs"
MOST = 150_000  # bytes a picture
PORT = 8790
PATIENCE = 20_000  # milliseconds
REMINDED = re.compile("reminders? will be sent|Уйд[её]т|Уйдут")
PICTURES = {
    "demo.png": {
        "viewport": {"width": 1500, "height": 860}, "locale": "en-US", "color_scheme": "light",
    },
    "telephone.png": {
        "viewport": {"width": 390, "height": 880}, "locale": "ru-RU", "color_scheme": "dark",
    },
}  # fmt: skip
# The pixels as numbers of 256 colours, the commonest as they are: a third of the size.
PALETTE = """async (address) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, {width: image.width, height: image.height});
    const brush = canvas.getContext('2d');
    brush.drawImage(image, 0, 0);
    const {data} = brush.getImageData(0, 0, image.width, image.height);
    const colours = new Int32Array(data.length / 4).map((_, at) =>
        (data[4 * at] << 16) | (data[4 * at + 1] << 8) | data[4 * at + 2]);
    const counts = new Map(), similar = new Map();
    for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
    const common = (all, most) => [...all].sort((a, b) => b[1] - a[1]).slice(0, most);
    const kept = common(counts, 128).map(([colour]) => colour);
    for (const [colour, count] of counts) if (!kept.includes(colour)) {
        const alike = (colour & 0xe0e0e0) | 0x101010;
        similar.set(alike, (similar.get(alike) ?? 0) + count);
    }
    kept.push(...common(similar, 128).map(([colour]) => colour));
    const away = (a, b) => Math.abs((a >> 16) - (b >> 16))
        + Math.abs(((a >> 8) & 255) - ((b >> 8) & 255)) + Math.abs((a & 255) - (b & 255));
    const places = new Map(kept.map((colour, place) => [colour, place]));
    for (const colour of counts.keys()) if (!places.has(colour)) {
        let best = 0;
        for (let place = 1; place < kept.length; place += 1)
            if (away(kept[place], colour) < away(kept[best], colour)) best = place;
        places.set(colour, best);
    }
    const bytes = Array.from(colours, (colour) => String.fromCharCode(places.get(colour)));
    return [image.width, image.height, kept, btoa(bytes.join(''))];
}"""


def png(width: int, height: int, colours: list[int], pixels: bytes) -> bytes:
    rows = (b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = b"".join(colour.to_bytes(3, "big") for colour in colours)
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(b"".join(rows), 9)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in (*parts, (b"IEND", b"")))


def chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def telephone(page: Page, name: str) -> Locator:
    return page.locator(".telephone").filter(has=page.locator(".owner b", has_text=name))


async def press(node: Locator, label: str, comes: str) -> None:
    """The first button with this label of the newest keyboard, and what is to be seen then."""
    await node.locator(".keyboard").last.locator(".key", has_text=label).first.click()
    await expect(node.locator(".messages")).to_contain_text(comes, timeout=PATIENCE)


async def write(node: Locator, text: str, comes: str) -> None:
    await node.get_by_role("textbox").fill(text)
    await node.get_by_role("textbox").press("Enter")
    await expect(node.locator(".messages")).to_contain_text(comes, timeout=PATIENCE)


async def start(node: Locator) -> None:
    await node.locator(".only").click()
    await expect(node.locator(".keyboard")).to_be_visible(timeout=PATIENCE)


async def look_for(node: Locator, text: str, name: str) -> None:
    await write(node, text, name)
    await expect(node.locator(".keyboard").last).to_contain_text("🔔", timeout=PATIENCE)


async def follow(node: Locator) -> None:
    """By the card that is open; what is said then goes by."""
    await node.locator(".keyboard").last.locator(".key", has_text="🔔").click()
    await expect(node.locator(".toast").last).to_be_visible(timeout=PATIENCE)
    await expect(node.locator(".toast")).to_have_count(0, timeout=PATIENCE)


async def play(page: Page) -> None:
    """One is reminded of whom she follows, one has an address, one begins to follow."""
    alice, vera, robin = (telephone(page, name) for name in ("Alice", "Вера", "Robin"))
    for node in (alice, vera, robin):
        await start(node)
    await look_for(alice, "ldokin", "Ivan Lodkin")
    await follow(alice)
    await go_on(page, alice)
    await look_for(vera, "kjlrby", "Иван Лодкин")
    await press(vera, "Написать", "Лодкину Ивану")
    await look_for(robin, "lodkin", "Ivan Lodkin")
    await follow(robin)


async def go_on(page: Page, node: Locator) -> None:
    """To the next reminder, which comes."""
    await expect(page.locator(".due")).to_contain_text(REMINDED, timeout=PATIENCE)
    await page.locator("[data-move=due]").click()
    await expect(node.locator(".messages")).to_contain_text("⏰", timeout=PATIENCE)


async def opened(browser: Browser, stage: Stage, picture: str) -> Page:
    context = await browser.new_context(**PICTURES[picture], reduced_motion="reduce")
    await context.add_init_script("localStorage.setItem('tour', '{\"open\":false}')")
    page = await context.new_page()
    await page.goto(stage.telegram.url)
    await page.locator("body.ready").wait_for()
    return page


async def take(page: Page, picture: str) -> None:
    raw = base64.b64encode(await page.screenshot()).decode()
    width, height, colours, pixels = await page.evaluate(PALETTE, f"data:image/png;base64,{raw}")
    content = png(width, height, colours, base64.b64decode(pixels))
    if len(content) > MOST:
        sys.exit(f"{picture}: {len(content)} bytes, more than {MOST}")
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / picture).write_bytes(content)
    print(f"docs/{picture}: {len(content)} bytes")


async def be_reminded(page: Page) -> None:
    """On a small screen, where the clock is behind a button; she is reminded, too."""
    vera = telephone(page, "Вера")
    await page.locator(".tab").nth(1).click()
    await press(vera, "Карточка", "Иван Лодкин")
    await follow(vera)
    await page.locator("[data-opens=clock]").click()
    await go_on(page, vera)
    await page.keyboard.press("Escape")
    await expect(page.locator(".toast")).to_have_count(0, timeout=PATIENCE)
    await page.evaluate("document.activeElement?.blur()")


async def scene(browser: Browser, stage: Stage) -> None:
    wide = await opened(browser, stage, "demo.png")
    await play(wide)
    await take(wide, "demo.png")
    small = await opened(browser, stage, "telephone.png")
    await be_reminded(small)
    await take(small, "telephone.png")


async def main() -> None:
    with TemporaryDirectory() as folder:
        async with async_playwright() as playwright, performance(Path(folder), PORT) as (stage, _):
            browser = await playwright.chromium.launch(
                executable_path=found(), args=["--no-sandbox"]
            )
            await scene(browser, stage)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
