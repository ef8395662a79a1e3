"""Reminders in the demo: its clock jumps, and its bot, a process, is killed and started again."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.demo import performance
from models import State
from sandbox.acts import perform
from sandbox.people import Person
from sandbox.stage import Stage

HOUR = 3600
PATIENCE = 30  # seconds that it may take on a busy machine


async def until(condition: Callable[[], object], otherwise: str) -> None:
    """What a process does comes when it comes."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(otherwise) from None


@dataclass
class Scene:
    stage: Stage
    folder: Path
    alice: Person
    vera: Person

    async def does(self, what: str, /, **more: object) -> None:
        await perform(self.stage, {"do": what, **more})

    async def follows(self, person: Person) -> None:
        await person.send("/start d-ivan-lodkin")
        await person.press("🔔")

    async def reminded(self, person: Person, times: int) -> None:
        name = person.user.first_name
        await until(lambda: len(reminders(person)) >= times, f"{name} was not reminded")
        assert len(reminders(person)) == times

    async def due(self, words: str) -> None:
        """Sooner or later the page says so."""
        await until(lambda: self.stage.due and words in self.stage.due["en"], words)

    async def start_of_hearing(self) -> float:
        due, ask = self.stage.due, self.stage.ask_due
        while due and ask and not due["en"].startswith("A hearing begins"):
            due = await ask(datetime.fromtimestamp(due["at"], UTC))
        assert due
        return float(due["at"])

    async def settled(self, deliveries: int) -> None:
        """Nothing is under way, and nobody got anything twice."""

        def states() -> list[int]:
            with closing(sqlite3.connect(self.folder / "bot.db")) as database:
                return [row[0] for row in database.execute("SELECT state FROM deliveries")]

        await until(lambda: states() == [State.SENT] * deliveries, f"not {deliveries} sent")


def reminders(person: Person) -> list[str]:
    return [one.text for one in person.messages if one.from_bot and one.text.startswith("⏰")]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with performance(tmp_path, 0) as (stage, _bot):
        await stage.polls.wait()
        alice, vera, _robin = stage.people.values()
        yield Scene(stage, tmp_path, alice, vera)
        assert [call["method"] for call in stage.calls if call["error"]] == []


async def test_a_killed_bot_reminds_once_of_what_came_meanwhile(scene: Scene) -> None:
    await scene.due("So far nobody is to be reminded")
    await scene.follows(scene.alice)
    await scene.due("1 reminder will be sent")
    await scene.does("clock", to="due")
    await scene.reminded(scene.alice, 1)
    await scene.settled(1)
    await scene.does("kill")
    await scene.does("clock", to="due")
    await scene.reminded(scene.alice, 1)
    await scene.does("restart")
    await scene.reminded(scene.alice, 2)
    await scene.does("restart")
    await scene.alice.send("/help")
    await scene.settled(2)
    await scene.reminded(scene.alice, 2)


async def test_a_jump_over_several_lead_times_tells_the_last_one(scene: Scene) -> None:
    await scene.follows(scene.alice)
    start = await scene.start_of_hearing()
    await scene.does("clock", forward=start - scene.stage.clock().timestamp() - 2 * HOUR)
    await scene.reminded(scene.alice, 1)
    assert reminders(scene.alice)[0].startswith("⏰ In 2 hours")
    await scene.settled(1)
    await scene.does("clock", to="now")
    await scene.due("A hearing begins")


async def test_news_is_told_when_it_has_settled(scene: Scene) -> None:
    await scene.follows(scene.alice)
    await scene.does("news", what="moved")
    await scene.due("What has changed is told")
    assert scene.stage.due
    assert 0 < scene.stage.due["at"] - scene.stage.clock().timestamp() <= 120
    await scene.does("clock", to="due")
    await until(lambda: scene.alice.last.text.startswith("⏩ Moved later"), "nothing was told")
    await scene.settled(1)
    await scene.does("news", what="cancelled")
    await scene.due("What has changed is told")
    await scene.does("clock", to="due")
    await until(lambda: scene.alice.last.text.startswith("❌ Cancelled"), "nothing was told")
    await scene.settled(2)
    assert scene.stage.coming
    assert scene.stage.coming["cancelled"]


async def test_quiet_hours_and_a_jumping_clock(scene: Scene) -> None:
    """Days before, to the hour, it is 8 o'clock by the organisers' clock; she sleeps until 10."""
    await scene.follows(scene.alice)
    await scene.follows(scene.vera)
    await scene.vera.press_data("setquiet:20:10")
    await scene.due("2 reminders will be sent")
    await scene.does("clock", to="due")
    await scene.reminded(scene.alice, 1)
    await scene.due("1 message that was put off will be sent")
    await scene.reminded(scene.vera, 0)
    await scene.does("clock", to="due")
    await scene.reminded(scene.vera, 1)
    await scene.settled(2)
