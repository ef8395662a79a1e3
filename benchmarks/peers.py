"""`python -m benchmarks.peers NAME URL TOKEN PEOPLE`: one message to so many, as others send it.

Says "done" on its standard error and waits to be killed, so that its processor time can be read.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiohttp import ClientSession, TCPConnector

TEXT = """<b>⏪ Moved earlier: Monday, 7 December, 11:38</b>
Was: <s>Monday, 7 December, 12:38</s>

<b>The port strike case 1</b>
👤 Ivan Lodkin
Hearing on the merits

🕐 11:38 (Yekaterinburg Time, UTC+5)
🏛 Kamensk City Court
2 Sadovaya St, Kamensk
Room 12
🚪 Open to the public

✅ Confirmed today by the lawyer

<i>Because you follow: The port strike case 1</i>"""
BUTTONS = [["🙋 I will come", "🗓 Calendar"], ["📄 Open the card"], ["🔕 Mute", "✖️ Unfollow"]]
Peer = Callable[[str, str, int], Awaitable[None]]


def aiogram_bot(url: str, token: str) -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode="HTML"))


def buttons() -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=one, callback_data=one) for one in row] for row in BUTTONS]
    return InlineKeyboardMarkup(inline_keyboard=rows)


async def loop(url: str, token: str, people: int) -> None:
    bot, keyboard = aiogram_bot(url, token), buttons()
    for chat in range(1, people + 1):
        with suppress(TelegramAPIError):
            await bot.send_message(chat, TEXT, reply_markup=keyboard)
        await asyncio.sleep(0.05)


async def broadcaster(url: str, token: str, people: int) -> None:
    """As it comes: without a pause between messages."""
    await broadcast(url, token, people, pause=0)


async def paced_broadcaster(url: str, token: str, people: int) -> None:
    await broadcast(url, token, people, pause=1 / 29)


async def broadcast(url: str, token: str, people: int, pause: float) -> None:
    from aiogram_broadcaster import Broadcaster
    from aiogram_broadcaster.contents import TextContent
    from aiogram_broadcaster.intervals import SimpleInterval

    bot = aiogram_bot(url, token)
    mailer = await Broadcaster(bot).create_mailer(
        chats=range(1, people + 1),
        content=TextContent(text=TEXT, reply_markup=buttons()),
        interval=SimpleInterval(interval=pause) if pause else None,
    )
    await mailer.start()


async def limited(url: str, token: str, people: int) -> None:
    """All at once, as its limiter is meant to be used; what is refused is tried again."""
    from telegram import InlineKeyboardButton as Button
    from telegram import InlineKeyboardMarkup as Keyboard
    from telegram.ext import AIORateLimiter, ExtBot

    keyboard = Keyboard([[Button(one, callback_data=one) for one in row] for row in BUTTONS])
    limiter = AIORateLimiter(max_retries=5)
    async with ExtBot(token, base_url=f"{url}/bot", rate_limiter=limiter) as bot:
        sending = (
            bot.send_message(chat, TEXT, parse_mode="HTML", reply_markup=keyboard)
            for chat in range(1, people + 1)
        )
        await asyncio.gather(*sending, return_exceptions=True)


async def bare(url: str, token: str, people: int, rate: int = 29) -> None:
    """aiohttp at this pace, with nothing else to do: what a message costs at the least."""
    keyboard = buttons().model_dump(exclude_none=True)
    more = {"parse_mode": "HTML", "reply_markup": keyboard, "allow_paid_broadcast": rate > 30}
    to, began = f"{url}/bot{token}/sendMessage", monotonic()

    async def send(client: ClientSession, chat: int) -> None:
        async with client.post(to, json={"chat_id": chat, "text": TEXT, **more}) as answer:
            await answer.json()

    connector = TCPConnector(limit=2 * rate)
    async with ClientSession(connector=connector) as client, asyncio.TaskGroup() as sending:
        for chat in range(1, people + 1):
            await asyncio.sleep(max(0.0, began + chat / rate - monotonic()))
            sending.create_task(send(client, chat))


async def bare_paid(url: str, token: str, people: int) -> None:
    await bare(url, token, people, 980)


PEERS: dict[str, Peer] = {
    "loop": loop,
    "broadcaster": broadcaster,
    "paced": paced_broadcaster,
    "limiter": limited,
    "bare": bare,
    "bare_paid": bare_paid,
}


async def main(name: str, url: str, token: str, people: str) -> None:
    await PEERS[name](url, token, int(people))
    print("done", file=sys.stderr, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
