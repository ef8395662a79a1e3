"""`python -m bot …` in processes of their own, which need not import for seconds.

They are forked from one that has imported everything and done nothing yet.
"""

import asyncio
import multiprocessing
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.__main__ import start
from sandbox import Sandbox

ROOT = Path(__file__).parent.parent
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "bot.command_line"])


def typed(words: tuple[str, ...], environment: dict[str, str], folder: Path, errors: str) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["bot", *words]
    with open(errors, "wb") as told, open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 1)
        os.dup2(told.fileno(), 2)
    sys.exit(start())


class BotProcess:
    def __init__(self, *words: str, environment: dict[str, str], folder: Path = ROOT) -> None:
        handle, self.errors = tempfile.mkstemp()
        os.close(handle)
        self.process = FORKS.Process(target=typed, args=(words, environment, folder, self.errors))
        self.process.start()

    @property
    def returncode(self) -> int | None:
        return self.process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.process.pid or 0, number)

    async def wait(self) -> int:
        await asyncio.to_thread(self.process.join)
        return self.process.exitcode or 0

    def told(self) -> str:
        return Path(self.errors).read_text()

    async def end(self) -> None:
        self.process.kill()
        await self.wait()
        self.process.close()
        os.unlink(self.errors)


@asynccontextmanager
async def bot_process(telegram: Sandbox, *words: str, **settings: str) -> AsyncIterator[BotProcess]:
    """`python -m bot run`, and more words such as `--only web`."""
    own = {"BOT_TOKEN": telegram.token, "TELEGRAM_API_URL": telegram.url, "LISTEN": "127.0.0.1:0"}
    process = BotProcess("run", *words, environment={**os.environ, **own, **settings})
    try:
        yield process
    finally:
        await process.end()
