"""aiogram's way to the sandbox."""

from __future__ import annotations

from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer


class LocalSession(AiohttpSession):
    """Closes at once: aiogram's own waits a quarter of a second for TLS, which is not used here."""

    async def close(self) -> None:
        if self._session is not None and not self._session.closed:
            await self._session.close()


def session(url: str) -> AiohttpSession:
    """A session for `Bot(token, session=…)` that talks to the sandbox at this address."""
    return LocalSession(api=TelegramAPIServer.from_base(url))
