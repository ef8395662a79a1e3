"""A sandbox on loopback, a bot on it, and one person."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot

from sandbox import Limits, Person, Sandbox

from .stock_bot import TOKEN, Clock, polling


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def telegram(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(TOKEN, now=clock, limits=Limits.off(), guard=30) as telegram:
        yield telegram


@pytest.fixture
async def bot(telegram: Sandbox) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, session=telegram.session()).context() as bot:
        yield bot


@pytest.fixture
def anna(telegram: Sandbox) -> Person:
    return telegram.person("Anna", language="ru", started=True)


@pytest.fixture
async def stock(bot: Bot) -> AsyncIterator[Bot]:
    async with polling(bot):
        yield bot
