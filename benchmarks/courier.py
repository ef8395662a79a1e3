"""`python -m benchmarks.courier`: a sender alone, as a process, that tells followers of everything.

Settings as the bot's own; it ends by SIGTERM.
"""

import asyncio
import signal
from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from bot import config
from bot.clock import clock_of_this_process
from bot.crypto import make_vault
from bot.db import dispose, make_engine, make_sessions
from bot.delivery.limiter import Limiter
from bot.delivery.rendering import Told
from bot.delivery.sender import Sender
from bot.delivery.telegram import make_sending_bot, sending
from bot.screen import Screen
from bot.services.facts import Facts
from bot.services.notices import Reader
from bot.turn import SENDING, turn_of

TEXT = "The hearing of Ivan Petrov is moved: Monday 30 November, 10:30, room 5. "


TOLD = Screen(Markup(TEXT * 5))


async def the_same(_facts: Facts, _told: Sequence[Told], _reader: Reader, _now: datetime) -> Screen:
    return TOLD


async def main() -> None:
    settings, stop = config.load(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    token, key = config.secrets(settings)
    engine = make_engine(settings.database_url)
    bot = make_sending_bot(token, settings.telegram_api_url, 2 * settings.send_rate)
    async with turn_of(engine, SENDING) as turn:
        sender = Sender(
            make_sessions(engine),
            make_vault(key),
            clock_of_this_process(),
            sending(bot, paid=settings.paid_broadcast),
            Limiter(settings.send_rate),
            turn,
            the_same,
        )
        await sender.run(stop)
    await bot.session.close()
    await dispose(engine)


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
