"""`python -m sandbox --port 8081 --token 42:TEST`: stands alone, on loopback, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress

from . import Limits, Sandbox


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=port, default=8081, help="0: any that is free")
    parser.add_argument("--token", type=token, default="42:TEST", help="of the bot that it serves")
    parser.add_argument("--username", default="solidarity_bot", help="of that bot")
    parser.add_argument("--anyone", action="store_true", help="every chat id may be written to")
    parser.add_argument("--no-limits", action="store_true", help="any number of messages")
    return parser.parse_args(given)


def port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError(text)
    return number


def token(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,19}:[\w-]+", text):
        raise ValueError(text)
    return text


async def serve(options: argparse.Namespace) -> None:
    telegram = Sandbox(
        options.token,
        options.username,
        limits=Limits(enabled=not options.no_limits),
        anyone=options.anyone,
    )
    # As at Telegram, they go on: a bot remembers which it has handled of an earlier run.
    telegram.world.updates.next_id = int(telegram.world.now().timestamp())
    try:
        print(await telegram.start(options.port), flush=True)
        await asyncio.Event().wait()
    finally:
        await telegram.stop()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments()))
