"""A page's side of the WebSocket, without its looks."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import ClientWebSocketResponse

Json = dict[str, Any]


class Browser:
    """One page: what it was told and has not looked at yet. Waits at most `patience` seconds."""

    def __init__(self, socket: ClientWebSocketResponse, patience: float = 5) -> None:
        self.socket = socket
        self.patience = patience

    async def next(self) -> Json:
        async with asyncio.timeout(self.patience):  # aiohttp's own begins anew at each ping
            return dict(await self.socket.receive_json())

    async def sees(self, event: str) -> Json:
        """The next event of this kind."""
        while (told := await self.next())["event"] != event:
            pass
        return told

    async def does(self, act: str, **more: Any) -> None:
        """And waits for nothing."""
        await self.socket.send_json({"do": act, "id": act, **more})

    async def asks(self, do: str, **more: Any) -> Json:
        """What is answered to an act, other events and answers aside."""
        await self.does(do, **more)
        while (done := await self.sees("done"))["id"] != do:
            pass
        return done
