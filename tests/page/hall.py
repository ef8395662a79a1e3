"""A hall to test the chat page in: the real server, a bot that does as told, a browser.

async with hall() as here:
    page = await here.opens(browser)
    await here.bot.send_message(here.anna.id, "Hello")
    await expect(page.phone("Anna").last).to_have_text("Hello")
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.types import BotCommand
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from sandbox import Limits, Person, Sandbox
from sandbox.live import Live
from sandbox.stage import Due, Stage, StageClock

TOKEN = "42:TEST"
WIDE = {"width": 1600, "height": 1000}
SMALL = {"width": 390, "height": 844}
LOOKS_TWICE = """async () => {
  const { ask } = await import("/page/live.js");
  const { tell } = await import("/page/store.js");
  await ask("nothing").catch(() => {});  // refused in its turn, after all that came before
  for (const _ of [1, 2]) {
    tell("tick");
    await new Promise(requestAnimationFrame);
  }
}"""
EXPECTED = ("Failed to load resource", "WebSocket connection to")
"""What a browser writes by itself while the server is away."""


class Process:
    """Stands for the bot's process: it runs, or it does not."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def kill(self) -> None:
        self.stage.bot_is("killed")

    async def stop(self) -> None:
        self.stage.bot_is("stopped")

    async def restart(self) -> None:
        self.stage.bot_is("running")


@dataclass
class Hall:
    telegram: Sandbox
    stage: Stage
    live: Live
    bot: Bot
    anna: Person
    vera: Person
    robin: Person

    async def opens(self, browser: Browser, **how: Any) -> "Seen":
        """The page in a browser of its own: language, size, colours."""
        return await opened(browser, self.telegram.url, **how)

    async def pressed(self) -> dict[str, Any]:
        """The newest press that nobody answered yet; waits for one."""
        await until(lambda: self.telegram.unanswered, "nobody pressed")
        return self.telegram.unanswered[-1]

    async def said(self, person: Person, text: str) -> None:
        """Waits until somebody has said so."""
        await until(lambda: text in [m.text for m in person.messages if not m.from_bot], text)


async def until(condition: Callable[[], Any], otherwise: str, seconds: float = 10) -> None:
    """What a browser does comes when it comes."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(otherwise) from None


@asynccontextmanager
async def hall(
    *, due: Due | None = None, port: int = 0, history: int = 20_000
) -> AsyncIterator[Hall]:
    clock = StageClock()
    telegram = Sandbox(TOKEN, now=clock, limits=Limits.off(), history=history)
    stage = Stage(telegram, clock, due=due)
    stage.process = Process(stage)
    live = Live(stage)
    telegram.server.routes += live.routes()
    await telegram.start(port)
    looking = asyncio.create_task(stage.run())
    anna = stage.add_person("Anna", "en", "Europe/London", "supporter")
    vera = stage.add_person("Вера", "ru", "Europe/Moscow", "writer")
    robin = stage.add_person("Robin", "en", "Asia/Yekaterinburg", "coordinator")
    for person in (anna, vera, robin):
        person.user.started = True
    stage.bot_is("running")
    html = DefaultBotProperties(parse_mode="HTML")
    bot = Bot(TOKEN, session=telegram.session(), default=html)
    try:
        await introduce(bot)
        yield Hall(telegram, stage, live, bot, anna, vera, robin)
    finally:
        looking.cancel()
        await bot.session.close()
        await live.close()
        await telegram.stop()


async def introduce(bot: Bot) -> None:
    english = {"start": "The menu", "cases": "Cases and people", "help": "Help"}
    russian = {"start": "Меню", "cases": "Дела и люди", "help": "Помощь"}
    for code, commands in ((None, english), ("ru", russian)):
        told = [BotCommand(command=name, description=text) for name, text in commands.items()]
        await bot.set_my_commands(told, language_code=code)
    await bot.set_my_description("Shows everything a bot can show.")


class Phone:
    """One telephone on the page."""

    def __init__(self, page: Page, name: str) -> None:
        told = page.locator(".telephone").filter(has=page.locator(".owner b", has_text=name))
        self.node: Locator = told
        self.input = told.locator(".input")
        self.rows = told.locator(".row")
        self.last = told.locator(".row").last
        self.words = told.locator(".row").last.locator(".words")
        self.toasts = told.locator(".toast")
        self.alert = told.get_by_role("alertdialog")
        self.options = told.get_by_role("option")
        self.menu = told.get_by_role("menuitem")

    def button(self, label: str) -> Locator:
        return self.node.locator(".key", has_text=label).last

    async def write(self, text: str) -> None:
        await self.input.fill(text)
        await self.input.press("Enter")


class Seen:
    """The page as somebody has it before them, and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        self.loads = 0
        page.on("load", self.on_load)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", self.on_console)
        page.on("request", lambda request: self.on_request(request.url))

    def on_load(self) -> None:
        self.loads += 1

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            self.wrong.append(message.text)

    def on_request(self, url: str) -> None:
        """Nothing but its own server is ever asked."""
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.wrong.append(f"asked {url}")

    def phone(self, name: str) -> Phone:
        return Phone(self.page, name)

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    async def ready(self) -> None:
        await self.page.locator("body.ready").wait_for()

    async def begins_anew(self) -> None:
        """By itself, as another run answers it."""
        await until(lambda: self.loads > 1, "the page goes on as if nothing were", 20)
        await self.ready()

    async def looks_twice(self) -> None:
        """Whatever the server has sent is there, and what the page does by itself was done."""
        await self.page.evaluate(LOOKS_TWICE)


async def opened(
    browser: Browser,
    url: str,
    *,
    language: str = "en-US",
    size: dict[str, int] = WIDE,
    colours: str = "light",
    tour: bool = False,
    context: BrowserContext | None = None,
    **more: Any,
) -> Seen:
    """`tour`: whether it opens by itself, as it does for a newcomer."""
    if context is None:
        context = await browser.new_context(
            viewport=size, locale=language, color_scheme=colours,
            reduced_motion="reduce", accept_downloads=True, **more,
        )  # fmt: skip
        if not tour:
            closed = (
                "localStorage.getItem('tour') ?? localStorage.setItem('tour', '{\"open\":false}')"
            )
            await context.add_init_script(closed)
    seen = Seen(await context.new_page())
    await seen.page.goto(url)
    await seen.ready()
    return seen


def png(width: int = 64, height: int = 40) -> bytes:
    """A plain picture."""
    import struct
    import zlib

    rows = b"".join(b"\x00" + b"\x3a\x8f\xd6" * width for _ in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


PAGE = Path(__file__).parents[2] / "sandbox" / "page"
