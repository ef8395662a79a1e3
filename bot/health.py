"""Whether the bot lives, for whatever starts it anew if not."""

from aiohttp import web

HEALTHZ = "/healthz"


async def alive(_request: web.Request) -> web.Response:
    """The loop turns: that is all that is said."""
    return web.Response(text="ok\n")


def routes() -> list[web.RouteDef]:
    return [web.get(HEALTHZ, alive)]
