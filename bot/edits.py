"""Where several processes answer, each tells the others which messages it has edited: what one of
them would hide there, or draw anew, stands there no more.
"""

import asyncio

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.clock import Clock
from bot.curtain import Curtain, edited
from bot.intercom import Intercom
from bot.progress import Progress

EDITED, CLOSED = "edited", "closed"


class TellEdits(BaseRequestMiddleware):
    def __init__(self, intercom: Intercom) -> None:
        self.intercom = intercom

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        answer = await make_request(bot, method)
        if place := edited(method):  # and it is done: what failed leaves there what stood there
            self.intercom.say(EDITED, self.intercom.blind(*place))
        return answer


async def hear_of_edits(
    intercom: Intercom, curtain: Curtain, progress: Progress, stop: asyncio.Event
) -> None:
    async for word in intercom.hear(EDITED, stop):
        for place in [*curtain.shown, *progress.watched]:
            if intercom.blind(*place) == word:
                curtain.stands(place, None)
                progress.watched.pop(place, None)


async def hear_of_closing(
    intercom: Intercom, curtain: Curtain, clock: Clock, stop: asyncio.Event
) -> None:
    """Nothing is to stand open in a chat but where it says so."""
    async for word in intercom.hear(CLOSED, stop):
        closed, *but = word.split(" ")
        for chat in {chat for chat, _message in curtain.shown if intercom.blind(chat) == closed}:
            kept = [place for place in curtain.shown if intercom.blind(*place) in but]
            await curtain.close_here(chat, clock.now(), kept)
